"""Formulas as rows of values, made of each other: all of one size at once, and no two of the same values.

Source: enumeration from the small to the large that keeps one of all formulas of equal values is that of program
synthesis (Udupa et al. 2013, TRANSIT, section 4; Albarghouthi, Gulwani, Kincaid 2013, Recursive Program Synthesis).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from lib.formulas import FUNCTIONS, Call, Number, Pair, Tree, X

SQUARE = "square"
LEAVES: tuple[Tree, ...] = (X, Number(1.0), Number(2.0))
LARGEST = 1e6  # rows with larger values lead nowhere
DIGITS = 1e8  # rows that agree to so many are the same
AT_A_TIME = 10_000  # rows made in one go
MIXED = 1_000_003, 998_244_353, 2_147_483_629  # large primes

PAIRED: dict[str, Callable[..., np.ndarray]] = {"+": np.add, "*": np.multiply, "-": np.subtract, "/": np.divide}


class Known:
    """Whole numbers that have been seen."""

    def __init__(self) -> None:
        self._sorted = np.zeros(0, np.int64)

    def new(self, keys: np.ndarray) -> np.ndarray:
        """Places, ascending, of those (n,) that have not been seen, the first of each; from now on they have."""
        order = np.argsort(keys, kind="stable")
        ascending = keys[order]
        first = np.ones(len(keys), bool)
        first[1:] = ascending[1:] != ascending[:-1]
        order, ascending = order[first], ascending[first]
        where = np.searchsorted(self._sorted, ascending)
        fresh = np.append(self._sorted, 0)[where] != ascending
        fresh |= where == len(self._sorted)
        self._sorted = np.insert(self._sorted, where[fresh], ascending[fresh])
        return np.sort(order[fresh])


class Rows:
    """All formulas of x up to a size, by their values at x (n,).

    tried counts all that were made, equal ones and those without values too; functions are those of lib.formulas that
    are used, and "square". A size counts x, numbers, functions and signs.
    """

    def __init__(self, x: np.ndarray, functions: Sequence[str]) -> None:
        self.functions = {name: np.square if name == SQUARE else FUNCTIONS[name] for name in functions}
        self.sizes = np.ones(len(LEAVES), int)
        self.tried = len(LEAVES)
        # A formula is a column, so that what is asked of all of them runs along memory.
        self._columns = np.array([x, np.ones(len(x)), np.full(len(x), 2.0)]).T.copy()
        self._made = [("", np.arange(len(LEAVES)), np.zeros(len(LEAVES), int))]
        self._begins = [0]
        self._mix = np.random.default_rng(0).standard_normal((2, len(x)))
        self._known = Known()
        self._known.new(self._keys(self._columns, np.abs(self._columns).max(0)))

    def __len__(self) -> int:
        return len(self.sizes)

    @property
    def values(self) -> np.ndarray:
        """(formulas, n), a view."""
        return self._columns.T

    @np.errstate(all="ignore")
    def grow(self, size: int) -> None:
        """Make all formulas of a size; all smaller ones must be there."""
        fresh = [self._columns]
        for name, left, right, told in self._candidates(size):
            self.tried += told.shape[1]
            high, low = told.max(0), told.min(0)
            scale = np.maximum(high, -low)
            good = np.flatnonzero((scale <= LARGEST) & (high - low > 1e-9 * scale))  # no NaN, no constant
            told = told.take(good, axis=1)
            new = self._known.new(self._keys(told, scale[good]))
            fresh.append(told.take(new, axis=1))
            self._begins.append(self._begins[-1] + len(self._made[-1][1]))
            self._made.append((name, left[good[new]], right[good[new]]))
        self._columns = np.concatenate(fresh, axis=1)
        self.sizes = np.concatenate([self.sizes, np.full(self._columns.shape[1] - len(self.sizes), size)])

    def tree(self, place: int) -> Tree:
        """The formula of a row."""
        part = bisect_right(self._begins, place) - 1
        while place - self._begins[part] >= len(self._made[part][1]):  # parts of nothing begin where the next one does
            part -= 1
        name, lefts, rights = self._made[part]
        left, right = int(lefts[place - self._begins[part]]), int(rights[place - self._begins[part]])
        if not name:
            return LEAVES[left]
        if name == SQUARE:
            return Pair("^", self.tree(left), LEAVES[2])
        if name in PAIRED:
            return Pair(name, self.tree(left), self.tree(right))
        return Call(name, self.tree(left))

    def keys(self, values: np.ndarray) -> np.ndarray:
        """(formulas, n) values -> a whole number for each, the same for those that agree."""
        columns = values.T
        return self._keys(columns, np.abs(columns).max(0, initial=0.0))

    def _candidates(self, size: int) -> Iterator[tuple[str, np.ndarray, np.ndarray, np.ndarray]]:
        """By function or sign: places of what it is applied to, and the values (n, formulas)."""
        below = np.flatnonzero(self.sizes == size - 1)
        for name, function in self.functions.items():
            yield name, below, below, function(self._columns[:, below])
        for first in range(1, size - 1):
            ones, others = np.flatnonzero(self.sizes == first), np.flatnonzero(self.sizes == size - 1 - first)
            if not len(ones) or not len(others):
                continue
            right_values = self._columns.take(others, axis=1)[:, None, :]
            for sign, operation in PAIRED.items():
                if sign in "+*" and first > size - 1 - first:  # either order is the same
                    continue
                for some in np.array_split(ones, -(-len(ones) * len(others) // AT_A_TIME)):
                    told = operation(self._columns.take(some, axis=1)[:, :, None], right_values)
                    left, right = np.repeat(some, len(others)), np.tile(others, len(some))
                    yield sign, left, right, told.reshape(len(told), -1)

    def _keys(self, columns: np.ndarray, scale: np.ndarray) -> np.ndarray:
        mixed = np.concatenate([self._mix @ columns / scale, np.log(scale)[None]])
        whole = np.round(mixed * DIGITS).astype(np.int64)
        return MIXED[0] * whole[0] + MIXED[1] * whole[1] + MIXED[2] * whole[2]
