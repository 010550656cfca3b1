"""How long jobs take and wait, by those before them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection, Sequence
from statistics import median

from lib.jobs.job import Job
from lib.jobs.queue import start_times

RECENT = 20  # jobs of a lab whose times say what to expect of the next


class Estimates:
    """Times of the last finished jobs of each lab, and what they say of those that run and wait."""

    def __init__(self) -> None:
        self._took: dict[str, deque[float]] = {}

    def note(self, job: Job) -> None:
        """A job has finished just now."""
        took = time.monotonic() - (job.began or time.monotonic())
        self._took.setdefault(type(job.lab).name, deque(maxlen=RECENT)).append(took)

    def wait(self, ahead: Sequence[Job], running: Collection[Job], workers: int) -> float | None:
        """Seconds until the job behind those `ahead` starts on one of the workers that are there; None if unknown."""
        lengths = [self._length(one, running) for one in ahead]
        left = [self._left(one, running) for one in running]
        idle = [0.0] * (workers - len(left))
        if None in lengths or None in left or not workers:
            return None
        *_, wait = start_times([*left, *idle], [*lengths, 0.0])  # type: ignore[list-item]
        return wait

    def _length(self, job: Job, running: Collection[Job]) -> float | None:
        """Seconds that a job will take, by the last ones of its lab; else by those of the lab that run now."""
        name = type(job.lab).name
        if name in self._took:
            return median(self._took[name])
        now = time.monotonic()
        peers = [(one, one.seconds_left) for one in running if type(one.lab).name == name]
        totals = [now - (one.began or now) + left for one, left in peers if left is not None]
        return median(totals) if totals else None

    def _left(self, job: Job, running: Collection[Job]) -> float | None:
        """Seconds until a job that is with a worker ends."""
        left, length = job.seconds_left, self._length(job, running)
        if left is None and length is not None:
            left = max(0.0, length - (time.monotonic() - job.began if job.began else 0.0))
        return left
