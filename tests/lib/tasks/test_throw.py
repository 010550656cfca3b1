import subprocess
import sys
from collections.abc import Callable
from itertools import product
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad, solve_ivp
from scipy.optimize import root_scalar

from lib.tasks.throw import ASIDE, BODIES, EXAM, HEAVINESS, NARROW, STEEPNESS, TABLE, Leave, Throws, solve, tabulate

LEAVES: tuple[Leave, ...] = get_args(Leave)
COLUMN: dict[Leave, int] = {"speed": 0, "angle": 1, "gravity": 2}

# GM [km³/s²]: NAIF gm_de440.tpc (JPL). Equatorial radius [km]: IAU WGCCRE 2015 (Archinal et al. 2018), pck00011.tpc.
GM_AND_RADIUS = {
    "Mercury": (22031.868551, 2440.53),
    "Venus": (324858.592, 6051.8),
    "Earth": (398600.435507, 6378.1366),
    "Moon": (4902.800118, 1737.4),
    "Mars": (42828.373621, 3396.19),
    "Jupiter": (126686531.900370, 71492.0),
    "Saturn": (37931206.234362, 60268.0),
    "Titan": (8978.137096, 2575.15),
    "Uranus": (5793951.256527, 25559.0),
    "Neptune": (6835103.145462, 24764.0),
    "Pluto": (869.613818, 1188.3),
}


def anywhere(n: int, rng: np.random.Generator) -> np.ndarray:
    """Throws from the whole reach of all three axes at once, light air and heavy air alike."""
    speed, angle, gravity = (rng.uniform(EXAM[name][0], EXAM[name][-1], n) for name in COLUMN)
    return np.column_stack([speed, np.radians(angle), gravity, 0.05 * 10 ** rng.uniform(-5, 0, n)])


def solved(x: np.ndarray) -> float:
    """The range by solve_ivp in metres and seconds, apart from the task's own units and solver settings."""
    speed, angle, gravity, k = x

    def slope(_: float, s: np.ndarray) -> list[float]:
        v = (s[2] ** 2 + s[3] ** 2) ** 0.5
        return [s[2], s[3], -k * v * s[2], -gravity - k * v * s[3]]

    def height(_: float, s: np.ndarray) -> float:
        return s[1]

    height.terminal, height.direction = True, -1  # pyright: ignore[reportFunctionMemberAccess]
    start = [0, 0, speed * np.cos(angle), speed * np.sin(angle)]
    motion = solve_ivp(slope, (0, 3 * speed / gravity), start, "DOP853", events=height, rtol=1e-11, atol=1e-12)
    return motion.y_events[0][0][0]


def hodograph(x: np.ndarray) -> float:
    """The range by quadrature over p = tan(direction of motion): no differential equation is solved.

    1/vx² = 1/vx0² + (k/g)·(A(p0) - A(p)) with A(p) = p·sqrt(1 + p²) + asinh p; dx = -vx² dp/g, dy = -vx² p dp/g.
    """
    speed, angle, gravity, k = x
    start = np.tan(angle)

    def square(p: float) -> float:
        arc = start * np.hypot(1, start) + np.arcsinh(start) - p * np.hypot(1, p) - np.arcsinh(p)
        return 1 / ((speed * np.cos(angle)) ** -2 + k / gravity * arc)

    def whole(what: Callable[[float], float], lo: float, hi: float) -> float:
        return quad(what, lo, hi, epsabs=0, epsrel=1e-12, limit=200)[0]

    def height(p: float) -> float:
        return whole(lambda q: q * square(q), 0, start) - whole(lambda q: q * square(q), 0, p)

    landing = root_scalar(height, bracket=(-1e4 * start, -start / 2), xtol=1e-13, rtol=1e-13).root
    return (whole(square, 0, start) + whole(square, landing, 0)) / gravity


def test_gravities_follow_from_mass_and_radius() -> None:
    computed = {name: round(gm / radius**2 * 1000, 2) for name, (gm, radius) in GM_AND_RADIUS.items()}
    assert {**computed, "Earth": 9.81} == BODIES
    assert computed["Earth"] == 9.80  # the one deviation that the docstring owns up to


@given(st.sampled_from(LEAVES), st.floats(0, 0.9))
@settings(deadline=None)
def test_the_exam_leaves_training_at_every_coverage(leave: Leave, coverage: float) -> None:
    axis = Throws(leave, coverage).axis
    assert axis.exam[-1] > axis.train[1] if axis.outward > 0 else axis.exam[0] < axis.train[0]
    assert any(axis.seen(at) for at in axis.exam)


@given(st.sampled_from(LEAVES), st.floats(0, 0.9), st.floats(0, 0.9))
@settings(deadline=None)
def test_more_coverage_never_shows_less(leave: Leave, one: float, other: float) -> None:
    less, more = (Throws(leave, c).axis.train for c in sorted((one, other)))
    assert more[0] <= less[0] < less[1] <= more[1]


@pytest.mark.parametrize("leave", LEAVES)
def test_no_coverage_is_the_narrow_range(leave: Leave) -> None:
    assert Throws(leave).axis.train == NARROW[leave]
    assert Throws(leave, 0.5).axis.train == pytest.approx(np.add(NARROW[leave], (EXAM[leave][0], EXAM[leave][-1])) / 2)


def test_every_body_is_in_the_gravity_exam() -> None:
    axis = Throws("gravity").axis
    assert set(BODIES.values()) <= set(axis.exam)
    assert (axis.exam[0], axis.exam[-1], axis.outward) == (BODIES["Pluto"], BODIES["Jupiter"], -1)


