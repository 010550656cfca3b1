"""Reads a handwritten digit by holding drawn digits next to it.

Nobody trained this. The shapes below were drawn by hand, by somebody who had looked at how people write digits on a
grid of 8x8 and who drew a few of them twice or more, because people do; no picture was averaged or copied, and no
number was fitted. To read a picture, lay every shape over it, also one pixel up, down, left and right of its place,
and measure how well ink lies on ink and paper on paper. The best shape names the digit.

The measure is the normalised correlation: 1 if picture and shape are the same up to brightness and contrast, 0 if
they have nothing to do with each other, -1 if one is the other's negative.
Source: R. Duda, P. Hart, Pattern Classification and Scene Analysis (1973), section 8.3, template matching.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

INK = {".": 0.0, "+": 0.5, "#": 1.0}

DRAWN = """
0         0         1         1         1         2         2         3
..+##+..  ...##+..  ...+##..  ....##..  ..###...  ..+##+..  ...##...  ..####..
..####+.  ..####+.  ...###..  ...###..  .####...  .#####..  ..####..  .##++##.
.##++##.  ..#++#+.  ..####..  ..####..  +####...  .#+.##..  ..#.+#..  .....##.
.#+..+#.  .##..#+.  .+####..  .######.  ..+##...  ....##..  ....+#..  ...###..
.#+..+#.  .##..##.  ...###..  ....##..  ...##...  ...##+..  ....#+..  ...+###.
.##..##.  .##..#+.  ...###..  ....##..  ...##...  ..+##...  ...##...  .....+#.
..#++#+.  ..#++#+.  ...###..  ....##..  ..+###+.  ..#####.  ..+####+  .#+.+##.
..+###..  ...###..  ...+##..  ....##..  ..######  ..+#####  ..+##+++  ..+###+.

3         4         4         4         5         5         5
..+##+..  ....+#+.  ....##..  ....+#..  ..#####.  ..####+.  ...####.
.##.##..  ...+#+..  ...##...  ...##...  .+##++..  .+##+...  ..###+..
....##..  ..+#+...  ..##....  ..##.+#.  .+#.....  .+#.....  ..##....
...##...  .+#+.##.  .##+.##.  .##..##.  .+####+.  .+###+..  ..###+..
...+##..  .##..##.  +######+  .######+  .+#++##.  ..+.+#+.  ...+##..
.....##.  +######.  .+####..  ..++##..  .....##.  .....#+.  ....+#+.
.+...##.  .+++##..  ....#+..  ....##..  ..+.##+.  ..+.##..  ..++##..
.+####..  ....#+..  ....##..  ....#+..  ..####..  ..+##+..  ..+##+..

6         6         6         7         7         7         8         8
...+#+..  ...##...  ....##..  ..#####.  ..+####+  ..+###..  ..+##+..  ...+##+.
..+#+...  ..+#+...  ...##...  ..+++##.  ..##+##+  .##+##..  .##++##.  ..##+##.
..##....  .+#+....  ..+#+...  .....#+.  .....#+.  ....+#..  .##..#+.  ..##.##.
.+#+....  .##++...  ..##....  ....##..  ..++##+.  ..++##+.  ..####..  ...####.
.#####+.  .######.  ..####+.  ..+####+  .+######  .######.  ..+##+..  ..+###..
.##..+#+  .##..+#+  ..##.+#.  ...##...  ...+#+..  ...##...  .+#++#+.  ..##+#+.
.+#+.+#+  .+#++##.  ..+#++#.  ...##...  ...##...  ..+#+...  .+#+.##.  ..#+.##.
...+###.  ...###+.  ...+##+.  ..+#+...  ...#+...  ..##....  ..+##+..  ..+###..

