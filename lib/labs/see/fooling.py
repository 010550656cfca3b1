"""A picture of nothing on its way to be something for a network, as it can be shown: every step can be made again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.tasks.photos.shipped import SIZE

STARTS = ("noise", "grey")
GREY = 128  # the level of an empty picture
STRIDE = 2  # levels of 255 by which a step moves every number
FACTOR = 3  # how many times the change is shown; what leaves the picture then is cut off
MOST = 60  # steps, then it is given up
SURE = 0.99  # how sure of its target the network has to be
LIKELIEST = 5  # classes told of each picture
NOISE = 3  # stream of the lab's seed


@dataclass(frozen=True)
class Fooling:
    """What the network says of one picture, step after step, until it is more than SURE of its target.

    So far s steps were made; all confidences are in [0, 1]. Every picture is in whole levels, as a file keeps them, and
    what is told of it is told of the file.
    source: what the network likeliest says of the start; target: what it is to say.
    ways: (s, 18816) uint8, each step's direction, a bit for each number of the picture, 1 for brighter (numpy's
    packbits).
    labels, sure: (s + 1, 2, 5) the likeliest classes after each step, and how sure it is of them: of the picture, and
    of the magnified change alone. curve: (s + 1, 2) how sure it is of source and target, of the picture.
    done: whether it has come to its end.
    """

    source: int
    target: int
    ways: np.ndarray
    labels: np.ndarray
    sure: np.ndarray
    curve: np.ndarray
    done: bool = False

    @property
    def eps(self) -> float:
        """How far a number may get from its start [levels]: anywhere."""
        return 255.0

    @property
    def stride(self) -> float:
        return float(STRIDE)

    @property
    def factor(self) -> int:
        return FACTOR

    @property
    def steps(self) -> int:
        """How many were made."""
        return len(self.ways)

    @property
    def fooled(self) -> bool:
        """Whether the network is as sure of the target as was wanted."""
        return len(self.curve) > 0 and float(self.curve[-1, 1]) > SURE

    def moved(self, clean: np.ndarray) -> tuple[int, float]:
        """By how many levels the numbers of that start have moved: at most, and on average."""
        far = np.abs(self.picture(clean).astype(int) - clean)
        return int(far.max()), float(far.mean())

    def picture(self, clean: np.ndarray) -> np.ndarray:
        """(224, 224, 3) uint8 where it has come to from a start of that form."""
        place = clean.astype(int)
        for way in self.ways:
            place = stepped(place, way)
        return place.astype(np.uint8)


def stepped(place: np.ndarray, way: np.ndarray) -> np.ndarray:
    """Whole levels (224, 224, 3) after one step more, kept within 0 and 255."""
    signs = np.unpackbits(way, count=place.size).reshape(place.shape).astype(int) * 2 - 1
    return np.clip(place + STRIDE * signs, 0, 255)


def started(start: str, seed: int) -> np.ndarray:
    """(224, 224, 3) uint8 a picture of nothing: even noise in every level and colour, or one grey."""
    if start == "grey":
        return np.full((SIZE, SIZE, 3), GREY, np.uint8)
    return np.random.default_rng([seed, NOISE]).integers(0, 256, (SIZE, SIZE, 3), np.uint8)


def begun(target: int) -> Fooling:
    """Before the network was asked anything."""
    told = np.zeros((0, 2, LIKELIEST))
    ways = np.zeros((0, SIZE * SIZE * 3 // 8), np.uint8)
    curve = np.zeros((0, 2), np.float32)
    return Fooling(-1, target, ways, told.astype(np.int16), told.astype(np.float32), curve)
