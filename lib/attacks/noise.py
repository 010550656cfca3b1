"""Random noise, the control of every attack: as large a push, in no direction in particular."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lib.attacks.harness import AttackRun, Budget, Norm, perturb
from lib.attacks.sampling import random_signs, uniform_sphere


@dataclass(frozen=True)
class Noise:
    """Random noise of the full size: every pixel by +eps or -eps (linf), or a random way of length eps (l2).

    Settings as in Attack. One draw, judged by the same referee as an attack: where it did not make things worse for the
    module, the picture comes back as it was.
    """

    eps: float
    norm: Norm = "linf"
    targeted: bool = False

    def __post_init__(self) -> None:
        Budget(self.eps, self.norm)

    def __call__(self, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        return perturb(self, module, x, y, rng)

    def push(self, run: AttackRun) -> None:
        run.query(self.noisy(run.x, run.key))

    def noisy(self, x: Tensor, key: int) -> Tensor:
        """The pictures x (n, ...) with their noise, before any judgement, in [0, 1]; what a page shows as the noise."""
        draw = random_signs if self.norm == "linf" else uniform_sphere
        return (x + self.eps * draw(x, key)).clamp(0, 1)
