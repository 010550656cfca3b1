"""A rocket to the Moon, reasoned out: a guess, a flight computed, a launch, one look at the miss, another launch.

    heavy, light   GM of Earth and Moon [km³/s²]           speed   after the burn [km/s]
    distance       of the two [km]                         phase   where on its orbit the rocket burns [°]
    parking        altitude of the orbit before [km]       thrust  what a burn adds, over what was ordered

Guess: half an ellipse from the orbit to beyond the Moon's (Hohmann 1925), timed so that the Moon is there. Compute: the
pull of both bodies in many short steps, and shoot again with another phase until the computed rocket passes where it
shall (Newton's method, with the slope taken from two shots). Launch. What the real rocket does differently is put down
to one unknown, the thrust: which one would have led to the pass that was seen? Order so much more, or less, and launch
again. Places are complex numbers: Earth and Moon go round the origin, which they share as their centre of mass.
"""

import cmath
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

BEYOND = 1.5  # how far the ellipse of the guess would lead, over the Moon's distance: fast enough to be steady
DAY = 86400.0
MISSES = 3  # after which one unknown will not explain the world


@dataclass(frozen=True)
class Step:
    """One step of the reasoning: 'guess', 'shot', 'plan', 'real' or 'correction'; what it says of a burn.

    altitude: of the closest approach [km]; day: when [d]; path: (points, 3) day, x, y [km], in the turning frame.
    """

    what: str
    speed: float
    phase: float
    altitude: float
    day: float
    thrust: float
    path: np.ndarray


@dataclass(frozen=True)
class Pass:
    """How a computed rocket passes the Moon: altitude [km], day, angular momentum [km²/s], speed, and the way there.

    fast: the speed that it has before the Moon pulls [km/s].
    """

    altitude: float
    day: float
    spin: float
    fast: float
    path: list[tuple[float, complex]]

    @property
    def aim(self) -> float:
        """How far beside the Moon it would pass if that did not pull [km], with the sign of the angular momentum."""
        return self.spin / self.fast


@dataclass(frozen=True)
class Navigator:
    """Launches (n, 8), a row of speed, phase and the world's six numbers each -> altitudes of closest approach [km].

    gravity_factor: the pull of the large body that it believes in, over the true one. step: of its integration, as a
    fraction of the time in which the pull changes.
    """

    gravity_factor: float = 1.0
    step: float = 0.05

    def __post_init__(self) -> None:
        if not (self.gravity_factor > 0 and 0 < self.step <= 0.5):
            raise ValueError(f"got {self}; choose a gravity_factor above 0 and a step above 0, up to 0.5")

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return np.array([self.model(*row[2:]).fly(row[0], row[1]).altitude for row in np.asarray(x, float).tolist()])

    def model(self, *numbers: float) -> "Model":
        """The world as it believes it to be."""
        heavy, *others = numbers
        return Model(heavy * self.gravity_factor, *others, step=self.step)

    def start(self, numbers: list[float], wanted: float, within: float) -> "Flight":
        """Play for a pass at the altitude `wanted`, give or take `within` [km], in a world of these six numbers."""
        return Flight(self.model(*numbers), wanted, within)


class Flight:
    """One mission: `ask` for the burn to launch, `tell` what came of it; `steps` holds the reasoning so far."""

    def __init__(self, model: "Model", wanted: float, within: float) -> None:
        self.model, self.wanted, self.within = model, wanted, within
        self.thrust, self.misses = 1.0, 0
        self.steps = list(thought_through(model, wanted))
        self.aimed = self.steps[-1]

    def ask(self) -> np.ndarray:
        """(1, 2) the burn that it orders next; after so many misses it has nothing more to say, and asks for none."""
        return self.order() if self.misses < MISSES else np.zeros((0, 2))

    def order(self) -> np.ndarray:
        """(1, 2) the planned burn, with what it believes of the thrust allowed for."""
        circular = self.model.circular
        return np.array([[circular + (self.aimed.speed - circular) / self.thrust, self.aimed.phase]])

    def tell(self, burns: np.ndarray, told: np.ndarray) -> None:
        """(1, 2) the burn as flown, (1, 4) altitude, day, ending, angular momentum. After a hit all stays as it is."""
        (speed, phase), (altitude, day, _, spin) = burns[0].tolist(), told[0].tolist()
        none = np.zeros((0, 3))
        self.steps.append(Step("real", speed, phase, altitude, day, self.thrust, none))
        if abs(altitude - self.wanted) > self.within:
            self.misses += 1
            self.thrust = self.model.thrust_behind(speed, phase, spin, self.thrust)
            ordered = float(self.order()[0, 0])
            self.steps.append(Step("correction", ordered, phase, self.wanted, day, self.thrust, none))


