"""Projected gradient descent that sets its own step, so that nothing has to be tuned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from lib.attacks.gradient import rivals, steepest_direction
from lib.attacks.harness import AttackRun, Budget, Norm, Objective, at_least, perturb
from lib.attacks.sampling import uniform_ball, uniform_cube

INERTIA = 0.25  # of the last move that is left in the next
GAINING = 0.75  # share of steps that have to gain, or the step is halved


@dataclass(frozen=True)
class APGD:
    """Auto-PGD: steps with inertia, 2 eps long at first; a path that gains too seldom goes back to its best, at half.

    loss: "odds", which is the cross-entropy without its plateau, 1 + `restarts` paths from random places; or "dlr", the
    difference of two logits by how far the first is from the third and fourth, one path towards each of the `targets`
    likeliest other classes (towards y, if targeted).
    Other settings as in Attack. A pass, forward and backward, a step, on each path. Two paths of 50 steps felled what
    two of 100 did, and more than the paper's one of 100, at all of six radii on the networks of tests/bench.
    Source: F. Croce, M. Hein, Reliable Evaluation of Adversarial Robustness with an Ensemble of Diverse Parameter-free
    Attacks (2020): algorithm 1, sections 4 and 6.
    """

    eps: float
    norm: Norm = "linf"
    targeted: bool = False
    steps: int = 50
    loss: Literal["odds", "dlr"] = "odds"
    restarts: int = 1
    targets: int = 9

    def __post_init__(self) -> None:
        Budget(self.eps, self.norm)
        at_least(self, steps=1, restarts=0, targets=1)
        if self.loss not in ("odds", "dlr"):
            raise ValueError(f"loss: got {self.loss!r}, choose one of odds, dlr")

    def __call__(self, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        return perturb(self, module, x, y, rng)

    def push(self, run: AttackRun) -> None:
        run.restart()
        run.look()
        if self.loss == "odds":
            for path in range(1 + self.restarts):
                self._climb(run, None, path)
        elif self.targeted:
            self._climb(run, logit_ratio(run.likely[:, 0], run.labels), 0)
        else:
            for path, aims in enumerate(rivals(run, self.targets)):
                self._climb(run, logit_ratio(run.labels, aims), path)

    def _climb(self, run: AttackRun, objective: Objective | None, path: int) -> None:
        """One path, from a random place."""
        budget, draw = Budget(self.eps, self.norm), uniform_cube if self.norm == "linf" else uniform_ball
        run.restart(objective)
        run.query(run.x + self.eps * draw(run.x, run.key + 1 + path))
        top, uphill, last = run.best.clone(), torch.zeros_like(run.best), run.best.clone()  # of each example in its row
        peak = torch.full_like(run.loss, -torch.inf)
        before, checked, gains = peak.clone(), peak.clone(), torch.zeros_like(peak)
        pace, halved = torch.full_like(peak, 2 * self.eps), torch.zeros_like(run.success)
        marks, since = checkpoints(self.steps), 0
        for step in range(self.steps):
            at, value, slope, rows = run.current, run.value, run.gradient(), run.rows
            gains[rows] += value > before[rows]
            before[rows] = value
            better = rows[won := value > peak[rows]]
            peak[better], top[better], uphill[better] = value[won], at[won], slope[won]
            if step in marks:
                stuck = (gains <= GAINING * (step - since)) | ~halved & (checked >= peak)
                pace[stuck], halved, since = pace[stuck] / 2, stuck, step
                checked, gains = peak.clone(), torch.zeros_like(gains)
                at, slope = at.clone(), slope.clone()
                at[stuck[rows]], slope[stuck[rows]] = top[rows][stuck[rows]], uphill[rows][stuck[rows]]
            far = pace[rows].view(-1, *[1] * (at.ndim - 1)) * steepest_direction(slope, self.norm)
            move = budget.clip(at + far, run.x) - at
            if step > 0:
                move = (1 - INERTIA) * move + INERTIA * (at - last[rows])
            last[rows] = at
            run.query(at + move)


def checkpoints(steps: int) -> set[int]:
    """After which steps a path is looked at: .22 of them, then ever sooner by .03, but not sooner than .06."""
    marks, gap = [0.0, 0.22], 0.22
    while marks[-1] < 1:
        gap = max(gap - 0.03, 0.06)
        marks.append(marks[-1] + gap)
    return {max(1, round(mark * steps)) for mark in marks[1:]}


def logit_ratio(mine: Tensor, aims: Tensor) -> Objective:
    """How far the logit of aims (n,) is above that of mine (n,), by the distance of the first to the third and fourth.

    That ratio is the same for all scales of the logits. Of two classes alone it would be the same everywhere: there the
    difference counts.
    """

    def ratio(logits: Tensor, rows: Tensor) -> Tensor:
        ahead = (logits.gather(1, aims[rows, None]) - logits.gather(1, mine[rows, None]))[:, 0]
        if logits.shape[1] == 2:
            return ahead
        ranked = logits.topk(min(4, logits.shape[1]), 1).values
        return ahead / (ranked[:, 0] - ranked[:, 2:].mean(1)).clamp(min=torch.finfo(logits.dtype).tiny)

    return ratio
