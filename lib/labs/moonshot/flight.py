"""Launches by hand, in the real world of a Moonshot's first seed: a job of its own, counted like any other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lib import core
from lib.labs.moonshot.lab import Moonshot

POINTS = 96  # kept of a path


@dataclass(frozen=True)
class Flown:
    """What came of n launches.

    altitude: (n,) of the pass [km]; day: (n,) when; ending: (n,), see lib.tasks.moonshot.threebody.
    lines: (n, points, 3) day, x, y [km] in the turning frame. The verdict has nobody in it.
    """

    verdict: core.Verdict
    progress: float
    altitude: np.ndarray
    day: np.ndarray
    ending: np.ndarray
    lines: np.ndarray


@dataclass(frozen=True)
class Flight:
    """Launches, speed [km/s] and phase [°] of each, in the world of a lab; its repr is its recipe."""

    name: ClassVar[str] = "flight"
    version: ClassVar[int] = 2
    result: ClassVar[type] = Flown

    lab: Moonshot
    burns: tuple[tuple[float, float], ...]

    def run(self) -> Iterator[Flown]:
        from lib.tasks.moonshot.orbit import launch
        from lib.tasks.moonshot.trials import thin

        task, n = self.lab.asks(), len(self.burns)
        world = task.world(task.axis.exam[0])
        burns, unknown = world.legal(np.array(self.burns)), self.lab.model_errors()[:1]
        told, lines = launch([world] * n, burns, unknown * n, paths=True)
        nobody = core.Verdict(self.name, self.version, repr(self), task.axis, self.lab.within, (), "km")
        yield Flown(nobody, 1.0, told.altitude, told.day, told.ending, thin(lines, POINTS))
