"""What some filters or classes want to see, as pictures that grew, and the photos that excite them most beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LAYERS = ("early", "middle", "late", "last", "classes", "class", "digits", "digits_early", "digits_late")
BLOCKS = {"early": 3, "middle": 5, "late": 8, "last": 11}
"""Which block's widening filters each layer is, see lib.learners.photos.layers."""
DEPTHS = {"digits_early": (1, 3), "digits_late": (3, 5)}
"""Of the network of digits how many of its modules make each layer's filters, and the side of what those look at."""
FILTERS = {"early": 144, "middle": 240, "late": 480, "last": 672, "digits_early": 16, "digits_late": 32}
OF_DIGITS = ("digits", *DEPTHS)
SIDES = {"early": 64, "middle": 64, "late": 96, "last": 112, "classes": 128, "class": 160} | {
    "digits": 8,
    "digits_early": 3,
    "digits_late": 5,
}
"""Pixels of a picture: room for what one filter looks at, or for a few of it."""
TWENTY = (388, 235, 8, 88, 290, 985, 1, 9, 130, 340, 84, 107, 323, 954, 953, 963, 980, 779, 579, 409)
"""The classes of "classes": five that the photos here show, then others with a pattern or a shape of their own."""
BEST = 4  # photos beside each picture
COLUMNS = 8  # of a sheet, at most


@dataclass(frozen=True)
class Grid:
    """So far: what each of n filters, classes or digits wants to see, and what excites it most among photos.

    layer: one of LAYERS; numbers: (n,) which filters of it, classes of ImageNet, or digits.
    side: of a picture [pixels]. steps: after how many steps of the ascent each of its frames was taken.
    frames: for each of them a sheet of all n pictures, as lib.tasks.photos.sheets makes it, `columns` a row.
    values: (frames, n) how strongly each is excited by its own picture: a filter by the place that excites it most, a
    class by the whole; before ReLU6 or softmax, without a unit. sure: (frames, n) how sure the network is then of the
    class, NaN for filters.
    Once the photos were asked (else empty): photos: (n, BEST) indices into lib.tasks.photos.shipped.NAMES or, where
    digits are drawn, which digits they are; those first that excite most, none twice. peaks: (n, BEST) how strongly;
    places: (n, BEST, 2) where, down and right, 0 to 1; patches: a sheet of what is seen there, BEST a row; field: the
    side of that [pixels]; usual: (n,) the mean over all places of all photos.
    """

    layer: str
    numbers: np.ndarray
    side: int
    steps: tuple[int, ...]
    frames: tuple[np.ndarray, ...]
    values: np.ndarray
    sure: np.ndarray
    photos: np.ndarray
    peaks: np.ndarray
    places: np.ndarray
    patches: np.ndarray
    field: int
    usual: np.ndarray

    @property
    def columns(self) -> int:
        """How many pictures stand side by side on a sheet."""
        return columns(len(self.numbers))

    @property
    def ratios(self) -> np.ndarray | None:
        """(frames, n) how many times as far above the usual each picture excites as the best photo does; None if not
        asked."""
        if not len(self.photos):
            return None
        return (self.values - self.usual) / (self.peaks[:, 0] - self.usual)

    @property
    def ratio(self) -> float:
        """The median of the last `ratios`; NaN if nobody was asked."""
        return float(np.median(self.ratios[-1])) if self.ratios is not None else float("nan")


def numbers(layer: str, filters: int, first: int, target: int) -> tuple[int, ...]:
    """Which filters, classes or digits are drawn: from `first` on, going round at the end of a layer."""
    if layer in FILTERS:
        return tuple((first + nth) % FILTERS[layer] for nth in range(min(filters, FILTERS[layer])))
    return {"classes": TWENTY, "class": (target,), "digits": tuple(range(10))}[layer]


def columns(n: int) -> int:
    """How many of n pictures stand side by side."""
    return min(n, COLUMNS)


def unpainted(layer: str, drawn: tuple[int, ...]) -> Grid:
    """The grid before the first step."""
    n = len(drawn)
    nothing = np.zeros((0, n), np.float32)
    return Grid(
        layer,
        np.array(drawn, np.int16),
        SIDES[layer],
        steps=(),
        frames=(),
        values=nothing,
        sure=nothing,
        photos=np.zeros((0, BEST), np.int16),
        peaks=np.zeros((0, BEST), np.float32),
        places=np.zeros((0, BEST, 2), np.float32),
        patches=np.zeros(0, np.uint8),
        field=0,
        usual=np.zeros(0, np.float32),
    )


def kept(steps: int) -> tuple[int, ...]:
    """After which steps a frame is kept: those in which most happens, and the last."""
    return tuple(sorted({max(1, round(steps * part)) for part in (1 / 8, 1 / 4, 1 / 2, 1)}))
