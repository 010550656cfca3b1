"""Classification of points by a narrow network, small enough to watch every single thing that it does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from lib.core import Snapshot, Task
from lib.learners.dense import ACTIVATIONS, Activation, Dense
from lib.learners.ensemble import Examples, Schedule, cross_entropy, parameter_count, predictions, train
from lib.learners.paper.decomposition import Layer
from lib.learners.paper.residual import InvertibleResNet, norm_bounded


@dataclass(frozen=True)
class PointClassifier:
    """`depth` hidden layers of `width`, then a linear map to one number for each of `labels` classes.

    depth 0 is a linear model. residual: each layer adds a small push to its points instead of replacing them, and can
    be undone (lib.learners.paper.residual). A snapshot's loss is the mean cross-entropy [nats].
    Raises ValueError for an unknown activation; training raises DivergedError.
    """

    width: int = 3
    depth: int = 2
    activation: Activation = "tanh"
    residual: bool = False
    examples: int = 1000
    steps: int = 1500
    batch: int = 64
    learning_rate: float = 0.03
    labels: int = 2

    def __post_init__(self) -> None:
        if self.activation not in ACTIVATIONS:
            raise ValueError(f"activation: got {self.activation!r}, choose one of {', '.join(ACTIVATIONS)}")

    def fit(self, task: Task, seeds: int, rng: np.random.Generator) -> Iterator[Snapshot]:
        x = task.training_sample(self.examples, rng)
        targets = torch.eye(self.labels)[torch.as_tensor(task.truth(x))]
        net = self._shape(x.shape[1])
        shown = Examples(torch.as_tensor(x, dtype=torch.float32), targets, self.batch)
        schedule = Schedule(self.steps, self.learning_rate)
        for step, loss, weights in train(net, cross_entropy, shown, schedule, seeds, rng):
            yield Snapshot(step, self.steps, loss, TrainedPointClassifier(net, weights))

    def _shape(self, inputs: int) -> Dense | InvertibleResNet:
        if self.residual and self.depth:
            return InvertibleResNet(inputs, self.width, self.depth, self.labels, self.activation)
        return Dense((inputs, *[self.width] * self.depth, self.labels), self.activation)


@dataclass(frozen=True, eq=False)
class TrainedPointClassifier:
    """What a Flattener has become: points (n, d) -> classes (seeds, n)."""

    net: Dense | InvertibleResNet
    weights: list[Tensor]

    @property
    def parameters(self) -> int:
        """Numbers learned by one seed."""
        return parameter_count(self.weights)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return predictions(self.net, self.weights, x).argmax(axis=-1)

    def alone(self, seed: int) -> TrainedPointClassifier:
        """One of the seeds, as an ensemble of one."""
        return replace(self, weights=[weight[seed : seed + 1] for weight in self.weights])

    def module(self, seed: int) -> nn.Module:
        """One seed as plain torch layers, (n, d) -> (n, labels)."""
        return self.net.module([weight[seed] for weight in self.weights])

    def gradient_norms(self, x: np.ndarray) -> np.ndarray:
        """How steeply each seed's surest-changing probability rises at points (n, d): (seeds, n) [1/unit of x].

        The length of the gradient, the largest over the classes: what the map's Lipschitz constant is at that place.
        """
        seeds = len(self.weights[0])
        place = torch.as_tensor(x, dtype=torch.float32).expand(seeds, *x.shape).clone().requires_grad_()
        sure = self.net(self.weights, place).softmax(-1)
        steep = [
            torch.autograd.grad(sure[..., one].sum(), place, retain_graph=True)[0].norm(dim=-1)
            for one in range(sure.shape[-1])
        ]
        return torch.stack(steep).amax(0).numpy()

    def layers(self, seed: int) -> list[Layer]:
        """One seed's layers in double precision, the map to the classes last."""
        resnet = self.net if isinstance(self.net, InvertibleResNet) else None
        blocks = resnet.depth if resnet else 0
        pairs = list(zip(self.weights[::2], self.weights[1::2], strict=True))
        told = []
        for index, (matrices, biases) in enumerate(pairs):
            block = index in range(len(pairs) - 1 - blocks, len(pairs) - 1)
            matrix = norm_bounded(matrices[seed : seed + 1], resnet.most)[0] if resnet and block else matrices[seed]
            activated = block if resnet else index < len(pairs) - 1
            numbers = matrix.double().numpy(), biases[seed, 0].double().numpy()
            told.append(Layer(*numbers, self._activation if activated else None, 1 / blocks if block else None))
        return told

    def _activation(self, x: np.ndarray) -> np.ndarray:
        """The activation, in double precision; its input stays as it is."""
        return ACTIVATIONS[self.net.activation]()(torch.tensor(x)).numpy()
