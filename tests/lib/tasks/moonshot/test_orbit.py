"""The restricted three-body problem: against scipy's integrator, Jacobi's constant and a published orbit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from lib.tasks.moonshot.orbit import EARTH_MOON, MARS_PHOBOS, ModelError, Moonshots, World, launch, numbers
from lib.tasks.moonshot.threebody import FELL, FLEW, LEFT, STRUCK, Rockets, jacobi, march

NEAR = np.array([[10.935, 227.0], [10.9466, 227.2], [10.92, 232.0], [10.96, 225.5], [10.98, 225.3], [10.93, 300.0]])
"""Burns that pass the Moon within some thousand kilometres without striking it, and one that is nowhere near."""


def reference(world: World, burn: np.ndarray, model_error: ModelError) -> tuple[float, float]:
    """Closest distance to the small body [km] and when [d], by DOP853 in the frame that rests, in km and seconds."""
    turn = ((world.heavy + world.light) / world.distance**3) ** 0.5
    share, (speed, phase) = world.share, burn
    circular = (world.heavy / world.orbit) ** 0.5
    speed = circular + (speed - circular) * (1 + model_error.thrust)
    out = np.exp(1j * np.radians(phase))
    place = -share * world.distance + world.orbit * out
    motion = -1j * turn * share * world.distance + 1j * out * speed
    push = model_error.push * np.exp(1j * model_error.side)

    def slope(t: float, state: np.ndarray) -> list[float]:
        line, z = world.distance * np.exp(1j * turn * t), state[0] + 1j * state[1]
        heavy, light = -share * line - z, (1 - share) * line - z
        pull = world.heavy * heavy / abs(heavy) ** 3 + world.light * light / abs(light) ** 3 + push
        return [state[2], state[3], pull.real, pull.imag]

    start = [place.real, place.imag, motion.real, motion.imag]
    flown: Any = solve_ivp(slope, (0, world.lasts), start, "DOP853", dense_output=True, rtol=1e-10, atol=1e-8)
    t = np.linspace(0, world.lasts, 4001)
    for _ in range(2):
        gap = abs(flown.sol(t)[:2].T @ [1, 1j] - (1 - share) * world.distance * np.exp(1j * turn * t))
        nearest = int(gap.argmin())
        t = np.linspace(t[max(0, nearest - 1)], t[min(len(t) - 1, nearest + 1)], 4001)
    return float(gap.min()), float(t.mean() / 86400)


@pytest.mark.parametrize("model_error", [ModelError(), ModelError(0.004), ModelError(0.0, 3e-7, 1.0)])
def test_the_closest_approach_is_that_of_scipy(model_error: ModelError) -> None:
    told, _ = launch([EARTH_MOON] * len(NEAR), NEAR, [model_error] * len(NEAR))
    flew = told.ending == FLEW
    assert flew.sum() >= 3
    for i in np.flatnonzero(flew):
        gap, day = reference(EARTH_MOON, NEAR[i], model_error)
        assert told.altitude[i] + EARTH_MOON.light_radius == pytest.approx(gap, abs=5)
        assert told.day[i] == pytest.approx(day, abs=0.01)


def test_random_launches_are_within_five_kilometres_of_scipy() -> None:
    low, high = EARTH_MOON.box
    burns = np.random.default_rng(5).uniform(low, high, (25, 2))
    told, _ = launch([EARTH_MOON] * 25, burns, [ModelError()] * 25)
    for i in np.flatnonzero(told.ending == FLEW):
        gap, _ = reference(EARTH_MOON, burns[i], ModelError())
        assert told.altitude[i] + EARTH_MOON.light_radius == pytest.approx(gap, abs=5)


def rocket(mu: float, x: float, vy: float, lasts: float, **more: float) -> Rockets:
    told = {"y": 0.0, "vx": 0.0, "large": 0.0, "small": 0.0, "push": 0.0, "side": 0.0}
    told |= {"x": x, "vy": vy, "mu": mu, "lasts": lasts} | more
    return Rockets(**{name: np.array([value]) for name, value in told.items()})


def test_arenstorfs_orbit_comes_back_to_where_it_began() -> None:
    """Hairer, Nørsett, Wanner, Solving ODEs I (1993), sec. II.0: period 17.0652165601579625588917206249."""
    orbit = rocket(0.012277471, 0.994, -2.00158510637908252240537862224, 17.0652165601579625588917206249)
    *_, (when, state) = march(orbit)
    assert when[0] == orbit.lasts[0]
    assert state[0, :2] == pytest.approx([0.994, 0], abs=1e-5)
    assert state[0, 2:] == pytest.approx([0, -2.001585], abs=1e-3)


def test_jacobis_constant_stays() -> None:
    orbit = rocket(0.012277471, 0.994, -2.00158510637908252240537862224, 17.0)
    told = np.array([jacobi(state, 0.012277471)[0] for _, state in march(orbit)])
    assert len(told) > 20
    assert np.ptp(told) < 1e-7


def test_a_push_changes_jacobis_constant() -> None:
    orbit = rocket(0.012277471, 0.994, -2.00158510637908252240537862224, 17.0, push=1e-3)
    told = np.array([jacobi(state, 0.012277471)[0] for _, state in march(orbit)])
    assert np.ptp(told) > 1e-4


def test_collisions_and_escapes_are_outcomes() -> None:
    burns = np.array([[10.9466, 226.2], [10.9, 0.0], [10.93, 300.0]])
    told, lines = launch([EARTH_MOON] * 3, burns, [ModelError()] * 3, paths=True)
    assert told.ending[0] == STRUCK
    assert told.altitude[0] < 0
    ground = np.hypot(lines[0, -1, 1] - (1 - EARTH_MOON.share) * EARTH_MOON.distance, lines[0, -1, 2])
    assert ground == pytest.approx(EARTH_MOON.light_radius, abs=1)
    assert lines[0, -1, 0] == pytest.approx(told.day[0])
    assert told.ending[2] == FLEW
    far, _ = launch([MARS_PHOBOS], np.array([[4.86, 10.0]]), [ModelError(0.8)])
    assert far.ending[0] == LEFT


def test_who_falls_back_to_earth_has_fallen() -> None:
    world = EARTH_MOON
    told, _ = launch([world], np.array([[world.speeds[0] * 1.001, 0.0]]), [ModelError(-40.0)])
    assert told.ending[0] == FELL


def test_a_path_that_ends_on_earth_ends_there_and_not_at_the_moon_that_it_has_passed() -> None:
    """10.9461 km/s and 226.7° round the Moon lead back to Earth within six days."""
    burns = np.column_stack([np.full(40, 10.9461), np.linspace(224, 230, 40)])
    told, lines = launch([EARTH_MOON] * 40, burns, [ModelError()] * 40, paths=True)
    fell = np.flatnonzero(told.ending == FELL)
    assert len(fell) >= 1
    for i in fell:
        ground = np.hypot(lines[i, -1, 1] + EARTH_MOON.share * EARTH_MOON.distance, lines[i, -1, 2])
        assert ground == pytest.approx(EARTH_MOON.heavy_radius, abs=1)
        assert told.altitude[i] < 100_000


def test_a_flight_does_not_depend_on_its_company() -> None:
    together, lines = launch([EARTH_MOON] * len(NEAR), NEAR, [ModelError()] * len(NEAR), paths=True)
    for i, burn in enumerate(NEAR):
        alone, line = launch([EARTH_MOON], burn[None], [ModelError()], paths=True)
        assert alone.altitude[0] == pytest.approx(together.altitude[i], abs=1e-3)
        assert line[0, -1] == pytest.approx(lines[i, -1], abs=1e-2)


def test_speeds_are_those_of_the_textbook() -> None:
    """For 200 km: circular 7.784, to the Moon's distance 10.916, escape 11.009 km/s, by vis-viva."""
    assert EARTH_MOON.speeds == pytest.approx((7.784, 10.916, 11.009), abs=5e-4)
    assert EARTH_MOON.lasts / 86400 == pytest.approx(5.97, abs=0.01)


def test_illegal_burns_are_moved_to_the_nearest_legal_one() -> None:
    circular, _, escape = EARTH_MOON.speeds
    asked = np.array([[1.0, 10.0], [99.0, -30.0], [np.nan, np.nan], [10.9, np.inf]])
    wanted = [[circular, 10], [escape, 330], [circular, 0], [10.9, 0]]
    assert EARTH_MOON.legal(asked).tolist() == pytest.approx(np.array(wanted))


def test_every_axis_begins_with_the_real_world_and_ends_where_it_says() -> None:
    assert Moonshots("planet").world(0.0) == EARTH_MOON
    assert numbers(Moonshots("planet").world(1.0)) == pytest.approx(numbers(MARS_PHOBOS))
    assert Moonshots("distance").world(2.0).distance == 2 * EARTH_MOON.distance
    assert Moonshots("mass").world(4.0).light == 4 * EARTH_MOON.light
    assert Moonshots("altitude").wanted(500.0) == 600
    with pytest.raises(ValueError, match="change: got 'colour', choose one of distance"):
        Moonshots("colour")  # type: ignore[arg-type]
