"""Pictures of 8 x 8 pixels that are no digits, and digits that are written otherwise than those of the training set.

Each maker takes digits (m, 64) in [0, 1], their labels (m,), how many pictures to make, and an rng -> (n, 64).
What an attacker makes of noise or of digits hangs on the network and is made where that is: see lib.attacks.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Make = Callable[[np.ndarray, np.ndarray, int, np.random.Generator], np.ndarray]
FAINT = 0.55  # of the ink is left
SPECKS = 4  # fewer than that on an empty page

LETTERS = """
A         C         E         F         H         K         M         N
...##...  ..####..  .######.  .######.  .#....#.  .#...##.  #......#  .#....#.
..#..#..  .#....#.  .#......  .#......  .#....#.  .#..#...  ##....##  .##...#.
..#..#..  .#......  .#......  .#......  .#....#.  .#.#....  #.#..#.#  .#.#..#.
.#....#.  .#......  .####...  .#####..  .######.  .##.....  #..##..#  .#.#..#.
.######.  .#......  .#......  .#......  .#....#.  .##.....  #......#  .#..#.#.
.#....#.  .#......  .#......  .#......  .#....#.  .#.#....  #......#  .#..#.#.
.#....#.  .#....#.  .#......  .#......  .#....#.  .#..#...  #......#  .#...##.
.#....#.  ..####..  .######.  .#......  .#....#.  .#...##.  #......#  .#....#.

P         R         T         U         V         W         X         L
.#####..  .#####..  .######.  .#....#.  #......#  #......#  .#....#.  .#......
.#....#.  .#....#.  ...##...  .#....#.  #......#  #......#  .#....#.  .#......
.#....#.  .#....#.  ...##...  .#....#.  .#....#.  #......#  ..#..#..  .#......
.#####..  .#####..  ...##...  .#....#.  .#....#.  #..##..#  ...##...  .#......
.#......  .#.#....  ...##...  .#....#.  ..#..#..  #.#..#.#  ...##...  .#......
.#......  .#..#...  ...##...  .#....#.  ..#..#..  #.#..#.#  ..#..#..  .#......
.#......  .#...#..  ...##...  .#....#.  ...##...  ##....##  .#....#.  .#......
.#......  .#....#.  ...##...  ..####..  ...##...  #......#  .#....#.  .######.
"""
"""Drawn by hand. Those that look like a digit (B, D, G, I, J, O, Q, S, Y, Z) are left out."""


def letters() -> np.ndarray:
    """The drawn letters under a pen that is a pixel wide and soft at its edge: (16, 64) in [0, 1]."""
    drawn = []
    for band in LETTERS.strip().split("\n\n"):
        _, *rows = (line.split() for line in band.split("\n"))
        drawn += [[[float(c == "#") for c in line] for line in one] for one in zip(*rows, strict=True)]
    wide = np.pad(np.array(drawn), ((0, 0), (1, 1), (1, 1)))
    beside = wide[:, :-2, 1:-1] + wide[:, 2:, 1:-1] + wide[:, 1:-1, :-2] + wide[:, 1:-1, 2:]
    return np.minimum(wide[:, 1:-1, 1:-1] + beside / 4, 1).reshape(-1, 64)


def noise(_digits: np.ndarray, _labels: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Every pixel by chance, as much ink as paper."""
    return rng.random((n, 64))


def empty(_digits: np.ndarray, _labels: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """An empty page; all but the first have up to three specks."""
    pages = np.zeros((n, 64))
    for page in pages[1:]:
        page[rng.choice(64, rng.integers(0, SPECKS), replace=False)] = rng.random()
    return pages


def lettered(_digits: np.ndarray, _labels: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Letters, some a pixel off their place, with more or less ink."""
    shown = letters()[rng.permutation(np.resize(np.arange(len(letters())), n))].reshape(n, 8, 8)
    shown = np.stack([np.roll(one, rng.integers(-1, 2), axis=0) for one in shown])
    return (shown * rng.uniform(0.7, 1, (n, 1, 1))).reshape(n, 64)


def halves(digits: np.ndarray, _labels: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """The upper or the left half of a digit; the rest is paper."""
    kept = digits[rng.choice(len(digits), n)].reshape(n, 8, 8).copy()
    upper = rng.random(n) < 0.5
    kept[upper, 4:] = 0
    kept[~upper, :, 4:] = 0
    return kept.reshape(n, 64)


def turned(digits: np.ndarray, labels: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Digits lying on their side; no zeros, which stay zeros."""
    picked = digits[rng.choice(np.flatnonzero(labels != 0), n)].reshape(n, 8, 8)
    return np.rot90(picked, axes=(1, 2)).reshape(n, 64)


def overlaid(digits: np.ndarray, labels: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Two different digits, one written over the other."""
    one = rng.choice(len(digits), n)
    other = np.array([rng.choice(np.flatnonzero(labels != labels[place])) for place in one])
    return np.maximum(digits[one], digits[other])


NONSENSE: dict[str, Make] = {
    "noise": noise,
    "empty": empty,
    "letters": lettered,
    "halves": halves,
    "turned": turned,
    "overlaid": overlaid,
}


def moved(digits: np.ndarray) -> np.ndarray:
    """The same digits (n, 64) a pixel further right; what falls off the edge is lost."""
    return np.pad(digits.reshape(-1, 8, 8), ((0, 0), (0, 0), (1, 0)))[..., :8].reshape(-1, 64)


def faint(digits: np.ndarray) -> np.ndarray:
    """The same digits (n, 64) in paler ink."""
    return digits * FAINT


OTHERWISE: dict[str, Callable[[np.ndarray], np.ndarray]] = {"moved": moved, "faint": faint}
"""Digits that anybody reads, written otherwise than those in the training set."""
