"""Many seeds of one network, trained at once.

Every weight carries the seeds as its first dimension, so that one matrix product of a batch serves them all; apart from
that the seeds share nothing: seed k draws its first weights and its batches from a generator of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.adam import adam

from lib.core import DivergedError

CHECKPOINTS = 25  # snapshots of a training, besides the untrained one
MONITORED = 128  # examples whose loss is reported
EXPLODED = 1e6  # a loss that does not come back: guessing costs 1 (scaled squares) or 2.3 (cross-entropy of ten digits)
REGISTER = 16  # floats in the widest vector register


class Architecture(Protocol):
    """The shape of a network, without its weights. They are lists of tensors, (seeds, ...) each."""

    def weights(self, generator: torch.Generator) -> list[Tensor]:
        """Fresh weights of one seed, without the first dimension."""
        ...

    def __call__(self, weights: list[Tensor], x: Tensor) -> Tensor:
        """(seeds, n, ...) inputs -> (seeds, n, ..., outputs)."""
        ...


class Portable(Architecture, Protocol):
    """A network that can be had as plain layers, to be attacked."""

    def module(self, weights: list[Tensor]) -> nn.Module:
        """One seed's weights as a plain network, (n, ...) -> (n, outputs)."""
        ...


Loss = Callable[[Tensor, Tensor], Tensor]
"""What training lowers: answers (seeds, n, ...) and targets (n, ...) or (seeds, n, ...) -> (seeds,)."""


def mean_squared_error(out: Tensor, y: Tensor) -> Tensor:
    """The mean squared error."""
    return (out - y).square().mean((1, 2))


def cross_entropy(out: Tensor, y: Tensor) -> Tensor:
    """The mean cross-entropy [nats] of logits; y: probabilities, such as one 1 among zeros."""
    return -(out.log_softmax(-1) * y).sum(-1).mean(-1)


class DataSource(Protocol):
    """A data source: where a training's batches come from."""

    @property
    def monitored(self) -> tuple[Tensor, Tensor]:
        """Questions (n, ...) and answers (n, ...) whose loss is reported."""
        ...

    def batches(self, begin: int, end: int, streams: list[torch.Generator]) -> Iterator[tuple[Tensor, Tensor]]:
        """The batches of these steps: questions and answers, (seeds, batch, ...) each."""
        ...


@dataclass(frozen=True, eq=False)
class Examples:
    """A dataset in memory: x (n, ...), targets y (n, ...), in batches of `batch` shuffled by each seed's generator."""

    x: Tensor
    y: Tensor
    batch: int

    @property
    def monitored(self) -> tuple[Tensor, Tensor]:
        """The first 128."""
        return self.x[:MONITORED], self.y[:MONITORED]

    def batches(self, begin: int, end: int, streams: list[torch.Generator]) -> Iterator[tuple[Tensor, Tensor]]:
        orders = [shuffled_batches(len(self.x), self.batch, end - begin, stream) for stream in streams]
        for rows in torch.stack(orders, dim=1):
            yield gathered(self.x, rows), gathered(self.y, rows)


@dataclass(frozen=True)
class Schedule:
    """A schedule: so many steps, while the learning rate falls along half a cosine (Loshchilov, Hutter 2017)."""

    steps: int
    learning_rate: float

    def rate(self, step: int) -> float:
        return self.learning_rate * (1 + math.cos(math.pi * step / self.steps)) / 2


class Checkpoint(NamedTuple):
    """A checkpoint of an ensemble after `step`: its loss, one per seed, and a copy of its weights."""

    step: int
    loss: tuple[float, ...]
    weights: list[Tensor]


Transform = Callable[[list[Tensor], Tensor, Tensor, list[torch.Generator]], Tensor]
"""Transforms a batch before it is learned from: weights, x, y and the seeds' generators -> x.

An x that requires a gradient gets that of the loss as its `grad`, by the same backward pass.
"""


