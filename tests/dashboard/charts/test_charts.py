"""Charts as the browser gets them: valid, without data of their own, the same while the numbers move, seen by all."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator
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
from dashboard.charts.style import COLOURS, LARGER, TALLEST, TRUTH, Picture, apart, dashes, enlarged, read, with_guess
from dashboard.page.lab_page import LabPage
from lib import store
from lib.core import Answerer, Axis, Price, Verdict, curve, opening
from lib.labs import LABS
from tests.dashboard.conftest import ROOT, every_lab, every_lab_and_language, every_language
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
pytestmark = pytest.mark.xdist_group("charts")  # what is drawn once serves several tests

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
    alt.LayerChart.validate(picture.spec)  # raises SchemaValidationError
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


@every_lab_and_language
def test_every_result_of_a_run_can_be_drawn(name: str, language: str) -> None:
    for result in results(name):
        for lab, draw in CHARTS:
            if lab == name and draw is not curves.small:
                draw(result, Texts(language, name))


SHARES = re.compile("confidence|sure|answered|linear map|nearest point")


@every_lab
@every_language
def test_a_table_tells_shares_in_percent_and_true_and_false_in_words(name: str, language: str) -> None:
    """Of what ships: small runs leave some tables out."""
    page, words = PAGES[name], Texts(language, name)
    kept = store.Store(str(store.SHIPPED)).get(opening(LABS[name]))
    for draw in page.data:
        table = draw(kept, words)
        said = draw(kept, Texts("en", name)).column_names
        assert not any(pa.types.is_boolean(kind) for kind in table.schema.types)
        for head, english in zip(table.column_names, said, strict=True):
            assert ("[%]" in head) == ("[%]" in english)
            assert "[%]" in head or not (SHARES.search(english) and pa.types.is_floating(table.schema.field(head).type))


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


def layers(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return spec.get("layer", [spec])


def letters(spec: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """All colours and sizes in which a chart writes, by what they are."""
    for part in layers(spec):
        if part["mark"]["type"] == "text":
            yield "size", part["mark"]["fontSize"]
            told = part["encoding"].get("fill", part["encoding"].get("color", {}))
            own = told.get("value", part["mark"].get("color"))
            yield from (("colour", one) for one in told.get("scale", {}).get("range", [own]))
    for part in spec["config"].values():
        yield from (("size", part[name]) for name in ("labelFontSize", "titleFontSize"))
        yield from (("colour", part[name]) for name in ("labelColor", "titleColor"))


@every_chart
def test_every_word_in_a_chart_is_read_on_every_background(name: str, draw: Chart) -> None:
    grounds = [THEME[scheme]["backgroundColor"] for scheme in ("light", "dark")]
    for what, told in letters(drawn(name, draw).spec):
        if what == "colour" and told != {"expr": "background"}:  # a halo
            picked = re.findall("#[0-9A-F]{6}", told["expr"])
            assert len(picked) == 2, told
            assert all(contrast(*one) >= 4.5 for one in zip(picked, grounds, strict=True)), told


@every_chart
def test_the_letters_of_a_chart_are_large_enough_and_larger_on_a_projector(name: str, draw: Chart) -> None:
    spec = drawn(name, draw).spec
    assert min(size for what, size in letters(spec) if what == "size") >= 12
    large = enlarged(spec)
    assert min(size for what, size in letters(large) if what == "size") >= 18
    assert large["height"] == min(LARGER * spec["height"], TALLEST)
    alt.LayerChart.validate(large)
    assert drawn(name, draw).spec == spec


@every_chart
def test_a_mark_is_heard_only_if_it_says_what_it_is(name: str, draw: Chart) -> None:
    """The others are part of a picture whose text is heard."""
    for part in layers(drawn(name, draw).spec):
        assert part["mark"]["aria"] == ("tooltip" in part["encoding"])


@every_chart
def test_a_share_is_written_as_in_the_text(name: str, draw: Chart) -> None:
    assert not re.search('"format": "[^"]*%"', json.dumps(drawn(name, draw).spec))


@every_lab
@every_language
def test_no_two_things_to_turn_on_a_page_bear_one_name(name: str, language: str) -> None:
    """Of the tabs one is open at a time."""
    page = PAGES[name]
    for draw in page.stage[1:]:
        there = [drawn(name, one, language) for one in (page.stage[0], draw, *page.inside) if (name, one) in CHARTS]
        turned = [one["bind"]["name"] for picture in there for one in picture.spec.get("params", ()) if "bind" in one]
        assert len(set(turned)) == len(turned)


VEILED = [(name, draw) for name, draw in CHARTS if name != "moonshot" and draw not in PAGES[name].inside]


@pytest.mark.parametrize(("name", "draw"), VEILED, ids=[f"{name}-{draw.__name__}" for name, draw in VEILED])
def test_a_picture_of_the_stage_can_be_seen_before_the_guess_and_then_says_that_it_is_covered(
    name: str, draw: Chart
) -> None:
    words, picture = Texts("en", name), drawn(name, draw)
    assert picture.covered is not None
    assert picture.covered != picture.rows
    told = {str(value) for row in read(picture.covered).to_pylist() for value in row.values()}
    assert any("covered" in value for value in told)
    assert words("chart.covered") not in {str(value) for row in picture.table.to_pylist() for value in row.values()}


@every_lab
def test_covered_lines_end_with_training_and_their_names_tell_nothing(name: str) -> None:
    result = results(name)[-1]
    rows = read(drawn(name, errors).covered or b"").to_pylist()
    axis = result.verdict.axis
    points = [row["at"] for row in rows if row["part"] == "point"]
    inside = sum(axis.seen(point.at) for one in result.verdict.answerers for point in one.curve)
    assert len(points) == inside
    covers = [(row["at"], row["to"]) for row in rows if row["part"] == "cover"]
    beyond = {point.at for point in result.verdict.answerers[0].curve if not point.seen}
    assert all(any(np.float32(a) <= np.float32(at) <= np.float32(b) for a, b in covers) for at in beyond)
    moved = read(errors(changed(result), Texts("en", name)).covered or b"").to_pylist()
    named = [[(row["name"], row["error"]) for row in some if row["part"] == "label"] for some in (rows, moved)]
    assert named[0] == named[1] != []


def test_lines_whose_very_beginning_answers_the_guess_are_covered_from_the_start() -> None:
    whole = curves.errors(results("throw")[-1].verdict, Texts("en", "throw"), from_the_start=True)
    parts = [row["part"] for row in read(whole.covered or b"").to_pylist()]
    assert "point" not in parts
    assert parts.count("cover") == 1


def test_an_axis_that_goes_by_factors_may_begin_at_0() -> None:
    axis = Axis("gravity", "", train=(0.0, 0.0), exam=(0.0, 0.1, 1.0, 10.0), logarithmic=True)
    places = [curves._along(axis, at) for at in axis.exam]
    assert (places[0], places[-1]) == (0.0, 1.0)
    steps = np.diff(places)
    assert steps[0] < steps[1] < steps[2] < 4 * steps[0]
    assert [curves._at(axis, place) for place in places] == pytest.approx(axis.exam)
    one = Answerer("network", "network", curve(axis, np.zeros((1, 4))), 0.0, 0.0, 0.0, Price())
    told = curves.errors(Verdict("throw", 1, "", axis, 0.2, (one,)), Texts("en", "throw")).spec
    x = next(part["encoding"]["x"] for part in layers(told) if part["encoding"].get("x", {}).get("title"))
    assert x["scale"] == {"type": "symlog", "constant": 0.1, "domain": [0.0, 10.0], "nice": False}
    assert x["axis"]["values"] == [0.0, 0.1, 1.0, 10.0]


def test_a_guess_is_marked_without_another_picture() -> None:
    bands = curves.between((0.05, 0.2, 0.5))
    assert bands == ((0.0, 0.05), (0.05, 0.2), (0.2, 0.5), (0.5, 1.0))
    assert curves.between((0.25,), right=True) == ((0.75, 1.0), (0.0, 0.75))
    verdict, words = results("throw")[-1].verdict, Texts("en", "throw")
    with_a_place, without = curves.errors(verdict, words, bands=bands).spec, curves.errors(verdict, words).spec
    assert with_guess(with_a_place, 2)["params"] == [{"name": style.GUESS, "value": 2}]
    assert with_a_place["params"] == [{"name": style.GUESS, "value": -1}]
    assert with_guess(without, 2) == without


def test_what_is_off_the_scale_says_how_far() -> None:
    verdict = results("throw")[-1].verdict
    first = verdict.answerers[0]
    curve = tuple(replace(p, error=1.0 + n / 100) for n, p in enumerate(first.curve))
    far = replace(verdict, answerers=(replace(first, curve=curve), *verdict.answerers[1:]))
    words = Texts("en", "throw")
    told = [row for row in curves.errors(far, words).table.to_pylist() if row["part"] == "off"]
    mine = [row for row in told if row["name"] == words(f"names.{first.name}")]
    assert [(row["error"], row["says"]) for row in mine] == [(1.0, f"▲ {100 + len(curve) - 1}\u00a0%")]
    assert mine[0]["at"] == pytest.approx(curve[-1].at)


@every_language
def test_names_above_a_plot_do_not_touch_on_a_phone(language: str) -> None:
    words, axis = Texts(language, "throw"), results("throw")[-1].verdict.axis
    places = dict(zip(words.at("bodies").values(), (1.62, 3.71, 9.81, 24.79), strict=True))
    names = [(at, "center", name) for name, at in places.items()]
    for row in curves._stacked(axis, [(axis.train[0], "left", words("chart.seen")), *names]):
        ends = []
        for one in row:
            place, wide = curves.NARROW * curves._along(axis, float(str(one["at"]))), curves._wide(str(one["says"]))
            low = place - wide * {"left": 0.0, "center": 0.5, "right": 1.0}[str(one["align"])]
            ends.append((low, low + wide))
        assert all(a[1] < b[0] for a, b in pairwise(sorted(ends)))


def test_attack_opens_with_a_digit_that_both_read() -> None:
    pictures: Any = import_module("dashboard.pages.attack.charts.pictures")
    reads, program = np.zeros((10, 11, 2), int), np.zeros((10, 11, 2), int)
    reads[4:], program[6:] = np.arange(4, 10)[:, None, None], np.arange(6, 10)[:, None, None]
    reads[0] = 1
    assert pictures.first(type("Scene", (), {"reads": reads, "program": program})) == 6


def test_who_holds_furthest_stands_first() -> None:
    picture = import_module("dashboard.pages.sort.own_row").held("sort", Texts("en", "sort"))
    networks = [row["horizon"] for row in picture.table.to_pylist() if row["kind"] == "network"]
    assert networks == sorted(networks, reverse=True)
