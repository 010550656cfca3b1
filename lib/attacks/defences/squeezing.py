"""A defence that only hides the gradient, and the attack that goes through it."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Squeezed(nn.Module):
    """A module that is shown pictures of few grey levels alone: (n, ...) in [0, 1] -> its logits.

    levels: 2 or more, 0 and 1 among them. rng: without one each number goes to the nearest level, with one to either of
    its two neighbours by chance, the nearer the likelier (dithering), anew at each call.
    A step between two levels is flat, so that no gradient comes through. `through`: forward it is the same, backward
    the levels are taken for what they stand for: the backward pass differentiable approximation of A. Athalye, N.
    Carlini, D. Wagner, Obfuscated Gradients Give a False Sense of Security (2018), section 4.1.
    Raises ValueError for fewer levels. Source of the defence: W. Xu, D. Evans, Y. Qi, Feature Squeezing: Detecting
    Adversarial Examples in Deep Neural Networks (2018), section III.A.
    """

    def __init__(
        self, module: nn.Module, levels: int, rng: torch.Generator | None = None, *, through: bool = False
    ) -> None:
        super().__init__()
        if levels < 2:
            raise ValueError(f"levels: got {levels}, choose 2 or more")
        self.module, self.levels, self.rng, self.through = module, levels, rng, through

    def forward(self, x: Tensor) -> Tensor:
        shades = x * (self.levels - 1)
        if self.rng is None:
            shades = shades.round()
        else:
            shades = (shades + torch.rand(x.shape, generator=self.rng).to(x)).floor().clamp(max=self.levels - 1)
        told = shades / (self.levels - 1)
        return self.module(x + (told - x).detach() if self.through else told)


class Expected(nn.Module):
    """A module with chance in it, asked several times: the logarithm of its mean probabilities, (n, classes).

    What follows its gradient follows the mean of the gradients, expectation over transformation: Athalye et al. (2018),
    section 4.2, after A. Athalye et al., Synthesizing Robust Adversarial Examples (2018).
    Raises ValueError for less than one draw.
    """

    def __init__(self, module: nn.Module, draws: int = 16) -> None:
        super().__init__()
        if draws < 1:
            raise ValueError(f"draws: got {draws}, choose 1 or more")
        self.module, self.draws = module, draws

    def forward(self, x: Tensor) -> Tensor:
        return mean_answer(torch.stack([self.module(x) for _ in range(self.draws)]))


def mean_answer(logits: Tensor) -> Tensor:
    """(draws, n, classes) logits -> (n, classes) the logarithm of the mean probabilities."""
    return logits.log_softmax(2).logsumexp(0) - torch.tensor(float(len(logits))).log()
