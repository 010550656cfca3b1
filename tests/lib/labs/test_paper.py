"""Sheets, folds and drawings; the program that knows them; and the film of what a network does to them."""

from __future__ import annotations

from dataclasses import astuple, replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.__main__ import last
from lib.labs.paper.lab import LAST, Bent, Paper, misread
from lib.labs.paper.unfolding import FULL, KINDS, SIDE, axes, film, untangled, visible
from lib.learners.paper.decomposition import Layer, rotation_frames
from lib.learners.paper.flattener import PointClassifier
from lib.programs.paper import Jump
from lib.tasks.paper import vectors
from lib.tasks.paper.crumple import crumple, folds, smooth
from lib.tasks.paper.drawn import MOST, FaultyPointsError, decode, encode, parse
from lib.tasks.paper.sheet import SHAPES, STAND_IN, Sheet, letters

every_shape = pytest.mark.parametrize("shape", SHAPES)
BY_RULE = [shape for shape in SHAPES if shape != "digits"]


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


# --- Sheets


@every_shape
def test_questions_are_as_far_from_the_jump_as_is_asked(shape: str) -> None:
    task = Sheet(shape)
    inside = [at for at in task.axis.exam if at <= 1]
    middles = [float(np.median(task.margin(task.sample(at, 100, rng())))) for at in inside]
    assert middles == sorted(middles)
    if shape != "digits":  # of 539 pictures few are as far as is asked
        assert middles == pytest.approx(inside, abs=0.04)


@every_shape
def test_there_are_no_points_of_the_sheet_between_its_classes(shape: str) -> None:
    task = Sheet(shape)
    margins = task.margin(task.training_sample(2000, rng()))
    near = task.parts.near
    assert np.quantile(margins, 0.02) > (near - 0.02 if near and shape != "digits" else -1)
    assert margins.max() < 1.6


@pytest.mark.parametrize("shape", [one for one in BY_RULE if one not in ("sheet", "drawn")])
def test_beyond_the_edge_means_beyond_every_point_of_the_sheet(shape: str) -> None:
    task = Sheet(shape)
    reach = abs(task.training_sample(2000, rng())).max()
    assert np.linalg.norm(task.sample(1.25, 500, rng()), axis=1).min() > reach


def test_digits_beyond_the_edge_stay_the_digits_they_were() -> None:
    task = Sheet("digits")
    near, far = (task.sample(at, 539, rng()) for at in (1.0 + 1e-9, 3.0))
    assert np.array_equal(task.truth(near), task.truth(far))
    assert len(task.training_sample(9999, rng())) == 1258
    assert len(task.shown(400, rng())) == 1797


def test_no_learner_sees_a_digit_of_the_exam() -> None:
    task = Sheet("digits")
    seen = {row.tobytes() for row in task.training_sample(9999, rng())}
    assert not seen & {row.tobytes() for row in task.tested(9999, rng())}


def test_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="shape: got 'cube', choose one of disc-in-ring, "):
        Sheet("cube")


# --- Folds


