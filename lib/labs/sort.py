"""Sort: networks that put rows of numbers in order, and programs that know why; and five more things to do with rows.

The network learns from short rows and is asked longer ones. A control is given what the task is made of: for rows that
are put in another order, the wiring that compares every pair; else a state that is carried along. A baseline looks up
the most similar row.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any, ClassVar

import numpy as np

from lib import core
from lib.compare import Contestant, compare
from lib.knobs import check, choice, number, switch
from lib.tasks.sort import SEQUENCES, Sequences, slips

QUESTIONS, WATCHED = 100, 20  # per length: at the end, and while a network learns
SHOWN = 32  # numbers in the row that is shown
TOLERANCE = 0.1  # of the rows with anything wrong
ROW = 3  # a random stream beside those of training and exam: the row that is shown
BOTH = {"both_ways": True, "width": 64, "steps": 2000, "seeds": 5}
PARITY = {"task": "parity", "longest": 20, "seeds": 5}


@dataclass(frozen=True)
class Scene:
    """One row, answered at several lengths from its start, by the network's first seed and by the program.

    row: (m,) the numbers; lengths: (k,) how many of them were asked; network, program, truth: (k, most) answers, -1
    beyond their ends; marks: (k, most) what is wrong in the network's (lib.tasks.sort).
    steps: (states, m) the program's row as it goes through all of it; touched: (states, 2) places, -1 for none; held:
    (states,) what it has in hand, -1 for nothing; asked: (states,) comparisons.
    All are whole numbers of a byte, but for `asked`.
    """

    row: np.ndarray
    lengths: np.ndarray
    network: np.ndarray
    program: np.ndarray
    truth: np.ndarray
    marks: np.ndarray
    steps: np.ndarray
    touched: np.ndarray
    held: np.ndarray
    asked: np.ndarray

    @classmethod
    def of(cls, task: Any, program: Any, row: np.ndarray) -> Scene:
        """What does not depend on a network."""
        lengths = sorted({*(int(at) for at in task.axis.exam if at < len(row)), len(row)})
        asked = [task.prefix(row, length) for length in lengths]
        truth = aligned([task.truth(one[None])[0] for one in asked])
        told = aligned([program(one[None])[0] for one in asked])
        rows, touched, held, compared = zip(*program.trace(row.tolist()), strict=True)
        return cls(
            row.astype(np.int8), np.array(lengths), np.full_like(truth, -1), told, truth, np.zeros_like(truth),
            np.array(rows, np.int8), aligned([np.array(one[:2]) for one in touched], 2),
            np.array([-1 if one is None else one for one in held], np.int8), np.array(compared),
        )  # fmt: skip

    def answered(self, task: Any, network: Any) -> Scene:
        """The same row with a network's present answers, those of its first seed."""
        rows = [task.prefix(self.row, length) for length in self.lengths]
        told = [network(row[None].astype(int))[0, 0] for row in rows]
        right = [truth[truth >= 0] for truth in self.truth]
        wrong = [slips(*one) for one in zip(rows, told, right, strict=True)]
        return replace(self, network=aligned(told), marks=aligned(wrong))


def aligned(rows: Sequence[np.ndarray], most: int = 0) -> np.ndarray:
    """Rows of different lengths as one array of bytes, -1 beyond their ends."""
    wide = max(most, *map(len, rows))
    return np.stack([np.pad(row, (0, wide - len(row)), constant_values=-1) for row in rows]).astype(np.int8)


@dataclass(frozen=True)
class Oddity:
    """What the program makes of a row that it was not written for: words in, words out or the error that it raises.

    right: what would be right, where that is agreed upon; empty where it is not.
    """

    name: str
    asked: tuple[str, ...]
    told: tuple[str, ...]
    right: tuple[str, ...]
    error: str


@dataclass(frozen=True)
class Sorted:
    """What the lab knows so far: whole rows wrong along the length, single numbers wrong, and one row to look at.

    weights: of the network's first seed, at the end of a run.
    """

    verdict: core.Verdict
    numbers: core.Verdict
    progress: float
    loss: tuple[float, ...]
    scene: Scene
    oddities: tuple[Oddity, ...]
    weights: tuple[np.ndarray, ...] = ()


