"""The sections that survey attacks, readers and defences draw and say what the runs that ship have found."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from dashboard.app import live
from dashboard.app.language import Texts, share
from dashboard.pages.attack import survey as page
from dashboard.pages.attack.charts import defences, survey, transfer
from lib import store
from lib.core import Verdict
from lib.jobs.job import Job, LostError
from lib.labs.attack.defences import AttackDefences
from lib.labs.attack.nets import SEEDS
from lib.labs.attack.survey import BLACK_BOXES, QUERIES, AttackSurvey
from lib.labs.attack.transfer import MADE, READERS, AttackTransfer
from tests.dashboard.conftest import Play, calm, every_language, said, visit, widgets


@cache
def ships(recipe: Any) -> Any:
    found = store.Store(str(store.SHIPPED)).get(recipe)
    assert found is not None, f"{recipe!r} is not shipped; run `make results`"
    return found


def points(picture: Any) -> list[dict[str, Any]]:
    return [row for row in picture.table.to_pylist() if row["part"] == "point"]


@every_language
def test_each_family_is_drawn_as_it_was_found_and_before_the_guess_untouched_alone(language: str) -> None:
    words, found = Texts(language, "attack"), ships(AttackSurvey())
    drawn = set()
    for draw in (survey.gradient, survey.black_box, survey.nearest, survey.together):
        picture = draw(found, words)
        assert picture is not None
        assert picture.covered is not None
        names = {row["name"] for row in points(picture)}
        assert words("names.noise") in names
        assert len(names) <= 4
        drawn |= names
        for one in found.verdict.answerers:
            told = {row["at"]: row["error"] for row in points(picture) if row["name"] == words(f"names.{one.name}")}
            assert all(
                told[at] == pytest.approx(p.error, abs=1e-6) for p in one.curve for at in told if abs(at - p.at) < 1e-6
            )
    assert drawn == {words(f"names.{one.name}") for one in found.verdict.answerers}


def test_lines_end_where_they_no_longer_differ() -> None:
    words, found = Texts("en", "attack"), ships(AttackSurvey())
    picture = survey.gradient(found, words)
    assert picture is not None
    last = max(row["at"] for row in points(picture))
    exam = found.verdict.axis.exam
    one, many = (found.verdict.named(name).curve for name in ("one_step", "many_steps"))
    differ = [a.at for a, b in zip(one, many, strict=True) if abs(a.error - b.error) > survey.ALIKE]
    assert last == pytest.approx(max(differ))
    assert last < exam[-1]


@every_language
def test_the_bars_are_all_digits_and_the_line_their_middle(language: str) -> None:
    words, found = Texts(language, "attack"), ships(AttackSurvey())
    picture = survey.distances(found, words)
    assert picture is not None
    assert picture.covered is None  # it answers the guess
    rows = picture.table.to_pylist()
    far = found.distances.ravel()
    within = (far <= found.verdict.axis.exam[-1]).mean()
    assert sum(row["share"] for row in rows if row["part"] == "bar") == pytest.approx(within, abs=1e-6)
    [middle] = [row["from"] for row in rows if row["part"] == "middle"]
    assert (far <= middle + 1e-6).mean() >= 0.5 > (far < middle - 1e-6).mean()
    assert words("survey.half", eps=found.middle) in {row["says"] for row in rows}


def test_of_a_network_that_stands_no_middle_is_told() -> None:
    words, found = Texts("en", "attack"), ships(AttackSurvey())
    far = np.where(np.arange(found.distances.size).reshape(found.distances.shape) % 3, np.inf, found.distances)
    picture = survey.distances(replace(found, distances=far), words)
    assert picture is not None
    assert all(row["part"] == "bar" for row in picture.table.to_pylist())
    assert words("survey.far") in page.surveyed(replace(found, distances=far), words)


@every_language
def test_questions_are_drawn_where_they_were_counted(language: str) -> None:
    words, found = Texts(language, "attack"), ships(AttackSurvey())
    picture = survey.asked(found, words)
    assert picture is not None
    assert len(points(picture)) == int((~np.isnan(found.asked)).sum())
    for name, row in zip(BLACK_BOXES, found.asked, strict=True):
        assert share(float(row[-1])) in picture.alt
        assert words(f"survey.boxes.{name}") in picture.alt
    assert survey.counted(found, words).num_rows == len(QUERIES)
    table = survey.table(found, words)
    assert table is not None
    assert table.num_rows == found.distances.size


@every_language
def test_the_matrix_has_every_reader_and_every_kind_of_picture(language: str) -> None:
    words, found = Texts(language, "attack"), ships(AttackTransfer())
    picture, table = transfer.matrix(found, words), transfer.table(found, words)
    assert picture is not None
    assert table is not None
    rows = picture.table.to_pylist()
    assert len(rows) == len(MADE) * len(READERS) == table.num_rows
    assert sum(row["own"] for row in rows) == 3
    middle = np.median(found.errors, axis=0)
    for line, (reader, _) in enumerate(READERS):
        for column, made in enumerate(MADE):
            where = words(f"transfer.readers.{reader}"), words(f"transfer.made.{made}")
            [row] = [one for one in rows if (one["reader"], one["made"]) == where]
            assert row["share"] == pytest.approx(middle[column, line], abs=1e-6)
            assert row["low"] <= row["share"] <= row["high"]
    told = page.transferred(found, words)
    assert share(float(middle[MADE.index("cnn"), 0])) in told
    assert share(float(middle[MADE.index("cnn"), 1])) in told


@every_language
def test_each_defence_is_drawn_beside_none_and_its_worth_is_told(language: str) -> None:
    words, found = Texts(language, "attack"), ships(AttackDefences())
    plain = words("names.plain")
    for draw, others in (
        (defences.trained, ("madry", "free", "fast")),
        (defences.squeezed, ("squeezed", "through")),
        (defences.smoothed, ("smoothed", "certified")),
    ):
        picture = draw(found, words)
        assert picture is not None
        names = {row["name"] for row in points(picture)}
        assert names == {plain, words("names.noise"), *(words(f"names.{one}") for one in others)}
    told = page.defended(found, words)
    for name in ("plain", "madry", "free", "fast", "squeezed", "through"):
        assert share(next(p.error for p in found.verdict.named(name).curve if p.at == 0.15)) in told


@every_language
def test_a_survey_says_what_each_family_has_found(language: str) -> None:
    words, found = Texts(language, "attack"), ships(AttackSurvey())
    told = page.surveyed(found, words)
    assert str(found.pictures) in told
    assert str(SEEDS) in told
    for one in found.verdict.answerers:
        assert share(next(p.error for p in one.curve if p.at == 0.15)) in told


def test_before_anything_is_known_nothing_is_drawn() -> None:
    words, found = Texts("en", "attack"), ships(AttackSurvey())
    early = replace(
        found,
        verdict=replace(found.verdict, answerers=()),
        distances=np.zeros((0, 60)),
        asked=np.full(found.asked.shape, np.nan),
    )
    draws = (survey.gradient, survey.together, survey.distances, survey.asked, survey.table)
    assert [draw(early, words) for draw in draws] == [None] * len(draws)
    first = ships(AttackTransfer())
    assert transfer.matrix(replace(first, errors=np.full(first.errors.shape, np.nan)), words) is None


@pytest.mark.parametrize("side", page.SIDES, ids=page.NAMED)
@pytest.mark.usefixtures("play")
def test_a_section_shows_what_ships_once_the_guess_is_made_and_starts_what_does_not(side: page.Side) -> None:
    words = Texts("en", "attack")
    covered = visit("attack", "en", guessed=False)
    covered.session_state[f"attack_{side.name}_unfolded"] = True
    assert words(f"{side.name}.text") in said(calm(covered.run()))
    found = side.found(ships(side.run()), words)
    assert found not in said(covered)
    at = visit("attack", "en")
    at.session_state[f"attack_{side.name}_unfolded"] = True
    assert found in said(calm(at.run()))
    assert f"attack_{side.name}_start" not in widgets(at)
    at.session_state[f"attack_{side.name}_norm_en"] = "l2"
    assert found not in said(calm(at.run()))
    assert f"attack_{side.name}_start" in widgets(at)


def test_a_run_that_is_started_is_drawn_as_it_comes(play: Play) -> None:
    at = visit("attack", "en")
    at.session_state["attack_transfer_unfolded"] = True
    at.session_state["attack_transfer_norm_en"] = "l2"
    calm(at.run())
    widgets(at)["attack_transfer_start"].click()
    calm(at.run())
    assert play.job is not None
    assert play.job.lab == AttackTransfer("l2")


def test_a_run_that_was_lost_says_so_and_waits_for_its_visitor_to_start_it_again(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    at, words, begun = visit("attack", "en"), Texts("en", "attack"), live.start

    def lost(lab: Any) -> Job:
        job = begun(lab)
        job.error, job.done = LostError(), True
        return job

    monkeypatch.setattr(live, "start", lost)
    at.session_state["attack_transfer_unfolded"] = True
    at.session_state["attack_transfer_norm_en"] = "l2"
    calm(at.run())
    widgets(at)["attack_transfer_start"].click()
    calm(at.run())
    assert words("errors.lost") in [one.value for one in at.warning]
    first = play.job
    calm(at.run())
    assert play.job is first  # another click does not start it
    monkeypatch.undo()
    widgets(at)["attack-transfer_again"].click()
    calm(at.run())
    assert play.job is not first
    assert play.job is not None
    assert play.job.lab == AttackTransfer("l2")
    assert words("errors.lost") not in [one.value for one in at.warning]


def test_all_that_sections_draw_of_what_ships_ships_too() -> None:
    assert {type(one()) for one in page.ASIDES} == {AttackSurvey, AttackTransfer, AttackDefences}
    assert all(isinstance(ships(one()).verdict, Verdict) for one in page.ASIDES)


@pytest.mark.usefixtures("play")
def test_a_link_unfolds_a_section_and_sets_its_knobs_and_what_is_set_is_in_the_link() -> None:
    at = calm(visit("attack", "en", attack_survey_defence="squeezing", attack_survey_norm="rubbish"))
    told = said(at)
    assert Texts("en", "attack")("survey.text") in told
    assert "rubbish" in told
    assert widgets(at)["attack_survey_defence_en"].value == "squeezing"
    assert widgets(at)["attack_survey_norm_en"].value == "linf"
    assert "squeezing" in at.query_params["attack_survey_defence"]
    assert "attack_survey_norm" not in at.query_params
    at.session_state["attack_survey_defence_en"] = "plain"
    assert Texts("en", "attack")("survey.text") in said(calm(at.run()))  # it stays unfolded
    assert "attack_survey_defence" not in at.query_params