@given(st.floats(0, 1), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_every_fold_is_undone(amount: float, seed: int) -> None:
    given_ = folds(amount, rng(seed))
    flat = rng(seed).uniform(-3, 3, (50, 3))
    assert smooth(crumple(flat, given_), given_) == pytest.approx(flat, abs=1e-12)


def test_more_crumpling_is_more_of_the_same_ball() -> None:
    flat = np.column_stack([rng().uniform(-1, 1, (200, 2)), np.zeros(200)])
    moved = [abs(crumple(flat, folds(amount, rng(1))) - flat).mean() for amount in (0.0, 0.3, 0.6, 1.0)]
    assert moved[0] == 0
    assert moved == sorted(moved)
    assert len(
        {(one.across, one.phase) for one in folds(0.2, rng(1))} & {(f.across, f.phase) for f in folds(1, rng(1))}
    )


def test_crumpled_paper_is_one_smooth_piece() -> None:
    """Neighbours on the flat paper stay neighbours: nothing is torn."""
    side = 200
    task = Sheet("sheet", 1.0)
    x = task.lines(side).reshape(side, side, 3)
    steps = np.linalg.norm(np.diff(x, axis=0), axis=2)
    assert steps.max() < 40 * 2 / side


# --- The program


@pytest.mark.parametrize("shape", BY_RULE)
def test_the_program_is_right_everywhere_though_it_was_written_apart(shape: str) -> None:
    lab = Paper(shape=shape, crumple=1.0)
    task, program = lab.asks(), lab.program()
    for at in task.axis.exam:
        x = task.sample(at, 300, rng())
        assert np.array_equal(program(x), task.truth(x)), at


def test_a_misplaced_if_is_wrong_near_the_jump_only() -> None:
    task = Sheet("step")
    program = Jump("step", misplaced=0.2)
    wrong = [task.error(program(x), task.truth(x)).mean() for x in (task.sample(at, 400, rng()) for at in (0.1, 0.5))]
    assert wrong == [pytest.approx(0.5, abs=0.1), 0.0]


def test_a_program_that_forgets_a_fold_is_wrong() -> None:
    task = Paper(shape="sheet", crumple=0.7).asks()
    x = task.tested(2000, rng())
    error = task.error(Paper(shape="sheet", crumple=0.7, forgets=True).program()(x), task.truth(x)).mean()
    assert 0.02 < error < 0.5


# --- Drawings

PLACES = st.tuples(st.integers(-1022, 1022), st.integers(-1022, 1022))  # no corner
points = st.dictionaries(PLACES, st.integers(0, 3), min_size=1, max_size=50).map(
    lambda kinds: np.array(
        [
            *((x / 1023, y / 1023, kind) for (x, y), kind in kinds.items()),
            *((x, y, x > 0) for x in CORNERS for y in CORNERS),
        ]
    )
)
CORNERS = (-1.0, 1.0)


@given(points)
def test_a_drawing_survives_its_way_through_a_link(drawing: np.ndarray) -> None:
    word = encode(drawing)
    assert len(word) == 4 * len(drawing)
    assert decode(word) == pytest.approx(drawing, abs=1 / 2046 + 1e-12)
    assert encode(decode(word)) == word


@given(st.text(max_size=40))
def test_other_letters_are_refused_in_words(word: str) -> None:
    fault = misread(word)
    assert (fault or "").startswith("got ")
    assert misread(STAND_IN) is None


def test_a_table_is_read_as_spreadsheets_and_keyboards_write_it() -> None:
    sheet = '\ufeff"x";"y";"class"\r\n0;0;0\r\n"0,5";−0,5;0\r\n;;\r\n１；１；１\r\n-1\t1\t1'
    for table in (sheet, "[[0, 0, 0], [0.5, -0.5, 0], [1, 1, 1], [-1, 1, 1]]", "| ｘ | ｙ | Class |\n" + sheet[18:]):
        assert parse(table).tolist() == [[0, 0, 0], [0.5, -0.5, 0], [1, 1, 1], [-1, 1, 1]]
    with pytest.raises(FaultyPointsError) as caught:
        parse("0,0,0\n[[0, ２, 0]]")
    assert (caught.value.what, caught.value.row, caught.value.column, caught.value.got) == ("number", 2, 2, "'２'")


def test_a_table_is_read_with_commas_semicolons_tabs_or_blanks_and_with_its_heading() -> None:
    rows = "x, y, class\n0,0,0\n\n 0.5； -0.5 ;0\n1\t1\t1\n-1，1、1,\n"
    assert parse(rows).tolist() == [[0, 0, 0], [0.5, -0.5, 0], [1, 1, 1], [-1, 1, 1]]


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("0,0,0\n1,2,0", ("number", 2, 2, "'2'")),
        ("nan,0,0", ("number", 1, 1, "'nan'")),
        ("0,inf,0", ("number", 1, 2, "'inf'")),
        ("\n\n0,0,4", ("class", 3, 3, "'4'")),
        ("0,0,1.5", ("class", 1, 3, "'1.5'")),
        ("0,0,-1", ("class", 1, 3, "'-1'")),
        ("0,0", ("columns", 1, 0, "2")),
        ("0,0,0,0", ("columns", 1, 0, "4")),
        ("__import__('os'),0,0", ("number", 1, 1, "\"__import__('os')\"")),
        ("0,0,0\n" * (MOST + 1), ("many", 0, 0, f"{MOST + 1}")),
        ("0,0,0\n" * (MOST + 1) + "banana", ("many", 0, 0, f"{MOST + 2}")),
        ("0,0,0\n1,1,1", ("few", 0, 0, "1 / 1 / 0 / 0")),
        ("0,0,0\n" * 50, ("few", 0, 0, "50 / 0 / 0 / 0")),
        ("", ("few", 0, 0, "0 / 0 / 0 / 0")),
        ("0,0,0\n0,0,0\n0,0,1\n0,0,1", ("contradiction", 3, 0, "0, 0: 0")),
        ("x,y,class\n\n1,1,2\n0.5001,0.5,0\n0.5003,0.5,2\n1,0,0", ("contradiction", 5, 0, "0.5003, 0.5: 0")),
    ],
)
def test_what_is_wrong_with_a_table_is_said_with_row_and_column(rows: str, fault: tuple[object, ...]) -> None:
    with pytest.raises(FaultyPointsError) as caught:
        parse(rows)
    assert (caught.value.what, caught.value.row, caught.value.column, caught.value.got) == fault
    assert "give" in str(caught.value)