@dataclass(frozen=True)
class Sort:
    """How long may a row be for a network that has sorted short ones? Networks against programs."""

    name: ClassVar[str] = "sort"
    version: ClassVar[int] = 1
    result: ClassVar[type] = Sorted
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {},
        "gru_both": {"learner": "gru"} | BOTH,
        "longer": {"longest": 20},
        "rotary": {"positions": "rotary"},
        "hidden": {"hidden": 0.3},
        "parity_rnn": PARITY | {"learner": "rnn"},
        "parity_transformer": PARITY,
        "addition": {"task": "addition", "learner": "gru"},
        "off_by_one": {"off_by_one": True},
    }
    exhibits: ClassVar[tuple[dict[str, Any], ...]] = (
        {"positions": "sinusoidal"},
        {"positions": "none"},
        {"learner": "lstm"} | BOTH,
        {"learner": "rnn"} | BOTH,
        *({"learner": cell, "width": 64, "steps": 2000} for cell in ("gru", "lstm", "rnn")),
        {"learner": "pointer", "steps": 2000},
        {"learner": "mlp"},
        PARITY | {"learner": "gru"},
        PARITY | {"learner": "lstm"},
        {"task": "addition"},
        {"task": "reverse"},
        {"task": "copy"},
        {"task": "maximum"},
    )

    task: str = choice("sort", tuple(SEQUENCES))
    learner: str = choice("transformer", ("transformer", "gru", "lstm", "rnn", "pointer", "mlp"))
    algorithm: str = choice("merge_sort", SEQUENCES["sort"].written)
    longest: int = number(8, 4, 20, step=1)
    numbers: int = number(10, 4, 64, stops=(4, 10, 16, 32, 64))
    hidden: float = number(0.0, 0.0, 0.5, step=0.1)
    both_ways: bool = switch(False)
    positions: str = choice("learned", ("learned", "sinusoidal", "rotary", "none"))
    width: int = number(32, 8, 128, step=8)
    steps: int = number(1200, 100, 5000, step=100)
    learning_rate: float = number(0.01, 0.0001, 1.0, stops=(0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 1.0))
    seeds: int = number(3, 1, 8, step=1)
    off_by_one: bool = switch(False)
    seed: int = number(0, 0, 9999, step=1)

    def __post_init__(self) -> None:
        check(self)

    def asks(self) -> Any:
        return SEQUENCES[self.task](self.numbers, self.longest, self.hidden)

    def program(self) -> Any:
        """Of those that were written for the task, the one that is picked, or the only one."""
        written = SEQUENCES[self.task].written
        name = self.algorithm if self.algorithm in written else written[0]
        named = getattr(import_module(f"lib.programs.sort.{name}"), name.title().replace("_", ""))
        return named(self.off_by_one)

    def idle(self) -> dict[str, str]:
        task = SEQUENCES[self.task]
        told = {} if self.algorithm in task.written else {"algorithm": "one_program"}
        told |= {} if self.learner in ("rnn", "gru", "lstm") else {"both_ways": "no_direction"}
        told |= {} if self.learner == "transformer" else {"positions": "no_positions"}
        told |= {} if task.alphabet is Sequences.alphabet else {"numbers": "fixed"}
        return told | ({"hidden": "too_few"} if self.asks().alphabet < 3 else {})

    def learns(self) -> Any:
        """The network that is trained."""
        from lib.learners.sequences.sequencer import Sequencer

        return Sequencer(
            self.learner,  # type: ignore[arg-type]
            self.width,
            self.both_ways,
            self.positions,  # type: ignore[arg-type]
            self.steps,
            learning_rate=self.learning_rate,
        )

    def given(self) -> Any:
        """A small network with what the task is made of: the wiring of a reordering, else a state to carry along."""
        from lib.learners.sequences.sequencer import Sequencer

        task = self.asks()
        return Sequencer("ranks" if task.extractive and not task.single else "gru", steps=400, learning_rate=0.01)

    def row(self) -> np.ndarray:
        """The row that is shown where a visitor gives none."""
        return self.asks().sample(SHOWN, 1, np.random.default_rng([self.seed, ROW]))[0]

    def run(self) -> Iterator[Sorted]:
        """Yields where the contest stands after every snapshot of a learner. Raises DivergedError."""
        from lib.learners.sequences.lookup import Lookup

        task, program, learner = self.asks(), self.program(), self.learns()
        contestants = (
            Contestant("network", "network", learner=learner),
            Contestant("given", "control", learner=self.given()),
            Contestant("lookup", "baseline", learner=Lookup()),
            Contestant("program", "program", program=program),
        )
        scene, oddities = Scene.of(task, program, self.row()), tuple(odd(task, program))
        contest = compare(
            self, contestants, questions=QUESTIONS, seeds=self.seeds, tolerance=TOLERANCE, watched=WATCHED,
            others=(task.misses,),
        )  # fmt: skip
        for now in contest:
            network: Any = now.answers["network"]
            kept = tuple(weight[0].numpy() for weight in network.weights) if now.progress == 1.0 else ()
            seen = scene.answered(task, network)
            yield Sorted(now.verdict, now.others[0], now.progress, now.loss, seen, oddities, kept)


