"""A picture of a digit made into what the readers of lib.tasks.digits get, by the recipe of its makers.

They ran NIST's programs over forms that people had filled in: the box around a digit is stretched to 20 x 32 pixels, in
the middle of a bitmap of 32 x 32; thin ink grows and thick ink shrinks; rows are pushed sideways until the digit stands
upright. Then they counted the ink in blocks of 4 x 4, which gives 8 x 8 numbers from 0 to 16.
Sources: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI 1998, section 4; M. Garris et al., NIST
Form-Based Handprint Recognition System, NISTIR 5469 (1994), whose sizes and thresholds these are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import Image

LONGEST = 128  # pixels of a picture in which ink is looked for
FAINT = 0.1  # of the way from black to white, by which ink differs from paper at least
SIDE, BLOCK = 32, 4  # pixels of the bitmap, and of a block of it
WIDTH = 20  # pixels to which a digit's box is stretched, as high as the bitmap
STRETCH = (
    1.3  # times its width, a bare stroke is stretched to at most: those who filled in the forms wrote a 1 with a flag
)
COVERED = 0.4  # of a pixel of the bitmap, or of the fullest, and it counts as inked
THICK, THICKER, THIN, THINNER = 412, 560, 256, 108  # inked pixels, beyond which a layer goes or comes, or two
SKIPPED = 2  # rows above and below that say nothing of the slant
SPECK = 0.03  # of the largest piece of ink; what is smaller is dirt
FRAME = 0.1  # of a piece that the picture's edge cuts; with another piece so large, it is a shadow or the table


class BlankError(ValueError):
    """A picture in which nothing differs from the rest: no ink, or nothing else."""


@dataclass(frozen=True, repr=False)
class Scan:
    """A visitor's own digit: counts, 64 bytes of 0 to 16, row by row. Named by a digest that tells nothing of them.

    Raises ValueError for anything else.
    """

    counts: bytes

    def __post_init__(self) -> None:
        if len(self.counts) != 64 or max(self.counts) > BLOCK * BLOCK:
            raise ValueError(f"counts: got {len(self.counts)} of them, give 64 from 0 to {BLOCK * BLOCK}")

    @classmethod
    def of(cls, pixels: np.ndarray) -> Scan:
        """The digit in a picture (h, w, 3) uint8, written dark on light or light on dark. Raises BlankError."""
        return cls(counted(upright(evened(stretched(inked(pixels))))).astype(np.uint8).tobytes())

    @property
    def picture(self) -> np.ndarray:
        """(8, 8) float32, 0 = paper, 1 = full ink."""
        return np.frombuffer(self.counts, np.uint8).reshape(8, 8).astype(np.float32) / (BLOCK * BLOCK)

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(b"scan|" + self.counts).hexdigest()[:20]

    def __repr__(self) -> str:
        return f"Scan({self.digest})"


def inked(pixels: np.ndarray) -> np.ndarray:
    """Where a picture (h, w, 3) uint8 has ink: (height, width) bool, LONGEST at most, without specks and shadows.

    Ink is what stands out from the paper, whose light may change smoothly; the threshold is N. Otsu's (1979).
    Raises BlankError where nothing does.
    """
    grey = _small(pixels)
    away = grey - _paper(grey)
    away *= np.sign((away * np.abs(away)).sum()) or 1.0  # what stands out most is ink, be it dark or light
    if np.quantile(away, 0.999) < FAINT:
        raise BlankError("no ink")
    ink = _cleaned(away > max(_threshold(away.clip(0)), FAINT / 2))
    if ink.all():
        raise BlankError("no paper")
    return ink


def _small(pixels: np.ndarray) -> np.ndarray:
    """(height, width) float from 0 = black to 1 = white, the longer side LONGEST or less."""
    grey = Image.fromarray(pixels).convert("L")
    scale = LONGEST / max(grey.size)
    if scale < 1:
        grey = grey.resize([max(1, round(side * scale)) for side in grey.size], Image.Resampling.BOX)
    return np.asarray(grey, float) / 255


def _paper(grey: np.ndarray) -> np.ndarray:
    """How light the paper is everywhere: a curved surface through what lies near it, with ink left out."""
    down, right = (axis.ravel() for axis in np.mgrid[-1 : 1 : grey.shape[0] * 1j, -1 : 1 : grey.shape[1] * 1j])
    terms = np.stack([np.ones_like(down), down, right, down * right, down**2, right**2], axis=1)
    light = grey.ravel()
    near, surface = np.abs(light - np.median(light)) <= light.std(), light
    for _ in range(3):
        surface = terms @ np.linalg.lstsq(terms[near], light[near], rcond=None)[0]
        off = np.abs(light - surface)
        near = off <= max(2 * np.median(off), FAINT / 4)
    return surface.reshape(grey.shape)


def _threshold(away: np.ndarray) -> float:
    """The number that parts values from 0 to 1 into two kinds that are as far apart as can be (Otsu's)."""
    counts, edges = np.histogram(away, bins=64, range=(0.0, 1.0))
    middle = (edges[1:] + edges[:-1]) / 2
    below, total = counts.cumsum(), counts.sum()
    sums = (counts * middle).cumsum()
    with np.errstate(divide="ignore", invalid="ignore"):
        between = (sums[-1] * below / total - sums) ** 2 / (below * (total - below))
    return float(edges[1:][np.nan_to_num(between).argmax()])


def _cleaned(ink: np.ndarray) -> np.ndarray:
    """Without specks, and without what the edge cuts, where there is something else."""
    pieces = [np.array(piece) for piece in _pieces(ink)]
    last = np.array(ink.shape) - 1
    cut = [bool(((piece == 0) | (piece == last)).any()) for piece in pieces]
    whole = max((len(piece) for piece, edge in zip(pieces, cut, strict=True) if not edge), default=0)
    kept = [piece for piece, edge in zip(pieces, cut, strict=True) if not edge or whole < FRAME * len(piece)]
    largest = max(map(len, kept))
    told = np.zeros_like(ink)
    for piece in kept:
        if len(piece) >= SPECK * largest:
            told[tuple(piece.T)] = True
    return told


def _pieces(ink: np.ndarray) -> Iterator[list[tuple[int, int]]]:
    """The pixels of each piece of ink that hangs together, diagonals included."""
    left = set(zip(*np.nonzero(ink), strict=True))
    while left:
        piece = [left.pop()]
        for row, column in piece:  # it grows meanwhile
            beside = {(row + down, column + right) for down in (-1, 0, 1) for right in (-1, 0, 1)} & left
            left -= beside
            piece.extend(beside)
        yield piece


def stretched(ink: np.ndarray) -> np.ndarray:
    """The box around the ink (h, w) bool as (32, 32) bool: as high as that, 20 wide, in its middle."""
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    box = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    wide = min(WIDTH, max(1, round(STRETCH * SIDE * box.shape[1] / box.shape[0])))
    share = np.asarray(Image.fromarray(box.astype(np.float32)).resize((wide, SIDE), Image.Resampling.BOX))
    bitmap = np.zeros((SIDE, SIDE), bool)
    left = (SIDE - wide) // 2
    bitmap[:, left : left + wide] = share >= COVERED * share.max()
    return bitmap


def evened(bitmap: np.ndarray) -> np.ndarray:
    """(32, 32) bool with ink of an ordinary strength: a layer more where there is little, less where there is much."""
    there = int(bitmap.sum())
    for beyond in (there > THICK, there > THICKER):
        if beyond:
            bitmap = ~_grown(~np.pad(bitmap, 1))[1:-1, 1:-1]
    for below in (there < THIN, there < THINNER):
        if below:
            bitmap = _grown(bitmap)
    return bitmap


def _grown(bitmap: np.ndarray) -> np.ndarray:
    """True where one of four neighbours is, or was."""
    wide = np.pad(bitmap, 1)
    return wide[1:-1, 1:-1] | wide[:-2, 1:-1] | wide[2:, 1:-1] | wide[1:-1, :-2] | wide[1:-1, 2:]


def upright(bitmap: np.ndarray) -> np.ndarray:
    """(32, 32) bool, its rows pushed sideways so that its left edge is as far left above as below."""
    rows = np.flatnonzero(bitmap.any(1))
    top, bottom = int(rows[0]) + SKIPPED, int(rows[-1]) - SKIPPED
    if bottom <= top or not (bitmap[top].any() and bitmap[bottom].any()):
        return bitmap
    slant = (int(bitmap[top].argmax()) - int(bitmap[bottom].argmax())) / (bottom - top)
    told = np.zeros_like(bitmap)
    for row in range(SIDE):
        by = round((row - SIDE // 2) * slant)
        at = np.flatnonzero(bitmap[row]) + by
        told[row, at[(at >= 0) & (at < SIDE)]] = True
    return told


def counted(bitmap: np.ndarray) -> np.ndarray:
    """(32, 32) bool -> (8, 8) whole numbers from 0 to 16: the ink in each block of 4 x 4."""
    return bitmap.reshape(8, BLOCK, 8, BLOCK).sum((1, 3))
