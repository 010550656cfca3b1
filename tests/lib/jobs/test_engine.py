"""Jobs on real Dask: real scheduler, nannies and workers, real kills. Nothing here waits longer than it must."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path

import distributed
import numpy as np
import psutil
import pytest

from lib import store
from lib.core import DivergedError
from lib.jobs import engine as engines
from lib.jobs import pool, worker
from lib.jobs.cluster import ROOT
from lib.jobs.engine import Engine
from lib.jobs.job import FullError, Job
from lib.jobs.worker import FRAME, VersionMismatchError
from lib.labs import LABS
from lib.settings import SettingError
from lib.uploads import Photo
from tests.lib.jobs.clusters import GIB, LONG, Ledger, alive, cluster, ended, until
from tests.lib.jobs.slow_lab import Seeing, Slow
from tests.lib.labs.test_labs import results, small, untimed
from tests.machine import PATIENCE, SLACK

pytestmark = pytest.mark.xdist_group("jobs")  # one cluster is enough


@pytest.mark.usefixtures("shelf")
def test_a_job_streams_and_its_last_result_is_stored(engine: Engine) -> None:
    lab = Slow(1.0)
    began = time.monotonic()
    job = engine.start(lab)
    seen, progress = [0], [0.0]
    while not job.done:
        if job.latest is not None and job.frames != seen[-1]:
            seen.append(job.frames)
            progress.append(job.latest.progress)
            assert len(job.latest.trail) == round(50 * job.latest.progress)
        time.sleep(0.005)
    took = time.monotonic() - began
    assert (job.finished, job.error, job.place_in_line) == (True, None, 0)
    assert progress == sorted(progress)
    assert 4 <= job.frames <= took / FRAME + 2  # the first comes at once, the last when it is done
    assert job.latest.progress == 1.0
    assert len(job.latest.trail) == 50
    stored = store.own().get(lab)
    assert stored is not None
    assert store.pack(stored) == store.pack(job.latest)
    assert engine.running(lab) is None


def test_what_comes_of_a_photo_is_delivered_and_not_stored(
    engine: Engine, shelf: Path, caplog: pytest.LogCaptureFixture
) -> None:
    photo = Photo.of(np.full((40, 40, 3), 65, np.uint8))
    job = ended(engine.start(Seeing(0.2, photo=photo)))
    assert (job.finished, job.error) == (True, None)
    assert job.latest.progress == 1.0
    assert engine.running(job.lab) is None
    until(lambda: not engine._out)
    assert not shelf.exists()
    assert ended(engine.start(Seeing(0.2))).finished
    assert len(list(shelf.iterdir())) == 1
    assert photo.digest not in caplog.text


def test_a_result_is_unpacked_once_however_many_look(engine: Engine) -> None:
    job = ended(engine.start(Slow(0.0)))
    assert job.latest is job.latest


@pytest.mark.parametrize("name", LABS)
def test_a_workers_numbers_are_those_of_this_process(engine: Engine, name: str) -> None:
    job = ended(engine.start(small(name)))
    assert job.error is None
    assert untimed(job.latest) == untimed(results(name)[-1])


def test_a_worker_has_one_thread_and_keeps_the_memory_that_it_will_need_again(engine: Engine, ledger: Ledger) -> None:
    assert ended(engine.start(Slow(0.1, seed=9, ledger=ledger.path))).finished
    told = psutil.Process(ledger()[0]).environ()
    assert told["OMP_NUM_THREADS"] == "1"
    assert "MALLOC_TRIM_THRESHOLD_" not in told


def test_however_many_ask_for_a_recipe_it_is_computed_once(engine: Engine, ledger: Ledger) -> None:
    lab = Slow(0.6, ledger=ledger.path)
    found: list[Job] = []
    crowd = [threading.Thread(target=lambda: found.append(engine.start(lab))) for _ in range(8)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert len(set(map(id, found))) == 1
    assert engine.running(lab) is found[0]
    assert engine.start(Slow(0.6, ledger=ledger.path)) is found[0]  # an equal one, too
    assert ended(found[0]).finished
    assert len(ledger()) == 1


def test_another_recipe_is_another_job(engine: Engine) -> None:
    one, other = engine.start(Slow(0.1)), engine.start(Slow(0.1, seed=1))
    assert one is not other
    assert ended(one).latest.verdict.recipe != ended(other).latest.verdict.recipe


def test_a_job_goes_on_until_its_last_watcher_leaves(engine: Engine) -> None:
    job = engine.start(Slow(LONG))
    with engine.watching(job, "one"), engine.watching(job, "one"):  # the page runs again before it has looked away
        with engine.watching(job, "other"):
            engine.release(job, "one")
        assert not job.done
        engine.release(job, "one")
    assert job.done
    assert not job.finished


def test_a_crowd_looks_less_often() -> None:
    one = Engine("tcp://127.0.0.1:1")
    job = Job(Slow(), one, "", "")
    assert one.pause() == 0.2
    with one.watching(job, "one"), one.watching(job, "other"):
        assert one.pause() == 0.2
    one._watchers = 50
    assert one.pause() == 0.5
    one._watchers = 1000
    assert one.pause() == 1.0


def test_who_finds_no_worker_waits_in_line_and_knows_the_place(pair: Engine, ledger: Ledger) -> None:
    busy = [pair.start(Slow(LONG, seed=seed)) for seed in range(2)]
    waiting = [pair.start(Slow(0.1, seed=seed, ledger=ledger.path)) for seed in range(2, 6)]
    assert [job.place_in_line for job in busy + waiting] == [0, 0, 1, 2, 3, 4]
    until(lambda: all(job.seconds_left for job in busy))
    assert 0 < (busy[0].seconds_left or 0) < 100 * LONG
    begun = busy[0].began
    until(lambda frames=busy[0].frames: busy[0].frames > frames + 2)
    assert busy[0].began == begun  # it began once, however often it is heard of
    waiting[1].stop()
    assert waiting[1].done
    assert [job.place_in_line for job in waiting] == [1, 0, 2, 3]
    assert pair.running(waiting[1].lab) is None
    assert not waiting[0].latest
    assert waiting[0].seconds_left is None
    busy[0].stop()
    for job in (waiting[0], waiting[2], waiting[3]):
        assert ended(job).finished
    assert len(ledger()) == 3  # the one that was stopped in line never ran
    assert pair.expected_wait(waiting[0]) == 0.0


def test_a_wait_is_told_as_soon_as_anything_is_known(lone: Engine) -> None:
    lone._estimates._took.clear()
    running, *waiting = [lone.start(Slow(1.0, seed=seed)) for seed in range(3)]
    assert [lone.expected_wait(job) for job in waiting] == [None, None]
    until(lambda: running.seconds_left)
    told = [lone.expected_wait(job) or 0.0 for job in waiting]
    assert 0 < told[0] < told[1]
    until(lambda: waiting[1].began)
    assert lone.expected_wait(waiting[1]) == 0.0


def test_a_wait_is_what_those_before_will_take_by_the_pace_of_the_one_that_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = Engine("tcp://127.0.0.1:1")
    running, *waiting = [Job(Slow(seed=seed), one, "", str(seed)) for seed in range(3)]
    one.pool.ready = 1
    one._out[running.run] = running
    for job in waiting:
        one._queue.put(job)
    clock = iter([100.0, 100.2, 101.2])
    monkeypatch.setattr(time, "monotonic", lambda: now)
    running.began = now = next(clock)
    for now, progress in zip(clock, (0.1, 0.5), strict=True):
        running.receive({"frame": b"", "seconds": now - 100, "progress": progress})
    left = (1 - 0.5) / (0.4 / 1.0)  # four tenths took a second since the first was heard of
    assert [one.expected_wait(job) for job in waiting] == pytest.approx([left, left + 1.2 + left])
    now += 1.0
    assert [one.expected_wait(job) for job in waiting] == pytest.approx([left - 1, left - 1 + 1.2 + left])
    one._estimates._took["slow"] = deque([7.0])  # what is known of those that are over goes before
    assert [one.expected_wait(job) for job in waiting] == pytest.approx([left - 1, left - 1 + 7.0])


def test_a_running_job_stops_within_a_second(pair: Engine, shelf: Path) -> None:
    job = pair.start(Slow(LONG))
    until(lambda: job.frames > 1)
    worker = job.worker
    job.stop()
    assert job.done
    assert until(lambda: not any(job.run in keys for keys in pair.pool.client.processing().values())) < 1 + SLACK
    shown = job.frames
    until(lambda: job.run not in pair._out)
    assert (job.finished, job.error, job.frames) == (False, None, shown)
    assert job.latest.progress < 1
    assert worker in pair.pool.client.scheduler_info()["workers"]  # it listened, so it keeps its worker
    assert store.own().get(job.lab) is None
    assert not shelf.exists()


@pytest.mark.usefixtures("shelf")
def test_a_stopped_recipe_can_be_started_again(engine: Engine) -> None:
    lab = Slow(0.5)
    first = engine.start(lab)
    until(lambda: first.frames)
    first.stop()
    again = engine.start(lab)
    assert again is not first
    assert engine.running(lab) is again
    assert ended(again).finished
    assert (again.latest.progress, first.finished) == (1.0, False)
    stored = store.own().get(lab)
    assert stored is not None
    assert stored.progress == 1.0


def test_stopping_what_is_done_does_nothing(engine: Engine) -> None:
    job = ended(engine.start(Slow(0.0)))
    job.stop()
    assert (job.finished, job.error, job.latest.progress) == (True, None, 1.0)


def test_an_error_arrives_as_what_it_was(engine: Engine, shelf: Path, caplog: pytest.LogCaptureFixture) -> None:
    job = ended(engine.start(Slow(fails=True)))
    assert isinstance(job.error, DivergedError)
    assert (job.error.knob, job.error.step, job.finished) == ("learning_rate", 1, False)
    assert engine.running(job.lab) is None
    assert not shelf.exists()
    until(lambda: caplog.records)  # it is written down once it is over
    (said,) = [vars(record) for record in caplog.records]
    assert (said["msg"], said["recipe"], said["exc_info"]) == ("job failed", job.key, None)
    assert "diverged" in said["error"]


def test_two_apps_on_one_cluster_do_not_disturb_each_other(
    pair: Engine, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HORIZON_SCHEDULER", pair.pool.client.scheduler.address)
    lab = Slow(1.0, ledger=ledger.path)
    ours = pair.start(lab)
    other = engines.from_environment()
    assert other.pool.cluster is None
    theirs = other.start(lab)
    until(lambda: ours.frames and theirs.frames)
    ours.stop()
    assert ended(theirs).finished
    assert theirs.latest.progress == 1.0
    assert not ours.finished
    assert len(ledger()) == 2
    assert ours.run != theirs.run
    other.close()
    assert ended(pair.start(Slow(0.1))).finished  # closing it ended nothing of ours


def test_nobody_outside_this_machine_can_reach_the_processes(pair: Engine) -> None:
    """Workers run whatever they are sent."""
    listening = [
        one.laddr.ip
        for pid in cluster(pair)
        for one in psutil.Process(pid).net_connections("inet")
        if one.status == psutil.CONN_LISTEN
    ]
    assert len(listening) >= 5  # a scheduler, two nannies, two workers
    assert set(listening) <= {"127.0.0.1", "::1"}


def test_a_job_that_is_stopped_before_it_has_a_worker_never_gets_one(
    pair: Engine, ledger: Ledger, tmp_path: Path
) -> None:
    deaf = [pair.start(Slow(LONG, deaf=True, seed=seed, ledger=ledger.path)) for seed in range(2)]
    until(lambda: len(ledger()) == 2 and all(job.worker for job in deaf))
    for job in deaf:
        job.stop()
    until(lambda: not any(job.run in pair._out for job in deaf) and not any(map(alive, ledger())))
    unlucky = Ledger(tmp_path / "unlucky")
    job = pair.start(Slow(LONG, deaf=True, ledger=unlucky.path))  # both workers are only just coming back
    job.stop()
    assert ended(pair.start(Slow(0.1))).finished
    assert unlucky() == []


def test_one_visitor_with_ten_starts_does_not_hold_up_the_others(pair: Engine) -> None:
    greedy = [pair.start(Slow(0.2, seed=seed), "greedy") for seed in range(12)]
    with pytest.raises(FullError, match="10 jobs of this visitor wait"):
        pair.start(Slow(0.2, seed=12), "greedy")
    others = [pair.start(Slow(0.2, seed=seed), f"other {seed}") for seed in range(20, 24)]
    assert [job.place_in_line for job in others] == [2, 3, 4, 5]
    assert pair.start(greedy[-1].lab, "another") is greedy[-1]
    assert greedy[-1].place_in_line == 6
    for job in (*greedy, *others):
        assert ended(job).finished


def test_the_line_ends_somewhere(pair: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "WAITING", 1)
    busy = [pair.start(Slow(LONG, seed=seed), "one") for seed in range(3)]
    with pytest.raises(FullError, match="1 jobs wait already"):
        pair.start(Slow(LONG, seed=4), "other")
    assert pair.start(busy[2].lab, "other") is busy[2]  # to join is no burden


def test_the_host_is_told_how_it_goes(pair: Engine) -> None:
    before = pair.counts()
    good, bad = pair.start(Slow(0.0)), pair.start(Slow(fails=True))
    ended(good), ended(bad)
    stopped = pair.start(Slow(LONG))
    assert pair.counts()["running"] >= 1
    stopped.stop()
    until(lambda: not pair._out)
    after = pair.counts()
    assert [after[how] - before[how] for how in ("done", "failed", "stopped")] == [1, 1, 1]
    assert (after["workers"], after["running"], after["waiting"]) == (2, 0, 0)
    assert 0 <= after["mean_wait"] < PATIENCE


def test_workers_of_another_version_are_refused_by_name(
    pair: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """When the app connects and, of those who came later, when they get a job."""
    for module in (engines, pool):
        monkeypatch.setattr(module, "version", lambda: "horizon 00000000")
    with pytest.raises(
        VersionMismatchError, match=r"this app is horizon 00000000, the worker is horizon [0-9a-f]{8} \(torch"
    ):
        Engine(pair.pool.client.scheduler.address).start(Slow(0.0))
    job = ended(pair.start(Slow(0.0)))
    assert isinstance(job.error, VersionMismatchError)
    assert (job.error.ours, job.error.theirs) == ("horizon 00000000", worker.version())
    until(lambda: caplog.records)  # it is written down once it is over
    assert "horizon 00000000" in vars(caplog.records[-1])["error"]


def test_a_cluster_that_others_started_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ledger: Ledger) -> None:
    """Started by Dask's own commands, with a worker that has no nanny: what cannot be replaced is left alone."""
    place = tmp_path / "scheduler.json"
    ways = ["--scheduler-file", str(place), "--no-dashboard", "--host", "127.0.0.1"]
    worker = ["--nthreads", "1", "--no-nanny", "--local-directory", str(tmp_path)]
    told = [["scheduler", "--port", "0", "--dashboard-address", "127.0.0.1:0", *ways], ["worker", *worker, *ways]]
    started = [
        subprocess.Popen([sys.executable, "-m", "dask", *words], cwd=ROOT, stderr=subprocess.DEVNULL) for words in told
    ]
    try:
        until(place.exists)
        with distributed.Client(scheduler_file=str(place), set_as_default=False) as client:
            monkeypatch.setenv("HORIZON_SCHEDULER", client.scheduler.address)
            client.wait_for_workers(1, timeout=PATIENCE)
        one = engines.from_environment()
        assert ended(one.start(Slow(0.3, ledger=ledger.path))).finished
        assert len(ledger()) == 1
        deaf = one.start(Slow(1.0, deaf=True, ledger=ledger.path))
        until(lambda: len(ledger()) == 2)
        deaf.stop()
        until(lambda: deaf.run not in one._out)
        assert (deaf.done, deaf.error) == (True, None)
        assert ended(one.start(Slow(0.1))).finished
        one.close()
    finally:
        for process in started:
            process.kill()
            process.wait()


def test_the_environment_says_how_many_workers_with_how_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HORIZON_WORKERS", "3")
    monkeypatch.setenv("HORIZON_MEMORY", "2 GiB")
    cluster = engines.from_environment().pool.cluster
    assert cluster
    assert (cluster.workers, cluster.memory) == (3, 2 * GIB)
    monkeypatch.setenv("HORIZON_WORKERS", "auto")
    with pytest.raises(SettingError, match="HORIZON_WORKERS: got 'auto'; say how many"):
        engines.from_environment()