@dataclass(frozen=True)
class Answered:
    """A visitor's own row, answered; None while the network has yet to be trained. Signed by who was asked what."""

    verdict: core.Verdict
    progress: float
    scene: Scene | None


@dataclass(frozen=True)
class Row:
    """A row of a visitor's for the network of a lab: at once where that has been run, else after running it."""

    lab: Sort
    row: tuple[int, ...]

    name: ClassVar[str] = "sort_row"
    version: ClassVar[int] = Sort.version
    result: ClassVar[type] = Answered

    def __post_init__(self) -> None:
        task, row = self.lab.asks(), self.row
        known = len(row) >= task.shortest and all(0 <= number < task.alphabet for number in row)
        if not known or task.completed(row) != row:
            what = f"{task.shortest} or more whole numbers from 0 to {task.alphabet - 1}, completed as the task does"
            raise ValueError(f"row: got {row} for {task.name!r}, choose {what}")

    def run(self) -> Iterator[Answered]:
        """Yields the answers, after the lab's own progress if it has to be run. Raises what that raises."""
        import torch

        from lib import store
        from lib.learners.sequences.sequencer import TrainedSequencer

        found = store.find(self.lab)
        result = found[0] if found else None
        if result is None:
            for result in self.lab.run():
                yield Answered(replace(result.verdict, recipe=repr(self)), 0.99 * result.progress, None)
        assert result
        task = self.lab.asks()
        weights = [torch.as_tensor(weight)[None] for weight in result.weights]
        network = TrainedSequencer(self.lab.learns().shape(task), weights)
        scene = Scene.of(task, self.lab.program(), np.array(self.row)).answered(task, network)
        yield Answered(replace(result.verdict, recipe=repr(self)), 1.0, scene)


def questions(result: Sorted | Answered) -> list[np.ndarray]:
    """What was asked at each length of a result's scene, by the rule of the task that its recipe names."""
    assert result.scene
    named = re.search(r"\btask='(\w+)'", result.verdict.recipe)
    task = SEQUENCES[named[1] if named else "sort"]()
    return [task.prefix(result.scene.row, length) for length in result.scene.lengths.tolist()]


@dataclass(frozen=True)
class Card:
    """A number with a mark beside it, which comparing does not look at."""

    number: int
    mark: str

    def __lt__(self, other: Card) -> bool:
        return self.number < other.number

    def __str__(self) -> str:
        return f"{self.number}{self.mark}"


CARDS = tuple(Card(number, mark) for number, mark in zip((2, 1, 2, 1, 2, 1), "abcdef", strict=True))
ODD: dict[str, tuple[Any, ...]] = {
    "nan": (3.0, math.nan, 2.0, 4.0, 1.0),
    "mixed": (3, "two", 1),
    "cards": CARDS,
}


def odd(task: Any, program: Any) -> Iterator[Oddity]:
    """What a program makes of rows with no number in them, of words among numbers, and of equals that differ."""
    for name, row in ODD.items():
        told: tuple[Any, ...] = ()
        error = ""
        try:
            *_, (last, _, held, _) = program.trace(row)
            told = (held,) if task.single else last
        except TypeError as fault:
            error = f"TypeError: {fault}"
        right = sorted(row, key=by_number) if task.name == "sort" and name != "mixed" else ()
        yield Oddity(name, words(row), words(told), words(right), error)


def words(row: Sequence[Any]) -> tuple[str, ...]:
    return tuple("NaN" if one != one else str(one) for one in row)


def by_number(one: Any) -> tuple[bool, float]:
    """Numbers in order, what is none behind them, as most languages agree; equals stay as they stand."""
    size = one.number if isinstance(one, Card) else one
    return size != size, size
