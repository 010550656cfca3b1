"""One launch by hand, in the real world of a Moonshot's first seed: a job of its own, counted like any other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lib import core
from lib.labs.moonshot import Moonshot

POINTS = 96  # kept of the path


@dataclass(frozen=True)
class Flown:
    """What came of it: altitude of the pass [km], its day, the ending (see lib.tasks.threebody), and the path.

    lines: (points, 3) day, x, y [km] in the turning frame. The verdict has nobody in it.
    """

    verdict: core.Verdict
    progress: float
    altitude: float
    day: float
    ending: int
    lines: np.ndarray


@dataclass(frozen=True)
class Flight:
    """A launch at a speed [km/s] and a phase [°] in the world of a lab; its repr is its recipe."""

    name: ClassVar[str] = "flight"
    version: ClassVar[int] = 1
    result: ClassVar[type] = Flown

    lab: Moonshot
    speed: float
    phase: float

    def run(self) -> Iterator[Flown]:
        from lib.tasks.orbit import launch
        from lib.tasks.trials import thin

        task = self.lab.asks()
        world = task.world(task.axis.exam[0])
        burns = world.legal(np.array([[self.speed, self.phase]]))
        told, lines = launch([world], burns, self.lab.surprises()[:1], paths=True)
        nobody = core.Verdict(self.name, self.version, repr(self), task.axis, self.lab.within, (), "km")
        altitude, day, ending = float(told.altitude[0]), float(told.day[0]), int(told.ending[0])
        yield Flown(nobody, 1.0, altitude, day, ending, thin(lines, POINTS)[0])
