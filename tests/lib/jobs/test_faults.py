"""What goes wrong, done for real: killed processes, full disks, jobs without measure. Nobody else is harmed."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import distributed
import psutil
import pytest

from lib import store
from lib.jobs.cluster import ROOT
from lib.jobs.engine import Engine
from lib.jobs.job import LostError, NoWorkersError, OverMemoryError, OverTimeError
from lib.jobs.worker import FRAME, run_job, version
from tests.lib.jobs.clusters import (
    GIB,
    LONG,
    Ledger,
    alive,
    cluster,
    ended,
    engine_of,
    family,
    forget_stops,
    scheduler_of,
    until,
)
from tests.lib.jobs.slow_lab import Slow
from tests.machine import SLACK

pytestmark = [pytest.mark.xdist_group("jobs"), pytest.mark.fault]


def test_a_store_that_cannot_be_written_leaves_the_job_whole(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HORIZON_STORE", str(tmp_path / "file"))
    with caplog.at_level(logging.WARNING):
        job = ended(engine.start(Slow(0.0)))
    assert (job.finished, job.error, job.latest.progress) == (True, None, 1.0)
    assert [record.name for record in caplog.records] == ["horizon.store"]


@pytest.mark.parametrize("at_once", [False, True], ids=["later", "at once"])
def test_a_deaf_job_loses_its_worker_within_a_second(engine: Engine, ledger: Ledger, at_once: bool) -> None:
    job = engine.start(Slow(LONG, deaf=True, ledger=ledger.path))
    if not at_once:
        until(lambda: job.worker and ledger())
    began = time.monotonic()
    job.stop()
    assert job.done
    until(lambda: job.run not in engine._out and not any(map(alive, ledger())))
    assert time.monotonic() - began < 1 + SLACK
    assert (job.finished, job.error) == (False, None)
    assert ended(engine.start(Slow(0.0))).finished
    assert len(ledger()) <= 1  # nobody took it up again


def test_a_deaf_job_that_reaches_a_worker_after_it_was_taken_away_loses_it(pair: Engine, ledger: Ledger) -> None:
    job = pair.start(Slow(LONG, deaf=True, ledger=ledger.path))
    until(lambda: job.worker and ledger())  # before that it may end by itself, and then nobody takes it away
    job.stop()
    until(lambda: not pair._out and not any(map(alive, ledger())))
    client = pair.pool.client
    client.run(forget_stops)  # as in a worker that came up after Stop had gone round
    late = client.submit(run_job, job.lab, job.run, version(), key=f"{job.run} late", pure=False)
    until(lambda: len(ledger()) > 1)
    until(lambda: not any(map(alive, ledger())))
    late.cancel(force=True)
    assert ended(pair.start(Slow(0.0))).finished


def test_the_job_of_a_killed_worker_runs_again(engine: Engine, ledger: Ledger) -> None:
    job = engine.start(Slow(1.0, ledger=ledger.path))
    until(lambda: job.frames)
    os.kill(ledger()[0], signal.SIGKILL)
    assert ended(job).finished
    assert len(set(ledger())) == 2
    assert job.latest.progress == 1.0
    assert not alive(ledger()[0])


def test_a_job_that_kills_its_workers_is_given_up(engine: Engine, ledger: Ledger, shelf: Path) -> None:
    job = ended(engine.start(Slow(kills=True, ledger=ledger.path)))
    assert isinstance(job.error, LostError)
    assert not job.finished
    assert len(set(ledger())) == 2
    assert not shelf.exists()
    assert ended(engine.start(Slow(0.1))).finished  # the others are served


def test_when_the_scheduler_dies_its_jobs_are_lost_and_those_in_line_are_served(lone: Engine) -> None:
    running, waiting = lone.start(Slow(LONG)), lone.start(Slow(0.1))
    until(lambda: running.frames)
    before = cluster(lone)
    os.kill(scheduler_of(before), signal.SIGKILL)
    assert isinstance(ended(running).error, LostError)
    assert lone.running(running.lab) is None
    assert ended(waiting).finished  # nobody had to press anything
    until(lambda: not any(map(alive, before)))


def test_a_nanny_that_dies_is_replaced(lone: Engine, ledger: Ledger) -> None:
    job = lone.start(Slow(0.5, ledger=ledger.path))
    until(ledger)
    nanny = psutil.Process(ledger()[0]).ppid()
    os.kill(nanny, signal.SIGKILL)
    until(lambda: not alive(nanny) and not alive(ledger()[0]))  # a worker ends with its nanny
    assert ended(job).finished  # nobody had to press anything
    assert len(set(ledger())) == 2


def test_a_job_that_is_lost_on_its_way_is_sent_again(lone: Engine) -> None:
    """To a scheduler that dies, of which nobody knows yet."""
    before = cluster(lone)
    scheduler = scheduler_of(before)
    os.kill(scheduler, signal.SIGSTOP)
    death = threading.Timer(0.2, os.kill, [scheduler, signal.SIGKILL])
    death.start()
    assert ended(lone.start(Slow(0.1))).finished
    death.join()
    until(lambda: not any(map(alive, before)))


def test_a_job_over_its_time_is_ended_and_says_so(pair: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pair, "_seconds", 1.0)
    job, deaf, other = pair.start(Slow(LONG)), pair.start(Slow(LONG, deaf=True)), pair.start(Slow(0.2))
    for late in (job, deaf):
        assert isinstance(ended(late).error, OverTimeError)
        assert not late.finished
    assert job.latest.progress < 1  # what it knew by then is still there
    assert ended(other).finished
    until(lambda: not pair._out)


def test_a_job_over_its_memory_is_ended_at_once_and_says_so(pair: Engine, ledger: Ledger) -> None:
    other = pair.start(Slow(LONG, seed=1))
    job = ended(pair.start(Slow(LONG, eats=True, ledger=ledger.path)))
    assert isinstance(job.error, OverMemoryError)
    assert 900 < job.error.megabytes < 1500  # of a GiB
    until(lambda: not alive(ledger()[0]) and job.run not in pair._out)
    assert ended(pair.start(Slow(0.1))).finished
    assert len(ledger()) == 1  # nobody else was made to try
    assert not other.done
    other.stop()


def test_closing_loses_what_is_not_done(lone: Engine) -> None:
    running, waiting = lone.start(Slow(LONG)), lone.start(Slow(LONG, seed=1))
    until(lambda: running.frames)
    before = cluster(lone)
    lone.close()
    assert isinstance(running.error, LostError)
    assert isinstance(waiting.error, LostError)
    assert running.done
    assert waiting.done
    until(lambda: not any(map(alive, before)))
    time.sleep(2 * FRAME)
    assert cluster(lone) == set()  # and none came instead


def test_a_cluster_that_could_not_be_joined_is_not_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Engine(workers=1, memory=GIB)
    with monkeypatch.context() as patch:
        patch.setattr(distributed, "Client", lambda *_, **__: (_ for _ in ()).throw(OSError("no route")))
        with pytest.raises(NoWorkersError, match="no route"):
            one.connect()
    assert cluster(one) == set()
    one.close()


APP = """
import sys, time
from lib.jobs.engine import Engine
from tests.lib.jobs.slow_lab import Slow

