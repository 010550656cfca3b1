"""What the texts of Throw print as known."""

from __future__ import annotations

import numpy as np
import pytest

from lib.core import lines_of_code
from lib.labs.throw import Throw
from lib.tasks.throw import BODIES
from tests.claims import Run, error, over
from tests.claims.conftest import Figures


@over(range(1, 6))
def test_a_network_trained_on_earthly_gravity_is_right_there_and_wrong_on_mars_and_the_moon(
    run: Run, figures: Figures
) -> None:
    found = run("throw").verdict
    earth, mars, moon, jupiter = (error(found, "network", at) for at in (9.81, 3.71, 1.62, 24.79))
    informed = found.named("informed").outside
    figures(earth=earth, mars=mars, moon=moon, jupiter=jupiter, informed=informed)
    assert earth < 0.012
    assert 0.15 < mars < 0.3
    assert 0.5 < moon < 0.68
    assert jupiter > 0.5
    assert found.named("program").outside < 0.001 > found.named("program").inside
    assert informed < 0.05


@over(range(1, 3))
def test_training_on_nearly_everything_is_the_cure(run: Run, figures: Figures) -> None:
    narrow, wide = run("throw").verdict, run("throw", coverage=0.9).verdict
    afar = (1.62, 3.71, 22.0)  # Moon, Mars, nearly Jupiter
    least, most = min(error(narrow, "network", at) for at in afar), max(error(wide, "network", at) for at in afar)
    figures(narrow=least, wide=most)
    assert most < 0.06
    assert least > 0.15


@over(range(1, 3))
def test_ten_times_the_data_do_not_help_outside(run: Run, figures: Figures) -> None:
    few, many = (run("throw", **how).verdict.named("network").outside for how in ({}, {"examples": 30_000}))
    figures(few=few, many=many)
    assert many > few / 2


def test_ten_percent_too_much_gravity_is_wrong_everywhere_by_the_same_share() -> None:
    program = Run()("throw", gravity_factor=1.1).verdict.named("program")
    assert [p.error for p in program.curve] == pytest.approx([1 - 1 / 1.1] * len(program.curve))


@over(range(1, 3))
def test_with_hidden_air_the_network_wins_inside_its_range(run: Run, figures: Figures) -> None:
    found = run("throw", drag=0.02, feels_drag=False).verdict
    network, program = found.named("network").inside, found.named("program").inside
    figures(network=network, program=program)
    assert network < program / 3


def test_drag_of_two_hundredths_takes_over_a_third_of_a_usual_throw() -> None:
    throw = np.array([[20.0, np.pi / 4, 9.81, 0.02]])
    flown = Throw().asks().truth(throw)[0] / (20**2 / 9.81)
    assert 0.6 < flown < 2 / 3


def test_newtons_law_takes_48_lines() -> None:
    assert lines_of_code(Throw().program()) == 48


def test_training_is_from_10_to_30_metres_a_second_and_the_exam_goes_to_90() -> None:
    axis = Throw(leave="speed").asks().axis
    assert axis.train == (10, 30)
    assert axis.exam[-1] == 90


def test_training_is_on_gravity_as_on_earth_venus_and_neptune() -> None:
    axis = Throw().asks().axis
    assert all(axis.seen(BODIES[body]) for body in ("Earth", "Venus", "Neptune"))
    assert BODIES["Pluto"] == axis.exam[0]
    assert BODIES["Jupiter"] == axis.exam[-1]
