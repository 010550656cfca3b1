"""Several attacks as one, each for those who still stand."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from lib.attacks.apgd import APGD
from lib.attacks.gradient import PGD
from lib.attacks.harness import Attack, AttackRun, Budget, Norm, perturb
from lib.attacks.square import Square


@dataclass(frozen=True)
class Ensemble:
    """Attacks one after the other, cheap ones first: what has fallen is asked no more, and each finds the best so far.

    parts: attacks of any budget and aim; those of the ensemble are put in their place. The first ones follow the
    gradient, the last asks for none, so that a module that hides its gradient is not taken for a robust one; it wants
    pictures (n, channels, height, width). Other settings as in Attack.
    The parts and their lengths were chosen on the networks of tests/bench: as strong there as AutoAttack, at a fifth of
    the passes.
    Source: F. Croce, M. Hein, Reliable Evaluation of Adversarial Robustness with an Ensemble of Diverse Parameter-free
    Attacks (2020), section 6: its order, its parts and its costs are others here.
    """

    eps: float
    norm: Norm = "linf"
    targeted: bool = False
    parts: tuple[Attack, ...] = (
        PGD(0.0, targets=3, restarts=3),
        APGD(0.0, steps=20, loss="dlr"),
        Square(0.0, queries=300),
    )

    def __post_init__(self) -> None:
        Budget(self.eps, self.norm)
        if not self.parts:
            raise ValueError("parts: got none, give at least one attack")

    def __call__(self, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        return perturb(self, module, x, y, rng)

    def push(self, run: AttackRun) -> None:
        for part in self.parts:
            if not run.success.all():
                replace(part, eps=self.eps, norm=self.norm, targeted=self.targeted).push(run)
