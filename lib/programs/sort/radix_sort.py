"""Sorts whole numbers as a post office sorts letters: by the last digit, then by the one before it, and so on.

    row      the numbers, changed in place; row[:at] is filed by the digit in question
    unit     1, 10, 100 ...: which digit that is         ends     ends[d]: one past the pile of digit d

It never compares two numbers, so the bound of n·log₂ n comparisons does not hold for it: d digits cost d rounds of n
moves. The trick is that filing keeps the order of numbers with the same digit. After the tens, numbers with equal tens
are still in the order of their ones; that makes the whole sort right, and stable too.
It was written for whole numbers from 0 on. A negative one has no digits of its own and is filed as its complement: -3
as 97, were all the others below 100. What has no digits at all is a TypeError. Source: H. Hollerith, US patent 395 781
(1889), by machine and card; D. Knuth, TAOCP 3 (1998), section 5.2.5.
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
class RadixSort:
    """Rows (n, length) of whole numbers from 0 on -> the same rows in ascending order (n, length).

    off_by_one: the rounds stop one early, before the leading digit of the largest number. Then 40 comes before 21, and
    a row of single digits stays as it is.
    """

    off_by_one: bool = False

    def __call__(self, x: np.ndarray) -> np.ndarray:
        rows = x.tolist()
        for row in rows:
            deque(self._steps(row), maxlen=0)
        return np.array(rows, dtype=x.dtype).reshape(x.shape)

    def trace(self, sequence: Sequence[Any]) -> Iterator[State]:
        """The row as it stands, where a number went and where it came from, its digit in question, no comparisons."""
        row = list(sequence)
        yield tuple(row), (), None, 0
        for step in self._steps(row):
            yield tuple(row), *step

    def _steps(self, row: list[Any]) -> Iterator[Step]:
        rounds = max((len(str(number)) for number in row), default=0) - self.off_by_one
        for unit in (10**place for place in range(rounds)):
            ends = [0] * 10
            for at, number in enumerate(tuple(row)):
                digit = number // unit % 10
                row.insert(ends[digit], row.pop(at))
                yield (ends[digit], at), digit, 0
                for other in range(digit, 10):
                    ends[other] += 1
