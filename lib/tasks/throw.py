"""How far does a rocket without an engine fly? A throw over flat ground, on any body of the solar system.

A question is a row (speed [m/s], angle [rad], gravity [m/s²], drag coefficient k [1/m]) with speed, gravity > 0,
0 < angle < π/2 and k >= 0; the answer is the range [m]. Newton's law: acceleration = -gravity - k |v| v, so that drag
grows with the square of the speed (k = ρ·c·A / 2m). Without drag the path is a parabola and the range v² sin 2θ / g.

With drag, length in units of v²/g and time in units of v/g leave two numbers of the four: the angle θ and
κ = k v² / g, drag over weight at launch. The range is (v²/g)·F(θ, κ). F was solved once on a grid of (θ, κ), which lies
in assets/throw/drag.npz; `python -m lib.tasks.throw` makes it anew (about 12 s).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from lib.core import Axis

# scipy is imported where it solves something, so that pages can read BODIES without it.

BODIES: dict[str, float] = {
    "Mercury": 3.70,
    "Venus": 8.87,
    "Earth": 9.81,
    "Moon": 1.62,
    "Mars": 3.71,
    "Jupiter": 24.79,
    "Saturn": 10.44,
    "Titan": 1.35,
    "Uranus": 8.87,
    "Neptune": 11.15,
    "Pluto": 0.62,
}
"""Surface gravity [m/s²] = GM/R² at the equator (gas planets: at 1 bar), rotation left out.

