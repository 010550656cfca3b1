"""One attack at many radii, where each radius begins with what the smaller ones have found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from lib.attacks.harness import AdversarialExamples, Attack, run_attack
from lib.attacks.sampling import draw_key


def sweep(
    attack: Attack, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator, radii: Sequence[float]
) -> Iterator[AdversarialExamples]:
    """Adversarial examples of the same attack at ascending radii; what has fallen stays fallen, and costs nothing more.

    x: (n, ...) pictures in [0, 1]. y: (n,) labels. Those who stand start from their best push so far, made longer
    by as much as the radius grew. All radii share one random draw, so that noise keeps its direction and only grows.
    Raises ValueError if the radii do not ascend.
    """
    if list(radii) != sorted(radii):
        raise ValueError(f"radii: got {tuple(radii)}, sort them to ascend")
    none = torch.zeros(len(x), dtype=torch.long, device=x.device)
    key, last = draw_key(rng), AdversarialExamples(0.0, x, none.bool(), none)
    for eps in radii:
        stand, pictures, success = ~last.success, last.pictures.clone(), last.success.clone()
        queries = last.queries.clone()
        longer = x + (last.pictures - x) * (eps / last.eps if last.eps else 0)
        new = run_attack(replace(attack, eps=eps), module, x[stand], y[stand], key, longer[stand] if last.eps else None)
        pictures[stand], success[stand] = new.pictures, new.success
        queries[stand] += new.queries
        yield (last := AdversarialExamples(eps, pictures, success, queries))
