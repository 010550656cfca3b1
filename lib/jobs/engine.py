"""Runs labs on Dask: starts them, streams their results, stops them, computes the same recipe once.

The app keeps its own queue: at most as many jobs as there are workers are with Dask at a time, so that it is fair and
everybody's place is known. A job's results arrive packed (see store) at most ten times a second and are unpacked
once, however many watch. A job whose worker dies runs again on another one.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
import uuid
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from lib import settings, store
from lib.jobs.cluster import Cluster
from lib.jobs.environment import JOINED
from lib.jobs.estimates import Estimates
from lib.jobs.job import FullError, Job, LostError, NoWorkersError, OverMemoryError, OverTimeError
from lib.jobs.pool import WorkerPool
from lib.jobs.queue import FairQueue
from lib.jobs.worker import TOPIC, ask_to_stop, end_if_running, run_job, version

log = logging.getLogger("horizon.jobs")
PATIENCE = 0.6  # seconds that a job has to hear Stop, before its worker is replaced
LOOK = 1.0  # seconds between two looks at what nobody else reports: jobs over their time, workers that went or came
REVIVALS = 4  # times in a row that a cluster is started anew by itself before a worker has come up
WAITING = 200  # jobs in the queue, of all visitors together
OWN = 10  # jobs in the queue of one visitor
RECENT = 20  # jobs whose waits are told to the host


class Engine:
    """Runs jobs: a fair queue before a pool of workers.

    scheduler: address of a shared cluster, or None for one of our own; workers and memory: how many of our own, each
    within how many bytes, None where the machine says it; seconds: the longest that a job may take.
    """

    def __init__(
        self,
        scheduler: str | None = None,
        workers: int | None = None,
        memory: int | None = None,
        seconds: float = 300.0,
    ) -> None:
        hear = {TOPIC: self._hear, "worker-restart-memory": self._hear_of_memory, JOINED: self._hear_of_worker}
        self.pool = WorkerPool(scheduler, None if scheduler else Cluster(workers, memory), hear)
        self._seconds = seconds
        self._lock = threading.RLock()
        self._clerk = ThreadPoolExecutor(1, "horizon-jobs")  # what comes of a job may block: a disk, a new cluster
        self._closed = threading.Event()
        self._queue = FairQueue()
        self._out: dict[str, Job] = {}
        self._taken: deque[str] = deque(maxlen=1000)  # runs taken from Dask
        self._jobs: dict[str, Job] = {}
        self._estimates = Estimates()
        self._watchers = 0
        self._revivals = 0
        self._ended: Counter[str] = Counter()
        self._waited: deque[float] = deque(maxlen=RECENT)

    def connect(self) -> None:
        """Have a scheduler, and workers there or coming. Raises NoWorkersError or VersionMismatchError."""
        with self._lock:
            if self.pool.client and (not self.pool.alive() or self.pool.worth_another_try()):
                self._rebuild()
            if not self.pool.client:
                self.pool.connect()
                self._closed = threading.Event()
                threading.Thread(target=self._look, args=(self._closed,), daemon=True).start()

    @property
    def ready(self) -> int:
        """How many workers are there."""
        return self.pool.ready

    def running(self, lab: Any) -> Job | None:
        """The job of this recipe if it is under way."""
        job = self._jobs.get(store.key(lab))
        return None if job and job.done else job

    def start(self, lab: Any, owner: str = "") -> Job:
        """The job of this recipe: the one that is under way, or a new one in the queue.

        Raises RefusedError: FullError if too many wait, NoWorkersError if none will come, or what `connect` raises.
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
            if why := self.pool.missing():
                raise NoWorkersError(why)
            job = self._jobs[key] = Job(lab, self, key, f"{key}/{uuid.uuid4().hex[:12]}", owner)
            self._queue.put(job)
            self._send()
            return job

    def place(self, job: Job) -> int:
        """A job's position in the queue, 1 for the next one; 0 for a job that is not in it."""
        with self._lock:
            return self._queue.position(job)

    def release(self, job: Job, visitor: str) -> None:
        """Stop a job unless others watch it: then it goes on for them."""
        if set(job.watchers) <= {visitor}:
            self.stop(job)

    def stop(self, job: Job, error: BaseException | None = None) -> None:
        """Take a job out of the queue, or have its worker end it within a second; `error` is why, if nobody asked."""
        with self._lock:
            if job.done or job.finished:
                return
            job.end(error)
            self._note("failed" if error else "stopped", job)
            self._jobs.pop(job.key, None)
            if job in self._queue:
                self._queue.remove(job)
                return
        client = self.pool.client
        if client:
            client.run(ask_to_stop, job.run, wait=False, on_error="ignore")
        insisting = threading.Timer(PATIENCE if job.worker else 0.0, self._insist, [job])
        insisting.daemon = True
        insisting.start()

    def close(self) -> None:
        """Let go of the cluster; end it if it is our own. Whatever is not done is lost."""
        with self._lock:
            for job in [*self._queue, *self._out.values()]:
                self._lose(job, LostError("the app let go of its workers"))
            self._disconnect()

    def expected_wait(self, job: Job) -> float | None:
        """Seconds until a waiting job starts, by what the jobs before it have taken or will; None if nobody knows."""
        with self._lock:
            ahead = list(self._queue)
            if job not in ahead:
                return 0.0
            return self._estimates.wait(ahead[: ahead.index(job)], self._out.values(), self.pool.ready)

    def counts(self) -> dict[str, float]:
        """For the host: workers that are there and that should be; jobs that run, wait and have ended how, since the
        start; recent waits in seconds."""
        with self._lock:
            told = {"workers": self.pool.ready, "workers_ordered": self.pool.ordered}
            told |= {"running": len(self._out), "waiting": len(self._queue)}
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

    def _send(self) -> None:
        """Hand jobs from the head of the queue to Dask while there are workers for them."""
        while self._queue and len(self._out) < self.pool.ready:
            job = self._queue.get()
            self._out[job.run] = job
            self._waited.append(time.monotonic() - job.asked)
            client = self.pool.client
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
        if news["run"] in self._taken:  # it was on its way to a worker that had not come yet when Stop went round
            self._clerk.submit(self._end_run, news["run"])
            return
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

    def _hear_of_worker(self, _: tuple[float, Any]) -> None:
        self._clerk.submit(self._recount)  # it asks the scheduler, for whose answers this thread waits

    def _recount(self) -> None:
        """Jobs go to workers that have come; who has waited for one too long is told."""
        with self._lock:
            if not self.pool.alive():
                return
            try:
                if self.pool.recount():
                    self._revivals = 0
                self._send()
            except Exception as fault:  # it goes away just now
                log.debug("the workers were not counted: %s", fault)
        if why := self.pool.missing():
            for job in [*self._queue, *self._out.values()]:
                self.stop(job, NoWorkersError(why))

    def _end(self, job: Job, blob: bytes | None, fault: BaseException | None) -> None:
        """Dask is through with a job: keep what it computed, give its place to the next."""
        if job.future is None:  # taken from Dask by _insist, or lost
            return
        if isinstance(fault, _cancellations()) and job.worker is None and not (job.done or job.sent_again):
            self._send_again(job)
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
        self._estimates.note(job)
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
        client, future = self.pool.client, job.future
        if client is None or future is None:
            return
        if job.worker:
            log.warning("did not stop by itself; its worker is replaced", extra=self._about(job))
        job.future = None
        self._taken.append(job.run)
        try:
            future.cancel(force=True)
            while any(job.run in keys for keys in client.processing().values()):
                time.sleep(0.01)  # the scheduler has not read it yet
        except Exception as fault:  # the cluster went away meanwhile, and the job with it
            log.debug("it was not cancelled: %s", fault, extra=self._about(job))
        self._end_run(job.run)
        self._let_go(job)

    def _end_run(self, run: str) -> None:
        """Whichever worker is at this run is replaced."""
        try:
            ended = self.pool.client.run(end_if_running, run, on_error="ignore")
            going = {worker for worker, ends in ended.items() if ends is True}
            while going & self.pool.workers():
                time.sleep(0.01)  # nobody else's job is to be sent there
            self._recount()
        except Exception as fault:  # the cluster went away meanwhile, and the run with it
            log.debug("its worker was not replaced: %s", fault)

    def _look(self, closed: threading.Event) -> None:
        """What nobody else would report, every second: jobs over time, a cluster that died, workers that stay away."""
        while not closed.wait(LOOK):
            now = time.monotonic()
            for job in list(self._out.values()):
                if job.began and now - job.began > self._seconds:
                    self.stop(job, OverTimeError(self._seconds))
            try:
                with self._lock:
                    if closed.is_set():
                        return
                    if self.pool.cluster and not self.pool.alive() and self._revivals < REVIVALS:
                        self._revivals += 1
                        self._resume()
                self._recount()
            except Exception as fault:
                log.warning("the workers were not looked after: %s", fault)

    def _rebuild(self) -> None:
        """Let go of what is left of the workers; jobs in the queue keep their places, those that ran are lost."""
        log.warning("the workers are gone; starting new ones")
        for job in list(self._out.values()):
            if job.worker is None and not (job.done or job.sent_again):
                self._put_back(job)
            else:
                self._lose(job, LostError("the workers went away while this ran"))
        self._disconnect()

    def _send_again(self, job: Job) -> None:
        """A job that was lost on its way to a worker, with its scheduler, is sent once more."""
        with self._lock:
            self._put_back(job)
            self._resume()

    def _put_back(self, job: Job) -> None:
        """Into the queue, before those who have not been served."""
        job.future, job.sent_again = None, True
        self._out.pop(job.run, None)
        self._queue.put_back(job)

    def _resume(self) -> None:
        """Serve the queue, on a new cluster if the old one is gone."""
        try:
            self.connect()
            self._send()
        except Exception as fault:
            log.warning("no workers for those in the queue", extra={"error": fault})
            for job in list(self._queue):
                self._lose(job, fault)

    def _lose(self, job: Job, why: BaseException) -> None:
        if job.finished:
            return
        job.end(why)
        job.future = None
        self._note("failed", job)
        self._out.pop(job.run, None)
        if job in self._queue:
            self._queue.remove(job)
        if self._jobs.get(job.key) is job:
            del self._jobs[job.key]

    def _disconnect(self) -> None:
        self._closed.set()
        self.pool.close()

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


def _in_our_words(fault: BaseException) -> BaseException:
    """What Dask says when a worker was lost twice, or the scheduler was, as one of our own errors."""
    from distributed import KilledWorker

    return LostError(str(fault)) if isinstance(fault, (KilledWorker, *_cancellations())) else fault


def _cancellations() -> tuple[type[BaseException], ...]:
    """What Dask raises for a job whose scheduler went away."""
    from distributed import CancelledError
    from distributed.client import FutureCancelledError

    return CancelledError, FutureCancelledError


def from_environment() -> Engine:
    """As the host has set it. Raises SettingError if that cannot be read."""
    asked = settings.read()
    return Engine(asked.scheduler, asked.workers, asked.memory, asked.seconds)
