"""Does the app grow? Its memory over many reruns and many small runs, by a few visitors who do not pause."""

from __future__ import annotations

import asyncio
import time

from lib.labs.throw import Throw
from tests.bench.visitor import Server
from tests.load import meter
from tests.load.browse import crowd
from tests.load.figures import Load, seen, slope
from tests.load.page import Tally
from tests.load.runs import LONG, SMALL, fresh, link, ready
from tests.load.visitor import LostError, Visitor

TIME = 120.0  # seconds after which no small run is started any more
EVERY = {"reruns": 20, "runs": 5}  # between two looks at the memory


async def growing(server: Server, load: Load) -> tuple[Tally, dict[str, float]]:
    """How the memory of the web process and of the workers follows the number of reruns, then that of runs."""
    await ready(server, load.workers)
    tally = Tally()
    with meter.metered(server) as used:
        told = await turning(server, tally, load.visitors, "throw", "throw_coverage", load.reruns)
        told |= await _running(server, tally, load.visitors, load.runs)
    return tally, seen(tally) | used | told


async def turning(server: Server, tally: Tally, visitors: int, page: str, knob: str, most: int) -> dict[str, float]:
    """Growth [MB per 1,000 reruns] while each visitor turns a knob to and fro."""
    points: list[tuple[float, float]] = []
    turned = 0

    async def turn(one: Visitor) -> None:
        nonlocal turned
        home, away = one.widgets[knob].value, one.widgets[knob].others()[0]
        try:
            while turned < most:
                await one.turn(knob, away if one.widgets[knob].value == home else home)
                turned += 1
                if turned % EVERY["reruns"] == 0:
                    points.append((turned / 1e3, meter.memory(server)["memory, web process [MB]"]))
        except LostError:
            pass  # the tally knows

    async with crowd(server.address, tally, visitors, page) as there:
        await asyncio.gather(*map(turn, there))
    return {"growth of the web process [MB per 1,000 reruns]": slope(points)}


async def _running(server: Server, tally: Tally, visitors: int, most: int) -> dict[str, float]:
    """Growth [MB per 100 runs] while each visitor starts one small run after another in the same session."""
    points: dict[str, list[tuple[float, float]]] = {}
    begun, ended, end = 0, 0, time.perf_counter() + TIME

    async def start(one: Visitor) -> None:
        nonlocal begun, ended
        try:
            await one.turn("throw_more", True, "unfolded")
            while begun < most and time.perf_counter() < end:
                begun += 1
                await one.turn("throw_seed", fresh().seed, "seed")
                await one.press("throw_start")
                await one.settle(LONG)
                ended += 1
                if ended % EVERY["runs"] == 0:
                    for name, mb in meter.memory(server).items():
                        points.setdefault(name, []).append((ended / 100, mb))
        except LostError:
            pass  # the tally knows

    recipes: list[Throw] = [fresh(**SMALL) for _ in range(visitors)]
    async with crowd(server.address, tally, visitors, "throw", *map(link, recipes)) as there:
        await asyncio.gather(*map(start, there))
    rows = {
        f"growth of {name.removeprefix('memory, ').removesuffix(' [MB]')} [MB per 100 runs]": slope(points[name])
        for name in sorted(points, reverse=True)
    }
    return rows | {"small runs": float(ended)}
