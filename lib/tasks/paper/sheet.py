"""Which side of the jump is this point on? Sheets with classes on them, asked near the jump, far from it, and off them.

The axis is the distance to the nearest jump: 1 is the widest that the sheet has. Beyond 1 the questions leave the
sheet: at 2 they lie twice as far from its middle as its edge.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from lib.core import Axis
from lib.tasks.digits import handwriting
from lib.tasks.paper.crumple import Fold, folds
from lib.tasks.paper.drawn import MOST, decode, encode
from lib.tasks.paper.shapes import PLANE, Shape, paper, square_edge

SHAPES = (
    "disc-in-ring",
    "circles",
    "moons",
    "spirals",
    "sheet",
    "digits",
    "drawn",
    "step",
    "floor",
    "parity",
)
SHARES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0)  # of the widest margin, where the sheet has points
BEYOND = (1.25, 1.5, 2.0, 3.0)
STAND_IN = "yinyang"  # in place of a drawing
POOL = 8192  # points drawn, to find some that are as far from the jump as is asked
CLOSE = 16  # drawn points looked at, to tell how near each class is


@dataclass(frozen=True)
class Sheet:
    """Questions are points (n, d), answers their classes (n,); d is 2, 3 for the crumpled sheet and 64 for digits.

    shape: one of SHAPES. crumple: how much the sheet is folded, 0 to 1. drawing: letters of lib.tasks.paper.drawn, or
    STAND_IN for a yin-yang. seed: which folds. Raises ValueError for another shape, or a drawing that cannot be read.
    Digits: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI 1998 (its test part, 8x8 pixels).
    """

    shape: str = "disc-in-ring"
    crumple: float = 0.5
    drawing: str = STAND_IN
    seed: int = 0

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            raise ValueError(f"shape: got {self.shape!r}, choose one of {', '.join(SHAPES)}")
        if self.shape == "drawn":
            decode(letters(self.drawing))

    @property
    def axis(self) -> Axis:
        near = self.parts.near
        inside = tuple(share for share in SHARES if share >= near)
        return Axis("jump", "", train=(inside[0], 1.0), exam=inside + BEYOND)

    @property
    def labels(self) -> int:
        return self.parts.labels

    @property
    def folds(self) -> tuple[Fold, ...]:
        """Those of the crumpled sheet; none for others."""
        return self.parts.folds

    @property
    def drawing_rows(self) -> tuple[tuple[float, ...], ...]:
        """The points x, y, class of a drawing; none of others."""
        if self.shape != "drawn":
            return ()
        return tuple(map(tuple, decode(letters(self.drawing)).tolist()))

    @property
    def parts(self) -> Shape:
        return _shape(self.shape, self.crumple, self.drawing, self.seed)

    def sample(self, at: float, n: int, rng: np.random.Generator) -> np.ndarray:
        """n points whose distance to the jump comes closest to `at` times the widest, or, above 1, off the sheet."""
        if at > 1:
            return self.parts.edge(at, n, rng)
        pool = self.tested(POOL, rng)
        off = abs(self.parts.margin(pool) - at * _widest(self.shape, self.crumple, self.drawing, self.seed))
        nearest = np.argsort(off, kind="stable")[: max(n, 1)]
        return pool[rng.permutation(np.resize(nearest, n))]

    def training_sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """n points of the sheet; of digits those that are not in the exam, of a drawing all, at most n."""
        return self.parts.place(n, rng)

    def shown(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Points to look at: all digits, all that was drawn, else n of the sheet."""
        if self.shape == "digits":
            return handwriting().pictures
        return self.parts.place(MOST if self.shape == "drawn" else n, rng)

    def tested(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """n fresh points of the sheet; of digits all 539 that are in the exam, which no learner is shown; of a drawing
        the drawn points, which the learners are shown too, or, if more are asked for, places close beside them.
        """
        return handwriting().pictures[handwriting().tested] if self.shape == "digits" else self.parts.place(n, rng)

    def lines(self, side: int) -> np.ndarray:
        """The crossings of lines drawn on the paper before it was crumpled: (side², d), row by row; none on digits."""
        across, up = np.meshgrid(*[np.linspace(-1, 1, side)] * 2)
        return self.parts.embed(np.column_stack([across.flat, up.flat]))

    def truth(self, x: np.ndarray) -> np.ndarray:
        return self.parts.label(np.asarray(x, float))

    def error(self, answer: np.ndarray, y: np.ndarray) -> np.ndarray:
        """1 where the class is wrong, 0 where it is right."""
        return (np.asarray(answer) != y).astype(float)

    def margin(self, x: np.ndarray) -> np.ndarray:
        """Distances (n,) to the jump, in shares of the widest that the sheet has."""
        return self.parts.margin(x) / _widest(self.shape, self.crumple, self.drawing, self.seed)


@lru_cache(32)
def _shape(shape: str, amount: float, drawing: str, seed: int) -> Shape:
    if shape == "sheet":
        return paper(folds(amount, np.random.default_rng([seed, 5])))
    if shape == "digits":
        return pushed_digits()
    return drawn(decode(letters(drawing))) if shape == "drawn" else PLANE[shape]()


@lru_cache(32)
def _widest(shape: str, amount: float, drawing: str, seed: int) -> float:
    """The widest distance to the jump among many points of the sheet, but for the last hundredth."""
    parts = _shape(shape, amount, drawing, seed)
    return float(np.quantile(parts.margin(parts.place(POOL, np.random.default_rng(0))), 0.99))


def pushed_digits() -> Shape:
    """1,797 digits; beyond the sheet each is pushed away from the mean picture, and stays the digit that it was.

    A point belongs to the digit in whose direction from the mean it lies; its distance to the jump is half of that to
    the nearest picture of another digit.
    """
    known = handwriting()

    def directions(x: np.ndarray) -> np.ndarray:
        away = x - known.middle
        return away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-12)

    def nearest(x: np.ndarray) -> np.ndarray:
        return (directions(x) @ directions(known.pictures).T).argmax(axis=1)

    def margin(x: np.ndarray) -> np.ndarray:
        square = (x**2).sum(1)[:, None] + (known.pictures**2).sum(1) - 2 * x @ known.pictures.T
        mine = known.labels[nearest(x)]
        return np.sqrt(np.where(mine[:, None] == known.labels, np.inf, np.maximum(square, 0)).min(axis=1)) / 2

    def edge(at: float, n: int, rng: np.random.Generator) -> np.ndarray:
        rows = np.resize(rng.permutation(np.flatnonzero(known.tested)), n)
        return known.middle + at * (known.pictures[rows] - known.middle)

    return Shape(
        lambda n, rng: known.pictures[rng.permutation(np.flatnonzero(~known.tested))[:n]],
        lambda x: known.labels[nearest(x)],
        margin,
        edge,
        labels=10,
        embed=lambda _: np.zeros((0, known.pictures.shape[1])),
        near=0.6,
    )


