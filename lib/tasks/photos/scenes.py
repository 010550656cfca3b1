"""Pictures in which shape and texture part ways, made from one photograph."""

from __future__ import annotations

import numpy as np


def shuffled(picture: np.ndarray, pieces: int, seed: int = 0) -> np.ndarray:
    """A square picture (s, s, 3) cut into pieces x pieces tiles, none in its place: textures stay, the shape goes.

    pieces: along a side, a divisor of s; 1 leaves all in place. ValueError for another number.
    Source: W. Brendel, M. Bethge, Approximating CNNs with bag-of-local-features models, ICLR 2019, section 4.
    """
    size = len(picture)
    if pieces < 1 or size % pieces:
        raise ValueError(f"pieces: got {pieces!r}, choose a number of 1 or more that divides {size}")
    side = size // pieces
    tiles = picture.reshape(pieces, side, pieces, side, 3).swapaxes(1, 2).reshape(-1, side, side, 3)
    order = np.random.default_rng(seed).permutation(len(tiles))
    mixed = np.empty_like(tiles)
    mixed[order] = tiles[np.roll(order, 1)]  # each in the place of another one
    return mixed.reshape(pieces, pieces, side, side, 3).swapaxes(1, 2).reshape(size, size, 3)
