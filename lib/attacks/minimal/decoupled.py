"""Attacks that part how far to go from where to: the radius shrinks inside what deceives and grows outside."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi
from typing import Literal

import torch
from torch import Tensor, nn

from lib.attacks.harness import at_least, positive
from lib.attacks.minimal.search import Norm, Search, as_rows, check_norm, distances, largest, margins, perturb


@dataclass(frozen=True)
class DDN:
    """Decoupled direction and norm: steps up the loss, each laid on a sphere that shrinks or grows by a share gamma.

    steps: of lengths from 1 down to 0.01, by a cosine. radius: of the first sphere. Settings else as in MinimalAttack.
    A pass, forward and backward, a step.
    Source: J. Rony et al., Decoupling Direction and Norm for Efficient Gradient-Based L2 Adversarial Attacks and
    Defenses (2019), algorithm 1; the loss is the log-odds, which never go flat.
    """

    norm: Literal["l2"] = "l2"
    targeted: bool = False
    steps: int = 100
    gamma: float = 0.05
    radius: float = 1.0

    def __post_init__(self) -> None:
        check_norm(self.norm, "l2")
        at_least(self, steps=1)
        positive(self, "gamma", "radius")

    def __call__(self, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        return perturb(self, module, x, y, rng)

    def search(self, search: Search) -> None:
        at = search.best  # where another attack has left off, if there was one
        push = (at - search.x).double()
        radius = torch.where(search.distance.isinf(), self.radius, search.distance)
        for step in range(self.steps):
            answer = search.query(at)
            slope = answer.gradient(_odds_weights(answer.logits, search.labels, targeted=search.targeted))
            push = push + cosine(step, self.steps, 1.0, 0.01) * directions(inward(slope.double(), at))
            radius = radius * torch.where(answer.deceives, 1 - self.gamma, 1 + self.gamma)
            push = as_rows(radius, push) * directions(push)
            at = (search.x + push.to(search.x.dtype)).clamp(0, 1)
            push = (at - search.x).double()
        search.query(at, graph=False)


@dataclass(frozen=True)
class FMN:
    """Fast minimum norm: as DDN, for every norm, up the margin, and within the ball instead of on its sphere.

    Until something deceives, the radius is where the margin would end if the module were linear. steps: of lengths from
    `stride` down to a hundredth of it, by a cosine; gamma, too, down to a fiftieth.
    Settings else as in MinimalAttack. A pass, forward and backward, a step.
    Source: M. Pintor et al., Fast Minimum-norm Adversarial Attacks through Adaptive Norm Constraints (2021), algorithm
    1, and section 2.2 for the projections.
    """

    norm: Norm = "linf"
    targeted: bool = False
    steps: int = 100
    gamma: float = 0.05
    stride: float = 1.0

    def __post_init__(self) -> None:
        check_norm(self.norm)
        at_least(self, steps=1)
        positive(self, "gamma", "stride")

    def __call__(self, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        return perturb(self, module, x, y, rng)

    def search(self, search: Search) -> None:
        at, radius = search.best, search.distance  # where another attack has left off, if there was one
        push = (at - search.x).double()
        for step in range(self.steps):
            answer = search.query(at)
            margin, weights = margins(answer.logits, search.labels, targeted=search.targeted)
            slope = inward(answer.gradient(weights).double(), at)
            radius = self._radius(radius, push, margin.double(), slope, search.distance, answer.deceives, step)
            push = push + cosine(step, self.steps, self.stride, self.stride / 100) * directions(slope)
            push = project(push, radius, self.norm)
            at = (search.x + push.to(search.x.dtype)).clamp(0, 1)
            push = (at - search.x).double()
        search.query(at, graph=False)

    def _radius(
        self, radius: Tensor, push: Tensor, margin: Tensor, slope: Tensor, found: Tensor, hit: Tensor, step: int
    ) -> Tensor:
        """(n,) the next ball: smaller than what deceives, larger than what does not, (n,) each but push and slope."""
        gamma = cosine(step, self.steps, self.gamma, self.gamma / 50)
        smaller, larger = torch.minimum(radius * (1 - gamma), found), radius * (1 + gamma)
        dual: dict[Norm, Norm] = {"linf": "l1", "l2": "l2", "l1": "linf", "l0": "linf"}
        hoped = distances(push, self.norm) + margin.abs() / distances(slope, dual[self.norm]).clamp(min=1e-30)
        if self.norm == "l0":  # it counts: its ball changes by one at least
            smaller, larger = torch.minimum(smaller.floor(), found - 1), torch.maximum(larger.floor(), radius + 1)
            hoped = hoped.ceil()
        return torch.where(hit, smaller, torch.where(found.isinf(), hoped * (1 + gamma), larger))


def project(push: Tensor, radius: Tensor, norm: Norm) -> Tensor:
    """The nearest push (n, ...) in a ball of radius (n,); for l0 the largest numbers."""
    if norm == "l0":
        return largest(push, radius)
    if norm == "linf":
        most = as_rows(radius, push)
        return push.clamp(-most, most)
    if norm == "l2":
        return push * (as_rows(radius / distances(push, "l2").clamp(min=1e-30), push)).clamp(max=1)
    size = push.flatten(1).abs()  # J. Duchi et al., Efficient Projections onto the l1-Ball (2008), figure 1
    falling = size.sort(1, descending=True).values
    ranks = torch.arange(1, size.shape[1] + 1, device=size.device)
    excess = (falling.cumsum(1) - radius[:, None]) / ranks
    last = (falling > excess).sum(1, keepdim=True).clamp(min=1)
    least = excess.gather(1, last - 1).clamp(min=0)
    return push.sign() * (size - least).clamp(min=0).view_as(push)


def inward(slope: Tensor, at: Tensor) -> Tensor:
    """Slopes (n, ...) at pictures (n, ...), 0 where a step would leave [0, 1]: in a ball, it takes the others' room."""
    return torch.where((slope > 0) & (at >= 1) | (slope < 0) & (at <= 0), 0, slope)


def directions(push: Tensor) -> Tensor:
    """Each push (n, ...) made 1 long; nothing stays nothing."""
    largest_ = distances(push, "linf").clamp(min=1e-300)
    push = push / as_rows(largest_, push)  # its square may be more or less than floats hold
    return push / as_rows(distances(push, "l2").clamp(min=1e-30), push)


def cosine(step: int, steps: int, first: float, last: float) -> float:
    """From the first value to the last along half a cosine."""
    return last + (first - last) * (1 + cos(pi * step / steps)) / 2


def _odds_weights(logits: Tensor, y: Tensor, *, targeted: bool) -> Tensor:
    """The gradient of the log-odds (lib.attacks.harness.log_odds) by the logits, (n, classes)."""
    mine = torch.zeros_like(logits, dtype=torch.bool).scatter_(1, y[:, None], True)
    weights = logits.masked_fill(mine, -torch.inf).softmax(1).masked_fill(mine, -1.0)
    return -weights if targeted else weights
