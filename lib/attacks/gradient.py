"""White-box attacks: they follow the gradient of the module's loss."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lib.attacks.harness import LARGE, AttackRun, Budget, Norm, l2_norms, perturb, sizes, widened
from lib.attacks.sampling import uniform_ball, uniform_cube


@dataclass(frozen=True)
class FGSM:
    """The fast gradient sign method, one step of length eps along the signs (linf) or the gradient itself (l2).

    Settings as in Attack. One query of the untouched picture, one backward pass, one query of the pushed one.
    Source: I. Goodfellow, J. Shlens, C. Szegedy, Explaining and Harnessing Adversarial Examples (2014), section 4.
    """

    eps: float
    norm: Norm = "linf"
    targeted: bool = False

    def __post_init__(self) -> None:
        Budget(self.eps, self.norm)

    def __call__(self, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        return perturb(self, module, x, y, rng)

    def push(self, run: AttackRun) -> None:
        run.query(run.x + self.eps * steepest_direction(run.gradient(), self.norm))


@dataclass(frozen=True)
class PGD:
    """Projected gradient descent: many small steps up the loss, each projected into the budget, with restarts.

    FGSM's picture is tried first, so that PGD is never the weaker one: whatever falls to FGSM falls to PGD, and of an
    example that stands, PGD's picture has the higher loss. The first path starts there, or from the run's start; each
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
        Budget(self.eps, self.norm)
        for name, least in (("steps", 1), ("restarts", 0), ("patience", 1)):
            if (got := getattr(self, name)) < least:
                raise ValueError(f"{name}: got {got}, choose {least} or more")

    def __call__(self, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        return perturb(self, module, x, y, rng)

    def push(self, run: AttackRun) -> None:
        FGSM(self.eps, self.norm, self.targeted).push(run)
        if run.start is not None:
            run.query(run.start[run.rows])
        draw = uniform_cube if self.norm == "linf" else uniform_ball
        step = self.stride * self.eps / self.steps
        for path in range(1 + self.restarts):
            run.restart()
            if path > 0:
                run.query(run.x + self.eps * draw(run.x, run.key + path))
            for _ in range(self.steps):
                run.query(run.current + step * steepest_direction(run.gradient(), self.norm))
                run.drop(run.idle >= self.patience)


def steepest_direction(gradient: Tensor, norm: Norm) -> Tensor:
    """The direction (n, ...) of size 1 in which the loss rises most: the signs, or the gradient made 1 long."""
    if norm == "linf":
        return gradient.sign()
    push = in_range(widened(gradient))
    return (push / l2_norms(push)).to(gradient.dtype)


def in_range(gradient: Tensor) -> Tensor:
    """Each example (n, ...) times a number of its own that leaves its square within float32; mostly 1.

    Where a gradient has overflowed, its infinite pixels alone count, and by sign; a pixel that is NaN does not.
    """
    size = sizes(gradient)
    odd = ~((size == 0) | ((size >= 1 / LARGE) & (size <= LARGE))).flatten()  # NaN too
    if not odd.any():
        return gradient
    rows = gradient[odd].double().nan_to_num(0.0)
    told = gradient.clone()
    told[odd] = (rows / sizes(rows).clamp(min=torch.finfo(rows.dtype).tiny)).to(gradient.dtype)
    return told
