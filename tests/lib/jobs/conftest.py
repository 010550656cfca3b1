"""Engines with one or two workers, for all tests of a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.jobs.engine import Engine
from tests.lib.jobs.clusters import Ledger, engine_of, until


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger")


@pytest.fixture(scope="module")
def _two_workers() -> Iterator[Engine]:
    with engine_of(2) as one:
        yield one


@pytest.fixture(scope="module")
def _one_worker() -> Iterator[Engine]:
    with engine_of(1) as one:
        yield one


def calmed(engine: Engine) -> None:
    """Nobody's job is with it any more."""
    for job in [*engine._queue, *engine._out.values()]:
        job.stop()
    until(lambda: not engine._out)


@pytest.fixture
def engine(_two_workers: Engine) -> Iterator[Engine]:
    """With two workers or, where one was just lost, soon again; nobody else's job is on them or in line."""
    yield _two_workers
    calmed(_two_workers)


@pytest.fixture
def pair(engine: Engine) -> Engine:
    """The same when both workers are there."""
    until(lambda: engine.ready == 2)
    return engine


@pytest.fixture
def lone(_one_worker: Engine) -> Iterator[Engine]:
    """An engine of its own with one worker, to be maltreated."""
    _one_worker.connect()
    until(lambda: _one_worker.ready == 1)
    yield _one_worker
    calmed(_one_worker)
