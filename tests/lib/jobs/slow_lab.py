"""A lab that only takes its time: for tests of what carries labs."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from lib import compare, core
from lib.knobs import check, number, switch
from lib.uploads import Photo


@dataclass(frozen=True)
class Ticked:
    """trail: (ticks so far,) their numbers."""

    verdict: core.Verdict
    progress: float
    trail: np.ndarray


@dataclass(frozen=True)
class Slow:
    """Yields fifty results a second for `seconds`; a deaf one yields none in between.

    fails: diverges at its first result; kills: takes its process with it; eats: takes 20 MB more at each. ledger: a
    file that each run signs, a line with the number of its process, when it begins.
    """

    name: ClassVar[str] = "slow"
    version: ClassVar[int] = 1
    result: ClassVar[type] = Ticked
    presets: ClassVar[dict[str, dict[str, Any]]] = {"default": {}, "brief": {"seconds": 0.0}}
    unit: ClassVar[str] = "s"
    seconds: float = number(1.0, 0.0, 1e6)
    deaf: bool = switch(False)
    fails: bool = switch(False)
    kills: bool = switch(False)
    eats: bool = switch(False)
    seed: int = number(0, 0, 1000)
    ledger: str = ""

    def __post_init__(self) -> None:
        check(self)

    def run(self) -> Iterator[Ticked]:
        if self.ledger:
            with Path(self.ledger).open("a") as book:
                book.write(f"{os.getpid()}\n")
        axis = core.Axis("time", self.unit, (0.0, 0.1), (0.0, 1.0))
        one = core.answerer("clock", "program", axis, np.array([[0.0, self.seed / 7]]), 0.1, core.Price())
        ticks = max(1, int(self.seconds * 50))
        eaten = []
        for tick in range(1, ticks + 1):
            if self.eats:
                eaten.append(np.ones(20_000_000, np.uint8))
            if self.deaf:
                time.sleep(self.seconds)
            time.sleep(min(self.seconds, 0.02))
            if self.fails:
                raise core.DivergedError("learning_rate", tick)
            if self.kills:
                os._exit(1)
            yield Ticked(compare.verdict(self, axis, 0.1, [one]), tick / ticks, np.arange(float(tick)))


@dataclass(frozen=True)
class Seeing(Slow):
    """The same with a visitor's own photo, at which it does not look."""

    photo: Photo | None = None
