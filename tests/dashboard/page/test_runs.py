"""A run as its page tells it: begun, under way, stopped, finished, failed, waiting, without workers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.app import live
from dashboard.app.language import Texts, share
from dashboard.page.verdict import rounded
from lib import store
from lib.core import DivergedError, NotInstalledError
from lib.jobs.job import FullError, LostError, NoWorkersError, OverMemoryError, OverTimeError
from lib.jobs.worker import VersionMismatchError
from lib.labs import LABS
from tests.dashboard.conftest import (
    Play,
    calm,
    covering,
    end,
    every_lab,
    every_lab_and_language,
    every_language,
    fail,
    frame,
    headings,
    knob,
    look_away,
    said,
    signed_as,
    sized,
    stale,
    visit,
)
from tests.lib.labs.test_labs import results


def started(name: str, language: str = "en") -> AppTest:
    """A page with a knob turned and Start pressed, as the play leaves it."""
    at = visit(name, language, **{f"{name}_seed": "5"})
    return knob(at, "start", name).click().run()


def progress(at: AppTest) -> Any:
    return at.get("progress")[0].proto


@every_lab_and_language
def test_a_run_is_drawn_while_it_goes_on(name: str, language: str, play: Play) -> None:
    begun, later = results(name)[0], results(name)[-2]
    play.acts.extend([frame(begun), frame(later), look_away])
    at = calm(started(name, language))
    assert progress(at).value == int(100 * later.progress)
    assert share(later.progress) in progress(at).text
    assert shown(at, name).result.progress == later.progress
    assert knob(at, "start", name).disabled
    assert not knob(at, "stop", name).disabled


def shown(at: AppTest, name: str) -> Any:
    return at.session_state[f"{name}_shown"]


@every_lab_and_language
def test_a_stopped_run_keeps_what_it_knew_and_can_be_started_again(name: str, language: str, play: Play) -> None:
    play.acts.extend([frame(results(name)[0]), look_away])
    at, words = started(name, language), Texts(language, name)
    calm(knob(at, "stop", name).click().run())
    assert words("run.stopped", done=results(name)[0].progress) in said(at)
    marked = words("run.stopped", done=results(name)[0].progress)
    assert marked in said(at)
    assert len(at.get("progress")) == 0
    assert shown(at, name).result.progress == results(name)[0].progress
    play.acts.append(end(results(name)[-1]))
    calm(knob(at, "start", name).click().run())
    assert words("run.here") in said(at)
    assert marked not in said(at)


@every_lab_and_language
def test_a_run_that_is_stopped_before_it_shows_anything_says_so(name: str, language: str, play: Play) -> None:
    play.acts.append(look_away)
    at, words = started(name, language), Texts(language, name)
    calm(knob(at, "stop", name).click().run())
    told = words.at("run.early").partition("{told}")[0]
    assert f"{told}{stale(words)}" in said(at)


@every_lab
def test_a_knob_turned_during_a_run_is_answered_by_the_whole_page(name: str, play: Play) -> None:
    play.acts.extend([frame(results(name)[0]), look_away])
    at, words = started(name), Texts("en", name)
    assert at.session_state[f"{name}_parts"].busy  # a fragment would wait for the page, and so for the run
    calm(knob(at, sized(name), name).set_value(16).run())
    assert stale(words) in said(at)
    assert words("take.title") in headings(at)
    assert not knob(at, "start", name).disabled


@every_lab_and_language
def test_a_finished_run_says_so_and_is_found_by_the_next_visitor(name: str, language: str, play: Play) -> None:
    play.acts.extend([frame(results(name)[0]), end(results(name)[-1])])
    words = Texts(language, name)
    for at in (started(name, language), visit(name, language, **{f"{name}_seed": "5"})):
        calm(at)
        assert words("run.here") in said(at)
        assert shown(at, name).recipe == repr(LABS[name](seed=5))
        network = next(one for one in results(name)[-1].verdict.answerers if one.kind == "network")
        assert f"| {words('figures.outside')} | {rounded(network.outside, results(name)[-1].verdict)} |" in said(at)
        assert not knob(at, "start", name).disabled


@every_lab
def test_a_finished_run_that_could_not_be_stored_is_still_there(name: str, play: Play) -> None:
    def unstored(job: Any) -> None:
        frame(results(name)[-1])(job)
        job.done = job.finished = True

    play.acts.append(unstored)
    at = calm(started(name))
    assert Texts("en", name)("run.here") in said(at)
    calm(knob(at, "stop", name).run())
    assert Texts("en", name)("run.here") in said(at)


ENDS = {
    "diverged": DivergedError("steps", 12),
    "lost": LostError("it went away"),
    "time": OverTimeError(300),
    "memory": OverMemoryError(1500),
    "mismatch": VersionMismatchError("horizon 1", "horizon 2"),
    "no_worker": NoWorkersError("none has been there for 120 s"),
    "not_installed": NotInstalledError("weights==1.0", "the package is not installed"),
    "unknown": ZeroDivisionError("<b>secret</b>"),
}


@every_language
@covering("name, told", LABS, ENDS)
def test_what_ends_a_run_is_told_with_what_to_do(name: str, language: str, told: str, play: Play) -> None:
    play.acts.extend([frame(results(name)[0]), fail(ENDS[told])])
    at, words = started(name, language), Texts(language, name)
    label = words("knobs.steps.label")
    numbers = {"step": 12, "knob": label, "seconds": 300, "megabytes": 1500, "ours": "horizon 1", "theirs": "horizon 2"}
    numbers["pip"] = "pip install --force-reinstall --no-deps weights==1.0"
    assert [one.value for one in at.error] == [words(f"errors.{told}", **numbers)]
    assert (label in at.error[0].value) == (told == "diverged")
    assert len(at.exception) == 0
    assert not knob(at, "start", name).disabled
    play.acts.append(end(results(name)[-1]))
    calm(knob(at, "start", name).click().run())
    assert words("run.here") in said(at)


REFUSALS = {
    "own_line": FullError(10, own=True),
    "line": FullError(200, own=False),
    "no_worker": NoWorkersError("no scheduler: no route"),
    "start": OSError("something else"),
}


@every_language
@covering("name, told", LABS, REFUSALS)
def test_what_cannot_be_started_is_told_with_what_to_do(
    name: str, language: str, told: str, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise REFUSALS[told]

    with monkeypatch.context() as patch:
        patch.setattr(play, "start", refuse)
        at, words = started(name, language), Texts(language, name)
    assert [one.value for one in at.error] == [words(f"errors.{told}", most=getattr(REFUSALS[told], "most", 0))]
    play.acts.append(end(results(name)[-1]))
    calm(knob(at, "start", name).click().run())
    assert words("run.here") in said(at)


@every_lab_and_language
@pytest.mark.parametrize("wait", [None, 12.0])
def test_who_waits_is_told_the_place_in_line(name: str, language: str, wait: float | None, play: Play) -> None:
    play.line, play.wait = 3, wait
    play.acts.append(look_away)
    at, words = calm(started(name, language)), Texts(language, name)
    expected = words("run.line", place=3) if wait is None else words("run.line_wait", place=3, wait=12.0)
    assert progress(at).text == expected
    assert progress(at).value == 0


@every_lab_and_language
def test_who_waits_for_the_first_worker_is_told_that(name: str, language: str, play: Play) -> None:
    play.line, play.wait, play.ready = 1, None, 0
    play.acts.append(look_away)
    at, words = calm(started(name, language)), Texts(language, name)
    assert progress(at).text == words("run.no_worker", place=1)


@every_lab_and_language
def test_without_workers_the_page_says_what_to_do_and_stays(
    name: str, language: str, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise NoWorkersError("no scheduler")

    monkeypatch.setattr(play, "start", refuse)
    at, words = started(name, language), Texts(language, name)
    assert [one.value for one in at.error] == [words("errors.no_worker")]
    assert not knob(at, "start", name).disabled
    assert words("figures.inside") in said(at)


def test_pictures_that_come_last_are_announced(play: Play) -> None:
    words = Texts("en", "attack")
    play.acts.extend([frame(results("attack")[0]), look_away])
    at = started("attack")
    at.session_state["attack_tab_en"] = words("pictures.row")
    play.acts.append(look_away)
    assert words("stage.later") in said(at.run())
    play.acts.append(end(results("attack")[-1]))
    assert words("stage.later") not in said(at.run())


def test_the_default_that_is_run_here_is_no_longer_called_shipped(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = signed_as(results("throw")[-1], LABS["throw"]())
    monkeypatch.setattr(store, "find", lambda lab: (shipped, True) if lab == LABS["throw"]() else None)
    at, words = calm(visit("throw")), Texts("en", "throw")
    assert words("run.shipped") in said(at)
    play.acts.append(end(results("throw")[-1]))
    calm(knob(at, "start", "throw").click().run())
    assert words("run.here") in said(at)


@every_lab_and_language
def test_a_run_that_is_stopped_says_so_though_the_picture_is_of_one_that_was_finished_before(
    name: str, language: str, play: Play
) -> None:
    at, words = calm(visit(name, language)), Texts(language, name)
    play.acts.extend([frame(results(name)[0]), look_away])
    knob(at, "start", name).click().run()
    calm(knob(at, "stop", name).click().run())
    assert words("run.instead", done=results(name)[0].progress) in said(at)
    assert shown(at, name).result.progress == results(name)[-1].progress
    play.acts.append(end(results(name)[-1]))
    calm(knob(at, "start", name).click().run())
    assert words("run.here") in said(at)


def test_two_who_start_the_same_recipe_watch_one_job(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    play.acts.extend([frame(results("throw")[0]), look_away, look_away])
    calm(started("throw"))
    monkeypatch.setattr(play, "start", lambda _: pytest.fail("it is under way already"))
    second = calm(visit("throw", throw_seed="5"))
    assert len(second.get("progress")) == 1
    assert shown(second, "throw").result.progress == results("throw")[0].progress


def test_a_chart_of_a_stopped_run_says_so_when_it_is_saved_too(play: Play) -> None:
    def titles() -> list[str]:
        told = [json.loads(one.proto.spec).get("title", {"text": ""}) for one in at.get("vega_lite_chart")]
        return [one["text"] for one in told if one["text"]]

    play.acts.extend([frame(results("throw")[0]), look_away, look_away])
    at, words = started("throw"), Texts("en", "throw")
    at.session_state["throw_tab_en"] = words("pictures.along_the_axis")
    calm(at.run())
    assert titles() == []  # it goes on
    calm(knob(at, "stop", "throw").click().run())
    assert titles() == [words("run.stopped", done=results("throw")[0].progress)]


def test_stop_is_for_oneself_while_others_watch(play: Play) -> None:
    play.acts.extend([frame(results("throw")[0]), look_away])
    at, words = calm(started("throw")), Texts("en", "throw")
    job = play.job
    assert job
    with play.watching(job, "somebody else"):
        calm(knob(at, "stop", "throw").click().run())
        assert not job.done
        assert words("run.stopped", done=results("throw")[0].progress) in said(at)
        play.acts.append(look_away)
        calm(knob(at, "start", "throw").click().run())
        assert len(at.get("progress")) == 1
        assert play.job is job
    calm(knob(at, "stop", "throw").click().run())
    assert job.done


def test_results_in_memory_are_bounded(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    found = []
    monkeypatch.setattr(store, "find", lambda lab: found.append(lab) or (lab, False))
    lab = LABS["throw"]
    for seed in range(live.KEPT + 1):
        live.finished(lab(seed=seed))
    assert len(live._kept) == live.KEPT
    live.finished(lab(seed=live.KEPT))
    assert len(found) == live.KEPT + 1
    live.finished(lab(seed=0))
    assert len(found) == live.KEPT + 2
