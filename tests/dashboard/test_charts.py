"""Charts as the browser gets them: valid, without data of their own, the same while the numbers move, seen by all."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

import altair as alt
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dashboard.charts import curves, flights, launches, ledger, pictures, reasoning, rows, style, unfolding
from dashboard.charts.style import COLOURS, TRUTH, Picture, apart, dashes
from dashboard.language import LANGUAGES, Texts
from lib.labs import LABS
from tests.dashboard.conftest import ROOT, every_lab, every_language
from tests.lib.test_labs import results

THEME = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]
Chart = Callable[[Any, Texts], Picture | None]


def errors(result: Any, words: Texts) -> Picture:
    return curves.errors(result.verdict, words, {9.81: "Earth"})


CHARTS: list[tuple[str, Chart]] = [
    *((name, draw) for name in LABS for draw in (errors, curves.small)),
    ("throw", flights.arcs),
    ("throw", flights.steps),
    ("sort", rows.answered),
    ("moonshot", launches.chart),
    ("moonshot", ledger.paid),
    ("moonshot", ledger.success),
    ("moonshot", ledger.changed),
    ("moonshot", reasoning.steps),
    ("paper", unfolding.steepness),
    ("attack", pictures.row),
    ("attack", pictures.stencils),
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
    assert [(named[row["name"]], *(row[field] for field in ("at", "error", "low", "high"))) for row in rows] == points
    told = [tuple(row.values()) for row in curves.table(results(name)[-1], words).to_pylist()]
    assert [(named[who], at, *numbers) for who, at, _, *numbers in told] == points
    assert [seen for _, _, seen, *_ in told] == [verdict.axis.seen(at) for _, at, *_ in points]


@every_lab
@every_language
def test_a_chart_can_be_heard(name: str, language: str) -> None:
    words, verdict = Texts(language, name), results(name)[-1].verdict
    said = drawn(name, errors, language).alt
    for one in verdict.answerers:
        assert words("chart.heard", name=words(f"names.{one.name}"), inside=one.inside, outside=one.outside) in said


def test_the_arcs_land_where_the_flights_do_and_say_who_named_what() -> None:
    result, words = results("throw")[-1], Texts("en", "throw")
    rows = drawn("throw", flights.arcs).table.to_pylist()
    exam = result.verdict.axis.exam
    for i, at in enumerate(exam):
        here = [row for row in rows if row["pick_from"] <= at < row["pick_to"]]
        path = [(row["x"], row["y"]) for row in here if row["part"] == "path"]
        assert path == [tuple(point) for point in result.flights.paths[i].tolist()]
        lands = {row["name"]: (row["x"], row["low"], row["high"]) for row in here if row["part"] == "land"}
        assert lands[words("names.truth")][0] == path[-1][0]
        for one in result.verdict.answerers:
            landing = result.flights.landings[result.flights.names.index(one.name), i]
            assert lands[words(f"names.{one.name}")] == tuple(landing)


def test_the_scrubber_of_the_flights_reaches_every_exam_value() -> None:
    exam = results("throw")[-1].verdict.axis.exam
    [pick] = drawn("throw", flights.arcs).spec["params"]
    stops = np.arange(pick["bind"]["min"], pick["bind"]["max"] + 1e-9, pick["bind"]["step"])
    parts = style.snap("pick", exam)
    for part in parts:
        assert any(part["pick_from"] <= stop < part["pick_to"] for stop in stops)  # type: ignore[operator]
    for stop in stops:
        assert sum(part["pick_from"] <= stop < part["pick_to"] for part in parts) == 1  # type: ignore[operator]
    assert pick["value"] in exam


def test_the_attacked_digits_are_the_pictures_of_the_scene() -> None:
    scene = results("attack")[-1].scene
    rows = drawn("attack", pictures.row).table.to_pylist()
    exam = results("attack")[-1].verdict.axis.exam
    assert len(rows) == 10 * 11 * (len(exam) - 1)
    for row in rows:
        shades = np.array([pictures.ALPHABET.index(letter) for letter in row["shades"]]).reshape(3, 8, 8) / 63
        size = next(i for i, eps in enumerate(exam) if i and row["radius_from"] <= eps < row["radius_to"])
        where = row["digit"], row["target"], size
        assert shades[0] == pytest.approx(scene.clean[row["digit"]], abs=0.008)
        assert shades[2] == pytest.approx(scene.shown[where] / 255, abs=0.008)
        change = scene.shown[where] / 255 - scene.clean[row["digit"]]
        assert shades[1] == pytest.approx(0.5 + 0.5 * change / (np.abs(change).max() or 1.0), abs=0.008)
        assert str(scene.reads[where]) in row["net2"]
        assert str(scene.program[where]) in row["program2"]


def test_before_there_are_attacked_digits_there_is_no_picture() -> None:
    early, words = results("attack")[0], Texts("en", "attack")
    assert early.scene is None
    assert pictures.row(early, words) is None
    assert pictures.table(early, words) is None
    assert pictures.stencils(early, words) is None


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


@pytest.mark.parametrize("language", LANGUAGES)
def test_charts_draw_numbers_that_are_none(language: str) -> None:
    """A run that has just begun, or has gone astray, has errors that are not finite."""
    result = results("throw")[-1]
    lost = [replace(p, error=np.nan, low=np.nan, high=np.inf) for p in result.verdict.answerers[0].curve]
    first = replace(result.verdict.answerers[0], curve=tuple(lost), inside=np.nan, outside=np.inf, horizon=None)
    verdict = replace(result.verdict, answerers=(first, *result.verdict.answerers[1:]))
    landings = np.full_like(result.flights.landings, np.nan)
    astray = replace(result, verdict=verdict, flights=replace(result.flights, landings=landings))
    for draw in (errors, curves.small, flights.arcs):
        assert "–" in str(draw(astray, Texts(language, "throw")).alt) or draw is flights.arcs
