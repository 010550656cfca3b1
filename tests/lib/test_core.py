import json
import math
import pickle
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib import core
from lib.core import Axis, DivergedError, Point
from lib.knobs import knobs
from lib.uploads import Photo
from tests.lib.jobs.slow_lab import Seeing, Slow

EXAM = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0)
UP = Axis("length", "steps", (1.0, 2.0), EXAM)
DOWN = Axis("gravity", "m/s²", (3.0, 4.0), EXAM, -1)
NEVER, LIMIT = math.nan, 0.5


def graph(errors: dict[float, float]) -> list[Point]:
    """A point wherever an error is told, 0 elsewhere."""
    return [Point(at, UP.seen(at), error := errors.get(at, 0.0), error, error) for at in EXAM]


@pytest.mark.parametrize(
    ("axis", "errors", "reaches"),
    [
        (UP, {}, 5.0),
        (UP, {4.0: 0.6}, 3.0),
        (UP, {4.0: 0.5}, 5.0),  # just within
        (UP, {3.0: 0.6, 4.0: 0.1}, 2.0),  # a break, whatever comes after it
        (UP, {2.0: 0.6}, 1.0),  # it fails inside training
        (UP, {1.0: 0.6}, None),
        (UP, {0.0: 0.6}, 5.0),  # on the other side of training, where the horizon is not looked for
        (UP, {3.0: NEVER}, 2.0),
        (UP, {3.0: math.inf}, 2.0),
        (DOWN, {}, 0.0),
        (DOWN, {1.0: 0.6}, 2.0),
        (DOWN, {5.0: 0.6}, 0.0),
        (DOWN, {4.0: 0.6}, None),
    ],
)
def test_the_horizon_is_the_last_value_before_the_first_failure(
    axis: Axis, errors: dict[float, float], reaches: float | None
) -> None:
    assert core.horizon(axis, graph(errors), LIMIT) == reaches
    assert core.horizon(axis, graph(errors)[::-1], LIMIT) == reaches


BOTH = Axis("gravity", "m/s²", (2.0, 3.0), EXAM, -1)


@pytest.mark.parametrize(
    ("axis", "errors", "span", "beyond"),
    [
        (BOTH, {}, (0.0, 5.0), (2.0, 2.0)),
        (BOTH, {0.0: 0.6}, (1.0, 5.0), (1.0, 2.0)),
        (BOTH, {1.0: 0.6, 5.0: 0.6}, (2.0, 4.0), (0.0, 1.0)),
        (BOTH, {1.0: 0.6, 4.0: 0.6}, (2.0, 3.0), (0.0, 0.0)),
        (BOTH, {4.0: 0.5}, (0.0, 5.0), (2.0, 2.0)),  # just within
        (BOTH, {4.0: 0.6, 5.0: 0.1}, (0.0, 3.0), (2.0, 0.0)),  # a break, whatever comes after it
        (BOTH, {4.0: NEVER, 1.0: math.inf}, (2.0, 3.0), (0.0, 0.0)),
        (BOTH, {2.0: 0.6}, None, None),  # it fails inside training, be it at the edge
        (BOTH, {3.0: NEVER}, None, None),
        (Axis("ε", "", (0.0, 0.0), EXAM), {1.0: 0.6}, (0.0, 0.0), (0.0, 0.0)),
        (Axis("ε", "", (0.5, 1.5), EXAM), {2.0: 0.6}, (0.0, 1.0), (0.5, 0.0)),  # training ends between two exams
        (Axis("ε", "", (0.2, 0.7), EXAM), {}, None, None),  # nothing was asked inside it
    ],
)
def test_how_far_it_holds_is_told_on_both_sides_of_training(
    axis: Axis, errors: dict[float, float], span: core.Span | None, beyond: core.Span | None
) -> None:
    points = [replace(point, seen=axis.seen(point.at)) for point in graph(errors)]
    assert core.held(points, LIMIT) == core.held(points[::-1], LIMIT) == span
    assert (span and core.beyond(axis, span)) == beyond


def test_how_far_beyond_training_is_told_without_the_noise_of_binary_numbers() -> None:
    assert core.beyond(Axis("ε", "", (0.1, 0.2), (0.1, 0.3)), (0.1, 0.3)) == (0.0, 0.1)


