"""The processes that compute: one Dask scheduler, and workers with one thread each under a nanny that replaces them.

    python -m lib.jobs.cluster scheduler tcp://0.0.0.0:8786         prints its address, then serves
    python -m lib.jobs.cluster worker tcp://host:8786 1.5GiB        joins it, after its preload (see lib.jobs.preload)

So they are started by hand, on other machines. `Cluster` starts them as children of the app, with `child` before these
words: a child ends when its standard input ends, which the operating system sees to even if the app is killed; a worker
ends with its nanny. (distributed.LocalCluster cannot start from a Streamlit script: it would run the script again in
each child.)
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from lib import logs, settings
from lib.jobs import machine
from lib.jobs.environment import DASK, ONE_THREAD, set_defaults

log = logging.getLogger("horizon.jobs")
LOOPBACK = "tcp://127.0.0.1:0"
NICE = 10  # pages come first: a click waits for the processor, a run for its end
TRIES = 4  # times in a row that a worker may fail to come up
REST = 1.0  # seconds after the first of them; whatever ended it may do so again at once, so each rest is twice as long
PATIENCE = 60.0  # seconds that a scheduler has to come up
PRELOAD = "lib.jobs.preload"
ROOT = Path(__file__).parents[2]


@dataclass
class Cluster:
    """A scheduler and worker processes on this machine: how many and how large, None where the machine says it.

    memory: bytes that each worker may take; preload: the module that a worker imports before it takes its first job.
    ordered: how many workers were started; which are there, the scheduler knows. fault: why no worker will come, empty
    while one may; failed_at: since when.
    """

    workers: int | None
    memory: int | None
    preload: str = PRELOAD
    ordered: int = 0
    fault: str = ""
    failed_at: float = 0.0
    _children: list[subprocess.Popen[str]] = field(default_factory=list)
    _scheduler: subprocess.Popen[str] | None = None
    _stopped: threading.Event = field(default_factory=threading.Event)
    _given_up: int = 0
    _lock: Any = field(default_factory=threading.Lock)

    def start(self) -> str:
        """Start all processes and return the scheduler's address. Raises OSError if it does not come up."""
        self.stop()
        self._stopped, self._given_up, self.fault = threading.Event(), 0, ""
        self.ordered, memory = machine.fit(self.workers, self.memory)
        folder = machine.scratch()
        log.info("workers ordered", extra={"workers": self.ordered, "memory_mb": memory / 1e6, "folder": folder})
        address = self._start_scheduler(folder)
        words = ("worker", address, f"{memory}B", "--preload", self.preload)
        for _ in range(self.ordered):
            threading.Thread(target=self._keep, args=(self._stopped, folder, *words), daemon=True).start()
        return address

    def _start_scheduler(self, folder: str) -> str:
        scheduler = self._scheduler = self._child(self._stopped, folder, "scheduler", LOOPBACK)
        if scheduler is None or scheduler.stdout is None:
            raise OSError("the cluster was stopped while it started")
        limit = threading.Timer(PATIENCE, scheduler.kill)
        limit.start()
        told = scheduler.stdout.readline().strip()
        limit.cancel()
        if not told.startswith("tcp://"):
            why = told.removeprefix("down ") or "it ended before it told its address"
            raise OSError(f"the scheduler did not come up: {why}")
        return told

    def alive(self) -> bool:
        """False once the scheduler is gone, and all work with it."""
        return self._scheduler is not None and self._scheduler.poll() is None

    def stop(self) -> None:
        """End all processes: their input ends, and they with it."""
        self._stopped.set()
        with self._lock:
            children, self._children = self._children, []
            scheduler, self._scheduler = self._scheduler, None
        for child in children:
            if child.stdin:
                child.stdin.close()
        for child in children:
            try:
                child.wait(timeout=5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        if scheduler and scheduler.stdout:
            scheduler.stdout.close()

    def _keep(self, stopped: threading.Event, *words: str) -> None:
        """Run a nanny, and another one when it dies, until its worker has failed to come up too often in a row."""
        failures, why = 0, ""
        while failures < TRIES and (nanny := self._child(stopped, *words)):
            why = "its nanny was killed"
            assert nanny.stdin
            assert nanny.stdout
            with nanny.stdin, nanny.stdout:
                for line in nanny.stdout:  # a lab may print there, too
                    if line.startswith("up "):
                        failures, why = 0, "its nanny was killed"
                    elif line.startswith("down "):
                        why = line.removeprefix("down ").strip()
            nanny.wait()
            if stopped.is_set():
                return
            with self._lock:
                self._children.remove(nanny)
            failures += 1
            if failures == 1:
                log.warning("a worker did not come up or lost its nanny; it is started anew", extra={"error": why})
            stopped.wait(REST * 2 ** (failures - 1) if failures < TRIES else 0.0)
        if not stopped.is_set():
            self._give_up(why)

    def _give_up(self, why: str) -> None:
        """One worker less; without any, the cluster has a fault."""
        log.error("a worker is given up after %d tries in a row", TRIES, extra={"error": why})
        with self._lock:
            self._given_up += 1
            if self._given_up == self.ordered:
                self.fault, self.failed_at = why, time.monotonic()

    def _child(self, stopped: threading.Event, folder: str, *words: str) -> subprocess.Popen[str] | None:
        """A process that ends with this one; None if the cluster was stopped meanwhile."""
        with self._lock:
            if stopped.is_set():
                return None
            child = subprocess.Popen(
                [sys.executable, "-m", "lib.jobs.cluster", "child", *words],
                cwd=ROOT,
                env=os.environ | ONE_THREAD | DASK | {"DASK_TEMPORARY_DIRECTORY": folder},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,  # Ctrl-C in the terminal is for the app, which ends them in order
            )
            self._children.append(child)
            return child


def _end_with(read: Callable[[], str]) -> None:
    """End this process, at once, when a blocking read comes back empty."""

    def watch() -> None:
        while read():
            pass
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


class _Arguments(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{message}\n")


def _read(reader: Callable[[str], Any]) -> Callable[[str], Any]:
    """The same reader with an error that argparse tells after the argument's name."""

    def read(word: str) -> Any:
        try:
            return reader(word)
        except ValueError as fault:
            raise argparse.ArgumentTypeError(f"got {word!r}; {fault}") from fault

    return read


def _arguments(words: list[str]) -> argparse.Namespace:
    top = _Arguments(
        prog="python -m lib.jobs.cluster", description="A process of a cluster: the scheduler, or a worker."
    )
    kinds = top.add_subparsers(dest="kind", metavar="scheduler|worker", required=True)
    scheduler = kinds.add_parser("scheduler", help="print the address, then serve")
    scheduler.add_argument("address", metavar="ADDRESS", type=_read(settings.listened), help="tcp://HOST:PORT")
    worker = kinds.add_parser("worker", help="join a scheduler")
    worker.add_argument("address", metavar="ADDRESS", type=_read(settings.joined), help="tcp://HOST:PORT")
    worker.add_argument("memory", metavar="MEMORY", type=_read(settings.sized), nargs="?", help="1.5GiB, for example")
    worker.add_argument("--preload", default=PRELOAD, help=argparse.SUPPRESS)
    return top.parse_args(words)


def _command(told: argparse.Namespace) -> Coroutine[Any, Any, None]:
    from lib.jobs import servers  # imports Dask, which reads its environment then

    if told.kind == "scheduler":
        return servers.scheduler(*told.address)
    return servers.worker(told.address, told.memory or machine.fit(1, None)[1], told.preload)


def main(words: list[str]) -> int:
    """Serve until the end; the exit status."""
    child = words[:1] == ["child"]
    told = _arguments(words[child:])
    try:
        settings.read()
    except settings.SettingError as fault:
        print(fault, file=sys.stderr)
        return 2
    logs.begin()
    if child:
        _end_with(sys.stdin.readline)
        if told.kind == "worker" and hasattr(os, "nice"):
            os.nice(NICE)
    try:
        set_defaults(ONE_THREAD, DASK)
        if "DASK_TEMPORARY_DIRECTORY" not in os.environ:
            os.environ["DASK_TEMPORARY_DIRECTORY"] = machine.scratch()
        asyncio.run(_command(told))
    except KeyboardInterrupt:
        return 130
    except Exception as fault:
        if child:
            print("down", fault, flush=True)  # to Cluster, which tells it once
        else:
            log.error("the %s ended", told.kind, extra={"error": fault})
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
