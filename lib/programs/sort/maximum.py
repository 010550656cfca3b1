"""Finds the largest number of a row: keep the best so far in hand, and change it for every one that is larger.

    row      the numbers, only read                      best     the largest up to here

Every number but the first has to lose or win a comparison, so n-1 are needed, and they are enough. The row is asked
nothing but `a < b`. Source: D. Knuth, TAOCP 1 (1997), section 1.2.10, algorithm M.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

State = tuple[tuple[Any, ...], tuple[int, ...], Any, int]


@dataclass(frozen=True)
class Maximum:
    """Rows (n, length), length 1 or more -> the largest number of each (n, 1).

    off_by_one: the loop stops one early and never sees the last number, unless that is the only one. The answer is
    wrong exactly where the last is larger than all before it: a mistake that is seldom seen in long rows.
    Raises ValueError if a row is empty.
    """

    off_by_one: bool = False

    def __call__(self, x: np.ndarray) -> np.ndarray:
        answers = [deque(self.trace(row), maxlen=1)[0][2] for row in x.tolist()]
        return np.array(answers, dtype=x.dtype).reshape(len(x), 1)

    def trace(self, sequence: Sequence[Any]) -> Iterator[State]:
        """The row, the place looked at, the largest so far, comparisons. The last one in hand is the answer."""
        row, asked = tuple(sequence), 0
        if not row:
            raise ValueError("maximum: got an empty row, which has no largest number; give one number or more")
        yield row, (), None, asked
        best = row[0]
        yield row, (0,), best, asked
        for at in range(1, len(row) - self.off_by_one):
            asked += 1
            if best < row[at]:
                best = row[at]
            yield row, (at,), best, asked
