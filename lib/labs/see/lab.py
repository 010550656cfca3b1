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
from lib.labs.see.doubt import Doubt
from lib.labs.see.fooling import Fooling, SeeFool
from lib.labs.see.puzzle import TOLERANCE, Puzzle
from lib.tasks.photos.classes import PANDA, both
from lib.tasks.photos.shipped import NAMES
from lib.tasks.see.tiles import Puzzles

FOOLING, DOUBT = 4.0, 80.0  # what a step of a fooling picture costs, and all of the digits, in readings of a photo
LAYERS = ("early", "middle", "late", "last", "classes", "class", "digits")


@dataclass(frozen=True)
class Seen:
    """What the lab knows so far.

    loss: (seeds,) mean cross-entropy [nats] of the photos read so far, under each shuffler.
    puzzle: all photos, cut up. fooling: noise on its way to the lab's target. doubt: digits and what is none.
    """

    verdict: core.Verdict
    progress: float
    loss: tuple[float, ...]
    puzzle: Puzzle
    fooling: Fooling
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
    networks: int = number(5, 2, 8, step=1)
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

    @property
    def fooled(self) -> SeeFool:
        """The noise that a run moves until it is the lab's target."""
        return SeeFool(self.target, seed=self.seed)

    def run(self) -> Iterator[Seen]:
        """Yields while pictures grow, then while photos are read, cut up. Raises NotInstalledError at once."""
        from lib.labs.see.doubter import Doubter  # these import networks
        from lib.labs.see.examiner import Examiner
        from lib.labs.see.fooler import Fooler
        from lib.learners.photos.eye import Eye

        eye, axis = Eye.of("lite0"), self.asks().axis
        examiner, doubter = Examiner(self, eye), Doubter(self.seed, self.networks)
        fooler = Fooler(eye, self.fooled.clean, self.target)
        work, done = 2.0 * examiner.readings + 15 * FOOLING + DOUBT, 0.0

        def now(progress: float) -> Seen:
            told = verdict(self, axis, TOLERANCE, examiner.answerers())
            known = examiner.puzzle, fooler.fooling, doubter.doubt
            return Seen(told, min(progress, 1.0), examiner.loss, *known)

        for phase, cost in ((examiner.ask(), self.photos), (fooler.fool(), FOOLING), (doubter.ask(), DOUBT)):
            for share in phase:
                done += cost * (1.0 if share is None else share)
                yield now(min(done / work, 0.99))
            trim()
        yield now(1.0)
