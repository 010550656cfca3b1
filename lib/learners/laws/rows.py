"""Formulas as rows of values, made of each other: all of one size at once, and no two of the same values.

Source: enumeration from the small to the large that keeps one of all formulas of equal values is that of program
synthesis (Udupa et al. 2013, TRANSIT, section 4; Albarghouthi, Gulwani, Kincaid 2013, Recursive Program Synthesis).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from lib.formulas import FUNCTIONS, Call, Number, Pair, Tree, X

SQUARE = "square"
LEAVES: tuple[Tree, ...] = (X, Number(1.0), Number(2.0))
LARGEST = 1e6  # rows with larger values lead nowhere
DIGITS = 1e8  # rows that agree to so many are the same
AT_A_TIME = 20_000  # rows made in one go

PAIRED: dict[str, Callable[..., np.ndarray]] = {"+": np.add, "*": np.multiply, "-": np.subtract, "/": np.divide}


class Rows:
    """All formulas of x up to a size, by their values at x (n,).

    values: (formulas, n); sizes: (formulas,). tried counts all that were made, equal ones and those without values too.
    functions: those of lib.formulas that are used, and "square". A size counts x, numbers, functions and signs.
    """

    def __init__(self, x: np.ndarray, functions: Sequence[str]) -> None:
        self.functions = {name: np.square if name == SQUARE else FUNCTIONS[name] for name in functions}
        self.values = np.array([x, np.ones(len(x)), np.full(len(x), 2.0)])
        self.sizes = np.ones(len(LEAVES), int)
        self.made: list[tuple[str, int, int]] = [("", place, 0) for place in range(len(LEAVES))]
        self.tried = len(LEAVES)
        self._mix = np.random.default_rng(0).standard_normal((len(x), 2))
        self._known = self.keys(self.values)

    def grow(self, size: int) -> None:
        """Make all formulas of a size; all smaller ones must be there."""
        fresh: list[np.ndarray] = []
        with np.errstate(all="ignore"):
            for name, left, right, told in self._made(size):
                self.tried += len(told)
                scale = np.abs(told).max(1)
                good = np.flatnonzero((scale <= LARGEST) & (np.ptp(told, axis=1) > 1e-9 * scale))  # no NaN, no constant
                told = told[good]
                keys = self.keys(told)
                _, first = np.unique(keys, return_index=True)
                new = np.sort(first[~np.isin(keys[first], self._known)])
                self._known = np.concatenate([self._known, keys[new]])
                fresh.append(told[new])
                left, right = left[good[new]], right[good[new]]
                self.made += [(name, int(one), int(other)) for one, other in zip(left, right, strict=True)]
        count = sum(map(len, fresh))
        self.values = np.concatenate([self.values, *fresh])
        self.sizes = np.concatenate([self.sizes, np.full(count, size)])

    def tree(self, place: int) -> Tree:
        """The formula of a row."""
        name, left, right = self.made[place]
        if not name:
            return LEAVES[left]
        if name == SQUARE:
            return Pair("^", self.tree(left), LEAVES[2])
        if name in PAIRED:
            return Pair(name, self.tree(left), self.tree(right))
        return Call(name, self.tree(left))

    def _made(self, size: int) -> Iterator[tuple[str, np.ndarray, np.ndarray, np.ndarray]]:
        """By function or sign: places of what it is applied to, and the values."""
        below = np.flatnonzero(self.sizes == size - 1)
        for name, function in self.functions.items():
            yield name, below, below, function(self.values[below])
        for first in range(1, size - 1):
            ones, others = np.flatnonzero(self.sizes == first), np.flatnonzero(self.sizes == size - 1 - first)
            for sign, operation in PAIRED.items():
                if sign in "+*" and first > size - 1 - first:  # either order is the same
                    continue
                step = max(1, AT_A_TIME // len(others))
                for some in np.array_split(ones, -(-len(ones) // step)):
                    told = operation(self.values[some, None], self.values[None, others])
                    left, right = np.repeat(some, len(others)), np.tile(others, len(some))
                    yield sign, left, right, told.reshape(-1, told.shape[-1])

    def keys(self, values: np.ndarray) -> np.ndarray:
        """A whole number for each row, the same for rows that agree."""
        scale = np.abs(values).max(1, initial=0.0)
        mixed = np.column_stack([values @ self._mix / scale[:, None], np.log(scale)])
        whole = np.round(mixed * DIGITS).astype(np.int64)
        return (whole * np.array([1_000_003, 998_244_353, 2_147_483_629])).sum(1)
