"""Lessons that make a classifier harder to deceive: pictures attacked while it learns, by three recipes, or noise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

import torch
from torch import Tensor

from lib.learners.ensemble import Architecture, DataSource, Transform, cross_entropy


class Hardening(Protocol):
    """What is learned from in place of the pictures as they are; `replays`: how often in a row each batch is."""

    @property
    def replays(self) -> int: ...
    def lessons(self, net: Architecture) -> Transform:
        """How one training changes its batches."""
        ...


@dataclass(frozen=True)
class Ascent:
    """Every batch attacked within `radius`, pixel by pixel, by so many steps from a random place, each pace * radius.

    The defaults are the seven steps of A. Madry et al., Towards Deep Learning Models Resistant to Adversarial Attacks
    (2018), section 5. One step with pace 1.25 is "fast" (FAST): E. Wong, L. Rice, Z. Kolter, Fast is Better than Free
    (2020), section 4. Costs as many passes more as there are steps.
    """

    radius: float
    strides: int = 7
    pace: float = 0.25

    @property
    def replays(self) -> int:
        return 1

    def lessons(self, net: Architecture) -> Transform:
        def attacked(weights: list[Tensor], x: Tensor, y: Tensor, streams: list[torch.Generator]) -> Tensor:
            return adversarial_batch(net, self.radius, weights, x, y, streams, self.strides, self.pace)

        return attacked


FAST = {"strides": 1, "pace": 1.25}


@dataclass(frozen=True)
class Free:
    """Every batch several times in a row, under a push that grows by what the very pass tells that teaches.

    The push moves by `radius` along the signs of the gradient, stays within it, and goes on from batch to batch. Costs
    no pass more than training as usual, whose steps it takes, of which `replays` go to each batch.
    Source: A. Shafahi et al., Adversarial Training for Free! (2019), algorithm 1.
    """

    radius: float
    replays: int = 4

    def lessons(self, net: Architecture) -> Transform:  # noqa: ARG002
        return _Pushing(self.radius)


@dataclass(eq=False)
class _Pushing:
    """The push (seeds, batch, ...) of one training, and the pictures that it made last, which know their gradient."""

    radius: float
    push: Tensor = field(default_factory=lambda: torch.zeros(()))
    shown: Tensor | None = None

    def __call__(self, _weights: list[Tensor], x: Tensor, _y: Tensor, _streams: list[torch.Generator]) -> Tensor:
        if self.shown is not None and self.shown.grad is not None:
            self.push = (self.push + self.radius * self.shown.grad.sign()).clamp(-self.radius, self.radius)
        self.shown = (x + self.push).clamp(0, 1).requires_grad_()
        return self.shown


@dataclass(frozen=True)
class Noisy:
    """Every batch under Gaussian noise of standard deviation sigma, as a network that is to be smoothed learns.

    It is not clipped to [0, 1]. Source: J. Cohen, E. Rosenfeld, Z. Kolter, Certified Adversarial Robustness via
    Randomized Smoothing (2019), section 3.3.
    """

    sigma: float

    @property
    def replays(self) -> int:
        return 1

    def lessons(self, net: Architecture) -> Transform:  # noqa: ARG002
        def noisy(_weights: list[Tensor], x: Tensor, _y: Tensor, streams: list[torch.Generator]) -> Tensor:
            return x + self.sigma * torch.stack([torch.randn(x.shape[1:], generator=stream) for stream in streams])

        return noisy


@dataclass(frozen=True, eq=False)
class Replayed:
    """Another data source, each of its batches so often in a row."""

    source: DataSource
    times: int

    @property
    def monitored(self) -> tuple[Tensor, Tensor]:
        return self.source.monitored

    def batches(self, begin: int, end: int, streams: list[torch.Generator]) -> Iterator[tuple[Tensor, Tensor]]:
        few = -(-(end - begin) // self.times)
        every = (one for one in self.source.batches(0, few, streams) for _ in range(self.times))
        return islice(every, end - begin)


def adversarial_batch(
    net: Architecture,
    radius: float,
    weights: list[Tensor],
    x: Tensor,
    y: Tensor,
    streams: list[torch.Generator],
    strides: int = 5,
    pace: float = 0.5,
) -> Tensor:
    """Pictures (seeds, n, ...) within `radius` of x, pixel by pixel, that raise each seed's own loss; in [0, 1].

    Projected gradient descent from a random start, each stride `pace` of the radius (Madry et al. 2018, sec. 2.1).
    """
    start = torch.stack([torch.rand(x.shape[1:], generator=stream) for stream in streams])
    low, high = (x - radius).clamp(min=0), (x + radius).clamp(max=1)
    moved = (x + (2 * start - 1) * radius).clamp(low, high)
    for _ in range(strides):
        moved.requires_grad_()
        (uphill,) = torch.autograd.grad(cross_entropy(net(weights, moved), y).sum(), moved)
        moved = (moved.detach() + uphill.sign() * (radius * pace)).clamp(low, high)
    return moved
