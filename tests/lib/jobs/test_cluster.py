"""Clusters that do not come up, for real, and the command line by which hosts start their parts."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from lib.jobs import cluster as clusters
from lib.jobs import pool as pools
from lib.jobs.cluster import ROOT
from lib.jobs.engine import Engine
from lib.jobs.job import NoWorkersError
from tests.lib.jobs.clusters import LONG, alive, cluster, ended, engine_of, until
from tests.lib.jobs.slow_lab import Slow

pytestmark = pytest.mark.xdist_group("jobs")
COMMAND = [sys.executable, "-m", "lib.jobs.cluster"]
PRELOADS = "tests.lib.jobs.preloads"


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An engine with one worker that may fail twice; nothing of it is left afterwards."""
    monkeypatch.setattr(clusters, "TRIES", 2)
    monkeypatch.setattr(clusters, "REST", 0.0)
    one = Engine(workers=1, memory=256_000_000)
    yield one
    own = cluster(one)
    one.close()
    until(lambda: not any(map(alive, own)))


@pytest.mark.fault
@pytest.mark.parametrize(
    ("preload", "why"),
    [
        ("missing", "No module named 'tests.lib.jobs.preloads.missing'"),
        ("raises", "libsomething.so.1"),
        ("exits", "its process ended with code 9"),
        ("eats", r"it takes \d+ MB before its first job and may take 256 MB"),
    ],
)
def test_a_worker_that_does_not_come_up_is_given_up_with_a_reason(
    hasty: Engine,
    preload: str,
    why: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert hasty.pool.cluster
    hasty.pool.cluster.preload = f"{PRELOADS}.{preload}"
    with caplog.at_level(logging.INFO, "horizon"):
        job = hasty.start(Slow(0.0))
        assert (hasty.place(job), hasty.expected_wait(job)) == (1, None)
        assert (hasty.counts()["workers"], hasty.counts()["workers_ordered"]) == (0, 1)
        with pytest.raises(NoWorkersError, match=why):
            raise ended(job).error or AssertionError
    told = [record for record in caplog.records if "worker" in record.msg and record.levelno >= logging.WARNING]
    assert [record.levelname for record in told] == ["WARNING", "ERROR"]  # once, and at the end
    until(lambda: len(cluster(hasty)) == 1)  # the scheduler: no further try
    assert capfd.readouterr().err == ""  # nor anything raw
    with pytest.raises(NoWorkersError, match=why):
        hasty.start(Slow(0.0))
    monkeypatch.setattr(pools, "AGAIN", 0.0)
    hasty.pool.cluster.preload = Slow.__module__
    assert ended(hasty.start(Slow(0.0))).finished  # somebody has mended it


@pytest.mark.fault
def test_a_replaced_worker_leaves_nothing_raw_in_the_log(capfd: pytest.CaptureFixture[str]) -> None:
    with engine_of(1) as one:
        for seed in range(2):
            job = one.start(Slow(LONG, deaf=True, seed=seed))
            until(lambda job=job: job.began)
            job.stop()
            until(lambda job=job: job.run not in one._out)
        assert ended(one.start(Slow(0.0))).finished
    assert capfd.readouterr().err == ""


@pytest.mark.fault
def test_no_job_waits_for_a_worker_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduler to which no worker comes; then one does."""
    monkeypatch.setattr(pools, "LIMIT", 0.5)
    with started("scheduler", "tcp://127.0.0.1:0") as scheduler:
        assert scheduler.stdout
        one = Engine(scheduler.stdout.readline().strip())
        with pytest.raises(NoWorkersError, match="none has been there for"):
            raise ended(one.start(Slow(0.0))).error or AssertionError
        assert one.pool.shared
        with started("worker", one.pool.shared, "1GiB", "--preload", Slow.__module__) as worker:
            assert worker.stdout
            assert worker.stdout.readline().startswith("up tcp://127.0.0.1:")
            until(lambda: one.ready)
            assert one.counts()["workers_ordered"] == 1
            assert ended(one.start(Slow(0.0))).finished
        until(lambda: not one.ready)
        one.close()


def test_an_unreachable_scheduler_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "SCHEDULER", 0.2)
    with pytest.raises(NoWorkersError, match=r"no scheduler: .*127.0.0.1:1 "):
        Engine("tcp://127.0.0.1:1").start(Slow(0.0))


@contextmanager
def started(*words: str) -> Iterator[subprocess.Popen[str]]:
    """A part of a cluster, started by hand."""
    one = subprocess.Popen([*COMMAND, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    own = psutil.Process(one.pid)
    try:
        yield one
    finally:
        everyone = [own, *own.children(recursive=True)]
        one.terminate()
        psutil.wait_procs(everyone, 20)
        one.wait()
        assert one.stdout
        one.stdout.close()


def told(*words: str) -> tuple[int, str, str]:
    """Status, output and errors of a command that ends by itself."""
    done = subprocess.run([*COMMAND, *words], cwd=ROOT, capture_output=True, text=True, timeout=100)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1:18786", "tcp://:18786", "tcp://127.0.0.1", "tcp://*:18786", "tls://127.0.0.1:18786", "tcp://a:99999"],
)
def test_a_scheduler_listens_nowhere_but_where_it_was_told(address: str) -> None:
    code, out, said = told("scheduler", address)
    assert (code, out) == (2, "")
    assert said.startswith(f"argument ADDRESS: got {address!r}; say where to listen as tcp://HOST:PORT")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "the following arguments are required"),
        (["worker", "127.0.0.1:8786"], "argument ADDRESS: got '127.0.0.1:8786'; say the scheduler's address"),
        (["worker", "tcp://127.0.0.1:8786", "600"], "argument MEMORY: got '600'; say what one worker may take"),
        (["worker", "tcp://127.0.0.1:8786", "lots"], "argument MEMORY: got 'lots'; say what one worker may take"),
    ],
    ids=" ".join,
)
def test_words_that_cannot_be_read_are_named(words: list[str], said: str) -> None:
    code, out, fault = told(*words)
    assert (code, out) == (2, "")
    assert fault.startswith(said)


def test_a_part_of_a_cluster_reads_the_settings_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HORIZON_MEMORY", "600")
    code, out, said = told("scheduler", "tcp://127.0.0.1:0")
    assert (code, out) == (2, "")
    assert said.startswith("HORIZON_MEMORY: got '600'; ")


def test_a_part_that_ends_says_why_on_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT", "1s")
    code, out, said = told("worker", "tcp://127.0.0.1:1", "1GiB")
    assert (code, out) == (1, "")
    (line,) = said.splitlines()
    assert 'level=ERROR logger=horizon.jobs event="the worker ended" error=' in line
    assert "127.0.0.1:1" in line
