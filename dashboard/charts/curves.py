"""Error along the axis: a line for each contestant, a band over its seeds, the training range shaded."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from dashboard.charts import lazy_altair as alt
from dashboard.charts.style import (
    BEYOND,
    COVER,
    GUESS,
    TRUTH,
    VEIL,
    Picture,
    Roles,
    Words,
    apart,
    colours,
    dashes,
    haloed,
    ink,
    inks,
    roles,
    spec,
)
from lib.core import Axis, Verdict

HEIGHT = 330
LENGTHS = (0.01, 1e6)  # km: what errors that are lengths are drawn between, by factors
LINE = 17  # pixels that the name of a line takes
NARROW = 210  # pixels: how wide the plot is on a phone
WORDS = 14  # pixels from a line of words above the plot to the next
FIGURES = ("error", "low", "high")
SHARE = "({0} > 0 && {0} < 0.0001 ? '< 0.01' : format(100 * {0}, '.3~r')) + ' %'"  # as dashboard.app.language.share

STRIPES = 20
HATCHED: Any = {
    "gradient": "linear",
    "x1": 0,
    "y1": 0,
    "x2": 1,
    "y2": 1,
    "stops": [
        {"offset": round((n + end) / STRIPES, 3), "color": f"rgba(128, 128, 128, {0.22 if n % 2 else 0.1})"}
        for n in range(STRIPES)
        for end in (0, 1)
    ],
}

Bands = tuple[tuple[float, float], ...]
"""From which error to which each option of a guess reaches."""


def between(edges: Sequence[float], *, right: bool = False) -> Bands:
    """The options of a guess that `edges` part, as ranges of errors; right: what is guessed is who is right."""
    ranges = pairwise((0.0, *edges, 1.0))
    return tuple((1 - high, 1 - low) if right else (low, high) for low, high in ranges)


def small(result: Any, words: Words, *, from_the_start: bool = False) -> Picture:
    """The same lines, of the network and the program alone and with less around them, for a card."""
    kept = {one.kind: one for one in reversed(result.verdict.answerers) if one.kind in ("network", "program")}
    two = replace(result.verdict, answerers=(kept["network"], kept["program"]))
    return errors(two, words, height=190, from_the_start=from_the_start)


def errors(
    verdict: Verdict,
    words: Words,
    landmarks: Mapping[float, str] | None = None,
    height: int = HEIGHT,
    measured: str = "chart.error",
    *,
    from_the_start: bool = False,
    bands: Bands = (),
    guessed_at: float | None = None,
) -> Picture:
    """One line a contestant: median error over seeds at each exam value, from best to worst seed as a band.

    landmarks: axis values worth a name, such as the Moon's gravity; measured: the text that says what an error is.
    Errors above 100 % are drawn at the edge, where the largest of each line is told.
    from_the_start: the guess is about the training range itself, so all of the lines answers it.
    bands: the options of the guess as errors; the one that was picked is marked at the axis value `guessed_at`, at the
    end of the axis without one.
    """
    named = tuple((landmarks or {}).items())
    told = _spec(
        verdict.axis, verdict.tolerance, roles(verdict), words, named, height, measured, verdict.unit, bands, guessed_at
    )
    return Picture.of(told, _rows(verdict, words, LINE / (height - 70), from_the_start), heard(verdict, words))


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
    bands: Bands,
    guessed_at: float | None,
) -> dict[str, Any]:
    names = [words(f"names.{name}") for name, _ in who]
    across = words(f"axes.{axis.name}")
    x = alt.X("at:Q", title=across, scale=_scale(axis), axis=_ticks(axis))
    ticks = (
        alt.Axis(format=",~r", tickCount=5, labelFlush=False)
        if unit
        else alt.Axis(labelExpr=SHARE.format("datum.value"), tickCount=5, labelFlush=False)
    )
    heights = alt.Scale(type="log", domain=list(LENGTHS), clamp=True) if unit else alt.Scale(domain=[0, 1], clamp=True)
    y = alt.Y("error:Q", title=words(measured), scale=heights, axis=ticks)
    colour = alt.Color("name:N", scale=alt.Scale(domain=names, range=colours(who)), legend=None)
    letters = alt.Fill("name:N", scale=alt.Scale(domain=names, range=inks(who)), legend=None)
    dash = alt.StrokeDash("name:N", scale=alt.Scale(domain=names, range=dashes(who)), legend=None)
    drawn = alt.Chart().transform_filter("datum.part == 'point'")
    says = alt.Text("says:N")
    layers = [
        *_ground(axis, tolerance, words, landmarks, x, y),
        *_cover(x, says),
        drawn.mark_area(opacity=0.18).encode(x, alt.Y("low:Q"), alt.Y2("high:Q"), colour),
        drawn.mark_line(strokeWidth=2.5).encode(x, y, colour, dash),
        _points(drawn, words, measured, across, unit).encode(x, y, colour),
        *haloed(
            _part("off").encode(x, y, text=says),
            letters,
            baseline="top",
            align=_datum("align"),
            dy=_datum("down"),
            fontSize=12,
            fontWeight=600,
        ),
        _part("label").mark_text(align="left", dx=6, fontSize=13, fontWeight=600)
        .encode(y, letters, x=alt.XValue("width"), text=alt.Text("name:N")),
        *(_guess(bands, guessed_at, tolerance, words, x, y) if bands else ()),
    ]  # fmt: skip
    chart = alt.layer(*layers)
    return spec(chart.add_params(alt.param(name=GUESS, value=-1)) if bands else chart, height)


def _reach(axis: Axis) -> list[float]:
    """What is drawn of an axis."""
    return [min(axis.exam[0], axis.train[0]), max(axis.exam[-1], axis.train[1])]


def _scale(axis: Axis) -> alt.Scale:
    """By factors if it goes by factors; if that begins at 0, evenly up to the first step and by factors from there."""
    kind: Any = {"type": "linear"}
    if axis.logarithmic:
        kind = {"type": "log"} if _reach(axis)[0] > 0 else {"type": "symlog", "constant": _step(axis)}
    return alt.Scale(**kind, domain=_reach(axis), nice=False)


def _ticks(axis: Axis) -> alt.Axis:
    """Of an axis that begins at 0 and goes by factors nobody else knows good ones: the values of the exam."""
    if not axis.logarithmic or _reach(axis)[0] > 0:
        return alt.Axis(grid=False, tickCount=8)
    return alt.Axis(grid=False, values=list(axis.exam), format=".3~r", labelOverlap="greedy")


def _step(axis: Axis) -> float:
    """The first exam value above 0."""
    return next(at for at in axis.exam if at > 0)


def _part(name: str) -> alt.Chart:
    return alt.Chart().transform_filter(f"datum.part == '{name}'")


def _datum(name: str) -> Any:
    """What a row says of the look of its mark."""
    return alt.ExprRef(f"datum.{name}")


def _points(drawn: alt.Chart, words: Words, measured: str, across: str, unit: str) -> alt.Chart:
    """The numbers themselves, to be pointed at."""
    near = "format(datum.{0}, datum.{0} < 1 ? '.2~r' : ',.0f')"  # km
    said = {name: near.format(name) if unit else SHARE.format(f"datum.{name}") for name in FIGURES}
    titles = dict(zip(FIGURES, (words(measured), words("chart.best_seed"), words("chart.worst_seed")), strict=True))
    tips = [
        alt.Tooltip("name:N", title=words("chart.who")),
        alt.Tooltip("at:Q", title=across, format=".3~f"),
        *(alt.Tooltip(f"{name}_said:N", title=title) for name, title in titles.items()),
    ]
    told = drawn.transform_calculate(**{f"{name}_said": how for name, how in said.items()})
    return told.mark_point(size=40, filled=True, opacity=0.9).encode(tooltip=tips)


def _cover(x: alt.X, says: alt.Text) -> list[alt.Chart]:
    """What hides the lines until the visitor has guessed."""
    text = _part("covered").mark_text(fontSize=14, fontWeight=600, color=TRUTH, lineBreak="|")
    return [
        _part("cover").mark_rect(color=HATCHED, opacity=1).encode(x, alt.X2("to:Q")),
        text.encode(x, y=alt.YValue(alt.ExprRef("height / 2 - 12")), text=says),
    ]


def _guess(bands: Bands, at: float | None, tolerance: float, words: Words, x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """The option that was picked, as a bar over its errors, with its name above, or below where that would leave."""
    name = words("chart.your_guess")
    options = [
        {"option": n, "error": low, "to": high, "at": at, "end": high, "line": "bottom", "off": -4, "says": name}
        | ({"end": low, "line": "top", "off": 4} if high > 0.9 else {})
        | ({"off": -20} if -0.02 < high - tolerance < 0.08 else {})  # above the name of the tolerance
        for n, (low, high) in enumerate(bands)
    ]
    picked = alt.Chart(alt.Data(values=options)).transform_filter(f"datum.option == {GUESS}")
    here = x if at is not None else alt.XValue(alt.ExprRef("width - 5"))
    text = picked.transform_calculate(error="datum.end")
    look = {"baseline": _datum("line"), "dy": _datum("off"), "fontSize": 13, "fontWeight": 600}
    look |= {"align": "right", "dx": 5} if at is None else {"align": "center"}
    return [
        picked.mark_rule(strokeWidth=9, opacity=0.55, color=TRUTH).encode(y, x=here, y2=alt.Y2("to:Q")),
        *haloed(text.encode(y, x=here, text=alt.Text("says:N")), alt.FillValue(ink("truth")), **look),
    ]


def _ground(
    axis: Axis, tolerance: float, words: Words, landmarks: tuple[tuple[float, str], ...], x: alt.X, y: alt.Y
) -> list[alt.Chart]:
    """What the lines stand on: the range seen in training, the tolerance, the landmarks; their names above the plot."""
    lo, hi = axis.train
    seen = alt.Chart(alt.Data(values=[{"at": lo, "to": hi}]))
    limit = alt.Chart(alt.Data(values=[{"error": tolerance, "says": words("chart.tolerance", value=tolerance)}]))
    marks = alt.Chart(alt.Data(values=[{"at": at} for at, _ in landmarks]))
    shade = seen.mark_rect(color=TRUTH, opacity=0.16).encode(x, alt.X2("to:Q"))
    above = _stacked(axis, [(lo, "left", words("chart.seen")), *((at, "center", name) for at, name in landmarks)])
    return [
        shade if hi > lo else seen.mark_rule(color=TRUTH, strokeWidth=3, opacity=0.4).encode(x),
        limit.mark_rule(color=TRUTH, strokeDash=[2, 3]).encode(y),
        limit.mark_text(align="right", baseline="bottom", dx=-4, dy=-2, color=TRUTH, fontSize=12).encode(
            y, x=alt.XValue("width"), text=alt.Text("says:N")
        ),
        *([marks.mark_rule(color=TRUTH, opacity=0.5, strokeWidth=1).encode(x)] if landmarks else []),
        *(
            alt.Chart(alt.Data(values=row))
            .mark_text(baseline="bottom", align=_datum("align"), dy=-4 - WORDS * n, color=TRUTH, fontSize=12)
            .encode(x, y=alt.YValue(0), text=alt.Text("says:N"))
            for n, row in enumerate(above)
        ),
    ]


def _stacked(axis: Axis, names: Sequence[tuple[float, str, str]]) -> list[list[dict[str, object]]]:
    """Names of axis values in rows from the bottom up, so that on a phone none touches another."""
    rows: list[list[dict[str, object]]] = []
    ends: list[list[tuple[float, float]]] = []
    for at, align, says in names:
        place, wide = NARROW * _along(axis, at), _wide(says)
        align = "right" if place > 0.9 * NARROW else "left" if place < 0.04 * NARROW else align
        low = place - wide * {"left": 0.0, "center": 0.5, "right": 1.0}[align]
        free = (n for n, row in enumerate(ends) if all(low > b + 8 or low + wide < a - 8 for a, b in row))
        n = next(free, len(rows))
        if n == len(rows):
            rows.append([])
            ends.append([])
        rows[n].append({"at": at, "says": says, "align": align})
        ends[n].append((low, low + wide))
    return rows


def _along(axis: Axis, at: float) -> float:
    """Where an axis value is drawn, from 0 at the left to 1 at the right."""
    low, high = _reach(axis)
    if not axis.logarithmic:
        return (at - low) / (high - low)
    if low > 0:
        return math.log(at / low) / math.log(high / low)
    return math.log1p(at / _step(axis)) / math.log1p(high / _step(axis))


def _at(axis: Axis, place: float) -> float:
    """The axis value that is drawn at a place."""
    low, high = _reach(axis)
    if not axis.logarithmic:
        return low + place * (high - low)
    if low > 0:
        return low * (high / low) ** place
    return _step(axis) * math.expm1(place * math.log1p(high / _step(axis)))


def _wide(says: str) -> float:
    """About how many pixels a text takes at 12 a letter, which a Chinese one has whole."""
    return sum(12 if ord(letter) > 0x2E80 else 6.5 for letter in says)


def _rows(verdict: Verdict, words: Words, gap: float, from_the_start: bool) -> list[dict[str, object]]:
    names = [words(f"names.{one.name}") for one in verdict.answerers]
    ends = [_height(one.curve[-1].error, verdict.unit) for one in verdict.answerers]
    places = apart(ends, gap, 0.0, 1.0)
    listed = [1 - n * 1.2 * gap for n in range(len(names))]  # in their order, wherever the lines end
    hidden = lambda at: BEYOND if from_the_start or not verdict.axis.seen(at) else None  # noqa: E731
    points: list[dict[str, object]] = [
        {"part": "point", "name": name, "at": p.at, "error": p.error, "low": p.low, "high": p.high, VEIL: hidden(p.at)}
        for name, one in zip(names, verdict.answerers, strict=True)
        for p in one.curve
    ]
    labels: list[dict[str, object]] = [
        {"part": "label", "name": name, "error": _error(place, verdict.unit), VEIL: veil}
        for veil, told in ((BEYOND, places), (COVER, listed))
        for name, place in zip(names, told, strict=True)
    ]
    off: list[dict[str, Any]] = [one | {VEIL: hidden(one["at"])} for one in _off(verdict, names, words)]
    return [*points, *labels, *off, *_covers(verdict.axis, words, from_the_start)]


def _off(verdict: Verdict, names: Sequence[str], words: Words) -> list[dict[str, Any]]:
    """The largest error of each line that leaves the picture, at the edge; one below the other."""
    top = LENGTHS[1] if verdict.unit else 1.0
    told: list[dict[str, Any]] = []
    for name, one in zip(names, verdict.answerers, strict=True):
        most = max((p for p in one.curve if math.isfinite(p.error)), key=lambda p: p.error, default=None)
        if most is not None and most.error > top:
            says = f"▲ {most.error:,.0f} {verdict.unit}" if verdict.unit else words("chart.off", value=most.error)
            align = "right" if _along(verdict.axis, most.at) > 0.5 else "left"
            down = 6.0 + WORDS * len(told)
            told.append(
                {"part": "off", "name": name, "at": most.at, "error": top, "says": says, "align": align, "down": down}
            )
    return told


def _covers(axis: Axis, words: Words, from_the_start: bool) -> list[dict[str, object]]:
    """The sides of the training range that answer the guess, and what is written on the widest."""
    low, high = _reach(axis)
    sides = [(low, high)] if from_the_start else [(low, axis.train[0]), (axis.train[1], high)]
    sides = [(a, b) for a, b in sides if a < b]
    rows: list[dict[str, object]] = [{"part": "cover", "at": a, "to": b, VEIL: COVER} for a, b in sides]
    ends = [(_along(axis, a), _along(axis, b)) for a, b in sides]
    middle = [(a + b) / 2 for a, b in ends if b - a > 0.4] or [sum(max(ends, key=lambda side: side[1] - side[0])) / 2]
    said = [
        {"part": "covered", "at": _at(axis, place), "says": words("chart.covered"), VEIL: COVER} for place in middle
    ]
    return [*rows, *said]


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
