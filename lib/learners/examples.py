"""What a learner is shown, and in which units: the same examples for everybody who is given the same rng."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lib.core import Task

Features = Callable[[np.ndarray], np.ndarray]
"""Maps questions (n, ...) to what a learner looks at, (n, inputs): the place to give it a better view, or a worse."""


def identity(x: np.ndarray) -> np.ndarray:
    """The plain view: a question is its own features."""
    return x


def training_set(task: Task, examples: int, noise: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Questions (n, ...) and what their teacher says, (n,): the truth times 1 + noise·N(0, 1).

    A task that has a `spread` has its noise in units of that instead: truth + noise·spread·N(0, 1), since a share of
    a curve would leave its zeros without any.
    Draws from rng in this order: questions, then noise (also when it is 0, so that turning it moves nothing else).
    """
    x = task.training_sample(examples, rng)
    y = np.asarray(task.truth(x), float)
    drawn, spread = noise * rng.standard_normal(y.shape), getattr(task, "spread", None)
    return x, y * (1 + drawn) if spread is None else y + spread * drawn


@dataclass(frozen=True, eq=False)
class Standardizer:
    """Moves columns to mean 0 and spread 1. A column that never changed in training is moved only, not stretched."""

    mean: np.ndarray
    spread: np.ndarray

    @classmethod
    def of(cls, columns: np.ndarray) -> Standardizer:
        """The scale of (n, columns), or of (n,)."""
        columns = np.asarray(columns, float)
        spread = columns.std(axis=0)
        # What rounding leaves of a constant's spread is no spread either.
        still = spread <= 1e-12 * np.abs(columns).max(axis=0)
        return cls(columns.mean(axis=0), np.where(still, 1.0, spread))

    def __call__(self, columns: np.ndarray) -> np.ndarray:
        return (columns - self.mean) / self.spread

    def back(self, columns: np.ndarray) -> np.ndarray:
        """From spread 1 to the original unit."""
        return columns * self.spread + self.mean
