"""A picture that the program was not written for, and what it makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from lib.tasks.see.tiles import chessboard


@dataclass(frozen=True)
class Oddity:
    """picture: (224, 224, 3) uint8, whole. cut: whether the program says that it was cut up."""

    picture: np.ndarray
    cut: bool


@cache
def whole_board() -> Oddity:
    """A chessboard is made of squares, and whole."""
    from lib.programs.see.seams import SeamFinder

    picture = chessboard()
    return Oddity(picture, bool(SeamFinder()(picture[None])[0]))
