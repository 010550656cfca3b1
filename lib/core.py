"""The vocabulary of every experiment, from the axis that leaves the training data to the verdict.

A *task* asks questions and knows the truth; its *axis* is the one direction in which it leaves the training data.
A *program* answers because somebody wrote down how; a *learner* answers after seeing part of the axis. What each of
them got wrong along the axis is a *curve*, and all curves of a run together are its *verdict*.
"""

from __future__ import annotations

import ast
import inspect
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, Literal, Protocol

import numpy as np

Kind = Literal["network", "baseline", "program", "control"]
Span = tuple[float, float]
"""From one axis value to another, both included."""
CONTRACT = 2
"""The version of the JSON contract: 2 tells how far each holds on both sides of training, and what share was done."""


@dataclass(frozen=True)
class Axis:
    """The direction in which a task leaves its training data.

    train: (lo, hi) in `unit`, closed; what a learner may see.
    exam: ascending values in `unit` at which everybody is examined; at least one lies beyond training.
    outward: +1 if it leaves training mainly upwards, -1 if downwards.
    logarithmic: True if steps along it are factors, which is how it is drawn; from 0 the first step is a step.
    Raises ValueError if the exam does not reach beyond training in that direction.
    """

    name: str
    unit: str
    train: tuple[float, float]
    exam: tuple[float, ...]
    outward: Literal[1, -1] = 1
    logarithmic: bool = False

    def __post_init__(self) -> None:
        lo, hi = self.train
        if lo > hi or list(self.exam) != sorted(self.exam) or not self.exam:
            raise ValueError(f"axis {self.name!r}: train and exam must ascend, got {self.train} and {self.exam}")
        beyond = max(self.exam) > hi if self.outward > 0 else min(self.exam) < lo
        if not beyond:
            end, reach = (hi, self.exam[-1]) if self.outward > 0 else (lo, self.exam[0])
            raise ValueError(
                f"axis {self.name!r}: no exam value lies beyond training (train ends at {end:g}, exam at {reach:g}); "
                "train on less of it or examine further out"
            )

    @property
    def sides(self) -> tuple[bool, bool]:
        """Whether the exam reaches below training, and above it."""
        return self.exam[0] < self.train[0], self.exam[-1] > self.train[1]

    @property
    def end(self) -> float:
        """The exam value furthest out."""
        return self.exam[-1] if self.outward > 0 else self.exam[0]

    def seen(self, at: float) -> bool:
        """True if `at` lies in the range that a learner was trained on."""
        return self.train[0] <= at <= self.train[1]


class Task(Protocol):
    """Asks questions and knows the truth; never computes it with a program that it will judge.

    sample(at, n, rng) -> x: n questions at one axis value, one a row.
    training_sample(n, rng) -> x: n questions from the trained part of the axis, for learners.
    truth(x) -> y: the right answers, (n, ...).
    error(answer, y) -> (n,) floats, 0 = right.
    """

    @property
    def axis(self) -> Axis: ...
    def sample(self, at: float, n: int, rng: np.random.Generator) -> np.ndarray: ...
    def training_sample(self, n: int, rng: np.random.Generator) -> np.ndarray: ...
    def truth(self, x: np.ndarray) -> np.ndarray: ...
    def error(self, answer: np.ndarray, y: np.ndarray) -> np.ndarray: ...


class Program(Protocol):
    """Answers because somebody wrote down how: (n, d) questions -> (n, ...) answers. Leaves its input alone."""

    def __call__(self, x: np.ndarray) -> np.ndarray: ...


class Network(Protocol):
    """What a learner has become: (n, ...) questions -> (seeds, n, ...) answers."""

    @property
    def parameters(self) -> int: ...
    def __call__(self, x: np.ndarray) -> np.ndarray: ...


@dataclass(frozen=True)
class Snapshot:
    """A learner after `step` of `steps`; loss holds one value per seed."""

    step: int
    steps: int
    loss: tuple[float, ...]
    network: Network


class Learner(Protocol):
    """Answers after seeing part of the axis. `examples` is what it was shown."""

    @property
    def examples(self) -> int: ...
    def fit(self, task: Task, seeds: int, rng: np.random.Generator) -> Iterator[Snapshot]: ...


class DivergedError(ArithmeticError):
    """Training left the finite numbers, or all bounds. `knob` names the setting to turn, `step` says when."""

    def __init__(self, knob: str, step: int) -> None:
        super().__init__(f"training diverged at step {step}: the loss is beyond all bounds; lower {knob!r}")
        self.knob = knob
        self.step = step

    def __reduce__(self) -> tuple[type, tuple[str, int]]:
        return type(self), (self.knob, self.step)


class NotInstalledError(RuntimeError):
    """A package that the app needs is missing, or its file is another one; `pip` is the line that mends it."""

    def __init__(self, requirement: str, fault: str) -> None:
        super().__init__(requirement, fault)
        self.requirement, self.fault = requirement, fault

    @property
    def pip(self) -> str:
        return f"pip install --force-reinstall --no-deps {self.requirement}"

    def __str__(self) -> str:
        return f"{self.requirement}: {self.fault}; run `{self.pip}`"