def test_a_place_in_a_link_has_one_class() -> None:
    """Also where two places of a table become one in the link, else the nearest point would have two classes."""
    sound = np.array([[0, 0, 0], [0, 0, 0], [1, 1, 1], [1, 1, 1]], float)
    assert len(decode(encode(sound))) == 4
    with pytest.raises(FaultyPointsError, match=r"^row 3: got a second class for the place of another row"):
        decode(encode(np.array([[0, 0, 0], [1, 1, 1], [0.0003, 0, 1], [0, 1, 0]])))


def test_two_thousand_points_are_not_too_many() -> None:
    table = "\n".join(f"{x:.4f},{-x:.4f},{int(x > 0)}" for x in np.linspace(-1, 1, MOST))
    lab = Paper(shape="drawn", points=encode(parse(table)))
    assert len(lab.points) == 8000
    assert len(lab.asks().shown(400, rng())) == MOST


# --- The film


@cache
def ran(**knobs: object) -> Bent:
    return last(Paper(**({"steps": 200, "seeds": 2, "examples": 250} | knobs)))  # type: ignore[arg-type]


CASES = (
    {},
    {"width": 1, "depth": 6},
    {"shape": "sheet", "residual": True, "depth": 4},
    {"shape": "digits", "width": 12},
    {"shape": "floor", "width": 2},
    {"shape": "drawn", "width": 7, "activation": "relu"},
)


@pytest.mark.parametrize("knobs", CASES)
def test_the_film_has_a_frame_for_each_move_and_dot(knobs: dict[str, object]) -> None:
    shown = ran(**knobs).film
    frames, dots, wide = shown.frames.shape
    assert dots == len(shown.labels) + shown.side**2 == len(shown.says)
    assert shown.side == (0 if knobs.get("shape") == "digits" else SIDE)
    assert len(shown.reach) == frames
    assert wide in (2, 3)
    assert (np.diff(shown.first.astype(int)) >= 1).all()
    assert shown.first[-1] < frames - 1
    assert (np.diff(shown.layer.astype(int)) >= 0).all()
    assert shown.kind.max() < len(KINDS)
    lengths = np.linalg.norm(shown.frames.astype(float), axis=2).max(axis=1)
    assert lengths == pytest.approx(FULL, abs=2)


