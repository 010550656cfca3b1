"""Two bodies on circles about their common centre, and many rockets that they pull: the planar restricted problem.

Units: the distance of the two is 1, their circling takes 2π. The frame turns with them: the large body rests at
(-μ, 0), the small one, whose share of the mass is μ, at (1 - μ, 0). A rocket at (x, y) moves by

    x'' =  2y' + x - (1 - μ)(x + μ)/r₁³ - μ(x - 1 + μ)/r₂³ + push cos(side - t)
    y'' = -2x' + y - (1 - μ) y/r₁³      - μ y/r₂³          + push sin(side - t)

with r₁ and r₂ its distances from the two; push is a steady one from a direction that rests among the stars. Without it
C = x² + y² + 2(1 - μ)/r₁ + 2μ/r₂ - x'² - y'², Jacobi's constant, never changes (Szebehely, Theory of Orbits, 1967).

Solved by Taylor's series of order 22 in time, whose terms follow from each other, one long step after the other, each
as long as its last terms allow (Jorba and Zou 2005, Experimental Mathematics 14:99): short near the bodies. All rockets
go side by side, each with a clock of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Literal

import numpy as np

ORDER = 22
SLACK = 1e-10  # what the last terms of a step may amount to
ABREAST = 2048  # rockets side by side: fewer rounds in which only a few are still on their way
STEPS = 5000  # no flight of a few days takes more than a few hundred
BISECTIONS = 32  # halve a step until nothing is left of it

FLEW, STRUCK, FELL, LEFT = range(4)
Ending = Literal[0, 1, 2, 3]
"""Still on its way when time was over; on the small body's ground; on the large one's; further away than `far`."""


@dataclass(frozen=True, eq=False)
class Rockets:
    """Rockets side by side, all arrays (n,): places and speeds in the turning frame, and the bodies that pull each.

    mu: the small body's share of the mass. large, small: radii of the bodies. lasts: how long to follow the rocket.
    push, side: a steady acceleration, and the direction [rad] that it pushes to at time 0.
    """

    x: np.ndarray
    y: np.ndarray
    vx: np.ndarray
    vy: np.ndarray
    mu: np.ndarray
    large: np.ndarray
    small: np.ndarray
    lasts: np.ndarray
    push: np.ndarray
    side: np.ndarray

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, rows: slice) -> Rockets:
        return Rockets(*(getattr(self, one.name)[rows] for one in fields(self)))


@dataclass(frozen=True, eq=False)
class Flights:
    """What became of n rockets. A collision or an escape is an ending like others.

    time: (n,) of the closest approach to the small body, or of the impact on it; near: (n, 4) x, y, vx, vy then.
    ending: (n,) FLEW, STRUCK, FELL or LEFT. over: (n,) when the flight ended.
    paths: (n, steps, 3) t, x, y after each step, the last one repeated; steps is 0 unless they were asked for.
    """

    time: np.ndarray
    near: np.ndarray
    ending: np.ndarray
    over: np.ndarray
    paths: np.ndarray


def fly(rockets: Rockets, *, paths: bool = False, far: float = 4.0) -> Flights:
    """Follow each rocket until its time is over, or it strikes a body, or is `far` from the centre."""
    parts = [_abreast(rockets[i : i + ABREAST], paths, far) for i in range(0, len(rockets), ABREAST)]
    if not parts:
        none = np.zeros(0)
        return Flights(none, np.zeros((0, 4)), none.astype(int), none, np.zeros((0, 0, 3)))
    longest = max(one.paths.shape[1] for one in parts)
    lines = [np.pad(one.paths, ((0, 0), (0, longest - one.paths.shape[1]), (0, 0)), "edge") for one in parts]
    told = [np.concatenate([getattr(one, name) for one in parts]) for name in ("time", "near", "ending", "over")]
    time, near, ending, over = told
    return Flights(time, near, ending, over, np.concatenate(lines))


def jacobi(state: np.ndarray, mu: float) -> np.ndarray:
    """(..., 4) states x, y, vx, vy -> (...) Jacobi's constant."""
    x, y, vx, vy = np.moveaxis(state, -1, 0)
    return (
        x**2 + y**2 + 2 * (1 - mu) / np.hypot(x + mu, y) + 2 * mu / np.hypot(x - 1 + mu, y) - vx**2 - vy**2
    )  # fmt: skip


def march(rockets: Rockets) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Times (n,) and states (n, 4) after each step, to the end of each rocket's time, whatever is in its way."""
    now = np.zeros(len(rockets))
    state = np.array([rockets.x, rockets.y, rockets.vx, rockets.vy])
    for _ in range(STEPS):
        yield now, state.T
        if (now >= rockets.lasts).all():
            return
        series = taylor(state, now, rockets)
        step = np.minimum(reach(series), rockets.lasts - now)
        state, now = at(series, step), now + step
    raise RuntimeError(f"a flight is not over after {STEPS} steps; launch it from further outside the bodies")


