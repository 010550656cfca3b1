"""Which side of the jump is a point on? One `if` for each sheet, written by somebody who knows how it was made.

Nothing here was learned from points. An `if` is a jump itself: being right on both sides of it, however near, costs
nothing, and what it says does not fade with the distance. It is as right as what it believes about the sheet.

    x         points, one a row                        folds     how the paper was crumpled, fold by fold
    believed  where the program takes them to be       drawing   points that somebody drew, with their classes
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

PITCH = 1 / (1.5 * np.pi)  # radius that a spiral gains per radian
Rule = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Jump:
    """Points (n, d) -> classes (n,).

    shape: which sheet it is. folds: rows (across, along, height, pace, phase) for a crumpled one. drawing: (n, 3)
    points x, y, class for a drawn one.
    misplaced: how far to the right the program believes everything to lie. forgets: undoes all folds but the first.
    """

    shape: str
    folds: Sequence[tuple] = ()
    drawing: Sequence[tuple] = ()
    misplaced: float = 0.0
    forgets: bool = False

    def __call__(self, x: np.ndarray) -> np.ndarray:
        believed = np.array(x, float)
        believed[:, 0] -= self.misplaced
        if self.shape == "sheet":
            believed = self.flattened(believed)
        elif self.shape == "drawn":
            return nearest(believed, np.array(self.drawing))
        return RULES[self.shape](believed).astype(int)

    def flattened(self, x: np.ndarray) -> np.ndarray:
        """The crumpled paper with its folds undone, the last one first."""
        for across, along, height, pace, phase in reversed(self.folds[1:] if self.forgets else self.folds):
            x = x - height * np.sin(pace * (x @ np.array(across)) + phase)[:, None] * np.array(along)
        return x


def lower_moon(x: np.ndarray) -> np.ndarray:
    """A point belongs to the lower moon if it is nearer to it than to the upper one."""
    x, y = x.T * 1.65 + np.array([[0.5], [0.25]])
    return moon(1 - x, 0.5 - y) < moon(x, y)


def moon(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """How far a point is from the upper half of the circle of radius 1."""
    tips = np.minimum(np.hypot(x - 1, y), np.hypot(x + 1, y))
    return np.where(y >= 0, abs(np.hypot(x, y) - 1), tips)


def nearest(x: np.ndarray, drawing: np.ndarray) -> np.ndarray:
    """The class of the drawn point that is nearest."""
    far = [((drawing[:, :2] - one) ** 2).sum(axis=1).argmin() for one in x]
    return drawing[far, 2].astype(int)


RULES: dict[str, Rule] = {
    "disc-in-ring": lambda x: np.hypot(*x[:, :2].T) > 1 / 2,
    "circles": lambda x: np.hypot(*x[:, :2].T) > 3 / 4,
    "moons": lower_moon,
    "spirals": lambda x: np.cos(np.hypot(*x.T) / PITCH - np.arctan2(x[:, 1], x[:, 0])) < 0,
    "sheet": lambda x: x[:, 0] > 0,
    "step": lambda x: x[:, 0] > 0,
    "floor": lambda x: np.floor(2 * x[:, 0]).clip(-6, 5) + 6,
    "parity": lambda x: np.floor(2 * x).sum(axis=1) % 2,
}
