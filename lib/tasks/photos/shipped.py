"""Thirteen photographs of animals that ship with the app, cut as an ImageNet network expects them.

Who took them, and under which licence: assets/photos/CREDITS.md.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

FOLDER = Path(__file__).parents[3] / "assets" / "photos"
SIZE = 224  # pixels a side
CROP = 0.875  # of the shorter side

CLASS = {
    "panda": 388,
    "bison": 347,
    "chicken": 8,
    "dog": 235,
    "dragon": 48,
    "hedgehog": 334,
    "jaguar": 290,
    "kangaroo": 104,
    "koala": 105,
    "lemur": 383,
    "polar_bear": 296,
    "red_panda": 387,
    "scarlet_macaw": 88,
}
"""The ImageNet class of what each photo shows, or the nearest there is.

ImageNet shows no kangaroo and no hedgehog: counted as right are wallaby, the closest relative there, and porcupine, a
rodent and no relative at all, whose class WordNet calls "porcupine, hedgehog", and which the spines are taken for.
"""

NAMES = tuple(CLASS)


def photo(name: str) -> np.ndarray:
    """One of the shipped photos, cut square: (224, 224, 3) uint8, RGB. ValueError for a name that is not in NAMES."""
    if name not in CLASS:
        raise ValueError(f"photo: got {name!r}, choose one of {', '.join(NAMES)}")
    return decoded(name).copy()


@cache
def decoded(name: str) -> np.ndarray:
    with Image.open(FOLDER / f"{name}.webp") as image:
        return square(np.asarray(image.convert("RGB")))


def square(pixels: np.ndarray, size: int = SIZE) -> np.ndarray:
    """The middle of a picture (h, w, 3) uint8 as (size, size, 3) uint8, by antialiased bicubic interpolation.

    Kept is a square of 0.875 of the shorter side, which is how the networks here were examined when published.
    ValueError for an array of another shape or type.
    Source: M. Tan, Q. Le, EfficientNet, ICML 2019 (its preprocessing for evaluation).
    """
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8 or not pixels.size:
        raise ValueError(f"pixels: got {pixels.dtype} of shape {pixels.shape}, give RGB as (h, w, 3) uint8")
    height, width = pixels.shape[:2]
    side = CROP * min(height, width)
    left, top = (width - side) / 2, (height - side) / 2
    box = (left, top, left + side, top + side)
    return np.array(Image.fromarray(pixels).resize((size, size), Image.Resampling.BICUBIC, box=box))
