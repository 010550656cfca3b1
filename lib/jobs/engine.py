"""Runs labs on Dask: starts them, streams their results, stops them, computes the same recipe once.

The app keeps its own line: at most as many jobs as there are workers are with Dask at a time, so that the line is fair
and everybody's place is known. A job's results arrive packed (see store) at most ten times a second and are unpacked
once, however many watch. A job whose worker dies runs again on another one.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
import uuid
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from statistics import median
from typing import Any

from lib import store
from lib.jobs.cluster import QUIET, Cluster
from lib.jobs.job import FullError, Job, LostError, OverMemoryError, OverTimeError
from lib.jobs.queue import FairQueue, start_times
from lib.jobs.worker import TOPIC, VersionMismatchError, ask_to_stop, end_if_running, report_version, run_job, version

log = logging.getLogger("horizon.jobs")
PATIENCE = 0.6  # seconds that a job has to hear Stop, before its worker is replaced
LOOK = 1.0  # seconds between two looks at what nobody else reports: jobs over their time, workers that went or came
WAITING = 200  # jobs in line, of all visitors together
OWN = 10  # jobs in line of one visitor
RECENT = 20  # jobs whose times say what to expect of the next


class Engine:
    """The app's side of Dask: one client, a line of jobs, and the cluster of worker processes if it is our own.

    scheduler: address of a shared cluster, or None to start our own; workers and memory: of our own; seconds: the
    longest that a job may take.
    """

    def __init__(
        self, scheduler: str | None = None, workers: int = 2, memory: str = "1.5 GiB", seconds: float = 300.0
    ) -> None:
        self._shared = scheduler
        self._cluster = None if scheduler else Cluster(workers, memory)
        self._seconds = seconds
        self._lock = threading.RLock()
        self._clerk = ThreadPoolExecutor(1, "horizon-jobs")  # what comes of a job may block: a disk, a new cluster
        self._closed = threading.Event()
        self._queue = FairQueue()
        self._out: dict[str, Job] = {}
        self._jobs: dict[str, Job] = {}
        self._workers = 1
        self._watchers = 0
        self._ended: Counter[str] = Counter()
        self._waited: deque[float] = deque(maxlen=RECENT)
        self._took: dict[str, deque[float]] = {}

    @cached_property
    def client(self) -> Any:
        """Connected to a scheduler that runs; connects, and starts the cluster, on first use."""
        os.environ.update({name: value for name, value in QUIET.items() if name not in os.environ})
        from distributed import Client

        address = self._shared or self._cluster.start()  # type: ignore[union-attr]
        client = Client(address, set_as_default=False, timeout=20)
        try:
            if self._shared:
                _check(client)
            client.subscribe_topic(TOPIC, self._hear)
            client.subscribe_topic("worker-restart-memory", self._hear_of_memory)
        except BaseException:
            client.close(timeout=2)
            raise
        return client

    def connect(self) -> None:
        """Make ready before anybody waits. Raises OSError without a scheduler, MismatchError with a foreign worker."""
        with self._lock:
            if "client" in self.__dict__ and not self._alive():
                self._rebuild()
            if "client" not in self.__dict__:
                self._workers = self._count()
                self._closed = threading.Event()
                threading.Thread(target=self._look, args=(self._closed,), daemon=True).start()

    def running(self, lab: Any) -> Job | None:
        """The job of this recipe if it is under way."""
        job = self._jobs.get(store.key(lab))
        return None if job and job.done else job

    def start(self, lab: Any, owner: str = "") -> Job:
        """The job of this recipe: the one that is under way, or a new one in line, after those whose turn is earlier.

        Raises FullError if too many wait, and what `connect` raises.
        """
        key = store.key(lab)
        with self._lock:
            job = self.running(lab)
            if job:
                if job in self._queue:
                    self._queue.move_up(job, owner)
                return job
            if len(self._queue) >= WAITING or (owner and self._queue.count(owner) >= OWN):
                raise FullError(OWN if len(self._queue) < WAITING else WAITING, own=len(self._queue) < WAITING)
            self.connect()
            job = self._jobs[key] = Job(lab, self, key, f"{key}/{uuid.uuid4().hex[:12]}", owner)
            self._queue.put(job)
            self._send()
            return job

    def place(self, job: Job) -> int:
        with self._lock:
            return self._queue.position(job)

    def release(self, job: Job, visitor: str) -> None:
        """Stop a job unless others watch it: then it goes on for them."""
        if set(job.watchers) <= {visitor}:
            self.stop(job)

    def stop(self, job: Job, error: BaseException | None = None) -> None:
        """Take a job out of the line, or have its worker end it within a second; `error` is why, if nobody asked."""
        with self._lock:
            if job.done or job.finished:
                return
            job.end(error)
            self._note("failed" if error else "stopped", job)
            self._jobs.pop(job.key, None)
            if job in self._queue:
                self._queue.remove(job)
                return
        self.client.run(ask_to_stop, job.run, wait=False, on_error="ignore")
        insisting = threading.Timer(PATIENCE if job.worker else 0.0, self._insist, [job])
        insisting.daemon = True
        insisting.start()

    def close(self) -> None:
        """Let go of the cluster; end it if it is our own. Whatever is not done is lost."""
        with self._lock:
            for job in [*self._queue, *self._out.values()]:
                self._lose(job, "the app let go of its workers")
            self._disconnect()

    def expected_wait(self, job: Job) -> float | None:
        """Seconds until a waiting job starts, by what the jobs before it have taken or will; None if nobody knows."""
        with self._lock:
            ahead = list(self._queue)
            if job not in ahead:
                return 0.0
            lengths = [self._length(one) for one in ahead[: ahead.index(job)]]
            left = [self._left(one) for one in self._out.values()]
        if None in lengths or None in left:
            return None
        idle = [0.0] * (self._workers - len(left))
        *_, wait = start_times([*left, *idle], [*lengths, 0.0])  # type: ignore[list-item]
        return wait

    def counts(self) -> dict[str, float]:
        """For the host: how many jobs run, wait and have ended how, since the start; recent waits in seconds."""
        with self._lock:
            told = {"workers": self._workers, "running": len(self._out), "waiting": len(self._queue)}
            told |= {how: self._ended[how] for how in ("done", "stopped", "failed")}
            return told | {"mean_wait": sum(self._waited) / len(self._waited) if self._waited else 0.0}

    @contextmanager
    def watching(self, job: Job, visitor: str) -> Iterator[None]:
        """Note a visitor of a job for as long as they look; twice, while the run of a page follows upon another."""
        job.watchers.append(visitor)
        self._watchers += 1
        try:
            yield
        finally:
            job.watchers.remove(visitor)
            self._watchers -= 1

    def pause(self) -> float:
        """Seconds between two looks at a job: a fifth for few watchers, up to one in a crowd of a hundred."""
        return min(1.0, max(0.2, 0.01 * self._watchers))

    def _length(self, job: Job) -> float | None:
        """Seconds that a job will take, by the last ones of its lab; else by those of the lab that run now."""
        name = type(job.lab).name
        if name in self._took:
            return median(self._took[name])
        now = time.monotonic()
        peers = [(one, one.seconds_left) for one in self._out.values() if type(one.lab).name == name]
        totals = [now - (one.began or now) + left for one, left in peers if left is not None]
        return median(totals) if totals else None

    def _left(self, job: Job) -> float | None:
        """Seconds until a job that is with a worker ends."""
        left, length = job.seconds_left, self._length(job)
        if left is None and length is not None:
            left = max(0.0, length - (time.monotonic() - job.began if job.began else 0.0))
        return left

    def _count(self) -> int:
        """How many jobs can run at once: one a worker, those of our own that are still coming up included."""
        client = self.client
        return self._cluster.workers if self._cluster else max(1, len(client.scheduler_info(n_workers=-1)["workers"]))

    def _send(self) -> None:
        """Hand jobs from the head of the line to Dask while there are workers for them."""
        while self._queue and len(self._out) < self._workers:
            job = self._queue.get()
            self._out[job.run] = job
            self._waited.append(time.monotonic() - job.asked)
            client = self.client
            job.future = client.submit(run_job, job.lab, job.run, version(), key=job.run, pure=False)
            asyncio.run_coroutine_threadsafe(self._follow(job, client, job.future), client.loop.asyncio_loop)

    async def _follow(self, job: Job, client: Any, future: Any) -> None:
        """Wait for what Dask makes of a job, on the client's loop: a waiting thread would outlive a lost cluster."""
        told: tuple[bytes | None, BaseException | None]
        try:
            told = await client.gather(future, asynchronous=True), None
        except BaseException as fault:  # of the job, or of Dask: among them that the client was closed
            told = None, fault
        self._clerk.submit(self._end, job, *told)

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        _, news = event
        job = self._out.get(news["run"])
        if job and job.worker != news["worker"]:  # Dask signs every event
            job.worker, job.began, job.first = news["worker"], time.monotonic(), None
            self._note("begins", job)
        if job and "frame" in news and not job.done:
            job.receive(news)

    def _hear_of_memory(self, event: tuple[float, dict[str, Any]]) -> None:
        """A nanny ends a worker that has taken too much: the job is not to be tried on another."""
        _, news = event
        for job in list(self._out.values()):
            if job.worker == news["worker"]:
                job.worker = None  # nobody hears Stop there any more
                self._clerk.submit(self.stop, job, OverMemoryError(news["rss"] / 1e6))

    def _end(self, job: Job, blob: bytes | None, fault: BaseException | None) -> None:
        """Dask is through with a job: keep what it computed, give its place to the next."""
        if job.future is None:  # taken from Dask by _insist, or lost
            return
        with self._lock:
            job.finished = blob is not None and not job.done  # from here on it is too late to stop it
        try:
            if blob is not None and job.finished:
                self._keep(job, blob)
        except Exception as broken:
            job.finished, fault = False, broken
        if fault and not job.done:  # neither stopped nor lost
            job.end(_in_our_words(fault))
            self._note("failed", job)
        self._let_go(job)

    def _keep(self, job: Job, blob: bytes) -> None:
        """Store a finished result, then show it: whatever was shown as finished is there again later."""
        took = time.monotonic() - (job.began or time.monotonic())
        self._took.setdefault(type(job.lab).name, deque(maxlen=RECENT)).append(took)
        store.own().put(job.lab, store.unpack(type(job.lab).result, blob))
        job.frame, job.frames = blob, job.frames + 1
        job.end()
        self._note("done", job)

    def _let_go(self, job: Job) -> None:
        with self._lock:
            job.end()
            job.future = None
            self._out.pop(job.run, None)
            if self._jobs.get(job.key) is job:
                del self._jobs[job.key]
            if self._queue:
                self._resume()

    def _insist(self, job: Job) -> None:
        """A job that did not hear Stop, in time or at all, is taken from Dask, then loses the worker if it has one."""
        client, future = self.__dict__.get("client"), job.future
        if client is None or future is None:
            return
        if job.worker:
            log.warning("did not stop by itself; its worker is replaced", extra=self._about(job))
        job.future = None
        try:
            future.cancel(force=True)
            while any(job.run in keys for keys in client.processing().values()):
                time.sleep(0.01)  # the scheduler has not read it yet
            client.run(end_if_running, job.run, on_error="ignore")
        except Exception as fault:  # the cluster went away meanwhile, and the job with it
            log.debug("its worker was not replaced: %s", fault, extra=self._about(job))
        self._let_go(job)

    def _look(self, closed: threading.Event) -> None:
        """What nobody else would report, every second: jobs over time, a cluster that died, new shared workers."""
        while not closed.wait(LOOK):
            now = time.monotonic()
            for job in list(self._out.values()):
                if job.began and now - job.began > self._seconds:
                    self.stop(job, OverTimeError(self._seconds))
            try:
                with self._lock:
                    if closed.is_set():
                        return
                    if self._cluster and not self._alive():
                        self._resume()
                    elif self._shared and self._alive():
                        self._workers = self._count()
                        self._send()
            except Exception as fault:
                log.warning("the workers were not looked after: %s", fault)

    def _alive(self) -> bool:
        client = self.__dict__.get("client")
        return client is not None and client.status == "running" and (self._cluster is None or self._cluster.alive())

    def _rebuild(self) -> None:
        """Those in line keep their places; those who ran are lost."""
        log.warning("the workers are gone; starting new ones")
        for job in list(self._out.values()):
            self._lose(job, "the workers went away while this ran")
        self._disconnect()

    def _resume(self) -> None:
        """Serve those in line, on a new cluster if the old one is gone."""
        try:
            self.connect()
            self._send()
        except Exception as fault:
            log.warning("no workers for those in line: %s", fault)
            for job in list(self._queue):
                self._lose(job, str(fault))

    def _lose(self, job: Job, why: str) -> None:
        if job.finished:
            return
        job.end(LostError(why))
        job.future = None
        self._note("failed", job)
        self._out.pop(job.run, None)
        if job in self._queue:
            self._queue.remove(job)
        if self._jobs.get(job.key) is job:
            del self._jobs[job.key]

    def _disconnect(self) -> None:
        self._closed.set()
        client = self.__dict__.pop("client", None)
        if client:
            client.close(timeout=2)
        if self._cluster:
            self._cluster.stop()

    def _about(self, job: Job) -> dict[str, Any]:
        """What a log may say of a job: its lab and its recipe's short hash, nothing of who asked."""
        return {"recipe": job.key, "worker": job.worker or "", "waiting": len(self._queue)}

    def _note(self, what: str, job: Job) -> None:
        """Count an end, and log it and a beginning."""
        self._ended[what] += 1
        now = time.monotonic()
        told = {"waited": now - job.asked} if what == "begins" else {"seconds": now - job.began if job.began else 0.0}
        ours = type(job.error).__module__.startswith("lib.")
        log.log(
            logging.WARNING if job.error else logging.INFO,
            f"job {what}",
            extra=self._about(job) | told | ({"error": str(job.error)} if job.error else {}),
            exc_info=None if ours else job.error,  # a fault of the lab's, for whoever mends it
        )


def _check(client: Any) -> None:
    """Raise MismatchError if a worker that is there is not of our version; later ones are looked at by each job."""
    for told in client.run(report_version, on_error="return").values():
        theirs = told if isinstance(told, str) else f"an older one ({told})"
        if theirs != version():
            raise VersionMismatchError(version(), theirs)


def _in_our_words(fault: BaseException) -> BaseException:
    """What Dask says when a worker was lost twice, or the scheduler was, as one of our own errors."""
    from distributed import CancelledError, KilledWorker
    from distributed.client import FutureCancelledError

    if isinstance(fault, (CancelledError, KilledWorker, FutureCancelledError)):
        return LostError(str(fault))
    return fault


def from_environment() -> Engine:
    """On the cluster at HORIZON_SCHEDULER, or with HORIZON_WORKERS (one a core) of HORIZON_MEMORY of our own."""
    return Engine(
        os.environ.get("HORIZON_SCHEDULER") or None,
        int(os.environ.get("HORIZON_WORKERS") or max(1, min(os.cpu_count() or 1, 8))),
        os.environ.get("HORIZON_MEMORY") or "1.5 GiB",
        float(os.environ.get("HORIZON_SECONDS") or 300.0),
    )
