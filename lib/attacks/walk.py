"""Projected gradient descent that can be watched: it yields after every step, and goes on past success."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lib.attacks.gradient import steepest_direction
from lib.attacks.harness import Budget, check_answers, checked, eval_mode, log_odds, within_floats


@dataclass(frozen=True)
class Step:
    """Where a walk stands: pictures (n, ...) within the budget and what the module says of them, (n, classes).

    way: like pictures, the direction of the next step, each number -1, 0 or 1; None after the last.
    """

    number: int
    pictures: Tensor
    logits: Tensor
    way: Tensor | None


@dataclass(frozen=True)
class Walk:
    """Signed gradient steps from the untouched picture, each clipped to within eps of it (L∞) and to [0, 1].

    Nothing is random, no step is taken back, and the last picture counts, not the best: what can be shown as it goes.
    lib.attacks.gradient.PGD is the attack that is as strong as it can be, by the same rule.
    eps: the budget. targeted: y is what the module shall answer. steps: after how many the whole budget can be crossed
    `STRIDE` times; one step is as long as the budget, which is the fast gradient sign method. pace: how long a step is
    instead, for a walk that is told its steps and not its budget.
    Raises ValueError for an eps, a number of steps or a pace that makes no sense.
    Sources: A. Kurakin, I. Goodfellow, S. Bengio, Adversarial examples in the physical world (2017), section 2.2, the
    basic iterative method; A. Madry et al., Towards Deep Learning Models Resistant to Adversarial Attacks (2018).
    """

    eps: float
    targeted: bool = False
    steps: int = 10
    pace: float | None = None

    def __post_init__(self) -> None:
        Budget(self.eps)
        if self.steps < 1:
            raise ValueError(f"steps: got {self.steps}, choose 1 or more")
        if self.pace is not None and not 0 < self.pace <= 1:
            raise ValueError(f"pace: got {self.pace}, choose a length above 0, at most 1")

    @property
    def stride(self) -> float:
        """The length of a step. Never less than a tenth of eps, so that a long walk does not stand still."""
        return stride(self.eps, self.steps) if self.pace is None else self.pace

    def __call__(
        self, module: nn.Module, x: Tensor, y: Tensor, last: int | None = None, begin: Step | None = None
    ) -> Iterator[Step]:
        """The untouched pictures as step 0, then every step up to `last`, if that is given, else `steps`.

        x: (n, ...) pictures in [0, 1]. y: (n,) labels. One forward and one backward pass a step, and a forward at last.
        begin: step 0 of another walk for the same pictures and labels, whose gradient is the same at every eps.
        Raises ValueError if the module's answers or the labels cannot be judged.
        """
        last = self.steps if last is None else last
        step = begin or look(module, x, y, self.targeted, 0, last > 0)
        yield step
        while step.number < last and step.way is not None:
            step = look(module, self.moved(step, x), y, self.targeted, step.number + 1, step.number + 1 < last)
            yield step

    def moved(self, step: Step, x: Tensor) -> Tensor:
        """Where the next step leads from a step that has a way."""
        assert step.way is not None
        return Budget(self.eps).clip(step.pictures + self.stride * step.way, x)


def together(walks: Sequence[Walk], module: nn.Module, x: Tensor, y: Tensor, begin: Step) -> Iterator[tuple[Step, ...]]:
    """Walks from the same picture (1, ...), of as many steps and with the same aim: a step of each after `begin`.

    All are asked at once, which costs less than one after the other, and takes as many times the memory.
    """
    [(steps, targeted)] = {(walk.steps, walk.targeted) for walk in walks}
    stands, labels = [begin] * len(walks), y.repeat(len(walks))
    for number in range(1, steps + 1):
        pictures = torch.cat([walk.moved(step, x) for walk, step in zip(walks, stands, strict=True)])
        told = look(module, pictures, labels, targeted, number, number < steps)
        ways = [None] * len(walks) if told.way is None else told.way.split(1)
        parts = zip(told.pictures.split(1), told.logits.split(1), ways, strict=True)
        stands = [Step(number, *part) for part in parts]
        yield tuple(stands)


STRIDE = 2.5  # budgets that a walk of so many steps could cross, as in lib.attacks.gradient.PGD


def stride(eps: float, steps: int) -> float:
    """How long each of so many steps is, in the unit of eps."""
    return eps if steps == 1 else min(eps, max(STRIDE * eps / steps, eps / 10))


def look(module: nn.Module, pictures: Tensor, y: Tensor, targeted: bool, number: int, further: bool) -> Step:
    """What the module says of pictures, and where the loss rises most, if the walk goes further."""
    with torch.inference_mode(False), torch.set_grad_enabled(further), eval_mode(module):
        at = pictures.detach().clone().requires_grad_(further)
        logits = checked(module(at), at)
        if number == 0:
            check_answers(logits, y)
        if not further:
            return Step(number, pictures, logits.detach(), None)
        loss = log_odds(logits * within_floats(logits), y, targeted).sum()
        (slopes,) = torch.autograd.grad(loss, at)
        return Step(number, pictures, logits.detach(), steepest_direction(slopes, "linf"))
