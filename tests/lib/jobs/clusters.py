"""Real schedulers, nannies and workers for tests, and what tests want to know of their processes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from lib.jobs import worker
from lib.jobs.engine import Engine
from lib.jobs.job import Job
from tests.lib.jobs.slow_lab import Slow
from tests.machine import PATIENCE

GIB = 2**30
LONG = 10 * PATIENCE  # seconds that nobody waits for


def until(true: Callable[[], Any], seconds: float = PATIENCE) -> float:
    """Wait for it; the seconds it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "it did not happen"
        time.sleep(0.005)
    return time.monotonic() - began


def ended(job: Job) -> Job:
    until(lambda: job.done)
    return job


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def family(pid: int | None = None) -> set[int]:
    """A process's children and theirs."""
    return {one.pid for one in psutil.Process(pid).children(recursive=True)}


def called(process: psutil.Process) -> list[str]:
    """The words that a process was started with; none if it has ended meanwhile, or waits to be buried."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def children(process: psutil.Process) -> list[psutil.Process]:
    """A process's children, none if it has ended meanwhile."""
    try:
        return process.children()
    except psutil.NoSuchProcess:
        return []


def scheduler_of(pids: set[int]) -> int:
    """Which of a cluster's processes is the scheduler."""
    there = [one for one in psutil.process_iter() if one.pid in pids]
    return next(one.pid for one in there if "scheduler" in called(one))


def cluster(engine: Engine) -> set[int]:
    """An engine's processes."""
    assert engine.pool.cluster
    found: set[int] = set()
    for child in list(engine.pool.cluster._children):
        with suppress(psutil.NoSuchProcess):
            found |= {child.pid, *family(child.pid)}
    return found


def forget_stops() -> None:
    """In a worker: as if it had just come up."""
    worker.stopped.clear()


class Ledger:
    """What a lab signs when it is run: who ran it, and how often."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)

    def __call__(self) -> list[int]:
        """The processes that ran it, in order."""
        there = Path(self.path)
        return [int(line) for line in there.read_text().splitlines()] if there.exists() else []


@contextmanager
def engine_of(workers: int) -> Iterator[Engine]:
    """An engine whose workers start in a hurry; afterwards, none of its processes is there."""
    one = Engine(workers=workers, memory=GIB)
    assert one.pool.cluster
    one.pool.cluster.preload = Slow.__module__
    one.connect()
    yield one
    own = cluster(one)
    one.close()
    until(lambda: not any(map(alive, own)))
