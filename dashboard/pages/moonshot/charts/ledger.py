"""The ledger: what everybody has paid in launches, on a scale of factors, and how often they hit by then."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from dashboard.charts import lazy_altair as alt
from dashboard.charts.style import TRUTH, Picture, Roles, Words, colours, dashes, roles, spec

MEASURES = ("first", "nine", "again", "tuned")
WHERE = {"first": 0, "nine": 0, "again": 1, "tuned": 2}  # in which world: a place in the ledger's `spent`
STATES = ("knew", "nothing", "known", "tries")
SHAPES = ("circle", "triangle-right", "square", "diamond")
LAUNCHES = (1, 40000)  # what they are drawn between; what never came is drawn at the right edge
KM = (1.0, 1e6)  # and misses


def paid(result: Any, words: Words, own: tuple[int, bool] | None = None) -> Picture:
    """Launches up to the first hit and until nine in ten, here, and up to the first hit in the new world.

    own: the visitor's launches up to their first hit, or all of them, and whether there was one.
    """
    who = roles(result.verdict)
    told = _dots_spec(who, own is not None, MEASURES, LAUNCHES, "ledger.axis", words)
    rows = _rows(result, words)
    if own:
        rows.append(_row(words("names.you"), "first", np.array([own[0] if own[1] else np.inf]), own[0], words))
    heard = [words("ledger.heard", **one) for one in rows if one["measure"] == words("ledger.first")]
    return Picture.of(told, rows, " ".join([words("ledger.heard_of"), *heard]))


def fewest(result: Any) -> float | None:
    """Launches up to the first hit, the middle of all seeds, of who needed the fewest of those told only their miss.

    None before the run is over.
    """
    book = result.ledger
    names = ("policy", "bayes", "evolution", "entropy")
    told = [float(np.median(book.first[book.names.index(name)])) for name in names]
    return min(told) if result.progress == 1 else None


def changed(result: Any, words: Words) -> Picture | None:
    """How far off everybody is in the last changed world: with what they knew, and after learning there."""
    book = result.ledger
    if np.isnan(book.known).all():
        return None
    rows = []
    for one in result.verdict.answerers:
        place, end = book.names.index(one.name), one.curve[-1]
        at_once = np.array([end.low, end.error, end.high])
        states = {"tries": at_once} if one.kind == "program" else {"knew": at_once}
        for state, misses in (states | {"nothing": book.nothing[place], "known": book.known[place]}).items():
            if not np.isnan(misses).any():
                says = words("ledger.misses", median=np.median(misses), low=misses.min(), high=misses.max())
                rows.append(_dot(words(f"names.{one.name}"), state, misses, KM, says, words))
    heard = [words("ledger.changed_heard", **one) for one in rows]
    told = _dots_spec(roles(result.verdict), False, STATES, KM, "ledger.changed", words)
    return Picture.of(told, rows, " ".join([words("ledger.changed_heard_of"), *heard]))


@lru_cache(64)
def _dots_spec(
    who: Roles, own: bool, measures: tuple[str, ...], reach: tuple[float, float], across: str, words: Words
) -> dict[str, Any]:
    """For each contestant a mark for each measure, the median over seeds, and a bar from the best to the worst."""
    names = [words(f"names.{name}") for name, _ in reversed(who)] + [words("names.you")] * own
    scale = alt.Scale(domain=names, range=[*reversed(colours(who)), *[TRUTH] * own])
    colour = alt.Color("name:N", scale=scale, legend=None)
    said = [words(f"ledger.{measure}") for measure in measures]
    y = alt.Y("name:N", sort=names, title=None, axis=alt.Axis(labelLimit=130, grid=True))
    offset = alt.YOffset("measure:N", sort=said)
    title = words(across)
    x = alt.X("median:Q", title=title, scale=alt.Scale(type="log", domain=list(reach)), axis=_ticks())
    shape = alt.Shape(
        "measure:N",
        scale=alt.Scale(domain=said, range=list(SHAPES[: len(said)])),
        legend=alt.Legend(title=None, orient="bottom", columns=1, labelLimit=330, symbolFillColor=TRUTH),
    )
    tips = [alt.Tooltip("name:N", title=words("chart.who")), alt.Tooltip("says:N", title=title)]
    base = alt.Chart()
    layers = [
        base.mark_rule(strokeWidth=3, opacity=0.35).encode(y, offset, colour, x=alt.X("low:Q"), x2=alt.X2("high:Q")),
        base.mark_point(size=60, strokeWidth=1.5).encode(
            x,
            y,
            offset,
            shape,
            stroke=alt.Stroke("name:N", scale=scale, legend=None),
            fill=alt.Fill("name:N", scale=scale, legend=None),
            fillOpacity=alt.condition("datum.never", alt.value(0), alt.value(1)),
            tooltip=tips,
        ),
    ]
    return spec(alt.layer(*layers), 100 + 46 * len(names))


def _ticks() -> alt.Axis:
    return alt.Axis(
        grid=False,
        values=[1, 2, 3, 10, 30, 100, 300, 1000, 3000, 10000, 30000, 100000, 1000000],
        format=",d",
        labelOverlap=True,
    )


def _rows(result: Any, words: Words) -> list[dict[str, object]]:
    book = result.ledger
    known = {one.name for one in result.verdict.answerers}
    rows = []
    for place, name in enumerate(book.names):
        for measure in MEASURES if name in known else ():
            values = getattr(book, measure)[place]
            spent = book.spent[place, :, WHERE[measure]]
            if not np.isnan(values).any() and spent.any():
                rows.append(_row(words(f"names.{name}"), measure, values, int(np.median(spent)), words))
    return rows


def _row(name: str, measure: str, values: np.ndarray, spent: int, words: Words) -> dict[str, object]:
    """Launches up to something, of each seed."""
    middle = np.median(values)
    took = words("ledger.took", median=middle, low=values.min()) if np.isfinite(middle) else None
    return _dot(name, measure, values, LAUNCHES, took or words("ledger.never", spent=spent), words)


def _dot(
    name: str, measure: str, values: np.ndarray, reach: tuple[float, float], says: str, words: Words
) -> dict[str, object]:
    """Median, best and worst seed; where the median never came to it, a hollow mark at the right edge."""
    middle = np.median(values)
    drawn = np.clip([middle, values.min(), values.max()], *reach).tolist()
    told = {"name": name, "measure": words(f"ledger.{measure}"), "never": not np.isfinite(middle), "says": says}
    return told | dict(zip(("median", "low", "high"), drawn, strict=True))


def success(result: Any, words: Words) -> Picture:
    """Hits among the last ten launches against launches: the median over seeds, best and worst as a band."""
    who = roles(result.verdict)
    rows = []
    for place, name in enumerate(result.ledger.names):
        if name not in {one for one, _ in who}:
            continue
        spent, marks = int(result.ledger.spent[place, :, 0].max()), result.ledger.marks.tolist()
        for k, mark in enumerate(marks):
            if k == 0 or marks[k - 1] < spent:  # to the first mark beyond, which has what was known at last
                shares = result.ledger.success[place, :, k]
                middle, low, high = np.median(shares), shares.min(), shares.max()
                told = {"name": words(f"names.{name}"), "at": mark, "share": float(middle)}
                rows.append(told | {"low": float(low), "high": float(high)})
    return Picture.of(_success_spec(who, words), rows, words("ledger.success_heard"))


@lru_cache(64)
def _success_spec(who: Roles, words: Words) -> dict[str, Any]:
    names = [words(f"names.{name}") for name, _ in who]
    legend = alt.Legend(
        title=None,
        orient="bottom",
        columns=2,
        columnPadding=2,
        labelLimit=200,
        symbolType="stroke",
        symbolOpacity=1,
        symbolStrokeWidth=2.5,
    )
    colour = alt.Color("name:N", scale=alt.Scale(domain=names, range=colours(who)), legend=legend)
    dash = alt.StrokeDash("name:N", scale=alt.Scale(domain=names, range=dashes(who)), legend=legend)
    x = alt.X("at:Q", title=words("ledger.axis"), scale=alt.Scale(type="log", domain=list(LAUNCHES)), axis=_ticks())
    y = alt.Y("share:Q", title=words("ledger.success"), scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%"))
    base = alt.Chart()
    limit = alt.Chart(alt.Data(values=[{"share": 0.9}])).mark_rule(color=TRUTH, strokeDash=[2, 3]).encode(y)
    layers = [
        limit,
        base.mark_area(opacity=0.12).encode(x, alt.Y("low:Q"), alt.Y2("high:Q"), colour),
        base.mark_line(strokeWidth=2).encode(x, y, colour, dash),
    ]
    return spec(alt.layer(*layers), 400)


def table(result: Any, words: Words) -> pa.Table:
    """The ledger in numbers, a row for each contestant and seed; empty where it never came to that."""
    book = result.ledger
    seeds = book.first.shape[1]
    finite = lambda values: [None if not np.isfinite(one) else int(one) for one in values.ravel()]  # noqa: E731
    return pa.table(
        {
            words("chart.who"): [words(f"names.{name}") for name in book.names for _ in range(seeds)],
            words("ledger.seed"): list(range(seeds)) * len(book.names),
            **{words(f"ledger.{measure}"): finite(getattr(book, measure)) for measure in MEASURES},
            words("ledger.spent"): finite(book.spent[:, :, 0]),
            words("ledger.nothing_km"): finite(book.nothing),
            words("ledger.known_km"): finite(book.known),
        }
    )
