"""One push for all pictures."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lib.attacks.gradient import in_range, steepest_direction
from lib.attacks.harness import AttackRun, Budget, Norm, at_least, judged, l2_norms, perturb, widened
from lib.attacks.sampling import draw_key


@dataclass(frozen=True)
class Universal:
    """One push that, added to every picture of a batch, deceives the module about as many as it can.

    Step by step the push moves along the mean direction of those that still withstand it, and the best push counts.
    `learn` returns it, for other pictures. What becomes of a picture depends on its company: it is the one attack here
    of which that is true. Settings as in Attack. A pass of the whole batch a step.
    Source of the question: S. Moosavi-Dezfooli et al., Universal Adversarial Perturbations (2017), which moves for one
    picture at a time; of moving for all at once: A. Shafahi et al., Universal Adversarial Training (2020), section 3.
    """

    eps: float
    norm: Norm = "linf"
    targeted: bool = False
    steps: int = 50

    def __post_init__(self) -> None:
        Budget(self.eps, self.norm)
        at_least(self, steps=1)

    def __call__(self, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        return perturb(self, module, x, y, rng)

    def learn(self, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        """The push, (1, ...), for pictures x (n, ...) with labels y (n,). Raises what an attack raises."""
        with judged(self, module, x, y, draw_key(rng)) as run:
            return self._found(run)

    def push(self, run: AttackRun) -> None:
        found = self._found(run)
        run.restart()
        run.query(run.x + found)

    def _found(self, run: AttackRun) -> Tensor:
        run.restart()
        push = best = torch.zeros_like(widened(run.best[:1]))
        most = -1
        for step in range(self.steps + 1):
            fell = run.rehearse(run.x + push)
            if (count := int(fell.sum())) > most:
                best, most = push, count
            if step == self.steps or fell.all():
                break
            slopes = in_range(widened(run.gradient()[~fell]))
            way = (slopes / l2_norms(slopes)).mean(0, keepdim=True)
            pace = self.eps * (1 - step / self.steps) / 2
            push = self._within(push + pace * steepest_direction(way, self.norm))
        return best

    def _within(self, push: Tensor) -> Tensor:
        if self.norm == "linf":
            return push.clamp(-self.eps, self.eps)
        return push * (self.eps / l2_norms(push)).clamp(max=1)
