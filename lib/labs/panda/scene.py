"""One photo under attack, as it can be shown: every picture can be made again from the untouched one, to the bit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.tasks.photos.changes import CHANGES
from lib.tasks.photos.pushed import LEVELS

SIDE = 224  # pixels
SHOWN = 20  # steps of the walk at the lab's own ε
LIKELIEST = 5  # classes told of each picture
GREY = 128  # where the magnified change is nothing
UNDOES = ("nothing", *CHANGES)
"""What is done to the attacked picture before it is read again; `nothing`: not even rounded to whole levels."""


@dataclass(frozen=True)
class Scene:
    """What the network says of one photo, step after step at the lab's ε, and of the attacked one at every ε.

    So far s of SHOWN steps were made. All confidences are in [0, 1]; NaN, and class -1, where nothing is known yet.
    source: the class that is pushed away from; target: the one that is pushed towards or, where any will do, the
    other class that is likeliest after `steps`. eps, stride: the budget and a step [grey levels of 255]. steps: so many
    are the attack; the walk goes on to SHOWN.
    ways: (s, 18816) uint8, each step's direction, a bit for each number of the picture (224, 224, 3), 1 for brighter
    (numpy's packbits); `picture` makes pictures of it, in the browser a few lines do.
    labels, sure: (s + 1, 2, 5) the likeliest classes after each step, and how sure it is of them: of the very picture
    that `picture` gives (below one level, of one that no file holds), and of the very `change`.
    curve: (s + 1, 2) how sure it is of source and target, of the same pictures.
    sweep: (6 LEVELS, SHOWN + 1, 2) the same at every ε, before anything is rounded to whole levels; to `steps` steps,
    at the lab's own ε to all.
    undone: (7, 8, 3) how sure it is of source, target and what is likeliest, when the picture that the attack has made
    at ε = 0 and at each of LEVELS has met each of UNDOES; undone_reads: (7, 8) what is likeliest.
    program: (7,) what the program says of the file at each ε, see lib.programs.panda.
    """

    source: int
    target: int
    eps: float
    stride: float
    steps: int
    ways: np.ndarray
    labels: np.ndarray
    sure: np.ndarray
    curve: np.ndarray
    sweep: np.ndarray
    undone: np.ndarray
    undone_reads: np.ndarray
    program: np.ndarray

    @property
    def walked(self) -> int:
        """How many steps were made so far."""
        return len(self.ways)

    @property
    def whole(self) -> bool:
        """True if the budget fits a file of 8 bits; half a level does not: rounded, the picture is untouched."""
        return self.eps >= 1

    @property
    def factor(self) -> int:
        """How many times the change is magnified, so that ε is nearly all that a picture can show."""
        return int((255 - GREY) // self.eps)

    def offsets(self, clean: np.ndarray, step: int) -> np.ndarray:
        """(224, 224, 3) float64 by how many levels each number has moved, in whole levels if they fit.

        clean: (224, 224, 3) uint8, the picture that was attacked.
        """
        place = moved(self.ways[:step], clean, self.eps, self.stride)
        return rounded(place, self.eps) if self.whole else place

    def picture(self, clean: np.ndarray, step: int) -> np.ndarray:
        """(224, 224, 3) uint8 the picture after so many steps, as it can be stored; untouched for ε below 1."""
        whole = rounded(self.offsets(clean, step), self.eps)
        return (clean + whole).astype(np.uint8)

    def change(self, clean: np.ndarray, step: int) -> np.ndarray:
        """(224, 224, 3) uint8 the change alone, `factor` times as large, about a middle grey."""
        return (GREY + np.rint(self.factor * self.offsets(clean, step))).astype(np.uint8)


def moved(ways: np.ndarray, clean: np.ndarray, eps: float, stride: float) -> np.ndarray:
    """(224, 224, 3) float64 where steps (s, 18816) lead, in levels, kept within eps and within 0 and 255."""
    place = np.zeros(clean.shape)
    for way in ways:
        place = stepped(place, way, clean, eps, stride)
    return place


def stepped(place: np.ndarray, way: np.ndarray, clean: np.ndarray, eps: float, stride: float) -> np.ndarray:
    """The same after one step more."""
    signs = np.unpackbits(way, count=clean.size).reshape(clean.shape) * 2.0 - 1
    return np.clip(place + stride * signs, np.maximum(-eps, -clean.astype(float)), np.minimum(eps, 255.0 - clean))


def rounded(offsets: np.ndarray, eps: float) -> np.ndarray:
    """Offsets in whole levels, halves away from nothing, but never beyond eps."""
    most = np.floor(eps)
    return np.clip(np.sign(offsets) * np.floor(np.abs(offsets) + 0.5), -most, most)


def unknown(eps: float, stride: float, steps: int, source: int) -> Scene:
    """The scene before anything was asked."""
    nothing, levels = np.float32(np.nan), 1 + len(LEVELS)
    return Scene(
        source,
        -1,
        eps,
        stride,
        steps,
        ways=np.zeros((0, SIDE * SIDE * 3 // 8), np.uint8),
        labels=np.zeros((0, 2, LIKELIEST), np.int16),
        sure=np.zeros((0, 2, LIKELIEST), np.float32),
        curve=np.zeros((0, 2), np.float32),
        sweep=np.full((len(LEVELS), SHOWN + 1, 2), nothing),
        undone=np.full((levels, len(UNDOES), 3), nothing),
        undone_reads=np.full((levels, len(UNDOES)), -1, np.int16),
        program=np.full(levels, nothing),
    )
