"""Every page in every language, as a visitor finds it and turns it, without a browser."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.app.language import LANGUAGES, Texts
from dashboard.page import controls
from lib import store
from lib.core import opening, opens
from lib.knobs import Knob, knobs
from lib.labs import LABS
from tests.dashboard.conftest import (
    calm,
    covering,
    every_lab,
    every_lab_and_language,
    every_language,
    go,
    headings,
    knob,
    said,
    settings,
    signed_as,
    sized,
    stale,
    turn,
    visit,
    widgets,
)
from tests.lib.labs.test_labs import results

pytestmark = pytest.mark.usefixtures("play")


@every_language
@pytest.mark.parametrize("page", ["home", *LABS])
def test_a_page_opens_with_its_title_and_question(page: str, language: str) -> None:
    at, words = calm(visit(page, language)), Texts(language, page)
    assert [one.value for one in at.title] == [words("question")]
    assert len(at.warning) == 0


@every_language
def test_home_has_a_card_for_each_lab(language: str) -> None:
    at = visit("home", language)
    for name in LABS:
        words = Texts(language, name)
        assert words("title") in headings(at)
        assert f"**{words('question')}**" in said(at)
    links = [one.proto for one in at.get("page_link")]
    assert [one.page for one in links] == list(LABS)
    assert [one.label for one in links] == [
        Texts(language, "home")("open", title=Texts(language, name)("title")) for name in LABS
    ]
    assert len(at.get("vega_lite_chart")) == len(LABS)


def with_widgets(name: str) -> list[Knob]:
    """The knobs of a lab but for letters, which its page sets by means of its own."""
    return [one for one in knobs(LABS[name]).values() if not one.misread]


@every_lab
@every_language
def test_every_knob_has_a_widget_that_explains_itself(name: str, language: str) -> None:
    at, words = visit(name, language), Texts(language, name)
    for one in with_widgets(name):
        shown = knob(at, one.name, name)
        assert shown.value == getattr(opening(LABS[name]), one.name)
        assert shown.label.startswith(words(f"knobs.{one.name}.label"))
        assert one.unit in shown.label
        assert shown.help == words(f"knobs.{one.name}.help")


@every_lab
def test_what_a_knob_shows_tells_its_stops_apart(name: str) -> None:
    at = visit(name)
    for one in with_widgets(name):
        shown = knob(at, one.name, name)
        if shown.type == "slider":
            stops = np.arange(one.low, one.high + one.step / 2, one.step)  # type: ignore[operator]
            assert len({shown.proto.format % stop for stop in stops}) == len(stops), one.name


@every_lab
@every_language
def test_the_default_is_there_at_once_in_pictures_sentences_and_figures(name: str, language: str) -> None:
    at, words = visit(name, language), Texts(language, name)
    for row in ("inside", "outside", "holds", "price"):
        assert f"| {words(f'figures.{row}')} |" in said(at)
    assert all(one.proto.alt for one in at.get("vega_lite_chart"))
    for part in ("inside", "breaks", "since", "take"):
        assert words(f"{part}.title") in headings(at)
    assert words("run.here") in said(at)
    assert not knob(at, "start", name).disabled
    assert knob(at, "stop", name).disabled


@every_lab_and_language
def test_the_numbers_of_the_pictures_stand_in_a_table(name: str, language: str) -> None:
    at = visit(name, language)
    assert len(at.dataframe) == 0  # not before somebody looks
    at.session_state[f"{name}_tab_{language}"] = Texts(language, name)("stage.data")
    calm(at.run())
    assert len(at.dataframe[0].value) == sum(len(one.curve) for one in shown(at, name).verdict.answerers)


def shown(at: AppTest, name: str) -> Any:
    return at.session_state[f"{name}_shown"].result


@every_lab
def test_a_preset_turns_the_knobs_and_says_what_it_is_for(name: str) -> None:
    lab, words = LABS[name], Texts("en", name)
    at = visit(name)
    chips = [one for one in at.button_group if (one.key or "").startswith(f"{name}_presets_")]
    offered = {label: one.key for one in chips for label in one.options}
    assert sorted(offered) == sorted(words(f"presets.{preset}.label") for preset in lab.presets)
    for preset in reversed(lab.presets):
        place = widgets(at)[offered[words(f"presets.{preset}.label")]]
        calm(place.set_value(preset).run())  # draws what has changed
        calm(at.run())
        assert settings(at, name) == {one.name: one.default for one in knobs(lab).values()} | lab.presets[preset]
        assert (words(f"presets.{preset}.comment") in said(at)) == (preset != opens(lab))
        assert {place.value for place in at.button_group if place.key in offered.values()} == {preset, None}


@every_lab
def test_a_preset_keeps_the_seed(name: str) -> None:
    at = visit(name, **{f"{name}_seed": "7"})
    chips = next(one for one in at.button_group if one.key == f"{name}_presets_default")
    preset = list(LABS[name].presets)[1]
    chips.set_value(preset).run()
    assert settings(at, name)["seed"] == 7
    assert next(one for one in at.button_group if one.key == chips.key).value == preset
    assert at.query_params[f"{name}_seed"] == "7"


@every_lab_and_language
def test_a_turned_knob_marks_the_picture_stale_and_enters_the_address(name: str, language: str) -> None:
    at, words = visit(name, language), Texts(language, name)
    calm(knob(at, sized(name), name).set_value(16).run())
    assert stale(words) in said(at)
    assert at.query_params[f"{name}_{sized(name)}"] == "16"
    assert f"{sized(name)}=16" in at.code[-1].value
    assert stale(words) in said(calm(at.run()))
    calm(knob(at, sized(name), name).set_value(knobs(LABS[name])[sized(name)].default).run())
    assert words("run.here") in said(at)
    assert f"{name}_{sized(name)}" not in at.query_params


@every_lab
def test_a_turn_that_finds_no_result_draws_only_what_names_the_knobs(name: str) -> None:
    """Where the pictures are faded already, as the first such turn leaves them."""
    lab: Any = replace(opening(LABS[name]), **{sized(name): 16})  # type: ignore[type-var]
    link = {controls.key(LABS[name], one): word for one, word in controls.turned(lab).items()}
    at, words = visit(name, **link), Texts("en", name)
    knob(at, "seed", name).set_value(24).run()
    assert stale(words) in said(at)
    assert words("since.title") not in headings(at)
    assert (len(at.title), len(at.tabs)) == (0, 0)


@every_lab
def test_a_turn_that_finds_a_result_draws_stage_and_verdict_and_not_the_page(name: str) -> None:
    lab: Any = replace(opening(LABS[name]), **{sized(name): 16})  # type: ignore[type-var]
    words = Texts("en", name)
    assert store.own().put(lab, signed_as(results(name)[-1], lab))
    at = visit(name)
    knob(at, sized(name), name).set_value(16).run()
    assert words("figures.inside") in said(at)
    assert not {words(f"{part}.title") for part in ("since", "take", "breaks")} & {*headings(at)}
    turned = {controls.key(LABS[name], one) for one in knobs(LABS[name])}
    assert not at.title
    assert not turned & {one.key for one in (*at.selectbox, *at.toggle, *at.slider, *at.select_slider)}


@every_lab
@every_language
def test_a_guess_is_answered_in_words(name: str, language: str) -> None:
    if name == "moonshot":  # nobody hits in so small a run
        hits_after(15.0)
    if name == "panda":  # one step takes no photo there
        seen_at(2.0)
    at, words = visit(name, language), Texts(language, name)
    options = words.at("guess.options")
    outcomes = []
    for bet, option in enumerate(options):
        calm(knob(at, "guess", name).set_value(bet).run())
        answers = [words.at(f"guess.{outcome}").split("{guess}") for outcome in ("low", "right", "high")]
        label = knob(at, "guess", name).label
        outcomes += [i for i, (head, tail) in enumerate(answers) if f"{head}{option}{tail.split('{')[0]}" in label]
    assert len(outcomes) == len(options)
    assert outcomes == sorted(outcomes)
    assert outcomes.count(1) == 1
    knob(at, "guess", name).set_value(None).run()
    assert knob(at, "guess", name).label == words("guess.ask")


@every_language
def test_a_guess_about_what_never_came_is_answered_too(language: str) -> None:
    hits_after(np.inf)
    at, words = visit("moonshot", language), Texts(language, "moonshot")
    calm(knob(at, "guess", "moonshot").set_value(3).run())
    assert knob(at, "guess", "moonshot").label == words("guess.never", guess=words.at("guess.options")[3])


def hits_after(launches: float) -> None:
    """Put a result of Moonshot on the shelf in which everybody hits after so many launches."""
    lab, result = LABS["moonshot"](), results("moonshot")[-1]
    book = replace(result.ledger, first=np.full_like(result.ledger.first, launches))
    assert store.own().put(lab, signed_as(replace(result, ledger=book), lab))


def seen_at(level: float) -> None:
    """Put a result of Panda on the shelf in which the saved picture is read as the target from an ε on."""
    lab, result = LABS["panda"](), results("panda")[-1]
    reads = result.scene.undone_reads.copy()
    for row, eps in enumerate(result.verdict.axis.exam):
        reads[row] = result.scene.target if eps >= level else result.scene.source
    told = replace(result, scene=replace(result.scene, undone_reads=reads))
    assert store.own().put(lab, signed_as(told, lab))


@every_lab
def test_the_assumptions_of_the_program_can_be_broken(name: str) -> None:
    at = visit(name)
    for preset in Texts("en", name).at("breaks.presets"):
        for broken, value in LABS[name].presets[preset].items():
            turn(at, broken, name, value)
            assert settings(at, name)[broken] == value
            assert f"{broken}={value!r}" in at.code[-1].value


@pytest.mark.parametrize(("locale", "spoken"), [("en-US", "en"), ("zh-CN", "zh"), ("de-DE", "en"), (None, "en")])
def test_the_language_is_the_browsers_unless_the_link_asks_for_another(locale: str | None, spoken: str) -> None:
    at = calm(visit("home", locale=locale))
    assert at.session_state["language"] == spoken
    assert "lang" not in at.query_params
    other = next(one for one in LANGUAGES if one != spoken)
    asked = calm(visit("home", other, locale=locale))
    assert asked.session_state["language"] == other
    assert asked.query_params["lang"] == other


@every_lab
def test_a_switch_of_language_keeps_the_knobs_and_stays_in_the_link(name: str) -> None:
    at = visit(name, **{f"{name}_{sized(name)}": "16"})
    turn(at, sized(name), name, 16)
    calm(widgets(at)["lang"].set_value("zh").run())
    assert [one.value for one in at.title] == [Texts("zh", name)("question")]
    assert settings(at, name)[sized(name)] == 16
    assert at.query_params["lang"] == "zh"
    assert at.query_params[f"{name}_{sized(name)}"] == "16"


@covering("name, other", LABS, [*list(LABS)[1:], "home"])
def test_knobs_survive_a_visit_to_another_page(name: str, other: str) -> None:
    at = visit(name)
    turn(at, sized(name), name, 16)
    for page in (other, name):  # by the menu, whose links carry no knobs
        at.query_params.clear()
        calm(go(at, page).run())
    assert settings(at, name)[sized(name)] == 16


@every_lab_and_language
def test_present_mode_leaves_out_what_show_does_not_name(name: str, language: str) -> None:
    at = calm(visit(name, language, present="1", show=f"seed,{sized(name)}", **{f"{name}_seeds": "2"}))
    words = Texts(language, name)
    assert set(widgets(at)) == {f"{name}_{one}" for one in ("seed", sized(name), "start", "stop")}
    assert settings(at, name)["seeds"] == 2
    assert [one.value for one in at.title] == [words("question")]
    assert headings(at) == []
    assert len(at.tabs) == 0


@every_lab_and_language
def test_present_mode_speaks_of_no_button_that_is_not_there(name: str, language: str) -> None:
    words = Texts(language, name)
    at = calm(visit(name, language, guessed=False, present="1"))
    assert words("stage.veiled") in said(at)
    assert words("stage.covered") not in said(at)
    knob(at, "reveal", name).click().run()
    assert words("run.start") not in said(calm(at.run()))
    at = calm(visit(name, language, present="1", **{f"{name}_{sized(name)}": "16"}))
    assert f"{name}_start" in widgets(at)  # without it nothing would ever come
    assert stale(words) in said(at)


@every_lab
@pytest.mark.parametrize("part", controls.PARTS)
def test_present_mode_shows_what_is_named(name: str, part: str) -> None:
    at = calm(visit(name, present="1", show=part))
    assert not set(widgets(at)) & {f"{name}_{one}" for one in knobs(LABS[name])} - {
        f"{name}_{one}" for one in broken(name)
    }
    assert {
        "guess": f"{name}_guess" in widgets(at),
        "presets": f"{name}_presets_default" in widgets(at),
        "start": f"{name}_stop" in widgets(at),
        "pictures": len(at.tabs) > 0,
        "inside": Texts("en", name)("inside.title") in headings(at),
        "breaks": Texts("en", name)("breaks.title") in headings(at),
    } == {one: one == part for one in controls.PARTS}


def broken(name: str) -> list[str]:
    return [one for preset in Texts("en", name).at("breaks.presets") for one in LABS[name].presets[preset]]
