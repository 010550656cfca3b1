"""What everybody said of every photo, cut up into ever more tiles, and the error curves that follow from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib import core
from lib.tasks.see.tiles import PIECES

TOLERANCE = 0.2  # of the photos misread
LIKELIEST = 5  # classes told of each picture
ROLES: tuple[tuple[str, core.Kind], ...] = (
    ("network", "network"),
    ("second", "network"),
    ("doubt", "baseline"),
    ("program", "program"),
)
"""Who is asked: two networks what is on the photo; the first one's confidence, and a program, whether it is whole."""


@dataclass(frozen=True)
class Puzzle:
    """What P photos were read as, cut into each of PIECES (L) tiles to a side; -1 where nobody was asked yet.

    photos: their names. right: (P,) what is on them. surely: below how much confidence the first network doubts.
    shuffler: the seed by which the first of `seeds` shuffles, see lib.tasks.see.tiles.order.
    labels, sure: (seeds, L, P, 5) the likeliest classes and how sure the first network is of them, NaN if not asked.
    second: (seeds, L, P) the likeliest class for the second network.
    program: (seeds, L, P) 1 where the program says that the picture was cut up, 0 where it does not.
    """

    photos: tuple[str, ...]
    right: np.ndarray
    surely: float
    shuffler: int
    labels: np.ndarray
    sure: np.ndarray
    second: np.ndarray
    program: np.ndarray

    @property
    def asked(self) -> bool:
        """True once everybody was asked about everything."""
        return bool((self.second >= 0).all())

    @property
    def named(self) -> np.ndarray:
        """(seeds, L) how many of the photos the first network still names."""
        return (self.labels[..., 0] == self.right).sum(-1)

    def still_named(self, pieces: int) -> float | None:
        """The share of photos that the first network names in so many tiles to a side: the median over `seeds`."""
        level = PIECES.index(pieces)
        known = (self.labels[:, level, :, 0] >= 0).all()
        return float(np.median(self.named[:, level]) / len(self.photos)) if known else None

    def errors(self, name: str) -> np.ndarray | None:
        """(seeds, L) shares of the photos on which one of ROLES is wrong; None until it was asked about all.

        A network: it names something else. Those that are asked whether the photo is whole: they say so of one that is
        cut up, or the other way round.
        """
        if name in ("network", "second"):
            read = self.labels[..., 0] if name == "network" else self.second
            return (read != self.right).mean(-1) if (read >= 0).all() else None
        said = self.program if name == "program" else np.where(self.sure[..., 0] < self.surely, 1, 0)
        known = (self.program >= 0).all() if name == "program" else not np.isnan(self.sure).any()
        return (said != (np.array(PIECES) > 1)[:, None]).mean(-1) if known else None


def unasked(photos: tuple[str, ...], right: np.ndarray, surely: float, shufflers: np.ndarray) -> Puzzle:
    """The puzzle before anybody was asked."""
    shape = len(shufflers), len(PIECES), len(photos)
    nobody = np.full(shape, -1, np.int16)
    likeliest = (*shape, LIKELIEST)
    labels, sure = np.full(likeliest, -1, np.int16), np.full(likeliest, np.float32(np.nan))
    return Puzzle(photos, right.astype(np.int16), surely, int(shufflers[0]), labels, sure, nobody, nobody)
