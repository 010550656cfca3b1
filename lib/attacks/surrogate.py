"""A template-matching program as a torch module, so that it can be attacked with its own source, like a network."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn


class TemplateSurrogate(nn.Module):
    """Answers like a program that holds stencils over a picture and takes the best normalised correlation.

    stencils: (t, 8, 8). digits: (t,) the digit 0-9 of each. Pictures (n, 1, 8, 8) or (n, 64) -> logits (n, 10): the
    program's scores times `sharpness`, which changes no answer, but how much an attack minds every digit or only the
    most likely one.
    """

    rows: Tensor

    def __init__(self, stencils: np.ndarray, digits: np.ndarray, sharpness: float = 60.0) -> None:
        super().__init__()
        self.register_buffer("rows", standard(torch.as_tensor(stencils, dtype=torch.float32)))
        self.owned = [np.flatnonzero(digits == digit) for digit in range(10)]
        self.sharpness = sharpness

    def forward(self, x: Tensor) -> Tensor:
        fits = standard(x) @ self.rows.T
        return self.sharpness * torch.stack([fits[:, own].amax(1) for own in self.owned], dim=1)


def standard(x: Tensor) -> Tensor:
    """Pictures as rows (n, d) of mean 0 and length 1; zeros for a picture without contrast."""
    rows = x.flatten(1)
    rows = rows - rows.mean(1, keepdim=True)
    return rows / rows.norm(dim=1, keepdim=True).clamp(min=1e-9)
