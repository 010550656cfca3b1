"""One attack at many radii, where each radius begins with what the smaller ones have found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from lib.attacks.harness import Attack, Outcome, besiege
from lib.attacks.sampling import key_from


def sweep(
    attack: Attack, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator, radii: Sequence[float]
) -> Iterator[Outcome]:
    """The same attack at ascending radii, one outcome each; what has fallen stays fallen, and costs nothing more.

    x: (n, ...) pictures in [0, 1]. y: (n,) labels. The hint for those who stand is their best push so far, made longer
    by as much as the radius grew. All radii share one draw of chance, so that noise keeps its direction and only grows.
    Raises ValueError if the radii do not ascend.
    """
    if list(radii) != sorted(radii):
        raise ValueError(f"radii: got {tuple(radii)}, sort them to ascend")
    key, last = key_from(rng), Outcome(0.0, x, torch.zeros(len(x), dtype=torch.bool, device=x.device))
    for eps in radii:
        stand, pictures, fallen = ~last.fallen, last.pictures.clone(), last.fallen.clone()
        longer = x + (last.pictures - x) * (eps / last.eps if last.eps else 0)
        new = besiege(replace(attack, eps=eps), module, x[stand], y[stand], key, longer[stand] if last.eps else None)
        pictures[stand], fallen[stand] = new.pictures, new.fallen
        yield (last := Outcome(eps, pictures, fallen))
