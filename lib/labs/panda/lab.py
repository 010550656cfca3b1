"""Panda: a real photograph, a change too small to see, and a network that is certain of something else.

EfficientNet-Lite0, trained by others on 1.28 million photographs, is attacked along its own gradient. The photo is
watched step by step, with what undoes the attack; then all photos meet every attack at every ε, a second network reads
the same pictures, random signs of the same size stand beside, and a program that a person wrote says whether it sees a
panda.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lib import core
from lib.compare import verdict
from lib.kept import trim
from lib.knobs import check, choice, knobs, number, switch
from lib.labs.panda.contest import TOLERANCE, Contest, elsewhere
from lib.labs.panda.scene import SHOWN, Scene
from lib.tasks.photos.classes import GIBBON, both
from lib.tasks.photos.lights import lit
from lib.tasks.photos.pushed import LEVELS, Photographs
from lib.tasks.photos.shipped import CLASS, NAMES, photo, square

FORWARD = 0.4  # of a gradient: what it costs to read a picture
OWN = "own"  # the name of a visitor's photo among others


@dataclass(frozen=True)
class Pushed:
    """What the lab knows so far.

    loss: (seeds,) mean cross-entropy [nats] of the photos asked so far under each seed's random signs, over all ε.
    scene: one photo, step by step; contest: all photos at every ε.
    gradients, forwards: how many pictures the first network was asked about so far, with a gradient and without.
    """

    verdict: core.Verdict
    progress: float
    loss: tuple[float, ...]
    scene: Scene
    contest: Contest
    gradients: int = 0
    forwards: int = 0


@dataclass(frozen=True)
class Panda:
    """By how much must each pixel of a photo change until a network sees something else? Its gradient knows."""

    name: ClassVar[str] = "panda"
    version: ClassVar[int] = 1
    result: ClassVar[type] = Pushed
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {},
        "one_step": {"steps": 1},
        "anything": {"targeted": False},
        "all": {"photos": len(NAMES), "targets": 3},
        "lamp": {"warmth": 0.6},
    }

    animal: str = choice("panda", NAMES)
    targeted: bool = switch(True)
    target: int = number(GIBBON, 0, 999, step=1, called=both)
    eps: float = number(1.0, LEVELS[0], LEVELS[-1], stops=LEVELS, unit="/255")
    steps: int = number(10, 1, SHOWN, step=1)
    photos: int = number(2, 1, len(NAMES), step=1)
    targets: int = number(1, 1, 5, step=1)
    seeds: int = number(2, 1, 8, step=1)
    warmth: float = number(0.0, -1.0, 1.0, step=0.1)
    brightness: float = number(1.0, 0.3, 2.0, step=0.1)
    seed: int = number(0, 0, 9999, step=1)

    def __post_init__(self) -> None:
        """A target that nobody aims at is the default, one that the photo shows is another: equal runs look equal."""
        check(self)
        if not self.targeted:
            object.__setattr__(self, "target", knobs(self)["target"].default)
        object.__setattr__(self, "target", elsewhere(self.target, CLASS[self.animal]))

    def asks(self) -> Photographs:
        return Photographs()

    def program(self) -> Any:
        from lib.programs.panda import PandaReader

        return PandaReader()

    def idle(self) -> dict[str, str]:
        return {} if self.targeted else {"target": "untargeted"}

    @property
    def clean(self) -> np.ndarray:
        """(224, 224, 3) uint8 the untouched photo, as the network sees it."""
        return self.seen(self.animal)

    def seen(self, name: str) -> np.ndarray:
        """(224, 224, 3) uint8 a photo under the lab's lamp, before anybody attacks it."""
        return lit(photo(name), self.brightness, self.warmth)

    @property
    def order(self) -> tuple[str, ...]:
        """The photos of the contest, the lab's own first."""
        return (self.animal, *(name for name in NAMES if name != self.animal))[: self.photos]

    def run(self) -> Iterator[Pushed]:
        """Yields after every step, then what undoes it, then the contest. Raises NotInstalledError at once."""
        right = np.array([CLASS[name] for name in self.order])
        yield from played(self, self, self.order, np.stack([self.seen(name) for name in self.order]), right)


@dataclass(frozen=True)
class PandaOn:
    """The same attack on a photo of a visitor's own, which is asked first what the network sees; never stored.

    photo: anything with `pixels` (h, w, 3) uint8 and a repr that tells two of them apart and nothing else. What the
    network reads on it untouched is what it is pushed away from, and counts as right. The contest has no other photo.
    """

    lab: Panda
    photo: Any

    name: ClassVar[str] = "panda_photo"
    version: ClassVar[int] = Panda.version
    result: ClassVar[type] = Pushed

    @property
    def seed(self) -> int:
        return self.lab.seed

    @property
    def clean(self) -> np.ndarray:
        """(224, 224, 3) uint8 the middle of the photo, as the network sees it."""
        return square(self.photo.pixels)

    def run(self) -> Iterator[Pushed]:
        """As the lab's, of this photo alone; the program is not examined, nobody knows what it should say."""
        yield from played(self.lab, self, (OWN,), self.clean[None], None)


def played(
    lab: Panda, recipe: Panda | PandaOn, photos: tuple[str, ...], cleans: np.ndarray, right: np.ndarray | None
) -> Iterator[Pushed]:
    """Results signed with a recipe: the scene of the first photo, then the contest of all.

    cleans: (P, 224, 224, 3) uint8; right: (P,) what is on them, None if nobody but the network knows.
    """
    from lib.labs.panda.exam import Exam  # these import networks
    from lib.labs.panda.studio import Studio
    from lib.learners.photos.eye import Eye

    eye, axis, program = Eye.of("lite0"), lab.asks().axis, lab.program()
    shown = eye.reads(cleans[:1]).argmax(1) if right is None else right
    source, lines = int(shown[0]), core.lines_of_code(program)
    studio = Studio(lab, eye, cleans[0], source, elsewhere(lab.target, source) if lab.targeted else None)
    exam = Exam(lab, eye, photos, cleans, shown, judged=right is not None)
    work = planned(lab, len(photos))

    def now(progress: float | None = None) -> Pushed:
        spent = (eye.module.gradients + FORWARD * eye.module.forwards) / work
        told = verdict(recipe, axis, TOLERANCE, exam.answerers(axis, lines))  # type: ignore[arg-type]
        asked = eye.module.gradients, eye.module.forwards
        return Pushed(
            told, min(spent, 0.99) if progress is None else progress, exam.loss, studio.scene, exam.contest, *asked
        )

    def phases() -> Iterator[Iterator[None]]:
        yield studio.watch()
        yield studio.sweep()
        yield studio.undo(program)
        for place in range(len(photos)):
            own = place == 0 and lab.targeted
            yield exam.ask(place, program, studio.finals if own else {}, studio.first if own else None)
            eye.told.clear()  # no other photo makes the same pictures
        exam.ask_other()

    for phase in phases():
        for _ in phase:
            yield now()
        trim()  # gradients leave holes, and a small worker has no room for them
    yield now(1.0)


def planned(lab: Panda, photos: int) -> float:
    """About how many gradients a run costs, where a reading counts as part of one."""
    levels, rows = len(LEVELS), lab.targets
    scene = SHOWN + 2 * SHOWN * FORWARD + (levels - 1) * lab.steps + levels * 7 * FORWARD
    targeted = rows * (levels * lab.steps + 3 * (levels + 1) * FORWARD)
    rest = 8 + (levels + 1) * (2 + lab.seeds) * FORWARD
    return scene + photos * (targeted + rest) - (levels * lab.steps if lab.targeted else 0)
