"""What happens to a picture on its way to somebody else: stored, compressed, moved, turned, cut, blurred.

Each change takes one picture (h, w, 3) or several (n, h, w, 3), uint8, and gives back the same shape; nothing in it is
random. To a person none of them changes what there is to see; an attacker's noise may not outlive them.
Source: A. Kurakin, I. Goodfellow, S. Bengio, Adversarial examples in the physical world, ICLR workshop 2017, section 3.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

Change = Callable[[np.ndarray], np.ndarray]

TURN = 3.0  # degrees
KEPT = 7 / 8  # of each side
BLUR = 1.0  # pixels, the Gaussian's spread


def each(change: Change) -> Change:
    """The change of one picture as a change of one or of several."""

    @wraps(change)
    def changed(pictures: np.ndarray) -> np.ndarray:
        if pictures.ndim not in (3, 4) or pictures.shape[-1] != 3 or pictures.dtype != np.uint8:
            raise ValueError(f"pictures: got {pictures.dtype} of shape {pictures.shape}, give RGB (n, h, w, 3) uint8")
        if pictures.ndim == 3:
            return change(pictures)
        return np.stack([change(one) for one in pictures]) if len(pictures) else pictures.copy()

    return changed


def stored(picture: np.ndarray, **how: Any) -> np.ndarray:
    """The picture, written to a file in memory and read back."""
    file = BytesIO()
    Image.fromarray(picture).save(file, **how)
    with Image.open(file) as image:
        return np.array(image.convert("RGB"))


def png_file(picture: np.ndarray) -> bytes:
    """A picture (h, w, 3) uint8 as the bytes of a PNG, every level as it is."""
    file = BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()


@each
def png(picture: np.ndarray) -> np.ndarray:
    """Stored as PNG, which keeps every one of the 256 levels as it is, however well it is packed."""
    return stored(picture, format="PNG", compress_level=1)


@each
def jpeg90(picture: np.ndarray) -> np.ndarray:
    """Stored as JPEG of quality 90, about what a camera does; colours at half resolution."""
    return stored(picture, format="JPEG", quality=90)


@each
def jpeg75(picture: np.ndarray) -> np.ndarray:
    """Stored as JPEG of quality 75, about what a messenger does; colours at half resolution."""
    return stored(picture, format="JPEG", quality=75)


@each
def shift(picture: np.ndarray) -> np.ndarray:
    """Moved one pixel to the right; the column that appears at the left repeats its neighbour."""
    return np.concatenate([picture[:, :1], picture[:, :-1]], axis=1)


@each
def rotate(picture: np.ndarray) -> np.ndarray:
    """Turned by 3 degrees against the clock about its middle; corners that appear repeat the border."""
    height, width = picture.shape[:2]
    room = max(height, width) // 16 + 4  # a corner moves by less, and a bicubic filter reaches two further
    wide = np.pad(picture, ((room, room), (room, room), (0, 0)), mode="edge")
    turned = Image.fromarray(wide).rotate(TURN, Image.Resampling.BICUBIC)
    return np.array(turned)[room : room + height, room : room + width]


@each
def crop(picture: np.ndarray) -> np.ndarray:
    """The middle seven eighths of each side, drawn as large as the whole."""
    height, width = picture.shape[:2]
    down, right = height * (1 - KEPT) / 2, width * (1 - KEPT) / 2
    box = (right, down, width - right, height - down)
    return np.array(Image.fromarray(picture).resize((width, height), Image.Resampling.BICUBIC, box=box))


@each
def blur(picture: np.ndarray) -> np.ndarray:
    """Every pixel mixed with its neighbours, by a Gaussian of one pixel's spread."""
    return np.array(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(BLUR)))


CHANGES: dict[str, Change] = {one.__name__: one for one in (png, jpeg90, jpeg75, shift, rotate, crop, blur)}