def taylor(state: np.ndarray, now: np.ndarray, pull: Rockets) -> np.ndarray:
    """State (4, n) at times (n,) -> (2, ORDER + 1, n), the terms of x and y as series in time."""
    mu, n = pull.mu, state.shape[1]
    place = np.zeros((2, ORDER + 1, n))
    squares, cubes, pulled = np.zeros((2, ORDER - 1, n)), np.zeros((2, ORDER - 1, n)), np.zeros((ORDER - 1, n))
    place[:, 0], place[:, 1] = state[:2], state[2:]
    squares[:, 0] = (state[0] + np.array([mu, mu - 1])) ** 2 + state[1] ** 2  # r² of both bodies
    cubes[:, 0] = squares[:, 0] ** -1.5  # 1/r³
    share = np.array([1 - mu, mu])
    direction = np.array([np.cos(pull.side - now), np.sin(pull.side - now)])
    pushed = pull.push * direction if pull.push.any() else None
    for k in range(ORDER - 1):
        here = place[:, : k + 1]
        if k:
            squares[0, k] = np.einsum("ajn,ajn->n", here, place[:, k::-1]) + 2 * mu * place[0, k]
            squares[1, k] = squares[0, k] - 2 * place[0, k]
            cubes[:, k] = np.einsum("ajn,ajn->an", WEIGHTS[k] * squares[:, k:0:-1], cubes[:, :k]) / squares[:, 0]
        parts = share * cubes[:, k]
        pulled[k] = parts[0] + parts[1]
        change = place[:, k] - np.einsum("ajn,jn->an", here, pulled[k::-1])
        change += (2 * (k + 1) * SIGNS) * place[::-1, k + 1]
        change[0] -= mu * parts[0] - (1 - mu) * parts[1]
        if pushed is not None:
            change += pushed
            pushed = pushed[::-1] / SIGNS / (k + 1)
        place[:, k + 2] = change / ((k + 1) * (k + 2))
    return place


SIGNS = np.array([[1.0], [-1.0]])
WEIGHTS = [np.array([[(-1.5 * (k - j) - j) / k] for j in range(k)]) for k in range(1, ORDER)]
WEIGHTS.insert(0, np.zeros((0, 1)))
"""Of the terms of a power -3/2 of a series: k times the k-th is Σ (-3/2 (k - j) - j) d[k-j] q[j] / d[0]."""


def reach(series: np.ndarray) -> np.ndarray:
    """(n,) how far the series may be trusted: until one of its last two terms amounts to SLACK."""
    last, before = np.hypot(*series[:, -1]), np.hypot(*series[:, -2])
    with np.errstate(divide="ignore"):
        return 0.9 * np.minimum((SLACK / last) ** (1 / ORDER), (SLACK / before) ** (1 / (ORDER - 1)))


def at(series: np.ndarray, step: np.ndarray) -> np.ndarray:
    """The state (4, n) so much (n,) further."""
    state = np.zeros((2, 2, series.shape[2]))  # places and speeds: Horner's rule for a polynomial and its slope
    place, speed = state
    place += series[:, -1]
    for k in range(ORDER - 1, -1, -1):
        speed *= step
        speed += place
        place *= step
        place += series[:, k]
    return state.reshape(4, -1)


def _abreast(all_of: Rockets, paths: bool, far: float) -> Flights:
    """`fly` for as many as go side by side: all steps first, through whatever is in the way, then a look at them."""
    n = len(all_of)
    alive, pull, now = np.arange(n), all_of, np.zeros(n)
    state = np.array([all_of.x, all_of.y, all_of.vx, all_of.vy])
    log = Log(n, now, state, paths)
    for _ in range(STEPS):
        series = taylor(state, now, pull)
        step = np.minimum(reach(series), pull.lasts - now)
        after = at(series, step)
        log.note(alive, pull, now, step, series, state, after)
        now, state = now + step, after
        from_large, from_small = _distances(state, pull)
        going = (now < pull.lasts) & (np.hypot(state[0], state[1]) <= far)
        going &= (from_large > pull.large) & (from_small > pull.small)
        if not going.all():
            alive, pull, state, now = alive[going], _some(pull, going), state[:, going], now[going]
        if not len(alive):
            return log.flights(all_of, far)
    raise RuntimeError(f"a flight is not over after {STEPS} steps; launch it from further outside the bodies")


