"""The program for the Moon: its own mechanics against the task's, and how it corrects itself."""

from __future__ import annotations

import numpy as np
import pytest

from lib.programs.moonshot import Navigator
from lib.tasks.moonshot.orbit import EARTH_MOON, ModelError, Moonshots, launch, numbers
from lib.tasks.moonshot.trials import Attempt, play


def attempt(change: str = "distance", at: float = 1.0, thrust: float = 0.004, **program: float) -> Attempt:
    task = Moonshots(change)  # type: ignore[arg-type]
    world, wanted = task.world(at), task.wanted(at)
    player = Navigator(**program).start(numbers(world), wanted, 50.0)
    one = Attempt(player, world, ModelError(thrust), wanted, 50.0, 20)
    assert sum(play([one])) == one.trials
    return one


def test_its_plan_passes_where_it_shall_in_the_textbooks_world() -> None:
    *_, plan = Navigator().start(numbers(EARTH_MOON), 100.0, 50.0).steps
    told, _ = launch([EARTH_MOON], np.array([[plan.speed, plan.phase]]), [ModelError()])
    assert plan.altitude == pytest.approx(100, abs=1)
    assert told.altitude[0] == pytest.approx(100, abs=20)


@pytest.mark.parametrize("thrust", [-0.005, -0.001, 0.002, 0.005])
def test_it_hits_with_its_first_to_third_launch(thrust: float) -> None:
    assert attempt(thrust=thrust).first <= 3


@pytest.mark.parametrize("change", ["distance", "mass", "altitude", "planet"])
def test_it_hits_in_changed_worlds_too(change: str) -> None:
    """In the least, the middle and the most changed one; in all of them by tests/claims/test_moonshot.py."""
    exam = Moonshots(change).axis.exam  # type: ignore[arg-type]
    for at in (exam[0], exam[len(exam) // 2], exam[-1]):
        assert attempt(change, at).first <= 3, at


def test_it_finds_the_thrust() -> None:
    correction = next(one for one in attempt(thrust=0.004).player.steps if one.what == "correction")
    assert correction.thrust == pytest.approx(1.004, abs=5e-4)


def test_it_says_how_it_thinks() -> None:
    what = [one.what for one in attempt().player.steps]
    assert what[0] == "guess"
    assert what.index("shot") < what.index("plan") < what.index("real") < what.index("correction")


def test_after_three_misses_it_gives_up() -> None:
    one = attempt(gravity_factor=0.95)
    assert one.trials == 3
    assert one.first == np.inf


def test_settings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="choose a gravity_factor above 0"):
        Navigator(gravity_factor=0)
