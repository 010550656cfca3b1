from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest

from lib import compare
from lib.compare import Contestant, Exam, Standing
from lib.core import Answerer, Axis, DivergedError, Snapshot


@dataclass(frozen=True)
class Doubling:
    """What is 2x? The error is the distance."""

    axis: Axis = Axis("x", "", (0.0, 1.0), (0.0, 1.0, 2.0))  # noqa: RUF009

    def sample(self, at: float, n: int, rng: np.random.Generator) -> np.ndarray:
        return at + rng.uniform(0, 0.1, (n, 1))

    def training_sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        return rng.uniform(0, 1, (n, 1))

    def truth(self, x: np.ndarray) -> np.ndarray:
        return 2 * x[:, 0]

    def error(self, answer: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.abs(answer - y)


@dataclass(frozen=True)
class Double:
    off: float = 0.0

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return 2 * x[:, 0] + self.off


@dataclass(frozen=True)
class Guess:
    """Every seed is off by what is left of training, and by its number."""

    left: float
    seeds: int
    parameters: int = 7

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return 2 * x[:, 0] + self.left + np.arange(self.seeds)[:, None]


@dataclass(frozen=True)
class Slowly:
    """Gets better step by step; writes down which examples it was shown."""

    steps: int
    shown: list[np.ndarray]
    examples: int = 5
    diverges: bool = False

    def fit(self, task: Any, seeds: int, rng: np.random.Generator) -> Iterator[Snapshot]:
        self.shown.append(task.training_sample(self.examples, rng))
        for step in range(self.steps + 1):
            if self.diverges and step == 1:
                raise DivergedError("learning_rate", step)
            left = self.steps - step
            yield Snapshot(step, self.steps, (float(left),) * seeds, Guess(float(left), seeds))


@dataclass(frozen=True)
class Lab:
    name: ClassVar[str] = "doubling"
    version: ClassVar[int] = 3
    seed: int = 0

    def asks(self) -> Doubling:
        return Doubling()


def standings(*contestants: Contestant, seed: int = 0, **how: Any) -> list[Standing]:
    lab: Any = Lab(seed)
    return list(compare.compare(lab, contestants, questions=4, seeds=3, tolerance=1.0, **how))


def learner(name: str, steps: int, shown: list[np.ndarray] | None = None) -> Contestant:
    return Contestant(name, "network", learner=Slowly(steps, [] if shown is None else shown))


def unpriced(one: Answerer) -> Answerer:
    return replace(one, price=replace(one.price, seconds=0.0))


def test_the_exam_asks_equally_many_questions_at_each_value_in_order() -> None:
    exam = Exam.drawn(Doubling(), 4, seed=0)
    assert [x.shape for x in exam.questions] == [(4, 1)] * 3
    assert [np.floor(x[:, 0]).tolist() for x in exam.questions] == [[0] * 4, [1] * 4, [2] * 4]
    assert all(np.array_equal(y, 2 * x[:, 0]) for x, y in zip(exam.questions, exam.answers, strict=True))


def test_errors_are_means_over_the_questions_of_each_value() -> None:
    exam = Exam.drawn(Doubling(), 2, seed=0)
    off = ([[1, 3], [0, 0]], [[0, 0], [0, 0]], [[0, 8], [0, 0]])  # at each value, of each seed
    told = [y + np.array(one) for y, one in zip(exam.answers, off, strict=True)]
    assert exam.errors(told, Doubling().error) == pytest.approx(np.array([[2, 0, 4], [0, 0, 0]]))


def test_exam_and_lessons_are_streams_of_their_own() -> None:
    shown: list[np.ndarray] = []
    standings(learner("a", 2, shown), learner("b", 5, shown))
    assert np.array_equal(*shown)  # both learners see the same examples
    first, same, other = (Exam.drawn(Doubling(), 4, seed).questions for seed in (0, 0, 1))
    assert np.array_equal(first, same)
    standings(learner("a", 2, shown), seed=1)
    assert not np.array_equal(shown[0], shown[2])
    assert not np.array_equal(first, other)
    chance = first[0] / 0.1  # what was drawn for the questions at 0
    assert not np.isclose(shown[0][:4], chance).any()


def test_another_contestant_changes_nobody_elses_result() -> None:
    alone = standings(learner("a", 3))[-1].verdict.named("a")
    beside = standings(Contestant("p", "program", program=Double(0.5)), learner("a", 3), learner("b", 1))[-1]
    assert unpriced(beside.verdict.named("a")) == unpriced(alone)


def test_learners_take_turns_and_the_order_of_the_verdict_stays() -> None:
    shared = (learner("a", 2), Contestant("p", "program", program=Double()), learner("b", 1))
    seen = [[one.name for one in now.verdict.answerers] for now in standings(*shared)]
    assert seen == [["a", "p"]] + [["a", "p", "b"]] * 4  # a0, then b0, a1, b1, a2


def test_progress_ascends_to_one_over_all_learners() -> None:
    told = [now.progress for now in standings(learner("a", 2), learner("b", 4))]
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0.0, 1.0)


