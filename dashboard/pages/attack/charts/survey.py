"""Every family of attacks: errors against ε a few lines at a time, how near the nearest pictures are, what it costs."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from dashboard.charts import lazy_altair as alt
from dashboard.charts.curves import errors
from dashboard.charts.style import (
    COLOURS,
    DASHES,
    SIBLINGS,
    TRUTH,
    Picture,
    Words,
    apart,
    ink,
    percent,
    spec,
)
from lib.labs.attack.survey import BLACK_BOXES, QUERIES, Surveyed

HEIGHT = 300
BINS = 20
ALIKE, FEWEST = 0.05, 5  # beyond where lines differ by more than this nothing is drawn, but so many values always
PERCENT = "format(100 * datum.value, '.0f') + ' %'"
LOOKS = {"scores": [1, 0], "labels": SIBLINGS[1], "pixel": DASHES["control"]}


def gradient(result: Any, words: Words) -> Picture | None:
    """One step, and many: whoever knows the weights."""
    return of(result, words, "noise", "one_step", "many_steps", "through")


def black_box(result: Any, words: Words) -> Picture | None:
    """Whoever may only ask, beside the many steps."""
    return of(result, words, "noise", "many_steps", "black_box")


def nearest(result: Any, words: Words) -> Picture | None:
    """One search for the nearest picture, which tells of every ε at once, beside the many steps."""
    return of(result, words, "noise", "many_steps", "nearest")


def together(result: Any, words: Words) -> Picture | None:
    """What any of them has found, beside the many steps; of a smoothed network, what no proof excludes."""
    return of(result, words, "noise", "many_steps", "together", "certified")


def of(result: Any, words: Words, *names: str) -> Picture | None:
    """Errors against ε of those of a verdict that are named, as far as they differ; None while there are none."""
    kept = [one for one in result.verdict.answerers if one.name in names]
    if not kept:
        return None
    axis = result.verdict.axis
    rivals = [[point.error for point in one.curve] for one in kept if one.kind != "control"] or [[0.0]]
    apart_at = [place for place, told in enumerate(zip(*rivals, strict=True)) if max(told) - min(told) > ALIKE]
    end = max(apart_at, default=len(axis.exam) - 1) + 1
    short = replace(axis, exam=axis.exam[: max(end, FEWEST)])
    drawn = tuple(replace(one, curve=one.curve[: len(short.exam)]) for one in kept)
    return errors(replace(result.verdict, axis=short, answerers=drawn), words)


def distances(result: Any, words: Words) -> Picture | None:
    """How far the nearest picture is that deceives, digit by digit, over all networks."""
    told: Surveyed = result
    far = told.distances.ravel()
    if not len(far):
        return None
    end = told.verdict.axis.exam[-1]
    edges = np.linspace(0, end, BINS + 1)
    shares = np.histogram(far[far <= end], edges)[0] / len(far)
    middle = told.middle
    rows: list[dict[str, object]] = [
        {"part": "bar", "from": float(low), "to": float(high), "share": float(one), "none": 0}
        for low, high, one in zip(edges[:-1], edges[1:], shares, strict=True)
    ]
    if middle <= end:
        right = middle > 0.6 * end
        says = words("survey.half", eps=middle)
        rows.append({"part": "middle", "from": middle, "says": says, "align": "right" if right else "left"})
    beyond = float((far > end).mean())
    heard = words("survey.distances_heard", eps=middle, beyond=beyond)
    return Picture.of(_distances_spec(end, words), rows, heard)


@lru_cache(16)
def _distances_spec(end: float, words: Words) -> dict[str, Any]:
    scale = alt.Scale(domain=[0, end], nice=False)
    x = alt.X("from:Q", title=words("axes.ε"), scale=scale, axis=alt.Axis(grid=False, tickCount=8))
    ticks = alt.Axis(labelExpr=PERCENT, tickCount=5)
    y = alt.Y("share:Q", title=words("survey.digits"), axis=ticks)
    bars = alt.Chart().transform_filter("datum.part == 'bar'")
    middle = alt.Chart().transform_filter("datum.part == 'middle'")
    tips = [
        alt.Tooltip("from:Q", title=words("survey.from"), format=".3~f"),
        alt.Tooltip("to:Q", title=words("survey.to"), format=".3~f"),
        alt.Tooltip("share:Q", title=words("survey.digits"), format=".1%"),
    ]
    layers = [
        bars.mark_rect(color=COLOURS["network"], opacity=0.75, stroke=TRUTH, strokeWidth=0.5).encode(
            x, y, x2=alt.X2("to:Q"), y2=alt.Y2("none:Q"), tooltip=tips
        ),
        middle.mark_rule(color=TRUTH, strokeWidth=2, strokeDash=[4, 3]).encode(x),
        middle.mark_text(
            baseline="bottom",
            align=alt.ExprRef("datum.align"),
            fontSize=13,
            fontWeight=600,
            color=TRUTH,
        ).encode(x, y=alt.YValue(-5), text=alt.Text("says:N")),
    ]
    return spec(alt.layer(*layers), HEIGHT)


def asked(result: Any, words: Words) -> Picture | None:
    """Success by the questions that it took, for attacks that see answers alone; a line each."""
    told: Surveyed = result
    names = {one: words(f"survey.boxes.{one}") for one in BLACK_BOXES}
    known = [
        (name, stop, float(share))
        for name, row in zip(BLACK_BOXES, told.asked, strict=True)
        for stop, share in zip(QUERIES, row, strict=True)
        if share == share
    ]
    if not known:
        return None
    rows: list[dict[str, object]] = [
        {"part": "point", "name": names[name], "queries": stop, "share": share} for name, stop, share in known
    ]
    last = {name: share for name, _, share in known}
    ends = apart(list(last.values()), 17 / (HEIGHT - 70), 0.0, 1.0)
    rows += [{"part": "label", "name": names[name], "share": end} for name, end in zip(last, ends, strict=True)]
    said = "; ".join(words("survey.asked_row", name=names[name], share=share) for name, share in last.items())
    heard = words("survey.asked_heard", queries=QUERIES[-1], eps=told.within, rows=said)
    return Picture.of(_asked_spec(words), rows, heard)


@lru_cache(16)
def _asked_spec(words: Words) -> dict[str, Any]:
    names = [words(f"survey.boxes.{one}") for one in BLACK_BOXES]
    scale = alt.Scale(type="log", domain=[QUERIES[0], QUERIES[-1]], nice=False)
    axis = alt.Axis(grid=False, values=list(QUERIES), format="d")
    x = alt.X("queries:Q", title=words("survey.queries"), scale=scale, axis=axis)
    heights = alt.Axis(labelExpr=PERCENT, tickCount=5)
    y = alt.Y("share:Q", title=words("survey.fallen"), scale=alt.Scale(domain=[0, 1]), axis=heights)
    dash = alt.StrokeDash("name:N", scale=alt.Scale(domain=names, range=list(LOOKS.values())), legend=None)
    points = alt.Chart().transform_filter("datum.part == 'point'")
    labels = alt.Chart().transform_filter("datum.part == 'label'")
    tips = [
        alt.Tooltip("name:N", title=words("survey.attack")),
        alt.Tooltip("queries:Q", title=words("survey.queries")),
        alt.Tooltip("share:Q", title=words("survey.fallen"), format=".0%"),
    ]
    layers = [
        points.mark_line(strokeWidth=2.5, color=COLOURS["network"]).encode(x, y, dash),
        points.mark_point(size=40, filled=True, color=COLOURS["network"]).encode(x, y, tooltip=tips),
        labels.mark_text(align="left", dx=6, fontSize=13, fontWeight=600, color=ink("network")).encode(
            y, x=alt.XValue("width"), text=alt.Text("name:N")
        ),
    ]
    return spec(alt.layer(*layers), HEIGHT)


def table(result: Any, words: Words) -> pa.Table | None:
    """The nearest picture of each digit and network."""
    told: Surveyed = result
    if not told.distances.size:
        return None
    network, digit = (index.ravel() for index in np.indices(told.distances.shape))
    far = told.distances.ravel()
    return pa.table(
        {
            words("survey.network"): network + 1,
            words("survey.digit"): digit + 1,
            words("survey.distance"): [float(f"{one:.4g}") if np.isfinite(one) else None for one in far],
        }
    )


def counted(result: Any, words: Words) -> pa.Table:
    """What asking buys, as numbers."""
    told: Surveyed = result
    columns = {words("survey.queries"): list(QUERIES)}
    for name, row in zip(BLACK_BOXES, told.asked, strict=True):
        columns |= percent(words(f"survey.boxes.{name}"), row.tolist())  # type: ignore[arg-type]
    return pa.table(columns)
