"""Regression: a multi-layer perceptron that learns one number per question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from lib.core import Snapshot, Task
from lib.learners.dense import ACTIVATIONS, Activation, Dense
from lib.learners.ensemble import Examples, Schedule, mean_squared_error, parameter_count, predictions, train
from lib.learners.examples import Features, Standardizer, identity, training_set


@dataclass(frozen=True)
class MLP:
    """A perceptron with `depth` hidden layers of `width`; inputs and targets are scaled to mean 0 and spread 1.

    noise: each label is multiplied by 1 + noise·N(0, 1). features: what the network looks at, (n, inputs).
    The defaults were chosen on throws in vacuum (lib.tasks.throw): 0.5 % off inside training.
    A snapshot's loss is the mean squared error on the scaled targets.
    Raises ValueError for an unknown activation; training raises DivergedError.
    """

    width: int = 64
    depth: int = 2
    activation: Activation = "relu"
    examples: int = 3000
    noise: float = 0.0
    steps: int = 2000
    batch: int = 64
    learning_rate: float = 0.01
    features: Features = identity

    def __post_init__(self) -> None:
        if self.activation not in ACTIVATIONS:
            raise ValueError(f"activation: got {self.activation!r}, choose one of {', '.join(ACTIVATIONS)}")

    def fit(self, task: Task, seeds: int, rng: np.random.Generator) -> Iterator[Snapshot]:
        x, y = training_set(task, self.examples, self.noise, rng)
        seen, targets = self.features(x), y[:, None]
        inputs, outputs = Standardizer.of(seen), Standardizer.of(targets)
        net = Dense((seen.shape[1], *[self.width] * self.depth, 1), self.activation)
        shown = Examples(real(inputs(seen)), real(outputs(targets)), self.batch)
        schedule = Schedule(self.steps, self.learning_rate)
        for step, loss, weights in train(net, mean_squared_error, shown, schedule, seeds, rng):
            yield Snapshot(step, self.steps, loss, Regressor(net, weights, self.features, inputs, outputs))


@dataclass(frozen=True, eq=False)
class Regressor:
    """What an MLP has become: (n, d) questions -> (seeds, n) answers in the task's own unit."""

    net: Dense
    weights: list[Tensor]
    features: Features
    inputs: Standardizer
    outputs: Standardizer

    @property
    def parameters(self) -> int:
        """Numbers learned by one seed."""
        return parameter_count(self.weights)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return self.outputs.back(predictions(self.net, self.weights, self.inputs(self.features(x))))[..., 0]

    def module(self, seed: int) -> nn.Module:
        """One seed from features (n, inputs), not yet scaled, to answers (n, 1) in the task's unit, in float32."""
        enter, leave = self.inputs, self.outputs
        return nn.Sequential(
            Affine(1 / enter.spread, -enter.mean / enter.spread),
            self.net.module([weight[seed] for weight in self.weights]),
            Affine(leave.spread, leave.mean),
        ).eval()


class Affine(nn.Module):
    """times·x + plus, column by column; nothing in it is learned."""

    def __init__(self, times: np.ndarray, plus: np.ndarray) -> None:
        super().__init__()
        self.times = nn.Buffer(real(times))
        self.plus = nn.Buffer(real(plus))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.times + self.plus


def real(numbers: np.ndarray) -> Tensor:
    return torch.as_tensor(numbers, dtype=torch.float32)
