"""Networks that are taught different lessons, all at once, and what is done to them afterwards.

Every set of lessons has as many networks as there are seeds. Seed k begins with the same weights and turns to the same
places of its lessons in the same order whatever the set: what differs between two of its networks comes of the lessons.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lib.learners.dense import Dense
from lib.learners.ensemble import (
    MONITORED,
    Checkpoint,
    Examples,
    Schedule,
    cross_entropy,
    gathered,
    parameter_count,
    predictions,
    shuffled_batches,
    train,
)

LABELS, BATCH, RATE = 10, 32, 0.01
ROWS = 64  # pictures that all networks are asked about at once: there are up to 144, and a small worker has little room


@dataclass(frozen=True, eq=False)
class LessonSets:
    """A data source of several sets of lessons. x: (sets, n, inputs); y: (sets, n, labels); the same seeds for each."""

    x: Tensor
    y: Tensor
    batch: int
    seeds: int

    @property
    def monitored(self) -> tuple[Tensor, Tensor]:
        """The first 128 of the first set."""
        return self.x[0, :MONITORED], self.y[0, :MONITORED]

    def batches(self, begin: int, end: int, streams: list[torch.Generator]) -> Iterator[tuple[Tensor, Tensor]]:
        sets, n = self.x.shape[:2]
        orders = [shuffled_batches(n, self.batch, end - begin, stream) for stream in streams[: self.seeds]]
        first = torch.arange(sets)[:, None, None] * n
        x, y = self.x.flatten(0, 1), self.y.flatten(0, 1)
        for rows in torch.stack(orders, dim=1):
            places = (first + rows).flatten(0, 1)
            yield gathered(x, places), gathered(y, places)


@dataclass(frozen=True)
class Teaching:
    """A perceptron of one hidden layer of `width`, one for each set of lessons and seed.

    batch: lessons a step. Training raises DivergedError.
    """

    width: int = 64
    steps: int = 800
    batch: int = BATCH
    learning_rate: float = RATE

    def fit(
        self, pictures: np.ndarray, labels: np.ndarray, seeds: int, rng: np.random.Generator
    ) -> Iterator[tuple[Checkpoint, Taught]]:
        """pictures: (sets, n, colours, 8, 8); labels: (sets, n). Yields each checkpoint, and what has become of all."""
        x, y = inputs(pictures), one_hot(labels)
        net = Dense((x.shape[-1], self.width, LABELS))
        root = int(rng.integers(2**62))
        begun = [net.weights(torch.Generator().manual_seed(root + seed)) for seed in range(seeds)]
        start = [torch.stack(same).repeat(len(x), 1, 1) for same in zip(*begun, strict=True)]
        source = LessonSets(x, y, self.batch, seeds)
        schedule = Schedule(self.steps, self.learning_rate)
        for now in train(net, cross_entropy, source, schedule, len(x) * seeds, rng, start=start):
            yield now, Taught(net, now.weights, seeds)


@dataclass(frozen=True, eq=False)
class Taught:
    """The networks of all sets of lessons. weights: (sets · seeds, ...), set by set."""

    net: Dense
    weights: list[Tensor]
    seeds: int

    @property
    def parameters(self) -> int:
        """Numbers learned by one network."""
        return parameter_count(self.weights)

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        """Pictures (n, colours, 8, 8) -> logits (sets, seeds, n, labels), float32."""
        told = predictions(self.net, self.weights, pictures.reshape(len(pictures), -1), rows=ROWS)
        return told.reshape(-1, self.seeds, *told.shape[1:])

    def part(self, first: int, end: int) -> Taught:
        """The networks of some of the sets."""
        return Taught(self.net, [w[first * self.seeds : end * self.seeds] for w in self.weights], self.seeds)

    @torch.no_grad()
    def activations(self, at: int, pictures: np.ndarray) -> np.ndarray:
        """What the hidden layer of each seed's network of one set says: (seeds, n, width)."""
        own = slice(at * self.seeds, (at + 1) * self.seeds)
        return hidden([weight[own] for weight in self.weights], inputs(pictures)).numpy()

    def tuned(self, pictures: np.ndarray, labels: np.ndarray, rng: np.random.Generator, epochs: int = 10) -> Taught:
        """The same networks after a few epochs more, on lessons (n, ...) that can be trusted.

        The learning rate that a first training has by default, and its cosine; units that were pruned may come back.
        """
        source = Examples(inputs(pictures), one_hot(labels), BATCH)
        schedule = Schedule(epochs * math.ceil(len(labels) / BATCH), RATE)
        tuning = train(self.net, cross_entropy, source, schedule, len(self.weights[0]), rng, start=self.weights)
        last = deque(tuning, maxlen=1).pop()  # all checkpoints together would be up to 140 MB
        return Taught(self.net, last.weights, self.seeds)

    @torch.no_grad()
    def pruned(self, pictures: np.ndarray, labels: np.ndarray, allowed: float = 0.04) -> Taught:
        """The same networks without the hidden units that rest on trusted lessons (n, ...), least active first.

        Each network loses units as long as it reads no more than `allowed` fewer of these lessons than before.
        Source: K. Liu, B. Dolan-Gavitt, S. Garg, Fine-Pruning, 2018, sections 3.1 and 4 (4 %).
        """
        x, y = inputs(pictures), torch.as_tensor(labels)
        weights = [weight.clone() for weight in self.weights]
        order = hidden(weights, x).mean(1).argsort(1)  # (networks, units), those at rest first

        def read() -> Tensor:
            told = [self.net(weights, part.expand(len(order), *part.shape)).argmax(-1) for part in x.split(ROWS)]
            return (torch.cat(told, dim=1) == y).float().mean(1)

        least, going = read() - allowed, torch.arange(len(order))
        for unit in order.T[:-1]:
            before = weights[2][going, unit[going]].clone()
            weights[2][going, unit[going]] = 0
            enough = read()[going] >= least[going]
            weights[2][going[~enough], unit[going[~enough]]] = before[~enough]
            going = going[enough]
            if not len(going):
                break
        return Taught(self.net, weights, self.seeds)


def hidden(weights: list[Tensor], x: Tensor) -> Tensor:
    """The hidden layer's answers to inputs (n, inputs): (networks, n, units)."""
    return torch.baddbmm(weights[1], x.expand(len(weights[0]), *x.shape), weights[0]).relu()


def inputs(pictures: np.ndarray) -> Tensor:
    """(..., colours, 8, 8) -> (..., colours · 64)."""
    return torch.as_tensor(pictures, dtype=torch.float32).flatten(-3)


def one_hot(labels: np.ndarray) -> Tensor:
    """(...) -> (..., 10)."""
    return torch.eye(LABELS)[torch.as_tensor(labels)]
