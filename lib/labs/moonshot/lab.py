"""Moonshot: past the Moon at 100 km, in as few launches as possible; learners of several kinds against mechanics.

Everybody plays in real worlds that differ from the textbook in one small thing, another one for each seed, and pays for
every launch (lib.tasks.moonshot.trials keeps the ledger). Then the world changes, a little or a lot: first everybody
flies there what they know already, then all of them learn again, from nothing and from what they know.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lib.knobs import check, choice, number
from lib.labs.moonshot.shots import Shot
from lib.tasks.moonshot.orbit import ModelError, Moonshots


@dataclass(frozen=True)
class Moonshot:
    """How many launches does it take to pass the Moon at 100 km? Learners against a program that knows mechanics."""

    name: ClassVar[str] = "moonshot"
    version: ClassVar[int] = 2
    result: ClassVar[type] = Shot
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {},
        "patient": {"trials": 6000, "examples": 10000, "steps": 4000},
        "mass": {"change": "mass"},
        "altitude": {"change": "altitude"},
        "phobos": {"change": "planet"},
        "wide": {"within": 200.0},
        "wrong_gravity": {"gravity_factor": 0.98},
        "pushed": {"push": 500.0},
    }

    change: str = choice("distance", ("distance", "mass", "altitude", "planet"))
    target: float = number(100.0, 50.0, 1000.0, step=10.0, unit="km")
    within: float = number(50.0, 10.0, 200.0, step=10.0, unit="km")
    trials: int = number(400, 20, 6000, stops=(20, 60, 100, 200, 400, 600, 1000, 2000, 4000, 6000))
    examples: int = number(3000, 100, 30000, stops=(100, 300, 1000, 3000, 10000, 30000))
    thrust: float = number(0.5, 0.0, 2.0, step=0.1, unit="%")
    push: float = number(0.0, 0.0, 500.0, step=10.0, unit="µm/s²")
    parking: float = number(200.0, 185.0, 400.0, step=5.0, unit="km")
    width: int = number(64, 8, 128, step=8)
    steps: int = number(800, 100, 5000, step=100)
    learning_rate: float = number(0.01, 0.0001, 1.0, stops=(0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 1.0))
    seeds: int = number(5, 1, 8, step=1)
    gravity_factor: float = number(1.0, 0.9, 1.1, step=0.005)
    seed: int = number(0, 0, 9999, step=1)

    def __post_init__(self) -> None:
        check(self)

    def asks(self) -> Moonshots:
        return Moonshots(self.change, self.parking, self.target)  # type: ignore[arg-type]

    def program(self) -> Any:
        from lib.programs.moonshot import Navigator

        return Navigator(self.gravity_factor)

    def idle(self) -> dict[str, str]:
        return {}

    def model_errors(self) -> list[ModelError]:
        """What no textbook knows of each seed's world: the thrust is off by 0.2 to 1 times what the knob says."""
        rng = np.random.default_rng([self.seed, 3])
        sizes = rng.uniform(0.2, 1, 8) * rng.choice([-1, 1], 8) * self.thrust / 100
        sides = rng.uniform(0, 2 * np.pi, 8)
        every = [ModelError(float(a), self.push * 1e-9, float(b)) for a, b in zip(sizes, sides, strict=True)]
        return every[: self.seeds]

    def run(self) -> Iterator[Shot]:
        """Yields after every round of launches and every snapshot of the networks. Raises DivergedError."""
        from lib.labs.moonshot.contest import Contest  # imports learners

        yield from Contest(self).run()
