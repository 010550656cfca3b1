"""Where a throw comes down, reasoned out from Newton's law. Nothing here was learned from throws.

    t        time since launch [s]                         speed    at launch [m/s]
    x, y     place, along the ground and above it [m]      angle    at launch, above the ground [rad]
    vx, vy   velocity [m/s]                                gravity  pulls down [m/s²]
    state    (t, x, y, vx, vy)                             k        what the air does [1/m]

The law: velocity changes by -gravity (downwards) and by -k·|v|·v (the air, against the motion). Without air the sum can
be done on paper, range = speed² sin(2·angle) / gravity. With air it cannot, so the program takes many short steps.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

Slope = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Ballistics:
    """Throws (n, 4), one (speed, angle, gravity, k) a row -> ranges (n,) [m].

    gravity_factor: the gravity that the program believes in, over the true one.
    feels_drag: False hides the air from it.
    step: the length of its steps, as a fraction of the time in which the motion changes.
    Raises ValueError if a setting makes no sense.
    """

    gravity_factor: float = 1.0
    feels_drag: bool = True
    step: float = 0.05

    def __post_init__(self) -> None:
        if not (self.gravity_factor > 0 and 0 < self.step <= 0.5):
            raise ValueError(f"got {self}; choose a gravity_factor above 0 and a step above 0, up to 0.5")

    def __call__(self, x: np.ndarray) -> np.ndarray:
        throws = self._believed(x)
        speed, angle, gravity, k = throws
        reach = speed**2 * np.sin(2 * angle) / gravity
        (landed,) = deque(fly(throws[:, k > 0], self.step), maxlen=1)
        reach[k > 0] = landed[1]
        return reach

    def trace(self, x: np.ndarray) -> Iterator[tuple[float, ...]]:
        """One throw (4,), step by step: its state (t, x, y, vx, vy) from the launch to the ground."""
        for state in fly(self._believed(np.asarray(x)[None]), self.step):
            yield tuple(state[:, 0].tolist())

    def _believed(self, x: np.ndarray) -> np.ndarray:
        speed, angle, gravity, k = np.asarray(x, float).T
        return np.array([speed, angle, gravity * self.gravity_factor, k * self.feels_drag])


def fly(throws: np.ndarray, step: float) -> Iterator[np.ndarray]:
    """Throws (4, n) side by side: states (5, n) until all are down, the last one exactly on the ground."""
    speed, angle, gravity, k = throws
    across, up, zero = speed * np.cos(angle), speed * np.sin(angle), np.zeros_like(speed)
    state = np.array([zero, zero, zero, across, up])

    def newton(state: np.ndarray) -> np.ndarray:
        """Change of the state per second."""
        _, _, _, vx, vy = state
        drag = k * np.hypot(vx, vy)
        return np.array([zero + 1, vx, vy, -drag * vx, -gravity - drag * vy])

    def per_metre(state: np.ndarray) -> np.ndarray:
        """Change of the state per metre of height."""
        return newton(state) / state[4]

    # Three clocks: the flight without air, the fall at constant speed in which air ends all motion, the braking now.
    pace = gravity / (2 * up) + np.sqrt(gravity * k)
    while (aloft := state[2] >= 0).any():
        yield state
        rate = pace + k * np.hypot(state[3], state[4])
        state = runge_kutta(newton, state, np.where(aloft, step / rate, 0))
    # The last step went below ground: go back up by just that height (Hénon 1982, Physica D 5, p. 412).
    yield runge_kutta(per_metre, state, -state[2])


def runge_kutta(slope: Slope, state: np.ndarray, h: np.ndarray) -> np.ndarray:
    """The state one step h further; halving h makes the error of a flight 16 times smaller (Kutta 1901)."""
    a = slope(state)
    b = slope(state + h / 2 * a)
    c = slope(state + h / 2 * b)
    d = slope(state + h * c)
    return state + h / 6 * (a + 2 * b + 2 * c + d)
