"""How many six-day launches a second, against scipy's solve_ivp one by one: `python -m tests.bench.bench_orbit`.

Random launches from the box of the lab. Both on one thread, taking turns; medians over rounds, ratios within a round.
The error is that of the closest approach of flights that do not strike anything, against DOP853 at rtol 1e-10.
"""

from __future__ import annotations

import time
from statistics import median

import numpy as np

from lib.tasks.moonshot.orbit import EARTH_MOON, ModelError, launch
from lib.tasks.moonshot.threebody import FLEW
from tests.lib.tasks.moonshot.test_orbit import reference

LAUNCHES, SINGLE, ROUNDS = 4096, 12, 3


def bench() -> dict[str, float]:
    """Launches a second of both, how many times faster ours is, and the largest difference [km]."""
    low, high = EARTH_MOON.box
    burns = np.random.default_rng(0).uniform(low, high, (LAUNCHES, 2))
    ours, theirs, apart = [], [], [0.0]
    for turn in range(ROUNDS):
        began = time.perf_counter()
        told, _ = launch([EARTH_MOON] * LAUNCHES, burns, [ModelError()] * LAUNCHES)
        ours.append(LAUNCHES / (time.perf_counter() - began))
        some = range(turn * SINGLE, (turn + 1) * SINGLE)
        began = time.perf_counter()
        gaps = [reference(EARTH_MOON, burns[i], ModelError())[0] for i in some]
        theirs.append(SINGLE / (time.perf_counter() - began))
        flew = [(i, gap) for i, gap in zip(some, gaps, strict=True) if told.ending[i] == FLEW]
        apart += [abs(told.altitude[i] + EARTH_MOON.light_radius - gap) for i, gap in flew]
    return {
        "launches a second": median(ours),
        "launches a second, solve_ivp": median(theirs),
        "launches / solve_ivp": median(a / b for a, b in zip(ours, theirs, strict=True)),
        "closest approach, largest difference [km]": max(apart),
    }


if __name__ == "__main__":
    for name, value in bench().items():
        print(f"{name:45} {value:,.3g}")
