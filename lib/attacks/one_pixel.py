"""Attacks that may change a single pixel; they ask the module and do not look inside."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import torch
from torch import Tensor, nn

from lib.attacks.harness import AttackRun, Budget, Norm, at_least, perturb, pictures_only
from lib.attacks.sampling import uniform_numbers


@dataclass(frozen=True)
class OnePixel:
    """Every pixel in turn, set to each of `levels` values in [0, 1], the extremes first: nothing is left to chance.

    For pictures (n, channels, height, width). eps: how far that pixel may move, 1 for anywhere.
    Other settings as in Attack. At most height * width * levels^channels queries, none backward: for small pictures.
    """

    eps: float = 1.0
    norm: Norm = "linf"
    targeted: bool = False
    levels: int = 9

    def __post_init__(self) -> None:
        Budget(self.eps, self.norm)
        at_least(self, levels=2)

    def __call__(self, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        return perturb(self, module, x, y, rng)

    @torch.no_grad()
    def push(self, run: AttackRun) -> None:
        pictures_only(run.best)
        run.restart()
        channels, height, width = run.best.shape[1:]
        levels = torch.linspace(0, 1, self.levels).tolist()
        colours = sorted(product(levels, repeat=channels), key=lambda colour: -sum(abs(one - 0.5) for one in colour))
        for colour in colours:
            for row, column in product(range(height), range(width)):
                proposal = run.x  # a copy
                proposal[:, :, row, column] = proposal.new_tensor(colour)
                run.query(proposal)


@dataclass(frozen=True)
class Evolution:
    """One pixel, sought by differential evolution: its place and its colour are bred, fitter children replace parents.

    For pictures (n, channels, height, width). eps: how far that pixel may move, 1 for anywhere.
    population, generations: as in the paper by default. A child is one candidate and half the difference of two others.
    Other settings as in Attack. population * (1 + generations) queries at most, none backward.
    Source: J. Su, D. V. Vargas, K. Sakurai, One Pixel Attack for Fooling Deep Neural Networks (2019), section III.
    """

    eps: float = 1.0
    norm: Norm = "linf"
    targeted: bool = False
    population: int = 400
    generations: int = 100

    def __post_init__(self) -> None:
        Budget(self.eps, self.norm)
        at_least(self, population=4, generations=0)

    def __call__(self, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        return perturb(self, module, x, y, rng)

    @torch.no_grad()
    def push(self, run: AttackRun) -> None:
        pictures_only(run.best)
        run.restart()
        size = (self.population, 2 + run.best.shape[1])  # of each candidate: down, across and a colour, all in [0, 1)
        bred = torch.zeros((len(run.best), *size), dtype=torch.float64, device=run.best.device)
        fitness = bred.new_full(bred.shape[:2], -torch.inf)
        bred[run.rows] = uniform_numbers(run.x, run.key, size)
        children = bred.clone()
        for generation in range(1, self.generations + 2):
            for one in range(self.population):
                run.query(painted(run.x, children[run.rows, one]))
                fitter = run.value > fitness[run.rows, one]
                won = run.rows[fitter]
                fitness[won, one], bred[won, one] = run.value[fitter].double(), children[won, one]
            if not len(run.rows):
                return
            others = (uniform_numbers(run.x, run.key + generation, (self.population, 3)) * self.population).long()
            first, second, third = (
                bred[run.rows].gather(1, one[..., None].expand(-1, -1, size[1])) for one in others.unbind(2)
            )
            children[run.rows] = (first + 0.5 * (second - third)).clamp(0, 1)


def painted(x: Tensor, candidate: Tensor) -> Tensor:
    """Pictures (n, c, h, w), one pixel of each as its candidate (n, 2 + c) says."""
    told, (height, width) = x.clone(), x.shape[2:]
    down, across = ((candidate[:, at] * size).long().clamp(max=size - 1) for at, size in enumerate((height, width)))
    told[torch.arange(len(x), device=x.device), :, down, across] = candidate[:, 2:].to(x.dtype)
    return told
