"""A picture that the program was not written for, and what it makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from lib.tasks.photos.lights import badger


@dataclass(frozen=True)
class Oddity:
    """picture: (224, 224, 3) uint8. panda: what the program says; it is none."""

    picture: np.ndarray
    panda: bool


@cache
def drawn_badger() -> Oddity:
    """A badger is black and white too, and has two dark eyes."""
    from lib.programs.panda import PandaReader

    picture = badger()
    return Oddity(picture, bool(PandaReader()(picture[None])[0]))
