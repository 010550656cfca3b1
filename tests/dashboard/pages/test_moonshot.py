"""Moonshot: launches by hand, what a link may bring back; and pictures whose numbers agree with each other."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from dashboard.app.language import LANGUAGES, Texts
from dashboard.charts.style import COLOURS, read
from dashboard.pages.moonshot.charts import launches as maps
from dashboard.pages.moonshot.charts import ledger, who
from lib import store
from lib.core import shipped
from lib.labs.moonshot.flight import Flight
from lib.labs.moonshot.lab import Moonshot
from lib.store import SHIPPED, Store
from lib.tasks.moonshot import orbit, threebody
from tests.dashboard.conftest import Play, calm, said, texts, visit, widgets

WORDS = texts("en", "moonshot")


def launches(at: object) -> list[str]:
    return [one.value for one in at.metric if one.label == WORDS("own.trials")]  # type: ignore[attr-defined]


@pytest.fixture
def flown(play: Play) -> None:  # noqa: ARG001
    """Two launches that were flown before, in the world of the defaults."""
    flight = Flight(Moonshot(), ((10.9465, 10.0), (10.95, 227.2)))
    for result in flight.run():
        assert store.own().put(flight, result)


@pytest.mark.usefixtures("flown")
def test_a_reload_brings_the_launches_back() -> None:
    at = calm(visit("moonshot", moonshot_own_flown="10.9465,10.00_10.9500,227.20"))
    assert launches(at) == ["2"]
    assert at.query_params["moonshot_own_flown"] == "10.9465,10.00_10.9500,227.20"
    assert launches(calm(at.run())) == ["2"]


BAD = ("nan,nan", "1e9,1.00", "10.9465", "10.9465,10.00_", "3.0000,10.00", "10.9465,999.00", "<script>", "1" * 100_000)


@pytest.mark.parametrize("word", [*BAD, "_".join(["10.9465,10.00"] * 201)], ids=range(9))
def test_a_link_that_nobody_wrote_here_brings_none_and_says_so(play: Play, word: str) -> None:  # noqa: ARG001
    at = calm(visit("moonshot", moonshot_own_flown=word))
    assert launches(at) == []
    assert WORDS("own.unread") in said(at)
    assert "moonshot_own_flown" not in at.query_params


@pytest.mark.parametrize(
    ("speed", "phase", "stands", "refused"),
    [("3", "nan", (7.7845, 0.0), 2), ("12", "360", (11.0085, 360.0), 1), ("10.9465", "10", (10.9465, 10.0), 0)],
)
def test_a_link_to_a_launch_that_cannot_be_gets_a_sentence_and_the_nearest_that_can(
    play: Play,  # noqa: ARG001
    speed: str,
    phase: str,
    stands: tuple[float, float],
    refused: int,
) -> None:
    at = calm(visit("moonshot", moonshot_own_speed=speed, moonshot_own_phase=phase))
    assert (at.slider(key="moonshot_own_speed").value, at.slider(key="moonshot_own_phase").value) == stands
    assert len([one for one in at.warning if "which cannot be" in one.value]) == refused


RUNS: list[Any] = [Store(str(SHIPPED)).get(Moonshot(**settings)) for settings in shipped(Moonshot)]
EN = Texts("en", "moonshot")


def rows(picture: Any, **like: Any) -> list[dict[str, Any]]:
    told = picture.table.to_pylist()
    return [row for row in told if all(row[name] == value for name, value in like.items())]


@pytest.fixture(params=RUNS, ids=[str(settings) for settings in shipped(Moonshot)])
def run(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_ledger_metric_and_guess_have_the_same_first_hit(run: Any) -> None:
    told = {row["name"]: row for row in rows(ledger.paid(run, EN), measure=EN("ledger.first"), part="dot")}
    for one in run.verdict.answerers:
        row = told[EN(f"names.{one.name}")]
        if not row["never"]:
            assert row["median"] == one.price.trials
    firsts = [told[EN(f"names.{name}")] for name in who.BY_REWARD]
    assert ledger.fewest(run) == min(np.inf if row["never"] else row["median"] for row in firsts)


def test_a_curve_comes_to_nine_in_ten_where_the_ledger_says_so(run: Any) -> None:
    marks = run.ledger.marks
    told = {row["name"]: row for row in rows(ledger.paid(run, EN), measure=EN("ledger.nine"), part="dot")}
    picture = ledger.success(run, EN)
    for one in who.looks(run):
        line = rows(picture, part="line", name=EN(f"names.{one.name}"))
        come = [row["at"] for row in line if row["share"] >= ledger.NINE - 1e-6]
        nine = told[EN(f"names.{one.name}")]
        assert bool(come) != nine["never"], one.name
        if come:
            before = marks[marks < come[0]].max()  # no line has a point at each launch
            assert before < nine["median"] <= come[0], one.name


def test_the_map_says_of_which_world_its_first_hit_is(run: Any) -> None:
    said = {row["owner"]: row["says"] for row in rows(maps.chart(run, EN), part="said")}
    for place, name in enumerate(run.ledger.names):
        numbers = [int(one.replace(",", "")) for one in re.findall(r"\d[\d,]*", said[name])]
        first, middle = run.ledger.first[place, 0], np.median(run.ledger.first[place])
        assert (first in numbers) == np.isfinite(first)
        assert (middle in numbers) == np.isfinite(middle)


def test_four_are_drawn_beside_the_visitor_each_with_a_look_of_its_own(run: Any) -> None:
    told = who.looks(run)
    assert [one.name for one in told if one.few] == ["network", who.best(run), "sighted", "program"]
    assert len(told) == 9
    for look in ("colour", "dash", "shape", "glyph"):
        assert len({getattr(one, look) for one in told}) == 9
    assert who.YOU not in COLOURS.values()
    assert [one.name for one in who.few(run).answerers] == [one.name for one in told if one.few]


@pytest.mark.parametrize("draw", [ledger.paid, ledger.success, ledger.changed, maps.chart])
@pytest.mark.parametrize("language", LANGUAGES)
def test_before_the_guess_no_launch_of_a_contestant_is_seen(draw: Any, language: str) -> None:
    words = Texts(language, "moonshot")
    picture = draw(RUNS[0], words)
    covered = read(picture.covered).to_pylist()
    assert {row["part"] for row in covered} == {"cover"}
    assert {row["says"] for row in covered} == {words("chart.covered")}
    assert not rows(picture, part="cover")


def test_before_the_guess_the_visitor_s_own_row_is_seen() -> None:
    covered = read(ledger.paid(RUNS[0], EN, (7, True)).covered or b"").to_pylist()
    assert [row["median"] for row in covered if row["part"] == "dot"] == [7]


def test_drawn_paths_lie_on_the_flights_that_were_integrated(monkeypatch: pytest.MonkeyPatch) -> None:
    """As both maps join the points: through all of them, by the distance between them, or by the day."""
    run = RUNS[0]
    near = [int(np.flatnonzero(run.chart.owner == place)[-1]) for place in (0, 2, 4, 8)]
    lab = Moonshot()
    world, distance = lab.asks().world(1.0), run.chart.world[2]
    reach = threebody.reach
    monkeypatch.setattr(threebody, "reach", lambda series: 0.1 * reach(series))
    burns = run.chart.burns[near]
    _, true = orbit.launch([world] * len(near), burns, lab.model_errors()[:1] * len(near), paths=True)
    for launch, line in zip(near, true, strict=True):
        points = run.chart.lines[launch].astype(float)
        points = points[np.concatenate([[True], np.hypot(*np.diff(points[:, 1:], axis=0).T) > 0])]
        along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(points[:, 1:], axis=0).T))])
        assert off(points[:, 1:], along, line[:, 1:]) < 0.002 * distance
        flat = np.array(maps.path(points, distance)).reshape(-1, 3)
        assert off(flat[:, 1:] * distance, flat[:, 0], line[:, 1:]) < 0.002 * distance


def off(points: np.ndarray, knots: np.ndarray, line: np.ndarray) -> float:
    """How far the curve through points strays from a line: cubic pieces, a parabola's slope at each knot."""
    slopes = np.gradient(points, knots, axis=0, edge_order=2)
    share, long = np.linspace(0, 1, 8)[:, None, None], np.diff(knots)[None, :, None]
    curve = (1 + 2 * share) * (1 - share) ** 2 * points[:-1] + share * (1 - share) ** 2 * long * slopes[:-1]
    curve = curve + share**2 * (3 - 2 * share) * points[1:] + share**2 * (share - 1) * long * slopes[1:]
    gaps = np.linalg.norm(curve.reshape(-1, 1, 2) - line[None], axis=2)
    spacing = np.linalg.norm(np.diff(line, axis=0), axis=1).max()
    return float(max(0.0, gaps.min(1).max() - spacing / 2))


@pytest.mark.usefixtures("play")
@pytest.mark.parametrize("show", ["", "own"])
def test_a_projector_has_the_launches_of_all_or_what_a_visitor_flies_if_that_is_named(show: str) -> None:
    at = calm(visit("moonshot", present="1", show=show))
    assert len(at.get("bidi_component")) == bool(show)
    assert len(at.get("vega_lite_chart")) == (not show)
    assert ("moonshot_launch" in widgets(at)) == bool(show)
