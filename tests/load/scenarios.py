"""What visitors play, against a server whose workers are warm: what they saw, and rows of the table."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any

import numpy as np

from tests.bench.visitor import APP, Server, serving
from tests.load import meter
from tests.load.browse import HORIZON, browse, crowd
from tests.load.figures import RANKS, Load, ratio, seen, spread
from tests.load.page import Tally
from tests.load.pixels import watched
from tests.load.runs import Run, file, fresh, link, ready, together, toil, waiting, watch
from tests.machine import PATIENCE

STEPS = 2000  # of training, by which is found out how many of them take a given time


async def browsing(server: Server, load: Load) -> tuple[Tally, dict[str, float]]:
    """So many visitors look around, with some real browsers among them if asked."""
    await ready(server, load.workers)
    return await _metered(server, load)


async def _metered(server: Server, load: Load) -> tuple[Tally, dict[str, float]]:
    async with watched(server.address, load.chromium) as pixels:
        with meter.metered(server) as used:
            tally = await browse(server.address, HORIZON, load)
    return tally, seen(tally) | spread("Chromium, knob to pixels", pixels) | used


async def browsing_while_busy(server: Server, load: Load) -> tuple[Tally, dict[str, float]]:
    """The same while every worker trains: twice as many visitors as there are workers start long runs."""
    idle, _ = await browsing(server, load)
    others, over = Tally(), asyncio.Event()
    starters = [asyncio.create_task(toil(server.address, others, over)) for _ in range(2 * load.workers)]
    async with asyncio.timeout(PATIENCE):
        while len(others.took["button"]) < len(starters):
            await asyncio.sleep(0.1)
    tally, told = await _metered(server, load)
    over.set()
    await asyncio.gather(*starters)
    tally.errors.update(idle.errors + others.errors)
    before, now = spread("", idle.took["knob"]), spread("", tally.took["knob"])
    told |= {f"idle, knob to drawn{name}": value for name, value in before.items()}
    told |= {f"busy / idle, knob to drawn, {rank}": ratio(now, before, rank) for rank in RANKS if before and now}
    return tally, told


async def crowding(server: Server, load: Load) -> tuple[Tally, dict[str, float]]:
    """All start the same recipe in the same moment, and watch."""
    await ready(server, load.workers)
    tally = Tally()
    with meter.metered(server) as used:
        async with (
            meter.shelved(server) as shelf,
            crowd(server.address, tally, load.visitors, "throw", link(fresh(**(load.recipe or {})))) as visitors,
        ):
            runs = [run for run in await asyncio.gather(*map(watch, visitors)) if run]
    ends = [run.ended for run in runs]
    told = seen(tally) | used
    if server.store:
        told["computations"] = len(shelf)
        told |= spread("job's end to verdict", [end - shelf[0][1] for end in ends] if shelf else [], "s")
    return tally, told | {
        "without the verdict": load.visitors - sum(run.served for run in runs),
        "first to last who sees the verdict [s]": max(ends) - min(ends),
    }


async def queueing(server: Server, load: Load) -> tuple[Tally, dict[str, float]]:
    """Each visitor starts a recipe of their own, all equally long; then one starts ten, and nine one each."""
    knobs = load.recipe or {"steps": await _steps(load)}
    await ready(server, load.workers, **knobs)
    labs = [fresh(**knobs) for _ in range(load.visitors)]
    async with meter.shelved(server) as shelf:
        with meter.metered(server) as used:
            tally, runs = await together(server.address, labs)
    total = max(run.ended for run in runs) - min(run.pressed for run in runs)
    work = sum(run.ended - run.began for run in runs)
    told = seen(tally) | used
    told |= {
        "one run [s]": work / len(runs),
        "computations": len(shelf),
        "not served": load.visitors - sum(run.served for run in runs),
        "total [s]": total,
        "total / work": total * load.workers / work,
        "total / processor time": total * load.workers / used["processor time, workers [s]"],
    }
    return tally, told | promises(runs) | await _ten_beside_nine(
        server, tally, {**knobs, "steps": max(100, knobs["steps"] // 3)}
    )


async def _steps(load: Load) -> int:
    """Training steps of a run that takes so many seconds when all workers run one.

    It is found out on a server of its own: the one that is measured judges the wait by what it has run before.
    """
    with serving(APP, HORIZON_WORKERS=str(load.workers)) as server:
        await ready(server, load.workers)
        _, runs = await together(server.address, [fresh(steps=STEPS) for _ in range(load.workers)])
    took = mean(run.ended - run.began for run in runs)
    return int(np.clip(round(STEPS * load.job / took, -2), 100, 5000))


def promises(runs: Sequence[Run]) -> dict[str, float]:
    """How far the shown place and the expected wait were from what came, relative to it, while more than a run's
    length was left: below that the text rounds."""
    begins, long = np.array([run.began for run in runs]), mean(run.ended - run.began for run in runs)
    off: dict[str, list[float]] = {"place": [], "wait": []}
    for run in runs:
        for when, text in run.told:
            told, left = waiting(text), run.began - when
            if told and left > long:
                real = {"place": float(np.sum((begins > when) & (begins <= run.began))), "wait": left}
                for name in off.keys() & told.keys():
                    off[name].append(abs(told[name] - real[name]) / real[name])
    rows: dict[str, float] = {}
    for name, errors in off.items():
        if errors:
            median, most = np.percentile(errors, (50, 95))
            rows |= {f"{name}, median error": median, f"{name}, p95 error": most}
    return rows


async def _ten_beside_nine(server: Server, tally: Tally, knobs: Mapping[str, Any]) -> dict[str, float]:
    """One visitor starts ten runs in one session, then nine others start one each: when are the nine served?"""
    first = fresh(**knobs)
    tens = [first, *(fresh(**knobs) for _ in range(9))]
    nines = [fresh(**knobs) for _ in range(9)]
    async with meter.shelved(server) as shelf, crowd(server.address, tally, 1, "throw", link(first)) as [greedy]:
        await greedy.turn("throw_more", True, "unfolded")
        began = time.perf_counter()
        for lab in tens:
            await greedy.turn("throw_seed", lab.seed, "seed")
            await greedy.press("throw_start")
        others, runs = await together(server.address, nines)
        nine = max(run.ended for run in runs) - began
        await greedy.settle(600)
        wanted = {file(lab) for lab in (*tens, *nines)}
        end = time.perf_counter() + PATIENCE
        while server.store and not wanted <= {name for name, _ in shelf} and time.perf_counter() < end:
            await asyncio.sleep(0.1)
    tally.errors.update(others.errors)
    served = {name: when - began for name, when in shelf}
    told = {"nine beside ten, nine served after [s]": nine}
    told["nine beside ten, not served"] = 9 - sum(run.served for run in runs)
    if served:
        told["nine beside ten, all served after [s]"] = max(served.values())
        told["nine beside ten, served of the ten"] = sum(file(lab) in served for lab in tens)
        told["nine beside ten, nine / all"] = nine / max(served.values())
    return told