@dataclass(frozen=True)
class Point:
    """Error at one axis value: median over seeds, with the best and the worst seed. `seen`: inside training."""

    at: float
    seen: bool
    error: float
    low: float
    high: float


@dataclass(frozen=True)
class Price:
    """What an answer cost: examples, trials of the real world, seconds of one processor, numbers, lines of code."""

    examples: int = 0
    trials: int = 0
    seconds: float = 0.0
    parameters: int = 0
    lines: int = 0


@dataclass(frozen=True)
class Answerer:
    """One contestant's curve and what follows from it.

    `horizon` is what version 1 of the contract told, one number in one direction; Verdict.holds tells both sides.
    """

    name: str
    kind: Kind
    curve: tuple[Point, ...]
    inside: float
    outside: float
    horizon: float | None
    price: Price


@dataclass(frozen=True)
class Verdict:
    """All curves of one run. `recipe` is the repr of the lab; `unit` that of the errors, none: fractions."""

    lab: str
    version: int
    recipe: str
    axis: Axis
    tolerance: float
    answerers: tuple[Answerer, ...]
    unit: str = ""

    def named(self, name: str) -> Answerer:
        """Raises KeyError if nobody of that name has been examined (yet)."""
        return {one.name: one for one in self.answerers}[name]

    def holds(self, one: Answerer) -> Span | None:
        """From where to where on the axis its median error stays within tolerance, None if it fails in training."""
        return held(one.curve, self.tolerance)

    @property
    def sentence(self) -> str:
        """What this run found, in one English line made of its numbers (pages have their own, in two languages)."""
        say = lambda error: f"{error:,.{0 if error >= 10 else 3}f} {self.unit}" if self.unit else f"{error:.2%}"  # noqa: E731
        return "; ".join(
            f"{one.name}: error {say(one.inside)} inside and {say(one.outside)} outside, "
            + self._reach(self.holds(one))
            for one in self.answerers
        )

    def _reach(self, span: Span | None) -> str:
        unit = f" {self.axis.unit}" if self.axis.unit else ""
        if span is None:
            return "not within tolerance everywhere in training"
        if span == self.axis.train and span[0] == span[1]:
            return "holds only where it was trained"
        low, high = (f"{at:g}" for at in span)
        below, _ = self.axis.sides
        return f"holds from {low} to {high}{unit}" if below else f"holds up to {high}{unit}"


def contract(verdict: Verdict, done: float = 1.0) -> dict[str, Any]:
    """A verdict as the JSON that the command line and the download promise; what is no finite number is None.

    done: the share of the run that it is the verdict of, less than 1 where the run was stopped.
    """
    told: dict[str, Any] = {"contract": CONTRACT, **asdict(verdict), "done": done, "sentence": verdict.sentence}
    told["axis"] = {name: told["axis"][name] for name in ("name", "unit", "train")}
    for one, its in zip(verdict.answerers, told["answerers"], strict=True):
        span = verdict.holds(one)
        its |= {"holds": span, "beyond": span and beyond(verdict.axis, span)}
    return _finite(told)


def _finite(told: Any) -> Any:
    if isinstance(told, dict):
        return {name: _finite(value) for name, value in told.items()}
    if isinstance(told, (list, tuple)):
        return [_finite(value) for value in told]
    return None if isinstance(told, float) and not math.isfinite(told) else told


def worst(curve: Sequence[Point]) -> tuple[Point, ...]:
    """The curve of the worst seed at each point."""
    return tuple(replace(point, error=point.high) for point in curve)


def span_of_seeds(one: Answerer, tolerance: float) -> tuple[Span | None, Span | None]:
    """How far the worst and the best seed at each point hold; where they differ, the finding flips between seeds."""
    best = [replace(point, error=point.low) for point in one.curve]
    return held(worst(one.curve), tolerance), held(best, tolerance)


def better(one: float, other: float, tolerance: float) -> Literal[-1, 0, 1]:
    """Which of two errors is the smaller: -1 the first, 1 the second, 0 if a tenth of the tolerance covers the rest."""
    if not abs(one - other) > tolerance / 10:
        return 0
    return -1 if one < other else 1


class Result(Protocol):
    """What a running lab yields: complete each time, so that page, command line and test share one type."""

    @property
    def verdict(self) -> Verdict: ...
    @property
    def progress(self) -> float: ...


