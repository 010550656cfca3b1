"""A black box that says its class and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log2, sqrt
from typing import Literal

import torch
from torch import Tensor, nn

from lib.attacks.harness import at_least
from lib.attacks.minimal.search import Search, as_rows, check_norm, perturb
from lib.attacks.sampling import uniform_cube, uniform_numbers, uniform_sphere

TRIES = 11  # of each kind, for a start


@dataclass(frozen=True)
class HopSkipJump:
    """From the far side: along the boundary's normal, guessed by which of many small steps still deceive, and back.

    queries: how many at most, besides that of the untouched picture; Nearest.queries says how many it took. sample: how
    many small steps the first guess takes, the t-th sqrt(t) times as many. Starts from noise, blended with the picture.
    Settings else as in MinimalAttack, for l2 and linf. A forward pass a query, none backward.
    Source: J. Chen, M. Jordan, M. Wainwright, HopSkipJumpAttack: a Query-Efficient Decision-Based Attack (2020),
    algorithm 2.
    """

    norm: Literal["l2", "linf"] = "l2"
    targeted: bool = False
    queries: int = 1000
    sample: int = 40

    def __post_init__(self) -> None:
        check_norm(self.norm, "l2", "linf")
        at_least(self, queries=1, sample=1)

    def __call__(self, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        return perturb(self, module, x, y, rng)

    def search(self, search: Search) -> None:
        self._begin(search)
        rows = search.distance.isfinite().nonzero()[:, 0]
        if not len(rows):
            return
        numbers = search.x[0].numel()
        depth = ceil(
            log2(numbers) * (1.5 if self.norm == "l2" else 2)
        )  # halvings of the way back: theta of section 3.3
        self._return(search, rows, search.best[rows], min(depth, self._left(search)))
        turn = 1
        while self._left(search) > depth + 2:
            at, far = search.best[rows], search.distance[rows]
            count = min(int(self.sample * sqrt(turn)), self._left(search) - depth - 1)
            normal = self._normal(search, rows, at, far / numbers, count, turn)
            landed = self._jump(search, rows, normal.sign() if self.norm == "linf" else normal, far / sqrt(turn), depth)
            self._return(search, rows, landed, min(depth, self._left(search)))
            turn += 1

    def _left(self, search: Search) -> int:
        return self.queries + 1 - int(search.queries.max())

    def _begin(self, search: Search) -> None:
        """Something that deceives, far away: the picture with more and more noise, then spots, ever more of them."""
        noise = uniform_numbers(search.x, search.key, search.x.shape[1:]).to(search.x.dtype)
        for turn in range(min(2 * TRIES, self.queries)):
            rows = search.distance.isinf().nonzero()[:, 0]
            if not len(rows):
                return
            share = turn % TRIES / (TRIES - 1)
            blend = search.x[rows] + share * (noise[rows] - search.x[rows])
            spots = (noise[rows] < share).to(search.x.dtype)
            search.query(blend if turn < TRIES else spots, rows, graph=False)

    def _normal(self, search: Search, rows: Tensor, at: Tensor, size: Tensor, count: int, turn: int) -> Tensor:
        """(m, ...) of length 1: where more of `count` small steps of a size (m,) deceive, judged against their mean."""
        draw = uniform_sphere if self.norm == "l2" else uniform_cube
        votes, steps = [], []
        for number in range(count):
            way = draw(search.x[rows], search.key + 1 + turn * self.queries + number)
            there = (at + as_rows(size, at).to(at.dtype) * way).clamp(0, 1)
            votes.append(search.query(there, rows, graph=False).deceives.to(at.dtype) * 2 - 1)
            steps.append(there - at)
        told = torch.stack(votes)
        mean = told.mean(0)
        told = told - torch.where(mean.abs() == 1, 0, mean)  # where all agree, their mean would leave nothing
        normal = (told.view(*told.shape, *[1] * (at.ndim - 1)) * torch.stack(steps)).sum(0)
        return normal / as_rows(normal.flatten(1).norm(dim=1).clamp(min=1e-12), normal)

    def _jump(self, search: Search, rows: Tensor, way: Tensor, length: Tensor, spare: int) -> Tensor:
        """Along a way (m, ...) by a length (m,), halved until the other side is met; `spare` queries are left over."""
        landed = at = search.best[rows]
        waiting = torch.arange(len(rows), device=rows.device)
        while len(waiting) and self._left(search) > spare:
            step = (at + as_rows(length, at).to(at.dtype) * way).clamp(0, 1)
            hit = search.query(step[waiting], rows[waiting], graph=False).deceives
            landed = landed.index_copy(0, waiting[hit], step[waiting[hit]])
            waiting, length = waiting[~hit], length / 2
        return landed

    def _return(self, search: Search, rows: Tensor, landed: Tensor, steps: int) -> None:
        """From where each has landed (m, ...) back to the boundary, halving the way to the picture."""
        x = search.x[rows]
        low, high = torch.zeros_like(search.distance[rows]), torch.ones_like(search.distance[rows])
        for _ in range(steps):
            middle = (low + high) / 2
            part = as_rows(middle, x).to(x.dtype)
            hit = search.query(x + part * (landed - x), rows, graph=False).deceives
            low, high = torch.where(hit, low, middle), torch.where(hit, middle, high)