def test_the_film_begins_with_the_paper_and_ends_with_the_networks_answers() -> None:
    lab = Paper(steps=200, seeds=2, examples=250)
    shown, task = ran().film, lab.asks()
    x = task.shown(400, rng([lab.seed, 3]))  # type: ignore[arg-type]
    first = shown.frames[0, : len(x), :2] / FULL * shown.reach[0]
    assert first == pytest.approx(x, abs=1e-4)
    ends = shown.frames[-1, : len(x), :2].astype(float)
    assert (ends.argmax(axis=1) == shown.says[: len(x)]).mean() > 0.99


@pytest.mark.parametrize("width", [3, 16])
def test_six_layers_of_two_thousand_points_and_a_grid_stay_below_two_megabytes(width: int) -> None:
    *_, snapshot = PointClassifier(width=width, depth=6, steps=50).fit(Sheet("disc-in-ring"), 1, rng())
    task = Sheet("disc-in-ring")
    x = task.training_sample(MOST, rng())
    shown = film(x, task.lines(SIDE), task.truth(x), snapshot.network, LAST)
    assert shown.frames.nbytes + shown.reach.nbytes + shown.labels.nbytes + shown.says.nbytes < 2e6


@pytest.mark.parametrize("knobs", CASES)
def test_figures_are_shares_and_counts_for_each_boundary(knobs: dict[str, object]) -> None:
    shown = ran(**knobs).film
    found = shown.untangled
    assert found
    boundaries = int(shown.layer[-1]) + 2
    assert len(found.probe) == len(found.purity) == len(found.pieces) == boundaries
    assert ((found.probe >= 0) & (found.probe <= 1) & (found.purity >= 0) & (found.purity <= 1)).all()
    assert found.pieces.shape[1] == len(np.unique(shown.labels))


def test_a_linear_map_reads_what_lies_apart_and_not_what_lies_inside_each_other() -> None:
    task = Sheet("disc-in-ring")
    ring = task.training_sample(600, rng())
    labels = task.truth(ring)
    apart = ring + 3 * labels[:, None]
    found = untangled([ring, apart], labels)
    assert found.probe[0] < 0.7
    assert found.probe[1] == 1
    assert (found.purity == 1).all()
    assert (found.pieces == 1).all()


def test_pieces_are_counted() -> None:
    places = np.concatenate([rng(1).normal(0, 0.1, (40, 2)) + middle for middle in ([0, 0], [5, 0], [0, 5], [5, 5])])
    found = untangled([places], np.repeat([0, 0, 0, 1], 40))
    assert found.pieces.tolist() == [[3, 1]]


def test_a_half_turn_keeps_its_size_between_two_frames() -> None:
    """The browser goes straight from one to the next: in the middle of a twelfth of a turn that is 97 % of the way."""
    half = np.diag([-1.0, -1.0, 1.0])
    told = rotation_frames(np.array([[1.0, 0, 0]]), half, LAST)
    between = np.linalg.norm((told[1:] + told[:-1]) / 2, axis=2)
    assert between.min() > 0.96


@pytest.mark.parametrize("knobs", CASES)
def test_the_film_says_whether_it_shows_the_whole_network(knobs: dict[str, object]) -> None:
    shown = ran(**knobs).film
    layers = int(knobs.get("depth", 2)) + 1  # type: ignore[call-overload]
    assert shown.whole == (int(shown.layer[-1]) + 1 == layers)
    assert shown.whole != (knobs.get("shape") == "floor")
    assert (shown.spread < 1) == (shown.room > 3)


def test_figures_of_digits_are_of_the_539_that_no_learner_saw() -> None:
    found = ran(shape="digits", width=12).film.untangled
    assert found
    for shares, of in ((found.probe, 180), (found.purity, 539)):  # every third, and all
        assert shares * of == pytest.approx(np.round(shares * of), abs=1e-9)


