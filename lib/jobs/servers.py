"""Dask's scheduler, nanny and worker as they run here. Imports Dask: for processes that do nothing else."""

from __future__ import annotations

from typing import Any

import dask.config
import psutil
from distributed import Nanny, Scheduler, Worker
from distributed.comm.addressing import get_address_host
from distributed.core import Status
from distributed.preloading import PreloadManager
from distributed.utils import get_ip

from lib.jobs.environment import DASK, JOINED, ONE_THREAD


class WorkerStartError(RuntimeError):
    """A worker did not come up; the message says why."""


class StrictPreloads(PreloadManager):
    """A worker's preloads, after which it has to fit in its memory. Raises what fails; Dask would log it and go on."""

    def __init__(self, worker: Worker) -> None:
        super().__init__(list(worker.preloads))
        self._limit = worker.memory_manager.memory_limit

    async def start(self) -> None:
        for one in self:
            await one.start()
        taken, ended_at = psutil.Process().memory_info().rss, dask.config.get("distributed.worker.memory.terminate")
        if self._limit and taken > self._limit * ended_at:
            raise MemoryError(
                f"it takes {taken / 1e6:.0f} MB before its first job and may take {self._limit / 1e6:.0f} MB; "
                "set HORIZON_MEMORY higher, or have fewer workers"
            )


class PreloadedWorker(Worker):
    """Joins once its preload is done, and tells so."""

    def __init__(self, *told: Any, **settings: Any) -> None:
        super().__init__(*told, **settings)
        self.preloads = StrictPreloads(self)

    async def start_unsafe(self) -> Any:
        started = await super().start_unsafe()
        self.log_event(JOINED, {})  # so that nobody has to wait until the app looks again
        return started


class StrictNanny(Nanny):
    """Replaces a worker that dies, but ends, and says why in `fault`, when one dies before it has come up."""

    fault = ""
    _up = False

    async def instantiate(self) -> Status:
        self._up = False
        try:
            status = await super().instantiate()
        except Exception as fault:  # it has closed itself
            self.fault = _root(fault)
            raise
        self._up = status == Status.running
        if self._up:
            print("up", self.worker_address, flush=True)
        elif self.fault:
            await self.close(reason="worker did not come up")
        return status

    def _on_worker_exit_sync(self, exitcode: int) -> None:
        if self._up:
            super()._on_worker_exit_sync(exitcode)
        elif not self.fault:
            self.fault = f"its process ended with code {exitcode}; one below 0 is a signal, as sent at a memory limit"


def _root(fault: BaseException) -> str:
    """What was raised first, on one line."""
    while fault.__cause__ is not None:
        fault = fault.__cause__
    return " ".join(f"{type(fault).__name__}: {fault}".split())


async def scheduler(host: str, port: int) -> None:
    """Serve there, and print the address; port 0 is any that is free."""
    async with Scheduler(host=host, port=port, dashboard=False, dashboard_address="127.0.0.1:0") as one:
        print(one.address, flush=True)
        await one.finished()


async def worker(address: str, memory: int, preload: str) -> None:
    """Join a scheduler that is there within half a minute, with one thread and at most so many bytes.

    Prints `up` and its address whenever a worker has joined. Raises WorkerStartError when one does not come up.
    """
    # Dask has workers give freed memory back at once. A network takes it again at its next step: half as long again.
    dask.config.set({"distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": None})
    nanny = StrictNanny(
        address,
        host=get_ip(get_address_host(address)),  # as near as the scheduler: workers run whatever they are sent
        nthreads=1,
        memory_limit=str(memory),
        env=ONE_THREAD | DASK,
        preload=preload,
        worker_class=PreloadedWorker,
        dashboard=False,
    )
    try:
        async with nanny:
            await nanny.finished()
    except Exception as fault:
        raise WorkerStartError(nanny.fault or f"no scheduler at {address}: {_root(fault)}") from None
    if nanny.fault:
        raise WorkerStartError(nanny.fault)
