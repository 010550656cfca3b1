"""What a network makes of what is no digit, what the nearest example says, and what each way of refusing costs."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from dashboard.charts import lazy_altair as alt
from dashboard.charts.pixels import ALPHABET, letters
from dashboard.charts.style import (
    COLOURS,
    TRUTH,
    Picture,
    Words,
    apart,
    haloed,
    ink,
    percent,
    shade,
    snap,
    snapped,
    snapping,
    spec,
)
from lib.labs.see.doubt import CONTROLS, COSTS, DIGITS, HAND, KINDS, NONSENSE, SHOWN, USUAL, Doubt

ROW = 44  # pixels from a kind of picture to the next
TOP = 40  # pixels for the heads of the columns
SIZE = 40  # pixels of a picture's side
NARROW = 380  # pixels in which "I do not know" has no room
FIRST, SECOND = "floor(clamp(0.22 * width, 92, 240))", "floor(clamp(0.3 * width, 114, 320))"
PLACES = {  # where the columns stand, on a phone and on a desk
    "kind": "0",
    "picture": FIRST,
    "network": f"{FIRST} + 48",
    "nearest": f"{FIRST} + {SECOND}",
    "program": f"{FIRST} + {SECOND} + 48",
}
FARS = tuple(round(0.1 * step, 1) for step in range(3, 41))
ROLES = {"confidence": "network", "temperature": "baseline", "disagreement": "control", "distance": "program"}
DASHES = {"confidence": [1, 0], "temperature": [10, 3, 2, 3], "disagreement": [3, 2], "distance": [8, 3]}
HEIGHT = 320
LINE = 17 / HEIGHT  # of the plot, that the name of a line takes


def strange(result: Any, words: Words) -> Picture | None:
    """A row for each kind of picture: one of them, what the network reads, the nearest example, what the program says.

    The browser picks which of three is shown, and from which distance on the program says that it does not know.
    """
    doubt: Doubt | None = result.doubt
    if doubt is None:
        return None
    rows = [
        {
            "kind": words(f"doubt.kinds.{kind}"),
            "row": row,
            "example": example + 1,
            "network": words("doubt.reads", digit=int(doubt.reads[at]), sure=float(doubt.confidence[at])),
            "says": words("doubt.says", digit=int(doubt.says[at])),
            "distance": float(doubt.distance[at]),
            "shades": "".join(letters(np.stack([doubt.pictures[at], doubt.nearest[at]]))),
        }
        for row, kind in enumerate(KINDS)
        for example in range(SHOWN)
        if (at := (row, example))
    ]
    none = [kind for kind in NONSENSE if doubt.distance[KINDS.index(kind), 0] > HAND]
    heard = words(
        "doubt.strange_heard",
        rows="; ".join(
            words("doubt.strange_row", kind=words(f"doubt.kinds.{kind}"), sure=float(doubt.sure[0, row]))
            for row, kind in enumerate(KINDS)
        ),
        refused=len(none),
        of=len(NONSENSE),
    )
    return Picture.of(_strange_spec(words), rows, heard)


@lru_cache(8)
def _strange_spec(words: Words) -> dict[str, Any]:
    example = alt.param(
        name="shown", value=1, bind=alt.binding_range(min=1, max=SHOWN, step=1, name=words("doubt.example") + " ")
    )
    far = alt.param(
        name="far",
        value=HAND,
        bind=alt.binding_range(min=FARS[0], max=FARS[-1], step=0.1, name=words("doubt.far") + " "),
    )
    picked = alt.Chart().transform_filter("datum.example == shown")
    pixels = (
        picked.transform_calculate(letter="split(datum.shades, '')", pixel="sequence(128)")
        .transform_flatten(["letter", "pixel"])
        .transform_calculate(
            shade=f"indexof('{ALPHABET}', datum.letter) / 63",
            left=f"(datum.pixel < 64 ? {PLACES['picture']} : {PLACES['nearest']}) + (datum.pixel % 8) * {SIZE / 8}",
            top=f"{TOP} + datum.row * {ROW} + floor((datum.pixel % 64) / 8) * {SIZE / 8}",
        )
        .transform_calculate(right=f"datum.left + {SIZE / 8}", bottom=f"datum.top + {SIZE / 8}")
        .mark_rect(strokeWidth=0)
        .encode(
            x=alt.X("left:Q", scale=None, axis=None),
            x2=alt.X2("right:Q"),
            y=alt.Y("top:Q", scale=None, axis=None),
            y2=alt.Y2("bottom:Q"),
            color=alt.Color("shade:Q", scale=alt.Scale(domain=[0, 1], range=["#FFFFFF", "#16181D"]), legend=None),
        )
    )
    dunno, short, away = (json.dumps(words(f"doubt.{one}"), ensure_ascii=False) for one in ("dunno", "short", "away"))
    refusal = f"(width < {NARROW} ? {short} : {dunno})"
    program = f"(datum.distance <= far ? datum.says : {refusal}) + '|' + format(datum.distance, '.1f') + ' ' + {away}"
    heads = [{"head": words(f"doubt.heads.{name}"), "column": name} for name in ("picture", "nearest")]
    layers = [
        pixels,
        *(_frame(picked, name) for name in ("picture", "nearest")),
        _told(picked, "kind", "datum.kind", TRUTH),
        _told(picked, "network", "datum.network", COLOURS["network"]),
        _told(picked, "program", program, COLOURS["program"]),
        *(
            alt.Chart(alt.Data(values=[one]))
            .transform_calculate(left=PLACES[str(one["column"])])
            .mark_text(align="left", baseline="top", fontSize=12, color=TRUTH, lineBreak="|", lineHeight=15)
            .encode(x=alt.X("left:Q", scale=None, axis=None), y=alt.YValue(2), text=alt.Text("head:N"))
            for one in heads
        ),
    ]
    return spec(alt.layer(*layers).add_params(example, far), TOP + ROW * len(KINDS))


def _frame(picked: alt.Chart, column: str) -> alt.Chart:
    """Around each picture: an empty page is as white as ours."""
    left, top = PLACES[column], f"{TOP} + datum.row * {ROW}"
    return (
        picked.transform_calculate(left=left, top=top, right=f"{left} + {SIZE}", bottom=f"{top} + {SIZE}")
        .mark_rect(fillOpacity=0, stroke=TRUTH, strokeWidth=1, strokeOpacity=0.6)
        .encode(
            x=alt.X("left:Q", scale=None, axis=None),
            x2=alt.X2("right:Q"),
            y=alt.Y("top:Q", scale=None, axis=None),
            y2=alt.Y2("bottom:Q"),
        )
    )


def _told(picked: alt.Chart, column: str, says: str, colour: str) -> alt.Chart:
    """A column of words; a bar in them begins another line."""
    middle = f"{TOP} + datum.row * {ROW} + {SIZE / 2} - (indexof(datum.told, '|') < 0 ? 0 : 8)"
    return (
        picked.transform_calculate(told=says)
        .transform_calculate(left=PLACES[column], middle=middle)
        .mark_text(
            align="left", baseline="middle", fontSize=13, fontWeight=600, color=colour, lineBreak="|", lineHeight=15
        )
        .encode(
            x=alt.X("left:Q", scale=None, axis=None),
            y=alt.Y("middle:Q", scale=None, axis=None),
            text=alt.Text("told:N"),
        )
    )


def refused(result: Any, words: Words) -> Picture | None:
    """For every threshold: how many right answers it refuses, how much nonsense still gets one; a line a control."""
    doubt: Doubt | None = result.doubt
    if doubt is None:
        return None
    names = {one: words(f"doubt.controls.{one}") for one in CONTROLS}
    lines = {one: doubt.nonsense(one) for one in CONTROLS}
    rows: list[dict[str, Any]] = []
    for step, place in enumerate(snap("at", COSTS)):
        told = [float(lines[one][step]) for one in CONTROLS]
        beside = apart([one + LINE for one in told], LINE, 0.06, 0.98)
        rows += [
            {"part": "point", "name": names[one], "cost": COSTS[step], "share": value, "beside": at, **place}
            | {"says": words("doubt.share", value=value)}
            for one, value, at in zip(CONTROLS, told, beside, strict=True)
        ]
    ends = apart([float(lines[one][-1]) for one in CONTROLS], LINE * 1.15, 0.02, 0.98)
    rows += [{"part": "label", "name": names[one], "share": end} for one, end in zip(CONTROLS, ends, strict=True)]
    usual = COSTS.index(USUAL)
    heard = words(
        "doubt.refused_heard",
        cost=USUAL,
        rows="; ".join(words("doubt.refused_row", name=names[one], share=float(lines[one][usual])) for one in CONTROLS),
    )
    return Picture.of(_refused_spec(words), rows, heard)


@lru_cache(8)
def _refused_spec(words: Words) -> dict[str, Any]:
    names = [words(f"doubt.controls.{one}") for one in CONTROLS]
    percent = alt.Axis(labelExpr="format(100 * datum.value, '.0f') + ' %'", tickCount=6, grid=False)
    x = alt.X("cost:Q", title=words("doubt.cost"), scale=alt.Scale(domain=[0, COSTS[-1]], nice=False), axis=percent)
    y = alt.Y("share:Q", title=words("doubt.still"), scale=alt.Scale(domain=[0, 1]), axis=percent)
    hues = [COLOURS[ROLES[one]] for one in CONTROLS]
    colour = alt.Color("name:N", scale=alt.Scale(domain=names, range=hues), legend=None)
    dash = alt.StrokeDash("name:N", scale=alt.Scale(domain=names, range=[DASHES[one] for one in CONTROLS]), legend=None)
    inks = [ink(ROLES[one]) for one in CONTROLS]
    letters = alt.Fill("name:N", scale=alt.Scale(domain=names, range=inks), legend=None)
    points = alt.Chart().transform_filter("datum.part == 'point'")
    here = points.transform_filter(snapped("at"))
    tips = [
        alt.Tooltip("name:N", title=words("doubt.control")),
        alt.Tooltip("cost:Q", title=words("doubt.cost"), format=".0%"),
        alt.Tooltip("says:N", title=words("doubt.still")),
    ]
    layers = [
        here.mark_rule(color=TRUTH, strokeWidth=1).encode(x),
        points.mark_line(strokeWidth=2.5).encode(x, y, colour, dash),
        points.mark_point(size=60, filled=True, opacity=0).encode(x, y, colour, tooltip=tips),
        here.mark_point(size=60, filled=True, opacity=1).encode(x, y, colour),
        *haloed(
            here.encode(x, alt.Y("beside:Q"), text=alt.Text("says:N")),
            letters,
            align="left",
            baseline="middle",
            dx=7,
            fontSize=12,
            fontWeight=600,
        ),
        alt.Chart()
        .transform_filter("datum.part == 'label'")
        .mark_text(align="left", dx=6, fontSize=13, fontWeight=600, lineBreak="|")
        .encode(y, letters, x=alt.XValue("width"), text=alt.Text("name:N")),
    ]
    return spec(alt.layer(*layers).add_params(snapping("at", words("doubt.slider"), COSTS, USUAL)), HEIGHT)


Line = tuple[str, str]
LINES: tuple[Line, ...] = (
    *((kind, "right") for kind in ("digits", "moved", "faint")),
    ("attacked", "wrong"),
    *((kind, "any") for kind in NONSENSE),
)
"""The rows of the table, and which answers count in each: right ones, wrong ones, any."""


def share(doubt: Doubt, control: int, line: Line) -> np.ndarray:
    """(G,) which share of the pictures of a kind get such an answer, by cost."""
    kind, which = line
    given = doubt.answered[control, KINDS.index(kind)]
    if which == "any":
        return given
    wrong = doubt.wrong[control, DIGITS.index(kind)]
    return wrong if which == "wrong" else given - wrong


def kinds(result: Any, words: Words) -> Picture | None:
    """Kind by kind and control by control: how many get an answer, at the cost that the browser picks."""
    doubt: Doubt | None = result.doubt
    if doubt is None:
        return None
    rows = [
        {"line": named(line, words), "control": words(f"doubt.controls.{name}"), "share": float(value), **place}
        | {"good": line[1] == "right", "says": words("doubt.share", value=float(value))}
        for line in LINES
        for control, name in enumerate(CONTROLS)
        for value, place in zip(share(doubt, control, line), snap("at", COSTS), strict=True)
    ]
    usual, distance = COSTS.index(USUAL), CONTROLS.index("distance")
    heard = words(
        "doubt.kinds_heard",
        cost=USUAL,
        rows="; ".join(
            words("doubt.kinds_row", line=named(line, words), share=float(share(doubt, distance, line)[usual]))
            for line in LINES
        ),
    )
    return Picture.of(_kinds_spec(words), rows, heard)


def named(line: Line, words: Words) -> str:
    kind, which = line
    return f"{'✓' if which == 'right' else '✗'} {words(f'doubt.lines.{kind}')}"


@lru_cache(8)
def _kinds_spec(words: Words) -> dict[str, Any]:
    across = [words(f"doubt.controls.{name}") for name in CONTROLS]
    down = [named(line, words) for line in LINES]
    top = alt.Axis(orient="top", labelAngle=-30, labelAlign="left", labelLimit=110, ticks=False, domain=False)
    x = alt.X("control:O", title=None, sort=across, scale=alt.Scale(domain=across), axis=top)
    y = alt.Y("line:O", title=None, sort=down, scale=alt.Scale(domain=down), axis=alt.Axis(labelLimit=150))
    hues = alt.Scale(domain=[True, False], range=[COLOURS["program"], COLOURS["network"]])
    tips = [
        alt.Tooltip("line:N", title=words("doubt.kind")),
        alt.Tooltip("control:N", title=words("doubt.control")),
        alt.Tooltip("says:N", title=words("doubt.given")),
    ]
    here = alt.Chart().transform_filter(snapped("at"))
    depth = alt.Opacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0.04, 0.5]), legend=None)
    layers = [
        here.mark_rect(cornerRadius=3, stroke=alt.ExprRef("background"), strokeWidth=2).encode(
            x, y, alt.Color("good:N", scale=hues, legend=None), depth, tooltip=tips
        ),
        here.mark_text(fontSize=13, fontWeight=600, color=shade("#1A1A1A", "#F2F2F2")).encode(
            x, y, text=alt.Text("says:N")
        ),
    ]
    chart = alt.layer(*layers).add_params(snapping("at", words("doubt.slider"), COSTS, USUAL))
    return spec(chart, 30 * len(LINES) + 60)


def table(result: Any, words: Words) -> pa.Table | None:
    """The same as numbers at the usual cost: a row for each kind and control."""
    doubt: Doubt | None = result.doubt
    if doubt is None:
        return None
    usual = COSTS.index(USUAL)
    at = [(kind, control) for kind in range(len(KINDS)) for control in range(len(CONTROLS))]
    given = lambda one: [float(one[control, kind, usual]) for kind, control in at]  # noqa: E731
    wrong = [float(doubt.wrong[control, kind, usual]) if kind < len(DIGITS) else None for kind, control in at]
    return pa.table(
        {
            words("doubt.kind"): [words(f"doubt.kinds.{KINDS[kind]}") for kind, _ in at],
            words("doubt.control"): [words(f"doubt.controls.{CONTROLS[control]}") for _, control in at],
        }
        | percent(words("doubt.given"), given(doubt.answered))
        | percent(words("doubt.least"), given(doubt.low))
        | percent(words("doubt.most"), given(doubt.high))
        | percent(words("doubt.wrong"), wrong)
        | percent(words("doubt.mean"), [float(doubt.sure[0, kind]) for kind, _ in at])
        | percent(words("doubt.tempered"), [float(doubt.sure[1, kind]) for kind, _ in at])
    )
