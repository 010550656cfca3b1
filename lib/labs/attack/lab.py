"""Attack: real handwritten digits, pushed a little on purpose, before a network and a program that holds stencils.

Everybody reads the same test digits. The attacker may move each pixel by at most ε (or the whole picture by a length ε)
and knows the network from inside, and the program's source as well, unless that is hidden from him. Random noise of the
same size stands beside every attack.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from lib import core
from lib.compare import timed, training_rng, verdict
from lib.kept import trim
from lib.knobs import check, choice, number, switch
from lib.labs.attack.defences import AttackDefences
from lib.labs.attack.path import AttackPath
from lib.labs.attack.reader import Reader, first_read
from lib.labs.attack.survey import AttackSurvey
from lib.labs.attack.transfer import AttackTransfer

if TYPE_CHECKING:
    import torch

TOLERANCE = 0.2  # of the digits read wrongly
WATCHED = 100  # test digits read at every radius of noise while the network still learns
UNHURRIED = {"steps": 1200, "learning_rate": 0.03}  # what a network of few layers needs
ROLES: tuple[tuple[str, core.Kind, str], ...] = (  # name, kind, and whose price it carries
    ("pgd", "network", "network"),
    ("fgsm", "network", "network"),
    ("noise", "control", "network"),
    ("linear", "baseline", "linear"),
    ("program", "program", "program"),
)


@dataclass(frozen=True)
class Scene:
    """One test digit of each kind under attack by every target and radius, as the first seed's network reads it.

    clean: (10, 8, 8) pictures in [0, 1]; shown: (10 digits, 11 targets, radii, 8, 8) the attacked ones, uint8 of 255;
    reads, sure: (10, 11, radii) the network's answer and its confidence; program: (10, 11, radii) the program's answer
    to the same picture. Target 10 is any wrong digit.
    fits: (10, stencils) how well each of the program's stencils fits the clean pictures; owners: (stencils,) its digit.
    """

    clean: np.ndarray
    shown: np.ndarray
    reads: np.ndarray
    sure: np.ndarray
    program: np.ndarray
    fits: np.ndarray
    owners: np.ndarray


@dataclass(frozen=True)
class Attacked:
    """What the lab knows so far: errors against ε, and, at the end, pictures to look at."""

    verdict: core.Verdict
    progress: float
    loss: tuple[float, ...]
    scene: Scene | None = None


@dataclass(frozen=True)
class Attack:
    """Which digit is this? A network and a program against an attacker who moves every pixel a little."""

    name: ClassVar[str] = "attack"
    version: ClassVar[int] = 2
    result: ClassVar[type] = Attacked
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {},
        "perceptron": {"network": "mlp", "width": 128} | UNHURRIED,
        "linear": {"network": "linear"} | UNHURRIED,
        "length": {"norm": "l2"},
        "hardened": {"network": "mlp", "width": 128, "adversarial": 0.15} | UNHURRIED,
        "moved": {"shift": 1},
        "hidden_source": {"reads_source": False},
    }
    besides: ClassVar[tuple[Any, ...]] = (AttackPath(), AttackSurvey(), AttackTransfer(), AttackDefences())

    network: str = choice("cnn", ("cnn", "mlp", "linear"))
    norm: str = choice("linf", ("linf", "l2"))
    adversarial: float = number(0.0, 0.0, 0.3, step=0.05)
    pgd_steps: int = number(20, 1, 100, step=1)
    stride: float = number(10.0, 0.5, 20.0, step=0.5)
    restarts: int = number(0, 0, 5, step=1)
    examples: int = number(1258, 50, 1258, stops=(50, 100, 200, 400, 800, 1258))
    width: int = number(64, 8, 128, step=8)
    steps: int = number(400, 50, 2000, step=50)
    learning_rate: float = number(0.01, 0.0001, 1.0, stops=(0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 1.0))
    seeds: int = number(3, 1, 8, step=1)
    shift: int = number(0, 0, 3, step=1, unit="px")
    reads_source: bool = switch(True)
    seed: int = number(0, 0, 9999, step=1)

    def __post_init__(self) -> None:
        check(self)

    def asks(self) -> Any:
        from lib.tasks.digits import Digits

        return Digits(self.norm, self.shift)  # type: ignore[arg-type]

    def program(self) -> Any:
        from lib.programs.digit_reader import DigitReader

        return DigitReader()

    @property
    def reader(self) -> Reader:
        """The network that is attacked."""
        return Reader(**{one.name: getattr(self, one.name) for one in fields(Reader)})

    def idle(self) -> dict[str, str]:
        return {"width": "no_layer"} if self.network == "linear" else {}

    def run(self) -> Iterator[Attacked]:
        """Yields while the network learns, then while everybody is attacked, radius by radius. Raises DivergedError."""
        from lib.attacks.gradient import FGSM, PGD
        from lib.attacks.surrogate import TemplateSurrogate

        board = Board.of(self)
        fgsm = FGSM(0.0, self.norm)  # type: ignore[arg-type]
        walk = {"steps": self.pgd_steps, "stride": self.stride, "restarts": self.restarts, "targets": 0}
        pgd = PGD(0.0, self.norm, **walk)  # type: ignore[arg-type]
        net = self.reader.learner(board.task)
        line = replace(net, network="linear", adversarial=0.0, **UNHURRIED)

        network = yield from board.teach("network", net, self.seeds, 0.0, 0.35)
        modules = [network.module(seed) for seed in range(self.seeds)]
        share = 0.45 / self.seeds
        for done, module in enumerate(modules):
            yield from board.attack("fgsm", fgsm, module, 0.35 + done * share, 0.1 * share)
            found = yield from board.attack("pgd", pgd, module, 0.35 + (done + 0.1) * share, 0.9 * share)
            if done == 0 and not self.reads_source:
                board.read("program", self.program(), found)
        if self.reads_source:
            yield from board.attack("program", pgd, TemplateSurrogate(*self.program().stencils()), 0.8, 0.05)
        linear = yield from board.teach("linear", line, 1, 0.85, 0.05)
        yield from board.attack("linear", pgd, linear.module(0), 0.9, 0.05)
        yield board.result(1.0, scene(self, board, modules[0], pgd))


@dataclass(frozen=True, eq=False)
class Board:
    """What is known during a run: errors by answerer, one row of exam values for each seed, and what each has cost.

    x: (n, 1, 8, 8) test pictures; y: (n,) their labels; loss: of the network's seeds.
    """

    lab: Attack
    task: Any
    x: torch.Tensor
    y: torch.Tensor
    errors: dict[str, list[list[float]]] = field(default_factory=dict)
    prices: dict[str, core.Price] = field(default_factory=dict)
    loss: list[float] = field(default_factory=list)

    @classmethod
    def of(cls, lab: Attack) -> Board:
        import torch

        task = lab.asks()
        rows = task.test
        board = cls(lab, task, torch.as_tensor(task.pictures(rows)), torch.as_tensor(task.truth(rows)))
        board.prices["program"] = core.Price(lines=core.lines_of_code(lab.program()))
        return board

    def result(self, progress: float, scene: Scene | None = None) -> Attacked:
        """Where everybody stands, in a fixed order."""
        told = [
            core.answerer(name, kind, self.task.axis, np.array(self.errors[name]), TOLERANCE, self.prices[payer])
            for name, kind, payer in ROLES
            if self.errors.get(name)
        ]
        return Attacked(verdict(self.lab, self.task.axis, TOLERANCE, told), min(progress, 1.0), tuple(self.loss), scene)

    def teach(self, name: str, learner: Any, seeds: int, begin: float, share: float) -> Generator[Attacked, None, Any]:
        """Train somebody on the examples of the lab's seed; while the network learns, watch it read noisy digits."""
        network = None
        for snapshot, seconds in timed(learner.fit(self.task, seeds, training_rng(self.lab.seed))):
            network = snapshot.network
            self.prices[name] = core.Price(learner.examples, seconds=seconds, parameters=network.parameters)
            if name == "network":
                self.loss[:] = snapshot.loss
                last = snapshot.step == snapshot.steps
                self.errors["noise"] = self.noisy(network, len(self.x) if last else WATCHED)
            yield self.result(begin + share * snapshot.step / snapshot.steps)
        return network

    def noisy(self, network: Any, first: int) -> list[list[float]]:
        """The errors of each seed on the first so many test digits under random noise of every radius."""
        shown = np.concatenate([noisy[:first] for noisy in self.noises])
        answers = replace(network, features=as_shown)(shown).argmax(-1)
        return (answers.reshape(len(answers), -1, first) != self.y[:first].numpy()).mean(-1).tolist()

    @cached_property
    def noises(self) -> list[np.ndarray]:
        """The test pictures (n, 1, 8, 8) under noise of each radius."""
        from lib.attacks.noise import Noise

        draws = [Noise(eps, self.lab.norm) for eps in self.task.axis.exam]  # type: ignore[arg-type]
        return [draw.noisy(self.x, self.lab.seed).numpy() for draw in draws]

    def attack(
        self, name: str, attack: Any, module: Any, begin: float, share: float
    ) -> Generator[Attacked, None, list[torch.Tensor]]:
        """Sweep an attack over all radii against one module, a row more for `name`; returns the pictures by radius."""
        row: list[float] = []
        pictures: list[torch.Tensor] = []
        for outcome in sweep_of(self.lab, attack, module, self.x, self.y):
            row.append(outcome.success.float().mean().item())
            pictures.append(outcome.pictures)
            if len(row) == len(self.task.axis.exam):
                self.errors.setdefault(name, []).append(row)
            yield self.result(begin + share * len(row) / len(self.task.axis.exam))
            trim()  # graphs leave holes, and a small worker has no room for them
        return pictures

    def read(self, name: str, program: Any, pictures: list[torch.Tensor]) -> None:
        """A row more for somebody who reads pictures that were made against another."""
        answers = [program(shown.numpy()) for shown in pictures]
        self.errors.setdefault(name, []).append([float((one != self.y.numpy()).mean()) for one in answers])


