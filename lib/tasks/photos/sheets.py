"""Many small pictures on one sheet, in a file that browsers read: as many bytes as one picture of that size."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image


def sheet(pictures: np.ndarray, columns: int, quality: int = 80) -> np.ndarray:
    """Pictures (n, h, w, 3) or, in grey, (n, h, w), uint8, row by row, as a WebP's bytes (length,) uint8.

    quality: 0 to 100; above that every level is kept as it is.
    """
    n, height, width = pictures.shape[:3]
    rows = -(-n // columns)
    blank = np.full((rows * columns - n, *pictures.shape[1:]), 128, np.uint8)
    tiles = np.concatenate([pictures, blank]).reshape(rows, columns, *pictures.shape[1:])
    whole = tiles.swapaxes(1, 2).reshape(rows * height, columns * width, *pictures.shape[3:])
    file = BytesIO()
    Image.fromarray(whole).save(file, "WEBP", quality=min(quality, 100), lossless=quality > 100, method=4)
    return np.frombuffer(file.getvalue(), np.uint8)


def tiles(sheet: np.ndarray, n: int, columns: int) -> np.ndarray:
    """The way back: a sheet's bytes -> its n pictures (n, h, w, 3) uint8."""
    with Image.open(BytesIO(sheet.tobytes())) as image:
        whole = np.asarray(image.convert("RGB"))
    rows = -(-n // columns)
    height, width = whole.shape[0] // rows, whole.shape[1] // columns
    return whole.reshape(rows, height, columns, width, 3).swapaxes(1, 2).reshape(-1, height, width, 3)[:n]


def shrunk(picture: np.ndarray, side: int) -> np.ndarray:
    """A square picture (h, h, 3) or (h, h), uint8, with `side` pixels a side if it has more."""
    if len(picture) <= side:
        return picture
    return np.asarray(Image.fromarray(picture).resize((side, side), Image.Resampling.BOX))