def test_the_last_layer_is_left_out_where_it_alone_would_need_more_axes() -> None:
    layers = [Layer(np.zeros((2, 3)), np.zeros(3)), Layer(np.zeros((3, 12)), np.zeros(12))]
    assert visible(layers, 2) == layers[:1]
    assert visible([*layers[:1], Layer(np.zeros((3, 2)), np.zeros(2))], 2)[1:]
    assert len(visible(layers, 64)) == 2


def test_axes_are_the_plain_ones_up_to_three_and_orthogonal_beyond() -> None:
    assert np.array_equal(axes(np.zeros((2, 5, 2)))[0], np.eye(2))
    assert np.array_equal(axes(np.zeros((2, 5, 3)))[0], np.eye(3))
    told, spread = axes(rng().normal(size=(4, 50, 9)))
    assert told.shape == (9, 3)
    assert told.T @ told == pytest.approx(np.eye(3), abs=1e-12)
    assert 3 / 9 < spread < 0.5  # of a round cloud hardly more than a third


def test_all_spread_is_along_the_axes_where_the_states_are_flat() -> None:
    flat = rng().normal(size=(4, 50, 3)) @ np.linalg.qr(rng(1).normal(size=(9, 3)))[0].T
    assert axes(flat)[1] == pytest.approx(1, abs=1e-12)


def test_only_what_can_be_undone_is_said_to_come_home() -> None:
    assert ran(shape="sheet", residual=True, depth=4).back < 1e-9
    assert np.isnan(ran().back)
    assert np.isnan(ran(shape="sheet", residual=True, width=2).back)


def test_steepness_has_a_row_for_each_look_at_the_network() -> None:
    steep = ran(shape="step").steep
    assert len(steep) == 26
    assert steep[0, 0] == 0
    assert steep[-1, 0] == 200
    assert (steep[:, 2] <= steep[:, 1]).all()
    assert (steep[:, 1] <= steep[:, 3]).all()
    assert steep[-1, 1] > steep[0, 1]


def test_accuracy_is_one_share_for_each_seed() -> None:
    assert len(ran().accuracy) == 2
    assert all(0 <= one <= 1 for one in ran().accuracy)


def test_a_slope_is_what_a_small_step_changes() -> None:
    *_, snapshot = PointClassifier(width=4, steps=100).fit(Sheet("moons"), 2, rng())
    x = Sheet("moons").training_sample(50, rng())
    gradient_norms = snapshot.network.gradient_norms(x)
    assert gradient_norms.shape == (2, 50)
    one = snapshot.network.module(1).double()
    import torch

    def sure(at: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return one(torch.tensor(at)).softmax(-1).numpy()

    tiny = 1e-5
    rise = np.stack([(sure(x + step) - sure(x - step)) / (2 * tiny) for step in tiny * np.eye(2)])
    assert gradient_norms[1] == pytest.approx(np.linalg.norm(rise, axis=0).max(axis=1), rel=1e-3, abs=1e-4)


def test_a_drawing_counts_only_where_it_is_shown() -> None:
    plain, other = Paper(), replace(Paper(), points=letters(STAND_IN))
    assert astuple(plain.asks()) == astuple(other.asks())


def test_what_a_shape_does_not_ask_for_is_in_no_recipe() -> None:
    other: dict[str, object] = {"points": letters(STAND_IN), "crumple": 0.7, "forgets": True}
    for shape in SHAPES:
        lab = Paper(shape=shape, **other)  # type: ignore[arg-type]
        kept = {name for name, value in other.items() if getattr(lab, name) == value}
        assert kept == {"drawn": {"points"}, "sheet": {"crumple", "forgets"}}.get(shape, set())
    assert repr(Paper(**other)) == repr(Paper())  # type: ignore[arg-type]


# --- Everything is a vector


def test_a_digit_a_word_and_a_sound_are_rows_of_numbers() -> None:
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    assert np.array_equal(vectors.digit(), images[0] / 16)
    assert labels[0] == 0
    assert vectors.word().shape == (182,)
    assert vectors.word().sum() == 7
    assert vectors.sound().shape == (8000,)
    assert abs(vectors.sound()).max() <= 1
