"""What a visitor takes along: the numbers as files, and the recipe as a program that runs."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.page import takeaway
from lib.core import lines_of_code
from lib.knobs import knobs
from lib.labs import LABS
from tests.dashboard.conftest import Play, every_lab, knob, visit
from tests.lib.labs.test_labs import results, small, untimed, values


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


@every_lab
def test_the_numbers_as_csv_are_those_of_the_verdict(name: str) -> None:
    verdict = results(name)[-1].verdict
    head, *rows = csv.reader(io.StringIO(takeaway.rows(verdict)))
    assert head == ["name", "kind", verdict.axis.name, "seen", "error", "low", "high"]
    points = [
        [one.name, one.kind, p.at, p.seen, p.error, p.low, p.high] for one in verdict.answerers for p in one.curve
    ]
    assert rows == [[str(field) for field in point] for point in points]


@every_lab
def test_the_page_offers_what_there_is_to_take(name: str, play: Play) -> None:  # noqa: ARG001
    at = visit(name, **{f"{name}_seed": "4"})
    assert [one.proto.label for one in at.get("download_button")] == ["Numbers as CSV", "Verdict as JSON"]
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
