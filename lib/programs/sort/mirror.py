"""Turns a row round: the outermost two change places, then the two inside them, and so on to the middle.

    row      the numbers, changed in place
    at       a place, counted from 0, and its mirror place len(row) - 1 - at

Half the row is enough: each exchange puts two numbers where they belong. In a row of odd length the middle stays.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

State = tuple[tuple[Any, ...], tuple[int, ...], Any, int]


@dataclass(frozen=True)
class Mirror:
    """Rows (n, length) -> the same rows from back to front (n, length).

    off_by_one: the loop begins one late: it counts pairs from 1 where places count from 0. The first and the last
    number stay where they were.
    """

    off_by_one: bool = False

    def __call__(self, x: np.ndarray) -> np.ndarray:
        answers = [deque(self.trace(row), maxlen=1)[0][0] for row in x.tolist()]
        return np.array(answers, dtype=x.dtype).reshape(x.shape)

    def trace(self, sequence: Sequence[Any]) -> Iterator[State]:
        """The row as it stands, the two places exchanged, nothing in hand, no comparisons."""
        row = list(sequence)
        yield tuple(row), (), None, 0
        for at in range(int(self.off_by_one), len(row) // 2):
            across = len(row) - 1 - at
            row[at], row[across] = row[across], row[at]
            yield tuple(row), (at, across), None, 0
