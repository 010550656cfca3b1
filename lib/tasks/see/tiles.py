"""What is on this photograph, cut into tiles and laid out anew? The axis is how many tiles to a side.

Patches and textures stay as they are; the shape of the whole goes. A person who sees 49 tiles of a panda says that
it is a puzzle.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

import numpy as np
from PIL import Image

from lib.core import Axis
from lib.tasks.photos.shipped import CLASS, NAMES, SIZE, photo

PIECES = (1, 2, 4, 7, 8, 14, 16)
"""Tiles to a side at which everybody is examined; 1 is the whole photo."""


@dataclass(frozen=True)
class Puzzles:
    """The photos that ship, cut up. Questions are (n, 3): place in NAMES, tiles to a side, and who shuffles (a seed).

    feather: over how many pixels on either side of a seam its two tiles run into each other.
    Answers are ImageNet classes. Nothing is learned here: the networks come trained, on whole photographs.
    """

    feather: int = 0

    @property
    def axis(self) -> Axis:
        return Axis("tiles", "", train=(1.0, 1.0), exam=tuple(map(float, PIECES)), logarithmic=True)

    def sample(self, at: float, n: int, rng: np.random.Generator) -> np.ndarray:
        """n photos, each as often as any other (give or take one), each shuffled in its own way."""
        places = np.resize(rng.permutation(len(NAMES)), n)
        return np.column_stack([places, np.full(n, int(at)), rng.integers(10_000, size=n)])

    def training_sample(self, n: int, rng: np.random.Generator) -> np.ndarray:  # noqa: ARG002
        """There are none. Raises LookupError."""
        raise LookupError("training photos: none are here; the networks come trained, ask `sample` for photos to read")

    def pictures(self, x: np.ndarray) -> np.ndarray:
        """The pictures of questions (n, 3) -> (n, 224, 224, 3) uint8."""
        return np.stack([cut(photo(NAMES[place]), pieces, who, self.feather) for place, pieces, who in x])

    def truth(self, x: np.ndarray) -> np.ndarray:
        """What is on the photos of questions (n, 3) -> (n,)."""
        return np.array([CLASS[NAMES[place]] for place in x[:, 0]])

    def error(self, answer: np.ndarray, y: np.ndarray) -> np.ndarray:
        """1 where the class is wrong, 0 where it is right."""
        return (np.asarray(answer) != y).astype(float)


def order(pieces: int, seed: int) -> np.ndarray:
    """(pieces²,) the tile that comes to lie at each place, row by row; none stays, but for a single one."""
    drawn = np.random.default_rng(seed).permutation(pieces**2)
    taken = np.empty_like(drawn)
    taken[drawn] = np.roll(drawn, 1)  # each in the place of another one
    return taken


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
    mixed = tiles[order(pieces, seed)]
    return mixed.reshape(pieces, pieces, side, side, 3).swapaxes(1, 2).reshape(size, size, 3)


def feathered(picture: np.ndarray, pieces: int, reach: int) -> np.ndarray:
    """The picture (s, s, 3) uint8 with its seams smoothed: within `reach` pixels of one, a straight line in colour.

    reach: pixels on either side, less than half a tile, else as many as fit; 0 leaves all as it is.
    """
    size = len(picture)
    side = size // pieces
    reach = min(reach, side // 2 - 1)
    if reach < 1:
        return picture
    smooth = picture.astype(float)
    for _ in range(2):  # across, then down
        smooth = smooth.swapaxes(0, 1)
        for seam in range(side, size, side):
            ends = smooth[[seam - reach - 1, seam + reach]]
            weight = (np.arange(1, 2 * reach + 1) / (2 * reach + 1))[:, None, None]
            smooth[seam - reach : seam + reach] = ends[0] * (1 - weight) + ends[1] * weight
    return np.rint(smooth).astype(np.uint8)


def cut(picture: np.ndarray, pieces: int, seed: int = 0, feather: int = 0) -> np.ndarray:
    """Shuffled, and its seams smoothed over."""
    return feathered(shuffled(picture, pieces, seed), pieces, feather)


@lru_cache(16)
def in_a_row(photos: tuple[str, ...], quality: int = 82) -> bytes:
    """The photos side by side, whole, as a WebP for somebody else to cut up."""
    file = BytesIO()
    Image.fromarray(np.concatenate([photo(one) for one in photos], axis=1)).save(file, "WEBP", quality=quality)
    return file.getvalue()


def chessboard(squares: int = 8) -> np.ndarray:
    """A chessboard, seen from above: (224, 224, 3) uint8, whole, and of squares."""
    down, right = np.mgrid[:SIZE, :SIZE] * squares // SIZE
    light, dark = np.array([226, 205, 168]), np.array([98, 66, 44])
    return np.where(((down + right) % 2)[..., None], dark, light).astype(np.uint8)
