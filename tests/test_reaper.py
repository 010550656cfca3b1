"""Nobody is left of what tests start: apps, their schedulers and workers, nginx and a browser."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.lib.jobs.clusters import called, until

ROOT = Path(__file__).parents[1]
FAMILY = ("chrom", "node", "nginx: worker", "streamlit", "scheduler", "worker tcp", "spawn_main", "tests.reaper")


def everybody(run: psutil.Process) -> list[psutil.Process]:
    """All below a run, once one of each kind is there."""

    def there() -> bool:
        words = [" ".join(called(one)) for one in run.children(recursive=True)]
        return all(any(kind in word for word in words) for kind in FAMILY)

    until(there)
    return run.children(recursive=True)


def worker(run: psutil.Process) -> psutil.Process:
    """The process in which pytest-xdist runs the tests."""
    return next(one for one in run.children() if called(one)[1:3] != ["-m", "tests.reaper"])


@pytest.mark.parametrize(
    ("processes", "end"),
    [
        ("0", lambda run: run.send_signal(signal.SIGINT)),
        ("1", psutil.Process.kill),
        ("1", lambda run: worker(run).kill()),
    ],
    ids=["Ctrl-C", "killed", "a worker of xdist is killed"],
)
def test_nobody_outlives_the_tests_however_they_end(
    processes: str, end: Callable[[psutil.Process], None], tmp_path: Path
) -> None:
    words = ["-m", "pytest", "-n", processes, "--max-worker-restart", "0", "-p", "no:cacheprovider"]
    run = psutil.Popen(
        [sys.executable, *words, "--basetemp", str(tmp_path), "tests/lasting.py"], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    try:
        family = everybody(run)
        end(run)
        run.wait(60)
        _, left = psutil.wait_procs(family, timeout=60)
        assert [called(one) for one in left] == []
    finally:
        if run.is_running():
            run.kill()
            run.wait()
