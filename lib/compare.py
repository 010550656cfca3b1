"""Learners and programs before the same exam: who is asked what, and what it cost them.

The exam is drawn once from a stream of its own, so that changing a contestant cannot change the questions.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lib.core import (
    Answerer,
    Axis,
    Kind,
    Lab,
    Learner,
    Price,
    Program,
    Snapshot,
    Task,
    Verdict,
    answerer,
    lines_of_code,
)

TRAINING, EXAM = 1, 2  # the random streams of one seed
Answer = Callable[[np.ndarray], np.ndarray]
Measure = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Answers (n, ...) and the truth (n, ...) -> errors (n,), as Task.error."""


@dataclass(frozen=True)
class Contestant:
    """Somebody who answers, under a name, in one of four roles: exactly one of `learner` and `program`."""

    name: str
    kind: Kind
    learner: Learner | None = None
    program: Program | None = None


@dataclass(frozen=True)
class Exam:
    """The same questions for everybody, equally many at each exam value.

    questions: an array (n, ...) for each exam value, in the order of the axis; answers: the truth about them.
    """

    questions: tuple[np.ndarray, ...]
    answers: tuple[np.ndarray, ...]

    @classmethod
    def drawn(cls, task: Task, n: int, seed: int) -> Exam:
        """n questions at each value of the task's exam."""
        rng = np.random.default_rng([seed, EXAM])
        questions = tuple(task.sample(at, n, rng) for at in task.axis.exam)
        return cls(questions, tuple(map(task.truth, questions)))

    def head(self, n: int) -> Exam:
        """The first n questions at each value."""
        return Exam(tuple(x[:n] for x in self.questions), tuple(y[:n] for y in self.answers))

    def answered(self, answer: Answer) -> list[np.ndarray]:
        """What somebody answers: (seeds, n, ...) or, without seeds, (n, ...) for each exam value."""
        return [answer(x) for x in self.questions]

    def errors(self, told: Sequence[np.ndarray], measure: Measure) -> np.ndarray:
        """told: (seeds, n, ...) answers for each exam value -> mean errors, (seeds, exam values)."""
        means = [[measure(one, y).mean() for one in seeds] for seeds, y in zip(told, self.answers, strict=True)]
        return np.array(means).T


@dataclass(frozen=True)
class Standing:
    """Where the contest stands: a verdict on those examined so far, what they answer by name, and how far it has got.

    others: verdicts by further measures, without prices. progress: 0 to 1 over all learners; loss: per seed, of the
    first learner.
    """

    verdict: Verdict
    others: tuple[Verdict, ...]
    answers: Mapping[str, Answer]
    progress: float
    loss: tuple[float, ...]


def training_rng(seed: int) -> np.random.Generator:
    """The stream that learners draw their examples from; each learner gets it from its start, so the same examples."""
    return np.random.default_rng([seed, TRAINING])


def verdict(lab: Lab, axis: Axis, tolerance: float, answerers: Sequence[Answerer], unit: str = "") -> Verdict:
    """What a lab says of its contestants, signed with its recipe; unit: of the errors, none if they are fractions."""
    return Verdict(type(lab).name, type(lab).version, repr(lab), axis, tolerance, tuple(answerers), unit)


def compare(
    lab: Lab,
    contestants: Sequence[Contestant],
    *,
    questions: int,
    seeds: int,
    tolerance: float,
    watched: int | None = None,
    others: Sequence[Measure] = (),
) -> Iterator[Standing]:
    """Examine the programs, then the learners while they learn, a snapshot each in turn; yield after every one.

    questions: per exam value; learners are asked the first `watched` of them only, if it is given, until they are done.
    others: further measures of the same answers. Raises DivergedError if a learner leaves the finite numbers.
    """
    task = lab.asks()
    exam = Exam.drawn(task, questions, lab.seed)
    subset = exam if watched is None else exam.head(watched)
    measures = (task.error, *others)
    found: list[dict[str, Answerer]] = [{} for _ in measures]
    answers: dict[str, Answer] = {}
    latest: dict[str, Snapshot] = {}

    def examine(one: Contestant, asked: Exam, told: Sequence[np.ndarray], price: Price) -> None:
        for ranking, measure in zip(found, measures, strict=True):
            errors = asked.errors(told, measure)
            paid = price if ranking is found[0] else Price()
            ranking[one.name] = answerer(one.name, one.kind, task.axis, errors, tolerance, paid)

    for one in contestants:
        if one.program:
            began = time.thread_time()
            told = [given[None] for given in exam.answered(one.program)]
            examine(one, exam, told, Price(seconds=time.thread_time() - began, lines=lines_of_code(one.program)))
            answers[one.name] = one.program

    learners = [one for one in contestants if one.learner]
    for one, snapshot, seconds in _in_turns(task, learners, seeds, lab.seed):
        latest[one.name] = snapshot
        assert one.learner
        asked = exam if snapshot.step == snapshot.steps else subset
        price = Price(examples=one.learner.examples, seconds=seconds, parameters=snapshot.network.parameters)
        examine(one, asked, asked.answered(snapshot.network), price)
        answers[one.name] = snapshot.network
        verdicts = [
            verdict(lab, task.axis, tolerance, [ranking[each.name] for each in contestants if each.name in ranking])
            for ranking in found
        ]
        progress = sum(s.step / s.steps for s in latest.values()) / len(learners)
        first = next(iter(latest.values()))
        yield Standing(verdicts[0], tuple(verdicts[1:]), dict(answers), progress, first.loss)


def _in_turns(
    task: Task, learners: Sequence[Contestant], seeds: int, seed: int
) -> Iterator[tuple[Contestant, Snapshot, float]]:
    """One snapshot of each learner after the other until all are done, with the seconds that it has learned for."""
    turns = [(one, timed(one.learner.fit(task, seeds, training_rng(seed)))) for one in learners if one.learner]
    while turns:
        for turn in list(turns):
            one, steps = turn
            told = next(steps, None)
            if told is None:
                turns.remove(turn)
            else:
                yield one, *told


def timed(steps: Iterator[Snapshot]) -> Iterator[tuple[Snapshot, float]]:
    """Each snapshot with the seconds spent on it and those before it, not counting what is done in between.

    Seconds of this thread, which does all the work: what else the machine is doing is no part of a price.
    """
    spent = 0.0
    while True:
        began = time.thread_time()
        snapshot = next(steps, None)
        spent += time.thread_time() - began
        if snapshot is None:
            return
        yield snapshot, spent