def drawn(points: np.ndarray) -> Shape:
    """A drawing (n, 3): a point anywhere belongs to the class of the nearest drawn one."""
    from scipy.spatial import KDTree

    places, classes = points[:, :2], points[:, 2].astype(int)
    trees = {one: KDTree(places[classes == one]) for one in np.unique(classes).tolist()}

    def distances(x: np.ndarray) -> np.ndarray:
        """(classes, n)"""
        return np.array([tree.query(x)[0] for tree in trees.values()])

    def margin(x: np.ndarray) -> np.ndarray:
        near = np.sort(distances(x), axis=0)
        return (near[1] - near[0]) / 2

    return Shape(
        lambda n, rng: rng.permutation(places)[:n] if n < POOL else rng.choice(places, n) + rng.normal(0, 0.01, (n, 2)),
        lambda x: np.array(list(trees))[distances(x).argmin(axis=0)],
        margin,
        square_edge,
        labels=int(classes.max()) + 1,
    )


def yin_yang() -> np.ndarray:
    """A drawing (n, 3) for whoever has not drawn yet: the yin-yang on a lattice."""
    x, y = np.array(np.meshgrid(*[np.linspace(-0.95, 0.95, 31)] * 2)).reshape(2, -1)
    up, down = np.hypot(x, y - 0.475), np.hypot(x, y + 0.475)
    dark = ((x > 0) | (up < 0.475)) & (down > 0.475)
    dark = (dark & (up > 0.15)) | (down < 0.15)
    return np.column_stack([x, y, dark])[np.hypot(x, y) < 0.96]


def letters(drawing: str) -> str:
    """Those of a drawing, also of the one that stands in."""
    return encode(yin_yang()) if drawing == STAND_IN else drawing
