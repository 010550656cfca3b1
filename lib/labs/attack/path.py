"""One attack on one digit, step by step: a run of its own, for whoever asks, on a digit of the visitor's own too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from lib import core
from lib.compare import verdict
from lib.kept import trim
from lib.knobs import check, choice, knobs, number
from lib.labs.attack.reader import ORDINARY, Reader
from lib.labs.attack.tracing import ANY, ATTACKS, NEAREST, Path
from lib.tasks.digits import Digits

TOLERANCE = 0.2  # as in the lab
TEACHING = 0.8  # of the work, where nobody has taught the network yet


@dataclass(frozen=True)
class Traced:
    """What a run knows so far."""

    verdict: core.Verdict
    progress: float
    path: Path | None = None


@dataclass(frozen=True)
class AttackPath:
    """One attack, watched: on the first test digit of a kind that the network reads, or on the visitor's own.

    photo: of the visitor's own, anything with a `picture` (8, 8) in [0, 1] and a repr that tells two of them apart and
    nothing else; then `digit` and `shift` say nothing, and what the network reads in it is what it is led away from.
    eps says nothing to those that look for the nearest. DDN knows the length alone.
    """

    name: ClassVar[str] = "attack-path"
    version: ClassVar[int] = 1
    result: ClassVar[type] = Traced

    reader: Reader = ORDINARY
    digit: int = number(7, 0, 9, step=1)
    attack: str = choice("bim", ATTACKS)
    target: int = number(ANY, 0, ANY, step=1)
    norm: str = choice("linf", ("linf", "l2"))
    eps: float = number(0.15, 0.0, 3.0)
    shift: int = number(0, 0, 3, step=1, unit="px")
    photo: Any = None

    def __post_init__(self) -> None:
        """What says nothing is at its default: equal runs look equal."""
        check(self)
        mute = {"eps"} if self.attack in NEAREST else set()
        mute |= {"digit", "shift"} if self.photo is not None else set()
        for name in mute:
            object.__setattr__(self, name, knobs(self)[name].default)
        if self.attack == "ddn":
            object.__setattr__(self, "norm", "l2")

    @property
    def seed(self) -> int:
        return self.reader.seed

    def run(self) -> Iterator[Traced]:
        """Yields while the network learns, unless a worker knows it already, then the path. Raises DivergedError."""
        from lib.labs.attack.tracer import begun, traced  # these import networks

        task = Digits(self.norm, self.shift)  # type: ignore[arg-type]

        def now(progress: float, path: Path | None = None) -> Traced:
            return Traced(verdict(self, task.axis, TOLERANCE, []), progress, path)  # type: ignore[arg-type]

        module = None
        for share, network in self.reader.taught(task):
            module = network
            yield now(TEACHING * share)
        assert module is not None
        yield now(1.0, traced(self, module, *begun(self, module, task)))
        trim()
