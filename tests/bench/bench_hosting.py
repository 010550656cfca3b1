"""What a second app and a second worker are worth, behind the proxy: `python -m tests.bench hosting`.

The topology of deploy/ on this machine, whose cores the proxy and the visitors need too: so their processor time per
page is told as well. One and two take turns, and ratios are formed within a round.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import pytest
from distributed import Client

from lib.jobs.engine import Engine
from lib.labs.throw import Throw
from tests.bench.crowd import Asked, pages_a_second
from tests.bench.visitor import Visitor
from tests.hosting.topology import Site, hosted
from tests.lib.jobs.clusters import ended, until

VISITORS, SETTLE, SECONDS, ROUNDS = 6, 0.5, 2.5, 3  # visitors of each app
JOBS, SWEEPS = 8, 2
CHEAP = {"examples": 300, "width": 16, "steps": 500, "seeds": 4}


def bench() -> dict[str, float]:
    """Pages and labs a second with one and two of what serves them, the ratios, and what a page costs whom."""
    with (
        tempfile.TemporaryDirectory() as folder,
        hosted(Path(folder), workers=1) as site,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("HORIZON_STORE", str(site.store))
        return pages(site) | labs(site)


def pages(site: Site) -> dict[str, float]:
    """The page Throw with its shipped verdict, asked for again and again."""
    one, two = (_asked(site, side) for side in ("one", "two"))
    rates: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        rates.append((_rate(site, one), _rate(site, one + two)))
    before, began = _processor(site), time.process_time()
    count = _rate(site, one + two) * (SETTLE + SECONDS)
    spent = {name: 1e3 * (now - before[name]) / count for name, now in _processor(site).items()}
    spent["visitors"] = 1e3 * (time.process_time() - began) / count
    told = {
        "pages a second, 1 app": median(rate for rate, _ in rates),
        "pages a second, 2 apps": median(rate for _, rate in rates),
        "pages a second, 2 apps / 1": median(both / single for single, both in rates),
    }
    return told | {f"processor time of a page, {name} [ms]": value for name, value in spent.items()}


def labs(site: Site) -> dict[str, float]:
    """A sweep of cheap recipes that differ in their seeds."""
    rates = []
    for sweep in range(SWEEPS):
        single = _sweep(site, 1, 2 * sweep * JOBS)
        second = site.start("worker-2")
        rates.append((single, _sweep(site, 2, (2 * sweep + 1) * JOBS)))
        second.terminate()
        second.wait()
    return {
        "labs a second, 1 worker": median(rate for rate, _ in rates),
        "labs a second, 2 workers": median(rate for _, rate in rates),
        "labs a second, 2 workers / 1": median(both / single for single, both in rates),
    }


def _asked(site: Site, side: str) -> list[Asked]:
    """What the visitors of an app send, once it is warm."""
    cookie = f"horizon_app={side}"
    visitor = Visitor(site.address, "throw", cookie=cookie)
    visitor.rerun()
    request = visitor.request()
    visitor.leave()
    return [Asked(cookie, request)] * VISITORS


def _rate(site: Site, asked: Sequence[Asked]) -> float:
    return pages_a_second(site.address, asked, SETTLE, SECONDS)


def _processor(site: Site) -> dict[str, float]:
    """Seconds of processor time so far."""
    proxy = site.processes["nginx"]
    parts = {"apps": [app.process for app in site.apps.values()], "proxy": [proxy, *proxy.children()]}
    return {name: sum(sum(one.cpu_times()[:2]) for one in those) for name, those in parts.items()}


def _sweep(site: Site, workers: int, seed: int) -> float:
    """Labs a second, once so many workers are there."""
    with Client(site.scheduler, set_as_default=False) as client:
        until(lambda: len(client.scheduler_info(n_workers=-1)["workers"]) == workers)
    engine = Engine(site.scheduler)
    try:
        engine.connect()
        began = time.perf_counter()
        jobs = [engine.start(Throw(**CHEAP, seed=seed + one)) for one in range(JOBS)]
        for job in jobs:
            if ended(job).error:
                raise RuntimeError(f"{job.lab!r} was lost") from job.error
        return JOBS / (time.perf_counter() - began)
    finally:
        engine.close()