def train(
    net: Architecture,
    loss: Loss,
    source: DataSource,
    schedule: Schedule,
    seeds: int,
    rng: np.random.Generator,
    transform: Transform | None = None,
    start: Sequence[Tensor] = (),
) -> Iterator[Checkpoint]:
    """Train all seeds on a data source; the first checkpoint comes before any step.

    start: weights (seeds, ...) to go on from, copied; without them each seed draws its own.
    Runs on one thread, so that the numbers do not depend on how many there are. Raises DivergedError as soon as a
    checkpoint's loss is not finite, or beyond all bounds.
    """
    torch.set_num_threads(1)
    root = int(rng.integers(2**62))
    streams = [torch.Generator().manual_seed(root + seed) for seed in range(seeds)]
    update = Adam(list(start) or [torch.stack(same) for same in zip(*map(net.weights, streams), strict=True)])
    weights = update.weights
    yield checkpoint(net, loss, source, weights, 0)
    for begin, end in pairwise(checkpoint_steps(schedule.steps)):
        for step, (x, y) in enumerate(source.batches(begin, end, streams), begin):
            seen = transform(weights, x, y, streams) if transform else x
            wanted = [*weights, seen] if seen.requires_grad else weights
            slopes = torch.autograd.grad(loss(net(weights, seen), y).sum(), wanted)
            if seen.requires_grad:
                seen.grad = slopes[-1]
            update(slopes[: len(weights)], schedule.rate(step))
        yield checkpoint(net, loss, source, weights, end)


def checkpoint(net: Architecture, loss: Loss, source: DataSource, weights: list[Tensor], step: int) -> Checkpoint:
    """Copy the weights and take their loss, which must be within bounds."""
    kept = [weight.detach().clone() for weight in weights]
    x, y = source.monitored
    value = loss(net(kept, x.expand(len(kept[0]), *x.shape)), y)
    if not (value < EXPLODED).all():  # NaN is not below anything
        raise DivergedError("learning_rate", step)
    return Checkpoint(step, tuple(value.tolist()), kept)


def checkpoint_steps(steps: int) -> list[int]:
    """The steps after which a checkpoint is taken: 0, then evenly up to the last."""
    return np.unique(np.linspace(0, steps, CHECKPOINTS + 1).round().astype(int)).tolist()


def shuffled_batches(examples: int, batch: int, steps: int, stream: torch.Generator) -> Tensor:
    """(steps, batch) row numbers: one epoch after the other, each in an order of its own."""
    batch = min(batch, examples)
    epochs = math.ceil(steps * batch / examples)
    order = torch.cat([torch.randperm(examples, generator=stream) for _ in range(epochs)])
    return order[: steps * batch].view(steps, batch)


def gathered(examples: Tensor, rows: Tensor) -> Tensor:
    """(n, ...) examples and (seeds, batch) row numbers -> (seeds, batch, ...)."""
    return examples.index_select(0, rows.flatten()).view(*rows.shape, *examples.shape[1:])


class Adam:
    """Adam with its usual constants (Kingma, Ba 2015, algorithm 1), in torch's fused form.

    weights: copies of what was given, to train on; each call moves them. torch rounds numbers that fill a vector
    register otherwise than those left over at the end, so that a seed would depend, in its last bits, on how many there
    are: hence all storage is padded. torch.optim.Adam's own bookkeeping is left out; it costs as much as the update.
    """

    def __init__(self, weights: list[Tensor]) -> None:
        self.rooms = [nn.functional.pad(weight.flatten(), (0, -weight.numel() % REGISTER)) for weight in weights]
        self.slopes, self.means, self.squares = ([torch.zeros_like(room) for room in self.rooms] for _ in range(3))
        self.counts = [torch.zeros(()) for _ in weights]
        shapes = [weight.shape for weight in weights]
        self.weights = [view.requires_grad_() for view in views(self.rooms, shapes)]
        self.gradients = views(self.slopes, shapes)

    @torch.no_grad()
    def __call__(self, gradients: Sequence[Tensor], rate: float) -> None:
        for room, gradient in zip(self.gradients, gradients, strict=True):
            room.copy_(gradient)
        adam(
            self.rooms, self.slopes, self.means, self.squares, [], self.counts, fused=True, lr=rate, beta1=0.9,
            beta2=0.999, eps=1e-8, weight_decay=0.0, amsgrad=False, maximize=False,
        )  # fmt: skip


def views(rooms: list[Tensor], shapes: list[torch.Size]) -> list[Tensor]:
    """The start of each room, in its shape."""
    return [room[: shape.numel()].view(shape) for room, shape in zip(rooms, shapes, strict=True)]


@torch.no_grad()
def predictions(net: Architecture, weights: list[Tensor], x: np.ndarray, rows: int = 4096) -> np.ndarray:
    """(n, ...) inputs -> (seeds, n, outputs), a few thousand rows at a time, so that memory stays small."""
    seeds = len(weights[0])
    told = [
        net(weights, part.expand(seeds, *part.shape)) for part in torch.as_tensor(x, dtype=torch.float32).split(rows)
    ]
    return torch.cat(told, dim=1).numpy()


def parameter_count(weights: list[Tensor]) -> int:
    """How many numbers one seed has learned."""
    return sum(weight[0].numel() for weight in weights)
