"""See: what a network looks for in a picture, and what is left of its answers when nothing else is there.

A network trained by others on 1.28 million photographs is turned around: not its weights but the picture is moved until
a filter, or a class, answers as strongly as it can. Then photos are cut into tiles and shuffled, so that patches stay
and shapes go; a second network reads the same puzzles, and a program that a person wrote says that they are cut up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from lib import core
from lib.compare import verdict
from lib.kept import trim
from lib.knobs import check, choice, number
from lib.labs.see.puzzle import TOLERANCE, Puzzle
from lib.tasks.photos.classes import PANDA, both
from lib.tasks.photos.shipped import NAMES
from lib.tasks.see.tiles import Puzzles

LAYERS = ("early", "middle", "late", "last", "classes", "class", "digits")


@dataclass(frozen=True)
class Seen:
    """What the lab knows so far.

    loss: (seeds,) mean cross-entropy [nats] of the photos read so far, under each shuffler.
    puzzle: all photos, cut up.
    """

    verdict: core.Verdict
    progress: float
    loss: tuple[float, ...]
    puzzle: Puzzle


@dataclass(frozen=True)
class See:
    """What does a network look for in a picture: the shape, or the patches? It is asked, and it paints."""

    name: ClassVar[str] = "see"
    version: ClassVar[int] = 1
    result: ClassVar[type] = Seen
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {},
        "middle": {"layer": "middle"},
        "smoothed": {"feather": 2},
    }

    layer: str = choice("early", LAYERS)
    filters: int = number(24, 1, 64, step=1)
    first: int = number(0, 0, 1000, step=1)
    target: int = number(PANDA, 0, 999, step=1, called=both)
    steps: int = number(24, 1, 150, step=1)
    jitter: int = number(4, 0, 16, step=1, unit="px")
    smoothness: float = number(1.0, 0.0, 2.0, step=0.1)
    contrast: float = number(0.35, 0.05, 1.0, step=0.05)
    photos: int = number(len(NAMES), 1, len(NAMES), step=1)
    sure: float = number(0.5, 0.05, 0.95, step=0.05)
    feather: int = number(0, 0, 4, step=1, unit="px")
    seeds: int = number(2, 1, 5, step=1)
    seed: int = number(0, 0, 9999, step=1)

    def __post_init__(self) -> None:
        check(self)

    def asks(self) -> Puzzles:
        return Puzzles(self.feather)

    def program(self) -> Any:
        from lib.programs.see import SeamFinder

        return SeamFinder()

    def idle(self) -> dict[str, str]:
        return {}

    def run(self) -> Iterator[Seen]:
        """Yields while pictures grow, then while photos are read, cut up. Raises NotInstalledError at once."""
        from lib.labs.see.examiner import Examiner  # these import networks
        from lib.learners.photos.eye import Eye

        eye, axis = Eye.of("lite0"), self.asks().axis
        examiner = Examiner(self, eye)
        work, done = 2.0 * examiner.readings, 0.0

        def now(progress: float) -> Seen:
            told = verdict(self, axis, TOLERANCE, examiner.answerers())
            return Seen(told, min(progress, 1.0), examiner.loss, examiner.puzzle)

        for phase, cost in ((examiner.ask(), self.photos),):
            for _ in phase:
                done += cost
                yield now(0.99 * done / work)
            trim()
        yield now(1.0)
