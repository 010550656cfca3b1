"""One recipe being computed, as everybody who watches it sees it, and what may end it early."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any, Protocol

from lib import store

PACE = 0.25  # seconds of work that say how fast the rest will go


class LostError(RuntimeError):
    """The scheduler, or two workers one after the other, went away and took the job with them."""


class OverTimeError(RuntimeError):
    """The job took longer than a job may."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds

    def __str__(self) -> str:
        return (
            f"stopped after {self.seconds:g} s, the longest that a job may take; ask for less, or set HORIZON_SECONDS"
        )


class OverMemoryError(RuntimeError):
    """The job took more memory than a worker may."""

    def __init__(self, megabytes: float) -> None:
        super().__init__(megabytes)
        self.megabytes = megabytes

    def __str__(self) -> str:
        return f"stopped at {self.megabytes:.0f} MB, more than a worker may take; ask for less, or set HORIZON_MEMORY"


class RefusedError(RuntimeError):
    """A job cannot be started now; why, its kinds say."""


class FullError(RefusedError):
    """The queue is as long as it may be: `own` if it is this visitor's share of it."""

    def __init__(self, most: int, *, own: bool) -> None:
        super().__init__(most, own)
        self.most, self.own = most, own

    def __str__(self) -> str:
        return f"{self.most} jobs {'of this visitor ' if self.own else ''}wait already; one has to be served first"


class NoWorkersError(RefusedError):
    """No worker is there, and none comes up; also what ends a job that has waited for one too long."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        return f"no worker is there to run this: {self.why}; mend that, and start it again"


class Runner(Protocol):
    """What a job asks of the engine that runs it."""

    def place(self, job: Job) -> int: ...
    def stop(self, job: Job) -> None: ...


@dataclass(eq=False)
class Job:
    """One recipe being computed, until it is `done`: `finished`, or stopped, or ended early by `error`."""

    lab: Any
    engine: Runner
    key: str
    run: str
    owner: str = ""
    turn: float = 0.0
    asked: float = field(default_factory=time.monotonic)
    began: float | None = None
    watchers: list[str] = field(default_factory=list)
    left: set[str] = field(default_factory=set)  # visitors who have stopped it while others watch
    done: bool = False
    finished: bool = False
    error: BaseException | None = None
    frame: bytes | None = None
    frames: int = 0
    worker: str | None = None
    future: Any = None
    sent_again: bool = False  # because it was lost before it had a worker
    over: threading.Event = field(default_factory=threading.Event)
    first: tuple[float, float, float] | None = None  # seconds of work, progress, and when we heard of it
    last: tuple[float, float, float] | None = None
    _drawn: tuple[bytes, Any] | None = None
    _unpacking: threading.Lock = field(default_factory=threading.Lock)

    @property
    def latest(self) -> Any | None:
        """The newest result, None before the first."""
        if self.frame is None:
            return None
        with self._unpacking:  # once, for a crowd that looks at the same time
            frame = self.frame
            if self._drawn is None or self._drawn[0] is not frame:
                self._drawn = frame, store.unpack(type(self.lab).result, frame)
            return self._drawn[1]

    @property
    def seconds_left(self) -> float | None:
        """How long it will take still, at the pace since its first result; None before anything is known."""
        if self.first is None or self.last is None:
            return None
        seconds, progress = (now - then for now, then in zip(self.last[:2], self.first[:2], strict=True))
        if seconds < PACE or progress <= 0:
            return None
        at_last = (1 - self.last[1]) * seconds / progress
        return max(0.0, at_last - (time.monotonic() - self.last[2]))

    def receive(self, news: dict[str, Any]) -> None:
        """A result has come."""
        self.frame, self.frames = news["frame"], self.frames + 1
        self.last = news["seconds"], news["progress"], time.monotonic()
        self.first = self.first or self.last

    @property
    def place_in_line(self) -> int:
        """Its position in the queue, 1 for the next one; 0 once it is with a worker."""
        return self.engine.place(self)

    def stop(self) -> None:
        """Ask the job to end within a second; its last result stays in `latest`."""
        self.engine.stop(self)

    def end(self, error: BaseException | None = None) -> None:
        """Nothing more comes. What ended it first stands."""
        if not self.done:
            self.error = error
        self.done = True
        self.over.set()
