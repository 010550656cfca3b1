"""Shape against texture: the outline of one animal, filled with black or with the coat of another.

Both are drawn from the photos that ship. Which pixels belong to the animal is kept in assets/see, whose CREDITS.md says
how it was drawn; its coat is a close-up of fur, spines, scales or feathers, without a face.
Source: R. Geirhos et al., ImageNet-trained CNNs are biased towards texture, ICLR 2019, section 2: silhouettes, textures
and pictures in which the two disagree. Most of theirs are made by style transfer, which fills the background as well.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from lib.tasks.photos.shipped import CROP, NAMES, SIZE
from lib.tasks.photos.shipped import FOLDER as PHOTOS

FOLDER = Path(__file__).parents[3] / "assets" / "see"
BACKDROPS = (255, 128)
"""What is around an animal, in grey levels: white, as in the source, and the middle between black and white."""

COATS = {
    "panda": (96, 60, 90),
    "bison": (98, 34, 76),
    "chicken": (124, 94, 48),
    "dog": (76, 70, 68),
    "dragon": (60, 94, 48),
    "hedgehog": (22, 56, 90),
    "jaguar": (160, 105, 44),
    "kangaroo": (87, 58, 38),
    "koala": (148, 104, 38),
    "lemur": (92, 106, 46),
    "polar_bear": (84, 78, 48),
    "red_panda": (84, 28, 56),
    "scarlet_macaw": (140, 96, 66),
}
"""The square of each photo that is its animal's coat: left, top and side, in pixels of the photo as networks see it."""

OUTLINED = tuple(name for name in NAMES if name != "red_panda")
"""The animals that have an outline; the red panda's head fills its photo."""


def outline(name: str) -> np.ndarray:
    """(224, 224) bool which pixels of a photo belong to its animal. ValueError for a name that is not in OUTLINED."""
    if name not in OUTLINED:
        raise ValueError(f"outline: got {name!r}, choose one of {', '.join(OUTLINED)}")
    return _outline(name).copy()


@cache
def _outline(name: str) -> np.ndarray:
    with Image.open(FOLDER / f"{name}.png") as image:
        return np.asarray(image.convert("1"))


def coat(name: str) -> np.ndarray:
    """(224, 224, 3) uint8 a close-up of an animal's coat. ValueError for a name that is not in COATS."""
    if name not in COATS:
        raise ValueError(f"coat: got {name!r}, choose one of {', '.join(COATS)}")
    return _coat(name).copy()


@cache
def _coat(name: str) -> np.ndarray:
    """From the photo as it ships, which has two to four times as many pixels a side as networks see."""
    with Image.open(PHOTOS / f"{name}.webp") as image:
        scale = CROP * min(image.size) / SIZE
        start = [(side - CROP * min(image.size)) / 2 for side in image.size]
        left, top, side = COATS[name]
        corner = start[0] + scale * left, start[1] + scale * top
        box = (*corner, corner[0] + scale * side, corner[1] + scale * side)
        return np.array(image.convert("RGB").resize((SIZE, SIZE), Image.Resampling.BICUBIC, box=box))


def silhouette(name: str) -> np.ndarray:
    """(224, 224, 3) uint8 an animal in black, on white. ValueError as for `outline`."""
    return cut_out(name, np.zeros((SIZE, SIZE, 3), np.uint8))


def conflict(name: str, other: str, backdrop: int = BACKDROPS[0]) -> np.ndarray:
    """(224, 224, 3) uint8 the outline of one animal, filled with the coat of another. ValueError as for both."""
    return cut_out(name, coat(other), backdrop)


def cut_out(name: str, picture: np.ndarray, backdrop: int = BACKDROPS[0]) -> np.ndarray:
    """A picture (224, 224, 3) uint8 where the animal is, a grey level around it. ValueError as for `outline`."""
    return np.where(outline(name)[..., None], picture, np.uint8(backdrop))
