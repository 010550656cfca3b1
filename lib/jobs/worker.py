"""What a worker process does with a job: runs its lab, publishes the results, ends when it is asked to."""

from __future__ import annotations

import asyncio
import os
import platform
import time
from collections import deque
from functools import cache
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil

from lib import store
from lib.jobs.job import RefusedError
from lib.kept import forget, trim

TOPIC = "horizon"
ANSWERED = 0.05  # seconds until an answer is on its way
FULL = 0.8  # of a worker's memory after a job: then nothing is kept for the next one
FRAME = 0.1  # seconds between two results on their way to the app

stopped: deque[str] = deque(maxlen=1000)  # the runs that were asked to stop
under_way: set[str] = set()  # the run that this process is at


class VersionMismatchError(RefusedError):
    """App and worker are not of the same version: their numbers, and what they send each other, would differ."""

    def __init__(self, ours: str, theirs: str) -> None:
        super().__init__(ours, theirs)
        self.ours, self.theirs = ours, theirs

    def __str__(self) -> str:
        return f"this app is {self.ours}, the worker is {self.theirs}; start both from the same version"


@cache
def version() -> str:
    """Of everything that a result depends on: our own sources, and the libraries and Python that run them."""
    sources = sha256()
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        sources.update(path.read_bytes())
    libraries = " ".join(f"{name} {metadata.version(name)}" for name in ("torch", "numpy", "scikit-learn"))
    return f"horizon {sources.hexdigest()[:8]} ({libraries}, Python {platform.python_version()})"


async def report_version() -> str:
    """Beside whatever runs."""
    return version()


async def ask_to_stop(run: str) -> None:
    """Beside the running job: it ends before its next result."""
    stopped.append(run)


async def end_if_running(run: str, dask_worker: Any) -> bool:
    """True if this process is still at this run: it ends once it has said so, and its nanny starts another."""
    if run not in under_way or not dask_worker.nanny:
        return False
    asyncio.get_running_loop().call_later(ANSWERED, os._exit, 1)  # the scheduler logs an error of who does not answer
    return True


def run_job(lab: Any, run: str, ours: str) -> bytes | None:
    """Run the lab, publish its results, return the last one packed; None if it was stopped.

    ours: the version of the app. Raises VersionMismatchError if it is not that of this process.
    """
    from distributed import get_worker

    if version() != ours:
        raise VersionMismatchError(ours, version())
    worker = get_worker()
    under_way.add(run)  # before anybody hears of it: see Engine._hear
    worker.log_event(TOPIC, {"run": run})
    try:
        return None if run in stopped else _last(lab, run, worker)
    finally:
        under_way.discard(run)
        tidy(worker.memory_manager.memory_limit)


def tidy(limit: int | None) -> None:
    """What a job has freed is the machine's again, and what was kept for the next one too, if hardly any is left."""
    trim()
    if limit and psutil.Process().memory_info().rss > FULL * limit:
        forget()
        trim()


def _last(lab: Any, run: str, worker: Any) -> bytes | None:
    result, began, told = None, time.monotonic(), 0.0
    for result in lab.run():
        now = time.monotonic()
        if run in stopped:
            return None
        if now - told >= FRAME:
            told = now
            news = {"frame": store.pack(result), "progress": result.progress, "seconds": now - began}
            worker.log_event(TOPIC, {"run": run} | news)
    return store.pack(result)
