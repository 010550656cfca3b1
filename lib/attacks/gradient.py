"""Attacks that know the module from inside: they ask which way its loss rises, and go there."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lib.attacks.harness import Ball, Norm, Siege, attacked, lengths
from lib.attacks.sampling import cube, disc


@dataclass(frozen=True)
class FGSM:
    """One step of length eps straight uphill: along the gradient's signs (linf) or the gradient itself (l2).

    Settings as in Attack. One look at the untouched picture, one backward pass, one look at the pushed one.
    Source: I. Goodfellow, J. Shlens, C. Szegedy, Explaining and Harnessing Adversarial Examples (2014), section 4.
    """

    eps: float
    norm: Norm = "linf"
    targeted: bool = False

    def __post_init__(self) -> None:
        Ball(self.eps, self.norm)

    def __call__(self, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        return attacked(self, module, x, y, rng)

    def push(self, siege: Siege) -> None:
        siege.ask(siege.x + self.eps * steepest(siege.slope(), self.norm))


@dataclass(frozen=True)
class PGD:
    """Many small steps uphill, each brought back into the budget, along one path or several.

    FGSM's picture is tried first, so that PGD is never the weaker one: whatever falls to FGSM falls to PGD, and of an
    example that stands, PGD's picture has the higher loss. The first path starts there, or from the siege's hint; each
    of `restarts` more starts at random.
    stride: the length of a step, in eps/steps (2.5 lets a path cross the whole budget).
    patience: a path that has not gained for so many steps is over; measured at 40 steps, this saves an eighth of the
    work on undefended networks and no success is lost, nor is it on adversarially trained ones.
    Other settings as in Attack. Raises ValueError for a number of steps, restarts or patience that makes no sense.
    Source: A. Madry et al., Towards Deep Learning Models Resistant to Adversarial Attacks (2018), section 2.1.
    """

    eps: float
    norm: Norm = "linf"
    targeted: bool = False
    steps: int = 40
    restarts: int = 0
    stride: float = 2.5
    patience: int = 5

    def __post_init__(self) -> None:
        Ball(self.eps, self.norm)
        for name, least in (("steps", 1), ("restarts", 0), ("patience", 1)):
            if (got := getattr(self, name)) < least:
                raise ValueError(f"{name}: got {got}, choose {least} or more")

    def __call__(self, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        return attacked(self, module, x, y, rng)

    def push(self, siege: Siege) -> None:
        FGSM(self.eps, self.norm, self.targeted).push(siege)
        if siege.hint is not None:
            siege.ask(siege.hint[siege.rows])
        draw = cube if self.norm == "linf" else disc
        step = self.stride * self.eps / self.steps
        for path in range(1 + self.restarts):
            siege.gather()
            if path > 0:
                siege.ask(siege.x + self.eps * draw(siege.x, siege.key + path))
            for _ in range(self.steps):
                siege.ask(siege.at + step * steepest(siege.slope(), self.norm))
                siege.rest(siege.idle >= self.patience)


def steepest(slope: Tensor, norm: Norm) -> Tensor:
    """The direction (n, ...) of size 1 in which the gain rises most: the signs, or the gradient made 1 long."""
    return slope.sign() if norm == "linf" else slope / lengths(slope)
