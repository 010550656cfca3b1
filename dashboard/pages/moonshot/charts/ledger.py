"""The ledger: what everybody has paid in launches, on a scale of factors, and how often they hit by then."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from dashboard.charts import lazy_altair as alt
from dashboard.charts.curves import SHARE
from dashboard.charts.style import BEYOND, COVER, TRUTH, VEIL, Picture, Words, apart, spec
from dashboard.pages.moonshot.charts.who import BY_REWARD, NOW, YOU, Looks, by_name, everybody, folded, looks

MEASURES = ("first", "nine", "again", "tuned")
WHERE = {"first": 0, "nine": 0, "again": 1, "tuned": 2}  # in which world: a place in the ledger's `spent`
STATES = ("knew", "nothing", "known", "tries")
SHAPES = ("circle", "triangle-right", "square", "diamond")
NEVER = 100_000  # launches: what never came is drawn there, at the right edge
LAUNCHES = (1, NEVER)
SPENT = (1, 40_000)
KM = (0.01, 1e6)
NINE = 0.9
HEIGHT, LINE = 390, 30  # pixels of the curves, and that a name beside them takes
ROW, AROUND = 34, 150  # pixels of a contestant's row in the ledger, and of all that stands around the rows


def paid(result: Any, words: Words, own: tuple[int, bool] | None = None) -> Picture:
    """Launches up to the first hit and until nine in ten, here, and up to the first hit in the new world.

    own: the visitor's launches up to their first hit, or all of them, and whether there was one.
    """
    who = looks(result)
    told = _dots_spec(who, own is not None, MEASURES, LAUNCHES, "ledger.axis", words)
    rows = _rows(result, who, words)
    if own:
        rows.append(_row(words("names.you"), "first", np.array([own[0] if own[1] else np.inf]), own[0], words))
    heard = [words("ledger.heard", **one) for one in rows if one["measure"] == words("ledger.first")]
    rows = [
        *_covered(who, words, "first"),
        *(row if row["name"] == words("names.you") else row | BEYOND_IT for row in rows),
    ]
    return Picture.of(told, rows, " ".join([words("ledger.heard_of"), *heard]))


BEYOND_IT = {VEIL: BEYOND}


def _covered(who: Looks, words: Words, measure: str) -> list[dict[str, object]]:
    """Until the guess is made, a word in each row of those who are drawn at first."""
    told: dict[str, object] = {
        "measure": words(f"ledger.{measure}"),
        "says": words("chart.covered"),
        "few": True,
        "part": "cover",
        VEIL: COVER,
    }
    return [told | {"name": words(f"names.{one.name}")} for one in who if one.few]


def fewest(result: Any) -> float | None:
    """Launches up to the first hit, the middle of all seeds, of who needed the fewest of those told only their miss.

    None before the run is over.
    """
    book = result.ledger
    told = [float(np.median(book.first[book.names.index(name)])) for name in BY_REWARD]
    return min(told) if result.progress == 1 else None


def changed(result: Any, words: Words) -> Picture | None:
    """How far off everybody is in the last changed world: with what they knew, and after learning there."""
    book, who = result.ledger, looks(result)
    if np.isnan(book.known).all():
        return None
    rows = []
    for one in who:
        place, end = book.names.index(one.name), result.verdict.named(one.name).curve[-1]
        at_once = np.array([end.low, end.error, end.high])
        states = {"tries": at_once} if one.name == "program" else {"knew": at_once}
        for state, misses in (states | {"nothing": book.nothing[place], "known": book.known[place]}).items():
            if not np.isnan(misses).any():
                numbers = {"median": np.median(misses), "low": misses.min(), "high": misses.max()}
                says = words(
                    "ledger.misses", **{name: words("length", value=float(km)) for name, km in numbers.items()}
                )
                rows.append(_dot(words(f"names.{one.name}"), state, misses, KM, says, words) | {"few": one.few})
    heard = [words("ledger.changed_heard", **one) for one in rows]
    rows = [*_covered(who, words, "knew"), *(row | BEYOND_IT for row in rows)]
    told = _dots_spec(who, False, STATES, KM, "ledger.changed", words)
    return Picture.of(told, rows, " ".join([words("ledger.changed_heard_of"), *heard]))


@lru_cache(64)
def _dots_spec(
    who: Looks, own: bool, measures: tuple[str, ...], reach: tuple[float, float], across: str, words: Words
) -> dict[str, Any]:
    """For each contestant a mark for each measure, the median over seeds, and a bar from the best to the worst."""
    you = words("names.you")
    names = [you] * own + [words(f"names.{one.name}") for one in who]
    scale = alt.Scale(domain=names, range=[YOU] * own + [one.colour for one in who])
    said = [words(f"ledger.{measure}") for measure in measures]
    title = words(across)
    fold = f"split({json.dumps({name: folded(name) for name in names}, ensure_ascii=False)}[datum.label], '|')"
    y = alt.Y(
        "name:N",
        sort=names,
        title=None,
        axis=alt.Axis(labelLimit=130, labelFontSize=12, labelExpr=fold, labelOverlap=False, grid=True),
    )
    offset = alt.YOffset("measure:N", sort=said, scale=alt.Scale(domain=said))
    x = alt.X("median:Q", title=title, scale=alt.Scale(type="log", domain=list(reach)), axis=_ticks(reach[1], words))
    shape = alt.Shape(
        "measure:N",
        scale=alt.Scale(domain=said, range=list(SHAPES[: len(said)])),
        legend=alt.Legend(
            title=None,
            orient="bottom",
            columns=1,
            rowPadding=2,
            labelLimit=300,
            labelFontSize=12,
            symbolFillColor=TRUTH,
        ),
    )
    tips = [alt.Tooltip("name:N", title=words("chart.who")), alt.Tooltip("says:N", title=title)]
    drawn = alt.Chart().transform_filter(NOW)
    dots = drawn.transform_filter("datum.part == 'dot'")
    layers = [
        dots.mark_rule(strokeWidth=3, opacity=0.35, aria=False).encode(
            y, offset, alt.Color("name:N", scale=scale, legend=None), x=alt.X("low:Q"), x2=alt.X2("high:Q")
        ),
        dots.mark_point(size=60, strokeWidth=1.5).encode(
            x,
            y,
            offset,
            shape,
            stroke=alt.Stroke("name:N", scale=scale, legend=None),
            fill=alt.Fill("name:N", scale=scale, legend=None),
            fillOpacity=alt.condition("datum.never", alt.value(0), alt.value(1)),
            tooltip=tips,
        ),
        drawn.transform_filter("datum.part == 'cover'")
        .mark_text(fontSize=13, fontStyle="italic", color=TRUTH)
        .encode(y, x=alt.XValue(alt.ExprRef("width / 2")), text=alt.Text("says:N")),
    ]
    return spec(alt.layer(*layers).add_params(everybody(words)), AROUND + ROW * (len(who) + own))


def _ticks(end: float, words: Words) -> alt.Axis:
    """Few enough that they do not touch on a telephone; what never came has a word of its own."""
    values = [0.01, 1, 100, 10_000, 1_000_000] if end > NEVER else [1, 10, 100, 1000, 10_000, NEVER]
    never = f"datum.value == {NEVER} ? '{words('ledger.not_once')}' : " if end == NEVER else ""
    return alt.Axis(
        grid=False,
        values=[one for one in values if one <= end],
        labelExpr=f"{never}format(datum.value, ',~r')",
        labelFlush=True,
        labelFontSize=12,
    )


def _rows(result: Any, who: Looks, words: Words) -> list[dict[str, object]]:
    book = result.ledger
    rows = []
    for one in who:
        place = book.names.index(one.name)
        for measure in MEASURES:
            values = getattr(book, measure)[place]
            spent = book.spent[place, :, WHERE[measure]]
            if not np.isnan(values).any() and spent.any():
                told = _row(words(f"names.{one.name}"), measure, values, int(np.median(spent)), words)
                rows.append(told | {"few": one.few})
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
    told |= {"few": True, "part": "dot"}
    return told | dict(zip(("median", "low", "high"), drawn, strict=True))


def success(result: Any, words: Words) -> Picture:
    """The most hits in any ten launches so far, against launches: the median over seeds, best and worst as a band.

    So a line comes to nine in ten where the ledger says so; a network that has learned more may be worse again.
    """
    who, rows = looks(result), []
    marks = result.ledger.marks
    for one in who:
        place = result.ledger.names.index(one.name)
        spent = result.ledger.spent[place, :, 0]
        most = np.maximum.accumulate(result.ledger.success[place], axis=-1)
        once = (
            marks >= result.ledger.nine[place][:, None]
        )  # it may have been between two marks, and no more at the next
        most = np.where(once, np.maximum(most, NINE), most)
        last = min(int(np.searchsorted(marks, spent.max())), len(marks) - 1)  # by then all is known
        for k in range(last + 1):
            shares, at = most[:, k], min(int(marks[k]), max(int(spent.max()), 1))
            told = {"part": "line", "name": words(f"names.{one.name}"), "few": one.few, "at": at}
            told |= {"share": float(np.median(shares)), "low": float(shares.min()), "high": float(shares.max())}
            rows.append(told | BEYOND_IT)
    rows += _names(who, rows, words)
    rows.append({"part": "cover", "says": words("chart.covered"), "few": True, VEIL: COVER})
    return Picture.of(_success_spec(who, words), rows, words("ledger.success_heard"))


def _names(who: Looks, rows: list[dict[str, object]], words: Words) -> list[dict[str, object]]:
    """Each name beside the end of its line, apart from the others: once for the few, and once for all."""
    ends = {row["name"]: row["share"] for row in rows}
    told = []
    for every in (False, True):
        drawn = [one for one in who if (every or one.few) and words(f"names.{one.name}") in ends]
        names = [words(f"names.{one.name}") for one in drawn]
        places = apart([float(ends[name]) for name in names], LINE / (HEIGHT - 70), 0.0, 1.0)  # type: ignore[arg-type]
        for one, name, place in zip(drawn, names, places, strict=True):
            label = {
                "part": "name",
                "name": name,
                "every": every,
                "share": place,
                "says": f"{one.glyph} {folded(name)}",
            }
            told.append(label | BEYOND_IT)
    return told


@lru_cache(64)
def _success_spec(who: Looks, words: Words) -> dict[str, Any]:
    colour = by_name(who, words, alt.Color)
    x = alt.X(
        "at:Q",
        title=words("ledger.axis"),
        scale=alt.Scale(type="log", domain=list(SPENT)),
        axis=_ticks(SPENT[1], words),
    )
    y = alt.Y(
        "share:Q",
        title=words("ledger.success"),
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(labelExpr=SHARE.format("datum.value"), tickCount=5, labelFontSize=12),
    )
    base = alt.Chart().transform_filter(NOW)
    lines = base.transform_filter("datum.part == 'line'")
    limit = alt.Chart(alt.Data(values=[{"share": NINE}]))
    layers = [
        limit.mark_rule(color=TRUTH, strokeDash=[2, 3], aria=False).encode(y),
        lines.mark_area(opacity=0.1, aria=False).encode(x, alt.Y("low:Q"), alt.Y2("high:Q"), colour),
        lines.mark_line(strokeWidth=2.5, aria=False).encode(x, y, colour, by_name(who, words, alt.StrokeDash)),
        lines.transform_calculate(told=SHARE.format("datum.share"))
        .mark_point(size=45, filled=True, opacity=1)
        .encode(x, y, colour, by_name(who, words, alt.Shape), tooltip=_tips(words)),
        alt.Chart()
        .transform_filter("datum.part == 'name' && datum.every == everybody")
        .mark_text(align="left", dx=8, fontSize=12, fontWeight=600, lineBreak="|")
        .encode(y, by_name(who, words, alt.Fill), x=alt.XValue(alt.ExprRef("width")), text=alt.Text("says:N")),
        base.transform_filter("datum.part == 'cover'")
        .mark_text(fontSize=14, fontStyle="italic", color=TRUTH)
        .encode(
            x=alt.XValue(alt.ExprRef("width / 2")), y=alt.YValue(alt.ExprRef("height / 2")), text=alt.Text("says:N")
        ),
    ]
    return spec(alt.layer(*layers).add_params(everybody(words)), HEIGHT)


def _tips(words: Words) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("name:N", title=words("chart.who")),
        alt.Tooltip("at:Q", title=words("ledger.axis"), format=",d"),
        alt.Tooltip("told:N", title=words("ledger.success")),
    ]


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