8         9         9         9         7
..+##+..  ..+##+..  ...+##+.  ..+###..  ...+###.
..#+##..  .##+##..  ..##+##.  .+#++#+.  ..##+##.
..####..  .#+..#+.  ..#+.##.  .+#++##.  ..#+.##.
...##...  .##++##.  ..##+##.  ..+####.  .....##.
..+###..  ..+####.  ...+###.  .....##.  ....+#+.
.+#+.#+.  .....##.  .....##.  .....##.  ....##..
.+#+.##.  .....#+.  ..+.+#+.  .+#+##+.  ...+#+..
..+###..  ..+##+..  ..+##+..  ..+##+..  ...##...
"""

PLACES = ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))  # (down, right): as drawn, or one pixel off


@dataclass(frozen=True)
class Match:
    """How well one drawn shape fits a picture, where it fits best: pushed `down` and `right` by so many pixels.

    shape: (8, 8), as it was laid over the picture. fit: in [-1, 1], 1 = the same but for brightness and contrast.
    """

    digit: int
    shape: np.ndarray
    down: int
    right: int
    fit: float


@dataclass(frozen=True)
class DigitReader:
    """Reads pictures of digits: (n, 64) or (n, 1, 8, 8), 0 = paper, 1 = ink -> labels 0-9 (n,)."""

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return self.scores(x).argmax(axis=1)

    def scores(self, x: np.ndarray) -> np.ndarray:
        """How well the best shape of each digit fits: (n, 10) in [-1, 1]."""
        stencils, digits = self.stencils()
        fits = standard(x) @ standard(stencils).T
        return np.stack([fits[:, digits == digit].max(axis=1) for digit in range(10)], axis=1)

    def trace(self, picture: np.ndarray) -> Iterator[Match]:
        """Try one picture, 64 numbers in any form, against each drawn shape in turn: its best fit, place by place."""
        stencils, digits = self.stencils()
        fits = (standard(stencils) @ standard(picture.reshape(1, 64))[0]).reshape(-1, len(PLACES))
        for row, fit in enumerate(fits):
            place = int(fit.argmax())
            at = row * len(PLACES) + place
            yield Match(int(digits[at]), stencils[at], *PLACES[place], float(fit[place]))

    def stencils(self) -> tuple[np.ndarray, np.ndarray]:
        """Every shape in every place, (t, 8, 8), shape by shape and place by place, and whose digit each is (t,)."""
        drawn, digits = shapes()
        wide = np.pad(inked(drawn), ((0, 0), (1, 1), (1, 1)))
        laid = np.stack([wide[:, 1 - down : 9 - down, 1 - right : 9 - right] for down, right in PLACES], axis=1)
        return laid.reshape(-1, 8, 8), digits.repeat(len(PLACES))


def shapes() -> tuple[np.ndarray, np.ndarray]:
    """The drawn shapes (t, 8, 8), 0 = paper, 1 = ink, and the digit that each of them stands for (t,)."""
    drawings, digits = [], []
    for band in DRAWN.strip().split("\n\n"):
        names, *rows = (line.split() for line in band.split("\n"))
        digits += [int(name) for name in names]
        drawings += [[[INK[c] for c in line] for line in one] for one in zip(*rows, strict=True)]
    return np.array(drawings), np.array(digits)


def inked(drawn: np.ndarray) -> np.ndarray:
    """The same shapes (t, 8, 8) under a real pen: half of each pixel's ink also runs into its four neighbours."""
    wide = np.pad(drawn, ((0, 0), (1, 1), (1, 1)))
    beside = wide[:, :-2, 1:-1] + wide[:, 2:, 1:-1] + wide[:, 1:-1, :-2] + wide[:, 1:-1, 2:]
    return drawn + beside / 2


def standard(x: np.ndarray) -> np.ndarray:
    """Pictures as rows (n, 64) of mean 0 and length 1, so that a product of two rows is their correlation.

    A picture without any contrast becomes zeros: it fits every shape equally badly.
    """
    rows = np.asarray(x, dtype=float).reshape(len(x), 64)
    rows = rows - rows.mean(axis=1, keepdims=True)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