@given(st.lists(st.floats(0, 1), min_size=6, max_size=6), st.floats(0, 1), st.floats(0, 1))
def test_more_tolerance_never_narrows_what_holds(errors: list[float], one: float, other: float) -> None:
    curve = graph(dict(zip(EXAM, errors, strict=True)))
    less, more = (core.held(curve, limit) for limit in sorted((one, other)))
    assert less is None or (more is not None and more[0] <= less[0] and less[1] <= more[1])
    for limit in (one, other):  # it holds, or there is a place in training where it does not
        assert (core.held(curve, limit) is None) == (core.first_failure(UP, curve, limit) is not None)


@pytest.mark.parametrize(
    ("axis", "errors", "at"),
    [(UP, {}, None), (UP, {4.0: 0.6}, None), (UP, {1.0: 0.6, 2.0: 0.6}, 1.0), (UP, {2.0: NEVER}, 2.0)],
)
def test_it_first_fails_inside_training_where_one_comes_first_on_the_way_out(
    axis: Axis, errors: dict[float, float], at: float | None
) -> None:
    assert core.first_failure(axis, graph(errors)[::-1], LIMIT) == at


def test_on_the_way_down_it_first_fails_at_the_upper_end() -> None:
    curve = [replace(point, seen=DOWN.seen(point.at)) for point in graph({3.0: 0.6, 4.0: 0.6})]
    assert core.first_failure(DOWN, curve, LIMIT) == 4.0


@given(st.lists(st.floats(0, 1), min_size=6, max_size=6), st.floats(0, 1), st.floats(0, 1))
def test_more_tolerance_never_shortens_the_horizon(errors: list[float], one: float, other: float) -> None:
    curve = graph(dict(zip(EXAM, errors, strict=True)))
    reach = [core.horizon(UP, curve, limit) for limit in sorted((one, other))]
    assert (-1 if reach[0] is None else reach[0]) <= (-1 if reach[1] is None else reach[1])


def test_an_axis_must_leave_training() -> None:
    with pytest.raises(ValueError, match=r"axis 'length': no exam value lies beyond training .* at 5, exam at 5"):
        Axis("length", "", (0.0, 5.0), EXAM)
    with pytest.raises(ValueError, match=r"train ends at 0, exam at 0"):
        Axis("gravity", "", (0.0, 3.0), EXAM, -1)


@pytest.mark.parametrize(("train", "exam"), [((2.0, 1.0), EXAM), ((1.0, 2.0), (3.0, 2.5)), ((1.0, 2.0), ())])
def test_an_axis_must_ascend(train: tuple[float, float], exam: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="must ascend"):
        Axis("length", "", train, exam)


def test_the_end_of_an_axis_lies_outwards_and_training_includes_its_ends() -> None:
    assert (UP.end, DOWN.end) == (5.0, 0.0)
    assert [UP.seen(at) for at in EXAM] == [False, True, True, False, False, False]


def test_a_curve_shows_the_middle_seed_and_the_range_of_all() -> None:
    errors = np.array([[0, 0, 1, 0, 0, 0], [0, 0, 3, 0, 0, 0], [0, 0, 8, 0, 0, 0]], float)
    assert core.curve(UP, errors)[2] == Point(2.0, True, 3.0, 1.0, 8.0)


def test_inside_and_outside_are_means_apart() -> None:
    one = core.answerer("net", "network", UP, np.array([[9.0, 1, 3, 2, 4, 5]]), 3.0, core.Price())
    assert (one.inside, one.outside, one.horizon) == (2.0, 5.0, 3.0)


def test_what_was_never_examined_has_no_mean() -> None:
    axis = Axis("length", "", (1.2, 1.8), EXAM)
    assert math.isnan(core.answerer("net", "network", axis, np.zeros((1, 6)), 1.0, core.Price()).inside)


def test_the_span_of_seeds_goes_from_the_worst_to_the_best() -> None:
    one = core.answerer("net", "network", UP, np.array([[0, 0, 0, 0, 0, 0], [0, 0, 0, 1, 1, 1.0]]), LIMIT, core.Price())
    assert core.span_of_seeds(one, LIMIT) == ((0.0, 2.0), (0.0, 5.0))


