"""Doubt as pictures: every kind, control and cost is drawn, and the alt text says what the numbers say."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from dashboard.app.language import Texts, share
from dashboard.pages.see.charts import doubt as charts
from dashboard.pages.see.doubt import found
from dashboard.pages.see.fooled import said
from lib import store
from lib.labs.see.doubt import CONTROLS, COSTS, KINDS, SHOWN, USUAL, Doubt
from lib.labs.see.doubter import Doubter
from lib.labs.see.fool import SeeFool
from tests.dashboard.conftest import every_language


@dataclass(frozen=True)
class Told:
    doubt: Doubt | None


@cache
def told() -> Told:
    one = Doubter(0, networks=2, width=8, steps=40, count=10)
    list(one.ask())
    return Told(one.doubt)


@every_language
def test_every_kind_is_shown_with_the_example_that_is_nearest(language: str) -> None:
    picture = charts.strange(told(), Texts(language, "see"))
    assert picture is not None
    rows = picture.table.to_pylist()
    assert len(rows) == len(KINDS) * SHOWN
    assert {len(row["shades"]) for row in rows} == {128}
    assert all(0 <= row["distance"] < 8 for row in rows)


@every_language
def test_a_line_goes_through_every_cost_and_its_alt_text_has_the_usual_one(language: str) -> None:
    words, doubt = Texts(language, "see"), told().doubt
    picture = charts.refused(told(), words)
    assert picture is not None
    assert doubt is not None
    points = [row for row in picture.table.to_pylist() if row["part"] == "point"]
    assert len(points) == len(CONTROLS) * len(COSTS)
    for control in CONTROLS:
        at_usual = float(doubt.nonsense(control)[COSTS.index(USUAL)])
        assert share(at_usual) in picture.alt
        assert share(at_usual) in found(doubt, words)


@every_language
def test_the_table_of_kinds_counts_right_answers_where_there_are_any(language: str) -> None:
    words, doubt = Texts(language, "see"), told().doubt
    picture = charts.kinds(told(), words)
    assert picture is not None
    assert doubt is not None
    rows = picture.table.to_pylist()
    assert len(rows) == len(charts.LINES) * len(CONTROLS) * len(COSTS)
    assert {row["line"][0] for row in rows} == {"✓", "✗"}
    distance = CONTROLS.index("distance")
    right = charts.share(doubt, distance, ("moved", "right"))
    assert np.allclose(right + doubt.wrong[distance, 1], doubt.answered[distance, 1])


def test_before_the_end_of_a_run_there_is_nothing() -> None:
    words = Texts("en", "see")
    assert [draw(Told(None), words) for draw in (charts.strange, charts.refused, charts.kinds, charts.table)] == [
        None
    ] * 4


@every_language
def test_the_fooling_picture_that_ships_is_told_as_it_is(language: str) -> None:
    shipped = store.Store(str(store.SHIPPED)).get(SeeFool())
    assert shipped is not None, "it is not shipped; run `make results`"
    fooling, words = shipped.fooling, Texts(language, "see")
    text = said(fooling, SeeFool().clean, False, "noise", words)
    assert share(float(fooling.sure[-1, 0, 0])) in text
    assert str(fooling.steps) in text
    assert words("fooled.still.noise") in text
