"""Charts as the browser gets them: valid, without data of their own, the same while the numbers move, seen by all."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from importlib import import_module
from itertools import pairwise
from typing import Any

import altair as alt
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dashboard.app.language import Texts
from dashboard.charts import curves, style
from dashboard.charts.style import COLOURS, TRUTH, Picture, apart, dashes
from dashboard.page.lab_page import LabPage
from lib.labs import LABS
from tests.dashboard.conftest import ROOT, every_lab, every_language
from tests.lib.labs.test_labs import results

THEME = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]
Chart = Callable[[Any, Texts], Picture | None]


def errors(result: Any, words: Texts) -> Picture:
    return curves.errors(result.verdict, words, {9.81: "Earth"})


PAGES: dict[str, LabPage] = {name: import_module(f"dashboard.pages.{name}.page").PAGE for name in LABS}
CHARTS: list[tuple[str, Chart]] = [
    (name, draw)
    for name, page in PAGES.items()
    for draw in (errors, curves.small, *page.stage, *page.inside)
    if "Motion" not in draw.__annotations__["return"]
]
every_chart = pytest.mark.parametrize(
    ("name", "draw"), CHARTS, ids=[f"{name}-{draw.__name__}" for name, draw in CHARTS]
)


@cache
def drawn(name: str, draw: Chart, language: str = "en", at: int = -1) -> Picture:
    picture = draw(results(name)[at], Texts(language, name))
    assert picture is not None
    return picture


@every_chart
@every_language
def test_a_chart_is_valid_and_carries_no_numbers_of_a_result(name: str, draw: Chart, language: str) -> None:
    picture = drawn(name, draw, language)
    alt.LayerChart.from_dict(picture.spec)  # raises SchemaValidationError
    assert "data" not in picture.spec
    assert picture.spec.get("datasets", {}) in ({}, {"empty": [{}]})
    assert picture.spec["width"] == "container"
    assert len(json.dumps(picture.spec)) < 20_000
    assert picture.table.num_rows > 0
    assert picture.alt == picture.alt.strip() != ""


@every_chart
def test_a_chart_stays_while_its_numbers_move(name: str, draw: Chart) -> None:
    """Streamlit keeps a chart, and where its scrubber stands, for as long as its spec is the same."""
    moved = draw(changed(results(name)[-1]), Texts("en", name))
    assert moved is not None
    assert moved.spec == drawn(name, draw).spec
    again = draw(results(name)[-1], Texts("en", name))
    assert again is not None
    assert again.spec == drawn(name, draw).spec


def changed(result: Any) -> Any:
    """Another result of the same recipe: every error half as large."""
    told = []
    for one in result.verdict.answerers:
        curve = tuple(replace(p, error=p.error / 2, low=p.low / 2, high=p.high / 2) for p in one.curve)
        told.append(replace(one, curve=curve, inside=one.inside / 2, outside=one.outside / 2, horizon=None))
    return replace(result, verdict=replace(result.verdict, answerers=tuple(told)))


@every_lab
@every_language
def test_every_result_of_a_run_can_be_drawn(name: str, language: str) -> None:
    for result in results(name):
        for lab, draw in CHARTS:
            if lab == name and draw is not curves.small:
                draw(result, Texts(language, name))


@every_lab
@every_language
def test_the_chart_and_the_table_tell_the_numbers_of_the_verdict(name: str, language: str) -> None:
    words, verdict = Texts(language, name), results(name)[-1].verdict
    points = [(one.name, p.at, p.error, p.low, p.high) for one in verdict.answerers for p in one.curve]
    named = {words(f"names.{one.name}"): one.name for one in verdict.answerers}
    rows = [row for row in drawn(name, errors, language).table.to_pylist() if row["part"] == "point"]
    drawn_at = [(named[row["name"]], *(row[field] for field in ("at", "error", "low", "high"))) for row in rows]
    assert drawn_at == [(who, *map(float, np.float32(numbers))) for who, *numbers in points]
    table = curves.table(results(name)[-1], words)
    told = [tuple(row.values()) for row in table.to_pylist()]
    scale = 1 if verdict.unit else 100  # in the coin of the chart, of which nobody reads more than four digits
    assert [named[who] for who, *_ in told] == [who for who, *_ in points]
    for (_, at, _, *told_of), (_, *known) in zip(told, points, strict=True):
        assert [at, *told_of] == pytest.approx([known[0], *(scale * error for error in known[1:])], rel=0.0006)
        assert all(number == float(f"{number:.4g}") for number in told_of)
    yes, no = words("chart.yes"), words("chart.no")
    assert [seen for _, _, seen, *_ in told] == [yes if verdict.axis.seen(at) else no for _, at, *_ in points]
    assert all(("[km]" if verdict.unit else "[%]") in head for head in table.column_names[3:])


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, None, -128 + 1], pa.int8()),
        ([1, 128], pa.int16()),
        ([40_000], pa.int32()),
        ([2**31], pa.int64()),
        ([1.5, 2, None, float("inf")], pa.float32()),
        (["a", None, "a", "a", "b", "b", "b"], pa.dictionary(pa.int32(), pa.string())),
        (["a", "b"], pa.string()),
        ([True, None, False], pa.bool_()),
        ([None], pa.null()),
    ],
)
def test_a_column_takes_the_least_room_and_says_the_same(values: list[Any], kind: pa.DataType) -> None:
    column = style.narrow(values)
    assert column.type == kind
    assert column.to_pylist() == values


@every_lab
@every_language
def test_a_chart_can_be_heard(name: str, language: str) -> None:
    words, verdict = Texts(language, name), results(name)[-1].verdict
    said = drawn(name, errors, language).alt
    for one in verdict.answerers:
        assert words("chart.heard", name=words(f"names.{one.name}"), inside=one.inside, outside=one.outside) in said


def light(colour: str) -> float:
    """Relative luminance of #RRGGBB (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    line = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * line[0] + 0.7152 * line[1] + 0.0722 * line[2]


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((light(one), light(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colour", [*COLOURS.values(), TRUTH])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_role_is_seen_on_every_background(scheme: str, colour: str) -> None:
    assert contrast(colour, THEME[scheme]["backgroundColor"]) >= 3.0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_buttons_are_read_on_every_background(scheme: str) -> None:
    told = THEME[scheme]
    for ground in ("backgroundColor", "secondaryBackgroundColor"):
        assert contrast(told["textColor"], told[ground]) >= 7.0
    assert contrast("#FFFFFF", told["primaryColor"]) >= 4.5  # a primary button's letters are white
    assert contrast(told["primaryColor"], told["backgroundColor"]) >= 3.0


@given(st.lists(st.sampled_from(list(COLOURS)), min_size=1, max_size=6))
def test_two_contestants_never_share_colour_and_dash(kinds: list[str]) -> None:
    assume(max(kinds.count(kind) for kind in COLOURS) <= 3)
    all_of_them: Any = tuple((kind, kind) for kind in kinds)
    lines = list(zip(style.colours(all_of_them), map(tuple, dashes(all_of_them)), strict=True))
    assert len(set(lines)) == len(lines)


def test_every_role_has_a_colour_and_a_dash_of_its_own() -> None:
    assert len(set(COLOURS.values())) == len(COLOURS) == len({tuple(dash) for dash in style.DASHES.values()})
    assert COLOURS.keys() == style.DASHES.keys()


@given(st.lists(st.floats(-1, 2), min_size=1, max_size=8), st.floats(0.01, 0.1))
def test_labels_keep_their_distance_and_their_order(wanted: list[float], gap: float) -> None:
    placed = apart(wanted, gap, 0.0, 1.0)
    pairs = sorted(zip(placed, wanted, strict=True))
    assert all(b - a >= gap - 1e-9 for (a, _), (b, _) in pairwise(pairs))
    assert all(a <= b for (_, a), (_, b) in pairwise(pairs))
    assert min(placed) >= -1e-9
    assert max(placed) <= 1 + 1e-9


def test_labels_that_have_room_stay_where_they_are() -> None:
    assert apart([0.9, 0.1, 0.5], 0.1, 0.0, 1.0) == [0.9, 0.1, 0.5]


@every_lab
@every_language
def test_charts_draw_numbers_that_are_none(name: str, language: str) -> None:
    """A run that has just begun, or has gone astray, has errors that are not finite."""
    result = results(name)[-1]
    lost = [replace(p, error=np.nan, low=np.nan, high=np.inf) for p in result.verdict.answerers[0].curve]
    first = replace(result.verdict.answerers[0], curve=tuple(lost), inside=np.nan, outside=np.inf, horizon=None)
    astray = replace(result, verdict=replace(result.verdict, answerers=(first, *result.verdict.answerers[1:])))
    for draw in (errors, curves.small):
        assert "–" in draw(astray, Texts(language, name)).alt
