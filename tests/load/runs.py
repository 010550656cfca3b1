"""Visitors who start runs: fresh recipes, the small and the long ones, and how a run went for who watched it."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from random import Random
from string import Formatter
from typing import Any
from urllib.parse import urlencode

from dashboard.app.language import Texts
from lib import store
from lib.labs.throw import Throw
from tests.bench.visitor import Server
from tests.load import meter
from tests.load.browse import crowd
from tests.load.page import Tally
from tests.load.visitor import LostError, Visitor, visiting
from tests.machine import PATIENCE

LONG = 600.0  # seconds in which every run ends
SMALL = {"steps": 100, "seeds": 1, "examples": 10, "width": 8, "depth": 1}
ENDLESS = {"steps": 5000, "seeds": 16, "width": 256, "depth": 4}
_seeds = count(Random().randrange(1, 5000))  # a server that is not ours may know some recipes already


def fresh(**knobs: Any) -> Throw:
    """A recipe that nobody has run before."""
    return Throw(**knobs, seed=next(_seeds))


def link(lab: Throw) -> str:
    """What stands in the address of a recipe."""
    return urlencode({f"throw_{name}": value for name, value in vars(lab).items()})


def file(lab: Throw) -> str:
    """Under which name the store keeps its result."""
    return f"{store.key(lab)}.npz"


@dataclass(frozen=True)
class Run:
    """How a run went for a visitor who pressed Start: times, and whether its own result was shown in the end.

    told: what the progress bar said and when; began: when it said for the first time that nobody is before this run;
    ended: when it said that all is drawn, or else when the page was at rest again.
    """

    pressed: float
    began: float
    ended: float
    served: bool
    told: Sequence[tuple[float, str]]


async def watch(visitor: Visitor) -> Run | None:
    """Press Start and stay until the end; None if the visitor was lost."""
    pressed = time.perf_counter()
    try:
        await visitor.press("throw_start")
        settled = await visitor.settle(LONG)
    except LostError:
        return None
    over = Texts("en", "common")("run.over")
    ended = next((when for when, text in visitor.told if text == over), settled)
    began = next((when for when, text in visitor.told if waiting(text) is None), ended if visitor.told else pressed)
    return Run(pressed, began, ended, visitor.shown == "here", list(visitor.told))


async def together(address: str, labs: Sequence[Throw]) -> tuple[Tally, list[Run]]:
    """Each recipe is started by a visitor of its own, all at once, and watched to its end."""
    tally = Tally()
    async with crowd(address, tally, len(labs), "throw", *map(link, labs)) as visitors:
        runs = await asyncio.gather(*map(watch, visitors))
    return tally, [run for run in runs if run]


async def ready(server: Server, workers: int, **knobs: Any) -> None:
    """All workers are up and have run something: by default, something small."""
    async with visiting(server.address, Tally()):
        async with asyncio.timeout(PATIENCE):
            while meter.workers(server) < workers:
                await asyncio.sleep(0.1)
    await together(server.address, [fresh(**(knobs or SMALL)) for _ in range(workers)])


async def toil(address: str, tally: Tally, over: asyncio.Event) -> None:
    """Start one long run after another, each in a visit of its own, and stop the last one when it is over."""
    while not over.is_set():
        with suppress(LostError):  # the tally knows
            async with visiting(address, tally, "throw", link(fresh(**ENDLESS))) as visitor:
                await visitor.press("throw_start")
                while not (over.is_set() or visitor.at_rest):
                    await asyncio.sleep(0.1)
                if not visitor.at_rest:
                    await visitor.press("throw_stop")


def waiting(text: str) -> dict[str, float] | None:
    """What a sentence of the progress bar says of the line: place and, if it is known, wait [s]; None if nothing."""
    for path in ("run.line_wait", "run.line"):
        found = _pattern(Texts("en", "common").at(path)).fullmatch(text)
        if found:
            return {name: float(told.replace(",", "")) for name, told in found.groupdict().items()}
    return None


def _pattern(sentence: str) -> re.Pattern[str]:
    """A sentence of ours, its placeholders as groups that take a number."""
    parts = Formatter().parse(sentence)
    return re.compile("".join(re.escape(said) + (f"(?P<{name}>[\\d.,]+)" if name else "") for said, name, *_ in parts))
