"""The answer is covered until the visitor has guessed, on every page, and a guess is answered by its own run alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.app.language import Texts
from dashboard.page import guess
from dashboard.page.gallery import cached, mark
from dashboard.page.lab_page import Shown, View
from dashboard.page.stage import _all
from dashboard.pages.attack.page import PAGE
from dashboard.pages.throw.page import PAGE as THROW
from lib.core import opens
from lib.labs import LABS
from tests.dashboard.conftest import (
    Play,
    calm,
    end,
    every_lab,
    every_lab_and_language,
    every_language,
    frame,
    go,
    knob,
    look_away,
    said,
    sized,
    stale,
    visit,
    widgets,
)
from tests.lib.labs.test_labs import results

pytestmark = pytest.mark.usefixtures("play")


def verdict(name: str, words: Texts) -> str:
    """All that a page says of the result of a lab's defaults."""
    return cached(_all, results(name)[-1], mark(LABS[name](), shipped=False), words)[0]


def pictures(at: AppTest) -> list[Any]:
    """The data of the charts, as they are sent."""
    return [one.proto.datasets[0].data.data for one in at.get("vega_lite_chart")]


@every_lab_and_language
def test_until_the_guess_nothing_on_the_page_answers_it(name: str, language: str) -> None:
    at, words = calm(visit(name, language, guessed=False)), Texts(language, name)
    for tab in (words("verdict.title"), words("stage.data")):
        at.session_state[f"{name}_tab_{language}"] = tab
        calm(at.run())
        assert verdict(name, words).split("\n")[0] not in said(at)
        assert words("stage.covered") in said(at)
        assert len(at.dataframe) == 0
    assert not any(one.label == words("take.csv") for one in at.get("download_button"))
    assert knob(at, "guess", name).label == words("guess.ask")
    became = words("since.text").split("\n")[0]  # of the claim
    assert became not in said(at)
    calm(knob(at, "guess", name).set_value(0).run())
    assert became in said(at)


@every_lab
def test_a_guess_opens_its_page_for_the_visit_and_no_other(name: str) -> None:
    at, words = visit(name, guessed=False), Texts("en", name)
    calm(knob(at, "guess", name).set_value(0).run())
    calm(at.run())
    assert verdict(name, words) in said(at)
    assert f"{name}_reveal" not in widgets(at)
    calm(go(at, "home").run())
    home = Texts("en", "home")
    covered = sum(home("covered") in one.value for one in at.header)
    assert covered == len(LABS) - 1
    knob(calm(go(at, name).run()), "guess", name).set_value(None).run()
    assert verdict(name, words) in said(calm(at.run()))


@every_lab
def test_who_does_not_want_to_guess_is_shown(name: str) -> None:
    at, words = visit(name, guessed=False), Texts("en", name)
    calm(knob(at, "reveal", name).click().run())
    assert verdict(name, words) in said(calm(at.run()))
    assert verdict(name, words) in said(calm(visit(name, guessed=False, reveal="1")))


@every_lab
def test_a_projector_has_a_button_and_a_key_that_uncover(name: str) -> None:
    at = visit(name, guessed=False, present="1")
    assert knob(at, "reveal", name).proto.shortcut == "v"
    assert knob(visit(name, guessed=False, present="1", keys="0"), "reveal", name).proto.shortcut == ""
    calm(knob(at, "reveal", name).click().run())
    assert Texts("en", name)("stage.covered") not in said(calm(at.run()))
    assert f"{name}_reveal" not in widgets(at)


def test_what_lies_at_the_edge_of_a_guess_is_told_apart_from_it() -> None:
    """A share just below 10 % answers "under 10 %": it may not read as 10 %."""
    below, words = 0.0999, Texts("en", "attack")
    page = replace(PAGE, measure=lambda _: below)
    view = View(LABS["attack"](), Shown(LABS["attack"](), None, "", "here"), True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guess, "made", lambda _: 0)
        assert guess.told(page, view, words) == words(
            "guess.right", guess=words.at("guess.options")[0], value="9.99\u00a0%"
        )


@every_language
def test_a_guess_is_asked_about_what_the_knobs_are_set_to(language: str) -> None:
    words = Texts(language, "attack")
    for norm, name in (("linf", "guess.ask"), ("l2", "guess.ask_l2")):
        assert knob(visit("attack", language, guessed=False, attack_norm=norm), "guess", "attack").label == words(name)


@every_lab
def test_what_a_preset_is_for_is_said_once_the_guess_is_made(name: str) -> None:
    preset = next(one for one in LABS[name].presets if one not in (opens(LABS[name]), "default"))
    link = {f"{name}_{knob}": str(value).lower() for knob, value in LABS[name].presets[preset].items()}
    comment = Texts("en", name)(f"presets.{preset}.comment")
    assert comment not in said(calm(visit(name, guessed=False, **link)))
    assert comment in said(calm(visit(name, **link)))


def test_a_run_answers_a_guess_once_it_has_finished(play: Play) -> None:
    words = Texts("en", "throw")
    at = calm(visit("throw", guessed=False))
    knob(at, "guess", "throw").set_value(1).run()
    calm(at.run())
    play.acts.extend([frame(results("throw")[0]), look_away])
    calm(knob(at, "start", "throw").click().run())
    bet = words.at("guess.options")[1]
    assert knob(at, "guess", "throw").label == words("guess.runs", guess=bet)
    play.acts.append(end(results("throw")[-1]))
    assert bet in knob(calm(at.run()), "guess", "throw").label
    assert knob(at, "guess", "throw").label != words("guess.runs", guess=bet)


def test_a_guess_made_for_other_knobs_says_so() -> None:
    words, page = Texts("en", "throw"), THROW
    moved = words("guess.moved", told="")
    at = calm(visit("throw", guessed=False))
    calm(knob(at, "guess", "throw").set_value(1).run())
    assert moved not in knob(calm(at.run()), "guess", "throw").label
    shown = Shown(LABS["throw"](coverage=0.9), results("throw")[-1], "", "here")  # type: ignore[call-arg]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guess.st, "session_state", at.session_state)
        assert moved in guess.told(page, View(shown.lab, shown, True), words)


@every_lab
def test_a_result_of_other_settings_answers_no_guess(name: str) -> None:
    at, words = visit(name, **{f"{name}_{sized(name)}": "16"}), Texts("en", name)
    calm(knob(at, "guess", name).set_value(1).run())
    assert knob(at, "guess", name).label == words("guess.waits", guess=words.at("guess.options")[1])
    assert stale(words) in said(calm(at.run()))
