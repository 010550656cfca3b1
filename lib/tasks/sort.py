"""Sequences of whole numbers that are put in order, turned round, copied, summed up: the axis is their length.

A question is a row of numbers, all of one length; an answer is a row as long, or a single number. Training sees short
rows, and on request only some of the numbers; the exam goes on to long rows of all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from lib import numerals
from lib.core import Axis

FAR = 64  # the exam goes at least so far
LENGTHS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16, 18, 20, 24, 28, 32, 40, 48, 56, 64, 80, 100)
RIGHT, DOUBLED, INVENTED, MISPLACED, WRONG = range(5)


@dataclass(frozen=True)
class Sequences:
    """Rows of the numbers from 0 to `alphabet` - 1; training sees lengths from `shortest` to `longest`.

    numbers: how many there are, where the task leaves a choice; hidden: the share of them that training never shows,
    while the exam draws from all.
    A subclass says what the answer is: `truth` of its questions, `symbols` that may stand in it, `single` if it is one
    number, `extractive` if it is made of the question's own numbers, `online` if each of its numbers is known once the
    question has been read so far; and in which modules programs were `written` for it.
    """

    numbers: int = 10
    longest: int = 8
    hidden: float = 0.0

    name: ClassVar[str] = ""
    shortest: ClassVar[int] = 2
    written: ClassVar[tuple[str, ...]] = ()
    single: ClassVar[bool] = False
    extractive: ClassVar[bool] = False
    online: ClassVar[bool] = False

    @property
    def axis(self) -> Axis:
        """Lengths; the exam ends at 64, or at five times the longest trained one."""
        end = max(FAR, 5 * self.longest)
        exam = tuple(float(length) for length in LENGTHS if self.shortest <= length <= end)
        return Axis("length", "", (float(self.shortest), float(self.longest)), exam, logarithmic=True)

    @property
    def alphabet(self) -> int:
        """How many different numbers a question can hold."""
        return self.numbers

    @property
    def symbols(self) -> int:
        """How many different numbers an answer can hold."""
        return self.alphabet

    @cached_property
    def shown(self) -> np.ndarray:
        """The numbers that training draws from; the hidden ones lie evenly among them, the ends are always shown."""
        count = min(round(self.hidden * self.alphabet), self.alphabet - 2)
        hidden = np.linspace(0, self.alphabet - 1, count + 2).round().astype(int)[1:-1]
        return np.setdiff1d(np.arange(self.alphabet), hidden)

    def sample(self, at: float, n: int, rng: np.random.Generator) -> np.ndarray:
        """(n, at) questions of all numbers."""
        return self._drawn(np.arange(self.alphabet), int(at), n, rng)

    def training_rows(self, length: int, n: int, rng: np.random.Generator) -> np.ndarray:
        """(n, length) questions of the numbers that training shows."""
        return self._drawn(self.shown, length, n, rng)

    def training_sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """(n, length) questions of one trained length, drawn too."""
        return self.training_rows(int(rng.integers(self.shortest, self.longest + 1)), n, rng)

    def prefix(self, row: np.ndarray, length: int) -> np.ndarray:
        """The first numbers of a row (m,) as a question of their own: (length,)."""
        return row[:length]

    def completed(self, row: tuple[int, ...]) -> tuple[int, ...]:
        """A row of somebody's own as a question of this task, with what that needs at its end."""
        return row

    def truth(self, x: np.ndarray) -> np.ndarray:
        """(n, length) questions -> answers, (n, length) or (n, 1)."""
        raise NotImplementedError

    def error(self, answer: np.ndarray, y: np.ndarray) -> np.ndarray:
        """1 for an answer with anything wrong in it, 0 for a right one: exact match."""
        return (answer != y).any(axis=1).astype(float)

    def misses(self, answer: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The share of wrong numbers in each answer."""
        return (answer != y).mean(axis=1)

    def _drawn(self, numbers: np.ndarray, length: int, n: int, rng: np.random.Generator) -> np.ndarray:
        return numbers[rng.integers(len(numbers), size=(n, length))]


@dataclass(frozen=True)
class Sort(Sequences):
    """The same numbers in ascending order."""

    name = "sort"
    written = ("merge_sort", "insertion_sort", "quick_sort", "radix_sort")
    extractive = True

    def truth(self, x: np.ndarray) -> np.ndarray:
        return np.sort(x, axis=1)


@dataclass(frozen=True)
class Reverse(Sequences):
    """The same numbers, the last one first."""

    name = "reverse"
    written = ("mirror",)
    extractive = True

    def truth(self, x: np.ndarray) -> np.ndarray:
        return x[:, ::-1]


@dataclass(frozen=True)
class Copy(Sequences):
    """The same numbers as they stand."""

    name = "copy"
    written = ("copying",)
    extractive = True
    online = True

    def truth(self, x: np.ndarray) -> np.ndarray:
        return x.copy()


@dataclass(frozen=True)
class Maximum(Sequences):
    """The largest number."""

    name = "maximum"
    written = ("maximum",)
    single = True
    extractive = True

    def truth(self, x: np.ndarray) -> np.ndarray:
        return x.max(axis=1, keepdims=True)


@dataclass(frozen=True)
class Parity(Sequences):
    """1 if an odd number of ones stands in a row of bits. Training begins with single bits."""

    name = "parity"
    written = ("parity",)
    shortest = 1
    single = True

    @property
    def alphabet(self) -> int:
        return 2

    def truth(self, x: np.ndarray) -> np.ndarray:
        return x.sum(axis=1, keepdims=True) % 2


@dataclass(frozen=True)
class Addition(Sequences):
    """The digits of a sum, ones first: each number 10·a + b is a column with digit a over digit b.

    The last column is 0 over 0, so that the sum has as many digits as there are columns.
    """

    name = "addition"
    written = ("addition",)
    online = True

    @property
    def alphabet(self) -> int:
        return 100

    @property
    def symbols(self) -> int:
        return 10

    def _drawn(self, numbers: np.ndarray, length: int, n: int, rng: np.random.Generator) -> np.ndarray:
        x = super()._drawn(numbers, length, n, rng)
        x[:, -1] = 0
        return x

    def prefix(self, row: np.ndarray, length: int) -> np.ndarray:
        """The last column of the first ones makes room for their sum too."""
        return np.append(row[: length - 1], row.dtype.type(0))

    def completed(self, row: tuple[int, ...]) -> tuple[int, ...]:
        return row if row[-1] == 0 else (*row, 0)

    def truth(self, x: np.ndarray) -> np.ndarray:
        """Raises ValueError if a sum has more digits than there are columns."""
        columns = x // 10 + x % 10
        digits = np.empty_like(columns)
        carry = np.zeros(len(x), columns.dtype)
        for place, column in enumerate(columns.T):
            carry, digits[:, place] = np.divmod(column + carry, 10)
        if carry.any():
            raise ValueError("addition: got columns whose sum has one digit more; end them with 0, a column 0 over 0")
        return digits


SEQUENCES: dict[str, type[Sequences]] = {one.name: one for one in (Sort, Reverse, Copy, Maximum, Parity, Addition)}


def slips(x: np.ndarray, answer: np.ndarray, y: np.ndarray) -> np.ndarray:
    """What is wrong where in one answer (m,) to one question (n,) whose right answer is y (m,): codes (m,).

    Where y holds just the numbers of x, a wrong number that x does not hold is INVENTED; one that stands in the answer
    more often than in x is DOUBLED, at those of its places that are wrong, from the right; any other is MISPLACED.
    Elsewhere what is wrong is WRONG.
    """
    moved = np.array_equal(np.sort(x), np.sort(y))
    told = np.where(answer == y, RIGHT, MISPLACED if moved else WRONG)
    for number in np.unique(answer) if moved else ():
        here = np.flatnonzero((answer == number) & (told != RIGHT))
        spare = int((answer == number).sum() - (x == number).sum())
        if not (x == number).any():
            told[here] = INVENTED
        elif spare > 0:
            told[here[-spare:]] = DOUBLED
    return told


def lost(x: np.ndarray, answer: np.ndarray) -> list[int]:
    """The numbers of a question that an answer does not hold, or not as often, in ascending order."""
    missing = [(number, int((x == number).sum() - (answer == number).sum())) for number in np.unique(x)]
    return [int(number) for number, times in missing for _ in range(times)]


class RowError(ValueError):
    """What somebody typed is no row: the `word` at `place` (from 1), and why: "word", "range", "few", "many" or "room".

    room: the row is as long as may be and has no room for the answer.
    """

    def __init__(self, why: str, word: str, place: int) -> None:
        super().__init__(
            f"row: got {word!r} at place {place} ({why}); give whole numbers with commas or blanks between"
        )
        self.why, self.word, self.place = why, word, place


def typed(text: str, task: Sequences, most: int = FAR) -> tuple[int, ...]:
    """A row of the task's numbers from what a visitor typed (see lib.numerals), completed to a question of the task.

    Raises RowError for the first thing that is wrong.
    """
    words = numerals.words(text)
    if not words:
        raise RowError("word", text, 1)
    row = []
    for place, word in enumerate(words, 1):
        if place > most:
            raise RowError("many", word, place)
        number = numerals.whole(word)
        if number is None:
            raise RowError("word", word, place)
        if not 0 <= number < task.alphabet:
            raise RowError("range", word, place)
        row.append(number)
    told = task.completed(tuple(row))
    if len(told) < task.shortest:
        raise RowError("few", words[-1], len(row))
    if len(told) > most:
        raise RowError("room", words[-1], len(row))
    return told
