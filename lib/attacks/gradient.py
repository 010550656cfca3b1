"""White-box attacks: they follow the gradient of the module's loss."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lib.attacks.harness import (
    LARGE,
    AttackRun,
    Budget,
    Norm,
    Objective,
    at_least,
    l1_norms,
    l2_norms,
    log_odds,
    perturb,
    positive,
    sizes,
    widened,
)
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
        run.restart(run.cross_entropy)
        run.back()
        run.query(run.x + self.eps * steepest_direction(run.gradient(), self.norm))


@dataclass(frozen=True)
class BIM:
    """The basic iterative method: small steps from the untouched picture, each projected into the budget.

    stride: the length of a step, in eps/steps: 1 just reaches the edge of the budget.
    Other settings as in Attack. A pass, forward and backward, a step.
    Source: A. Kurakin, I. Goodfellow, S. Bengio, Adversarial Examples in the Physical World (2017), section 2.2.
    """

    eps: float
    norm: Norm = "linf"
    targeted: bool = False
    steps: int = 10
    stride: float = 2.5

    def __post_init__(self) -> None:
        Budget(self.eps, self.norm)
        at_least(self, steps=1)
        positive(self, "stride")

    def __call__(self, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        return perturb(self, module, x, y, rng)

    def push(self, run: AttackRun) -> None:
        run.restart(run.cross_entropy)
        run.back()
        for _ in range(self.steps):
            way = steepest_direction(run.gradient(), self.norm)
            run.query(run.current + self.stride * self.eps / self.steps * way)


@dataclass(frozen=True)
class MIFGSM:
    """The momentum iterative method: BIM along a decaying sum of the gradients so far, each first made 1 long (L1).

    decay: what is left of that sum after a step. Other settings as in BIM, and so is the cost.
    Source: Y. Dong et al., Boosting Adversarial Attacks with Momentum (2018), algorithm 1, and section 3.4 for l2.
    """

    eps: float
    norm: Norm = "linf"
    targeted: bool = False
    steps: int = 10
    stride: float = 2.5
    decay: float = 1.0

    def __post_init__(self) -> None:
        Budget(self.eps, self.norm)
        at_least(self, steps=1, decay=0)
        positive(self, "stride")

    def __call__(self, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        return perturb(self, module, x, y, rng)

    def push(self, run: AttackRun) -> None:
        run.restart(run.cross_entropy)
        run.back()
        velocity = widened(torch.zeros_like(run.best))
        for _ in range(self.steps):
            slope = in_range(widened(run.gradient()))
            velocity[run.rows] = self.decay * velocity[run.rows] + slope / l1_norms(slope)
            way = steepest_direction(velocity[run.rows], self.norm)
            run.query(run.current + self.stride * self.eps / self.steps * way)


@dataclass(frozen=True)
class PGD:
    """Projected gradient descent: many steps up the loss, each projected into the budget, on several paths.

    The first path starts at FGSM's picture, so that PGD is never the weaker one: whatever falls to FGSM falls to PGD,
    and of an example that stands, PGD's picture has the higher loss. Whoever still stands is then pushed towards each
    of the `targets` likeliest other classes, and from `restarts` random places.
    stride: the length of a step, in eps/steps. patience: a path that has not gained for so many steps is over.
    The defaults were chosen on six convolutional networks for digits, three of them adversarially trained, at 21 radii:
    of 11,319 pictures 5,064 stood 40 steps of stride 2.5 on one path, 5,009 of stride 10 at half the cost, 4,948 20 of
    stride 10 on logits made to spread alike, and 4,793 when aimed at 3 classes as well, or from 3 places, at 1.3 times
    the cost of the first. Aimed at 2 it costs .88 of the first at most, on both networks of tests/bench at each of five
    radii, where 1.3 % more stand at worst.
    Other settings as in Attack. A pass, forward and backward, a step, at most (1 + targets + restarts) * steps.
    Raises ValueError for settings that make no sense.
    Sources: A. Madry et al., Towards Deep Learning Models Resistant to Adversarial Attacks (2018), section 2.1; for the
    targets S. Gowal et al., An Alternative Surrogate Loss for PGD-based Adversarial Testing (2019), section 3.
    """

    eps: float
    norm: Norm = "linf"
    targeted: bool = False
    steps: int = 20
    restarts: int = 0
    stride: float = 10.0
    patience: int = 5
    targets: int = 2

    def __post_init__(self) -> None:
        Budget(self.eps, self.norm)
        at_least(self, steps=1, restarts=0, patience=1, targets=0)
        positive(self, "stride")

    def __call__(self, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        return perturb(self, module, x, y, rng)

    def push(self, run: AttackRun) -> None:
        FGSM(self.eps, self.norm, self.targeted).push(run)
        run.look()
        run.restart()
        self._walk(run)
        for aims in rivals(run, self.targets):
            run.restart(towards(aims))
            run.back()
            self._walk(run)
        draw = uniform_cube if self.norm == "linf" else uniform_ball
        for path in range(self.restarts):
            run.restart()
            run.query(run.x + self.eps * draw(run.x, run.key + 1 + path))
            self._walk(run)

    def _walk(self, run: AttackRun) -> None:
        step = self.stride * self.eps / self.steps
        for _ in range(self.steps):
            run.query(run.current + step * steepest_direction(run.gradient(), self.norm))
            run.drop(run.idle >= self.patience)


def rivals(run: AttackRun, most: int) -> Tensor:
    """(k, n) the classes that an attack may aim at, k <= most, the likeliest first; none if it has a target."""
    if run.targeted:
        return run.likely[:, :0].T
    others = run.likely[run.likely != run.labels[:, None]].view(len(run.likely), run.likely.shape[1] - 1)
    return others[:, :most].T


def towards(aims: Tensor) -> Objective:
    """The log-odds of one class for each example, aims (n,)."""
    return lambda logits, rows: log_odds(logits, aims[rows], True)


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
