"""Sheets with a jump in them: sets of points in classes, and the rule that says which class a point anywhere is in.

The jump is where the class changes. Each sheet knows the rule everywhere in its space, how far a point is from the
jump, and how to place points on the sheet and off it, `at` times as far out as its edge.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from lib.tasks.paper.crumple import Fold, crumple, smooth

Points = np.ndarray
Place = Callable[[int, np.random.Generator], Points]
Rule = Callable[[Points], np.ndarray]
Edge = Callable[[float, int, np.random.Generator], Points]

PITCH = 1 / (1.5 * np.pi)  # radius that a spiral gains per radian
WOBBLE = 0.05  # spread of points about the line that they are drawn from
MOON_AT, MOON_SIZE = np.array([0.5, 0.25]), 1.65  # the middle of both moons, and their reach
FLOOR_FROM = 6  # treads below zero, so that labels count from 0


@dataclass(frozen=True)
class Shape:
    """place(n, rng) -> (n, d) points on the sheet; label(x) -> (n,) classes from 0; margin(x) -> (n,) distances to the
    jump in the sheet's own measure; edge(at, n, rng) -> (n, d) points `at` times as far from the middle as its edge.

    labels: how many classes there may be, off the sheet too. near: the smallest share of the widest margin that the
    sheet has points at, a little rounded; where there is no gap at the jump it is 0.
    embed(flat) -> where places (n, 2) of the flat paper lie in the sheet's space.
    """

    place: Place
    label: Rule
    margin: Rule
    edge: Edge
    labels: int = 2
    near: float = 0.0
    embed: Callable[[Points], Points] = lambda flat: flat
    folds: tuple[Fold, ...] = field(default=(), repr=False)


def radius(x: Points) -> np.ndarray:
    return np.hypot(x[:, 0], x[:, 1])


def around(radii: np.ndarray, rng: np.random.Generator) -> Points:
    """A point at each radius, in a random direction."""
    turn = rng.uniform(0, 2 * np.pi, len(radii))
    return radii[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])


def halves(n: int) -> tuple[int, int]:
    return n - n // 2, n // 2


def ring_edge(at: float, n: int, rng: np.random.Generator) -> Points:
    return around(np.full(n, at), rng)


def square_edge(at: float, n: int, rng: np.random.Generator) -> Points:
    """Even along the rim of a square of half-width `at`."""
    x = rng.uniform(-at, at, (n, 2))
    side = rng.integers(0, 2, n)
    x[np.arange(n), side] = at * rng.choice([-1.0, 1.0], n)
    return x


def disc_in_ring() -> Shape:
    """A disc of radius 1/3 in a ring from 2/3 to 1: no width of 2 is said to part them (Olah 2014)."""

    def place(n: int, rng: np.random.Generator) -> Points:
        disc, ring = halves(n)
        radii = [np.sqrt(rng.uniform(0, 1 / 9, disc)), np.sqrt(rng.uniform(4 / 9, 1, ring))]
        return around(np.concatenate(radii), rng)

    return Shape(place, lambda x: (radius(x) > 0.5).astype(int), lambda x: abs(radius(x) - 0.5), ring_edge, near=1 / 3)


def circles() -> Shape:
    """A thin ring in a thin ring, radii 0.5 and 1."""

    def place(n: int, rng: np.random.Generator) -> Points:
        inner, outer = halves(n)
        radii = np.repeat([0.5, 1.0], [inner, outer])
        return around(radii + rng.uniform(-2 * WOBBLE, 2 * WOBBLE, n), rng)

    return Shape(place, lambda x: (radius(x) > 0.75).astype(int), lambda x: abs(radius(x) - 0.75), ring_edge, near=0.45)


def moons() -> Shape:
    """Two half circles that hook into each other; a point anywhere belongs to the nearer one."""

    def place(n: int, rng: np.random.Generator) -> Points:
        one, other = halves(n)
        turn = rng.uniform(0, np.pi, n)
        upper = np.column_stack([np.cos(turn), np.sin(turn)])
        upper[one:] = 1.0 - upper[one:] - [0, 0.5]
        assert len(upper[one:]) == other
        return (upper + rng.uniform(-2 * WOBBLE, 2 * WOBBLE, (n, 2)) - MOON_AT) / MOON_SIZE

    def far(x: Points) -> np.ndarray:
        """Distances to the upper and to the lower half circle: (2, n)."""
        plain = x * MOON_SIZE + MOON_AT
        told = []
        for dx, dy in (plain.T, (np.array([[1.0], [0.5]]) - plain.T)):
            ends = np.minimum(np.hypot(dx - 1, dy), np.hypot(dx + 1, dy))
            told.append(np.where(dy >= 0, abs(np.hypot(dx, dy) - 1), ends))
        return np.array(told)

    def margin(x: Points) -> np.ndarray:
        upper, lower = far(x)
        return abs(upper - lower) / 2

    def label(x: Points) -> np.ndarray:
        upper, lower = far(x)
        return (lower < upper).astype(int)

    return Shape(place, label, margin, ring_edge, near=0.25)


def spirals() -> Shape:
    """Two arms, three quarters of a turn each; off the sheet they wind on as they did."""

    def phase(x: Points) -> np.ndarray:
        return radius(x) / PITCH - np.arctan2(x[:, 1], x[:, 0])

    def place(n: int, rng: np.random.Generator) -> Points:
        arm = np.repeat([0, 1], halves(n))
        winding = np.sqrt(rng.uniform(0.09, 1, n)) / PITCH
        turn = winding + np.pi * arm
        points = np.column_stack([np.cos(turn), np.sin(turn)]) * (winding * PITCH)[:, None]
        return points + rng.uniform(-2 * WOBBLE, 2 * WOBBLE, (n, 2))

    def label(x: Points) -> np.ndarray:
        return (np.cos(phase(x)) < 0).astype(int)

    def margin(x: Points) -> np.ndarray:
        off = (phase(x) + np.pi / 2) % np.pi - np.pi / 2  # from the middle of the arm, in radians
        return np.pi / 2 - abs(off)

    return Shape(place, label, margin, ring_edge, near=0.6)


def paper(given: tuple[Fold, ...]) -> Shape:
    """A square sheet, its left half of one colour and its right half of the other, crumpled in space."""

    def deep(flat: Points) -> Points:
        return crumple(np.column_stack([flat, np.zeros(len(flat))]), given)

    def across(x: Points) -> np.ndarray:
        return smooth(x, given)[:, 0]

    return Shape(
        lambda n, rng: deep(rng.uniform(-1, 1, (n, 2))),
        lambda x: (across(x) > 0).astype(int),
        lambda x: abs(across(x)),
        lambda at, n, rng: deep(square_edge(at, n, rng)),
        embed=deep,
        folds=given,
    )


def square(n: int, rng: np.random.Generator) -> Points:
    return rng.uniform(-1, 1, (n, 2))


def to_a_line(x: np.ndarray) -> np.ndarray:
    """From each number to the nearest whole one."""
    return abs(x - np.round(x))


def step() -> Shape:
    """One jump across a square, from 0 to 1."""
    return Shape(square, lambda x: (x[:, 0] > 0).astype(int), lambda x: abs(x[:, 0]), square_edge)


def floor() -> Shape:
    """A stair with four treads on the sheet; off it the stair goes on."""
    tread = lambda x: np.clip(np.floor(2 * x[:, 0]) + FLOOR_FROM, 0, 2 * FLOOR_FROM - 1).astype(int)  # noqa: E731
    return Shape(square, tread, lambda x: to_a_line(2 * x[:, 0]) / 2, square_edge, labels=2 * FLOOR_FROM)


def parity() -> Shape:
    """Is the number of lines crossed, two a unit each way, odd? A chessboard of sixteen fields; off the sheet more."""
    return Shape(
        square,
        lambda x: (np.floor(2 * x).sum(axis=1) % 2).astype(int),
        lambda x: to_a_line(2 * x).min(axis=1) / 2,
        square_edge,
    )


PLANE: dict[str, Callable[[], Shape]] = {
    "disc-in-ring": disc_in_ring,
    "circles": circles,
    "moons": moons,
    "spirals": spirals,
    "step": step,
    "floor": floor,
    "parity": parity,
}
