"""Every family of attacks on the same networks: a run of its own, for whoever asks."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from lib import core
from lib.compare import verdict
from lib.kept import trim
from lib.knobs import check, choice, number
from lib.labs.attack.nets import DEFENCES, GUESSED, LEVELS, NETWORKS, NORMS, SEEDS, SIGMA, asked, misread, taught

if TYPE_CHECKING:
    import torch

TOLERANCE = 0.2  # as the page's own
SOME, FEW = 60, 20  # digits that each network is attacked on; so many where each is asked DRAWS times over
DRAWS = 8  # of noise, through whose mean a smoothed network is attacked
QUERIES = (1, 3, 10, 30, 100, 300)
HOPS = (30, 100, 300)  # the budgets of queries of the attack that hears labels alone
FAMILIES: tuple[tuple[str, core.Kind], ...] = (
    ("noise", "control"),
    ("many_steps", "network"),
    ("one_step", "network"),
    ("through", "network"),
    ("black_box", "network"),
    ("nearest", "network"),
    ("together", "network"),
    ("certified", "baseline"),
)
BLACK_BOXES = ("scores", "labels", "pixel")


@dataclass(frozen=True)
class Surveyed:
    """What a run knows so far: errors against ε by family, and more.

    pictures: how many digits each of SEEDS networks was attacked on. distances: (seeds, pictures) how far the nearest
    picture is that deceives each network, 0 for a digit that it misreads anyway, inf where none was found; no rows yet
    for networks not asked. asked: (BLACK_BOXES, QUERIES) the share that has fallen after so many queries, within
    `within`, or by one pixel; NaN where not known. That of labels is told of the first network alone.
    """

    verdict: core.Verdict
    progress: float
    pictures: int
    distances: np.ndarray
    asked: np.ndarray
    within: float

    @property
    def middle(self) -> float:
        """The ε within which half of all digits have fallen, over all networks; inf if fewer have."""
        far = np.sort(self.distances.ravel())
        return float(far[(len(far) - 1) // 2]) if len(far) else float("inf")


@dataclass(frozen=True)
class AttackSurvey:
    """Attacks of every family on one kind of network, plainly trained or defended.

    Where pictures are squeezed, the steps follow a gradient that is none, `through` and `nearest` go through it. Each
    attack is judged by itself, `together` by what any of them has found, which costs no pass more. Of 200 digits
    lib.attacks.ensemble fells up to 3 more at any radius, up to 9 where the networks are hardened, and takes as long as
    all of this.
    `nearest` answers all radii by one search, which the page's own sweep of PGD could come from. Measured on 15
    networks of five kinds, 539 digits each: for L2 it fells up to 17 more than that sweep, 14 fewer at worst (hardened
    networks at 1.0); for L∞ up to 10 more, 9 fewer at worst (hardened ones at 0.25, perceptrons 7 at 0.15); at 0.7 to
    1.6 times the passes. So the page keeps its sweep: this one is not as strong everywhere, and has no steps to turn.
    """

    name: ClassVar[str] = "attack-survey"
    version: ClassVar[int] = 1
    result: ClassVar[type] = Surveyed

    network: str = choice("cnn", NETWORKS)
    norm: str = choice("linf", NORMS)
    defence: str = choice("plain", DEFENCES)
    seed: int = number(0, 0, 9999, step=1)

    def __post_init__(self) -> None:
        check(self)

    def run(self) -> Iterator[Surveyed]:
        """Yields while the networks learn, then radius by radius. Raises DivergedError."""
        tried = Trial.of(self)
        lesson = None
        for lesson in taught(self.network, tried.task, self.seed, self.defence):
            tried.noise(lesson.modules())
            yield tried.result(0.2 * lesson.done)
        assert lesson
        for done, module in enumerate(lesson.modules()):
            yield from tried.attack(module, 0.2 + 0.8 * done / SEEDS, 0.8 / SEEDS)
        yield tried.result(1.0)


@dataclass(eq=False)
class Trial:
    """What is known during a run: errors by family, a row of exam values for each seed.

    x: (n, 1, 8, 8) test pictures; y: (n,) their labels.
    """

    lab: AttackSurvey
    task: Any
    x: torch.Tensor
    y: torch.Tensor
    errors: dict[str, list[list[float]]] = field(default_factory=dict)
    distances: list[np.ndarray] = field(default_factory=list)
    queries: dict[str, list[np.ndarray]] = field(default_factory=dict)

    @classmethod
    def of(cls, lab: AttackSurvey) -> Trial:
        from lib.tasks.digits import Digits

        task = Digits(lab.norm)  # type: ignore[arg-type]
        return cls(lab, task, *asked(task, FEW if lab.defence == "smoothing" else SOME, lab.seed))

    @property
    def within(self) -> float:
        return GUESSED[self.lab.norm]

    def result(self, progress: float) -> Surveyed:
        axis = self.task.axis
        told = [
            core.answerer(name, kind, axis, np.array(self.errors[name]), TOLERANCE, core.Price())
            for name, kind in FAMILIES
            if self.errors.get(name)
        ]
        unknown = np.full(len(QUERIES), np.nan)
        fallen = [np.mean(self.queries[one], axis=0) if one in self.queries else unknown for one in BLACK_BOXES]
        none = np.zeros((0, len(self.x)))
        return Surveyed(
            verdict(self.lab, axis, TOLERANCE, told),  # type: ignore[arg-type]
            min(progress, 1.0),
            len(self.x),
            np.array(self.distances) if self.distances else none,
            np.array(fallen),
            self.within,
        )

    def noise(self, modules: list[Any]) -> None:
        """The errors of each seed under random noise of every radius."""
        from lib.attacks.noise import Noise

        radii = self.task.axis.exam
        shown = [Noise(eps, self.lab.norm).noisy(self.x, self.lab.seed) for eps in radii]  # type: ignore[arg-type]
        self.errors["noise"] = [[misread(self.defended(one), it, self.y) for it in shown] for one in modules]

    def defended(self, module: Any, *, through: bool = False) -> Any:
        """A network as it stands before the attacker: squeezed, smoothed, or as it is."""
        from lib.attacks.defences.smoothing import Smoothed
        from lib.attacks.defences.squeezing import Squeezed

        if self.lab.defence == "squeezing":
            return Squeezed(module, LEVELS, through=through)
        return Smoothed(module, SIGMA, DRAWS) if self.lab.defence == "smoothing" else module

    def attack(self, plain: Any, begin: float, share: float) -> Generator[Surveyed, None, None]:
        """One more network, by every family; the cheap ones first."""
        import torch

        from lib.attacks.gradient import FGSM, PGD
        from lib.attacks.minimal.chain import Chain
        from lib.attacks.minimal.search import nearest
        from lib.attacks.square import Square

        norm: Any = self.lab.norm
        radii = torch.tensor(self.task.axis.exam, dtype=torch.float64)
        module = self.defended(plain)
        found = nearest(Chain(norm), self.defended(plain, through=True), self.x, self.y, self.rng())
        self.distances.append(found.distance.numpy())
        fell = found.distance <= radii[:, None]
        self.tell("nearest", fell)
        if self.lab.defence == "smoothing":
            self.certify(plain)
        yield self.result(begin + 0.05 * share)
        sweeps = [("one_step", FGSM(0.0, norm), module, 0.05), ("many_steps", PGD(0.0, norm), module, 0.25)]
        if self.lab.defence == "squeezing":
            sweeps.append(("through", PGD(0.0, norm), self.defended(plain, through=True), 0.1))
        sweeps.append(("black_box", Square(0.0, norm, queries=100), module, 0.35))
        place = begin + 0.05 * share
        for name, attack, who, part in sweeps:
            rows = torch.zeros_like(fell)
            for at, outcome in enumerate(self.swept(attack, who)):
                rows[at] = outcome.success
                yield self.result(place + part * share * at / len(radii))
                trim()
            self.tell(name, rows)
            fell |= rows
            place += part * share
            yield self.result(place)
        self.tell("together", fell)
        for name, counted in self.count(module):
            self.queries.setdefault(name, []).append(counted)
            place += 0.05 * share
            yield self.result(place)

    def rng(self) -> torch.Generator:
        import torch

        return torch.Generator().manual_seed(self.lab.seed)

    def swept(self, attack: Any, module: Any) -> Iterator[Any]:
        from lib.attacks.sweep import sweep

        return sweep(attack, module, self.x, self.y, self.rng(), self.task.axis.exam)

    def tell(self, name: str, fell: torch.Tensor) -> None:
        """A row more of a family: who has fallen, (radii, n)."""
        self.errors.setdefault(name, []).append(fell.double().mean(1).tolist())

    def certify(self, module: Any) -> None:
        """What is proven of a smoothed network: who may be misread at each radius, as far as the proof goes."""
        import torch

        from lib.attacks.defences.smoothing import Smoothing

        proof = Smoothing(SIGMA).certify(module, self.x, self.rng())
        reach = self.x[0].numel() ** 0.5 if self.lab.norm == "linf" else 1.0  # of L2 in every pixel's unit
        stands = [proof.stands(self.y, eps * reach) for eps in self.task.axis.exam]
        self.tell("certified", ~torch.stack(stands))

    def count(self, module: Any) -> Iterator[tuple[str, np.ndarray]]:
        """For each black box the share that has fallen after each of QUERIES."""
        import torch

        from lib.attacks.harness import run_attack
        from lib.attacks.minimal.hop_skip_jump import HopSkipJump
        from lib.attacks.minimal.search import nearest
        from lib.attacks.one_pixel import OnePixel
        from lib.attacks.square import Square

        norm: Any = self.lab.norm
        stops = torch.tensor(QUERIES)[:, None]
        scores, pixel = Square(self.within, norm, queries=QUERIES[-1] - 1), OnePixel(levels=5)
        for name, attack in (("scores", scores), ("pixel", pixel)):
            told = run_attack(attack, module, self.x, self.y, self.lab.seed)
            yield name, (told.success & (told.queries <= stops)).double().mean(1).numpy()
            trim()
        if "labels" in self.queries:
            return
        row = np.full(len(QUERIES), np.nan)
        row[0] = misread(module, self.x, self.y)
        for budget in HOPS:
            found = nearest(HopSkipJump(norm, queries=budget), module, self.x, self.y, self.rng())
            row[QUERIES.index(budget)] = float((found.distance <= self.within).double().mean())
        yield "labels", row
