"""Attacks that straighten the boundary between two classes and walk to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from lib.attacks.harness import at_least
from lib.attacks.minimal.planes import nearest_plane
from lib.attacks.minimal.search import FIRM, Answer, Search, as_rows, check_norm, perturb


@dataclass(frozen=True)
class DeepFool:
    """To the nearest of the straightened boundaries, again and again until one is crossed.

    steps: at most so many. candidates: how many of the likeliest other classes are looked at. overshoot: how much
    further than to the boundary, as a share of the whole push. Settings else as in MinimalAttack; targeted goes to the
    one boundary that counts. A forward pass and `candidates` backward passes a step.
    Source: S. Moosavi-Dezfooli, A. Fawzi, P. Frossard, DeepFool: a Simple and Accurate Method to Fool Deep Neural
    Networks (2016), algorithm 2, and section 3.3 for linf.
    """

    norm: Literal["linf", "l2"] = "l2"
    targeted: bool = False
    steps: int = 50
    candidates: int = 9
    overshoot: float = 0.02

    def __post_init__(self) -> None:
        check_norm(self.norm, "linf", "l2")
        at_least(self, steps=1, candidates=1, overshoot=0)

    def __call__(self, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        return perturb(self, module, x, y, rng)

    def search(self, search: Search) -> None:
        cross(search, search.x, self, torch.arange(len(search.x), device=search.x.device))


@dataclass(frozen=True)
class SuperDeepFool:
    """DeepFool, then the push laid along the normal of the boundary that it met; again from there.

    The nearest point of a boundary lies along its normal, which DeepFool's path of many bends has lost.
    rounds: how often. halvings: at the end the way to the nearest is halved so often. Other settings as in DeepFool,
    for l2. A forward pass and `candidates` backward passes a step of DeepFool, a pass of each kind a round.
    Source: A. Abdollahpour, M. Abroshan, S. Moosavi-Dezfooli, SuperDeepFool: a New Fast and Accurate Minimal
    Adversarial Attack (2024), algorithm 2, SDF(inf, 1).
    """

    norm: Literal["l2"] = "l2"
    targeted: bool = False
    rounds: int = 3
    steps: int = 20
    candidates: int = 3
    overshoot: float = 0.02
    halvings: int = 6

    def __post_init__(self) -> None:
        check_norm(self.norm, "l2")
        at_least(self, rounds=1, steps=1, candidates=1, overshoot=0, halvings=0)

    def __call__(self, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        return perturb(self, module, x, y, rng)

    def search(self, search: Search) -> None:
        start, rows = search.x, torch.arange(len(search.x), device=search.x.device)
        for _ in range(self.rounds):
            met = cross(search, start, self, rows)
            x, own = search.x[rows], search.labels[rows]
            answer = search.query(met, rows)
            other = answer.logits.argmax(1) if not self.targeted else search.logits[rows].argmax(1)
            weights = one_hot(other, answer) - one_hot(own, answer)
            normal = answer.gradient(weights).flatten(1).double()
            push = (met - x).flatten(1).double()
            along = (push * normal).sum(1) / normal.pow(2).sum(1).clamp(min=1e-30)
            start = (x + (as_rows(along, x) * normal.view_as(x)).to(x.dtype)).clamp(0, 1)
            rows, start = rows[answer.deceives], start[answer.deceives]  # the others have not met a boundary
            if not len(rows):
                break
        search.halve(self.halvings)


def cross(search: Search, start: Tensor, attack: DeepFool | SuperDeepFool, rows: Tensor) -> Tensor:
    """Walk from pictures start (m, ...) of the examples rows (m,) until each has crossed a boundary, (m, ...)."""
    met, walking = start.clone(), torch.arange(len(rows), device=rows.device)
    push = torch.zeros_like(start, dtype=torch.float64).flatten(1)
    for _ in range(attack.steps + 1):
        who = rows[walking]
        answer = search.query(met[walking], who)
        on = ~answer.deceives
        walking = walking[on]
        if not len(walking):
            break
        slope, rise, distance = nearest_plane(search, answer, who, attack.norm, attack.candidates)
        way = slope.sign() if attack.norm == "linf" else slope / slope.norm(dim=1, keepdim=True).clamp(min=1e-30)
        further = 1 + 2 * FIRM / rise.abs().clamp(min=FIRM)  # so that a gap that is almost none is crossed too
        push[walking] += ((distance * further)[:, None] * way)[on]
        far = start[walking] + (1 + attack.overshoot) * push[walking].view_as(start[walking]).to(start.dtype)
        met[walking] = far.clamp(0, 1)
    return met


def one_hot(classes: Tensor, answer: Answer) -> Tensor:
    """(m,) -> (m, classes), 1 at the class, 0 elsewhere."""
    return torch.zeros_like(answer.logits).scatter_(1, classes[:, None], 1.0)
