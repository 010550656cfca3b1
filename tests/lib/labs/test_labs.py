"""One battery over all labs: what every one of them promises to the page, the command line and the reader."""

from __future__ import annotations

import math
import tempfile
import tomllib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import store
from lib.core import DivergedError, opening, shipped
from lib.knobs import Knob, knobs
from lib.labs import LABS
from tests import shared

TOLD = {name: tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text(encoding="utf-8")) for name in LABS}
SMALL: dict[str, dict[str, Any]] = {name: told["small"] for name, told in TOLD.items()}

pytestmark = pytest.mark.xdist_group("labs")  # they share their runs

ROUNDING = 1e-12  # of sums of shares of a run

every_lab = pytest.mark.parametrize("name", LABS)


def small(name: str, **more: Any) -> Any:
    return LABS[name](**SMALL[name] | more)


@cache
def computed(name: str) -> tuple[Any, ...]:
    """All that a small run yields, of a run in this process."""
    return tuple(small(name).run())


@cache
def results(name: str) -> tuple[Any, ...]:
    """The same, but what one process of a test run has computed the others read."""
    place = shared.folder() / name
    if place.exists():
        return tuple(store.unpack(LABS[name].result, path.read_bytes()) for path in sorted(place.iterdir()))
    draft = Path(tempfile.mkdtemp(dir=place.parent))
    for at, one in enumerate(computed(name)):
        (draft / f"{at:04}").write_bytes(store.pack(one))
    with suppress(OSError):  # another was as quick
        draft.rename(place)
    return computed(name)


def untimed(result: Any) -> bytes:
    """A result to the last bit, but for the seconds it took and the recipe that signs it."""
    verdict = result.verdict
    told = tuple(replace(one, price=replace(one.price, seconds=0.0)) for one in verdict.answerers)
    return store.pack(replace(result, verdict=replace(verdict, recipe="", answerers=told)))


def values(name: str, knob: Knob) -> st.SearchStrategy[Any]:
    """What may stand at a knob."""
    if knob.choices:
        return st.sampled_from(knob.choices)
    if knob.misread:
        return st.sampled_from([knob.default, *TOLD[name]["letters"][knob.name]])
    if knob.low is None or knob.high is None:
        return st.booleans()
    return st.integers(int(knob.low), int(knob.high)) if knob.whole else st.floats(knob.low, knob.high)


@every_lab
def test_it_is_listed_under_its_own_name(name: str) -> None:
    assert LABS[name].name == name
    assert (LABS[name].__doc__ or "").strip()
    assert LABS[name].version >= 1


@every_lab
@given(st.data())
@settings(max_examples=30)
def test_its_repr_is_its_recipe(name: str, data: st.DataObject) -> None:
    lab = LABS[name]
    one = lab(**{knob.name: data.draw(values(name, knob), knob.name) for knob in knobs(lab).values()})
    again = eval(repr(one), {lab.__name__: lab})  # noqa: S307
    assert again == one
    assert repr(again) == repr(one)


@every_lab
def test_every_setting_is_a_knob(name: str) -> None:
    assert [one.name for one in fields(LABS[name])] == list(knobs(LABS[name]))  # pyright: ignore[reportArgumentType]
    assert "seed" in knobs(LABS[name])


@every_lab
def test_presets_are_valid_and_the_defaults_come_first(name: str) -> None:
    lab = LABS[name]
    assert next(iter(lab.presets.items())) == ("default", {})
    made = [lab(**preset) for preset in lab.presets.values()]
    assert len({repr(one) for one in made}) == len(made)
    assert all("seed" not in preset for preset in lab.presets.values())
    assert opening(lab) in made


@every_lab
def test_what_a_slider_offers_includes_the_default_and_every_preset(name: str) -> None:
    for knob in knobs(LABS[name]).values():
        if knob.low is None or knob.high is None:
            continue
        used = {knob.default, *(p[knob.name] for p in LABS[name].presets.values() if knob.name in p)}
        if knob.stops:
            assert list(knob.stops) == sorted(set(knob.stops)), knob.name
            assert used <= set(knob.stops), knob.name
            assert not any(map(knob.fault, knob.stops)), knob.name
        else:
            assert knob.step, knob.name
            steps = [(value - knob.low) / knob.step for value in (*used, knob.high)]
            assert steps == pytest.approx([round(step) for step in steps], abs=1e-9), knob.name


@every_lab
def test_out_of_bounds_is_refused_by_name(name: str) -> None:
    lab = LABS[name]
    for knob in knobs(lab).values():
        wrong: list[Any] = [None, "rubbish", [1]]
        if knob.low is not None and knob.high is not None:
            wrong += [knob.low - 1, knob.high + 1, math.nan, math.inf, True]
        for value in wrong:
            with pytest.raises(ValueError, match=f"^{knob.name}: got .*, (choose|say) "):
                lab(**{knob.name: value})


@every_lab
def test_the_axis_reaches_beyond_training(name: str) -> None:
    for preset in LABS[name].presets.values():
        axis = LABS[name](**preset).asks().axis
        assert not axis.seen(axis.end)
        assert axis.outward * (axis.end - (axis.train[1] if axis.outward > 0 else axis.train[0])) > 0
        assert len(set(axis.exam)) == len(axis.exam)


