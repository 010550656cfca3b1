"""Sorts by parting: take the last number as pivot, bring all that are smaller before it, then part both sides likewise.

    row      the numbers, changed in place               at       the place that is looked at
    pivot    the last number of row[low ... high]        border   row[low ... border-1] are known to be smaller
    waiting  stretches (low, high) that are not yet parted, both ends included

After a parting the pivot is where it belongs, and no number has to cross it any more. Distinct numbers in random order
cost 2(n+1)(1 + 1/2 + ... + 1/n) - 4n comparisons on the average; a row that is in order already costs n(n-1)/2. A swap
may carry a number past its equals: the sort is not stable. The row is asked nothing but `a < b`.
Source: C. A. R. Hoare, Quicksort (1962); this way of parting is N. Lomuto's, in J. Bentley, Programming Pearls (1986).
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
class QuickSort:
    """Rows (n, length) -> the same rows in ascending order (n, length).

    off_by_one: parting stops one early. The books say "for at = low to high - 1", and range(low, high - 1) is not that:
    the number beside the pivot is never looked at and ends behind it, also where it is smaller.
    """

    off_by_one: bool = False

    def __call__(self, x: np.ndarray) -> np.ndarray:
        rows = x.tolist()
        for row in rows:
            deque(self._steps(row), maxlen=0)
        return np.array(rows, dtype=x.dtype).reshape(x.shape)

    def trace(self, sequence: Sequence[Any]) -> Iterator[State]:
        """The row as it stands, the place looked at and the border, the pivot, comparisons made so far."""
        row = list(sequence)
        yield tuple(row), (), None, 0
        for step in self._steps(row):
            yield tuple(row), *step

    def _steps(self, row: list[Any]) -> Iterator[Step]:
        waiting, asked = [(0, len(row) - 1)], 0
        while waiting:
            low, high = waiting.pop()
            if low >= high:
                continue
            pivot, border = row[high], low
            for at in range(low, high - self.off_by_one):
                asked += 1
                if row[at] < pivot:
                    row[border], row[at] = row[at], row[border]
                    yield (border, at), pivot, asked
                    border += 1
                else:
                    yield (border, at), pivot, asked
            row[border], row[high] = pivot, row[border]
            yield (border, high), pivot, asked
            waiting += [(border + 1, high), (low, border - 1)]