@pytest.mark.parametrize(
    "wrong", [{"leave": "mass"}, {"coverage": 0.91}, {"coverage": np.nan}, {"drag": -0.01}, {"drag": np.inf}]
)
def test_settings_out_of_bounds_are_refused_by_name(wrong: dict) -> None:
    with pytest.raises(ValueError, match=f"^{next(iter(wrong))}: got"):
        Throws(**wrong)


@pytest.mark.parametrize(("leave", "coverage", "drag"), list(product(LEAVES, (0.0, 0.5, 0.9), (0.0, 0.05))))
def test_questions_stay_in_their_ranges(leave: Leave, coverage: float, drag: float) -> None:
    task = Throws(leave, coverage, drag)
    shown = task.training_sample(2000, np.random.default_rng(0))
    spans: dict[Leave, tuple[float, float]] = {**ASIDE, leave: task.axis.train}
    for name, (lo, hi) in spans.items():
        value = np.degrees(shown[:, 1]) if name == "angle" else shown[:, COLUMN[name]]
        assert lo - 1e-9 <= value.min() < lo + 0.01 * (hi - lo)
        assert hi - 0.01 * (hi - lo) < value.max() <= hi + 1e-9
    assert 0.99 * drag <= shown[:, 3].max() <= drag
    assert 0 <= shown[:, 3].min() <= 0.01 * drag


@pytest.mark.parametrize("leave", LEAVES)
def test_a_sample_asks_at_one_value_and_otherwise_as_training_does(leave: Leave) -> None:
    task, at = Throws(leave, drag=0.02), EXAM[leave][-1]
    x, shown = task.sample(at, 50, np.random.default_rng(3)), task.training_sample(50, np.random.default_rng(3))
    assert np.all(x[:, COLUMN[leave]] == (np.radians(at) if leave == "angle" else at))
    others = [i for i in range(4) if i != COLUMN[leave]]
    assert np.array_equal(x[:, others], shown[:, others])


def test_vacuum_ranges() -> None:
    x = anywhere(40, np.random.default_rng(1)) * [1, 1, 1, 0]
    assert Throws().truth(x) == pytest.approx([solved(row) for row in x], rel=1e-9)
    assert Throws().truth(np.array([[10, np.pi / 4, 9.81, 0]])) == pytest.approx([100 / 9.81], rel=1e-15)


def test_ranges_with_drag_are_those_of_the_solved_motion() -> None:
    x = anywhere(250, np.random.default_rng(2))
    assert Throws().truth(x) == pytest.approx([solved(row) for row in x], rel=1e-6)


@pytest.mark.parametrize("k", [1e-4, 0.01, 0.05])
@pytest.mark.parametrize("angle", [5, 45, 85])
def test_ranges_with_drag_are_those_of_the_hodograph(angle: float, k: float) -> None:
    x = np.array([90, np.radians(angle), 0.62, k])
    range_ = 90**2 / 0.62 * solve(x[1], k * 90**2 / 0.62).y_events[0][0][0]
    assert range_ == pytest.approx(hodograph(x), rel=1e-10)


def test_questions_off_the_table_are_solved() -> None:
    off = np.array([[90, 0.8, 0.62, 0.5], [30, np.radians(1), 9.81, 0.02], [30, np.radians(89), 9.81, 0.02]])
    mixed = np.vstack([off, anywhere(3, np.random.default_rng(0))])
    assert Throws().truth(mixed)[:3] == pytest.approx([solved(row) for row in off], rel=1e-9)


def test_the_shipped_table_is_the_one_that_is_made_here() -> None:
    rows, columns = [0, 20, 47], [0, 1, 25, 47]
    with np.load(TABLE, allow_pickle=False) as table:
        shipped = table["log_share"]
    assert shipped.shape == (len(STEEPNESS), len(HEAVINESS))
    made = tabulate(STEEPNESS[rows], HEAVINESS[columns])
    np.testing.assert_allclose(shipped[np.ix_(rows, columns)], made, rtol=0, atol=1e-10)


@given(st.floats(10, 90), st.floats(0.09, 1.48), st.floats(0.62, 24.79), st.floats(0.001, 0.05))
@settings(deadline=None)
def test_air_always_costs_range(speed: float, angle: float, gravity: float, k: float) -> None:
    more, some, vacuum = Throws().truth(np.array([[speed, angle, gravity, air] for air in (k, k / 2, 0)]))
    assert 0 < more < some < vacuum


def test_error_is_a_fraction_of_the_range_for_every_seed() -> None:
    y = np.array([10.0, 20.0])
    error = Throws().error(np.array([[10, 20], [11, 15]]), y)
    assert error == pytest.approx(np.array([[0, 0], [0.1, 0.25]]))


@pytest.mark.parametrize("k", [0, 0.003, 0.05])
def test_a_flight_goes_from_launch_to_its_range(k: float) -> None:
    x = np.array([30, np.radians(40), 9.81, k])
    path = Throws().flight(x, points=31)
    assert path.shape == (31, 2)
    assert path[0] == pytest.approx([0, 0])
    assert path[-1] == pytest.approx([Throws().truth(x[None])[0], 0], rel=1e-6, abs=1e-9)
    assert np.all(path[1:-1, 1] > 0)
    assert np.all(np.diff(path[:, 0]) > 0)


def test_a_flight_in_vacuum_is_a_parabola() -> None:
    along, up = Throws().flight(np.array([20, np.radians(60), 1.62, 0])).T
    assert up == pytest.approx(np.tan(np.radians(60)) * along - 1.62 * along**2 / (2 * 10**2), abs=1e-9)


def test_bodies_can_be_read_without_scipy() -> None:
    check = "import sys, lib.tasks.throw; sys.exit('scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check]).returncode == 0
