"""The processes that compute: one Dask scheduler, and workers with one thread each under a nanny that replaces them.

    python -m lib.jobs.cluster scheduler tcp://0.0.0.0:8786         prints its address, then serves
    python -m lib.jobs.cluster worker tcp://host:8786 [1.5GiB]      joins it, when it is warm (see lib.jobs.preload)

So they are started by hand, on other machines. `Cluster` starts them as children of the app, with `child` before these
words: a child ends when its standard input ends, which the operating system sees to even if the app is killed; a worker
ends with its nanny. (distributed.LocalCluster cannot start from a Streamlit script: it would run the script again in
each child.)
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

LOOPBACK = "tcp://127.0.0.1:0"
NICE = 10  # pages come first: a click waits for the processor, a run for its end
REST = 1.0  # seconds before a dead nanny is replaced: whatever killed it may do so again at once
ROOT = Path(__file__).parents[2]
ONE_THREAD: dict[str, str] = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
QUIET = {
    "MALLOC_ARENA_MAX": "1",  # glibc's heap for each thread: what one has freed, a job in another could not use
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    "DASK_DISTRIBUTED__ADMIN__SYSTEM_MONITOR__GIL__ENABLED": "False",
    "DASK_DISTRIBUTED__ADMIN__LOW_LEVEL_LOG_LENGTH": "20",  # the scheduler keeps so many frames, not a thousand
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",  # a job that kills two workers is not given a third
    # Near its limit a worker would spill what it does not have, then take no more jobs; a nanny ends it at 95 %.
    "DASK_DISTRIBUTED__WORKER__MEMORY__TARGET": "False",
    "DASK_DISTRIBUTED__WORKER__MEMORY__SPILL": "False",
    "DASK_DISTRIBUTED__WORKER__MEMORY__PAUSE": "False",
    "DASK_DISTRIBUTED__LOGGING__DISTRIBUTED": "error",
    "PYTHONWARNINGS": "ignore:resource_tracker",  # it would report what the sudden end of a child leaves it to tidy up
}


@dataclass
class Cluster:
    """A scheduler and `workers` worker processes on this machine, each within `memory` (as '1.5 GiB').

    warm: the module that a worker imports before it takes its first job.
    """

    workers: int
    memory: str
    preload: str = "lib.jobs.preload"
    _children: list[subprocess.Popen[str]] = field(default_factory=list)
    _address: str = ""
    _lock: Any = field(default_factory=threading.Lock)

    def start(self) -> str:
        """Start all processes and return the scheduler's address. Raises RuntimeError if it does not come up."""
        self.stop()
        scheduler = self._child("scheduler", LOOPBACK)
        assert scheduler.stdout
        self._address = scheduler.stdout.readline().strip()
        if not self._address:
            raise RuntimeError("the scheduler ended before it told its address; its own message stands above")
        for _ in range(self.workers):
            self._worker()
        return self._address

    def alive(self) -> bool:
        """False once the scheduler is gone, and all work with it."""
        return bool(self._children) and self._children[0].poll() is None

    def stop(self) -> None:
        """End all processes: their input ends, and they with it."""
        with self._lock:
            children = list(self._children)
            self._children.clear()
        for child in children:
            if child.stdin:
                child.stdin.close()
        for child in children:
            self._end(child)

    def _worker(self) -> None:
        """Start a nanny, and another one whenever it dies."""
        child = self._child("worker", self._address, self.memory, self.preload)
        threading.Thread(target=self._replace, args=(child,), daemon=True).start()

    def _replace(self, child: subprocess.Popen[str]) -> None:
        child.wait()
        time.sleep(REST)
        with self._lock:
            if child in self._children and self.alive():
                self._children.remove(child)
                self._end(child)
                self._worker()

    def _end(self, child: subprocess.Popen[str]) -> None:
        """Wait for the end of a child that was told or is dead, and let go of its pipes."""
        try:
            child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe:
                pipe.close()

    def _child(self, *words: str) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            [sys.executable, "-m", "lib.jobs.cluster", "child", *words],
            cwd=ROOT,
            env=os.environ | ONE_THREAD | QUIET,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if words[0] == "scheduler" else None,
            text=True,
            start_new_session=True,  # Ctrl-C in the terminal is for the app, which ends them in order
        )
        self._children.append(child)
        return child


async def scheduler(address: str) -> None:
    """Serve at an address; port 0 is any that is free."""
    from distributed import Scheduler

    at = urlsplit(address)
    async with Scheduler(host=at.hostname, port=at.port or 0, dashboard=False, dashboard_address="127.0.0.1:0") as one:
        print(one.address, flush=True)
        await one.finished()


async def worker(address: str, memory: str = "1.5 GiB", preload: str = "lib.jobs.preload") -> None:
    """Join a scheduler, now or when it is there, with one thread and at most so much memory."""
    import dask.config
    from distributed import Nanny
    from distributed.comm.addressing import get_address_host
    from distributed.utils import get_ip

    # Dask has workers give freed memory back at once. A network takes it again at its next step: half as long again.
    dask.config.set({"distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": None})
    async with Nanny(
        address,
        host=get_ip(get_address_host(address)),  # as near as the scheduler: workers run whatever they are sent
        nthreads=1,
        memory_limit=memory,
        env=ONE_THREAD | QUIET,
        preload=preload,
        dashboard=False,
        local_directory=os.environ.get("HORIZON_SCRATCH"),
    ) as one:
        await one.finished()


def _end_with(read: Callable[[], str]) -> None:
    """End this process, at once, when a blocking read comes back empty."""

    def watch() -> None:
        while read():
            pass
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def main(words: list[str]) -> None:
    if words[0] == "child":
        _end_with(sys.stdin.readline)
        words = words[1:]
        if words[0] == "worker" and hasattr(os, "nice"):
            os.nice(NICE)
    os.environ.update({name: value for name, value in (ONE_THREAD | QUIET).items() if name not in os.environ})
    what = {"scheduler": scheduler, "worker": worker}[words[0]]
    asyncio.run(what(*words[1:]))


if __name__ == "__main__":
    main(sys.argv[1:])