@dataclass(eq=False)
class Log:
    """What is kept of n flights while they go on: where they are, and the steps in which a body was near."""

    n: int
    now: np.ndarray
    state: np.ndarray
    paths: bool

    def __post_init__(self) -> None:
        self.turns: list[tuple[np.ndarray, ...]] = []
        self.line = [np.array([self.now, *self.state[:2]])]
        self.last = np.array([self.now, *self.state])

    def note(
        self,
        alive: np.ndarray,
        pull: Rockets,
        now: np.ndarray,
        step: np.ndarray,
        series: np.ndarray,
        state: np.ndarray,
        after: np.ndarray,
    ) -> None:
        """A step of those alive. Where it comes to a body's ground or turns away from a body, it is looked at later."""
        if self.paths:  # the middle of the step too: steps are long
            self._draw(alive, now + step / 2, at(series, step / 2))
            self._draw(alive, now + step, after)
        self.last[:, alive] = now + step, *after
        closing = zip(_closing(state, pull), _closing(after, pull), _distances(after, pull), strict=True)
        for body, (before, later, gap) in enumerate(closing):
            rows = np.flatnonzero((before < 0) & (later >= 0) | (gap < (pull.small if body else pull.large)))
            if len(rows):
                kept = series[:, :, rows]
                self.turns.append((np.full(len(rows), body), alive[rows], now[rows], step[rows], kept))

    def _draw(self, alive: np.ndarray, now: np.ndarray, state: np.ndarray) -> None:
        line = self.line[-1].copy()
        line[:, alive] = now, state[0], state[1]
        self.line.append(line)

    def flights(self, pull: Rockets, far: float) -> Flights:
        """What became of them: the first impact ends a flight; else the closest of all turns, or its end, counts."""
        over, *state = self.last
        ending = np.where(np.hypot(state[0], state[1]) > far, LEFT, FLEW)
        begin = np.array([pull.x, pull.y, pull.vx, pull.vy])
        ends = np.stack([begin, np.array(state)])
        last = np.array([_distances(one, pull)[1] for one in ends]).argmin(0)  # the closest of its two ends, so far
        time, near = last * over, np.where(last, ends[1], begin)
        closest, grounds = _distances(near, pull)[1], np.array(state[:2])
        if self.turns:
            body, rows, began, step, series = (np.concatenate(one, axis=-1) for one in zip(*self.turns, strict=True))
            when, there, hit = _nearest(series, step, body, _some(pull, rows))
            when = when + began
            for event in np.lexsort((when, ~hit)):  # impacts first, in order of time
                row = rows[event]
                if hit[event] and when[event] < over[row]:
                    over[row] = time[row] = when[event]
                    ending[row], near[:, row] = (STRUCK if body[event] else FELL), there[:, event]
                    grounds[:, row] = there[:2, event]
                    closest[row] = -1.0 if body[event] else _distances(there, _some(pull, rows))[1][event]
                elif not hit[event] and body[event] and when[event] < over[row]:
                    gap = np.hypot(there[0, event] - 1 + pull.mu[row], there[1, event])
                    if gap < closest[row]:
                        closest[row], time[row], near[:, row] = gap, when[event], there[:, event]
        return Flights(time, near.T, ending, over, self._cut(over, grounds, ending))

    def _cut(self, over: np.ndarray, grounds: np.ndarray, ending: np.ndarray) -> np.ndarray:
        """(n, steps, 3) paths that stay at the impact, if there was one."""
        if not self.paths:
            return np.zeros((self.n, 0, 3))
        lines = np.moveaxis(np.array(self.line), 2, 0)
        down = ((ending == STRUCK) | (ending == FELL))[:, None] & (lines[..., 0] > over[:, None])
        ground = np.stack([over, *grounds], -1)
        return np.where(down[..., None], ground[:, None], lines)


def _nearest(
    series: np.ndarray, step: np.ndarray, body: np.ndarray, pull: Rockets
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Within each step (n,) of series (2, terms, n): when, in which state (4, n), whether that was on the ground."""
    radius = np.where(body, pull.small, pull.large)
    distance = lambda state: np.choose(body, _distances(state, pull))  # noqa: E731
    low = _search(series, step, lambda state: np.choose(body, _closing(state, pull)) < 0)
    hit = distance(at(series, low)) < radius
    ground = _search(series, low, lambda state: distance(state) > radius) if hit.any() else low
    when = np.where(hit, ground, low)
    return when, at(series, when), hit


def _some(pull: Rockets, rows: np.ndarray) -> Rockets:
    return Rockets(*(getattr(pull, one.name)[rows] for one in fields(pull)))


def _distances(state: np.ndarray, pull: Rockets) -> tuple[np.ndarray, np.ndarray]:
    return np.hypot(state[0] + pull.mu, state[1]), np.hypot(state[0] - 1 + pull.mu, state[1])


def _closing(state: np.ndarray, pull: Rockets) -> tuple[np.ndarray, np.ndarray]:
    """The rate of each distance times the distance: below 0 on the way in."""
    out = state[0] * state[2] + state[1] * state[3]
    return out + pull.mu * state[2], out - (1 - pull.mu) * state[2]


def _search(series: np.ndarray, step: np.ndarray, before: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """The time (n,) within the step up to which `before` holds, found by halving."""
    low, high = np.zeros_like(step), step.copy()
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        early = before(at(series, middle))
        low, high = np.where(early, middle, low), np.where(early, high, middle)
    return high
