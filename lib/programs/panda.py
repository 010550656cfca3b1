"""Is there a giant panda in the picture? What a person could write down about pandas, in the order of the writing.

A panda is black and white and has no other colour, in large patches. Its head is white, with two round black spots for
eyes, side by side, and white between them. Nobody trained this; the numbers are round ones, written with the thirteen
photos of this page at hand, one of them a panda: that it reads those rightly says little about another panda. It has
never heard of trees, bodies or lamps, so it is easily wrong: a panda from behind has no eyes, under a coloured lamp no
white, and a badger's stripes have all it asks for. It reads 56 x 56 patches, each the mean of many pixels.

    white, black    maps of patches: how much of the light is there, and is it without colour?
    eyes            a black spot in white, another one beside it, and white between them
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

SIDE = 56  # patches along a side
WHITE, BLACK, COLOUR = 0.6, 0.25, 0.4  # of the brightest light there; colour: by how much of it white may be tinted
FUR = 0.1  # of all patches at least are white, and as many black
LOOK = 0.5  # of an eye's spot is black, of what lies around and between white
CANDIDATES = 40  # spots of each size that are compared with each other


@dataclass(frozen=True)
class Found:
    """One step: `what` is white, black or eyes; `patches` (56, 56) bool; `share` of what is wanted, 1 = just enough."""

    what: str
    patches: np.ndarray
    share: float


@dataclass(frozen=True)
class PandaReader:
    """Pictures (n, s, s, 3), RGB from 0 to 255, s a multiple of 56 -> is it a panda? (n,) bool."""

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        return np.array([all(found.share >= 1 for found in self.trace(one)) for one in pictures], dtype=bool)

    def trace(self, picture: np.ndarray) -> Iterator[Found]:
        """What it finds in one picture (s, s, 3), in three steps; it says panda if all of them have enough."""
        tiles = picture.astype(float).reshape(SIDE, len(picture) // SIDE, SIDE, -1, 3).mean(axis=(1, 3))
        light = tiles / max(float(np.quantile(tiles.max(axis=2), 0.95)), 1.0)
        bright, tint = light.max(axis=2), np.ptp(light, axis=2)
        white, black = (bright > WHITE) & (tint < COLOUR * bright), bright < BLACK
        yield Found("white", white, white.mean() / FUR)
        yield Found("black", black, black.mean() / FUR)
        fits = [eyes(white, black, radius) for radius in (1, 2, 3, 4)]
        fit, patches = max(fits, key=lambda one: one[0])
        yield Found("eyes", patches, fit / LOOK)


def eyes(white: np.ndarray, black: np.ndarray, radius: int) -> tuple[float, np.ndarray]:
    """How well the best pair of spots of a radius looks like eyes, 0 to 1, and the patches that the two cover."""
    inner, outer = (2 * radius + 1) ** 2, (4 * radius + 3) ** 2
    within = around(white, radius)
    ring = (around(white, 2 * radius + 1) * outer - within * inner) / (outer - inner)
    spot = np.minimum(around(black, radius), ring)
    down, right = np.unravel_index(np.argsort(-spot, axis=None, kind="stable")[:CANDIDATES], spot.shape)
    tilt, apart = down - down[:, None], right - right[:, None]
    side = (apart > 3 * radius) & (apart <= 6 * radius + 1) & (abs(tilt) <= apart / 2)
    between = within[(down + down[:, None]) // 2, (right + right[:, None]) // 2]
    fit = np.where(side, np.minimum(np.minimum(spot[down, right], spot[down, right][:, None]), between), 0.0)
    covered = np.zeros_like(white)
    if fit.any():
        for one in np.unravel_index(int(fit.argmax()), fit.shape):
            rows, columns = (slice(max(at[one] - radius, 0), at[one] + radius + 1) for at in (down, right))
            covered[rows, columns] = True
    return float(fit.max()), covered


def around(patches: np.ndarray, reach: int) -> np.ndarray:
    """The share of patches within so many of each one, sideways and upwards; beyond the picture there is nothing."""
    wide = np.pad(patches.astype(float), reach)
    return np.lib.stride_tricks.sliding_window_view(wide, (2 * reach + 1, 2 * reach + 1)).mean(axis=(2, 3))
