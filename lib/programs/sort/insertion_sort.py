"""Sorts as people sort a hand of cards: take the next number and let it sink until none before it is larger.

    row      the numbers, changed in place; row[:start] is in order
    start    where the number in hand came from          at       where it is now

A row that is in order costs n-1 comparisons; one in reverse order n(n-1)/2. Only neighbours change places, and only if
the second is smaller, so equals never pass each other: the sort is stable. The row is asked nothing but `a < b`.
Source: T. Cormen, C. Leiserson, R. Rivest, C. Stein, Introduction to Algorithms (2009), section 2.1.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Step = tuple[tuple[int, ...], Any, int]
State = tuple[tuple[Any, ...], tuple[int, ...], Any, int]


@dataclass(frozen=True)
class InsertionSort:
    """Rows (n, length) -> the same rows in ascending order (n, length).

    off_by_one: sinking stops one early, before the first place. The book counts places from 1; whoever copies its
    `while at > 1` into a language that counts from 0 gets a first number that never moves, and the rest in order.
    """

    off_by_one: bool = False

    def __call__(self, x: np.ndarray) -> np.ndarray:
        rows = x.tolist()
        for row in rows:
            deque(self._steps(row), maxlen=0)
        return np.array(rows, dtype=x.dtype).reshape(x.shape)

    def trace(self, sequence: Sequence[Any]) -> Iterator[State]:
        """The row as it stands, the two neighbours compared, the number in hand, comparisons made so far."""
        row = list(sequence)
        yield tuple(row), (), None, 0
        for step in self._steps(row):
            yield tuple(row), *step

    def _steps(self, row: list[Any]) -> Iterator[Step]:
        asked, bottom = 0, int(self.off_by_one)
        for start in range(1, len(row)):
            hand = row[start]
            for at in range(start, bottom, -1):
                asked += 1
                if not hand < row[at - 1]:
                    yield (at - 1, at), hand, asked
                    break
                row[at], row[at - 1] = row[at - 1], hand
                yield (at - 1, at), hand, asked
