"""What a defence is worth, attacked by what knows of it: a run of its own, for whoever asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lib import core
from lib.compare import verdict
from lib.kept import trim
from lib.knobs import check, choice, number
from lib.labs.attack.nets import HARDENED, LEVELS, NORMS, SEEDS, SIGMA, asked, misread, taught

TOLERANCE = 0.2  # as the page's own
SOME = 60  # digits that each network is attacked on
SMOOTH = 40  # those that smoothed networks are asked about: each takes thousands of draws
DRAWS = 2000  # of noise, that a certificate rests on
CHECKED = 500  # those that judge what an attack on a smoothed network has found
PLAIN, BLIND, THROUGH, ATTACKED, CERTIFIED = "plain", "squeezed", "through", "smoothed", "certified"
ROLES: tuple[tuple[str, core.Kind], ...] = (
    (PLAIN, "network"),
    ("noise", "control"),
    *((name, "network") for name in HARDENED),
    (BLIND, "network"),
    (THROUGH, "network"),
    (ATTACKED, "network"),
    (CERTIFIED, "baseline"),
)
NETWORKS = ("mlp", "cnn")
SHOWN = ("madry", "free", "fast", "smoothing")


@dataclass(frozen=True)
class Defended:
    """What a run knows so far: errors against ε by defence, and how they are attacked.

    plain: no defence; noise: the same under random noise. HARDENED: trained on attacked digits. squeezed: rounded to
    few grey levels, attacked along a gradient that is none; through: the same, attacked through the rounding. smoothed:
    the majority under noise, attacked; certified: the same, as far as the proof goes. All but the smoothed ones are
    attacked by PGD, those by the minimal-norm chain. seconds: (ROLES) what the training of SEEDS networks took.
    pictures: how many digits each network was asked about, and how many each smoothed one.
    """

    verdict: core.Verdict
    progress: float
    seconds: np.ndarray
    pictures: tuple[int, int]


@dataclass(frozen=True)
class AttackDefences:
    """One kind of network, trained or shielded in seven ways, against attackers who know the defence.

    Lessons are attacked within 0.15 of each pixel whatever the norm.
    """

    name: ClassVar[str] = "attack-defences"
    version: ClassVar[int] = 1
    result: ClassVar[type] = Defended

    network: str = choice("mlp", NETWORKS)
    norm: str = choice("linf", NORMS)
    seed: int = number(0, 0, 9999, step=1)

    def __post_init__(self) -> None:
        check(self)

    def run(self) -> Iterator[Defended]:
        """Yields while each network learns, then seed by seed. Raises DivergedError."""
        from lib.attacks.defences.squeezing import Squeezed
        from lib.attacks.noise import Noise
        from lib.tasks.digits import Digits

        task = Digits(self.norm)  # type: ignore[arg-type]
        x, y = asked(task, SOME, self.seed)
        noises = [Noise(eps, self.norm).noisy(x, self.seed) for eps in task.axis.exam]  # type: ignore[arg-type]
        errors: dict[str, list[list[float]]] = {}
        seconds = np.zeros(len(ROLES))
        places = {name: place for place, (name, _) in enumerate(ROLES)}
        steps, done = len(SHOWN) + 2, 0.0

        def result(progress: float) -> Defended:
            told = [
                core.answerer(
                    name, kind, task.axis, np.array(errors[name]), TOLERANCE, core.Price(seconds=float(seconds[at]))
                )
                for at, (name, kind) in enumerate(ROLES)
                if name in errors
            ]
            found = verdict(self, task.axis, TOLERANCE, told)  # type: ignore[arg-type]
            return Defended(found, min(progress, 1.0), seconds.copy(), (SOME, SMOOTH))

        for defence in (PLAIN, *SHOWN):
            lesson = None
            for lesson in taught(self.network, task, self.seed, defence):
                if defence == PLAIN:
                    errors["noise"] = [[misread(one, it, y) for it in noises] for one in lesson.modules()]
                yield result((done + 0.5 * lesson.done) / steps)
            assert lesson
            seconds[[places[one] for one in who(defence)]] = lesson.seconds
            for turn, module in enumerate(lesson.modules(), 1):
                if defence == "smoothing":
                    for name, row in self._smoothed(task, module, x[:SMOOTH], y[:SMOOTH]):
                        errors.setdefault(name, []).append(row)
                else:
                    errors.setdefault(defence, []).append(self._attacked(task, module, x, y))
                if defence == PLAIN:
                    for name, through in ((BLIND, False), (THROUGH, True)):
                        shielded = Squeezed(module, LEVELS, through=through)
                        errors.setdefault(name, []).append(self._attacked(task, shielded, x, y))
                yield result((done + 0.5 + 0.5 * turn / SEEDS) / steps)
                trim()
            done += 1
        yield result(1.0)

    def _attacked(self, task: Any, module: Any, x: Any, y: Any) -> list[float]:
        """The errors of a network under PGD at every radius."""
        from lib.attacks.gradient import PGD
        from lib.attacks.sweep import sweep

        attack = PGD(0.0, self.norm)  # type: ignore[arg-type]
        rows = sweep(attack, module, x, y, self._rng(), task.axis.exam)
        return [float(outcome.success.double().mean()) for outcome in rows]

    def _smoothed(self, task: Any, module: Any, x: Any, y: Any) -> Iterator[tuple[str, list[float]]]:
        """The errors of a smoothed network: those that an attack has found, those that no proof excludes."""
        from lib.attacks.defences.smoothing import Smoothing
        from lib.attacks.minimal.chain import Chain

        exam = task.axis.exam
        proof = Smoothing(SIGMA, DRAWS).certify(module, x, self._rng())
        reach = x[0].numel() ** 0.5 if self.norm == "linf" else 1.0  # of L2 in every pixel's unit
        yield CERTIFIED, [1 - float(proof.stands(y, eps * reach).double().mean()) for eps in exam]
        found = Smoothing(SIGMA, CHECKED).nearest(Chain(self.norm), module, x, y, self._rng())  # type: ignore[arg-type]
        yield ATTACKED, [float((found <= eps).double().mean()) for eps in exam]

    def _rng(self) -> Any:
        import torch

        return torch.Generator().manual_seed(self.seed)


def who(defence: str) -> tuple[str, ...]:
    """Whose training one training was."""
    shared = {PLAIN: (PLAIN, "noise", BLIND, THROUGH), "smoothing": (ATTACKED, CERTIFIED)}
    return shared.get(defence, (defence,))
