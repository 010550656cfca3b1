"""Classification of pictures: a linear model, a perceptron or a small convolutional network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor, nn

from lib.core import Snapshot, Task
from lib.learners.dense import Dense
from lib.learners.ensemble import (
    Examples,
    Portable,
    Schedule,
    cross_entropy,
    parameter_count,
    predictions,
    train,
)
from lib.learners.examples import Features, identity
from lib.learners.pictures.convnet import Convnet
from lib.learners.pictures.hardening import Ascent, Hardening, Replayed

Shape = Literal["cnn", "mlp", "linear"]


@dataclass(frozen=True)
class Classifier:
    """Sorts pictures into `labels` kinds, by cross-entropy.

    network: "linear" has no hidden layer, "mlp" has one of `width`, "cnn" has width/4 and width/2 channels.
    adversarial: if above 0, it learns from pictures that were attacked within this L∞ radius, by five steps of half of
    it: they reach further than seven of a quarter (lib.learners.pictures.hardening.Ascent), for less.
    hardening: another way to change what it learns from, in place of that.
    features: questions (n, ...) -> pictures (n, colours, height, width) in [0, 1]; `task.pictures` for digits.
    The defaults suit "cnn" on digits (98.3 %); "mlp" wants width 256, 1200 steps at 0.02 (97.3 %), "linear" 1200 steps
    at 0.05 (95.6 %): means over 5 seeds, on the test pictures of lib.tasks.digits.
    A snapshot's loss is the mean cross-entropy [nats] on pictures nobody attacked.
    Raises ValueError for an unknown network, and in fit if features gives no pictures; training raises DivergedError.
    """

    network: Shape = "cnn"
    width: int = 64
    examples: int = 1200
    steps: int = 400
    batch: int = 32
    learning_rate: float = 0.01
    adversarial: float = 0.0
    hardening: Hardening | None = None
    labels: int = 10
    features: Features = identity

    def __post_init__(self) -> None:
        if self.network not in get_args(Shape):
            raise ValueError(f"network: got {self.network!r}, choose one of {', '.join(get_args(Shape))}")

    def fit(self, task: Task, seeds: int, rng: np.random.Generator) -> Iterator[Snapshot]:
        x = task.training_sample(self.examples, rng)
        pictures = torch.as_tensor(self.features(x), dtype=torch.float32)
        if pictures.ndim != 4:
            got = tuple(pictures.shape)
            raise ValueError(f"features: got shape {got}, give (n, colours, height, width), such as task.pictures")
        targets = torch.eye(self.labels)[torch.as_tensor(task.truth(x))]
        net = self._shape(pictures)
        how = self.hardening or (Ascent(self.adversarial, strides=5, pace=0.5) if self.adversarial else None)
        shown = Examples(pictures, targets, self.batch)
        shown = Replayed(shown, how.replays) if how and how.replays > 1 else shown
        schedule = Schedule(self.steps, self.learning_rate)
        lessons = how.lessons(net) if how else None
        for step, loss, weights in train(net, cross_entropy, shown, schedule, seeds, rng, lessons):
            yield Snapshot(step, self.steps, loss, TrainedClassifier(net, weights, self.features))

    def _shape(self, pictures: Tensor) -> Portable:
        if self.network == "cnn":
            colours, height, width = pictures.shape[1:]
            return Convnet((colours, height, width), max(1, self.width // 4), self.labels)
        hidden = [self.width] if self.network == "mlp" else []
        return Dense((pictures[0].numel(), *hidden, self.labels))


@dataclass(frozen=True, eq=False)
class TrainedClassifier:
    """What a Classifier has become: questions (n, ...) -> logits (seeds, n, labels), float32."""

    net: Portable
    weights: list[Tensor]
    features: Features

    @property
    def parameters(self) -> int:
        """Numbers learned by one seed."""
        return parameter_count(self.weights)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return predictions(self.net, self.weights, self.features(x), rows=512)

    def module(self, seed: int) -> nn.Module:
        """One seed as plain torch layers, from pictures (n, colours, height, width) to logits (n, labels)."""
        return self.net.module([weight[seed] for weight in self.weights])
