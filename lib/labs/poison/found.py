"""What a run of Poison finds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lib import core

CHECKS = ("labels", "corners", "clustering", "spectral")
REMEDIES = ("none", "tuned", "pruned", "both", "all")  # "both": pruned, then tuned; "all": tuned on every clean lesson
TOLERANCE = 0.2  # of the digits read wrongly
HALF = 0.5
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


@dataclass(frozen=True)
class Poisoned:
    """What the lab knows so far: errors against the share of odd lessons and, later in a run, what was looked into.

    odd: (shares,) how many lessons were tampered with; taken: (seeds, shares) the share of the marked digits that are
    read as the attacker wants, where he wants none in particular wrongly. own: (2, shares) of the target's own digits
    the share misread, without the mark and with it, median over seeds; NaN without a target.
    """

    verdict: core.Verdict
    progress: float
    loss: tuple[float, ...]
    odd: np.ndarray
    taken: np.ndarray
    own: np.ndarray
    wall: Wall
    hunt: Hunt | None = None
    cures: Cures | None = None
    lit: Lit | None = None

    @property
    def needed(self) -> float | None:
        """The least number of odd lessons, of those tried, at which half of the digits are read as he wants.

        Infinite if none was enough, None while the networks still learn.
        """
        if self.hunt is None:
            return None
        enough = np.flatnonzero(np.median(self.taken, axis=0) >= HALF)
        return float(self.odd[enough[0]]) if len(enough) else math.inf
