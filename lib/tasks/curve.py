"""One quantity follows from another, y = f(x): seen in a window, asked up to five half-widths from its middle.

A question is a row (x,), the answer one number. The laws are formulas (lib.formulas), listed here or typed by a
visitor; `Planets` asks for measured periods of orbits instead.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from lib import formulas
from lib.core import Axis, Span
from lib.formulas import Tree

LISTED: dict[str, tuple[str, Span]] = {
    "line": ("2x+1", (-2.0, 2.0)),
    "absolute": ("|x|", (-2.0, 2.0)),
    "square": ("x^2", (-2.0, 2.0)),
    "sine": ("sin(3x)", (-2.0, 2.0)),
    "sinc": ("sinc(pi x)", (-2.0, 2.0)),
    "step": ("sign(x)", (-2.0, 2.0)),
    "chirp": ("sin(x^2)", (-2.0, 2.0)),
    "spring": ("exp(-x/4)cos(3x)", (0.0, 4.0)),
}
"""Laws by name: formula, and the window that is seen. The spring is damped and let go at x = 0, a time."""

HOLES: dict[str, tuple[Span, ...]] = {"none": (), "one": ((-0.4, 0.4),), "two": ((-0.8, -0.2), (0.2, 0.8))}
"""What may be left out of the window, in half-widths from its middle."""

FAR = 5.0  # half-widths
INSIDE, OUTSIDE = 0.2, 0.25  # steps between exam values within the window and beyond
LOOKED = 1001  # places of the window at which a formula must have a value, and its spread is taken
PER_STEP = 65  # places of a step beyond the window at which it must have one
WIDEST = 1e6  # ends of a window stay within


@dataclass(frozen=True)
class Curves:
    """The curve of a formula. The axis is the distance from the middle of the window in half-widths, below it negative.

    law: one of LISTED, or "" for `formula`, as a visitor typed it. holes: one of HOLES; nothing is seen in them.
    window: the x that are seen, None: the law's own, or -2 to 2.
    An exam value asks for the x between the one before it, seen from the middle, and itself. The exam ends on either
    side where the formula has no value. What is asked in holes is in `gaps` instead: far from what was seen, too, but
    no extrapolation.
    Raises FormulaError if the formula cannot be read, has no value somewhere in the window, or has none beyond it;
    ValueError for other settings out of bounds.
    """

    law: str = "sine"
    formula: str = ""
    window: Span | None = None
    holes: str = "none"

    def __post_init__(self) -> None:
        if self.law and self.law not in LISTED:
            raise ValueError(f"law: got {self.law!r}, choose one of {', '.join(LISTED)}, or none and a formula")
        if self.holes not in HOLES:
            raise ValueError(f"holes: got {self.holes!r}, choose one of {', '.join(HOLES)}")
        low, high = self.seen
        if not -WIDEST <= low < high <= WIDEST or high - low < 1 / WIDEST:
            raise ValueError(f"window: got {low} to {high}, choose two ascending numbers within ±{WIDEST:g}")
        formulas.values(self.tree, self._grid, self.text)
        _ = self.axis

    @property
    def text(self) -> str:
        """The formula as it was typed, or as it is listed."""
        return LISTED[self.law][0] if self.law else self.formula

    @cached_property
    def tree(self) -> Tree:
        return formulas.read(self.text)

    @property
    def seen(self) -> Span:
        """The window, holes and all."""
        if self.window is not None:
            return self.window
        return LISTED[self.law][1] if self.law else (-2.0, 2.0)

    @cached_property
    def axis(self) -> Axis:
        within, reach = _steps(0.0, 1.0, INSIDE), [self._reach(side) for side in (-1, 1)]
        below, above = (_steps(1.0, end, OUTSIDE) for end in reach)
        exam = (*(-at for at in reversed([*within, *below])), *within, *above)
        if not below and not above:
            edge = self.seen[1] + OUTSIDE * self.half
            formulas.values(self.tree, np.linspace(self.seen[1], edge, PER_STEP), self.text)  # says why
        asked = tuple(at for at in exam if not self._in_hole(at))
        return Axis("distance", "", (-1.0, 1.0), asked, 1 if above else -1)

    @property
    def gaps(self) -> tuple[float, ...]:
        """The values of the axis, ascending, whose questions lie in holes."""
        within = _steps(0.0, 1.0, INSIDE)
        return tuple(at for at in (*(-at for at in reversed(within)), *within) if self._in_hole(at))

    @property
    def half(self) -> float:
        """Half the width of the window, the unit of the axis."""
        return (self.seen[1] - self.seen[0]) / 2

    @cached_property
    def spread(self) -> float:
        """The standard deviation of the truth over what is seen; where it never changes its size, or 1 if it is 0.

        The unit of errors, and of noise.
        """
        y = formulas.values(self.tree, self._grid[self._shown(self._grid)], self.text)
        size = float(np.abs(y).max())
        return float(y.std()) if y.std() > 1e-12 * size else size or 1.0

    def x(self, at: np.ndarray) -> np.ndarray:
        """Places on the axis -> x."""
        return sum(self.seen) / 2 + self.half * np.asarray(at, float)

    def sample(self, at: float, n: int, rng: np.random.Generator) -> np.ndarray:
        """(n, 1) questions evenly from the step that ends at `at`, whose inner end is left out."""
        step = INSIDE if abs(at) <= 1 else OUTSIDE
        distance = abs(at) - step * rng.uniform(0, 1, n)
        return self.x(math.copysign(1, at) * distance)[:, None]

    def training_sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """(n, 1) questions evenly from the window without its holes."""
        at = rng.uniform(-1, 1 - sum(high - low for low, high in HOLES[self.holes]), n)
        for low, high in HOLES[self.holes]:
            at = np.where(at >= low, at + high - low, at)
        return self.x(at)[:, None]

    def truth(self, x: np.ndarray) -> np.ndarray:
        """(n, 1) questions -> (n,) answers. Raises FormulaError where the formula has no value."""
        return formulas.values(self.tree, np.asarray(x, float)[:, 0], self.text)

    def error(self, answer: np.ndarray, y: np.ndarray) -> np.ndarray:
        """How far off, in spreads of what is seen; no number is infinitely far off."""
        return np.where(np.isfinite(answer), np.abs(answer - y), np.inf) / self.spread

    @cached_property
    def _grid(self) -> np.ndarray:
        return np.linspace(*self.seen, LOOKED)

    def _shown(self, x: np.ndarray) -> np.ndarray:
        at = (x - sum(self.seen) / 2) / self.half
        return ~np.any([(low < at) & (at < high) for low, high in HOLES[self.holes]] or [at > 2], axis=0)

    def _in_hole(self, at: float) -> bool:
        middle = at - math.copysign(INSIDE / 2, at)
        return any(low < middle < high for low, high in HOLES[self.holes])

    def _reach(self, side: int) -> float:
        """How far the formula has a value everywhere, in steps from the window's edge."""
        end = 1.0
        while end < FAR and formulas.defined(self.tree, self.x(side * np.linspace(end, end + OUTSIDE, PER_STEP))).all():
            end += OUTSIDE
        return end


