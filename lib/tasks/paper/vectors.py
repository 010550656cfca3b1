"""A digit, a word and a second of sound as what a network would get: a row of numbers, one point of a wide space."""

from __future__ import annotations

import numpy as np

# The first of the handwritten digits, 8x8 pixels of 0 to 16, row by row (E. Alpaydin, C. Kaynak, UCI 1998).
DIGIT = (
    *(0, 0, 5, 13, 9, 1, 0, 0),
    *(0, 0, 13, 15, 10, 15, 5, 0),
    *(0, 3, 15, 2, 0, 11, 8, 0),
    *(0, 4, 12, 0, 0, 8, 8, 0),
    *(0, 5, 8, 0, 0, 9, 8, 0),
    *(0, 4, 11, 0, 1, 12, 7, 0),
    *(0, 2, 14, 5, 10, 12, 0, 0),
    *(0, 0, 6, 13, 10, 0, 0, 0),
)
WORD = "crumple"
RATE, PITCH = 8000, 440.0  # samples a second, and waves a second of the note a'


def digit() -> np.ndarray:
    """(64,) ink of each pixel, 0 to 1."""
    return np.array(DIGIT) / 16


def word() -> np.ndarray:
    """(182,) for each of seven letters a 1 at its place in the alphabet, among 25 zeros."""
    told = np.zeros((len(WORD), 26))
    told[np.arange(len(WORD)), [ord(letter) - ord("a") for letter in WORD]] = 1
    return told.ravel()


def sound() -> np.ndarray:
    """(8000,) a second of the note a' that dies away, -1 to 1."""
    second = np.arange(RATE) / RATE
    return np.sin(2 * np.pi * PITCH * second) * np.exp(-3 * second)
