"""Pictures made against one network, read by others: a run of its own, for whoever asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from lib import core
from lib.compare import training_rng, verdict
from lib.kept import trim
from lib.knobs import check, choice, number
from lib.labs.attack.nets import GUESSED, NETWORKS, NORMS, SEEDS, taught

TOLERANCE = 0.2  # as the page's own
CLASSICS = ("logistic", "forest", "neighbours")
MADE = ("untouched", "noise", *NETWORKS)  # what the pictures are
READERS: tuple[tuple[str, core.Kind], ...] = (
    *((name, "network") for name in NETWORKS),
    *((name, "baseline") for name in CLASSICS),
    ("stencils", "program"),
)


@dataclass(frozen=True)
class Transferred:
    """What a run knows so far.

    errors: (SEEDS, MADE, READERS) the share of all test digits that each reader misreads of pictures of each kind, NaN
    where not known yet. Those made against a network are of as large a push as the budget allows; where maker and
    reader bear one name, the reader is the very network that they were made against. within: that budget, ε.
    """

    verdict: core.Verdict
    progress: float
    errors: np.ndarray
    within: float

    @property
    def middle(self) -> dict[tuple[str, str], float]:
        """The median over seeds, by what the pictures are and by who reads them."""
        told = np.median(self.errors, axis=0)
        return {
            (made, reader): float(told[column, line])
            for column, made in enumerate(MADE)
            for line, (reader, _) in enumerate(READERS)
        }


@dataclass(frozen=True)
class AttackTransfer:
    """Three kinds of network, three methods of scikit-learn and the stencils read each other's adversarial pictures."""

    name: ClassVar[str] = "attack-transfer"
    version: ClassVar[int] = 1
    result: ClassVar[type] = Transferred

    norm: str = choice("linf", NORMS)
    seed: int = number(0, 0, 9999, step=1)

    def __post_init__(self) -> None:
        check(self)

    @property
    def within(self) -> float:
        return GUESSED[self.norm]

    def run(self) -> Iterator[Transferred]:
        """Yields while the networks learn, reader by reader, then picture by picture. Raises DivergedError."""
        import torch

        from lib.attacks.noise import Noise
        from lib.attacks.transfer import Carried
        from lib.programs.digit_reader import DigitReader
        from lib.tasks.digits import Digits

        task = Digits(self.norm)  # type: ignore[arg-type]
        x, y = torch.as_tensor(task.pictures(task.test)), task.truth(task.test)
        noise, carried = Noise(self.within, self.norm), Carried(self.within, self.norm)  # type: ignore[arg-type]
        plain = [x.numpy(), noise.noisy(x, self.seed).numpy()]
        errors = np.full((SEEDS, len(MADE), len(READERS)), np.nan)
        readers: list[Any] = []

        def read(reader: int, shown: list[np.ndarray]) -> None:
            """What the seeds of a reader misread of pictures that are the same for all."""
            for made, pictures in enumerate(shown):
                errors[:, made, reader] = (readers[reader](pictures) != y).mean(1)

        def result(progress: float) -> Transferred:
            return Transferred(self._verdict(task, errors), progress, errors.copy(), self.within)

        modules = {}
        for place, kind in enumerate(NETWORKS):
            lesson = None
            for lesson in taught(kind, task, self.seed):
                readers[place:] = [as_shown(lesson.network)]
                read(place, plain if lesson.done == 1 else plain[:1])
                yield result(0.15 * (place + lesson.done))
            assert lesson
            modules[kind] = lesson.modules()
        for kind in CLASSICS:
            readers.append(as_shown(classic(kind, task, self.seed)))
            read(len(readers) - 1, plain)
            yield result(0.4 + 0.05 * len(readers))
        program = DigitReader()
        readers.append(lambda pictures: np.stack([program(pictures)] * SEEDS))
        read(len(readers) - 1, plain)
        for made, kind in enumerate(NETWORKS, len(plain)):
            for seed, module in enumerate(modules[kind]):
                pictures = carried(module, x, torch.as_tensor(y)).numpy()
                for reader, answers in enumerate(readers):
                    errors[seed, made, reader] = np.mean(answers(pictures)[seed] != y)
                yield result(0.7 + 0.09 * (made - len(plain) + (seed + 1) / SEEDS))
                trim()
        yield result(1.0)

    def _verdict(self, task: Any, errors: np.ndarray) -> core.Verdict:
        """Each reader untouched, and where the pictures were made against the network that is worst for it, not it."""
        axis = core.Axis(task.axis.name, "", train=(0.0, 0.0), exam=(0.0, self.within))
        told = []
        for place, (name, kind) in enumerate(READERS):
            foreign = [made for made, one in enumerate(MADE) if one in NETWORKS and one != name]
            clean, moved = errors[:, 0, place], errors[:, foreign, place].max(1)
            if not np.isnan(clean).any():
                both = np.stack([clean, moved], 1)
                told.append(core.answerer(name, kind, axis, both, TOLERANCE, core.Price()))
        return verdict(self, axis, TOLERANCE, told)  # type: ignore[arg-type]


def as_shown(network: Any) -> Any:
    """A network that answers about pictures (n, 1, 8, 8) instead of test numbers: labels (seeds, n)."""
    one = replace(network, features=lambda pictures: pictures)
    return lambda pictures: one(pictures).argmax(-1)


def classic(kind: Any, task: Any, seed: int) -> Any:
    """What a method of scikit-learn has become, after the same examples as the networks."""
    from lib.learners.pictures.classic import ClassicClassifier

    [snapshot] = ClassicClassifier(kind, 1258, features=task.pictures).fit(task, SEEDS, training_rng(seed))
    return snapshot.network
