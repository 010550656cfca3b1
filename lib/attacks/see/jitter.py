"""A picture moved a little at random before it is looked at: what only pleases the network in one place dies out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class Jitter:
    """Shifted by up to `shift` pixels each way, turned by up to `turn` degrees, larger or smaller by up to `zoom`.

    What leaves on one side is filled by what lies beside the edge, mirrored.
    Source: C. Olah, A. Mordvintsev, L. Schubert, Feature Visualization, Distill 2017, "transformation robustness".
    """

    shift: float = 4.0
    turn: float = 8.0
    zoom: float = 0.1

    def __call__(self, pictures: Tensor, rng: torch.Generator) -> Tensor:
        """(n, colours, h, w) pictures, all moved alike."""
        right, down, turned, grown = (2 * torch.rand(4, generator=rng) - 1).tolist()
        if not (self.shift or self.turn or self.zoom):
            return pictures
        angle, scale = math.radians(self.turn * turned), 1 + self.zoom * grown
        cos, sin = math.cos(angle) / scale, math.sin(angle) / scale
        height, width = pictures.shape[-2:]
        way = [[cos, -sin, 2 * self.shift * right / width], [sin, cos, 2 * self.shift * down / height]]
        grid = F.affine_grid(torch.tensor([way]), [1, 1, height, width], align_corners=False)
        return F.grid_sample(
            pictures, grid.expand(len(pictures), -1, -1, -1), padding_mode="reflection", align_corners=False
        )
