"""Points that somebody has drawn or pasted: how they are read, checked, and written into a link.

As text a point is a row `x, y, class`, with x and y from -1 to 1 and a class from 0 to 3. In a link it is four letters:
11 bits each for x and y and 2 for the class, in base64. Nothing is ever evaluated.
"""

from __future__ import annotations

import base64
import binascii
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib import numerals

MOST, LEAST = 2000, 4  # rows; the least: two of each of two classes
CLASSES = 4
GRID = 2047  # steps across the sheet
COLUMNS = ("x", "y", "class")


@dataclass(eq=False)  # not frozen: an exception is given its traceback
class FaultyPointsError(ValueError):
    """What is wrong with points. what: a word for it; row and column count from 1, 0 where none is to blame.

    got: the word that stands there, or a bare number: of columns, of rows, of points by class; x, y and the class that
    the place has already. A page says in its visitor's language what is counted.
    """

    what: str
    row: int = 0
    column: int = 0
    got: str = ""

    def __str__(self) -> str:
        where = f"row {self.row}, column {COLUMNS[self.column - 1]}: " if self.column else f"row {self.row}: "
        told = {
            "columns": f"got {self.got} columns; give three numbers: x, y, class",
            "number": f"got {self.got}; give a number from -1 to 1",
            "class": f"got {self.got}; give a whole number from 0 to {CLASSES - 1}",
            "many": f"got {self.got} rows; give at most {MOST}",
            "few": f"got {self.got} points by class; give at least {LEAST}, two of each of two classes",
            "contradiction": f"got a second class for the place of another row ({self.got}); give each place one class",
        }[self.what]
        return f"{where if self.row else ''}{told}"


def parse(text: str) -> np.ndarray:
    """The points (n, 3) of a pasted table: x, y in [-1, 1], class; commas, semicolons, tabs or blanks between them.

    Numbers in any script and with decimal commas, see lib.numerals. Empty rows are left out, and so is a first row that
    names the columns. Raises FaultyPointsError.
    """
    lines = [(number, line) for number, line in enumerate(numerals.lines(text), 1) if line.strip()]
    if lines and [unicodedata.normalize("NFKC", word).lower() for word in numerals.words(lines[0][1])] == list(COLUMNS):
        lines = lines[1:]
    if len(lines) > MOST:  # before anything is made of them
        raise FaultyPointsError("many", got=str(len(lines)))
    rows = [(number, words) for number, line in lines if (words := numerals.words(line, len(COLUMNS)))]
    points = np.array([_read(number, words) for number, words in rows]).reshape(-1, 3)
    return enough(points, [number for number, _ in rows])


def _read(row: int, words: list[str]) -> list[float]:
    if len(words) != len(COLUMNS):
        raise FaultyPointsError("columns", row, got=str(len(words)))
    return [_number(row, column, word) for column, word in enumerate(words, 1)]


def _number(row: int, column: int, word: str) -> float:
    value = numerals.number(word)
    if column == 3:
        if value is None or value not in range(CLASSES):
            raise FaultyPointsError("class", row, column, repr(word[:20]))
    elif value is None or not -1 <= value <= 1:
        raise FaultyPointsError("number", row, column, repr(word[:20]))
    return value


def enough(points: np.ndarray, rows: Sequence[int] = ()) -> np.ndarray:
    """The points (n, 3) as they are; rows: their numbers, else they count from 1.

    Raises FaultyPointsError if no two classes have two points each, or a place of a link has points of two classes.
    """
    kinds = points[:, 2].astype(int)
    counts = np.bincount(kinds, minlength=CLASSES)
    if (counts >= 2).sum() < 2:
        raise FaultyPointsError("few", got=" / ".join(map(str, counts)))
    seen: dict[tuple[int, ...], int] = {}
    for number, place, kind, (x, y, _) in zip(
        rows or range(1, len(points) + 1), _steps(points).T.tolist(), kinds.tolist(), points.tolist(), strict=True
    ):
        if seen.setdefault(tuple(place), kind) != kind:
            raise FaultyPointsError("contradiction", number, got=f"{x:.4g}, {y:.4g}: {seen[tuple(place)]}")
    return points


def _steps(points: np.ndarray) -> np.ndarray:
    """Points (n, 3) as whole steps across the sheet: (2, n)."""
    return np.round((points[:, :2].T + 1) / 2 * (GRID - 1)).astype(np.uint32)


def encode(points: np.ndarray) -> str:
    """Points (n, 3) as letters for a link; places are rounded to a 1023rd of the sheet's half-width."""
    x, y = _steps(points)
    packed = (x << 13) | (y << 2) | points[:, 2].astype(np.uint32)
    return base64.urlsafe_b64encode(packed.astype(">u4").view(np.uint8).reshape(-1, 4)[:, 1:].tobytes()).decode()


def decode(word: str) -> np.ndarray:
    """The points (n, 3) of a link. Raises ValueError if it was not written by `encode`, or `enough` refuses them."""
    if len(word) % 4 or len(word) > 4 * MOST:
        raise ValueError(f"got {len(word)} letters, choose four a point, for at most {MOST} points")
    try:
        packed = np.frombuffer(base64.b64decode(word, altchars=b"-_", validate=True), np.uint8).reshape(-1, 3)
    except (binascii.Error, ValueError) as fault:
        raise ValueError("got letters that no drawing is written in, choose those of a link") from fault
    bits = packed.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    places = np.stack([bits >> 13, (bits >> 2) & GRID]).T
    if (places > GRID - 1).any():
        raise ValueError("got a point off the sheet, choose the letters of a link")
    return enough(np.column_stack([places / ((GRID - 1) / 2) - 1, bits & 3]).astype(float))
