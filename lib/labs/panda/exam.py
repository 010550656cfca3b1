"""Panda under way: photo after photo meets every attack at every ε, and is read by everybody."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from lib import core
from lib.attacks.gradient import PGD
from lib.attacks.sampling import draw_key, random_signs
from lib.attacks.sweep import sweep
from lib.attacks.walk import Step, Walk, look, together
from lib.kept import trim
from lib.labs.panda.contest import ROLES, TOLERANCE, elsewhere, unasked
from lib.labs.panda.studio import as_file, read, side_by_side
from lib.learners.photos.eye import Eye, in_levels, tensor
from lib.learners.photos.weights import EXAMPLES, WEIGHTS
from lib.tasks.photos.pushed import LEVELS
from lib.tasks.photos.shipped import CLASS

if TYPE_CHECKING:
    import torch

T = TypeVar("T")
TARGETS, SIGNS = 1, 2  # streams of the lab's seed
CLASSES = 1000
WAITING = 2  # rows of pictures that the second network reads before it is let go of


class Exam:
    """The contest as it comes to be.

    cleans: (P, 224, 224, 3) uint8; right: (P,) what is on them; losses: (seeds, P) under random signs.
    """

    def __init__(
        self, lab: Any, eye: Eye, photos: tuple[str, ...], cleans: np.ndarray, right: np.ndarray, *, judged: bool
    ) -> None:
        self.lab, self.eye, self.cleans, self.judged = lab, eye, cleans, judged
        self.contest = unasked(photos, right, targets(lab, right), lab.seeds)
        self.losses = np.full((lab.seeds, len(photos)), np.nan)
        self.waiting: list[tuple[int, int, list[torch.Tensor]]] = []  # for the second network
        self.seconds = dict.fromkeys((name for name, _ in ROLES), 0.0)

    def put(self, name: str, at: tuple[Any, ...], told: Any) -> None:
        """A new contest with something told in one of its arrays, so that those yielded stay as they are."""
        array = getattr(self.contest, name).copy()
        array[at] = told
        self.contest = replace(self.contest, **{name: array})

    @contextmanager
    def paid(self, name: str) -> Iterator[None]:
        began = time.thread_time()
        yield
        self.seconds[name] += time.thread_time() - began

    def timed(self, name: str, work: Iterator[T]) -> Iterator[T]:
        """What comes of some work, paid step by step."""
        while True:
            with self.paid(name):
                one = next(work, None)
            if one is None:
                return
            yield one

    def ask(self, place: int, program: Any, finals: Mapping[float, Step], first: Step | None) -> Iterator[None]:
        """One photo before everybody."""
        x, untouched = tensor(self.cleans[place][None]), self.eye.reads(self.cleans[place][None])
        for name in ("targeted", "once", "many_steps", "one_step", "signs"):
            self.put(name, (..., 0, place), untouched.argmax())
        self.put("sure", (..., 0, place), untouched[0, self.contest.targets[:, place]])
        self.ask_program(0, place, program, x)
        for row in range(len(self.contest.targets)):
            known = (finals, first) if row == 0 else ({}, None)
            yield from self.ask_targeted(place, row, program, x, *known)
            trim()
        yield from self.ask_untargeted(place, x)
        for seed in range(self.lab.seeds):
            with self.paid("signs"):
                self.ask_signs(place, seed, x)
            yield

    def ask_program(self, level: int, place: int, program: Any, picture: torch.Tensor) -> None:
        """What the program says of the file that a picture makes; on a photo of a visitor nobody can judge it."""
        if self.judged:
            eps = (0.0, *LEVELS)[level]
            with self.paid("program"):
                file = as_file(in_levels(picture)[0], self.cleans[place], eps)
                self.put("program", (level, place), program(file[None])[0])

    def ask_targeted(
        self, place: int, row: int, program: Any, x: torch.Tensor, finals: Mapping[float, Step], first: Any
    ) -> Iterator[None]:
        """Pushed towards one target; for the first the program looks on, and the second network comes afterwards."""
        target = int(self.contest.targets[row, place])
        label = labelled(target)
        with self.paid("targeted"):
            first = first or look(self.eye.module, x, label, True, 0, True)
        made = dict(finals)
        for some in side_by_side([eps for eps in LEVELS if eps not in made]):
            walks = [Walk(eps / 255, True, self.lab.steps) for eps in some]
            for steps in self.timed("targeted", together(walks, self.eye.module, x, label, first)):
                made |= zip(some, steps, strict=True)
                yield
            trim()
        for level, eps in enumerate(LEVELS, 1):
            [told] = read(made[eps])
            self.put("targeted", (row, level, place), told.argmax())
            self.put("sure", (row, level, place), told[target])
            if row == 0:
                self.ask_program(level, place, program, made[eps].pictures)
        yield
        self.put("once", (row, slice(1, None), place), self.pushed(x, first.way).argmax(1))
        self.waiting.append((row, place, [x, *(made[eps].pictures for eps in LEVELS)]))
        if len(self.waiting) >= WAITING:
            self.ask_other()

    def ask_other(self) -> None:
        """The second network, which is let go of again: beside a gradient of the first a small worker has no room."""
        if not self.waiting:
            return
        with self.paid("transfer"):
            other = Eye.passing("lite1")
            for row, place, pictures in self.waiting:
                told = [other.reads(in_levels(one))[0].argmax() for one in pictures]
                self.put("transfer", (row, slice(None), place), told)
            self.waiting.clear()

    def ask_untargeted(self, place: int, x: torch.Tensor) -> Iterator[None]:
        """Pushed away from what is right, once, and then by the attack that stops where the network falls."""
        import torch

        label = labelled(int(self.contest.right[place]))
        with self.paid("one_step"):
            way = look(self.eye.module, x, label, False, 0, True).way
            self.put("one_step", (slice(1, None), place), self.pushed(x, way).argmax(1))
        yield
        attack = PGD(0.0, steps=self.lab.steps, stride=2.5, targets=0)
        rng = torch.Generator().manual_seed(self.lab.seed)
        tries = sweep(attack, self.eye.module, x, label, rng, [eps / 255 for eps in LEVELS])
        for level, _ in enumerate(LEVELS, 1):
            with self.paid("many_steps"):
                told = self.eye.reads(in_levels(next(tries).pictures))
            self.put("many_steps", (level, place), told.argmax())
            yield

    def ask_signs(self, place: int, seed: int, x: torch.Tensor) -> None:
        import torch

        [start] = np.random.SeedSequence([self.lab.seed, SIGNS, seed]).generate_state(1)
        told = self.pushed(x, random_signs(x, draw_key(torch.Generator().manual_seed(int(start)))))
        self.put("signs", (seed, slice(1, None), place), told.argmax(1))
        right = told[:, self.contest.right[place]]
        self.losses[seed, place] = -np.log(np.maximum(right, np.finfo(np.float32).tiny)).mean()

    def pushed(self, x: torch.Tensor, way: Any) -> np.ndarray:
        """(6, 1000) what the network says of a picture moved one way by each of LEVELS."""
        import torch

        return self.eye.reads(in_levels(torch.cat([(x + eps / 255 * way).clamp(0, 1) for eps in LEVELS])))

    @property
    def loss(self) -> tuple[float, ...]:
        known = self.losses[:, np.isfinite(self.losses).all(0)]
        return tuple(known.mean(1).tolist()) if known.size else ()

    def answerers(self, axis: core.Axis, lines: int) -> list[core.Answerer]:
        """Everybody who was asked about a photo at every ε, in the order of ROLES."""
        told = []
        for name, kind in ROLES:
            errors = self.contest.errors(name)
            if errors is not None:
                told.append(core.answerer(name, kind, axis, errors, TOLERANCE, self.price(name, lines)))
        return told

    def price(self, name: str, lines: int) -> core.Price:
        if name == "program":
            return core.Price(seconds=self.seconds[name], lines=lines)
        variant = WEIGHTS["lite1" if name == "transfer" else "lite0"]
        return core.Price(EXAMPLES, seconds=self.seconds[name], parameters=variant.parameters)


def labelled(what: int) -> torch.Tensor:
    import torch

    return torch.tensor([what])


def targets(lab: Any, right: np.ndarray) -> np.ndarray:
    """(targets, P) towards what each photo is pushed: the lab's own target, then classes drawn by the lab's seed.

    None of those drawn is on any photo that ships; a photo that shows the lab's own is pushed towards another.
    """
    rng = np.random.default_rng([lab.seed, TARGETS])
    free = [one for one in rng.permutation(CLASSES).tolist() if one not in CLASS.values() and one != lab.target]
    rows = [lab.target, *free][: lab.targets]
    return np.array([[elsewhere(target, int(source)) for source in right] for target in rows])
