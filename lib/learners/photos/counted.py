"""What a module was asked, counted."""

from __future__ import annotations

from torch import Tensor, nn


class Counted(nn.Module):
    """Answers as the module does. gradients: pictures whose gradient could be asked for; forwards: the others."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module, self.gradients, self.forwards = module, 0, 0

    def forward(self, x: Tensor) -> Tensor:
        if x.requires_grad:
            self.gradients += len(x)
        else:
            self.forwards += len(x)
        return self.module(x)
