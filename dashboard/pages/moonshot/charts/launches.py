"""The map: Earth, Moon and every launch of a contestant as a thin line, the program's in its own colour.

All of it lies in the browser: whose launches, which frame and how far the flights have come are picked there. A path
comes as text, six letters of 64 a point (day, x, y, two each), since a row a point would be ten times as much to send.
"""

from __future__ import annotations

import string
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from dashboard.charts import lazy_altair as alt
from dashboard.charts.style import BEYOND, COLOURS, COVER, DASHES, TRUTH, VEIL, Picture, Words, haloed, ink, spec
from dashboard.pages.moonshot.charts.who import Looks, looks

HEIGHT = 430
ALPHABET = string.ascii_letters + string.digits + "+-"
SIDE = 2.0  # of the Moon's distance: how far from the centre a letter reaches
WIDE, HIGH = 1.35, 1.02  # of the Moon's distance: what is seen from the centre on
FINEST = 64 * 64 - 1
CIRCLE = 73
SAID = "height * 0.167"  # above the map, for what is said of it
# Through all points, with bends where they lie close: within a pixel of the flight that was integrated, where straight
# pieces are eight off.
SMOOTH: dict[str, Any] = {"interpolate": "catmull-rom", "tension": 1}


def chart(result: Any, words: Words) -> Picture:
    """The launches so far; whose are shown is picked in the browser, the program's always are."""
    drawn = result.chart
    last = float(drawn.lines[:, -1, 0].max()) if len(drawn.lines) else 6.0
    days = float(np.ceil(10 * last) / 10)
    told = _spec(looks(result), drawn.turn, days, drawn.world, words)
    rows = _rows(result, days, words)
    heard = [str(row["says"]).replace("|", ", ") for row in rows if row["part"] == "said"]
    return Picture.of(told, rows, "; ".join([words("map.heard"), *heard]))


@lru_cache(64)
def _spec(who: Looks, turn: float, days: float, world: tuple[float, ...], words: Words) -> dict[str, Any]:
    names = [one.name for one in who if one.name != "program"] or ["network"]
    picks = [
        _select("who", words("map.who"), names[0], names, [words(f"names.{name}") for name in names]),
        _select("frame", words("map.frame"), 0, [0, 1], [words("map.turning"), words("map.resting")]),
        alt.param(
            name="day",
            value=days,
            bind=alt.binding_range(min=0, max=days, step=days / 120, name=words("map.day") + " "),
        ),
    ]
    share = world[1] / (world[0] + world[1])
    unit = f"min(width / {2 * WIDE}, (height - {SAID}) / {2 * HIGH})"
    dots = _points(alt.Chart().transform_filter("datum.part == 'launch'"), days).transform_filter(
        "datum.day <= day && (datum.owner == who || datum.owner == 'program')"
    )
    layers = [
        _placed(_ring(share), turn, unit)
        .mark_line(color=TRUTH, strokeDash=[2, 3], opacity=0.5, strokeWidth=1, aria=False)
        .encode(**_at(), order=alt.Order("step:Q")),
        _placed(dots.transform_filter("datum.owner != 'program'"), turn, unit)
        .mark_line(strokeWidth=1.2, aria=False, **SMOOTH)
        .encode(
            **_at(),
            detail=alt.Detail("launch:N"),
            order=alt.Order("point:Q"),
            color=alt.Color("owner:N", scale=_colours(who), legend=None),
            opacity=alt.condition("datum.hit", alt.value(0.95), alt.value(0.28)),
        ),
        _placed(dots.transform_filter("datum.owner == 'program'"), turn, unit)
        .mark_line(strokeWidth=2.5, color=COLOURS["program"], strokeDash=DASHES["program"], aria=False, **SMOOTH)
        .encode(**_at(), detail=alt.Detail("launch:N"), order=alt.Order("point:Q")),
        *_bodies(share, turn, unit, words),
        _said("datum.part == 'said' && datum.owner == who", 2),
        _said("datum.part == 'said' && datum.owner == 'program'", 36),
        _said("datum.part == 'cover'", 2),
    ]
    return spec(alt.layer(*layers).add_params(*picks), HEIGHT)


def _said(which: str, top: int) -> alt.Chart:
    return (
        alt.Chart()
        .transform_filter(which)
        .mark_text(align="left", baseline="top", dy=top, fontSize=13, fontWeight=600, color=TRUTH, lineBreak="|")
        .encode(x=alt.XValue(4), y=alt.YValue(0), text=alt.Text("says:N"))
    )


def _select(name: str, label: str, value: Any, options: list[Any], labels: list[str]) -> alt.Parameter:
    return alt.param(name=name, value=value, bind=alt.binding_select(options=options, labels=labels, name=label + " "))


def _colours(who: Looks) -> alt.Scale:
    return alt.Scale(domain=[one.name for one in who], range=[one.colour for one in who])


def _at() -> dict[str, Any]:
    return {"x": alt.X("left:Q", scale=None, axis=None), "y": alt.Y("top:Q", scale=None, axis=None)}