@dataclass(frozen=True)
class Model:
    """Earth, Moon and the rocket's orbit, as the program believes them to be."""

    heavy: float
    light: float
    distance: float
    heavy_radius: float
    light_radius: float
    parking: float
    step: float

    @property
    def orbit(self) -> float:
        return self.heavy_radius + self.parking

    @property
    def circular(self) -> float:
        return math.sqrt(self.heavy / self.orbit)

    @property
    def turn(self) -> float:
        """How fast the two go round [rad/s]."""
        return math.sqrt((self.heavy + self.light) / self.distance**3)

    def guess(self) -> tuple[float, float]:
        """Speed and phase from conic sections alone: the ellipse, and when it crosses the Moon's orbit, and where."""
        large = (self.orbit + BEYOND * self.distance) / 2
        oval = 1 - self.orbit / large
        speed = math.sqrt(self.heavy * (2 / self.orbit - 1 / large))
        anomaly = math.acos((1 - self.distance / large) / oval)
        seconds = (anomaly - oval * math.sin(anomaly)) * math.sqrt(large**3 / self.heavy)  # Kepler's equation
        swept = 2 * math.atan(math.sqrt((1 + oval) / (1 - oval)) * math.tan(anomaly / 2))
        return speed, math.degrees(self.turn * seconds - swept) % 360

    def shoot(self, wanted: float) -> Iterator[Step]:
        """From the guess to a burn that passes at the altitude wanted, by trying in the mind."""
        speed, phase = self.guess()
        first = self.fly(speed, phase)
        yield self.told("guess", speed, phase, first)
        nearest = wanted + self.light_radius
        tried: list[tuple[float, Pass]] = []

        def off(phase: float) -> float:
            one = self.fly(speed, phase)
            tried.append((phase, one))
            aim = math.sqrt(nearest**2 + 2 * self.light * nearest / one.fast**2)
            return one.aim - math.copysign(aim, first.spin)

        root(off, phase, 0.2, 1e-4 * nearest)
        for phase, one in tried[1:-1]:
            yield self.told("shot", speed, phase, one)
        yield self.told("plan", speed, *tried[-1])

    def thrust_behind(self, speed: float, phase: float, spin: float, before: float) -> float:
        """What the thrust must have been for a pass with this angular momentum; `before` is where to look first."""
        circular = self.circular

        def off(thrust: float) -> float:
            return self.fly(circular + (speed - circular) * thrust, phase).spin - spin

        return root(off, before, 1e-4, 1e-4 * abs(spin) + 1.0)

    def told(self, what: str, speed: float, phase: float, one: Pass) -> Step:
        path = [(t / DAY, z * cmath.exp(-1j * self.turn * t)) for t, z in one.path]
        return Step(what, speed, phase, one.altitude, one.day, 1.0, np.array([(t, z.real, z.imag) for t, z in path]))

    def fly(self, speed: float, phase: float) -> Pass:
        """The flight as far as the closest approach, or until it is too late for one."""
        share = self.light / (self.heavy + self.light)
        out = cmath.exp(1j * math.radians(phase))

        def pull(t: float, z: complex) -> complex:
            line = self.distance * cmath.exp(1j * self.turn * t)
            to_heavy, to_light = -share * line - z, (1 - share) * line - z
            return self.heavy * to_heavy / abs(to_heavy) ** 3 + self.light * to_light / abs(to_light) ** 3

        def seen(t: float, z: complex, v: complex) -> tuple[complex, complex]:
            """Place and velocity as seen from the Moon."""
            moon = (1 - share) * self.distance * cmath.exp(1j * self.turn * t)
            return z - moon, v - 1j * self.turn * moon

        t, z = 0.0, -share * self.distance + self.orbit * out
        v = -1j * self.turn * share * self.distance + 1j * out * speed
        late = 1.2 * math.pi * math.sqrt((self.orbit + self.distance) ** 3 / (8 * self.heavy))
        path, closing = [(t, z)], False
        while t < late:
            place, motion = seen(t, z, v)
            coming = (place.conjugate() * motion).real < 0
            if closing and not coming and abs(place) < self.distance / 2:
                break
            closing = coming
            earth = -share * self.distance * cmath.exp(1j * self.turn * t)
            pace = math.sqrt(self.heavy / abs(z - earth) ** 3) + math.sqrt(self.light / abs(place) ** 3)
            h = min(self.step / (pace + self.turn), late - t + 1e-9)
            z, v = runge_kutta(pull, t, z, v, h)
            t += h
            path.append((t, z))
        place, motion = seen(t, z, v)
        h = -(place.conjugate() * motion).real / abs(motion) ** 2 if t < late else 0.0  # back to the closest approach
        z, v = runge_kutta(pull, t, z, v, h)
        place, motion = seen(t + h, z, v)
        return self.passing(t + h, place, motion, [*path[:-1], (t + h, z)])

    def passing(self, t: float, place: complex, motion: complex, path: list[tuple[float, complex]]) -> Pass:
        """Kepler's laws about the Moon."""
        spin = (place.conjugate() * motion).imag
        energy = abs(motion) ** 2 / 2 - self.light / abs(place)
        oval = math.sqrt(max(0.0, 1 + 2 * energy * (spin / self.light) ** 2))
        nearest = min(spin**2 / (self.light * (1 + oval)), abs(place))
        return Pass(nearest - self.light_radius, t / DAY, spin, math.sqrt(2 * max(energy, 1e-6)), path)


@lru_cache(64)
def thought_through(model: Model, wanted: float) -> tuple[Step, ...]:
    """The plan for a world is the same whoever asks for it."""
    return tuple(model.shoot(wanted))


def runge_kutta(
    pull: Callable[[float, complex], complex], t: float, z: complex, v: complex, h: float
) -> tuple[complex, complex]:
    """Place and velocity h later (Nyström 1925: four looks at the pull)."""
    a = pull(t, z)
    b = pull(t + h / 2, z + h / 2 * v + h * h / 8 * a)
    c = pull(t + h, z + h * v + h * h / 2 * b)
    return z + h * v + h * h / 6 * (a + 2 * b), v + h / 6 * (a + 4 * b + c)


def root(off: Callable[[float], float], start: float, stride: float, enough: float) -> float:
    """Where `off` is 0, near start, by Newton's method with the slope of two tries; the last try if nowhere."""
    x, last = start, start + stride
    now, before = off(x), off(last)
    for _ in range(20):
        if abs(now) <= enough or now == before:
            break
        step = -now * (last - x) / (before - now)
        last, before = x, now
        x += math.copysign(min(abs(step), 50 * stride), step)
        now = off(x)
    return x
