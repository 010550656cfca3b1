"""The picture of a throw in flight."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dashboard.app.language import Texts
from dashboard.charts import style
from dashboard.pages.throw.charts import flights
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
