"""Error along the axis: a line for each contestant, a band over its seeds, the training range shaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from dashboard.charts import lazy_altair as alt
from dashboard.charts.style import TRUTH, Picture, Roles, Words, apart, colours, dashes, roles, spec
from lib.core import Axis, Verdict

HEIGHT = 330
LENGTHS = (1.0, 1e6)  # km: what errors that are lengths are drawn between, by factors
LINE = 17  # pixels that the name of a line takes


def small(result: Any, words: Words) -> Picture:
    """The same lines, of the network and the program alone and with less around them, for a card."""
    kept = {one.kind: one for one in reversed(result.verdict.answerers) if one.kind in ("network", "program")}
    return errors(replace(result.verdict, answerers=(kept["network"], kept["program"])), words, height=190)


def errors(
    verdict: Verdict,
    words: Words,
    landmarks: Mapping[float, str] | None = None,
    height: int = HEIGHT,
    measured: str = "chart.error",
) -> Picture:
    """One line a contestant: median error over seeds at each exam value, from best to worst seed as a band.

    landmarks: axis values worth a name, such as the Moon's gravity; measured: the text that says what an error is.
    Errors above 100 % are drawn at the edge.
    """
    named = tuple((landmarks or {}).items())
    told = _spec(verdict.axis, verdict.tolerance, roles(verdict), words, named, height, measured, verdict.unit)
    return Picture.of(told, _rows(verdict, words, LINE / (height - 70)), heard(verdict, words))


@lru_cache(128)
def _spec(
    axis: Axis,
    tolerance: float,
    who: Roles,
    words: Words,
    landmarks: tuple[tuple[float, str], ...],
    height: int,
    measured: str,
    unit: str,
) -> dict[str, Any]:
    names = [words(f"names.{name}") for name, _ in who]
    across = words(f"axes.{axis.name}")
    reach = [min(axis.exam[0], axis.train[0]), max(axis.exam[-1], axis.train[1])]
    scale = alt.Scale(type="log" if axis.logarithmic else "linear", domain=reach, nice=False)
    x = alt.X("at:Q", title=across, scale=scale, axis=alt.Axis(grid=False, tickCount=8))
    y = alt.Y(
        "error:Q",
        title=words(measured),
        scale=alt.Scale(type="log", domain=list(LENGTHS), clamp=True) if unit else alt.Scale(domain=[0, 1], clamp=True),
        axis=alt.Axis(format=",~r" if unit else "%", tickCount=5),
    )
    colour = alt.Color("name:N", scale=alt.Scale(domain=names, range=colours(who)), legend=None)
    dash = alt.StrokeDash("name:N", scale=alt.Scale(domain=names, range=dashes(who)), legend=None)
    figure = ",.0f" if unit else ".2%"
    tips = [
        alt.Tooltip("name:N", title=words("chart.who")),
        alt.Tooltip("at:Q", title=across, format=".3~f"),
        alt.Tooltip("error:Q", title=words(measured), format=figure),
        alt.Tooltip("low:Q", title=words("chart.best_seed"), format=figure),
        alt.Tooltip("high:Q", title=words("chart.worst_seed"), format=figure),
    ]
    drawn = alt.Chart().transform_filter("datum.part == 'point'")
    layers = [
        *_ground(axis, tolerance, words, landmarks, x, y, LENGTHS[1] if unit else 1.0),
        drawn.mark_area(opacity=0.18).encode(x, alt.Y("low:Q"), alt.Y2("high:Q"), colour),
        drawn.mark_line(strokeWidth=2.5).encode(x, y, colour, dash),
        drawn.mark_point(size=40, filled=True, opacity=0.9).encode(x, y, colour, tooltip=tips),
        alt.Chart()
        .transform_filter("datum.part == 'label'")
        .mark_text(align="left", dx=6, fontSize=13, fontWeight=600)
        .encode(y, colour, x=alt.XValue("width"), text=alt.Text("name:N")),
    ]
    return spec(alt.layer(*layers), height)


def _ground(
    axis: Axis, tolerance: float, words: Words, landmarks: tuple[tuple[float, str], ...], x: alt.X, y: alt.Y, top: float
) -> list[alt.Chart]:
    """What the lines stand on: the range seen in training, the tolerance, the landmarks."""
    lo, hi = axis.train
    seen = alt.Chart(alt.Data(values=[{"at": lo, "to": hi, "error": top, "says": words("chart.seen")}]))
    says = words("chart.tolerance", value=tolerance)
    limit = alt.Chart(alt.Data(values=[{"error": tolerance, "says": says}]))
    marks = alt.Chart(alt.Data(values=[{"at": at, "error": top, "says": name} for at, name in landmarks]))
    shade = seen.mark_rect(color=TRUTH, opacity=0.16).encode(x, alt.X2("to:Q"))
    return [
        shade if hi > lo else seen.mark_rule(color=TRUTH, strokeWidth=3, opacity=0.4).encode(x),
        seen.mark_text(align="left", baseline="bottom", dy=-4, color=TRUTH, fontSize=12).encode(
            x, y, text=alt.Text("says:N")
        ),
        limit.mark_rule(color=TRUTH, strokeDash=[2, 3]).encode(y),
        limit.mark_text(align="right", baseline="bottom", dx=-4, dy=-2, color=TRUTH, fontSize=12).encode(
            y, x=alt.XValue("width"), text=alt.Text("says:N")
        ),
        marks.mark_rule(color=TRUTH, opacity=0.5, strokeWidth=1).encode(x),
        marks.mark_text(align="left", baseline="top", angle=90, dx=4, dy=3, color=TRUTH, fontSize=12).encode(
            x, y, text=alt.Text("says:N")
        ),
    ]


def _rows(verdict: Verdict, words: Words, gap: float) -> list[dict[str, object]]:
    names = [words(f"names.{one.name}") for one in verdict.answerers]
    ends = [_height(one.curve[-1].error, verdict.unit) for one in verdict.answerers]
    places = [_error(place, verdict.unit) for place in apart(ends, gap, 0.0, 1.0)]
    points = [
        {"part": "point", "name": name, "at": p.at, "error": p.error, "low": p.low, "high": p.high}
        for name, one in zip(names, verdict.answerers, strict=True)
        for p in one.curve
    ]
    labels = [{"part": "label", "name": name, "error": place} for name, place in zip(names, places, strict=True)]
    return points + labels


def _height(error: float, unit: str) -> float:
    """Where an error is drawn, from 0 at the bottom to 1 at the top; what is no number at the top."""
    low, high = np.log10(LENGTHS)
    place = (np.log10(max(error, LENGTHS[0])) - low) / (high - low) if unit else error
    return min(float(place), 1.0) if place == place else 1.0


def _error(height: float, unit: str) -> float:
    """The error that is drawn at a height."""
    low, high = LENGTHS
    return low * (high / low) ** height if unit else height


def table(result: Any, words: Words) -> pa.Table:
    """The same numbers, a row for each contestant and exam value; errors as the chart has them, in percent or km."""
    verdict: Verdict = result.verdict
    scale, sign = (1, f" [{verdict.unit}]") if verdict.unit else (100, " [%]")
    digits = lambda error: float(f"{scale * error:.4g}")  # noqa: E731
    heads = [words(f"chart.{name}").removesuffix(sign) + sign for name in ("error", "best_seed", "worst_seed")]
    return pa.Table.from_pylist(
        [
            {
                words("chart.who"): words(f"names.{one.name}"),
                words(f"axes.{verdict.axis.name}"): float(f"{p.at:.4g}"),
                words("chart.in_training"): words("chart.yes" if p.seen else "chart.no"),
            }
            | dict(zip(heads, map(digits, (p.error, p.low, p.high)), strict=True))
            for one in verdict.answerers
            for p in one.curve
        ]
    )


def heard(verdict: Verdict, words: Words) -> str:
    """The chart's finding for those who do not see it."""
    said = [
        words("chart.heard", name=words(f"names.{one.name}"), inside=one.inside, outside=one.outside)
        for one in verdict.answerers
    ]
    return words("chart.heard_of", axis=words(f"axes.{verdict.axis.name}")) + " " + " ".join(said)
