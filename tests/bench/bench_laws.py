"""How many formulas a second the search for laws tries, against plain Python: `python -m tests.bench.bench_laws`.

Enumeration alone is lib.learners.laws.rows, all formulas up to size 6 at 48 places. The whole search looks for
sin(3x) + x/2 in 48 samples; each of its formulas has numbers of its own. Plain Python makes all up to size 5, one
after the other, equal ones merged too, and fits each a + b f by least squares. Seconds of one processor, taking turns;
medians over rounds, ratios within a round.
"""

from __future__ import annotations

import math
import operator
import time
from collections.abc import Callable
from statistics import median

import numpy as np

from lib.learners.laws.rows import Rows
from lib.learners.laws.search import FUNCTIONS, Search

ROUNDS, PLACES, OURS, PLAIN = 3, 48, 6, 5

SINGLE: dict[str, Callable[[float], float]] = {
    **{name: getattr(math, name) for name in ("sin", "cos", "exp", "log", "sqrt", "tanh")},
    "abs": abs,
    "sign": lambda value: math.copysign(1.0, value) if value else 0.0,
    "square": lambda value: value * value,
}
PAIRED = ((operator.add, True), (operator.mul, True), (operator.sub, False), (operator.truediv, False))


def plainly(x: list[float], y: list[float], largest: int) -> tuple[int, float]:
    """Every formula up to a size, kept once by its values and fitted: how many were tried, and the best share of y."""
    levels: dict[int, list[list[float]]] = {1: [x, [1.0] * len(x), [2.0] * len(x)]}
    known, tried, best = set(), 0, 0.0
    n, level_of_y = len(x), sum(y) / len(y)
    spread_of_y = sum(value * value for value in y) - n * level_of_y**2

    def keep(level: list[list[float]], make: Callable[[], list[float]]) -> None:
        nonlocal tried, best
        tried += 1
        try:
            told = make()
        except (ValueError, OverflowError, ZeroDivisionError):
            return
        key = tuple(f"{value:.8g}" for value in told[:4])
        if max(map(abs, told)) <= 1e6 and len(set(told)) > 1 and key not in known:
            known.add(key)
            level.append(told)
            mean = sum(told) / n
            spread = sum(map(operator.mul, told, told)) - n * mean * mean
            slope = sum(map(operator.mul, told, y)) - n * mean * level_of_y
            if spread > 0:
                best = max(best, slope * slope / spread / spread_of_y)

    for size in range(2, largest + 1):
        level: list[list[float]] = []
        for function in SINGLE.values():
            for one in levels[size - 1]:
                keep(level, lambda one=one, function=function: [function(value) for value in one])
        for first in range(1, size - 1):
            for operation, commutes in PAIRED:
                if commutes and first > size - 1 - first:
                    continue
                for one in levels[first]:
                    for other in levels[size - 1 - first]:
                        keep(
                            level,
                            lambda one=one, other=other, operation=operation: list(map(operation, one, other)),
                        )
        levels[size] = level
    return tried, best


def bench() -> dict[str, float]:
    """Formulas a second of each, how many times faster ours are, and how long a whole search takes."""
    x = np.random.default_rng(0).uniform(-2, 2, PLACES)
    y = np.sin(3 * x) + x / 2
    rates: dict[str, list[float]] = {"rows": [], "search": [], "plain": []}
    seconds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        rows = Rows(x, FUNCTIONS)
        for size in range(2, OURS + 1):
            rows.grow(size)
        rates["rows"].append(rows.tried / (time.process_time() - began))
        began = time.process_time()
        search = Search(x, y, FUNCTIONS)
        for _ in search.run():
            pass
        seconds.append(time.process_time() - began)
        rates["search"].append(search.tried / seconds[-1])
        began = time.process_time()
        tried, _ = plainly(x.tolist(), y.tolist(), PLAIN)
        rates["plain"].append(tried / (time.process_time() - began))
    against = {name: median(a / b for a, b in zip(rates[name], rates["plain"], strict=True)) for name in rates}
    return {
        "law search, formulas a second": median(rates["search"]),
        "law search, plain Python": median(rates["plain"]),
        "law search / plain Python": against["search"],
        "law search, enumeration alone / plain Python": against["rows"],
        "law search, start to end [s]": median(seconds),
    }


if __name__ == "__main__":
    for name, value in bench().items():
        print(f"{name:45} {value:,.3g}")
