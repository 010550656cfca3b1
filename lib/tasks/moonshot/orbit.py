"""How close does a rocket come to the Moon? One burn out of a circular orbit round the Earth decides it.

A launch is a row (speed [km/s], phase [°]): the speed after the burn, along the orbit, and where on the orbit it burns,
counted from the line from Earth to Moon in the direction in which both the Moon and the rocket go round. The answer is
the altitude of the closest approach [km]. If the ground was in the way it is negative: how deep under the ground the
path would have led, by Kepler's laws from place and speed at the impact.

Earth and Moon go round on circles (see threebody). GM: JPL, DE440 and the satellite ephemerides (NAIF gm_de440.tpc;
Park et al. 2021, AJ 161:105; Phobos: mar097). Radii: IAU working group on cartographic coordinates 2015 (Archinal et
al. 2018, CMDA 130:22), the Moon's and Phobos's mean ones. Distances: the usual mean ones of the Moon, 384,400 km, and
of Phobos, 9,376 km. A real flight meets the Sun, the planets, bodies that are no points and orbits that are no circles.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from lib.core import Axis
from lib.tasks.moonshot.threebody import LEFT, STRUCK, Flights, Rockets, fly

DAY = 86400.0
LASTS = 1.2  # of the time in which the slowest transfer arrives: six days to the Moon


@dataclass(frozen=True)
class World:
    """A large body with a small one going round it: GM [km³/s²], radii and distance [km], and the rocket's orbit [km].

    parking: altitude of the orbit that the rocket burns out of.
    """

    heavy: float
    light: float
    distance: float
    heavy_radius: float
    light_radius: float
    parking: float

    @property
    def share(self) -> float:
        """The small body's share of the mass, μ."""
        return self.light / (self.heavy + self.light)

    @property
    def second(self) -> float:
        """A second in units in which the bodies go round in 2π."""
        return ((self.heavy + self.light) / self.distance**3) ** 0.5

    @property
    def orbit(self) -> float:
        """The radius of the parking orbit [km]."""
        return self.heavy_radius + self.parking

    @cached_property
    def speeds(self) -> tuple[float, float, float]:
        """Circular, just reaching the small body's distance, and escape [km/s], at the parking orbit (vis-viva)."""
        round_, far = self.heavy / self.orbit, self.orbit + self.distance
        return round_**0.5, (2 * round_ * self.distance / far) ** 0.5, (2 * round_) ** 0.5

    @property
    def lasts(self) -> float:
        """How long flights are followed [s]."""
        return LASTS * np.pi * ((self.orbit + self.distance) ** 3 / (8 * self.heavy)) ** 0.5

    @property
    def box(self) -> np.ndarray:
        """(2, 2) the lowest and the highest speed and phase of a launch that is worth a try."""
        _, reach, escape = self.speeds
        return np.array([[reach, 0.0], [escape, 360.0]])

    def legal(self, burns: np.ndarray) -> np.ndarray:
        """(n, 2) burns moved to the nearest that can be, from circular to escape speed; no number is the least."""
        circular, _, escape = self.speeds
        speed, phase = np.array(burns, float).reshape(-1, 2).T
        speed = np.clip(np.where(np.isnan(speed), circular, speed), circular, escape)
        return np.column_stack([speed, np.where(np.isfinite(phase), phase, 0.0) % 360])


EARTH_MOON = World(398600.435507, 4902.800118, 384400.0, 6378.137, 1737.4, 200.0)
MARS_PHOBOS = World(42828.375, 7.087e-4, 9376.0, 3396.19, 11.08, 200.0)

Change = Literal["distance", "mass", "altitude", "planet"]
EXAM: dict[Change, tuple[float, ...]] = {
    "distance": (1.0, 1.01, 1.02, 1.05, 1.1, 1.2, 1.5, 2.0),
    "mass": (1.0, 1.02, 1.05, 1.1, 1.2, 1.5, 2.0, 4.0),
    "altitude": (0.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0),
    "planet": (0.0, 0.01, 0.03, 0.1, 0.25, 0.5, 0.75, 1.0),
}
UNITS: dict[Change, str] = {"distance": "×", "mass": "×", "altitude": "km", "planet": ""}


@dataclass(frozen=True)
class ModelError:
    """What the textbook does not know of one real world.

    thrust: the burn adds so much more speed than was ordered, as a fraction. push: a steady acceleration [km/s²] to the
    direction `side` [rad], counted at launch like a phase, such as sunlight's.
    """

    thrust: float = 0.0
    push: float = 0.0
    side: float = 0.0


@dataclass(frozen=True, eq=False)
class Observation:
    """What one learns from n launches, the same for everybody.

    altitude: (n,) of the closest approach [km], below 0 if the ground was in the way. day: (n,) when [d].
    ending: (n,) FLEW, STRUCK, FELL or LEFT. spin: (n,) angular momentum about the small body then [km²/s], above 0 if
    the rocket goes round it as it itself goes round the large one.
    """

    altitude: np.ndarray
    day: np.ndarray
    ending: np.ndarray
    spin: np.ndarray

    def columns(self) -> np.ndarray:
        """(n, 4) altitude, day, ending, spin: a copy, for contestants to do with as they please."""
        return np.column_stack([self.altitude, self.day, self.ending, self.spin])