def as_shown(pictures: np.ndarray) -> np.ndarray:
    """For asking a network about pictures instead of test numbers."""
    return pictures


def sweep_of(lab: Attack, attack: Any, module: Any, x: torch.Tensor, y: torch.Tensor) -> Iterator[Any]:
    """An attack at all of the lab's radii, with the random numbers of the lab's seed."""
    import torch

    from lib.attacks.sweep import sweep

    return sweep(attack, module, x, y, torch.Generator().manual_seed(lab.seed), lab.asks().axis.exam)


def scene(lab: Attack, board: Board, module: Any, pgd: Any) -> Scene:
    """The first test digit of each kind that the network reads, attacked towards every target and towards none."""
    import torch

    with torch.no_grad():
        read = module(board.x).argmax(1).numpy()
    first = first_read(read, board.y.numpy())
    clean, labels = board.x[first], board.y[first]
    aims = torch.arange(10).repeat(10)  # digit by digit, every target
    towards = [
        one.pictures for one in sweep_of(lab, replace(pgd, targeted=True), module, clean.repeat_interleave(10, 0), aims)
    ]
    away = [one.pictures for one in sweep_of(lab, pgd, module, clean, labels)]
    shown = torch.stack(
        [torch.cat([to.view(10, 10, 1, 8, 8), off[:, None]], dim=1) for to, off in zip(towards, away, strict=True)],
        dim=2,
    )[:, :, :, 0]
    flat = shown.reshape(-1, 1, 8, 8)
    with torch.no_grad():
        sure, reads = module(flat).softmax(1).max(1)
    grid, program = shown.shape[:3], lab.program()
    tried = [list(program.trace(picture)) for picture in clean.numpy()]
    return Scene(
        clean[:, 0].numpy(),
        (shown * 255).round().to(torch.uint8).numpy(),
        reads.view(grid).numpy(),
        sure.view(grid).numpy(),
        program(flat.numpy()).reshape(grid),
        np.array([[match.fit for match in matches] for matches in tried]),
        np.array([match.digit for match in tried[0]]),
    )
