"""A black box: the module is asked, its inside is not known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import sqrt

import torch
from torch import Tensor, nn

from lib.attacks.harness import AttackRun, Budget, Norm, at_least, l2_norms, perturb, pictures_only, widened
from lib.attacks.sampling import random_signs, uniform_numbers

HALVED = (10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000)  # of 10,000 queries: after these a square's area is halved
AHEAD = 256  # how many proposals' random numbers are drawn at once


@dataclass(frozen=True)
class Square:
    """Random search: a square of the picture is pushed as far as allowed at a time, and kept if that gained.

    For pictures (n, channels, height, width). The squares shrink as the queries go on; the first ones cover a `share`.
    linf: stripes of the full size at first, then in each square every channel by eps or -eps. l2: the push is moved out
    of one square into another, as two hills of opposite sign.
    queries: how many, at most, besides that of the untouched picture; AdversarialExamples.queries tells how many.
    Other settings as in Attack. A forward pass a query, none backward.
    Source: M. Andriushchenko et al., Square Attack: a Query-efficient Black-box Adversarial Attack via Random Search
    (2020), algorithms 1 to 3; a square that would change nothing is pushed the other way here.
    """

    eps: float
    norm: Norm = "linf"
    targeted: bool = False
    queries: int = 1000
    share: float = 0.8

    def __post_init__(self) -> None:
        Budget(self.eps, self.norm)
        at_least(self, queries=1)
        if not 0 < self.share <= 1:
            raise ValueError(f"share: got {self.share}, choose one above 0, at most 1")

    def __call__(self, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        return perturb(self, module, x, y, rng)

    @torch.no_grad()
    def push(self, run: AttackRun) -> None:
        pictures_only(run.best)
        run.restart()
        run.look()
        propose = self._pushed if self.norm == "linf" else self._moved
        drawn = run.best.new_zeros((len(run.best), AHEAD, 5 + run.best.shape[1]), dtype=torch.float64)
        for number in range(self.queries):
            if not len(run.rows):
                return
            if number % AHEAD == 0:
                drawn[run.rows] = uniform_numbers(run.x, run.key + 1 + number, drawn.shape[1:])
            if number == 0:
                run.query(self._begun(run.x, run.key))
                continue
            x, best = widened(run.x), widened(run.best[run.rows])
            run.query(propose(x, best, drawn[run.rows, number % AHEAD], self._side(number, x.shape[2:])))

    def _begun(self, x: Tensor, key: int) -> Tensor:
        """The first proposal: stripes, or hills side by side."""
        signs = widened(random_signs(x, key))
        if self.norm == "linf":
            return x + self.eps * signs[:, :, :1]
        tile = max(1, min(x.shape[2:]) // 5)
        down, across = (torch.arange(size, device=x.device) for size in x.shape[2:])
        hills = hill_and_hollow(tile).to(signs)[down % tile][:, across % tile]
        push = hills * signs[:, :, down - down % tile][..., across - across % tile]
        return x + self.eps * push / l2_norms(push)

    def _pushed(self, x: Tensor, best: Tensor, chance: Tensor, side: int) -> Tensor:
        """A square of each picture (n, c, h, w) pushed to one edge of the budget."""
        inside, _ = squares(chance[:, :2], side, x.shape[2:])
        signs = torch.where(chance[:, 5:] < 0.5, -1, 1)[..., None, None]
        pushed, other = ((x + way * self.eps * signs).clamp(0, 1) for way in (1, -1))
        idle = (~inside | ((pushed - best).abs() < 1e-3 * self.eps)).flatten(1).all(1)
        return torch.where(inside, torch.where(idle.view(-1, 1, 1, 1), other, pushed), best)

    def _moved(self, x: Tensor, best: Tensor, chance: Tensor, side: int) -> Tensor:
        """What was pushed in one square of each picture (n, c, h, w) goes into another, with a new hill and hollow."""
        side = min(max(side | 1, 3), *x.shape[2:])
        push, shape = best - x, x.shape[2:]
        (to, corners), (origin, _) = squares(chance[:, :2], side, shape), squares(chance[:, 2:4], side, shape)
        down, across = (
            (torch.arange(size, device=x.device) - corner[:, None]).clamp(0, side - 1)
            for size, corner in zip(shape, corners.T, strict=True)
        )
        hills = hill_and_hollow(side).to(x)
        new = torch.where(
            chance[:, 4, None, None] < 0.5,
            hills[down[:, :, None], across[:, None]],
            hills.T[down[:, :, None], across[:, None]],
        )[:, None]
        new = torch.where(chance[:, 5:] < 0.5, -1, 1)[..., None, None] * new + scaled(push * to)
        spare = (self.eps**2 - l2_norms(push) ** 2).clamp(min=0) / x.shape[1]
        kept = (push * (to | origin)).pow(2).sum((2, 3), keepdim=True)
        push = torch.where(to, scaled(new * to) * (kept + spare).sqrt(), push.masked_fill(origin, 0))
        return x + self.eps * push / l2_norms(push)

    def _side(self, number: int, shape: torch.Size) -> int:
        """The side of the square of one query."""
        halvings = sum(number * 10_000 > mark * self.queries for mark in HALVED)
        return max(1, min(round(sqrt(self.share / 2**halvings * shape[0] * shape[1])), *shape))


def squares(chance: Tensor, side: int, shape: torch.Size) -> tuple[Tensor, Tensor]:
    """Where a square of each picture is, (n, 1, h, w), and its upper left corner, (n, 2), by chances (n, 2)."""
    corners = (chance * (torch.tensor(shape, device=chance.device) - side + 1)).long()
    down, across = (
        (at >= corner[:, None]) & (at < corner[:, None] + side)
        for at, corner in zip((torch.arange(size, device=chance.device) for size in shape), corners.T, strict=True)
    )
    return (down[:, :, None] & across[:, None])[:, None], corners


@cache
def hill_and_hollow(side: int) -> Tensor:
    """(side, side) of length 1: a hill of terraces above a hollow."""
    half = side // 2
    both = torch.cat([hill(half, side), -hill(side - half, side)])
    return both / both.norm()


def hill(height: int, width: int) -> Tensor:
    """(height, width): the sum of rectangles ever larger about the middle, each 1/k² high; of length 1."""
    far = torch.maximum(
        (torch.arange(height) - height // 2).abs()[:, None], (torch.arange(width) - width // 2).abs()[None]
    )
    terraces = 1 / torch.arange(1, max(height, width) // 2 + 2) ** 2
    told = terraces.flip(0).cumsum(0).flip(0)[far]
    return told / told.norm().clamp(min=1e-12)


def scaled(push: Tensor) -> Tensor:
    """Each channel of (n, c, h, w) made 1 long; nothing stays nothing."""
    return push / push.flatten(2).norm(dim=2).clamp(min=1e-12)[..., None, None]