engine = Engine(workers=1, memory=2**30)
job = engine.start(Slow(50.0))
while not job.frames:
    time.sleep(0.01)
print("running", flush=True)
time.sleep(600)
"""


def test_nothing_outlives_an_app_that_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", APP], cwd=ROOT, stdout=subprocess.PIPE, text=True) as app:
        assert app.stdout
        assert app.stdout.readline() == "running\n"
        own = family(app.pid)
        assert len(own) >= 3  # scheduler, nanny, worker
        assert all(map(alive, own))
        app.kill()
        app.wait()
        until(lambda: not any(map(alive, own)))


def test_workers_come_back_by_themselves(lone: Engine) -> None:
    """Nobody has to ask: the scheduler is killed between two jobs, a new cluster stands ready a little later."""
    before = cluster(lone)
    os.kill(scheduler_of(before), signal.SIGKILL)
    until(lambda: not any(map(alive, before)))
    until(lambda: lone.pool.alive() and lone.pool.client.scheduler_info()["workers"])
    assert ended(lone.start(Slow(0.0))).finished


def test_stop_in_the_last_instant_leaves_a_job_that_is_done_or_stopped(pair: Engine, shelf: Path) -> None:
    for early in range(12):
        job = pair.start(Slow(0.1, seed=early))
        until(lambda job=job: job.began)
        job.over.wait(0.08 + 0.005 * early)
        job.stop()
        until(lambda job=job: job.run not in pair._out)
        assert job.done
        assert job.error is None
        stored = store.own().get(job.lab)
        assert (stored is not None) == job.finished  # what was shown as finished is there, and nothing else
        assert pair.running(job.lab) is None
    assert ended(pair.start(Slow(0.0, seed=99))).finished
    assert list(shelf.glob("*.part")) == []


def test_two_apps_on_one_store_have_what_the_other_has_computed(pair: Engine, shelf: Path) -> None:
    with engine_of(1) as other:
        both = Slow(0.3, seed=1)
        one, same = pair.start(both), other.start(both)  # at the same time
        assert ended(one).finished
        assert ended(same).finished
        assert ended(other.start(Slow(0.0, seed=2))).finished
    assert store.find(Slow(0.0, seed=2)) is not None
    assert len(list(shelf.glob("*.npz"))) == 2
    assert list(shelf.glob(".*")) == []


@pytest.fixture
def full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file system of its own with a few kilobytes, as the store."""
    place = tmp_path / "disk"
    place.mkdir()
    told = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", place], capture_output=True, check=False)
    if told.returncode:
        pytest.skip("only root may mount a file system")
    monkeypatch.setenv("HORIZON_STORE", str(place))
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_full_disk_costs_nobody_a_result(pair: Engine, full_disk: Path, caplog: pytest.LogCaptureFixture) -> None:
    (full_disk / "other").write_bytes(bytes(4096))
    job = ended(pair.start(Slow(0.1)))
    assert (job.finished, job.error, job.latest.progress) == (True, None, 1.0)
    assert "cannot be written" in caplog.text
    assert store.find(job.lab) is None
    assert [one.name for one in full_disk.iterdir()] == ["other"]  # no half of it is left
    (full_disk / "other").unlink()
