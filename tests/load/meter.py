"""What a server costs while visitors are there: processor time and memory of its processes, and of the client."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from tests.bench.visitor import Server

GLANCE = 0.02  # seconds between two looks into the store
BREATH = 0.5  # seconds between two looks at the memory


def at(address: str) -> Server:
    """The server that listens at a loopback address. Raises ValueError, in one sentence, for any other."""
    told = urlsplit(address)
    try:
        ours = told.scheme == "http" and told.port is not None and ip_address(told.hostname or "").is_loopback
    except ValueError:
        ours = False
    if not ours:
        raise ValueError(f"--address takes a server on this machine, as http://127.0.0.1:8501, and got {address}")
    for one in psutil.net_connections("tcp"):
        if one.status == psutil.CONN_LISTEN and one.pid and one.laddr and one.laddr.port == told.port:
            return Server(f"http://{told.netloc}", psutil.Process(one.pid))
    raise ValueError(f"--address: no process of ours listens at {address}")


@dataclass(frozen=True)
class Reading:
    """Seconds of processor time so far: the client's own, and each process of the server by its part."""

    at: float
    client: float
    parts: dict[tuple[str, int], float]


def read(server: Server) -> Reading:
    parts = {(part, one.pid): sum(one.cpu_times()[:2]) for part, one in _processes(server)}
    return Reading(time.perf_counter(), time.process_time(), parts)


@contextmanager
def metered(server: Server) -> Iterator[dict[str, float]]:
    """Filled at the end of the block: what the server used in it, and the client, and the most memory there was."""
    told: dict[str, float] = {}
    before = read(server)
    with _highest(server) as most:
        yield told
    after = read(server)
    told["client, share of a core"] = (after.client - before.client) / (after.at - before.at)
    for part in ("web process", "workers", "scheduler and nannies"):
        used = sum(now - before.parts.get(one, 0.0) for one, now in after.parts.items() if one[0] == part)
        told[f"processor time, {part} [s]"] = used
    told |= most


@contextmanager
def _highest(server: Server) -> Iterator[dict[str, float]]:
    """Filled while the block runs: the highest of `memory` so far."""
    most: dict[str, float] = {}
    over = threading.Event()

    def watch() -> None:
        while True:
            with suppress(psutil.NoSuchProcess):  # one ended meanwhile
                for name, mb in memory(server).items():
                    most[name] = max(mb, most.get(name, 0.0))
            if over.wait(BREATH):
                return

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield most
    finally:
        over.set()
        watching.join()


def memory(server: Server) -> dict[str, float]:
    """Resident memory [MB] of the web process and of each worker."""
    told: dict[str, float] = {}
    workers = 0
    for part, one in _processes(server):
        if part == "workers":
            workers += 1
            told[f"memory, worker {workers} [MB]"] = one.memory_info().rss / 1e6
        elif part == "web process":
            told["memory, web process [MB]"] = one.memory_info().rss / 1e6
    return told


def workers(server: Server) -> int:
    """How many worker processes there are."""
    return sum(part == "workers" for part, _ in _processes(server))


def _processes(server: Server) -> Iterator[tuple[str, psutil.Process]]:
    yield "web process", server.process
    for one in server.process.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            words = one.cmdline()
            if "--multiprocessing-fork" in words:
                yield "workers", one
            elif "lib.jobs.cluster" in words:
                yield "scheduler and nannies", one


@asynccontextmanager
async def shelved(server: Server) -> AsyncIterator[list[tuple[str, float]]]:
    """The results that are written to the server's store while the block runs, with the time of each; in order."""
    told: list[tuple[str, float]] = []
    folder = server.store
    if folder is None:
        yield told
        return
    known = set(_files(folder))

    async def watch() -> None:
        while True:
            for one in _files(folder):
                if one not in known:
                    known.add(one)
                    told.append((one[0], time.perf_counter()))
            await asyncio.sleep(GLANCE)

    watching = asyncio.create_task(watch())
    try:
        yield told
    finally:
        await asyncio.sleep(2 * GLANCE)
        watching.cancel()


def _files(folder: Path) -> Iterator[tuple[str, int]]:
    """Each result's name and when it was written: a result that is computed again is written again."""
    with suppress(FileNotFoundError), os.scandir(folder) as found:
        yield from ((one.name, one.stat().st_mtime_ns) for one in found if one.name.endswith(".npz"))
