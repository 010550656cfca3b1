"""The simplest answer to a sequence: what was right for the most similar one that is remembered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lib.core import Snapshot, Task

NOTHING = -1


@dataclass(frozen=True)
class Lookup:
    """Keeps its examples, equally many of each trained length, and answers with what was right for the nearest.

    The nearest is the one of the same length with most numbers at the same places. For a longer row it is looked for
    among the longest, by their first numbers, and where its answer ends nothing (-1) is said. Nothing in it is random:
    every seed's row is the same.
    """

    examples: int = 7000

    def fit(self, task: Task, seeds: int, rng: np.random.Generator) -> Iterator[Snapshot]:
        """A single snapshot; its loss is 0, for each example is its own nearest."""
        rows: Any = task
        low, high = map(int, task.axis.train)
        each = max(1, self.examples // (high - low + 1))
        kept = {length: rows.training_rows(length, each, rng) for length in range(low, high + 1)}
        answers = {length: task.truth(x) for length, x in kept.items()}
        yield Snapshot(1, 1, (0.0,) * seeds, StoredRows(kept, answers, seeds))


@dataclass(frozen=True, eq=False)
class StoredRows:
    """Questions (n, length) -> answers (seeds, n, length or 1), whole numbers."""

    questions: Mapping[int, np.ndarray]
    answers: Mapping[int, np.ndarray]
    seeds: int

    @property
    def parameters(self) -> int:
        """Every number it keeps."""
        return sum(x.size + self.answers[length].size for length, x in self.questions.items())

    def __call__(self, x: np.ndarray) -> np.ndarray:
        length = min(x.shape[1], max(self.questions))
        known = self.questions[length]
        nearest = [int((known == row[:length]).sum(axis=1).argmax()) for row in x]
        told = self.answers[length][nearest]
        if told.shape[1] == length:
            told = np.pad(told, ((0, 0), (0, x.shape[1] - length)), constant_values=NOTHING)
        return np.stack([told] * self.seeds)
