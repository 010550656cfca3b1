"""Another light on a picture, and an animal that is black and white too: what a reader of pandas is not told about."""

from __future__ import annotations

import numpy as np

from lib.tasks.photos.shipped import SIZE


def lit(pictures: np.ndarray, brightness: float = 1.0, warmth: float = 0.0) -> np.ndarray:
    """Pictures (..., 3) uint8 under another lamp; what gets brighter than white is cut off there.

    brightness: factor on every level, 0 or more. warmth: from -1 (a blue lamp, no red) to 1 (a red one, no blue).
    ValueError beyond these.
    """
    if not 0 <= brightness < np.inf:
        raise ValueError(f"brightness: got {brightness!r}, choose a factor of 0 or more")
    if not -1 <= warmth <= 1:
        raise ValueError(f"warmth: got {warmth!r}, choose a number from -1 to 1")
    lamp = brightness * np.array([1 + min(warmth, 0), 1 - abs(warmth) / 2, 1 - max(warmth, 0)])
    return np.minimum(np.rint(pictures * lamp), 255).astype(np.uint8)


def badger() -> np.ndarray:
    """A badger's head, drawn, on grey fur: (224, 224, 3) uint8, white with a broad black stripe over each eye."""
    down, right = np.mgrid[:SIZE, :SIZE] - (SIZE - 1) / 2
    page = np.full((SIZE, SIZE), 70.0)  # grey fur all around
    page[down > 70] = 20
    page[(right / 78) ** 2 + (down / 98) ** 2 < 1] = 235
    for side in (-1, 1):
        page[((right - side * 34) / 15) ** 2 + (down / 75) ** 2 < 1] = 20
    page[(right / 14) ** 2 + ((down - 84) / 10) ** 2 < 1] = 20
    return np.repeat(page.astype(np.uint8)[:, :, None], 3, axis=2)