@every_lab
def test_the_truth_has_no_error_and_questions_repeat(name: str) -> None:
    task = small(name).asks()
    for at in task.axis.exam:
        x = task.sample(at, 20, np.random.default_rng(3))
        assert np.array_equal(x, task.sample(at, 20, np.random.default_rng(3)))
        y = task.truth(x)
        assert len(x) == len(y) == 20
        assert task.error(y, y).tolist() == [0.0] * 20
        wrong = task.error(y + 1, y)
        assert wrong.shape == (20,)
        assert (wrong > 0).all()


@every_lab
def test_the_program_leaves_its_input_alone_and_answers_each_question_by_itself(name: str) -> None:
    lab = small(name)
    task, program = lab.asks(), lab.program()
    seen: Callable[[np.ndarray], np.ndarray] = getattr(task, "pictures", lambda x: x)
    x = seen(task.sample(task.axis.end, 20, np.random.default_rng(3)))
    before = x.copy()
    x.setflags(write=False)
    answers = program(x)
    assert np.array_equal(x, before)
    assert len(answers) == 20
    assert np.array_equal(program(x[:7]), answers[:7])


@every_lab
def test_the_same_recipe_gives_the_same_result_to_the_last_bit(name: str) -> None:
    again = small(name).run()
    assert [untimed(one) for one in again] == [untimed(one) for one in computed(name)]
    assert [untimed(one) for one in results(name)] == [untimed(one) for one in computed(name)]


@every_lab
def test_another_seed_gives_another_result(name: str) -> None:
    both = zip(small(name, seed=1).run(), results(name), strict=False)
    assert any(other.loss != mine.loss and untimed(other) != untimed(mine) for other, mine in both)


@every_lab
def test_progress_ascends_to_one_in_many_small_steps(name: str) -> None:
    told = [0.0, *(one.progress for one in results(name))]
    assert all(before <= after + ROUNDING for before, after in pairwise(told))
    assert told[-1] == 1.0
    assert len(told) >= 25
    assert max(after - before for before, after in pairwise(told)) < 0.4


@every_lab
def test_every_result_is_complete(name: str) -> None:
    """Page, command line and store can show any of them: each is signed, examined over the whole axis, and packs."""
    lab = small(name)
    for one in computed(name):
        assert isinstance(one, LABS[name].result)
        assert (one.verdict.lab, one.verdict.version, one.verdict.recipe) == (name, lab.version, repr(lab))
        assert one.verdict.axis == lab.asks().axis
        for who in one.verdict.answerers:
            assert tuple(point.at for point in who.curve) == one.verdict.axis.exam, who.name
            assert all(point.low <= point.error <= point.high for point in who.curve), who.name
        blob = store.pack(one)
        assert store.unpack(LABS[name].result, blob).verdict == one.verdict
        assert store.pack(store.unpack(LABS[name].result, blob)) == blob


@every_lab
def test_the_last_result_has_a_network_and_a_program_and_says_what_they_cost(name: str) -> None:
    answerers = results(name)[-1].verdict.answerers
    assert len({one.name for one in answerers}) == len(answerers)
    assert {"network", "program"} <= {one.kind for one in answerers}
    for one in answerers:
        assert (one.price.lines > 0) == (one.kind == "program"), one.name
        assert (one.price.examples > 0) == (one.kind != "program"), one.name
        assert (one.price.parameters > 0) == (one.kind != "program"), one.name


@every_lab
def test_inside_and_outside_are_those_of_the_curve(name: str) -> None:
    for one in results(name)[-1].verdict.answerers:
        inside, outside = ([p.error for p in one.curve if p.seen == seen] for seen in (True, False))
        assert (one.inside, one.outside) == pytest.approx((np.mean(inside), np.mean(outside)), rel=1e-12)


@pytest.mark.parametrize("name", [name for name, lab in LABS.items() if "learning_rate" in knobs(lab)])
def test_a_divergence_names_the_knob(name: str) -> None:
    lab = small(name)
    object.__setattr__(lab, "learning_rate", 1e30)  # more than a visitor may
    with pytest.raises(DivergedError) as caught:
        list(lab.run())
    assert caught.value.knob == "learning_rate"
    assert caught.value.knob in knobs(lab)


@every_lab
def test_what_ships_are_the_results_of_the_present_presets(name: str) -> None:
    shelf = store.Store(str(store.SHIPPED))
    for chosen in shipped(LABS[name]):
        found = shelf.get(LABS[name](**chosen))
        assert found is not None, f"{LABS[name](**chosen)!r} is not shipped; run `make results`"
        assert found.progress == 1.0


def idlers(name: str) -> dict[str, Any]:
    """Each knob that does nothing in some preset, with the first such lab."""
    told: dict[str, Any] = {}
    for preset in LABS[name].presets.values():
        one = LABS[name](**preset | SMALL[name])
        told = dict.fromkeys(one.idle(), one) | told
    return told


@every_lab
def test_a_knob_that_is_said_to_do_nothing_does_nothing(name: str) -> None:
    for knob, one in idlers(name).items():
        turned = replace(one, **{knob: another(name, knobs(one)[knob], getattr(one, knob))})
        assert turned.idle() == one.idle()
        assert turned == one or curves(turned) == curves(one), knob


def curves(lab: Any) -> list[Any]:
    """Of the first result, in which everybody has begun."""
    return [one.curve for one in next(lab.run()).verdict.answerers]


def another(name: str, knob: Knob, value: Any) -> Any:
    """Some other setting of a knob."""
    offer = [*knob.choices, *(TOLD[name]["letters"][knob.name] if knob.misread else [knob.low, knob.high])]
    return next(one for one in offer if one not in (None, value)) if any(offer) else not value
