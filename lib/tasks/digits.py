"""Handwritten digits that somebody has touched: 1,797 real pictures, and an attacker who may move every pixel a little.

The axis is the attacker's budget, so the questions at every radius are the same pictures; which picture within the
radius is really shown is the attacker's choice (lib.attacks), because it depends on who is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import numpy as np

from lib.core import Axis

RADII = {
    "linf": (0.0, 0.02, 0.05, 0.08, 0.1, 0.15, 0.2, 0.25, 0.3),
    "l2": (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.5, 2.0, 3.0),
}


@dataclass(frozen=True)
class Digits:
    """Which digit is this? Questions are indices (n,) into scikit-learn's digits, answers are labels 0-9 (n,).

    norm: how the attacker's budget ε is measured: "linf", the most that any one pixel may move (1 = from paper to full
    ink), or "l2", the Euclidean length of the whole push.
    shift: test pictures are moved right by 0-3 pixels, and the ink that falls off the edge is lost.
    Raises ValueError for another norm or shift.
    Source: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI 1998 (its test part, 8x8 pixels).
    """

    norm: Literal["linf", "l2"] = "linf"
    shift: int = 0

    def __post_init__(self) -> None:
        if self.norm not in RADII:
            raise ValueError(f"norm: got {self.norm!r}, choose one of {', '.join(RADII)}")
        if self.shift not in range(4):
            raise ValueError(f"shift: got {self.shift!r}, choose a whole number from 0 to 3 pixels")

    @property
    def axis(self) -> Axis:
        return Axis("ε", "", train=(0.0, 0.0), exam=RADII[self.norm])

    @property
    def test(self) -> np.ndarray:
        """All 539 test indices, ascending."""
        return np.flatnonzero(handwriting().tested)

    def sample(self, at: float, n: int, rng: np.random.Generator) -> np.ndarray:
        """n test indices, every picture as often as any other (give or take one).

        at: the attacker's radius; he, not the task, then picks the picture within it. ValueError below 0.
        """
        if at < 0:
            raise ValueError(f"ε: got {at:g}, choose a radius of 0 or more")
        return np.resize(rng.permutation(self.test), n)

    def training_sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """n different training indices in random order; all 1,258 if n exceeds them."""
        return rng.permutation(np.flatnonzero(~handwriting().tested))[:n]

    def pictures(self, x: np.ndarray) -> np.ndarray:
        """The pictures of indices (n,) -> (n, 1, 8, 8) float32, 0 = paper, 1 = full ink; test ones moved by `shift`."""
        known = handwriting()
        shown = known.pictures[x].astype(np.float32).reshape(-1, 1, 8, 8)
        moved = known.tested[x]
        shown[moved] = np.pad(shown[moved], ((0, 0), (0, 0), (0, 0), (self.shift, 0)))[..., :8]
        return shown

    def truth(self, x: np.ndarray) -> np.ndarray:
        """The labels 0-9 of indices (n,) -> (n,)."""
        return handwriting().labels[x]

    def error(self, answer: np.ndarray, y: np.ndarray) -> np.ndarray:
        """1 where the label is wrong, 0 where it is right."""
        return (np.asarray(answer) != y).astype(float)


@dataclass(frozen=True)
class Handwriting:
    """pictures: (1797, 64) in [0, 1]; labels: (1797,); tested: (1797,) bool, the same 30 % of each digit for all."""

    pictures: np.ndarray
    labels: np.ndarray
    tested: np.ndarray

    @property
    def middle(self) -> np.ndarray:
        return self.pictures.mean(axis=0)


@cache
def handwriting() -> Handwriting:
    """scikit-learn's digits, split once for everybody, so that no learner can have seen what is tested.

    They are read from its file, as its load_digits does: to import it would take 140 MB.
    """
    rows = np.loadtxt(_file(), delimiter=",")
    pictures, labels, rng = rows[:, :-1], rows[:, -1].astype(int), np.random.default_rng(0)
    tested = np.zeros(len(labels), dtype=bool)
    for digit in range(10):
        rows = rng.permutation(np.flatnonzero(labels == digit))
        tested[rows[: round(0.3 * len(rows))]] = True
    return Handwriting(pictures / 16, labels, tested)


def _file() -> Path:
    """Where scikit-learn has the digits. Raises FileNotFoundError if it is not installed."""
    found = find_spec("sklearn")
    if found is None or found.origin is None:
        raise FileNotFoundError("digits: scikit-learn is not installed; pip install scikit-learn")
    return Path(found.origin).parent / "datasets" / "data" / "digits.csv.gz"
