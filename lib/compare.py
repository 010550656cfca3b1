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

LESSONS, EXAM = 1, 2  # the streams of one seed
Answer = Callable[[np.ndarray], np.ndarray]


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

    questions: (exam values · n, ...) in the order of the axis; answers: the truth about them.
    """

    task: Task
    questions: np.ndarray
    answers: np.ndarray

    @classmethod
    def drawn(cls, task: Task, n: int, seed: int) -> Exam:
        """n questions at each value of the task's exam."""
        rng = np.random.default_rng([seed, EXAM])
        questions = np.concatenate([task.sample(at, n, rng) for at in task.axis.exam])
        return cls(task, questions, task.truth(questions))

    def errors(self, answers: np.ndarray) -> np.ndarray:
        """answers: (seeds, questions, ...) -> mean errors, (seeds, exam values)."""
        values = len(self.task.axis.exam)
        return np.stack([self.task.error(one, self.answers).reshape(values, -1).mean(axis=1) for one in answers])


@dataclass(frozen=True)
class Standing:
    """Where the contest stands: a verdict on those examined so far, what they answer by name, and how far it has got.

    progress: 0 to 1 over all learners; loss: per seed, of the first learner.
    """

    verdict: Verdict
    answers: Mapping[str, Answer]
    progress: float
    loss: tuple[float, ...]


def lessons(seed: int) -> np.random.Generator:
    """The stream that learners draw their examples from; each learner gets it from its start, so the same examples."""
    return np.random.default_rng([seed, LESSONS])


def verdict(lab: Lab, axis: Axis, tolerance: float, answerers: Sequence[Answerer], unit: str = "") -> Verdict:
    """What a lab says of its contestants, signed with its recipe; unit: of the errors, none if they are fractions."""
    return Verdict(type(lab).name, type(lab).version, repr(lab), axis, tolerance, tuple(answerers), unit)


def compare(
    lab: Lab, contestants: Sequence[Contestant], *, questions: int, seeds: int, tolerance: float
) -> Iterator[Standing]:
    """Examine the programs, then the learners while they learn, a snapshot each in turn; yield after every one.

    questions: per exam value. Raises DivergedError if a learner leaves the finite numbers.
    """
    task = lab.task()
    exam = Exam.drawn(task, questions, lab.seed)
    found: dict[str, Answerer] = {}
    answers: dict[str, Answer] = {}
    latest: dict[str, Snapshot] = {}

    def examine(one: Contestant, answer: Answer, given: np.ndarray, price: Price) -> None:
        found[one.name] = answerer(one.name, one.kind, task.axis, exam.errors(given), tolerance, price)
        answers[one.name] = answer

    for one in contestants:
        if one.program:
            began = time.perf_counter()
            given = one.program(exam.questions)[None]
            seconds = time.perf_counter() - began
            examine(one, one.program, given, Price(seconds=seconds, lines=lines_of_code(one.program)))

    learners = [one for one in contestants if one.learner]
    for one, snapshot, seconds in _in_turns(task, learners, seeds, lab.seed):
        latest[one.name] = snapshot
        assert one.learner
        price = Price(examples=one.learner.examples, seconds=seconds, parameters=snapshot.network.parameters)
        examine(one, snapshot.network, snapshot.network(exam.questions), price)
        ranking = [found[each.name] for each in contestants if each.name in found]
        progress = sum(s.step / s.steps for s in latest.values()) / len(learners)
        first = next(iter(latest.values()))
        yield Standing(verdict(lab, task.axis, tolerance, ranking), dict(answers), progress, first.loss)


def _in_turns(
    task: Task, learners: Sequence[Contestant], seeds: int, seed: int
) -> Iterator[tuple[Contestant, Snapshot, float]]:
    """One snapshot of each learner after the other until all are done, with the seconds that it has learned for."""
    turns = [(one, timed(one.learner.fit(task, seeds, lessons(seed)))) for one in learners if one.learner]
    while turns:
        for turn in list(turns):
            one, steps = turn
            told = next(steps, None)
            if told is None:
                turns.remove(turn)
            else:
                yield one, *told


def timed(steps: Iterator[Snapshot]) -> Iterator[tuple[Snapshot, float]]:
    """Each snapshot with the seconds spent on it and those before it, not counting what is done in between."""
    spent = 0.0
    while True:
        began = time.perf_counter()
        snapshot = next(steps, None)
        spent += time.perf_counter() - began
        if snapshot is None:
            return
        yield snapshot, spent
