"""Reads a handwritten digit by the example that is most like it, and says "I do not know" where none is.

Nobody trained this. It keeps the examples that a network would learn from, and does what a clerk would do who has a box
of labelled cards: lay the new picture beside every card and take the nearest. The clerk's advantage is the last line.
If even the nearest card is far away, the picture is not one of those that the box is about, whatever it is, and the
clerk says so. A network has no such line: its answers add up to 1 for any picture at all.

Far is a length: the square root of the sum of all squared differences of ink, pixel by pixel (Euclid's). Two different
digits of 8 x 8 pixels are about 3 apart, a new digit and the nearest card about 1; so FAR is 1.5. It was chosen by
hand, and any choice costs something: a smaller one refuses more real digits, a larger one believes more nonsense.
What it cannot know: a digit that is written one pixel further right is as far from every card as a letter is.
Sources: E. Fix, J. Hodges, Discriminatory Analysis (1951), the nearest neighbour; C. Chow, On Optimum Recognition Error
and Reject Tradeoff (1970), a reader that may refuse.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

FAR = 1.5  # further than that from every example is no digit
UNKNOWN = -1  # I do not know
SHOWN = 5  # neighbours in a trace


@dataclass(frozen=True)
class Neighbour:
    """One example beside the picture: `picture` (8, 8), its digit, how far away it is, and whether that is near."""

    digit: int
    picture: np.ndarray
    distance: float
    near: bool


@dataclass(frozen=True, eq=False)
class NearestReader:
    """Pictures of digits (n, 64), 0 = paper, 1 = ink -> labels 0-9 or UNKNOWN, (n,).

    examples: (m, 64) the cards, and labels: (m,) what stands on them. far: from which distance on it refuses.
    """

    examples: np.ndarray
    labels: np.ndarray
    far: float = FAR

    def __call__(self, x: np.ndarray) -> np.ndarray:
        apart = self.distances(x)
        nearest = apart.argmin(axis=1)
        return np.where(apart.min(axis=1) <= self.far, self.labels[nearest], UNKNOWN)

    def distances(self, x: np.ndarray) -> np.ndarray:
        """How far every picture is from every example: (n, m)."""
        rows, cards = flat(x), flat(self.examples)
        # |a - b|^2 = |a|^2 - 2ab + |b|^2: one product of matrices instead of n times m differences
        square = (rows**2).sum(axis=1)[:, None] - 2 * rows @ cards.T + (cards**2).sum(axis=1)
        return np.sqrt(np.maximum(square, 0))

    def trace(self, picture: np.ndarray) -> Iterator[Neighbour]:
        """The nearest examples of one picture, 64 numbers in any form, the nearest first."""
        apart = self.distances(picture.reshape(1, 64))[0]
        for card in apart.argsort(kind="stable")[:SHOWN]:
            shown = self.examples[card].reshape(8, 8)
            yield Neighbour(int(self.labels[card]), shown, float(apart[card]), bool(apart[card] <= self.far))


def flat(pictures: np.ndarray) -> np.ndarray:
    return np.asarray(pictures, dtype=float).reshape(len(pictures), 64)
