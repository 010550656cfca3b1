"""How long a visitor waits for a run of each lab's default: `python -m tests.bench runs`.

Through the real engine with two worker processes that are up and warm, as in the app; nothing is taken from the store.
Medians over rounds in which the labs take turns.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

import pytest

from lib.core import Lab
from lib.jobs.engine import Engine
from lib.jobs.job import Job
from lib.labs import LABS

WORKERS, ROUNDS, SEEN = 2, 3, 0.5
LOOK = 0.002  # seconds between two looks at a job


def bench() -> dict[str, float]:
    """Seconds to the first frame, to the end, and from Stop until the worker is free; frames per second."""
    told: dict[str, list[float]] = {}
    with _engine() as engine:
        for _ in range(ROUNDS):
            for name, lab in LABS.items():
                for what, value in {**_run(engine, lab()), **_stop(engine, lab())}.items():
                    told.setdefault(f"{name}, {what}", []).append(value)
    return {what: median(values) for what, values in told.items()}


@contextmanager
def _engine() -> Iterator[Engine]:
    """Two warm workers, and places of their own for what they write."""
    with tempfile.TemporaryDirectory() as scratch, pytest.MonkeyPatch.context() as patch:
        patch.setenv("HORIZON_STORE", f"{scratch}/store")
        patch.setenv("HORIZON_SCRATCH", scratch)
        engine = Engine(workers=WORKERS)
        try:
            engine.connect()
            engine.pool.client.wait_for_workers(WORKERS, timeout=120)
            yield engine
        finally:
            engine.close()


def _run(engine: Engine, lab: Lab) -> dict[str, float]:
    """One run to its end."""
    began = time.perf_counter()
    job = engine.start(lab)
    first = _until(job, lambda: job.frames > 0) - began
    last = _until(job, lambda: job.done) - began
    if job.error:
        raise job.error
    return {
        "start to first frame [s]": first,
        "start to end [s]": last,
        "frames a second": (job.frames - 1) / (last - first),
    }


def _stop(engine: Engine, lab: Lab) -> dict[str, float]:
    """One run that is stopped half a second after its first frame; it has to be free for others, not just look so."""
    job = engine.start(lab)
    _until(job, lambda: job.frames > 0)
    time.sleep(SEEN)
    began = time.perf_counter()
    job.stop()
    return {"stop to free worker [s]": _until(job, lambda: job.future is None) - began}


def _until(job: Job, so: Callable[[], bool]) -> float:
    """When it was so; a job that ends without is an error."""
    while not so():
        if job.error:
            raise job.error
        time.sleep(LOOK)
    return time.perf_counter()
