"""The attack that broke ten defences: distance and loss weighed against each other, without a ball."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.optim.adam import adam

from lib.attacks.harness import at_least, positive
from lib.attacks.minimal.search import Search, as_rows, check_norm, margins, perturb


@dataclass(frozen=True)
class CarliniWagner:
    """C&W: the least squared distance plus a weight times what the margin lacks, by Adam, in a tanh that keeps the box.

    searches: how often the weight is set anew for each example: tenfold until something deceives, then halved between
    what did and what did not. steps: of Adam in each, of length rate. weight: the first one; confidence: the margin
    that is asked for, in logits that spread by 20. A search ends when nothing has gained for a tenth of its steps.
    Settings else as in MinimalAttack, for l2. A pass, forward and backward, a step: the dearest attack here.
    Source: N. Carlini, D. Wagner, Towards Evaluating the Robustness of Neural Networks (2017), section VI.A.
    """

    norm: Literal["l2"] = "l2"
    targeted: bool = False
    searches: int = 9
    steps: int = 200
    rate: float = 0.05
    weight: float = 0.01
    confidence: float = 0.0

    def __post_init__(self) -> None:
        check_norm(self.norm, "l2")
        at_least(self, searches=1, steps=1, confidence=0)
        positive(self, "rate", "weight")

    def __call__(self, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        return perturb(self, module, x, y, rng)

    def search(self, search: Search) -> None:
        low = torch.zeros_like(search.distance)
        high = torch.full_like(low, torch.inf)
        weight = low + self.weight
        for _ in range(self.searches):
            met = self._descend(search, weight)
            low, high = torch.where(met, low, weight), torch.where(met, weight, high)
            weight = torch.where(high.isinf(), weight * 10, (low + high) / 2)

    def _descend(self, search: Search, weight: Tensor) -> Tensor:
        """One search at weights (n,); whether anything deceived, (n,)."""
        x = search.x
        free = ((2 * x - 1) * (1 - 1e-6)).atanh()  # so that no pixel stands where a tanh is flat
        state = [torch.zeros_like(free) for _ in range(2)]
        met = torch.zeros_like(weight, dtype=torch.bool)
        best, idle, clock = torch.inf, 0, torch.zeros(())
        for _ in range(self.steps):
            at = (free.tanh() + 1) / 2
            answer = search.query(at)
            met |= answer.deceives
            margin, weights = margins(answer.logits, search.labels, targeted=search.targeted)
            short = (self.confidence - margin).clamp(min=0).double()
            push = at - x
            cost = float((push.flatten(1).double().pow(2).sum(1) + weight * short).sum())
            best, idle = (cost, 0) if cost < best * 0.9999 else (best, idle + 1)
            if idle > self.steps // 10:
                break
            pull = as_rows((weight * (short > 0)).to(x.dtype), x)
            slope = (2 * push - pull * answer.gradient(weights)) * (1 - free.tanh() ** 2) / 2
            adam(
                *([free], [slope], [state[0]], [state[1]], [], [clock]),
                amsgrad=False,
                beta1=0.9,
                beta2=0.999,
                lr=self.rate,
                weight_decay=0,
                eps=1e-8,
                maximize=False,
            )
        return met
