"""Who is attacked beside the page's own run: networks for digits, trained plainly or with a defence, and the digits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lib.compare import EXAM, timed, training_rng
from lib.tasks.digits import Digits

if TYPE_CHECKING:
    import torch
    from torch import nn

SEEDS = 3
RADIUS = 0.15  # in L∞, of the pictures that a hardened network learns from
SIGMA = 0.25  # of the noise that a network which is to be smoothed learns with
LEVELS = 8  # of grey, that a squeezed picture keeps
HARDENED = ("madry", "free", "fast")
DEFENCES = ("plain", *HARDENED, "squeezing", "smoothing")
NETWORKS = ("cnn", "mlp", "linear")
GUESSED = {"linf": 0.15, "l2": 1.0}  # the radius that the page's guess is about, in each norm
NORMS = tuple(GUESSED)


@dataclass(frozen=True)
class Lesson:
    """How far a training is: 0 to 1, the seconds it took, and the network so far."""

    done: float
    seconds: float
    network: Any

    def modules(self) -> list[nn.Module]:
        """The seeds as plain torch layers."""
        return [self.network.module(seed) for seed in range(SEEDS)]


def taught(kind: str, task: Digits, seed: int, defence: str = "plain") -> Iterator[Lesson]:
    """Networks of SEEDS seeds while they learn; squeezing has no say in that. Raises DivergedError."""
    from lib.learners.pictures.classifier import Classifier
    from lib.learners.pictures.hardening import FAST, Ascent, Free, Noisy

    how = {
        "madry": Ascent(RADIUS),
        "free": Free(RADIUS),
        "fast": Ascent(RADIUS, **FAST),
        "smoothing": Noisy(SIGMA),
    }.get(defence)
    shape: Any = {"width": 64} if kind == "cnn" else {"width": 128, "steps": 1200, "learning_rate": 0.03}
    net = Classifier(kind, examples=1258, features=task.pictures, hardening=how, **shape)  # type: ignore[arg-type]
    for snapshot, seconds in timed(net.fit(task, SEEDS, training_rng(seed))):
        yield Lesson(snapshot.step / snapshot.steps, seconds, snapshot.network)


def asked(task: Digits, some: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """So many test digits, another choice with every seed: pictures (some, 1, 8, 8) and their labels (some,)."""
    import torch

    rows = task.sample(0.0, some, np.random.default_rng([seed, EXAM]))
    return torch.as_tensor(task.pictures(rows)), torch.as_tensor(task.truth(rows))


def misread(module: Any, x: torch.Tensor, y: torch.Tensor) -> float:
    """The share of pictures (n, ...) that a module does not call y (n,)."""
    import torch

    with torch.no_grad():
        return float((module(x).argmax(1) != y).double().mean())
