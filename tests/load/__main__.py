"""Virtual visitors by the dozen, and one table of what they saw: `python -m tests.load browse --visitors 60`.

A scenario brings its own server, or takes one of this machine: `--address http://127.0.0.1:8501`. A missed goal is a
line of the table; only a scenario that breaks is a failure.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from tests import reaper
from tests.bench.__main__ import HEAD, line
from tests.bench.visitor import APP, EMPTY, Server, serving
from tests.load import meter
from tests.load.browse import NOTHING, at_once, browse
from tests.load.figures import Load, beside
from tests.load.memory import growing, turning
from tests.load.page import Tally
from tests.load.scenarios import browsing, browsing_while_busy, crowding, queueing

try:
    from uvloop import new_event_loop
except ImportError:  # not on Windows
    from asyncio import new_event_loop

LIMITS = {"visitors": 200, "seconds": 300, "workers": 64, "chromium": 5, "reruns": 10_000, "runs": 2000, "job": 30}


@dataclass(frozen=True)
class Play:
    """A scenario, what the same visitors do on an empty page, and how many there are unless somebody says."""

    app: Callable[[Server, Load], Awaitable[tuple[Tally, dict[str, float]]]]
    empty: Callable[[Server, Load], Awaitable[tuple[Tally, dict[str, float]]]]
    visitors: tuple[int, ...]


async def _looking(server: Server, load: Load) -> tuple[Tally, dict[str, float]]:
    return await browse(server.address, NOTHING, load), {}


async def _at_once(server: Server, load: Load) -> tuple[Tally, dict[str, float]]:
    return await at_once(server.address, NOTHING, load), {}


async def _turning(server: Server, load: Load) -> tuple[Tally, dict[str, float]]:
    tally = Tally()
    grown = await turning(server, tally, load.visitors, "slider", "turn", load.reruns)
    return tally, {f"empty, {name}": value for name, value in grown.items()}


PLAYS = {
    "browse": Play(browsing, _looking, (60, 100)),
    "busy": Play(browsing_while_busy, _looking, (60,)),
    "crowd": Play(crowding, _at_once, (100,)),
    "queue": Play(queueing, _at_once, (30,)),
    "reruns": Play(growing, _turning, (4,)),
}
NAMES = [f"{name} {visitors}" for name, play in PLAYS.items() for visitors in play.visitors]
GOALS: dict[str, tuple[str, float]] = {
    **{f"{name}, errors": ("≤", 0) for name in NAMES},
    **{f"{name}, memory, web process [MB]": ("≤", 220) for name in NAMES},
    **{f"{name}, memory, worker {worker} [MB]": ("≤", 500) for name in NAMES for worker in (1, 2)},
    "browse 60, knob to drawn, p95 [ms]": ("≤", 150),
    "browse 100, knob to drawn, p95 [ms]": ("≤", 350),
    "busy 60, busy / idle, knob to drawn, p95": ("≤", 2),
    "crowd 100, computations": ("≤", 1),
    "crowd 100, without the verdict": ("≤", 0),
    "crowd 100, first to last who sees the verdict [s]": ("≤", 1),
    "queue 30, not served": ("≤", 0),
    "queue 30, total / work": ("≤", 1.25),
    **{f"queue 30, {what}, {rank} error": ("≤", 0.2) for what in ("place", "wait") for rank in ("median", "p95")},
}


def measure(play: Play, load: Load, address: str | None = None) -> tuple[Tally, dict[str, float]]:
    """What visitors of the app saw, and all rows, the empty page beside it included."""
    with _server(address, load.workers) as server:
        load = replace(load, workers=meter.workers(server) or load.workers)  # one that runs already has its own
        tally, rows = _run(play.app(server, load))
    with serving(EMPTY) as server:
        empty, more = _run(play.empty(server, load))
    rows["errors"] = sum(tally.errors.values())  # those included that came after the rows
    return tally, rows | more | beside(empty, tally)


@contextmanager
def _server(address: str | None, workers: int) -> Iterator[Server]:
    if address:
        yield meter.at(address)
        return
    with serving(APP, HORIZON_WORKERS=str(workers)) as server:
        yield server


def _run(scenario: Coroutine[Any, Any, Any] | Awaitable[Any]) -> Any:
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(scenario)  # type: ignore[arg-type]


def options(words: Sequence[str]) -> argparse.Namespace:
    told = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    told.add_argument("names", nargs="*", metavar="scenario", help=f"{', '.join(PLAYS)} or all, which is the default")
    told.add_argument("--mix", nargs="+", default=[], metavar="scenario", help="the same")
    told.add_argument("--visitors", type=int, help=f"at most {LIMITS['visitors']}; else {', '.join(NAMES)}")
    told.add_argument("--seconds", type=float, default=20.0, help="of browse and busy, at most 300")
    told.add_argument("--think", type=float, default=2.0, help="mean seconds between two clicks of a visitor")
    told.add_argument("--workers", type=int, default=min(os.cpu_count() or 1, 8), help="of a server of our own")
    told.add_argument("--chromium", type=int, default=0, help="real browsers beside the visitors, at most 5")
    told.add_argument("--reruns", type=int, default=2000, help="while the memory is watched, at most 10000")
    told.add_argument("--runs", type=int, default=500, help="small ones, in at most two minutes, at most 2000")
    told.add_argument("--job", type=float, default=5.0, help="seconds that a run in the queue takes, at most 30")
    told.add_argument("--seed", type=int, default=0, help="of the visitors' whims")
    told.add_argument("--address", help="a server that runs on this machine already")
    given = told.parse_args(words)
    given.names = [*given.names, *given.mix] or ["all"]
    given.names = list(PLAYS) if "all" in given.names else given.names
    unknown = sorted({*given.names} - {*PLAYS})
    if unknown:
        told.error(f"no scenario is called {', '.join(unknown)}; there are {', '.join(PLAYS)}")
    for name, most in LIMITS.items():
        if (getattr(given, name) or 0) > most:
            told.error(f"--{name} is at most {most}, and got {getattr(given, name):g}")
    if given.address:
        try:
            meter.at(given.address)
        except ValueError as fault:
            told.error(str(fault))
    return given


def main(words: Sequence[str]) -> int:
    given = options(words)
    load = Load(
        0, given.seconds, given.think, given.workers, given.chromium, given.seed, given.reruns, given.runs, given.job
    )
    broken = 0
    print(HEAD, flush=True)
    for name in given.names:
        for visitors in (given.visitors,) if given.visitors else PLAYS[name].visitors:
            title = f"{name} {visitors}"
            try:
                tally, rows = measure(PLAYS[name], replace(load, visitors=visitors), given.address)
            except Exception:
                traceback.print_exc()
                broken += 1
                continue
            print("\n".join(line(f"{title}, {what}", value, GOALS) for what, value in rows.items()), flush=True)
            for error, times in tally.errors.items():
                print(f"{title}: {times} × {error}", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    reaper.begin()
    sys.exit(main(sys.argv[1:]))
