"""A cut through all pictures, flat enough to be drawn: where a path runs in it, and what is read all around."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

SIDE = 64  # places of a plane in each direction
RAYS = 180  # along which the edge of what is allowed is looked for
HALVINGS = 24
BEHIND, AHEAD, ASIDE = 0.35, 1.15, 0.75  # how far a window reaches around the untouched picture, in reaches
FAR = 2.5  # reaches, and lengths, that a window covers at most: from very far away, no boundary could be seen
MARGIN = 1.08  # so that nothing lies on the edge
SMALLEST = 0.1  # length that a window has room for at least
STRAIGHT = 1e-3  # of a path's length, by which it bends at least

Ask = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]
"""Pictures (n, 8, 8) -> what the network reads, how sure it is, and what the program reads, (n,) each."""


@dataclass(frozen=True)
class Plane:
    """A plane through the untouched picture, at (0, 0). Lengths are Euclidean, 1 = a pixel from paper to ink.

    A point of it is the picture moved so far along both directions, and brought back to between paper and ink.
    across: what the second direction is: random, bend, where the path bends most, or slope, the gradient of the loss.
    ways: (2, 8, 8) its directions, of length 1 and at right angles: to where the attack has led, and that one.
    spots: (t, 2) where the pictures of the path lie, those off the plane by their shadow; away: (t,) how far off.
    share: how much of the path's length lies in the plane. window: left, right, bottom, top.
    edge: (rays, 2) the edge of what was allowed, or of what was needed; none where nothing was.
    reads, sure, program: (SIDE, SIDE) what the network reads, its confidence in 255ths, what the program reads; uint8,
    the top row first.
    """

    across: str
    ways: np.ndarray
    spots: np.ndarray
    away: np.ndarray
    share: float
    window: tuple[float, float, float, float]
    edge: np.ndarray
    reads: np.ndarray
    sure: np.ndarray
    program: np.ndarray


def directions(
    changes: np.ndarray, end: np.ndarray, slope: np.ndarray, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """The planes (2, 64) of a path of changes (t, 64): with a random direction, and with that in which it bends most.

    Both hold the way to where it ends (64,) or, where that is nothing, the slope (64,) of the loss. A straight path
    bends towards the slope; if it went that way, there is no second plane.
    """
    noise = rng.normal(size=64)
    along = next(way for way in (unit(end), unit(slope), unit(noise[::-1])) if way is not None)
    rest = changes - np.outer(changes @ along, along)
    bend, second = np.linalg.svd(rest, full_matrices=False)[2][0], "bend"
    length = max(float(np.linalg.norm(changes, axis=1).max()), STRAIGHT)
    if np.abs(rest @ bend).max() < STRAIGHT * length:
        bend, second = slope / max(float(np.linalg.norm(slope)), 1e-30), "slope"
    found = {"random": unit(noise - (noise @ along) * along)}
    bend = bend - (bend @ along) * along
    if np.linalg.norm(bend) > STRAIGHT:
        found[second] = unit(bend)
    return {name: np.stack([along, one]) for name, one in found.items() if one is not None}


def unit(way: np.ndarray) -> np.ndarray | None:
    """A direction (d,) made 1 long; None if it is none."""
    length = float(np.linalg.norm(way))
    return way / length if length > 1e-9 else None


def drawn(
    across: str,
    ways: np.ndarray,
    clean: np.ndarray,
    changes: np.ndarray,
    goes: np.ndarray,
    edge: np.ndarray,
    ask: Ask,
) -> Plane:
    """The plane of two directions (2, 64) through a picture (8, 8), with changes (t, 64) of it.

    goes: (t,) which of them are the path's. across, edge: see Plane.
    """
    spots = changes @ ways.T
    away = np.linalg.norm(changes - spots @ ways, axis=1)
    whole, flat = (np.linalg.norm(np.diff(one[goes], axis=0), axis=1).sum() for one in (changes, spots))
    share = float(flat / whole) if whole else 1.0
    window = seen(spots[goes], edge)
    left, right, bottom, top = window
    right_of, up = np.meshgrid(np.linspace(left, right, SIDE), np.linspace(top, bottom, SIDE))
    moved = np.stack([right_of.ravel(), up.ravel()], axis=1) @ ways
    reads, sure, program = ask((clean.ravel() + moved).clip(0, 1).reshape(-1, 8, 8))
    reads, sure, program = (one.astype(np.uint8).reshape(SIDE, SIDE) for one in (reads, np.rint(255 * sure), program))
    ways, spots, away, edge = (one.astype(np.float32) for one in (ways.reshape(2, 8, 8), spots, away, edge))
    return Plane(across, ways, spots, away, share, window, edge, reads, sure, program)


def seen(spots: np.ndarray, edge: np.ndarray) -> tuple[float, float, float, float]:
    """Left, right, bottom and top of a square window around the untouched picture that shows the path."""
    allowed = min(float(edge[0, 0]), FAR) if len(edge) else 0.0
    end = max(float(np.linalg.norm(spots[-1])) or allowed, SMALLEST)
    ahead = max(min(allowed, FAR * end), end)
    need = np.array([spots[:, 0].max() / AHEAD, -spots[:, 0].min() / BEHIND, np.abs(spots[:, 1]).max() / ASIDE])
    reach = MARGIN * max(ahead / AHEAD, min(float(need.max()), FAR * ahead))
    return -BEHIND * reach, AHEAD * reach, -ASIDE * reach, ASIDE * reach


def around(clean: np.ndarray, ways: np.ndarray, radius: float, norm: str) -> np.ndarray:
    """(RAYS, 2) how far one can go in each direction of a plane before the picture is a radius from the untouched one.

    Nothing for a radius of 0. What would leave paper or ink counts as staying there, so some rays never end: they do at
    8, further than any picture is from another.
    """
    turn = np.linspace(0, 2 * np.pi, RAYS, endpoint=False)
    rays = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    if not radius:
        return np.zeros((0, 2))
    low, high = np.zeros(RAYS), np.full(RAYS, 8.0)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        change = (clean.ravel() + middle[:, None] * (rays @ ways)).clip(0, 1) - clean.ravel()
        size = np.abs(change).max(1) if norm == "linf" else np.linalg.norm(change, axis=1)
        low, high = np.where(size <= radius, middle, low), np.where(size <= radius, high, middle)
    return low[:, None] * rays
