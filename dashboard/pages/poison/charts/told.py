"""What the page's pictures tell the browser of a run: its knobs, and its pictures of digits."""

from __future__ import annotations

from typing import Any

import numpy as np

from dashboard.charts.recipe import settings
from lib.labs.poison.found import Poisoned

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"  # a pixel's 64 shades in one letter
START = 4  # the exam value to open with: 1 % of the lessons


def called(result: Poisoned) -> dict[str, Any]:
    """What sentences about a run may be filled with: its knobs, and the digit that flips begin with."""
    told = settings(result.verdict.recipe)
    return told | {"flipped": (told["target"] + 1) % 10, "lessons": told["examples"]}


def letters(pictures: np.ndarray) -> list[str]:
    """Pictures (n, 8, 8) uint8 of 255, a letter a pixel."""
    shades = np.array(list(ALPHABET))[np.rint(pictures / 255 * 63).astype(int)]
    return ["".join(one) for one in shades.reshape(len(pictures), -1).tolist()]
