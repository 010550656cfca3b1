"""See: what a network looks for in a picture, and what is left of its answers when nothing else is there.

A network trained by others on 1.28 million photographs is turned around: not its weights but the picture is moved until
a filter, or a class, answers as strongly as it can. Then photos are cut into tiles and shuffled, so that patches stay
and shapes go; a second network reads the same puzzles, and a program that a person wrote says that they are cut up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lib import core
from lib.compare import verdict
from lib.kept import trim
from lib.knobs import check, choice, knobs, number
from lib.labs.see.doubt import Doubt
from lib.labs.see.fool import SeeFool
from lib.labs.see.grid import FILTERS, LAYERS, Grid
from lib.labs.see.puzzle import TOLERANCE, Puzzle
from lib.labs.see.shapes import ROUNDS, Shapes, paired
from lib.tasks.photos.classes import PANDA, both
from lib.tasks.photos.shipped import NAMES
from lib.tasks.see.tiles import Puzzles

PAIRS = 4  # a stream of the lab's seed
DOUBT = 80.0  # what all of the digits cost, in readings of a photo
SHAPES = {"steps": 100, "jitter": 12, "smoothness": 1.2, "contrast": 0.25}  # what classes take to be made out


@dataclass(frozen=True)
class Seen:
    """What the lab knows so far.

    loss: (seeds,) mean cross-entropy [nats] of the photos read so far, under each shuffler.
    grid: what filters or classes want to see. puzzle: all photos, cut up. shapes: outlines of some, filled with the
    coats of others. doubt: digits and what is none.
    """

    verdict: core.Verdict
    progress: float
    loss: tuple[float, ...]
    grid: Grid
    puzzle: Puzzle
    shapes: Shapes
    doubt: Doubt | None = None


@dataclass(frozen=True)
class See:
    """What does a network look for in a picture: the shape, or the patches? It is asked, and it paints."""

    name: ClassVar[str] = "see"
    version: ClassVar[int] = 1
    result: ClassVar[type] = Seen
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {},
        "middle": {"layer": "middle"},
        "late": {"layer": "late", "filters": 16, "steps": 32},
        "last": {"layer": "last", "filters": 12, "steps": 48, "jitter": 8, "smoothness": 1.2},
        "classes": {"layer": "classes"} | SHAPES,
        "digits": {"layer": "digits", "contrast": 0.35},
        "strokes": {"layer": "digits_early", "contrast": 0.5, "smoothness": 0.0, "jitter": 0},
        "speckle": {"layer": "class"} | SHAPES | {"jitter": 0, "smoothness": 0.0},
        "smoothed": {"feather": 2},
    }
    besides: ClassVar[tuple[Any, ...]] = (SeeFool(),)

    layer: str = choice("early", LAYERS)
    filters: int = number(24, 1, 64, step=1)
    first: int = number(0, 0, 1000, step=1)
    target: int = number(PANDA, 0, 999, step=1, called=both)
    steps: int = number(24, 1, 150, step=1)
    jitter: int = number(6, 0, 25, step=1, unit="%")
    smoothness: float = number(1.0, 0.0, 2.0, step=0.1)
    contrast: float = number(0.2, 0.05, 0.5, step=0.05)
    photos: int = number(len(NAMES), 1, len(NAMES), step=1)
    sure: float = number(0.5, 0.05, 0.95, step=0.05)
    feather: int = number(0, 0, 4, step=1, unit="px")
    coats: int = number(ROUNDS, 1, len(NAMES) - 1, step=1)
    seeds: int = number(2, 1, 5, step=1)
    networks: int = number(5, 2, 8, step=1)
    seed: int = number(0, 0, 9999, step=1)

    def __post_init__(self) -> None:
        """A knob that changes nothing is the default: equal runs look equal."""
        check(self)
        for name in self.idle():
            object.__setattr__(self, name, knobs(self)[name].default)

    def asks(self) -> Puzzles:
        return Puzzles(self.feather)

    def program(self) -> Any:
        from lib.programs.see.seams import SeamFinder

        return SeamFinder()

    def idle(self) -> dict[str, str]:
        """Only layers have filters to choose from, and only one class at a time can be any."""
        told = {} if self.layer == "class" else {"target": "one_class"}
        return told if self.layer in FILTERS else told | {"filters": "no_filters", "first": "no_filters"}

    def run(self) -> Iterator[Seen]:
        """Yields while pictures grow, then while photos are read, cut up. Raises NotInstalledError at once."""
        from lib.labs.see.cutter import Cutter  # these import networks
        from lib.labs.see.doubter import Doubter
        from lib.labs.see.examiner import Examiner
        from lib.labs.see.painter import Painter
        from lib.learners.photos.eye import Eye

        eye, axis = Eye.of("lite0"), self.asks().axis
        painter, examiner = Painter(self), Examiner(self, eye)
        cutter = Cutter(eye, paired(self.coats, np.random.default_rng([self.seed, PAIRS])))
        doubter = Doubter(self.seed, self.networks)
        work, done = painter.readings + 2.0 * examiner.readings + cutter.readings + DOUBT, 0.0

        def now(progress: float) -> Seen:
            told = verdict(self, axis, TOLERANCE, examiner.answerers())
            known = painter.grid, examiner.puzzle, cutter.shapes, doubter.doubt
            return Seen(told, min(progress, 1.0), examiner.loss, *known)

        for phase, cost in (
            (painter.grow(), painter.step),
            (painter.compare(), 1.0),
            (examiner.ask(), self.photos),
            (cutter.ask(), 1.0),
            (doubter.ask(), DOUBT),
        ):
            for share in phase:
                done += cost * (1.0 if share is None else share)
                yield now(min(done / work, 0.99))
            trim()
        yield now(1.0)
