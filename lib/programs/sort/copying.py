"""Copies a row: takes one number after the other in hand and writes it at the same place of an empty sheet.

    row      the numbers, only read                      sheet    the copy; a place that is not written yet is 0
    at       the place, from the first to the last       hand     the number that is being carried over

One loop and one number in hand do for a row of any length.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

State = tuple[tuple[Any, ...], tuple[int, ...], Any, int]


@dataclass(frozen=True)
class Copying:
    """Rows (n, length) -> the same rows (n, length).

    off_by_one: the loop stops one early, as it does where somebody took len(row) - 1, the last place, for the number of
    places. The last place of the sheet stays empty, which is 0.
    """

    off_by_one: bool = False

    def __call__(self, x: np.ndarray) -> np.ndarray:
        answers = [deque(self.trace(row), maxlen=1)[0][0] for row in x.tolist()]
        return np.array(answers, dtype=x.dtype).reshape(x.shape)

    def trace(self, sequence: Sequence[Any]) -> Iterator[State]:
        """What is written and, behind it, what is still to be read; the place; the number in hand; no comparisons."""
        row, sheet = tuple(sequence), [0] * len(sequence)
        yield row, (), None, 0
        for at in range(len(row) - self.off_by_one):
            sheet[at] = hand = row[at]
            yield (*sheet[: at + 1], *row[at + 1 :]), (at,), hand, 0
        yield tuple(sheet), (), None, 0