def _points(launches: alt.Chart, days: float) -> alt.Chart:
    """The points of each path, out of its letters: day, x and y in units of the Moon's distance."""
    code = [f"indexof('{ALPHABET}', datum.path[6 * datum.point + {i}])" for i in range(6)]
    number = [f"(64 * {code[2 * i]} + {code[2 * i + 1]}) / {FINEST}" for i in range(3)]
    return (
        launches.transform_calculate(point="sequence(length(datum.path) / 6)")
        .transform_flatten(["point"])
        .transform_calculate(
            day=f"{days} * {number[0]}",
            px=f"{SIDE} * (2 * {number[1]} - 1)",
            py=f"{SIDE} * (2 * {number[2]} - 1)",
        )
    )


def _placed(points: alt.Chart, turn: float, unit: str) -> alt.Chart:
    """Where a point (day, px, py) lies in the picture: in the frame that turns, or turned back by its day."""
    angle = f"(frame * {turn} * datum.day)"
    return points.transform_calculate(
        left=f"width / 2 + {unit} * (datum.px * cos({angle}) - datum.py * sin({angle}))",
        top=f"(height + {SAID}) / 2 - {unit} * (datum.px * sin({angle}) + datum.py * cos({angle}))",
    )


def _ring(share: float) -> alt.Chart:
    """The Moon's orbit."""
    around = np.linspace(0, 2 * np.pi, CIRCLE)
    rows = [
        {"step": i, "day": 0.0, "px": float((1 - share) * np.cos(a)), "py": float((1 - share) * np.sin(a))}
        for i, a in enumerate(around)
    ]
    return alt.Chart(alt.Data(values=rows))


def _bodies(share: float, turn: float, unit: str, words: Words) -> list[alt.LayerChart | alt.Chart]:
    """Both bodies at the picked day, with their names; larger than they are."""
    rows = [
        {"px": -share, "py": 0.0, "says": words("map.large"), "size": 160.0},
        {"px": 1 - share, "py": 0.0, "says": words("map.small"), "size": 70.0},
    ]
    both = _placed(alt.Chart(alt.Data(values=rows)).transform_calculate(day="day"), turn, unit)
    return [
        both.mark_point(filled=True, color=TRUTH, opacity=1, aria=False).encode(
            **_at(), size=alt.Size("size:Q", scale=None, legend=None)
        ),
        *haloed(
            both.encode(**_at(), text=alt.Text("says:N")),
            alt.FillValue(ink("truth")),
            align="left",
            dx=10,
            dy=14,
            fontSize=12,
        ),
    ]


def _rows(result: Any, days: float, words: Words) -> list[dict[str, object]]:
    drawn = result.chart
    seeds = result.ledger.first.shape[1]
    paths = letters(drawn.lines, days, drawn.world[2])
    rows: list[dict[str, object]] = []
    for i, path in enumerate(paths):
        owner = result.ledger.names[drawn.owner[i]]
        hit = bool(abs(drawn.altitude[i] - drawn.wanted) <= drawn.within)
        rows.append({"part": "launch", "owner": owner, "launch": i, "hit": hit, "path": path, VEIL: BEYOND})
    for place, owner in enumerate(result.ledger.names):
        mine = drawn.owner == place
        if mine.any():
            first, middle = result.ledger.first[place, 0], float(np.median(result.ledger.first[place]))
            numbers = {"name": words(f"names.{owner}"), "seeds": seeds, "spent": int(result.ledger.spent[place, 0, 0])}
            numbers |= {"first": first} if np.isfinite(first) else {}
            says = words("map.hit" if np.isfinite(first) else "map.none", **numbers)
            if seeds > 1:
                says += "|" + words("map.middle" if np.isfinite(middle) else "map.never", middle=middle, seeds=seeds)
            rows.append({"part": "said", "owner": owner, "says": says, VEIL: BEYOND})
    rows.append({"part": "cover", "says": words("chart.covered"), VEIL: COVER})
    return rows


def letters(lines: np.ndarray, days: float, distance: float) -> list[str]:
    """(n, points, 3) day, x, y [km] -> n texts, six letters a point; what lies outside is put on the edge."""
    if not len(lines):
        return []
    scaled = np.stack(
        [lines[..., 0] / days, *((lines[..., i] / distance / SIDE + 1) / 2 for i in (1, 2))], axis=-1
    )  # fmt: skip
    numbers = np.clip(np.rint(scaled * FINEST), 0, FINEST).astype(int)
    codes = np.stack(np.divmod(numbers, 64), axis=-1).reshape(len(lines), -1)
    return ["".join(row) for row in np.array(list(ALPHABET))[codes].tolist()]


def path(line: np.ndarray, distance: float) -> list[float]:
    """(points, 3) day, x, y [km] in one list, in units of the bodies' distance; without points that repeat the last."""
    kept = line[np.concatenate([[True], np.diff(line[:, 0]) > 0])]
    return (kept / [1.0, distance, distance]).round(5).ravel().tolist()


def table(result: Any, words: Words) -> pa.Table:
    """The launches on the map: who, which trial, the burn, and how close it came."""
    drawn, names = result.chart, result.ledger.names
    return pa.table(
        {
            words("chart.who"): [words(f"names.{names[owner]}") for owner in drawn.owner],
            words("map.trial"): drawn.trial,
            words("own.speed"): drawn.burns[:, 0],
            words("own.phase"): drawn.burns[:, 1],
            words("map.altitude"): drawn.altitude,
        }
    )