class Lab(Protocol):
    """Who meets whom: a frozen dataclass of knobs and a seed. Its repr is its recipe; run() yields results.

    presets: settings worth a visit by name, the defaults among them as {}. A lab may have `exhibits` too, settings
    whose results its page shows, and `opens`, the name of the preset that a page shows whose address asks for nothing;
    without, that is the defaults. asks(): the task, whose questions everybody gets. idle(): the knobs that change
    nothing as the others are, each with a word for why.
    A higher version makes stored results of lower ones count as absent, and old links say that they are.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    result: ClassVar[type]
    presets: ClassVar[dict[str, dict[str, Any]]]

    @property
    def seed(self) -> int: ...
    def asks(self) -> Task: ...
    def program(self) -> Program: ...
    def idle(self) -> dict[str, str]: ...
    def run(self) -> Iterator[Any]: ...


def shipped(lab: type[Lab]) -> list[dict[str, Any]]:
    """The settings of all runs of a lab whose results ship with the app."""
    return [*lab.presets.values(), *getattr(lab, "exhibits", ())]


def opens(lab: type[Lab]) -> str:
    """The preset that a lab's page opens with."""
    return getattr(lab, "opens", "default")


def opening(lab: type[Lab]) -> Lab:
    """The lab as its page opens, where the address says nothing of it."""
    make: Any = lab
    return make(**lab.presets[opens(lab)])


def besides(lab: type[Lab]) -> tuple[Any, ...]:
    """Recipes of another kind whose results ship with a lab; their names begin with the lab's, and "-"."""
    return getattr(lab, "besides", ())


def private(lab: Any) -> bool:
    """True if a lab is about a visitor's own photo, its field `photo`: what comes of it is for that visit alone.

    No store keeps it, nor a memory that others share. The photo is no knob, so no link, command line or JSON names it.
    """
    return getattr(lab, "photo", None) is not None


def held(curve: Sequence[Point], tolerance: float) -> Span | None:
    """The exam values between which the error stays within tolerance without a break, all of training among them.

    None if it fails anywhere inside training, or was asked nothing there.
    """
    path = sorted(curve, key=lambda point: point.at)
    within = [point.error <= tolerance for point in path]  # NaN is not within tolerance
    inside = [place for place, point in enumerate(path) if point.seen]
    if not inside or not all(within[place] for place in inside):
        return None
    low, high = inside[0], inside[-1]
    while low > 0 and within[low - 1]:
        low -= 1
    while high + 1 < len(path) and within[high + 1]:
        high += 1
    return path[low].at, path[high].at


def beyond(axis: Axis, span: Span) -> Span:
    """How far a range reaches below training and above it, in the unit of the axis; 0 where it does not."""
    below, above = axis.train[0] - span[0], span[1] - axis.train[1]
    return float(f"{max(below, 0.0):.9g}"), float(f"{max(above, 0.0):.9g}")  # 0.3, not 0.30000000000000004


def first_failure(axis: Axis, curve: Sequence[Point], tolerance: float) -> float | None:
    """The first exam value inside training, going outwards, at which the error is not within tolerance."""
    path = sorted((point for point in curve if point.seen), key=lambda point: axis.outward * point.at)
    return next((point.at for point in path if not point.error <= tolerance), None)


def horizon(axis: Axis, curve: Sequence[Point], tolerance: float) -> float | None:
    """The furthest axis value up to which the error stays within tolerance without a break, None if it never is.

    Looks from the inner end of training in one direction alone, so that a failure inside training is a horizon too.
    Version 1 of the contract told this; `held` looks in both.
    """
    inner = axis.train[0] if axis.outward > 0 else axis.train[1]
    path = [p for p in curve if axis.outward * (p.at - inner) >= 0]
    path.sort(key=lambda p: axis.outward * p.at)
    held = None
    for point in path:
        if not point.error <= tolerance:  # NaN is not within tolerance
            break
        held = point.at
    return held


def curve(axis: Axis, errors: np.ndarray) -> tuple[Point, ...]:
    """errors: (seeds, exam values), each the mean over that exam's questions -> one point per exam value."""
    middle, low, high = np.median(errors, axis=0), errors.min(axis=0), errors.max(axis=0)
    return tuple(
        Point(at, axis.seen(at), float(m), float(lo), float(hi))
        for at, m, lo, hi in zip(axis.exam, middle, low, high, strict=True)
    )


def answerer(name: str, kind: Kind, axis: Axis, errors: np.ndarray, tolerance: float, price: Price) -> Answerer:
    """Sum a contestant's errors (seeds, exam values) up: inside and outside are means over exam values, apart."""
    points = curve(axis, errors)
    inside = [p.error for p in points if p.seen]
    outside = [p.error for p in points if not p.seen]
    mean = lambda values: float(np.mean(values)) if values else math.nan  # noqa: E731
    return Answerer(name, kind, points, mean(inside), mean(outside), horizon(axis, points, tolerance), price)


def lines_of_code(program: object) -> int:
    """How many lines of a program's file carry code: no blank lines, comments or docstrings."""
    source = source_of(program)
    tree = ast.parse(source)
    told = {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    rows = enumerate(source.splitlines(), 1)
    return sum(1 for number, row in rows if number not in told and row.strip() and not row.lstrip().startswith("#"))


def source_of(program: object) -> str:
    """The whole file that a program (an instance, class or module) is written in."""
    where = program if inspect.ismodule(program) or inspect.isclass(program) else type(program)
    return inspect.getsource(inspect.getmodule(where) or where)
