"""A module that remembers what it was asked, so that any attack can be watched on its way."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Watched(nn.Module):
    """Answers as `module` does. asked: every batch of pictures (n, ...) that it was shown, in order, as they were."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module
        self.asked: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        self.asked.append(x.detach().clone())
        return self.module(x)

    @property
    def path(self) -> Tensor:
        """All pictures that it was shown, (asked, ...), one after the other."""
        return torch.cat(self.asked)