GM: JPL, DE440 and the satellite ephemerides (NAIF gm_de440.tpc; Park et al. 2021, AJ 161:105). R: IAU working group on
cartographic coordinates 2015 (Archinal et al. 2018, CMDA 130:22). Earth alone deviates: 9.81 is the usual standard
gravity (9.80665, CGPM 1901); GM/R² gives 9.80.
"""

Leave = Literal["gravity", "speed", "angle"]

NARROW: dict[Leave, tuple[float, float]] = {"gravity": (8.0, 12.0), "speed": (10.0, 30.0), "angle": (20.0, 50.0)}
"""What a learner sees of the axis at coverage 0: Earth and its like, a ball thrown by hand, a low to middling throw."""

ASIDE: dict[Leave, tuple[float, float]] = {**NARROW, "angle": (20.0, 70.0)}
"""Where a feature is drawn from, in training and exam alike, while another one is the axis."""

EXAM: dict[Leave, tuple[float, ...]] = {
    "gravity": tuple(sorted({*BODIES.values(), *np.r_[1, 2, 2.5, 3, 4.5, 5.5, 6.5, 7.5, 8, 12:23:2].tolist()})),
    "speed": tuple(map(float, range(10, 91, 4))),
    "angle": tuple(np.arange(5.0, 86.0, 2.5).tolist()),
}

UNITS: dict[Leave, str] = {"gravity": "m/s²", "speed": "m/s", "angle": "°"}

TABLE = Path(__file__).parents[2] / "assets" / "throw" / "drag.npz"
STEEPNESS = np.linspace(-1, 1, 48) * np.log(np.tan(np.radians(88)))  # ln tan θ, from 2° to 88°
HEAVINESS = np.linspace(0, np.log1p(1000), 48)  # ln(1 + κ); 0.05/m at 90 m/s on Pluto is κ = 653


@dataclass(frozen=True)
class Throws:
    """Throws that leave the training data along one axis: outwards to weak gravity, high speed or steep angle.

    leave: the axis. coverage: 0 = its narrow training range, each end moving linearly to that of the exam.
    drag: questions draw k [1/m] evenly from [0, drag]; 0 = vacuum.
    Raises ValueError if a setting lies outside its bounds.
    """

    leave: Leave = "gravity"
    coverage: float = 0.0
    drag: float = 0.0

    def __post_init__(self) -> None:
        if self.leave not in NARROW:
            raise ValueError(f"leave: got {self.leave!r}, choose one of {', '.join(NARROW)}")
        if not 0 <= self.coverage <= 0.9:
            raise ValueError(f"coverage: got {self.coverage}, choose a number from 0 to 0.9")
        if not 0 <= self.drag < np.inf:
            raise ValueError(f"drag: got {self.drag}, choose a finite number from 0 1/m")

    @property
    def axis(self) -> Axis:
        """Training ends closer to the end of the exam the larger the coverage is, but never reaches it."""
        (lo, hi), exam = NARROW[self.leave], EXAM[self.leave]
        train = lo + self.coverage * (exam[0] - lo), hi + self.coverage * (exam[-1] - hi)
        return Axis(self.leave, UNITS[self.leave], train, exam, -1 if self.leave == "gravity" else 1)

    def sample(self, at: float, n: int, rng: np.random.Generator) -> np.ndarray:
        """(n, 4) questions with the axis at `at` (in its unit, angles in degrees), all else drawn from ASIDE."""
        return self._draw((at, at), n, rng)

    def training_sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """(n, 4) questions with the axis drawn evenly from training, all else from ASIDE."""
        return self._draw(self.axis.train, n, rng)

    def truth(self, x: np.ndarray) -> np.ndarray:
        """(n, 4) questions -> (n,) ranges [m]: exact in vacuum, within 1e-6 of the solved motion with drag."""
        speed, angle, gravity, k = np.asarray(x, float).T
        return speed**2 / gravity * reach(angle, k * speed**2 / gravity)

    def error(self, answer: np.ndarray, y: np.ndarray) -> np.ndarray:
        """How far off, as a fraction of the true range; for each throw."""
        return np.abs(answer - y) / y

    def flight(self, x: np.ndarray, points: int = 60) -> np.ndarray:
        """The true path of one question (4,): (points, 2) places (x, y) [m], evenly in time from launch to ground."""
        speed, angle, gravity, k = map(float, x)
        motion = solve(angle, k * speed**2 / gravity)
        path = motion.sol(np.linspace(0, motion.t_events[0][0], points))[:2].T
        return speed**2 / gravity * path

    def _draw(self, span: tuple[float, float], n: int, rng: np.random.Generator) -> np.ndarray:
        spans = {**ASIDE, self.leave: span}
        speed, angle, gravity = (rng.uniform(*spans[name], n) for name in ("speed", "angle", "gravity"))
        return np.column_stack([speed, np.radians(angle), gravity, rng.uniform(0, self.drag, n)])


def reach(angle: np.ndarray, kappa: np.ndarray) -> np.ndarray:
    """F(θ, κ), the range in units of v²/g. Vacuum by formula, inside the table by spline, elsewhere solved one by one.

    angle: (n,) [rad]. kappa: (n,) k v² / g. Returns (n,).
    """
    vacuum, steepness, heaviness = np.sin(2 * angle), np.log(np.tan(angle)), np.log1p(kappa)
    share, air = np.ones_like(vacuum), kappa > 0
    tabled = air & (np.abs(steepness) <= STEEPNESS[-1]) & (heaviness <= HEAVINESS[-1])
    if tabled.any():
        share[tabled] = np.exp(_spline()(steepness[tabled], heaviness[tabled]))
    for i in np.flatnonzero(air & ~tabled):
        share[i] = _share(angle[i], kappa[i])
    return vacuum * share


def solve(angle: float, kappa: float) -> Any:
    """One throw from launch to ground in units of v²/g and v/g, as solve_ivp's result; states are (x, y, vx, vy).

    Dormand and Prince's method of order 8 (Hairer, Nørsett, Wanner, Solving ODEs I, 1993, sec. II.5), rtol 1e-12.
    """
    from scipy.integrate import solve_ivp

    def slope(_: float, state: np.ndarray) -> tuple[float, ...]:
        drag = kappa * np.hypot(state[2], state[3])
        return state[2], state[3], -drag * state[2], -1 - drag * state[3]

    def ground(_: float, state: np.ndarray) -> float:
        return state[1]

    ground.terminal, ground.direction = True, -1  # pyright: ignore[reportFunctionMemberAccess]
    start = (0.0, 0.0, np.cos(angle), np.sin(angle))
    # Drag only shortens a flight, and without it none lasts longer than 2.
    return solve_ivp(slope, (0, 2.1), start, "DOP853", dense_output=True, events=ground, rtol=1e-12, atol=1e-15)


def tabulate(steepness: np.ndarray, heaviness: np.ndarray) -> np.ndarray:
    """(len(steepness), len(heaviness)) logarithms of F(θ, κ) / sin 2θ, each solved."""
    angles, kappas = np.arctan(np.exp(steepness)), np.expm1(heaviness)
    return np.log([[_share(angle, kappa) for kappa in kappas] for angle in angles])


def _share(angle: float, kappa: float) -> float:
    """What drag leaves of the vacuum range."""
    return solve(angle, kappa).y_events[0][0][0] / np.sin(2 * angle)


@cache
def _spline() -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    from scipy.interpolate import RectBivariateSpline

    with np.load(TABLE, allow_pickle=False) as table:
        return RectBivariateSpline(STEEPNESS, HEAVINESS, table["log_share"], kx=5, ky=5).ev


if __name__ == "__main__":
    np.savez_compressed(TABLE, log_share=tabulate(STEEPNESS, HEAVINESS))
