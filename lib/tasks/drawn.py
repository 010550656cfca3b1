"""Points that somebody has drawn or pasted: how they are read, checked, and written into a link.

As text a point is a row `x, y, class`, with x and y from -1 to 1 and a class from 0 to 3. In a link it is four letters:
11 bits each for x and y and 2 for the class, in base64. Nothing is ever evaluated.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from dataclasses import dataclass

import numpy as np

MOST, LEAST = 2000, 4  # rows; the least: two of each of two classes
CLASSES = 4
GRID = 2047  # steps across the sheet
COLUMNS = ("x", "y", "class")


@dataclass(frozen=True)
class FaultyPointsError(ValueError):
    """What is wrong with pasted points. what: a word for it; row and column count from 1, 0 where none is to blame."""

    what: str
    row: int = 0
    column: int = 0
    got: str = ""

    def __str__(self) -> str:
        where = f"row {self.row}, column {COLUMNS[self.column - 1]}: " if self.column else f"row {self.row}: "
        need = {
            "columns": "give three numbers: x, y, class",
            "number": "give a number from -1 to 1",
            "class": f"give a whole number from 0 to {CLASSES - 1}",
            "many": f"give at most {MOST} rows",
            "few": f"give at least {LEAST} points, two of each of two classes",
        }[self.what]
        return f"{where if self.row else ''}got {self.got}; {need}"


def parse(text: str) -> np.ndarray:
    """The points (n, 3) of a pasted table: x, y in [-1, 1], class; commas, semicolons, tabs or blanks between them.

    Empty rows are left out, and so is a first row that names the columns. Raises FaultyPointsError.
    """
    rows = [(number, row.strip()) for number, row in enumerate(text.splitlines(), 1)]
    rows = [(number, re.split(r"[\s,;]+", row.strip(",; "))) for number, row in rows if row]
    if rows and [word.lower() for word in rows[0][1]] == list(COLUMNS):
        rows = rows[1:]
    if len(rows) > MOST:
        raise FaultyPointsError("many", got=f"{len(rows)} rows")
    return enough(np.array([_read(number, words) for number, words in rows]).reshape(-1, 3))


def _read(row: int, words: list[str]) -> list[float]:
    if len(words) != len(COLUMNS):
        raise FaultyPointsError("columns", row, got=f"{len(words)} of them")
    return [_number(row, column, word) for column, word in enumerate(words, 1)]


def _number(row: int, column: int, word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if column == 3:
        if value not in range(CLASSES):
            raise FaultyPointsError("class", row, column, repr(word[:20]))
    elif not -1 <= value <= 1:  # NaN is in no range
        raise FaultyPointsError("number", row, column, repr(word[:20]))
    return value


def enough(points: np.ndarray) -> np.ndarray:
    """The points as they are. Raises FaultyPointsError if no two classes have two points each."""
    counts = np.bincount(points[:, 2].astype(int), minlength=CLASSES)
    if (counts >= 2).sum() < 2:
        raise FaultyPointsError("few", got=f"{len(points)} points, by class {', '.join(map(str, counts[counts > 0]))}")
    return points


def encode(points: np.ndarray) -> str:
    """Points (n, 3) as letters for a link; places are rounded to a 1023rd of the sheet's half-width."""
    x, y = np.round((points[:, :2].T + 1) / 2 * (GRID - 1)).astype(np.uint32)
    packed = (x << 13) | (y << 2) | points[:, 2].astype(np.uint32)
    return base64.urlsafe_b64encode(packed.astype(">u4").view(np.uint8).reshape(-1, 4)[:, 1:].tobytes()).decode()


def decode(word: str) -> np.ndarray:
    """The points (n, 3) of a link. Raises ValueError if it was not written by `encode`."""
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