@dataclass(frozen=True)
class Moonshots:
    """Launches to a Moon that changes along one axis: its distance, its mass, the altitude asked for, or into another
    pair of bodies, from Earth and Moon (0) to Mars and Phobos (1), every number by the same share of its logarithm.

    parking: altitude [km] of the orbit before the burn. target: altitude [km] asked for.
    """

    change: Change = "distance"
    parking: float = 200.0
    target: float = 100.0

    def __post_init__(self) -> None:
        if self.change not in EXAM:
            raise ValueError(f"change: got {self.change!r}, choose one of {', '.join(EXAM)}")

    @property
    def axis(self) -> Axis:
        """Learners see the world as it is; the exam changes it step by step."""
        exam = EXAM[self.change]
        return Axis(self.change, UNITS[self.change], (exam[0], exam[0]), exam)

    def world(self, at: float) -> World:
        """The bodies at one place of the axis."""
        real = replace(EARTH_MOON, parking=self.parking)
        if self.change == "distance":
            return replace(real, distance=real.distance * at)
        if self.change == "mass":
            return replace(real, light=real.light * at)
        return blend(real, replace(MARS_PHOBOS, parking=self.parking), at) if self.change == "planet" else real

    def wanted(self, at: float) -> float:
        """The altitude asked for at one place of the axis [km]."""
        return self.target + at if self.change == "altitude" else self.target

    def sample(self, at: float, n: int, rng: np.random.Generator) -> np.ndarray:
        """(n, 8) launches evenly from the box: speed [km/s], phase [°], then the world's numbers (see `numbers`)."""
        world = self.world(at)
        low, high = world.box
        return np.column_stack([rng.uniform(low, high, (n, 2)), np.tile(numbers(world), (n, 1))])

    def training_sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        return self.sample(self.axis.exam[0], n, rng)

    def truth(self, x: np.ndarray) -> np.ndarray:
        """(n, 8) launches -> (n,) altitudes of closest approach [km], within 1 km for flights that do not hit."""
        x = np.asarray(x, float)
        worlds = [World(*row) for row in x[:, 2:].tolist()]
        told, _ = launch(worlds, x[:, :2], [ModelError()] * len(x))
        return told.altitude

    def error(self, answer: np.ndarray, y: np.ndarray) -> np.ndarray:
        """How far off, in km."""
        return np.abs(answer - y)


def numbers(world: World) -> list[float]:
    """A world as the six numbers that a textbook has of it, in the order of its fields."""
    return [world.heavy, world.light, world.distance, world.heavy_radius, world.light_radius, world.parking]


def blend(one: World, other: World, share: float) -> World:
    """A world between two, in proportion of the logarithms."""
    return World(*(a ** (1 - share) * b**share for a, b in zip(numbers(one), numbers(other), strict=True)))


def launch(
    worlds: list[World], burns: np.ndarray, model_errors: list[ModelError], *, paths: bool = False
) -> tuple[Observation, np.ndarray]:
    """Launch n rockets at (n, 2) legal burns, each in its own world; also (n, steps, 3) day, x, y [km] of their paths.

    Paths are in the frame that turns with the bodies, from their common centre; without `paths` steps is 0.
    """
    columns = np.array([numbers(world) for world in worlds]).reshape(-1, 6).T
    heavy, light, distance, heavy_radius, light_radius, parking = columns
    share, second = light / (heavy + light), np.sqrt((heavy + light) / distance**3)
    thrust, push, side = np.array([(one.thrust, one.push, one.side) for one in model_errors]).reshape(-1, 3).T
    speed, phase = burns[:, 0], np.radians(burns[:, 1])
    orbit = heavy_radius + parking
    circular = np.sqrt(heavy / orbit)
    added = (speed - circular) * (1 + thrust)
    # The frame turns with the rocket's orbit, which takes its radius off the speed; Earth itself rests in it.
    along = (circular + added) / (distance * second) - orbit / distance
    lasts = np.array([world.lasts for world in worlds]) * second
    rockets = Rockets(
        orbit / distance * np.cos(phase) - share,
        orbit / distance * np.sin(phase),
        -along * np.sin(phase),
        along * np.cos(phase),
        share,
        heavy_radius / distance,
        light_radius / distance,
        lasts,
        push / (distance * second**2),
        side,
    )
    flown = fly(rockets, paths=paths)
    told = report(flown, share, light, distance, light_radius, second)
    lines = flown.paths / np.stack([second * DAY, 1 / distance, 1 / distance], -1)[:, None]
    return told, lines


def report(
    flown: Flights,
    share: np.ndarray,
    light: np.ndarray,
    distance: np.ndarray,
    radius: np.ndarray,
    second: np.ndarray,
) -> Observation:
    """What is told of flights in the turning frame; all other arrays (n,), of their worlds."""
    x, y, vx, vy = flown.near.T
    x, vx, vy = x - 1 + share, vx - y, vy + x - 1 + share  # as seen from the small body, in a frame that does not turn
    gap = np.hypot(x, y) * distance
    speed = np.hypot(vx, vy) * distance * second
    spin = (x * vy - y * vx) * distance**2 * second
    # Kepler: nearest distance = h² / (GM (1 + e)), with e² = 1 + 2 E h² / GM².
    energy = speed**2 / 2 - light / gap
    oval = np.sqrt(np.maximum(0, 1 + 2 * energy * (spin / light) ** 2))
    nearest = spin**2 / (light * (1 + oval))
    altitude = np.where(flown.ending == STRUCK, nearest, gap) - radius
    return Observation(altitude, flown.time / (second * DAY), flown.ending, spin)


__all__ = ["LEFT", "ModelError", "Moonshots", "Observation", "World", "launch"]
