"""Small grey pictures on their way, each sent as it is, and planes of what is read around them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from dashboard.walk import wrapped

PAPER, INK = np.array([255.0] * 3), np.array([22.0, 24.0, 29.0])
LESS, SAME, MORE = (np.array(one, float) for one in ([0, 114, 178], [245, 245, 245], [213, 94, 0]))
SMALLEST = 0.015  # of a plane, that a region has to be named
CLEAR = 0.08  # of a plane's side, that a name keeps from the path
RULER = 0.6, 0.85  # of a plane, from where on its ruler lies


class Seen(Protocol):
    """A plane through a path: see lib.labs.attack.plane.Plane."""

    @property
    def spots(self) -> np.ndarray: ...
    @property
    def away(self) -> np.ndarray: ...
    @property
    def window(self) -> tuple[float, float, float, float]: ...
    @property
    def edge(self) -> np.ndarray: ...
    @property
    def reads(self) -> np.ndarray: ...
    @property
    def sure(self) -> np.ndarray: ...
    @property
    def program(self) -> np.ndarray: ...


def packed(head: dict[str, Any], frames: np.ndarray, factor: float, planes: Sequence[Seen], also: Any) -> bytes:
    """What the browser takes: the head, the first picture, all pictures, all changes, and the planes' grids.

    frames: (t, side, side) in [0, 1], 0 = paper; factor: how many times a change is magnified, 1 = all that there is
    room for. also: for each plane what else the browser is told of it, a dictionary of words.
    """
    told = [
        {
            "side": len(one.reads),
            "window": [round(edge, 4) for edge in one.window],
            "spots": one.spots.astype(float).round(4).tolist(),
            "away": one.away.astype(float).round(2).tolist(),
            "edge": one.edge.astype(float).round(4).tolist(),
            "regions": [named(grid, one.window, one.spots) for grid in (one.reads, one.program)],
            **words,
        }
        for one, words in zip(planes, also, strict=True)
    ]
    sums, changes = inked(frames), tinted(factor * (frames - frames[0]))
    grids = [grid.tobytes() for one in planes for grid in (one.reads, one.sure, one.program)]
    whole = head | {"frames": True, "side": frames.shape[1], "steps": len(frames) - 1, "planes": told}
    return wrapped(whole, sums[0].tobytes(), sums.tobytes(), changes.tobytes(), *grids)


def inked(frames: np.ndarray) -> np.ndarray:
    """(..., 3) uint8 from paper at 0 to ink at 1."""
    return np.rint(PAPER + frames[..., None] * (INK - PAPER)).astype(np.uint8)


def tinted(changes: np.ndarray) -> np.ndarray:
    """(..., 3) uint8 from blue at -1, less ink, to orange at 1, more."""
    size = np.abs(changes).clip(0, 1)[..., None]
    return np.rint(SAME + size * (np.where(changes[..., None] > 0, MORE, LESS) - SAME)).astype(np.uint8)


def named(grid: np.ndarray, window: tuple[float, ...], spots: np.ndarray) -> list[tuple[int, float, float]]:
    """Each class of a plane's grid with the point that lies deepest in its region, where that is not tiny.

    Away from spots (t, 2) and the ruler, if its region has room for that.
    """
    left, right, bottom, top = window
    places = np.linspace(0, 1, len(grid))
    across, down = (spots[:, 0] - left) / (right - left), (top - spots[:, 1]) / (top - bottom)
    apart = ((places - across[:, None]) ** 2)[:, None] + ((places - down[:, None]) ** 2)[:, :, None]
    free = (apart.min(0) > CLEAR**2) & ((places[:, None] < RULER[1]) | (places < RULER[0]))
    found = []
    for kind in np.unique(grid):
        region = grid == kind
        if region.mean() < SMALLEST:
            continue
        rest = np.pad(region & free if (region & free).any() else region, 1)
        while True:  # a layer less, as long as anything is left
            less = rest[1:-1, 1:-1] & rest[:-2, 1:-1] & rest[2:, 1:-1] & rest[1:-1, :-2] & rest[1:-1, 2:]
            if not less.any():
                break
            rest = np.pad(less, 1)
        rows, columns = np.nonzero(rest[1:-1, 1:-1])
        middle = np.argmin((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2)
        across, down = (float(one[middle]) / (len(grid) - 1) for one in (columns, rows))
        found.append((int(kind), round(left + across * (right - left), 4), round(top - down * (top - bottom), 4)))
    return found


def share_of(grid: np.ndarray) -> list[tuple[int, float]]:
    """How much of a plane each class has, the largest first."""
    kinds, counts = np.unique(grid, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return [(int(kinds[at]), float(counts[at] / grid.size)) for at in order]


def magnified(frames: np.ndarray) -> float:
    """By how much changes are magnified so that the largest has all the room that there is."""
    most = float(np.abs(frames - frames[0]).max())
    return 1 / most if most else 1.0
