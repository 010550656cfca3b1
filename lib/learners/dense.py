"""Layers in which every number meets every other: multi-layer perceptrons, batched over seeds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn

Activation = Literal["relu", "tanh", "gelu", "snake"]


class Snake(nn.Module):
    """x + sin² x, which can go on periodically where others cannot (Ziyin et al. 2020, eq. 3 with a = 1)."""

    def forward(self, x: Tensor) -> Tensor:
        return x + x.sin().square()


ACTIVATIONS: dict[Activation, Callable[[], nn.Module]] = {
    "relu": lambda: nn.ReLU(inplace=True),  # spares a copy of everything that flows through
    "tanh": nn.Tanh,
    "gelu": nn.GELU,
    "snake": Snake,
}


@dataclass(frozen=True)
class Dense:
    """sizes: how many numbers enter, pass between the layers, and leave. No hidden size makes a linear model."""

    sizes: tuple[int, ...]
    activation: Activation = "relu"

    def weights(self, generator: torch.Generator) -> list[Tensor]:
        """Matrix (inputs, outputs) and bias (1, outputs) of each layer in turn, evenly within ±1/√inputs.

        The first weights of torch.nn.Linear. He's larger ones (2015) were measured: twice the error in as many steps.
        """
        return [
            uniform(shape, inputs, generator)
            for inputs, outputs in pairwise(self.sizes)
            for shape in ((inputs, outputs), (1, outputs))
        ]

    def __call__(self, weights: list[Tensor], x: Tensor) -> Tensor:
        """(seeds, n, ...) -> (seeds, n, outputs); what is not yet a row of numbers is laid out as one."""
        act = ACTIVATIONS[self.activation]()
        x = torch.baddbmm(weights[1], x.flatten(2), weights[0])
        for matrix, bias in zip(weights[2::2], weights[3::2], strict=True):
            x = torch.baddbmm(bias, act(x), matrix)
        return x

    def module(self, weights: list[Tensor]) -> nn.Module:
        """One seed's weights as Flatten, Linear, activation, ..., Linear."""
        layers: list[nn.Module] = [nn.Flatten()]
        for matrix, bias in zip(weights[::2], weights[1::2], strict=True):
            layers += [linear(matrix, bias), ACTIVATIONS[self.activation]()]
        return nn.Sequential(*layers[:-1]).eval()


def uniform(shape: tuple[int, ...], inputs: int, generator: torch.Generator) -> Tensor:
    """Even noise within ±1/√inputs."""
    return (torch.rand(shape, generator=generator) * 2 - 1) / inputs**0.5


def linear(matrix: Tensor, bias: Tensor) -> nn.Linear:
    """A layer with these weights, (inputs, outputs) and (1, outputs); torch keeps them the other way round."""
    layer = nn.Linear(matrix.shape[0], matrix.shape[1], device="meta")  # so that no numbers are drawn for it
    layer.weight, layer.bias = nn.Parameter(matrix.T.clone()), nn.Parameter(bias[0].clone())
    return layer
