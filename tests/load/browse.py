"""Visitors who look around: they arrive, turn a knob and turn it back, walk to other pages, leave; others come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from random import Random

from lib.knobs import knobs
from lib.labs import LABS
from tests.bench.visitor import APP, EMPTY
from tests.load.figures import Load
from tests.load.page import Tally
from tests.load.visitor import LostError, Visitor, visiting

LEAVES, WALKS = 0.04, 0.08  # of all that a visitor may do next
ARRIVAL = 5.0  # seconds over which the first visitors come, at most a quarter of the time


@dataclass(frozen=True)
class Site:
    """What visitors of a script do: on which pages they arrive, between which they walk, which widgets they turn."""

    script: str
    arrivals: tuple[str, ...]
    pages: tuple[str, ...]
    knobs: frozenset[str]


HORIZON = Site(
    APP,
    tuple(LABS),
    ("", *LABS),
    frozenset(f"{name}_{knob}" for name, lab in LABS.items() for knob in (*knobs(lab), "presets_default")),
)
NOTHING = Site(EMPTY, ("slider",), ("", "slider"), frozenset({"turn"}))


async def browse(address: str, site: Site, load: Load) -> Tally:
    """What so many visitors saw in so many seconds; what was turned while they still came is counted apart."""
    tally, end = Tally(), time.perf_counter() + load.seconds
    async with asyncio.TaskGroup() as group:
        group.create_task(_apart(tally, _arrival(load)))
        for number in range(load.visitors):
            group.create_task(_place(address, tally, site, load, Random(f"{load.seed}/{number}"), end))
    return tally


def _arrival(load: Load) -> float:
    return min(ARRIVAL, load.seconds / 4)


async def _apart(tally: Tally, seconds: float) -> None:
    await asyncio.sleep(seconds)
    for what in ("knob", "page"):
        tally.took[f"{what}, at first"] = tally.took.pop(what, [])


async def _place(address: str, tally: Tally, site: Site, load: Load, rng: Random, end: float) -> None:
    """One place in the crowd: when a visitor leaves, after a while another one comes."""
    await asyncio.sleep(rng.uniform(0, _arrival(load)))
    while time.perf_counter() < end:
        page = rng.choice(site.arrivals)
        try:
            async with visiting(address, tally, page) as visitor:
                await _look_around(visitor, page, site, load, rng, end)
        except LostError:
            pass  # the tally knows
        await _think(load, rng, end)


async def _look_around(visitor: Visitor, page: str, site: Site, load: Load, rng: Random, end: float) -> None:
    while await _think(load, rng, end):
        turnable = [key for key in sorted(site.knobs & visitor.widgets.keys()) if visitor.widgets[key].others()]
        fate = rng.random()
        if fate < LEAVES:
            return
        if not turnable or fate < LEAVES + WALKS:
            page = rng.choice([one for one in site.pages if one != page])
            await visitor.walk(page)
            continue
        key = rng.choice(turnable)
        before = visitor.widgets[key].value
        await visitor.turn(key, rng.choice(visitor.widgets[key].others()))
        if await _think(load, rng, end) and key in visitor.widgets:
            await visitor.turn(key, before)  # to the default, as a rule: its verdict is shown again


async def _think(load: Load, rng: Random, end: float) -> bool:
    """False if the time is up."""
    left = end - time.perf_counter()
    await asyncio.sleep(max(0.0, min(rng.expovariate(1.0) * load.think, left)))
    return time.perf_counter() < end


async def at_once(address: str, site: Site, load: Load, times: int = 3) -> Tally:
    """All turn the same knob in the same moment, some times."""
    tally = Tally()
    async with crowd(address, tally, load.visitors, site.arrivals[0]) as visitors:
        key = min(site.knobs & visitors[0].widgets.keys())
        for _ in range(times):
            turns = (one.turn(key, one.widgets[key].others()[0]) for one in visitors)
            await asyncio.gather(*turns, return_exceptions=True)
    return tally


@asynccontextmanager
async def crowd(address: str, tally: Tally, count: int, page: str, *queries: str) -> AsyncIterator[list[Visitor]]:
    """So many visitors, who came one after another; each opens the next of the links, or all the same one."""
    async with AsyncExitStack() as stack:
        there: list[Visitor] = []
        for number in range(count):
            query = queries[number % len(queries)] if queries else ""
            with suppress(LostError):  # the tally knows
                there.append(await stack.enter_async_context(visiting(address, tally, page, query)))
        yield there
