"""What a visitor takes along: the numbers as files, and the recipe as a program that runs."""

from __future__ import annotations

import codecs
import csv
import io
import json
import math
import re
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.app.language import Texts
from dashboard.page import takeaway
from dashboard.page.verdict import sentences
from lib import store
from lib.core import Verdict, contract, lines_of_code
from lib.knobs import knobs
from lib.labs import LABS
from tests.dashboard.conftest import Play, every_lab, every_lab_and_language, knob, visit
from tests.lib.labs.test_labs import results, small, untimed, values


@dataclass(frozen=True)
class Stopped:
    """What a run knew when so much of it was done."""

    verdict: Verdict
    progress: float


def test_the_snippet_runs_by_itself(capsys: pytest.CaptureFixture[str]) -> None:
    scope: dict[str, Any] = {}
    exec(takeaway.snippet(small("throw")), scope)  # noqa: S102
    assert untimed(scope["result"]) == untimed(results("throw")[-1])
    assert capsys.readouterr().out.splitlines()[-1] == scope["result"].verdict.sentence


@every_lab
def test_the_snippet_runs_the_lab_and_tells_what_it_finds(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LABS[name], "run", lambda lab: iter(results(name)) if lab == small(name) else None)
    scope: dict[str, Any] = {}
    exec(takeaway.snippet(small(name)), scope)  # noqa: S102
    assert scope["result"].verdict.recipe == repr(small(name))
    told = capsys.readouterr().out.splitlines()
    assert told[-2] == "100%"
    assert told[-1] == scope["result"].verdict.sentence == results(name)[-1].verdict.sentence


@every_lab
@given(st.data())
@settings(max_examples=30)
def test_the_snippet_makes_the_same_lab(name: str, data: st.DataObject) -> None:
    lab = LABS[name]
    one = lab(**{knob.name: data.draw(values(name, knob), knob.name) for knob in knobs(lab).values()})
    first, _, loop, *_ = takeaway.snippet(one).splitlines()
    scope: dict[str, Any] = {}
    exec(first, scope)  # noqa: S102
    assert repr(eval(loop.removeprefix("for result in ").removesuffix(".run():"), scope)) == repr(one)  # noqa: S307


def sheet(told: str) -> list[dict[str, str]]:
    """A CSV file as a table program reads it, which knows it for UTF-8 by its mark."""
    assert told.encode().startswith(codecs.BOM_UTF8)
    return list(csv.DictReader(io.StringIO(told.encode().decode("utf-8-sig"), newline=""), strict=True))


@every_lab
def test_the_numbers_as_csv_are_those_of_the_chart(name: str) -> None:
    result = results(name)[-1]
    verdict, rows = result.verdict, sheet(takeaway.rows(result, Texts("zh", name)))
    points = [(one.name, one.kind, str(p.seen), p) for one in verdict.answerers for p in one.curve]
    assert [(row["name"], row["kind"], row["seen"]) for row in rows] == [point[:3] for point in points]
    unit, scale = (verdict.unit, 1) if verdict.unit else ("%", 100)
    for row, (*_, point) in zip(rows, points, strict=True):
        assert float(list(row.values())[2]) == pytest.approx(point.at, rel=1e-4)
        for field in ("error", "low", "high"):
            told = row[f"{field} [{unit}]"]
            assert float(told or "nan") == pytest.approx(scale * getattr(point, field), rel=1e-4, nan_ok=True)
            assert len(told.replace(".", "").lstrip("0").rstrip("0")) <= 5


@every_lab
def test_every_row_of_a_csv_says_which_run_it_is_of_and_how_much_of_it_was_done(name: str) -> None:
    result = results(name)[-1]
    for done, says in ((result.progress, "100"), (0.35, "35")):
        rows = sheet(takeaway.rows(Stopped(result.verdict, done), Texts("en", name)))
        assert {row["done [%]"] for row in rows} == {says}
        assert {row["recipe"] for row in rows} == {repr(small(name))}
        assert {row["version"] for row in rows} == {str(LABS[name].version)}


@every_lab
def test_the_heads_of_a_csv_are_in_letters_that_every_table_program_knows_with_units(name: str) -> None:
    for preset in LABS[name].presets.values():
        axis = LABS[name](**preset).asks().axis
        verdict = replace(results(name)[-1].verdict, axis=axis)
        head = takeaway.rows(Stopped(verdict, 1.0), Texts("en", name)).splitlines()[0].removeprefix("\ufeff")
        assert head.isascii()
        assert not axis.unit or "[" in head.split(",")[2]


def test_what_is_no_finite_number_is_an_empty_field() -> None:
    result = results("throw")[-1]
    first = result.verdict.answerers[0]
    lost = tuple(replace(point, error=math.nan, low=math.inf) for point in first.curve)
    verdict = replace(result.verdict, answerers=(replace(first, curve=lost),))
    rows = sheet(takeaway.rows(Stopped(verdict, 1.0), Texts("en", "throw")))
    assert {(row["error [%]"], row["low [%]"]) for row in rows} == {("", "")}


@every_lab_and_language
def test_the_json_is_the_contract_with_what_was_done_and_the_sentences_of_the_visitor(name: str, language: str) -> None:
    result, words = results(name)[-1], Texts(language, name)
    told = json.loads(takeaway.told(Stopped(result.verdict, 0.35), words))
    assert told["done"] == 0.35
    assert {key: told[key] for key in contract(result.verdict)} == json.loads(
        json.dumps(contract(result.verdict, 0.35))
    )
    assert told["language"] == language
    assert told["sentences"] == [one.replace("**", "") for one in sentences(result.verdict, words)]


def test_a_file_is_named_after_the_run_whose_numbers_it_holds() -> None:
    one, other = (
        takeaway.file_name(replace(results("throw")[-1].verdict, recipe=repr(lab)))
        for lab in map(small, ("throw", "sort"))
    )
    assert one != other
    assert re.fullmatch(r"throw-[0-9a-f]{8}", one)
    assert store.key(small("throw")).startswith(one)


@every_lab
def test_the_page_offers_what_there_is_to_take(name: str, play: Play) -> None:  # noqa: ARG001
    at = visit(name, **{f"{name}_seed": "4"})
    files = [one.proto for one in at.get("download_button") if f"{name}_file" not in one.proto.id]  # the page's own
    assert [one.label for one in files] == ["Numbers as CSV", "Verdict as JSON"]
    assert at.code[-1].value == takeaway.snippet(LABS[name](seed=4)).strip()
    assert at.code[-1].language == "python"
    knob(at, "seed", name).set_value(5).run()
    assert at.code[-1].value == takeaway.snippet(LABS[name](seed=5)).strip()


@every_lab
def test_the_program_is_shown_whole_as_it_runs(name: str, play: Play) -> None:  # noqa: ARG001
    program = LABS[name]().program()
    shown = visit(name).code[0].value
    scope: dict[str, Any] = {"__name__": type(program).__module__}
    exec(compile(shown, type(program).__module__, "exec"), scope)  # noqa: S102
    assert type(program).__name__ in scope
    assert len(shown.splitlines()) > lines_of_code(program)
