"""Throw: how far a rocket without an engine flies, learned from throws or worked out from Newton's law.

The network sees throws from a narrow range of one quantity and is asked far outside it. A control gets the same
throws as the one number that matters, v² sin 2θ / g; a baseline from scikit-learn shows what remembering is worth.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np

from lib import core
from lib.compare import Answer, Contestant, compare
from lib.knobs import check, choice, number, switch

QUESTIONS = 200  # per exam value
TOLERANCE = 0.05  # of the true range
SHOWN = {"speed": 20.0, "angle": 45.0, "gravity": 9.81}  # the throw that is drawn, but for the axis


@dataclass(frozen=True)
class Flights:
    """One throw drawn at each exam value, with the ranges that the contestants name for it.

    throws: (exam values, 4) its questions; paths: (exam values, points, 2) true places (x, y) [m];
    names: who answers; landings: (names, exam values, 3) the median, smallest and largest range [m] over seeds;
    trace: (states, 5) the program's own flight through the usual throw: t [s], x, y [m], vx, vy [m/s].
    """

    throws: np.ndarray
    paths: np.ndarray
    trace: np.ndarray
    names: tuple[str, ...] = ()
    landings: np.ndarray = field(default_factory=lambda: np.zeros((0, 0, 3)))

    def with_landings(self, answers: Mapping[str, Answer]) -> Flights:
        """The same throws with everybody's present answers."""
        named = [np.atleast_2d(answer(self.throws)) for answer in answers.values()]
        spread = [np.stack([np.median(one, 0), one.min(0), one.max(0)], axis=-1) for one in named]
        return replace(self, names=tuple(answers), landings=np.array(spread))


@dataclass(frozen=True)
class Thrown:
    """What the lab knows so far: errors along the axis, and the flights with the landing points named."""

    verdict: core.Verdict
    progress: float
    loss: tuple[float, ...]
    flights: Flights


@dataclass(frozen=True)
class Throw:
    """How far does a rocket without an engine fly? A network against Newton."""

    name: ClassVar[str] = "throw"
    version: ClassVar[int] = 1
    result: ClassVar[type] = Thrown
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {},
        "more_examples": {"examples": 30_000},
        "wide": {"coverage": 0.9},
        "faster": {"leave": "speed"},
        "with_drag": {"drag": 0.02},
        "wrong_gravity": {"gravity_factor": 1.1},
        "hidden_drag": {"drag": 0.02, "feels_drag": False},
    }

    leave: str = choice("gravity", ("gravity", "speed", "angle"))
    coverage: float = number(0.0, 0.0, 0.9, step=0.1)
    examples: int = number(3000, 10, 30_000, stops=(10, 30, 100, 300, 1000, 3000, 10_000, 30_000))
    drag: float = number(0.0, 0.0, 0.05, step=0.005, unit="1/m")
    activation: str = choice("relu", ("relu", "tanh", "gelu", "snake"))
    baseline: str = choice("neighbours", ("neighbours", "gauss", "forest", "boosting"))
    width: int = number(64, 8, 256, step=8)
    depth: int = number(2, 1, 4, step=1)
    noise: float = number(0.0, 0.0, 0.5, step=0.01)
    steps: int = number(2000, 100, 5000, step=100)
    learning_rate: float = number(0.01, 0.0001, 1.0, stops=(0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 1.0))
    seeds: int = number(8, 1, 16, step=1)
    gravity_factor: float = number(1.0, 0.5, 2.0, step=0.05)
    feels_drag: bool = switch(True)
    seed: int = number(0, 0, 9999, step=1)

    def __post_init__(self) -> None:
        check(self)

    def asks(self) -> Any:
        from lib.tasks.throw import Throws

        return Throws(self.leave, self.coverage, self.drag)  # type: ignore[arg-type]

    def program(self) -> Any:
        from lib.programs.throw import Ballistics

        return Ballistics(self.gravity_factor, self.feels_drag)

    def idle(self) -> dict[str, str]:
        return {} if self.drag else {"feels_drag": "no_air"}

    def run(self) -> Iterator[Thrown]:
        """Yields where the contest stands after every snapshot of a learner. Raises DivergedError."""
        from lib.learners.classic import Classic
        from lib.learners.mlp import MLP

        net = MLP(
            width=self.width,
            depth=self.depth,
            activation=self.activation,  # type: ignore[arg-type]
            examples=self.examples,
            noise=self.noise,
            steps=self.steps,
            learning_rate=self.learning_rate,
        )
        told = replace(net, features=vacuum_range)
        contestants = (
            Contestant("network", "network", learner=net),
            Contestant("informed", "control", learner=told),
            Contestant("baseline", "baseline", learner=Classic(self.baseline, self.examples, self.noise)),  # type: ignore[arg-type]
            Contestant("program", "program", program=self.program()),
        )
        scene = scenery(self)
        for now in compare(self, contestants, questions=QUESTIONS, seeds=self.seeds, tolerance=TOLERANCE):
            yield Thrown(now.verdict, now.progress, now.loss, scene.with_landings(now.answers))


def vacuum_range(x: np.ndarray) -> np.ndarray:
    """The right feature: (n, 4) questions -> (n, 2), v² sin 2θ / g [m] and the drag coefficient [1/m]."""
    speed, angle, gravity, drag = x.T
    return np.column_stack([speed**2 * np.sin(2 * angle) / gravity, drag])


def scenery(lab: Throw) -> Flights:
    """The drawn throw carried along the axis, its true flights, and the program's steps through the usual one."""
    task = lab.asks()
    exam = task.axis.exam
    shown = {name: np.full(len(exam), value) for name, value in SHOWN.items()} | {lab.leave: np.array(exam)}
    throws = np.column_stack(
        [shown["speed"], np.radians(shown["angle"]), shown["gravity"], np.full(len(exam), lab.drag)]
    )
    paths = np.array([task.flight(one) for one in throws])
    usual = min(range(len(exam)), key=lambda i: abs(exam[i] - SHOWN[lab.leave]))
    return Flights(throws, paths, np.array(list(lab.program().trace(throws[usual]))))
