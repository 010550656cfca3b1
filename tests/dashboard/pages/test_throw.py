"""The pictures of a throw in flight."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dashboard.app.language import Texts
from dashboard.charts import style
from dashboard.pages.throw.charts import flights
from dashboard.pages.throw.flight import throw
from tests.dashboard.conftest import every_language
from tests.lib.labs.test_labs import results


def test_the_arcs_land_where_the_flights_do_and_say_who_named_what() -> None:
    result, words = results("throw")[-1], Texts("en", "throw")
    rows = flights.arcs(results("throw")[-1], Texts("en", "throw")).table.to_pylist()
    exam = result.verdict.axis.exam
    for i, at in enumerate(exam):
        here = [row for row in rows if row["pick_from"] <= at < row["pick_to"]]
        path = [(row["x"], row["y"]) for row in here if row["part"] == "path"]
        assert np.array(path) == pytest.approx(result.flights.paths[i])
        lands = {row["name"]: (row["x"], row["low"], row["high"]) for row in here if row["part"] == "land"}
        assert lands[words("names.truth")][0] == path[-1][0]
        for one in result.verdict.answerers:
            landing = result.flights.landings[result.flights.names.index(one.name), i]
            assert lands[words(f"names.{one.name}")] == pytest.approx(landing)


def test_the_scrubber_of_the_flights_reaches_every_exam_value() -> None:
    exam = results("throw")[-1].verdict.axis.exam
    [pick] = flights.arcs(results("throw")[-1], Texts("en", "throw")).spec["params"]
    stops = np.arange(pick["bind"]["min"], pick["bind"]["max"] + 1e-9, pick["bind"]["step"])
    parts = style.snap("pick", exam)
    for part in parts:
        assert any(part["pick_from"] <= stop < part["pick_to"] for stop in stops)  # type: ignore[operator]
    for stop in stops:
        assert sum(part["pick_from"] <= stop < part["pick_to"] for part in parts) == 1  # type: ignore[operator]
    assert pick["value"] in exam


@every_language
def test_flights_that_nobody_can_place_are_drawn(language: str) -> None:
    result = results("throw")[-1]
    nowhere = replace(result.flights, landings=np.full_like(result.flights.landings, np.nan))
    assert flights.arcs(replace(result, flights=nowhere), Texts(language, "throw")).table.num_rows > 0


def flown(result: Any, language: str = "en") -> tuple[dict[str, Any], dict[str, Any]]:
    """What the browser is told after the guess, and before it."""
    motion = throw(result, Texts(language, "throw"))
    assert motion.covered is not None
    assert len(motion.packed) < 40_000
    return json.loads(motion.packed), json.loads(motion.covered)


@every_language
def test_a_throw_flies_to_where_it_lands_past_what_everybody_said(language: str) -> None:
    result = results("throw")[-1]
    whole, _ = flown(result, language)
    assert [one["name"] for one in whole["who"]] == [
        Texts(language, "throw")(f"names.{name}") for name in ("truth", *(one.name for one in result.verdict.answerers))
    ]
    for i, one in enumerate(whole["throws"]):
        path = result.flights.paths[i]
        assert one["span"] == pytest.approx(path[-1, 0], rel=1e-3)
        assert one["arc"][:2] == [0, 0]
        assert one["arc"][-2:] == [999, 0]
        assert max(one["arc"][1::2]) >= 990
        for told, answerer in zip(one["lands"][1:], result.verdict.answerers, strict=True):
            named = result.flights.landings[result.flights.names.index(answerer.name), i]
            assert told[:3] == pytest.approx(named, rel=1e-3)


def test_a_flight_opens_outside_training() -> None:
    result = results("throw")[-1]
    axis = result.verdict.axis
    for told in flown(result):
        assert not axis.seen(axis.exam[told["start"]])


def test_until_the_guess_nothing_is_told_of_answers_outside_training() -> None:
    result = results("throw")[-1]
    whole, covered = flown(result)
    assert [one["lands"] is None for one in covered["throws"]] == [
        not result.verdict.axis.seen(at) for at in result.verdict.axis.exam
    ]
    assert covered["covered"] is True
    assert [one["arc"] for one in covered["throws"]] == [one["arc"] for one in whole["throws"]]
    assert all(one["lands"] for one in whole["throws"])


@every_language
def test_what_is_no_number_flies_too(language: str) -> None:
    result = results("throw")[-1]
    nowhere = replace(result.flights, landings=np.full_like(result.flights.landings, np.nan))
    whole, _ = flown(replace(result, flights=nowhere), language)
    assert all(one[:3] == [None] * 3 and not one[4] for told in whole["throws"] for one in told["lands"][1:])
