"""Sorts by merging: two rows that are in order become one by taking, again and again, the smaller of their heads.

    row      the numbers, changed in place               left     the head of the left run: all before it is merged
    run      a stretch of the row that is in order       right    the head of the right run: left ... right-1 wait
    width    how long the runs are by now                end      one past the right run

One number alone is in order, so the row begins as runs of one. Merging neighbours makes runs of two, then of four, and
after ⌈log₂ n⌉ rounds there is one run left, the whole row. A round costs fewer than n comparisons, hence n·⌈log₂ n⌉ at
most, whatever the numbers are. Of equals the left one goes first, so equals keep their order: the sort is stable.
The row is asked nothing but `a < b`. Source: J. von Neumann, 1945, in D. Knuth, TAOCP 3 (1998), section 5.2.4.
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
class MergeSort:
    """Rows (n, length) -> the same rows in ascending order (n, length).

    off_by_one: merging stops one early, before the last number of the right run, as if `end` were a place and not one
    past it. So the last number of the row stays last whatever it is, and the runs that are merged are not in order.
    """

    off_by_one: bool = False

    def __call__(self, x: np.ndarray) -> np.ndarray:
        rows = x.tolist()
        for row in rows:
            deque(self._steps(row), maxlen=0)
        return np.array(rows, dtype=x.dtype).reshape(x.shape)

    def trace(self, sequence: Sequence[Any]) -> Iterator[State]:
        """The row as it stands, the two places touched, the smaller of their numbers, comparisons made so far."""
        row = list(sequence)
        yield tuple(row), (), None, 0
        for step in self._steps(row):
            yield tuple(row), *step

    def _steps(self, row: list[Any]) -> Iterator[Step]:
        width, asked = 1, 0
        while width < len(row):
            for left in range(0, len(row), 2 * width):
                right, end = left + width, min(left + 2 * width, len(row))
                while left < right < end - self.off_by_one:
                    asked += 1
                    if row[right] < row[left]:
                        row.insert(left, row.pop(right))  # the left run moves up by one, still in order
                        right += 1
                        yield (left, right - 1), row[left], asked
                    else:
                        yield (left, right), row[left], asked
                    left += 1
            width *= 2
