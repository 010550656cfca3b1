"""A picture of nothing, or of the visitor's own, on its way to a class: a run of its own, for whoever asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lib import core
from lib.compare import verdict
from lib.kept import trim
from lib.knobs import check, choice, number
from lib.labs.see.fooling import MOST, STARTS, SURE, Fooling, started
from lib.tasks.photos.classes import PANDA, both
from lib.tasks.photos.shipped import SIZE, square


@dataclass(frozen=True)
class Fooled:
    """What a run knows so far."""

    verdict: core.Verdict
    progress: float
    fooling: Fooling


@dataclass(frozen=True)
class SeeFool:
    """One picture on its way, for whoever asks: from noise, from grey, or from a picture of the visitor's own.

    photo: of the visitor's own, a photo or a drawing: anything with `pixels` (h, w, 3) uint8 and a repr that tells two
    of them apart and nothing else; then `start` and `seed` say nothing.
    """

    name: ClassVar[str] = "see-fool"
    version: ClassVar[int] = 1
    result: ClassVar[type] = Fooled

    target: int = number(PANDA, 0, 999, step=1, called=both)
    start: str = choice("noise", STARTS)
    seed: int = number(0, 0, 9999, step=1)
    photo: Any = None

    def __post_init__(self) -> None:
        check(self)

    @property
    def clean(self) -> np.ndarray:
        """(224, 224, 3) uint8 the start: of a photo the middle, a drawing of that size as it is."""
        if self.photo is None:
            return started(self.start, self.seed)
        pixels = self.photo.pixels
        return pixels if pixels.shape == (SIZE, SIZE, 3) else square(pixels)

    def run(self) -> Iterator[Fooled]:
        """Yields after every step. Raises NotInstalledError at once."""
        from lib.labs.see.fooler import Fooler  # these import networks
        from lib.learners.photos.eye import Eye

        axis = core.Axis("step", "", train=(0.0, 0.0), exam=(0.0, float(MOST)))
        one = Fooler(Eye.of("lite0"), self.clean, self.target)
        for _ in one.fool():
            spent = 1.0 if one.fooling.done else min(one.fooling.steps / MOST, 0.99)
            yield Fooled(verdict(self, axis, 1 - SURE, []), spent, one.fooling)  # type: ignore[arg-type]
        trim()