def verdict() -> core.Verdict:
    errors = np.array([[0, 0, 0, math.nan, math.inf, 1]])
    nets = [core.answerer(name, "network", UP, errors, LIMIT, core.Price(examples=3)) for name in ("net", "other")]
    failing = tuple(replace(point, error=1.0) for point in nets[1].curve)
    return core.Verdict("lab", 2, "Lab()", UP, LIMIT, (nets[0], replace(nets[1], curve=failing, horizon=None)))


def test_the_contract_is_strict_json_without_nan() -> None:
    told = json.loads(json.dumps(core.contract(verdict()), allow_nan=False))
    assert told["axis"] == {"name": "length", "unit": "steps", "train": [1.0, 2.0]}
    assert [point["error"] for point in told["answerers"][0]["curve"]] == [0, 0, 0, None, None, 1]
    assert told["answerers"][0]["outside"] is None
    assert told["answerers"][1]["horizon"] is None


def test_the_contract_tells_its_version_how_far_each_holds_and_what_was_done() -> None:
    told = core.contract(verdict())
    assert (told["contract"], told["done"]) == (2, 1.0)
    assert [(one["holds"], one["beyond"]) for one in told["answerers"]] == [([0.0, 2.0], [1.0, 0.0]), (None, None)]
    assert [one["horizon"] for one in told["answerers"]] == [2.0, None]  # as version 1 told it
    assert core.contract(verdict(), 0.35)["done"] == 0.35


def test_the_sentence_says_every_number() -> None:
    assert verdict().sentence == (
        "net: error 0.00% inside and nan% outside, holds from 0 to 2 steps; "
        "other: error 0.00% inside and nan% outside, not within tolerance everywhere in training"
    )


def test_the_sentence_says_only_the_side_that_there_is() -> None:
    axis = Axis("ε", "", (0.0, 0.0), EXAM)
    for errors, says in ((np.zeros(6), "holds up to 5"), (np.arange(6.0), "holds only where it was trained")):
        one = core.answerer("net", "network", axis, errors[None], LIMIT, core.Price())
        assert core.Verdict("lab", 2, "Lab()", axis, LIMIT, (one,)).sentence.endswith(f", {says}")
    kilometres = core.Verdict("lab", 2, "Lab()", axis, LIMIT, (replace(one, inside=0.028, outside=1234.5),), "km")
    assert "error 0.028 km inside and 1,234 km outside" in kilometres.sentence


def test_a_lab_is_private_once_it_has_a_photo() -> None:
    assert not core.private(Slow())
    assert not core.private(Seeing())
    assert core.private(Seeing(photo=Photo.of(np.zeros((40, 40, 3), np.uint8))))
    assert not core.private(None)


def test_a_photo_is_no_knob_and_the_json_does_not_have_it() -> None:
    seeing = Seeing(0.0, photo=Photo.of(np.full((40, 40, 3), 65, np.uint8)))
    assert "photo" not in knobs(seeing)
    (result,) = seeing.run()
    assert "AAA" not in json.dumps(core.contract(result.verdict))


def test_an_answerer_is_found_by_name() -> None:
    assert verdict().named("other").horizon is None


def test_a_divergence_keeps_its_knob_and_step_on_its_way_between_processes() -> None:
    there = pickle.loads(pickle.dumps(DivergedError("learning_rate", 40)))  # noqa: S301
    assert (type(there), there.knob, there.step) == (DivergedError, "learning_rate", 40)
    assert "lower 'learning_rate'" in str(there)


PROGRAM = '''"""A file
of two lines of docstring."""

# a comment
import math  # counts


def area(r):
    """One line."""
    told = """not a docstring,
    and it goes on
    """
    return math.pi * r * r


class Circle:
    """Its own."""

    r = 1
'''


def test_only_code_counts_as_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "circle.py").write_text(PROGRAM)
    monkeypatch.syspath_prepend(str(tmp_path))
    import circle  # pyright: ignore[reportMissingImports]

    assert isinstance(circle, ModuleType)
    assert [core.lines_of_code(it) for it in (circle, circle.Circle, circle.Circle())] == [8, 8, 8]
    assert core.source_of(circle.Circle()) == PROGRAM
