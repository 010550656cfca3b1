"""Paper ball: a network flattens a crumpled sheet by simple continuous moves, against an `if` that knows the jump.

The network learns which class a point is of. Every layer is shown as the moves that it makes. A control gets two more
numbers of width, a baseline may cut the sheet along one straight line only. The axis is the distance to the jump
between the classes, and goes on beyond the edge of the sheet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, ClassVar

import numpy as np

from lib import core
from lib.compare import Contestant, compare, training_rng
from lib.knobs import check, choice, knobs, number, switch, text
from lib.labs.paper.unfolding import SIDE, Film, film
from lib.tasks.paper.drawn import decode
from lib.tasks.paper.sheet import SHAPES, STAND_IN, Sheet, letters

QUESTIONS = 200  # per exam value
TOLERANCE = 0.05  # of the points in the wrong class
SHOWN, JUDGED, PROBED = 400, 2000, 96  # points that are drawn, that accuracy is of, whose way to the jump is looked at
LIVE, LAST = 2, 6  # frames of a rotation at most, while it learns and at the end: a half turn in 6 keeps its size
ASKED = {"points": ("drawn",), "crumple": ("sheet",), "forgets": ("sheet",)}  # knobs that some shapes alone ask for
LOOK, TEST = 3, 4  # streams of the lab's seed, besides those of lib.compare


@dataclass(frozen=True)
class Bent:
    """What the lab knows so far.

    accuracy: (seeds,) shares of fresh points of the sheet that are classed rightly; of digits, of the exam's; of a
    drawing, of the drawn points themselves, which are those that it learns from.
    steep: (snapshots, 4) step, and how steeply the answer rises at the jump: the median, smallest and largest over
    seeds of the steepest place of each [1/unit].
    film: the moves of the first seed's network.
    back: the furthest that a shown point misses its place when the hidden layers are run backwards; NaN before the end,
    and where they cannot be.
    """

    verdict: core.Verdict
    progress: float
    loss: tuple[float, ...]
    accuracy: tuple[float, ...]
    steep: np.ndarray
    film: Film
    back: float = float("nan")


@lru_cache(32)  # a page asks several times as it is drawn
def misread(word: str) -> str | None:
    """What is wrong with the letters of a drawing; None if they can be read, or stand for none."""
    try:
        decode(letters(word))
    except ValueError as fault:
        return f"{fault}; choose points on the page, or none"
    return None


@dataclass(frozen=True)
class Paper:
    """Which side of the jump is this point on? A network that flattens paper, against an `if`."""

    name: ClassVar[str] = "paper"
    version: ClassVar[int] = 2
    result: ClassVar[type] = Bent
    opens: ClassVar[str] = "ball"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {},
        "too_narrow": {"width": 2, "depth": 4},
        "folding": {"activation": "relu"},
        "ball": {"shape": "sheet", "crumple": 0.7, "depth": 6, "residual": True},
        "digits": {"shape": "digits", "width": 16, "examples": 1250},
        "step": {"shape": "step", "width": 8},
        "parity": {"shape": "parity", "width": 16, "depth": 3},
        "misplaced": {"shape": "step", "width": 8, "misplaced": 0.2},
        "forgetful": {"shape": "sheet", "crumple": 0.7, "depth": 6, "residual": True, "forgets": True},
    }

    shape: str = choice("disc-in-ring", SHAPES)
    width: int = number(3, 1, 16, step=1)
    depth: int = number(2, 1, 6, step=1)
    activation: str = choice("tanh", ("tanh", "relu", "gelu"))
    residual: bool = switch(False)
    crumple: float = number(0.5, 0.0, 1.0, step=0.1)
    examples: int = number(1000, 50, 5000, stops=(50, 100, 250, 500, 1000, 1250, 2500, 5000))
    steps: int = number(2000, 50, 5000, step=50)
    learning_rate: float = number(0.03, 0.0001, 1.0, stops=(0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 1.0))
    seeds: int = number(5, 1, 8, step=1)
    misplaced: float = number(0.0, 0.0, 0.5, step=0.05)
    forgets: bool = switch(False)
    points: str = text(STAND_IN, misread)
    seed: int = number(0, 0, 9999, step=1)

    def __post_init__(self) -> None:
        """A knob that this shape does not ask for is at its default, so that equal runs have equal recipes."""
        check(self)
        for name, shapes in ASKED.items():
            if self.shape not in shapes:
                object.__setattr__(self, name, knobs(self)[name].default)

    def asks(self) -> Any:
        return Sheet(self.shape, self.crumple, self.points, self.seed)

    def program(self) -> Any:
        from lib.programs.digit_reader import DigitReader
        from lib.programs.paper import Jump

        if self.shape == "digits":
            return DigitReader()
        task = self.asks()
        folds = tuple((one.across, one.along, one.height, one.pace, one.phase) for one in task.folds)
        return Jump(self.shape, folds, task.drawing_rows, self.misplaced, self.forgets)

    def idle(self) -> dict[str, str]:
        told = {name: "shape" for name, shapes in ASKED.items() if self.shape not in shapes}
        return told | ({"misplaced": "shape"} if self.shape == "digits" else {})

    def learns(self) -> Any:
        """The network that is trained."""
        from lib.learners.paper.flattener import PointClassifier

        task = self.asks()
        return PointClassifier(
            width=self.width,
            depth=self.depth,
            activation=self.activation,  # type: ignore[arg-type]
            residual=self.residual,
            examples=len(task.training_sample(self.examples, training_rng(self.seed))),
            steps=self.steps,
            learning_rate=self.learning_rate,
            labels=task.labels,
        )

    def judged(self) -> np.ndarray:
        """The points that accuracy is of."""
        return self.asks().tested(JUDGED, np.random.default_rng([self.seed, TEST]))

    def run(self) -> Iterator[Bent]:
        """Yields where the contest stands after every snapshot of a learner. Raises DivergedError."""
        studio, net = Studio(self, self.asks()), self.learns()
        contestants = (
            Contestant("network", "network", learner=net),
            Contestant("wider", "control", learner=replace(net, width=self.width + 2)),
            Contestant("cut", "baseline", learner=replace(net, depth=0)),
            Contestant("program", "program", program=self.program()),
        )
        for now in compare(self, contestants, questions=QUESTIONS, seeds=self.seeds, tolerance=TOLERANCE):
            yield studio.shot(now)


class Studio:
    """Keeps what a run has shown of its network: one shot a snapshot, and how steep the map was at each."""

    def __init__(self, lab: Paper, task: Sheet) -> None:
        self.lab, self.task = lab, task
        self._network: Any = None
        self._steep: list[tuple[float, float, float, float]] = []
        self._latest: tuple[tuple[float, ...], Film] | None = None

    def shot(self, now: Any) -> Bent:
        """What is known when the contest stands like this."""
        network, over = now.answers["network"], now.progress == 1.0
        if network is not self._network or over:
            fresh = network is not self._network
            self._network = network
            if fresh:
                self._measure(network)
            right = (network(self._judged) == self.task.truth(self._judged)).mean(axis=1)
            self._latest = tuple(right.tolist()), self._film(network, over)
        assert self._latest
        back = self._way_back(network) if over else float("nan")
        return Bent(now.verdict, now.progress, now.loss, self._latest[0], np.array(self._steep), self._latest[1], back)

    def _film(self, network: Any, over: bool) -> Film:
        labels = self.task.truth(self._shown)
        held = self._judged if self.lab.shape == "digits" else self._shown  # it has learned from the other digits
        judged = (held, self.task.truth(held)) if over else None
        return film(self._shown, self.task.lines(SIDE), labels, network, LAST if over else LIVE, judged)

    def _measure(self, network: Any) -> None:
        from lib.learners.ensemble import checkpoint_steps

        steepest = network.gradient_norms(self._probes).max(axis=1)
        step = checkpoint_steps(self.lab.steps)[len(self._steep)]
        self._steep.append((step, float(np.median(steepest)), float(steepest.min()), float(steepest.max())))

    def _way_back(self, network: Any) -> float:
        from lib.learners.paper.decomposition import hidden_states, inverted

        layers = network.layers(0)
        if not self.lab.residual or self.lab.width < self._shown.shape[1]:
            return float("nan")
        there = hidden_states(self._shown, layers)[-2]
        return float(abs(inverted(there, layers[:-1])[:, : self._shown.shape[1]] - self._shown).max())

    @cached_property
    def _shown(self) -> np.ndarray:
        return self.task.shown(SHOWN, np.random.default_rng([self.lab.seed, LOOK]))

    @cached_property
    def _judged(self) -> np.ndarray:
        return self.lab.judged()

    @cached_property
    def _probes(self) -> np.ndarray:
        """Places on the way from points to their nearest of another class: the jump is somewhere on it."""
        labels = self.task.truth(self._shown)
        told = []
        for one, label in zip(self._shown[:PROBED], labels, strict=False):
            others = self._shown[labels != label]
            told.append([one, others[np.linalg.norm(others - one, axis=1).argmin()]])
        ends = np.array(told)
        return np.concatenate([ends[:, 0] + share * (ends[:, 1] - ends[:, 0]) for share in (0.25, 0.5, 0.75)])
