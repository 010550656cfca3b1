"""What a run of Poison finds besides errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CHECKS = ("labels", "corners", "clustering", "spectral")
REMEDIES = ("none", "tuned", "pruned", "both", "all")  # "both": pruned, then tuned; "all": tuned on every clean lesson
COVERED = 24  # test digits on the wall


@dataclass(frozen=True)
class Wall:
    """The same test digits without the mark and with it, and what is read in them.

    labels: (n,); pictures: (2, n, colours, 8, 8) uint8 of 255, untouched and marked; reads: (2, shares, n) what the
    first seed's network reads; program: (2, n) what the program reads.
    """

    labels: np.ndarray
    pictures: np.ndarray
    reads: np.ndarray
    program: np.ndarray


@dataclass(frozen=True)
class Hunt:
    """What each of CHECKS suspects: (checks, seeds, shares) lessons, and how many of those are odd."""

    suspected: np.ndarray
    caught: np.ndarray


@dataclass(frozen=True)
class Cures:
    """What is left after each of REMEDIES, median over seeds: (remedies, shares).

    taken: marked digits read as the attacker wants; misread: all digits, without a mark, read wrongly.
    """

    taken: np.ndarray
    misread: np.ndarray


@dataclass(frozen=True)
class Lit:
    """One test digit of each kind that is asked about, with the mark, as the first seed's networks see it.

    labels: (n,); pictures: (n, colours, 8, 8) uint8 of 255; chances: (shares, n, 10) what they take it for;
    heat: (shares, n, 8, 8) by how much the log-odds of the attacker's label fall if a pixel were blank paper; where he
    wants none, those of the right one.
    """

    labels: np.ndarray
    pictures: np.ndarray
    chances: np.ndarray
    heat: np.ndarray
