"""Curves of formulas: window, holes and how far the exam reaches; orbits as they were measured."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib import formulas
from lib.formulas import FormulaError
from lib.learners.examples import training_set
from lib.tasks.curve import BODIES, HOLES, LISTED, Curves, Planets


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.mark.parametrize("law", LISTED)
def test_every_listed_law_is_asked_up_to_five_half_widths_on_both_sides(law: str) -> None:
    task = Curves(law)
    assert task.axis.exam[0] == -5
    assert task.axis.exam[-1] == 5
    assert task.axis.sides == (True, True)
    assert len(task.axis.exam) == 42
    assert not task.gaps
    ends = task.truth(task.x(np.array([-5.0, 5.0]))[:, None])
    assert np.isfinite(ends).all()


LAWS = {
    "line": lambda x: 2 * x + 1,
    "absolute": np.abs,
    "square": np.square,
    "sine": lambda x: np.sin(3 * x),
    "sinc": np.sinc,
    "step": np.sign,
    "chirp": lambda x: np.sin(x * x),
    "spring": lambda x: np.exp(-x / 4) * np.cos(3 * x),
}


@pytest.mark.parametrize("law", LISTED)
def test_the_truth_is_the_law(law: str) -> None:
    x = np.linspace(-9, 9, 50)
    assert Curves(law).truth(x[:, None]) == pytest.approx(LAWS[law](x))


@pytest.mark.parametrize("holes", HOLES)
@pytest.mark.parametrize("law", ["sine", "spring"])
def test_training_fills_the_window_but_for_its_holes(law: str, holes: str) -> None:
    task = Curves(law, holes=holes)
    x = task.training_sample(4000, rng())[:, 0]
    at = (x - task.x(np.array(0.0))) / task.half
    assert at.min() < -0.99
    assert at.max() > 0.99
    for low, high in HOLES[holes]:
        assert not ((low < at) & (at < high)).any()
        assert ((low - 0.05 < at) & (at <= low)).any()
        assert ((high <= at) & (at < high + 0.05)).any()
    share = 2 - sum(high - low for low, high in HOLES[holes])
    assert np.mean(at < -0.8) == pytest.approx(0.2 / share, abs=0.03)  # evenly


@pytest.mark.parametrize("holes", HOLES)
def test_what_is_asked_in_holes_is_apart(holes: str) -> None:
    task = Curves(holes=holes)
    assert not set(task.gaps) & set(task.axis.exam)
    assert sorted([*task.gaps, *task.axis.exam]) == list(Curves().axis.exam)
    for at in (*task.gaps, *task.axis.exam):
        asked = (task.sample(at, 50, rng())[:, 0] - task.x(np.array(0.0))) / task.half
        inside = any(((low - 1e-9 <= asked) & (asked <= high + 1e-9)).all() for low, high in HOLES[holes])
        assert inside == (at in task.gaps)


@given(st.sampled_from(Curves().axis.exam))
def test_questions_lie_between_an_exam_value_and_the_one_before_it(at: float) -> None:
    asked = Curves().sample(at, 200, rng())[:, 0] / 2
    inner = abs(at) - (0.2 if abs(at) <= 1 else 0.25)
    assert (np.sign(asked) == np.sign(at)).all()
    assert (np.abs(asked) > inner - 1e-9).all()
    assert (np.abs(asked) <= abs(at) + 1e-9).all()
    assert (np.abs(asked) <= 1).all() == (abs(at) <= 1)


def test_a_typed_formula_is_asked_as_far_as_it_has_values() -> None:
    assert Curves("", "sin(3x)+x/2").axis.exam[0] == -5
    root = Curves("", "√x", window=(1.0, 3.0))
    assert root.axis.exam[0] == -2  # x = 0
    assert root.axis.exam[-1] == 5
    mirrored = Curves("", "√(-x)", window=(-1.5, 0.0))
    assert mirrored.axis.outward == -1
    assert mirrored.axis.sides == (True, False)


@pytest.mark.parametrize(
    ("formula", "reason", "found", "at"),
    [
        ("sin(3y)", "name", "y", None),
        ("1+1/x", "division", "1/x", 0.0),
        ("log(x)", "log", "log(x)", -2.0),
        ("√(4-x²)", "root", "√(4-x²)", 2.0078125),
        ("", "empty", "", None),
    ],
)
def test_a_formula_without_values_where_it_is_needed_is_refused(
    formula: str, reason: str, found: str, at: float | None
) -> None:
    with pytest.raises(FormulaError) as told:
        Curves("", formula)
    assert (told.value.reason, told.value.found, told.value.at) == (reason, found, at)


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"law": "cube"}, "law"),
        ({"holes": "three"}, "holes"),
        ({"window": (1.0, 1.0)}, "window"),
        ({"window": (0.0, float("nan"))}, "window"),
        ({"window": (0.0, 1e7)}, "window"),
    ],
)
def test_settings_out_of_bounds_are_refused(settings: dict, word: str) -> None:
    with pytest.raises(ValueError, match=f"^{word}: got"):
        Curves(**settings)


def test_errors_are_in_spreads_of_what_is_seen() -> None:
    task = Curves("line")
    assert task.spread == pytest.approx(4 / 3**0.5, rel=0.01)  # of an even spread over [-3, 5]
    y = np.array([1.0, 2.0, 3.0])
    assert task.error(np.array([1.0, 2.0 + task.spread, np.nan]), y).tolist() == pytest.approx([0, 1, np.inf])
    assert Curves("", "7").spread == 7
    assert Curves("", "0x").spread == 1
    assert Curves("square", holes="one").spread != pytest.approx(Curves("square").spread, rel=0.01)


def test_noise_is_in_spreads_too_and_moves_nothing_else() -> None:
    task = Curves("sine")
    (x, clean), (same, noisy) = (training_set(task, 5000, noise, rng()) for noise in (0.0, 0.1))
    assert (x == same).all()
    small = np.abs(clean) < 0.1
    assert (noisy - clean).std() == pytest.approx(0.1 * task.spread, rel=0.05)
    assert (noisy - clean)[small].std() == pytest.approx(0.1 * task.spread, rel=0.2)


def test_bodies_stand_from_the_inside_out_and_obey_kepler_within_a_thousandth() -> None:
    """But for the mass of the planet itself, a^1.5 is the period in years of 365.256 days."""
    axes, periods = np.array(list(BODIES.values())).T
    assert (np.diff(axes) > 0).all()
    assert (np.diff(periods) > 0).all()
    assert np.abs(axes**1.5 / periods - 1).max() < 1e-3


def test_planets_are_seen_in_a_cut_and_asked_everywhere() -> None:
    task = Planets()
    assert task.shown == ("Mercury", "Venus", "Earth", "Mars")
    assert set(task.training_sample(5, rng())[:, 0]) == {BODIES[name].axis for name in task.shown}
    assert [task.axis.seen(at) for at in task.axis.exam] == [True] * 4 + [False] * 7
    jupiter = task.sample(BODIES["Jupiter"].axis, 3, rng())
    assert task.truth(jupiter).tolist() == [11.862615] * 3
    assert task.error(np.array([0.0, 11.862615, np.nan]), task.truth(jupiter)).tolist() == [1, 0, np.inf]
    assert Planets("Saturn", "Eris").axis.outward == -1
    assert Planets("Jupiter", "Neptune").axis.sides == (True, True)


def test_planets_refuse_what_is_no_cut_and_no_body() -> None:
    for cut in (("Mars", "Mercury"), ("Mars", "Mars"), ("Mercury", "Eris")):
        with pytest.raises(ValueError, match="first, last: got"):
            Planets(*cut)
    with pytest.raises(ValueError, match="last: got 'Vulcan'"):
        Planets("Mercury", "Vulcan")
    with pytest.raises(ValueError, match="no body has the semi-major axis 3 au"):
        Planets().truth(np.array([[3.0]]))


def test_a_law_is_written_so_that_it_is_read_again() -> None:
    for law in LISTED:
        task = Curves(law)
        assert formulas.read(formulas.text_of(task.tree)) == task.tree
