"""What only the page Sort has: a visitor's row, the runs side by side, rows that no program was written for."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.app.language import LANGUAGES, Texts
from dashboard.page import exhibits
from dashboard.pages.sort import own_row
from dashboard.pages.sort.race import opened, race
from lib import store
from lib.core import Verdict
from lib.jobs.job import LostError
from lib.labs.sort import Answered, Row, Scene, Sort
from tests.dashboard.conftest import Play, calm, said, visit
from tests.lib.labs.test_labs import results

every_language = pytest.mark.parametrize("language", LANGUAGES)
WORDS = Texts("en", "sort")
ASKED = Row(Sort(), (3, 1, 2))


def answer() -> Answered:
    """As a worker would have it, were the network's answer the row as it stands."""
    found: tuple[Any, bool] | None = store.find(Sort())
    assert found
    scene = Scene.of(Sort().asks(), Sort().program(), found[0].scene.row[:3].astype(int))
    return Answered(replace(found[0].verdict, recipe=repr(ASKED)), 1.0, scene)


def asked(row: str = "3 1 2", language: str = "en", **more: str) -> AppTest:
    return visit("sort", language, sort_row=row, **more)


@pytest.mark.usefixtures("play")
@every_language
@pytest.mark.parametrize(
    ("row", "why", "word", "place"),
    [("3 x", "word", "x", 2), ("3 10 1", "range", "10", 2), ("7", "few", "7", 1), ("1 " * 65, "many", "1", 65)],
)
def test_what_is_no_row_gets_a_sentence_and_the_page_stays(
    language: str, row: str, why: str, word: str, place: int
) -> None:
    at = calm(asked(row, language))
    wanted = Texts(language, "sort")(f"row.{why}", word=word, place=place, low=0, high=9)
    assert [one.value for one in at.warning] == [wanted]
    assert Texts(language, "sort")("figures.inside") in said(at)


@pytest.mark.usefixtures("play")
def test_what_was_typed_is_quoted_and_never_obeyed() -> None:
    (warning,) = calm(asked("1 ![](//h.test/x.png)")).warning
    assert "\\!\\[\\]\\(" in warning.value


def test_a_row_is_asked_of_a_worker_and_its_answer_drawn(play: Play, shelf: Path) -> None:
    at = calm(asked())
    assert play.job
    assert play.job.lab == ASKED
    assert WORDS("row.wait") in said(at)
    charts = len(at.get("vega_lite_chart"))
    store.own().put(ASKED, answer())
    assert shelf.exists()
    at = calm(at.run())
    assert len(at.get("vega_lite_chart")) == charts + 1
    assert WORDS("row.wait") not in said(at)


def test_a_row_whose_job_was_lost_is_not_asked_for_ever(play: Play) -> None:
    at = calm(asked())
    first = play.job
    assert first
    first.end(LostError("gone"))
    at = calm(at.run())
    assert play.job is not first  # the page was run anew: it asks once more
    assert play.job
    at.session_state[own_row.FAILED] = ASKED  # as the fragment leaves it that saw a job fail
    at = calm(at.run())
    assert WORDS("row.busy") in said(at)


@every_language
def test_a_sum_without_room_for_its_last_digit_gets_it_and_the_page_says_so(play: Play, language: str) -> None:
    at = calm(asked("37 45", language, sort_task="addition"))
    assert play.job is None or play.job.lab.row == (37, 45, 0)
    assert Texts(language, "sort")("row.completed") in said(at)
    at = calm(asked("３７，４５，０", language, sort_task="addition"))
    assert Texts(language, "sort")("row.completed") not in said(at)
    at = calm(asked("37 " * 64, language, sort_task="addition"))
    assert [one.value for one in at.warning] == [Texts(language, "sort")("row.room", word="37", place=64)]


def test_a_row_waits_until_the_knobs_have_been_run(play: Play) -> None:
    at = calm(asked(sort_width="16"))
    assert WORDS("row.first") in said(at)
    assert play.job is None


@pytest.mark.usefixtures("play")
def test_the_shipped_runs_stand_side_by_side() -> None:
    sort, parity = (own_row.held(task, WORDS) for task in own_row.LONGEST)
    names = [row["name"] for row in sort.table.to_pylist()]
    assert len(names) == len(set(names)) >= 12
    assert [row["kind"] for row in sort.table.to_pylist()][-2:] == ["control", "program"]
    assert len(parity.table.to_pylist()) == 6
    found: dict[Sort, Verdict] = dict(exhibits.verdicts(Sort))
    mine = next(row for row in sort.table.to_pylist() if row["name"] == own_row._named(Sort(), WORDS))
    assert found[Sort()].holds(found[Sort()].named("network")) == (mine["low"], mine["horizon"])


@pytest.mark.usefixtures("play")
@every_language
def test_rows_that_nobody_wrote_it_for_are_shown_with_what_comes_of_them(language: str) -> None:
    at, words = calm(visit("sort", language)), Texts(language, "sort")
    told = said(at)
    for name in ("nan", "mixed", "cards"):
        assert words(f"odd.{name}.title") in told
    assert "TypeError" in told


@every_language
def test_the_program_and_the_network_race_through_a_row_longer_than_any_in_training(language: str) -> None:
    result, words = results("sort")[-1], Texts(language, "sort")
    scene = result.scene
    at = opened(scene, result.verdict.axis.train[1])
    length = int(scene.lengths[at])
    assert not result.verdict.axis.seen(length)
    told = json.loads(race(result, words).packed)
    assert told["row"] == scene.row[:length].tolist()
    row = list(told["row"])
    for change in told["changes"]:
        for place, number in zip(change[::2], change[1::2], strict=True):
            row[place] = number
    assert row == scene.program[at][:length].tolist()
    assert told["answer"]["numbers"] == scene.network[at][:length].tolist()
    right = [number == true for number, true in zip(scene.network[at], scene.truth[at], strict=True)][:length]
    assert told["answer"]["wrong"] == [not one for one in right]
    assert told["words"]["program_end"] == words("row.right", who=words("names.program"))


@every_language
def test_until_the_guess_the_program_runs_alone(language: str) -> None:
    result, words = results("sort")[-1], Texts(language, "sort")
    motion = race(result, words)
    whole, covered = json.loads(motion.packed), json.loads(motion.covered or b"")
    assert covered["answer"] is None
    assert covered["words"]["other_end"] == words("race.hidden")
    assert {name: one for name, one in covered.items() if name not in ("answer", "words")} == {
        name: one for name, one in whole.items() if name not in ("answer", "words")
    }


def test_a_race_opens_at_twice_the_length_of_training_or_as_near_as_the_row_goes() -> None:
    scene = results("sort")[-1].scene
    lengths = scene.lengths.tolist()
    assert lengths[opened(scene, 2)] == next(one for one in lengths if one >= 4)
    assert lengths[opened(scene, 20)] == lengths[-1]
