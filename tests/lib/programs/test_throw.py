from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.programs.throw import Ballistics
from lib.tasks.throw import EXAM, Leave, Throws, solve

CORNERS = np.array(list(product((10, 30, 90), np.radians([5, 20, 45, 85]), (0.62, 9.81, 24.79), (1e-6, 0.001, 0.05))))
VACUUM = CORNERS * [1, 1, 1, 0]


@pytest.fixture(scope="module")
def exact() -> np.ndarray:
    """Ranges of the corners, each solved to 12 digits without the task's table."""
    return np.array([v**2 / g * solve(a, k * v**2 / g).y_events[0][0][0] for v, a, g, k in CORNERS])


def test_vacuum_is_answered_on_paper() -> None:
    assert Ballistics()(VACUUM) == pytest.approx(Throws().truth(VACUUM), rel=1e-14)


def test_no_corner_is_off_by_more_than_a_millionth(exact: np.ndarray) -> None:
    assert Ballistics()(CORNERS) == pytest.approx(exact, rel=1e-6)


def test_half_the_step_leaves_a_sixteenth_of_the_error(exact: np.ndarray) -> None:
    worst = [np.abs(Ballistics(step=step)(CORNERS) / exact - 1).max() for step in (0.1, 0.05, 0.025)]
    assert all(14 < coarse / fine < 19 for coarse, fine in pairwise(worst))


@pytest.mark.parametrize("leave", sorted(EXAM))
def test_it_holds_over_every_axis(leave: Leave) -> None:
    task, rng = Throws(leave, drag=0.05), np.random.default_rng(5)
    x = np.vstack([task.sample(at, 40, rng) for at in task.axis.exam])
    assert task.error(Ballistics()(x), task.truth(x)).max() < 1e-6


@given(st.floats(0.1, 10))
@settings(deadline=None)
def test_wrong_gravity_in_vacuum_errs_by_its_inverse(factor: float) -> None:
    error = Throws().error(Ballistics(gravity_factor=factor)(VACUUM), Throws().truth(VACUUM))
    assert error == pytest.approx(np.full(len(VACUUM), abs(1 / factor - 1)), rel=1e-12, abs=1e-14)


def test_wrong_gravity_with_air_is_a_throw_on_another_body() -> None:
    elsewhere = CORNERS * [1, 1, 0.4, 1]
    assert np.array_equal(Ballistics(gravity_factor=0.4)(CORNERS), Ballistics()(elsewhere))


def test_air_that_it_does_not_feel_does_not_slow_it(exact: np.ndarray) -> None:
    blind = Ballistics(feels_drag=False)(CORNERS)
    assert np.array_equal(blind, Ballistics()(VACUUM))
    assert np.all(blind > exact)


def test_throws_do_not_touch_each_other_nor_the_questions() -> None:
    x = np.vstack([CORNERS[::5], VACUUM[::5]])
    kept = x.copy()
    x.flags.writeable = False
    together, alone = Ballistics()(x), [Ballistics()(row[None])[0] for row in x]
    assert together == pytest.approx(alone, rel=1e-12)
    assert np.array_equal(x, kept)


@pytest.mark.parametrize("x", CORNERS[2::9])
def test_a_trace_ends_on_the_ground_at_the_answer(x: np.ndarray) -> None:
    t, along, up, _, _ = np.array(list(Ballistics().trace(x))).T
    assert (t[0], along[0], up[0]) == (0, 0, 0)
    assert np.all(np.diff(t) > 0)
    assert np.all(up[1:-1] >= 0)
    assert abs(up[-1]) < 1e-12
    assert along[-1] == pytest.approx(Ballistics()(x[None])[0], rel=1e-12)


@pytest.mark.parametrize("x", VACUUM[::9])
def test_a_trace_in_vacuum_keeps_its_energy_and_finds_the_range(x: np.ndarray) -> None:
    t, along, up, vx, vy = np.array(list(Ballistics().trace(x))).T
    energy = (vx**2 + vy**2) / 2 + x[2] * up
    assert energy == pytest.approx(np.full(len(t), x[0] ** 2 / 2), rel=1e-6)
    assert along[-1] == pytest.approx(Ballistics()(x[None])[0], rel=1e-6)


@pytest.mark.parametrize("x", CORNERS[2::9])
def test_air_only_takes_energy(x: np.ndarray) -> None:
    _, _, up, vx, vy = np.array(list(Ballistics().trace(x))).T
    assert np.all(np.diff((vx**2 + vy**2) / 2 + x[2] * up) < 0)


def test_no_questions_no_answers() -> None:
    assert Ballistics()(np.empty((0, 4))).shape == (0,)


@pytest.mark.parametrize("wrong", [{"gravity_factor": 0}, {"gravity_factor": np.nan}, {"step": 0}, {"step": 0.6}])
def test_senseless_settings_are_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Ballistics(**wrong)
