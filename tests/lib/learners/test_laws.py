"""The search for laws: rows of values, numbers that are fitted, and the laws that it finds."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from lib import formulas
from lib.formulas import Call, Name, Number, Pair, X, read
from lib.learners.laws import search as laws
from lib.learners.laws.fits import Sum, fitted, rounded, simple, weighed
from lib.learners.laws.rows import Rows
from lib.learners.laws.search import FUNCTIONS, STAGES, Found, LawSearch
from lib.tasks.curve import LISTED, Curves, Planets


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@cache
def found(task: Curves | Planets, examples: int = 30, noise: float = 0.0, forbidden: tuple[str, ...] = ()) -> tuple:
    return tuple(LawSearch(examples, noise, forbidden).fit(task, 3, rng()))


def told(snapshots: tuple) -> str:
    return formulas.text_of(snapshots[-1].network.best.tree)


LAWS = {
    "line": "2*x + 1",
    "absolute": "abs(x)",
    "square": "x^2",
    "sine": "sin(3*x)",
    "sinc": "sin(pi*x)/(pi*x)",
    "step": "sign(x)",
    "chirp": "sin(x^2)",
    "spring": "exp(-0.25*x)*cos(3*x)",
}


@pytest.mark.parametrize("law", LISTED)
def test_every_listed_law_is_found_from_30_clean_samples(law: str) -> None:
    assert told(found(Curves(law))) == LAWS[law]


def test_kepler_s_law_is_found_from_four_planets() -> None:
    last = found(Planets())[-1]
    assert formulas.text_of(last.network.best.tree) == "x*sqrt(x)"
    task = Planets()
    far = [at for at in task.axis.exam if not task.axis.seen(at)]
    asked = np.array(far)[:, None]
    assert task.error(last.network(asked)[0], task.truth(asked)).max() < 1e-3  # to Eris, 44 times as far as Mars


@pytest.mark.parametrize(
    ("formula", "law"),
    [
        ("sin(3x)+x/2", "sin(3*x) + 0.5*x"),
        ("2.7sin(4.3x+1)", "2.7*sin(4.3*x + 1)"),  # with a phase
        ("3|x-0.7|", "3*abs(x - 0.7)"),  # moved
        ("tanh(2.2x)+0.3x^2", "tanh(2.2*x) + 0.3*x^2"),
        ("5", "5"),
    ],
)
def test_typed_laws_are_found_too(formula: str, law: str) -> None:
    x = np.linspace(-9, 9, 40)
    best = found(Curves("", formula))[-1].network.best
    assert formulas.values(best.tree, x) == pytest.approx(formulas.values(read(law), x), abs=1e-5)


@pytest.mark.parametrize("law", ["line", "square", "sine", "spring"])
def test_noise_of_a_twentieth_does_not_hide_a_law_from_100_samples(law: str) -> None:
    last = found(Curves(law), 100, 0.05)[-1]
    names = [type(part) for part in formulas.parts(last.network.best.tree)]
    assert names == [type(part) for part in formulas.parts(read(LAWS[law]))]  # the law, but for its numbers
    assert last.loss[0] == pytest.approx(0.05**2, rel=0.5)


def test_a_search_that_lacks_a_function_is_near_inside_and_lost_outside() -> None:
    task = Curves("sine")
    network = found(task, 30, 0.0, ("sin", "cos"))[-1].network
    assert not {"sin", "cos"} & {part.function for part in formulas.parts(network.best.tree) if isinstance(part, Call)}
    inside, outside = (task.sample(at, 100, rng()) for at in (1.0, 5.0))
    errors = [float(np.median(task.error(network(x)[0], task.truth(x)))) for x in (inside, outside)]
    assert errors[1] > 10 * max(errors[0], 0.05)


def test_five_samples_do_not_tell_a_sum_of_two_terms() -> None:
    """Another formula passes through all of them."""
    network = found(Curves("", "sin(3x)+x/2"), 5)[-1].network
    x = np.linspace(-9, 9, 40)
    assert network.best.error < 1e-6
    assert np.abs(network(x[:, None])[0] - np.sin(3 * x) - x / 2).max() > 1


def test_the_front_comes_as_it_goes_and_only_gets_better() -> None:
    snapshots = found(Curves("", "sin(3x)+x/2"))
    assert [one.step for one in snapshots] == list(range(1, STAGES + 1))
    assert {one.steps for one in snapshots} == {STAGES}
    losses = [min(law.error for law in one.network.front) for one in snapshots]
    assert losses == sorted(losses, reverse=True)
    tried = [one.network.tried for one in snapshots]
    assert tried == sorted(set(tried))
    assert tried[-1] > 1e6
    for one in snapshots:
        front = one.network.front
        assert [law.size for law in front] == sorted({law.size for law in front})
        assert [law.error for law in front] == sorted((law.error for law in front), reverse=True)
        assert one.network.best in front
        for law in front:
            assert read(formulas.text_of(law.tree)) == law.tree  # what a chart or a link can take


def test_answers_are_those_of_the_law_for_every_seed() -> None:
    network: Found = found(Curves("sine"))[-1].network
    x = np.linspace(-9, 9, 11)[:, None]
    assert network(x).shape == (3, 11)
    assert network(x) == pytest.approx(np.tile(np.sin(3 * x[:, 0]), (3, 1)))
    assert network.parameters == 1
    assert found(Curves("", "5"))[-1].network(x).tolist() == [[5.0] * 11] * 3


@pytest.mark.parametrize(
    "task",
    [
        Curves("", "0x"),
        Curves("", "1e60 x"),
        Curves("", "1e-60sin(x)"),
        Curves("", "x", window=(1e5, 1e5 + 1)),
        Planets("Earth", "Mars"),
    ],
    ids=str,
)
def test_what_is_very_large_small_or_little_is_searched_all_the_same(task: Curves | Planets) -> None:
    last = found(task, 5)[-1]
    assert last.step == STAGES
    assert np.isfinite(last.network(task.training_sample(5, rng()))).all()


def test_an_unknown_function_cannot_be_forbidden() -> None:
    with pytest.raises(ValueError, match="forbidden: got 'gamma', choose of sin"):
        LawSearch(forbidden=("gamma",))


def test_rows_are_their_formulas_and_no_two_are_equal() -> None:
    x = rng().uniform(-2, 2, 20)
    rows = Rows(x, FUNCTIONS)
    for size in range(2, 5):
        rows.grow(size)
    assert len(rows) == len(rows.values) == len(rows.sizes)
    assert rows.tried > len(rows.values)
    for place in range(len(rows.values)):
        assert rows.values[place] == pytest.approx(formulas.many(rows.tree(place), {"x": x}) + 0 * x)
    scaled = rows.values / np.abs(rows.values).max(1, keepdims=True)
    apart = np.abs(scaled[:, None] - scaled).max(-1) + np.abs(
        np.log(np.abs(rows.values).max(1)[:, None] / np.abs(rows.values).max(1))
    )
    assert (apart + np.eye(len(apart)) > 1e-9).all()


def test_every_formula_of_a_size_is_tried() -> None:
    """Against an enumeration in plain Python: the same values, but for those that are constant."""
    x = rng().uniform(0.5, 2, 7)
    rows = Rows(x, ("sin", "square"))
    for size in range(2, 5):
        rows.grow(size)
    plain: dict[int, list[np.ndarray]] = {1: [x, np.ones(7), np.full(7, 2.0)]}
    for size in range(2, 5):
        made = [f(one) for f in (np.sin, np.square) for one in plain[size - 1]]
        for first in range(1, size - 1):
            made += [
                operation(one, other)
                for operation in (np.add, np.multiply, np.subtract, np.divide)
                for one in plain[first]
                for other in plain[size - 1 - first]
                if not (operation is np.divide and (other == 0).any())
            ]
        plain[size] = [one for one in made if np.ptp(one) > 1e-9 * np.abs(one).max()]
    wanted = {tuple(np.round(one, 6) + 0.0) for some in plain.values() for one in some}
    assert {tuple(np.round(one, 6) + 0.0) for one in rows.values} == wanted


def test_numbers_inside_and_weights_are_fitted_from_several_starts_at_once() -> None:
    x = np.linspace(-2, 2, 40)
    form = Sum((Call("sin", Pair("*", Name("c"), X)), X), ("c",))
    y = 1 + 2 * np.sin(3.3 * x) - x
    weights, inner, squares = fitted(form, x, y, np.array([[3.0], [3.5], [9.0]]))
    assert squares[:2].max() < 1e-20
    assert squares[2] > 0.01  # another hollow
    assert inner[:2, 0] == pytest.approx(3.3)
    assert weights[0] == pytest.approx([1, 2, -1])
    assert formulas.text_of(form.tree(*rounded(form, x, y, weights[0], inner[0], 1e-14, 3.0))) == "2*sin(3.3*x) - x + 1"


def test_least_squares_leave_out_what_has_no_value() -> None:
    columns = np.ones((2, 4, 1))
    columns[1, 0] = np.nan
    weights, left, _ = weighed(columns, np.array([1.0, 1, 1, 5]))
    assert weights[0] == pytest.approx(2)
    assert (left[1] > 1e100).all()


def test_a_law_is_written_without_what_says_nothing() -> None:
    told = {
        "1*x": "x",
        "-1*x": "-x",
        "x-0": "x",
        "x - -2": "x + 2",
        "sin(1*x)^2": "sin(x)^2",
        "sin(6x/2)": "sin(3*x)",
        "2x*0.5": "x",
    }
    for text, plain in told.items():
        assert formulas.text_of(simple(read(text))) == plain
    assert simple(Number(np.pi)) == Name("pi")


def test_a_description_costs_more_the_longer_it_is_and_less_the_closer() -> None:
    search = laws.Search(np.arange(5.0), np.arange(5.0) ** 2, FUNCTIONS)
    close, off = search.score(np.array([1e-6, 1.0]), 3)
    assert close < off < search.score(np.array(1.0), 4)
