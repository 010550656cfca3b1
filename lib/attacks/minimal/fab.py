"""The fast adaptive boundary attack: along the straightened boundary, with a pull back to the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from lib.attacks.harness import at_least
from lib.attacks.minimal.planes import nearest_plane, to_plane
from lib.attacks.minimal.search import Search, as_rows, check_norm, distances, perturb


@dataclass(frozen=True)
class FAB:
    """Each step goes to the nearest straightened boundary within the box, biased to where the picture itself would go.

    What has crossed is brought a tenth of the way back. steps: how many. candidates: how many of the likeliest other
    classes are looked at. bias: the most that the picture's own projection counts. overshoot: how far beyond the plane.
    backward: the share of the push that is kept. halvings: of the way to the nearest, at the end.
    Settings else as in MinimalAttack, for linf, l2 and l1. A forward and `candidates` backward passes a step.
    Source: F. Croce, M. Hein, Minimally Distorted Adversarial Examples with a Fast Adaptive Boundary Attack (2020),
    algorithm 1; one start here, the untouched picture.
    """

    norm: Literal["linf", "l2", "l1"] = "linf"
    targeted: bool = False
    steps: int = 20
    candidates: int = 3
    bias: float = 0.1
    overshoot: float = 1.05
    backward: float = 0.9
    halvings: int = 5

    def __post_init__(self) -> None:
        check_norm(self.norm, "linf", "l2", "l1")
        at_least(self, steps=1, candidates=1, bias=0, overshoot=1, backward=0, halvings=0)

    def __call__(self, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        return perturb(self, module, x, y, rng)

    def search(self, search: Search) -> None:
        whole, at, everybody = (
            search.x.flatten(1).double(),
            search.x,
            torch.arange(len(search.x), device=search.x.device),
        )
        for _ in range(self.steps):
            here = at.flatten(1).double()
            slope, rise, _ = nearest_plane(search, search.query(at), everybody, self.norm, self.candidates)
            step = to_plane(here, slope, rise, self.norm)
            home = to_plane(whole, slope, rise + (slope * (here - whole)).sum(1), self.norm)
            far, home_far = distances(step, self.norm), distances(home, self.norm)
            share = (far / (far + home_far).clamp(min=1e-30)).clamp(max=self.bias)[:, None]
            new = (1 - share) * (here + self.overshoot * step) + share * (whole + self.overshoot * home)
            at = new.clamp(0, 1).view_as(search.x).to(search.x.dtype)
            hit = search.query(at, graph=False).deceives
            back = search.x + self.backward * (at - search.x)
            at = torch.where(as_rows(hit, at), back, at)
        search.halve(self.halvings)
