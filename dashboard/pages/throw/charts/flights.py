"""A throw in flight: the true arc, and where each contestant says it comes down; the browser scrubs along the axis."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from dashboard.charts import lazy_altair as alt
from dashboard.charts.style import (
    BEYOND,
    COLOURS,
    COVER,
    TRUTH,
    VEIL,
    Picture,
    Roles,
    Words,
    colours,
    ink,
    inks,
    roles,
    snap,
    snapped,
    snapping,
    spec,
)
from lib.core import Axis

HEIGHT = 330
ROW = 0.14  # of the apex: the distance between the answers drawn below the ground


def arcs(result: Any, words: Words, landmarks: Mapping[float, str] | None = None) -> Picture:
    """One arc for each exam value, all in the browser at once; below the ground what each contestant says.

    Beyond training the true landing alone is seen before the guess.
    """
    told = _arcs_spec(result.verdict.axis, roles(result.verdict), words)
    return Picture.of(told, _rows(result, words, landmarks or {}), words("flight.heard"))


@lru_cache(128)
def _arcs_spec(axis: Axis, who: Roles, words: Words) -> dict[str, Any]:
    names = [words("names.truth"), *(words(f"names.{name}") for name, _ in who)]
    pick = snapping("pick", words(f"axes.{axis.name}"), axis.exam, _start(axis))
    x = alt.X("x:Q", title=words("flight.range"), axis=alt.Axis(grid=False, tickCount=7))
    y = alt.Y("y:Q", axis=None)
    colour = alt.Color("name:N", scale=alt.Scale(domain=names, range=[TRUTH, *colours(who)]), legend=None)
    letters = alt.Fill("name:N", scale=alt.Scale(domain=names, range=[ink("truth"), *inks(who)]), legend=None)
    now = alt.Chart().transform_filter(snapped("pick"))
    path = now.transform_filter("datum.part == 'path'")
    land = now.transform_filter("datum.part == 'land'")
    layers = [
        path.mark_line(strokeWidth=2.5, color=TRUTH).encode(x, y, order=alt.Order("step:Q")),
        now.transform_filter("datum.part == 'ground'").mark_rule(color=TRUTH).encode(y),
        land.mark_rule(strokeWidth=4, opacity=0.4).encode(alt.X("low:Q"), y, colour, x2=alt.X2("high:Q")),
        land.mark_point(shape="triangle-up", size=110, filled=True).encode(x, y, colour),
        land.mark_text(align="left", dx=6, fontSize=13, fontWeight=600).encode(
            y, letters, x=alt.XValue("width"), text=alt.Text("says:N")
        ),
        now.transform_filter("datum.part == 'title'")
        .mark_text(align="left", baseline="top", fontSize=15, fontWeight=600, color=TRUTH)
        .encode(x=alt.XValue(0), y=alt.YValue(0), text=alt.Text("says:N")),
        now.transform_filter("datum.part == 'cover'")
        .mark_text(baseline="bottom", fontSize=14, fontWeight=600, color=TRUTH)
        .encode(x=alt.XValue(alt.ExprRef("width / 2")), y=alt.YValue("height"), text=alt.Text("says:N")),
    ]
    return spec(alt.layer(*layers).add_params(pick), HEIGHT)


def _start(axis: Axis) -> float:
    """The exam value to open with: near the end of the axis, outside training."""
    return axis.exam[3] if axis.outward < 0 else axis.exam[-4]


def _rows(result: Any, words: Words, landmarks: Mapping[float, str]) -> list[dict[str, object]]:
    flights, exam, axis = result.flights, result.verdict.axis.exam, result.verdict.axis
    names = [words("names.truth"), *(words(f"names.{one.name}") for one in result.verdict.answerers)]
    asked = [flights.names.index(one.name) for one in result.verdict.answerers]
    rows: list[dict[str, object]] = []
    for at, place, path, landings in zip(
        exam, snap("pick", exam), flights.paths, flights.landings.swapaxes(0, 1), strict=True
    ):
        truth, apex = float(path[-1, 0]), float(path[:, 1].max())
        title = words("flight.title", axis=words(f"short.{axis.name}"), at=at, unit=axis.unit)
        here = [{"part": "path", "x": px, "y": py, "step": s} for s, (px, py) in enumerate(path.tolist())]
        here += [{"part": "ground", "y": 0.0}, {"part": "title", "says": f"{title}  {landmarks.get(at, '')}"}]
        for row, (name, (middle, low, high)) in enumerate(
            zip(names, [(truth, truth, truth), *landings[asked].tolist()], strict=True), 1
        ):
            says = words("flight.lands", name=name, range=middle)
            told = {"part": "land", "name": name, "x": middle, "low": low, "high": high, "says": says}
            hidden = BEYOND if row > 1 and not axis.seen(at) else None
            here.append(told | {"y": -ROW * apex * row, VEIL: hidden})
        if not axis.seen(at):
            covered = words("chart.covered").replace("|", " ")
            here.append({"part": "cover", "says": covered, VEIL: COVER})
        rows += [one | place for one in here]
    return rows


def table(result: Any, words: Words) -> pa.Table:
    """Where the drawn throw comes down, and where each contestant says: a row for each exam value [m]."""
    flights, axis = result.flights, result.verdict.axis
    told = {words(f"axes.{axis.name}"): axis.exam, words("landing.truth"): flights.paths[:, -1, 0]}
    ranges = {words(f"names.{name}"): flights.landings[i, :, 0] for i, name in enumerate(flights.names)}
    return pa.table(told | ranges)


def steps(result: Any, words: Words) -> Picture:
    """The program's own flight, one of its steps at a time: place and speed at each, up to the one that is picked."""
    trace: np.ndarray = result.flights.trace
    middle = float(trace[-1, 1]) / 2  # there is room for words below the arc
    rows: list[dict[str, object]] = []
    for n, (t, px, py, vx, vy) in enumerate(trace.tolist()):
        says = words("flight.state", n=n, t=t, x=px, y=py, vx=vx, vy=vy)
        rows.append({"n": n, "x": px, "y": py, "middle": middle, "says": says})
    return Picture.of(_steps_spec(len(trace) - 1, words), rows, words("flight.steps_heard"))


@lru_cache(128)
def _steps_spec(last: int, words: Words) -> dict[str, Any]:
    bind = alt.binding_range(min=0, max=last, step=1, name=words("flight.step") + " ")
    pick = alt.param(name="step", value=last, bind=bind)
    x, y = alt.X("x:Q", title=words("flight.range")), alt.Y("y:Q", title=words("flight.height"))
    whole = alt.Chart()
    layers = [
        whole.mark_line(color=TRUTH, strokeDash=[2, 3]).encode(x, y, order=alt.Order("n:Q")),
        whole.transform_filter("datum.n <= step")
        .mark_point(filled=True, size=40, color=COLOURS["program"])
        .encode(x, y),
        whole.transform_filter("datum.n == step")
        .mark_text(baseline="bottom", dy=-18, fontSize=12, fontWeight=600, color=COLOURS["program"], lineBreak="|")
        .encode(x=alt.X("middle:Q"), y=alt.YValue("height"), text=alt.Text("says:N")),
    ]
    return spec(alt.layer(*layers).add_params(pick), 240)
