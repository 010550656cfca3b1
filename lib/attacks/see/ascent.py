"""Gradient ascent on the input: a picture grows until a part of a network is as excited as it can be made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.optim.adam import adam

from lib.attacks.see.jitter import Jitter
from lib.attacks.see.spectrum import Spectrum

Score = Callable[[Tensor], Tensor]
"""Pictures (n, colours, side, side) in [0, 1] -> (n,), each picture's own value; higher is better."""


@dataclass(frozen=True)
class Frame:
    """After so many steps: pictures (n, colours, side, side) in (0, 1); value: (n,) the score that the step climbed.

    value is of the pictures before the step, moved as they were: a score of the new ones would cost half a step more.
    """

    step: int
    pictures: Tensor
    value: Tensor


@dataclass(frozen=True)
class Ascent:
    """`steps` steps of Adam up a score, by the waves of a spectrum, each after one random motion of all pictures.

    rate: Adam's. All pictures begin alike and are moved alike, so what becomes of one does not depend on which others
    are there: many may be made in several parts, with the same random numbers.
    Sources: D. Erhan, Y. Bengio, A. Courville, P. Vincent, Visualizing Higher-Layer Features of a Deep Network (2009),
    which had the idea; C. Olah, A. Mordvintsev, L. Schubert, Feature Visualization, Distill 2017.
    """

    spectrum: Spectrum
    jitter: Jitter
    steps: int = 24
    rate: float = 0.1

    def __call__(self, score: Score, n: int, rng: torch.Generator) -> Iterator[Frame]:
        """A frame after each step."""
        waves = self.spectrum.begin(n, rng).requires_grad_()
        mean, square, count = torch.zeros_like(waves), torch.zeros_like(waves), torch.zeros(())
        for step in range(1, self.steps + 1):
            value = score(self.jitter(self.spectrum(waves), rng))
            slopes = torch.autograd.grad(-value.sum(), waves)
            value = value.detach()
            with torch.no_grad():  # torch.optim.Adam does the same, and brings in a compiler of 60 MB
                adam(
                    [waves], [*slopes], [mean], [square], [], [count], foreach=False, lr=self.rate, beta1=0.9,
                    beta2=0.999, eps=1e-8, weight_decay=0.0, amsgrad=False, maximize=False,
                )  # fmt: skip
            del slopes  # of many parts in turns, each would keep its own
            yield Frame(step, self.spectrum(waves.detach()), value)
