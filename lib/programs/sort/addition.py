"""Adds two numbers as at school: column by column from the ones on, with the carry in hand.

    row      the columns, ones first; each is 10·a + b, the digit a over the digit b
    total    a + b + carry, of one column                carry    0 or 1, what a total leaves for the next column

A total is 19 at most, so the carry is never more than 1. The top column is 0 over 0: room for the last carry. The same
few lines add numbers of any length.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

State = tuple[tuple[Any, ...], tuple[int, ...], Any, int]


@dataclass(frozen=True)
class Addition:
    """Columns (n, length), ones first, each 10·a + b -> the digits of the sum (n, length), ones first.

    off_by_one: the loop begins one late: it counts columns from 1 where places count from 0. The ones stay as they
    were written, one over the other, and their carry is missing from the rest.
    """

    off_by_one: bool = False

    def __call__(self, x: np.ndarray) -> np.ndarray:
        answers = [deque(self.trace(row), maxlen=1)[0][0] for row in x.tolist()]
        return np.array(answers, dtype=x.dtype).reshape(x.shape)

    def trace(self, sequence: Sequence[Any]) -> Iterator[State]:
        """Digits of the sum and, behind them, columns not yet added; the column; the carry from it; no comparisons."""
        row, carry = list(sequence), 0
        yield tuple(row), (), None, 0
        for at in range(int(self.off_by_one), len(row)):
            total = row[at] // 10 + row[at] % 10 + carry
            carry, row[at] = divmod(total, 10)
            yield tuple(row), (at,), carry, 0