def _steps(low: float, high: float, step: float) -> list[float]:
    """From low, left out, to high."""
    return [round(low + step * k, 9) for k in range(1, round((high - low) / step) + 1)]


class Orbit(NamedTuple):
    """Semi-major axis [au] and period [years]."""

    axis: float
    period: float


BODIES: dict[str, Orbit] = {
    "Mercury": Orbit(0.38709927, 0.2408467),
    "Venus": Orbit(0.72333566, 0.61519726),
    "Earth": Orbit(1.00000261, 1.0000174),
    "Mars": Orbit(1.52371034, 1.8808476),
    "Jupiter": Orbit(5.20288700, 11.862615),
    "Saturn": Orbit(9.53667594, 29.447498),
    "Halley": Orbit(17.834, 75.32),
    "Uranus": Orbit(19.18916464, 84.016846),
    "Neptune": Orbit(30.06992276, 164.79132),
    "Pluto": Orbit(39.48211675, 247.92065),
    "Eris": Orbit(67.864, 559.07),
}
"""What goes round the Sun, from the inside out.

Planets and Pluto: semi-major axes of E. M. Standish, Keplerian Elements for Approximate Positions of the Major Planets
(JPL Solar System Dynamics, table 1, J2000, 1800 to 2050 AD); sidereal periods of JPL's Planetary Physical Parameters.
Halley's comet and Eris: osculating elements of JPL's Small-Body Database (1P epoch 1994; 136199 epoch 2020). Their
periods follow from the axes by Kepler's third law: Eris has not yet been seen to go round, and the comet's last returns
were 74 and 76 years apart, since Jupiter pulls at it.
"""


@dataclass(frozen=True)
class Planets:
    """How long a body takes round the Sun [years], from the semi-major axis of its orbit [au]: measured, no formula.

    first, last: the bodies that are seen, and all between them in the order of their axes. The exam is every body.
    The noise of a learner is relative to the period, and so is the error. Raises ValueError for a cut without two
    bodies inside, or none beyond.
    """

    first: str = "Mercury"
    last: str = "Mars"

    def __post_init__(self) -> None:
        for name, got in (("first", self.first), ("last", self.last)):
            if got not in BODIES:
                raise ValueError(f"{name}: got {got!r}, choose one of {', '.join(BODIES)}")
        if not 2 <= len(self.shown) < len(BODIES):
            raise ValueError(f"first, last: got {self.first} to {self.last}, choose at least two bodies, and not all")

    @property
    def shown(self) -> tuple[str, ...]:
        """The bodies that are seen."""
        names = list(BODIES)
        return tuple(names[names.index(self.first) : names.index(self.last) + 1])

    @property
    def axis(self) -> Axis:
        exam = tuple(orbit.axis for orbit in BODIES.values())
        train = BODIES[self.first].axis, BODIES[self.last].axis
        return Axis("orbit", "au", train, exam, 1 if train[1] < exam[-1] else -1, logarithmic=True)

    def sample(self, at: float, n: int, rng: np.random.Generator) -> np.ndarray:  # noqa: ARG002
        """(n, 1) times the same question: there is one body at an axis."""
        return np.full((n, 1), at)

    def training_sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """(n, 1) semi-major axes: every body that is seen in turn, shuffled."""
        axes = np.array([BODIES[name].axis for name in self.shown])
        return rng.permutation(np.resize(axes, n))[:, None]

    def truth(self, x: np.ndarray) -> np.ndarray:
        """(n, 1) semi-major axes of BODIES -> (n,) periods. Raises ValueError for an axis at which there is no body."""
        axes, periods = np.array(list(BODIES.values())).T
        at = np.asarray(x, float)[:, 0]
        place = np.abs(at[:, None] - axes).argmin(axis=1)
        if (wrong := axes[place] != at).any():
            raise ValueError(f"x: no body has the semi-major axis {at[wrong][0]:g} au, choose one of BODIES")
        return periods[place]

    def error(self, answer: np.ndarray, y: np.ndarray) -> np.ndarray:
        """How far off, as a fraction of the true period; no number is infinitely far off."""
        return np.where(np.isfinite(answer), np.abs(answer - y), np.inf) / y
