"""A transformer encoder: every number of a sequence looks at all others, several ways at once; batched over seeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import embedding, layer_norm, scaled_dot_product_attention

from lib.learners.dense import uniform

Positions = Literal["learned", "sinusoidal", "rotary", "none"]
A_LAYER = 8  # tensors


@dataclass(frozen=True)
class Transformer:
    """(seeds, n, length) numbers below `alphabet` -> logits (seeds, n, length or 1, symbols).

    Vaswani et al. 2017, without masks and with the norm first (Xiong et al. 2020); the norms have no weights of their
    own, since each is followed by a layer that has. positions: "learned", a vector for each place up to `longest`;
    "sinusoidal" (Vaswani et al., sec. 3.5); "rotary", by which queries and keys are turned (Su et al. 2021); "none".
    single: one answer, at the last number.
    """

    alphabet: int
    symbols: int
    longest: int
    width: int = 32
    layers: int = 2
    heads: int = 2
    positions: Positions = "learned"
    single: bool = False

    def weights(self, generator: torch.Generator) -> list[Tensor]:
        """What each number is, and each place if that is learned; eight tensors a layer (see `_layer`); the way out."""
        d, wide = self.width, 4 * self.width
        known = [self.alphabet, self.longest] if self.positions == "learned" else [self.alphabet]
        told = [torch.randn((count, d), generator=generator) for count in known]
        for _ in range(self.layers):
            for inputs, outputs in ((d, 3 * d), (d, d), (d, wide), (wide, d)):
                told += [uniform((inputs, outputs), inputs, generator), uniform((1, outputs), inputs, generator)]
        return [*told, uniform((d, self.symbols), d, generator), uniform((1, self.symbols), d, generator)]

    def __call__(self, weights: list[Tensor], x: Tensor) -> Tensor:
        numbers, *rest, out, tilt = weights
        seeds, n, length = x.shape
        offset = torch.arange(seeds)[:, None, None] * self.alphabet
        stream = embedding(x + offset, numbers.flatten(0, 1))
        if self.positions == "learned":
            stream = stream + rest.pop(0)[:, None, :length]
        elif self.positions == "sinusoidal":
            stream = stream + waves(length, self.width)
        for begin in range(0, len(rest), A_LAYER):
            stream = self._layer(rest[begin : begin + A_LAYER], stream)
        last = stream[:, :, -1:] if self.single else stream
        return torch.baddbmm(tilt, norm(last).flatten(1, 2), out).unflatten(1, (n, -1))

    def _layer(self, weights: list[Tensor], stream: Tensor) -> Tensor:
        """Look at each other, then think it over; both are added to what was there."""
        ask, ask_tilt, tell, tell_tilt, widen, widen_tilt, narrow, narrow_tilt = weights
        seeds, n, length, d = stream.shape
        asked = torch.baddbmm(ask_tilt, norm(stream).flatten(1, 2), ask)
        query, key, value = asked.view(seeds * n, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        if self.positions == "rotary":
            query, key = turned(query), turned(key)
        heard = scaled_dot_product_attention(query, key, value).transpose(1, 2).reshape(seeds, n * length, d)
        stream = stream + torch.baddbmm(tell_tilt, heard, tell).view_as(stream)
        hidden = torch.relu(torch.baddbmm(widen_tilt, norm(stream).flatten(1, 2), widen))
        return stream + torch.baddbmm(narrow_tilt, hidden, narrow).view_as(stream)


def norm(stream: Tensor) -> Tensor:
    """Mean 0 and spread 1 over the last dimension."""
    return layer_norm(stream, stream.shape[-1:])


def angles(length: int, half: int) -> Tensor:
    """(length, half): each place times rates that fall from 1 to 1/10,000."""
    rates = 10_000.0 ** (-torch.arange(half) / half)
    return torch.arange(length)[:, None] * rates


def waves(length: int, width: int) -> Tensor:
    """(length, width) sines and cosines of the place."""
    turns = angles(length, width // 2)
    return torch.cat([turns.sin(), turns.cos()], dim=-1)


def turned(heads: Tensor) -> Tensor:
    """(..., length, d) vectors, each turned pair by pair by an angle that grows with its place."""
    first, second = heads.chunk(2, -1)
    turns = angles(heads.shape[-2], first.shape[-1])
    cos, sin = turns.cos(), turns.sin()
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)
