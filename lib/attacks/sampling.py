"""Random draws that belong to a picture, not to its place in the batch.

Each draw is seeded by one key for the whole attack and by the picture's own numbers. So a picture meets the same noise
alone, in any batch, in any order, and however many of its neighbours have fallen already.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b
from math import prod

import torch
from torch import Tensor


def draw_key(rng: torch.Generator) -> int:
    """One number for one attack: all that an attack ever takes from a generator."""
    return int(torch.randint(2**62, (1,), generator=rng, device=rng.device))


def uniform_numbers(x: Tensor, key: int, shape: Sequence[int]) -> Tensor:
    """For each picture of x (n, ...) numbers of a shape, uniform in [0, 1): (n, *shape), doubles."""
    return _drawn(x.double(), key, lambda _, rng: torch.rand(prod(shape), generator=rng, dtype=torch.float64), shape)


def random_signs(x: Tensor, key: int) -> Tensor:
    """Like x (n, ...), each number -1 or 1."""
    return _drawn(x, key, lambda d, rng: torch.randint(2, (d,), generator=rng).double() * 2 - 1)


def uniform_cube(x: Tensor, key: int) -> Tensor:
    """Like x (n, ...), each number uniform in [-1, 1]."""
    return _drawn(x, key, lambda d, rng: torch.rand(d, generator=rng, dtype=torch.float64) * 2 - 1)


def uniform_sphere(x: Tensor, key: int) -> Tensor:
    """Like x (n, ...), each example a random direction of length 1."""
    return _drawn(x, key, _direction)


def uniform_ball(x: Tensor, key: int) -> Tensor:
    """Like x (n, ...), each example uniform among the vectors no longer than 1.

    A direction in two dimensions more, cut short: F. Barthe et al., A probabilistic approach to the geometry of the
    l_p^n-ball, Annals of Probability 33 (2005), corollary 4.
    """
    return _drawn(x, key, lambda d, rng: _direction(d + 2, rng)[:d])


def _direction(d: int, rng: torch.Generator) -> Tensor:
    way = torch.randn(d, generator=rng, dtype=torch.float64)
    return way / way.norm()


def _drawn(
    x: Tensor, key: int, draw: Callable[[int, torch.Generator], Tensor], shape: Sequence[int] | None = None
) -> Tensor:
    rows = x.detach().cpu().double().flatten(1)
    seeds = [_seed(row.numpy().tobytes(), key) for row in rows]
    drawn = [draw(rows.shape[1], torch.Generator().manual_seed(seed)) for seed in seeds]
    size = (len(x), *(x.shape[1:] if shape is None else shape))
    return torch.stack(drawn).view(size).to(x) if drawn else x.new_empty(size)


def _seed(picture: bytes, key: int) -> int:
    return int.from_bytes(blake2b(picture, digest_size=7, key=key.to_bytes(8)).digest())
