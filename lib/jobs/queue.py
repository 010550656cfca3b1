"""The queue of jobs that wait for a worker: who is next, and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heapreplace
from typing import Any


@dataclass
class FairQueue:
    """First come, first served, but nobody twice before those who came meanwhile were served once.

    Start-time fair queueing (Goyal, Vin and Cheng 1996) with jobs of one size. A job joins with the number of its
    owner's turn, counted from the turn that is being served; the lowest is next, of equals the one that came first.
    So ten jobs of one owner hold nobody up for more than one of them, and a crowd cannot keep the ten out for ever.
    Jobs have an `owner` and a `turn`.
    """

    _jobs: list[Any] = field(default_factory=list)
    _serving: float = 0.0

    def put(self, job: Any) -> None:
        job.turn = self._turn(job.owner)
        self._jobs.append(job)
        self._jobs.sort(key=lambda one: one.turn)  # stable: of equals the one that came first

    def put_back(self, job: Any) -> None:
        """One that was taken out and not served: it is the first again."""
        job.turn = min([self._serving, *(one.turn for one in self._jobs)])
        self._jobs.insert(0, job)

    def move_up(self, job: Any, owner: str) -> None:
        """Somebody else wants a waiting job too: it moves up to where they would stand."""
        turn = self._turn(owner)
        if turn < job.turn:
            job.owner, job.turn = owner, turn
            self._jobs.sort(key=lambda one: one.turn)

    def get(self) -> Any:
        """Take out the first. Raises IndexError if there is none."""
        job = self._jobs.pop(0)
        self._serving = job.turn
        return job

    def remove(self, job: Any) -> None:
        self._jobs.remove(job)

    def count(self, owner: str) -> int:
        """How many jobs of an owner wait."""
        return sum(job.owner == owner for job in self._jobs)

    def position(self, job: Any) -> int:
        """1 for the next one; 0 for a job that is not in the queue."""
        return self._jobs.index(job) + 1 if job in self._jobs else 0

    def _turn(self, owner: str) -> float:
        return 1 + max([self._serving, *(job.turn for job in self._jobs if job.owner == owner)])

    def __iter__(self) -> Iterator[Any]:
        return iter(list(self._jobs))

    def __len__(self) -> int:
        return len(self._jobs)


def start_times(busy: Sequence[float], lengths: Iterable[float]) -> Iterator[float]:
    """Seconds until each job of a queue starts; busy: until each worker is free, lengths: of the jobs in order."""
    free = list(busy)
    heapify(free)
    for length in lengths:
        yield free[0]
        heapreplace(free, free[0] + length)
