"""Residual layers that can be run backwards: each moves every point a little, and no two points to the same place.

    h -> h + act(h W + b) / depth,     with |W| (Frobenius) held below depth · GENTLE / (steepest slope of act)

so that the push changes less than its point does, and the step can be undone by a fixed-point iteration (Behrmann and
others 2019, *Invertible residual networks*, theorem 1 and algorithm 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

from lib.learners.dense import ACTIVATIONS, Activation, linear, uniform

GENTLE = 0.9  # the most that a push may change, as a share of the change in its point
STEEPEST = {"gelu": 1.13, "snake": 2.0}  # slopes of the others end at 1


@dataclass(frozen=True)
class InvertibleResNet:
    """inputs are filled up with zeros to `width`, or mapped to it if there are more; then come `depth` pushes, and a
    linear map to `outputs`. weights: [matrix and bias of the map], those of each push, those of the last map."""

    inputs: int
    width: int
    depth: int
    outputs: int
    activation: Activation = "tanh"

    @property
    def maps_first(self) -> bool:
        return self.inputs > self.width

    @property
    def most(self) -> float:
        """The largest norm that a push's matrix acts with."""
        return GENTLE * self.depth / STEEPEST.get(self.activation, 1.0)

    def weights(self, generator: torch.Generator) -> list[Tensor]:
        """Even within ±1/√inputs, as in Dense."""
        first = [self.inputs] if self.maps_first else []
        sizes = [*first, *[self.width] * (self.depth + 1), self.outputs]
        return [uniform(shape, ins, generator) for ins, outs in pairwise(sizes) for shape in ((ins, outs), (1, outs))]

    def __call__(self, weights: list[Tensor], x: Tensor) -> Tensor:
        """(seeds, n, ...) -> (seeds, n, outputs)."""
        act, x, rest = ACTIVATIONS[self.activation](), x.flatten(2), weights
        if self.maps_first:
            x, rest = torch.baddbmm(weights[1], x, weights[0]), weights[2:]
        else:
            x = nn.functional.pad(x, (0, self.width - self.inputs))
        for matrix, bias in zip(rest[:-2:2], rest[1:-2:2], strict=True):
            x = x + act(torch.baddbmm(bias, x, norm_bounded(matrix, self.most))) / self.depth
        return torch.baddbmm(rest[-1], x, rest[-2])

    def module(self, weights: list[Tensor]) -> nn.Module:
        """One seed's weights as plain layers."""
        pairs = list(zip(weights[::2], weights[1::2], strict=True))
        first = [linear(*pairs.pop(0))] if self.maps_first else [nn.ZeroPad1d((0, self.width - self.inputs))]
        inner = [linear(norm_bounded(matrix[None], self.most)[0], bias) for matrix, bias in pairs[:-1]]
        blocks = [ResidualBlock(one, ACTIVATIONS[self.activation](), self.depth) for one in inner]
        return nn.Sequential(nn.Flatten(), *first, *blocks, linear(*pairs[-1])).eval()


class ResidualBlock(nn.Module):
    """h + act(h W + b) / depth."""

    def __init__(self, inner: nn.Linear, activation: nn.Module, depth: int) -> None:
        super().__init__()
        self.inner, self.activation, self.depth = inner, activation, depth

    def forward(self, h: Tensor) -> Tensor:
        return h + self.activation(self.inner(h)) / self.depth


def norm_bounded(matrix: Tensor, most: float) -> Tensor:
    """(seeds, n, m) matrices, those above the norm `most` shrunk to it."""
    return matrix * (most / matrix.norm(dim=(1, 2), keepdim=True)).clamp(max=1)
