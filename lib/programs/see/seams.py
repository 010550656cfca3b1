"""Has somebody cut this photograph into tiles and laid them out anew? What a person sees at once, written down.

The world has few straight edges that run through a whole picture, and none that come back at even distances. Where
tiles meet that were no neighbours, the picture jumps all along a line. So: do the lines at even distances jump more
than those beside them, across and down? Nobody trained this; the two numbers are round ones, written with thirteen
photos at hand. It has no idea what is on the picture: whatever is built of squares, a chessboard or a tiled wall, is
cut up for it, and somebody who smooths two pixels along the seams has got past it.

    jumps   how much a picture changes from each line of pixels to the next, beside what it does around there
    seams   the usual jump at the lines where tiles would meet, across or down, whichever is less
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

NEAR = 3  # lines on either side of one: what it is compared with
CLEAR = 1.5  # times as much as beside it is no chance any more


@dataclass(frozen=True)
class Seams:
    """One step: were it cut into `pieces` to a side, by how much would it jump there, 1 = as beside it."""

    pieces: int
    jump: float


@dataclass(frozen=True)
class SeamFinder:
    """Pictures (n, s, s, 3), RGB from 0 to 255 -> was it cut into tiles? (n,) bool."""

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        return np.array([any(found.jump > CLEAR for found in self.trace(one)) for one in pictures], dtype=bool)

    def trace(self, picture: np.ndarray) -> Iterator[Seams]:
        """What it finds in one picture (s, s, 3), for every number of tiles to a side that fits."""
        across, down = jumps(picture), jumps(picture.swapaxes(0, 1))
        size = len(picture)
        for pieces in range(2, size // (2 * NEAR)):
            if size % pieces == 0:
                lines = np.arange(size // pieces, size, size // pieces) - 1
                yield Seams(pieces, float(min(np.median(across[lines]), np.median(down[lines]))))


def jumps(picture: np.ndarray) -> np.ndarray:
    """(s - 1,) the mean change from each column to the next, over the median of the columns around it."""
    steps = abs(np.diff(picture.astype(float), axis=1)).mean(axis=(0, 2))
    wide = np.pad(steps, NEAR, mode="reflect")
    around = np.delete(np.lib.stride_tricks.sliding_window_view(wide, 2 * NEAR + 1), NEAR, axis=1)
    return steps / np.maximum(np.median(around, axis=1), 1.0)