def test_each_seed_is_examined_and_the_loss_is_the_first_learners() -> None:
    now = standings(learner("a", 2), learner("b", 5))[-2]
    assert now.loss == (0.0, 0.0, 0.0)
    net = now.verdict.named("a")
    assert [(p.error, p.low, p.high) for p in net.curve] == [pytest.approx((1.0, 0.0, 2.0))] * 3


def test_a_program_is_examined_as_if_it_were_one_seed_and_pays_in_lines() -> None:
    now = standings(Contestant("p", "program", program=Double(0.25)), learner("a", 1))[0]
    program, net = now.verdict.answerers
    assert [(p.error, p.low, p.high) for p in program.curve] == [pytest.approx((0.25, 0.25, 0.25))] * 3
    assert program.price.lines > 100  # those of this file
    assert (program.price.examples, program.price.parameters) == (0, 0)
    assert (net.price.examples, net.price.parameters, net.price.lines) == (5, 7, 0)


def test_the_answers_are_those_of_the_verdict() -> None:
    now = standings(Contestant("p", "program", program=Double()), learner("a", 2))[1]
    assert list(now.answers) == ["p", "a"]
    assert now.answers["a"](np.array([[1.0]])).tolist() == [[3.0], [4.0], [5.0]]


def test_learners_are_asked_the_first_few_questions_until_they_are_done() -> None:
    asked: list[int] = []

    def count(answer: np.ndarray, y: np.ndarray) -> np.ndarray:
        assert len(answer) == len(y)
        asked.append(len(y))
        return np.abs(answer - y)

    values, seeds = 3, 3
    standings(learner("a", 2), watched=1, others=(count,))
    assert asked == [1] * 2 * values * seeds + [4] * values * seeds
    assert (Exam.drawn(Doubling(), 4, 0).head(1).questions[2] == Exam.drawn(Doubling(), 4, 0).questions[2][:1]).all()


def test_the_same_answers_are_judged_by_further_measures() -> None:
    now = standings(learner("a", 2), others=(lambda answer, y: 10 * np.abs(answer - y),))[0]
    (other,) = now.others
    assert other.named("a").inside == pytest.approx(10 * now.verdict.named("a").inside)
    assert (other.recipe, other.axis) == (now.verdict.recipe, now.verdict.axis)


def test_the_verdict_is_signed_with_lab_version_and_recipe() -> None:
    told = standings(learner("a", 1), seed=9)[-1].verdict
    assert (told.lab, told.version, told.recipe, told.tolerance) == ("doubling", 3, "Lab(seed=9)", 1.0)
    assert told.axis == Doubling().axis


def test_a_divergence_ends_the_comparison() -> None:
    bold = Contestant("a", "network", learner=Slowly(3, [], diverges=True))
    with pytest.raises(DivergedError):
        standings(bold)


def test_only_the_learners_own_seconds_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(compare, "time", SimpleNamespace(thread_time=lambda: clock[0]))

    def working() -> Iterator[Snapshot]:
        for step in range(3):
            clock[0] += 2.0  # learning
            yield Snapshot(step, 2, (), Guess(0.0, 1))

    seconds = []
    for _, spent in compare.timed(working()):
        seconds.append(spent)
        clock[0] += 100.0  # somebody draws
    assert seconds == [2.0, 4.0, 6.0]
