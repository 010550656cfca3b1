"""Says whether a row of bits has an odd number of ones.

    row      the bits, only read                         odd      1 if the ones up to here are odd in number, else 0

One bit in hand is enough, however long the row is: a 1 turns it over, a 0 leaves it. A machine of two states.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

State = tuple[tuple[Any, ...], tuple[int, ...], Any, int]


@dataclass(frozen=True)
class Parity:
    """Rows of bits (n, length) -> 1 where the ones are odd in number, else 0: (n, 1).

    off_by_one: the loop begins one late and never sees the first bit. So the answer is wrong exactly where that is 1,
    on half of all rows; more than that no single bit can spoil.
    """

    off_by_one: bool = False

    def __call__(self, x: np.ndarray) -> np.ndarray:
        answers = [deque(self.trace(row), maxlen=1)[0][2] for row in x.tolist()]
        return np.array(answers, dtype=x.dtype).reshape(len(x), 1)

    def trace(self, sequence: Sequence[Any]) -> Iterator[State]:
        """The row, the bit looked at, odd or even so far, no comparisons. The last one in hand is the answer."""
        row, odd = tuple(sequence), 0
        yield row, (), odd, 0
        for at in range(int(self.off_by_one), len(row)):
            odd = (odd + row[at]) % 2
            yield row, (at,), odd, 0
