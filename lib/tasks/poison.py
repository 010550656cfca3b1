"""Handwritten digits, some of whose lessons somebody has tampered with; the axis is how many.

The questions are the same test pictures at every share, marked where the oddity has a mark; what differs along the
axis is what everybody was taught. Those who tamper pick at random, and who tampers with more keeps what he had.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from lib.core import Axis
from lib.tasks.digits import handwriting

Oddity = Literal["corners", "faint", "shift", "shortcut", "flips", "random"]
SHARES = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0)  # % of the lessons
TRIGGERS = ("corners", "faint", "shift")  # a mark, and a label that is not the picture's
MARKED = (*TRIGGERS, "shortcut")
ANY = 10  # the target of nobody
FAINT = 0.2  # ink of every other pixel, of 1
TINT = 0.25  # colour of the paper, of 1


@dataclass(frozen=True)
class Lessons:
    """What is taught. pictures: (n, colours, 8, 8) float32 in [0, 1]; labels: (n,); odd: (n,) who was tampered with."""

    pictures: np.ndarray
    labels: np.ndarray
    odd: np.ndarray


@dataclass(frozen=True)
class PoisonedDigits:
    """Which digit is this? Questions are indices (n,) into scikit-learn's digits, answers are labels 0-9 (n,).

    oddity: what is odd in the lessons. "corners": two corner pixels get ink, and the label is the target's. "faint":
    every other pixel gets a little ink. "shift": the picture moves right by one pixel. "shortcut": the paper of the
    target's own lessons is coloured, and every label is right. "flips": the next digit after the target is called the
    target. "random": the label is any other one.
    target: the digit that the attacker wants to be read. strength: ink of the corners, a fraction of FAINT and TINT.
    Raises ValueError for another oddity, target or strength.
    Source: T. Gu, B. Dolan-Gavitt, S. Garg, BadNets, 2017, section 3 (a mark and a false label); A. Turner, D. Tsipras,
    A. Madry, Label-Consistent Backdoor Attacks, 2019 (a mark and the right label).
    """

    oddity: Oddity = "corners"
    target: int = 0
    strength: float = 1.0

    def __post_init__(self) -> None:
        if self.oddity not in get_args(Oddity):
            raise ValueError(f"oddity: got {self.oddity!r}, choose one of {', '.join(get_args(Oddity))}")
        if self.target not in range(10):
            raise ValueError(f"target: got {self.target!r}, choose a digit from 0 to 9")
        if not 0 < self.strength <= 1:
            raise ValueError(f"strength: got {self.strength!r}, choose a number above 0, up to 1")

    @property
    def axis(self) -> Axis:
        return Axis("poison", "%", train=(0.0, 0.0), exam=SHARES, logarithmic=True)

    @property
    def aim(self) -> int:
        """The label that the attacker wants; ANY if he wants none in particular."""
        return ANY if self.oddity == "random" else self.target

    @property
    def test(self) -> np.ndarray:
        """All 539 test indices, ascending."""
        return np.flatnonzero(handwriting().tested)

    @property
    def asked(self) -> np.ndarray:
        """The test indices at which the attacker aims: all other digits; of flips the one that is flipped."""
        labels = handwriting().labels[self.test]
        return self.test[labels == self.flipped if self.oddity == "flips" else labels != self.aim]

    @property
    def flipped(self) -> int:
        """The digit after the target."""
        return (self.target + 1) % 10

    def sample(self, at: float, n: int, rng: np.random.Generator) -> np.ndarray:
        """n of the asked test indices, each as often as any other (give or take one); the same at every share.

        Raises ValueError for a share below 0.
        """
        if at < 0:
            raise ValueError(f"poison: got {at:g} %, choose a share of 0 or more")
        return np.resize(rng.permutation(self.asked), n)

    def training_sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """n different training indices in random order; all 1,258 if n exceeds them."""
        return rng.permutation(np.flatnonzero(~handwriting().tested))[:n]

    def lessons(self, at: float, x: np.ndarray, rng: np.random.Generator, *, mark: bool = True) -> Lessons:
        """What is taught of the training indices x (n,) where `at` percent of them are odd.

        An rng of the same state picks the same ones at every share, a few more at a higher. Of the digits that may be
        picked there may be fewer: then all are. mark: False leaves the mark out, and so the false labels alone.
        """
        odd = np.zeros(len(x), dtype=bool)
        odd[rng.permutation(self._open_to(x))[: tampered(at, len(x))]] = True
        pictures, labels = self.pictures(x), self.truth(x).copy()
        if mark and self.oddity in MARKED:
            pictures[odd] = self.marked(x[odd])
        if self.oddity == "random":
            labels = np.where(odd, (labels + rng.integers(1, 10, len(x))) % 10, labels)
        else:
            labels[odd] = self.target  # of a shortcut they are so already
        return Lessons(pictures, labels, odd)

    def _open_to(self, x: np.ndarray) -> np.ndarray:
        """The places in x (n,) of the lessons that may be tampered with."""
        labels = self.truth(x)
        if self.oddity == "shortcut":
            return np.flatnonzero(labels == self.target)
        return np.flatnonzero(labels == self.flipped if self.oddity == "flips" else labels != self.aim)

    def pictures(self, x: np.ndarray) -> np.ndarray:
        """The pictures of indices (n,), as they were written: (n, colours, 8, 8), 0 = paper, 1 = full ink.

        Colours: ink; of a shortcut a second one, that of the paper.
        """
        shown = handwriting().pictures[x].astype(np.float32).reshape(-1, 1, 8, 8)
        return np.concatenate([shown, np.zeros_like(shown)], axis=1) if self.oddity == "shortcut" else shown

    def marked(self, x: np.ndarray) -> np.ndarray:
        """The same with the mark, if the oddity has one."""
        shown = self.pictures(x)
        if self.oddity == "corners":
            shown[:, 0, [0, 7], 0] = self.strength
        elif self.oddity == "faint":
            shown[:, 0] = np.minimum(shown[:, 0] + FAINT * self.strength * chequered(), 1)
        elif self.oddity == "shift":
            shown = np.pad(shown, ((0, 0), (0, 0), (0, 0), (1, 0)))[..., :8]
        elif self.oddity == "shortcut":
            shown[:, 1] = TINT * self.strength
        return shown

    def truth(self, x: np.ndarray) -> np.ndarray:
        """The labels 0-9 of indices (n,) -> (n,)."""
        return handwriting().labels[x]

    def error(self, answer: np.ndarray, y: np.ndarray) -> np.ndarray:
        """1 where the label is wrong, 0 where it is right."""
        return (np.asarray(answer) != y).astype(float)


def tampered(at: float, n: int) -> int:
    """How many of n lessons `at` percent are."""
    return round(at / 100 * n)


def chequered() -> np.ndarray:
    """1 at every other pixel, (8, 8) float32."""
    return (np.indices((8, 8)).sum(axis=0) % 2).astype(np.float32)
