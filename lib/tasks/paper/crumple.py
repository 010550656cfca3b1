"""A sheet of paper crumpled by smooth folds, each of which can be undone exactly.

A fold is a shear: every point is pushed along one direction by a wave that runs across it,

    x -> x + height · sin(pace · (across · x) + phase) · along,        along ⟂ across, both of length 1.

A push along `along` does not change `across · x`, so the same wave subtracted is the way back: a fold is smooth, is
undone without error, and tears nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FOLDS = 4
HEIGHTS, PACES = (0.5, 0.8), (3.0, 5.0)


@dataclass(frozen=True)
class Fold:
    """One shear of space: see the module. pace in radians per unit of length."""

    across: tuple[float, float, float]
    along: tuple[float, float, float]
    height: float
    pace: float
    phase: float

    def wave(self, x: np.ndarray) -> np.ndarray:
        """How far each point (n, 3) is pushed: (n, 3)."""
        return self.height * np.sin(self.pace * (x @ np.array(self.across)) + self.phase)[:, None] * self.along


def folds(amount: float, rng: np.random.Generator) -> tuple[Fold, ...]:
    """Four folds in random directions; amount 0 leaves the paper flat, 1 makes a ball of it.

    The directions and phases are drawn alike whatever the amount, so that turning it crumples the same ball more.
    """
    told = []
    for _ in range(FOLDS):
        across, other = np.linalg.qr(rng.standard_normal((3, 2)))[0].T
        height, pace, phase = rng.uniform(*HEIGHTS), rng.uniform(*PACES), rng.uniform(0, 2 * np.pi)
        numbers = (tuple(map(float, across)), tuple(map(float, other)))
        told.append(Fold(*numbers, float(amount * height), float(pace), float(phase)))  # type: ignore[arg-type]
    return tuple(told)


def crumple(flat: np.ndarray, given: Sequence[Fold]) -> np.ndarray:
    """Points (n, 3) of space, the paper's among them, after all folds in turn."""
    x = np.asarray(flat, float)
    for fold in given:
        x = x + fold.wave(x)
    return x


def smooth(x: np.ndarray, given: Sequence[Fold]) -> np.ndarray:
    """Back to where the points (n, 3) lay before the folds, exactly but for rounding."""
    x = np.asarray(x, float)
    for fold in reversed(given):
        x = x - fold.wave(x)
    return x
