"""What checks find of the poison, and what remedies leave of it, by how many lessons are odd."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from dashboard.charts import lazy_altair as alt
from dashboard.charts.curves import SHARE
from dashboard.charts.style import (
    BEYOND,
    COVER,
    TRUTH,
    VEIL,
    Picture,
    Roles,
    Words,
    apart,
    colours,
    dashes,
    inks,
    percent,
    spec,
)
from lib.labs.poison.found import CHECKS, REMEDIES

HEIGHT = 300
GAP = 17 / (HEIGHT - 60)  # of the height: what the name of a line takes
WHO: Roles = (("labels", "program"), ("corners", "program"), ("clustering", "control"), ("spectral", "control"))
HEALED: Roles = (
    ("none", "network"),
    ("tuned", "control"),
    ("pruned", "control"),
    ("both", "control"),
    ("all", "baseline"),
)


def hunt(result: Any, words: Words) -> Picture | None:
    """Of the odd lessons the share that each check finds; by a switch, how many of those it suspects are odd."""
    if result.hunt is None:
        return None
    found, right = rates(result)
    odd = tuple(result.odd[1:].tolist())
    sides = {"found": found, "right": right}
    rows = [row for side, lines in sides.items() for row in _rows(lines[:, 1:], CHECKS, "hunt", side, words)]
    pick = (words("hunt.measured"), words("hunt.found"), words("hunt.right"))
    return Picture.of(_spec(odd, WHO, "hunt", pick, words), [*rows, _cover(words)], words("hunt.heard"))


def cures(result: Any, words: Words) -> Picture | None:
    """The share of marked digits that are still read as the attacker wants after each remedy; or what is misread."""
    if result.cures is None:
        return None
    odd = tuple(result.odd[1:].tolist())
    sides = {"taken": result.cures.taken, "misread": result.cures.misread}
    rows = [row for side, lines in sides.items() for row in _rows(lines[:, 1:], REMEDIES, "cures", side, words)]
    pick = (words("cures.measured"), words("cures.taken"), words("cures.misread"))
    return Picture.of(_spec(odd, HEALED, "cures", pick, words), [*rows, _cover(words)], words("cures.heard"))


def rates(result: Any) -> tuple[np.ndarray, np.ndarray]:
    """Recall and precision of each check, median over seeds: (checks, shares) each; NaN where there is nothing."""
    caught, suspected = result.hunt.caught, result.hunt.suspected
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.median(caught / result.odd, axis=1), np.median(caught / suspected, axis=1)


@lru_cache(64)
def _spec(odd: tuple[int, ...], who: Roles, page: str, pick: tuple[str, str, str], words: Words) -> dict[str, Any]:
    names = [words(f"{page}.{name}") for name, _ in who]
    label, *sides = pick
    side = alt.param(name="side", value=0, bind=alt.binding_radio(options=[0, 1], labels=sides, name=label + " "))
    now = alt.Chart().transform_filter("datum.side == side")
    points, ends = now.transform_filter("datum.part == 'point'"), now.transform_filter("datum.part == 'label'")
    counts = "split('" + ",".join(map(str, odd)) + "', ',')[datum.value]"
    ticks = alt.Axis(values=list(range(len(odd))), labelExpr=counts, grid=False)
    x = alt.X(
        "place:Q", title=words(f"{page}.across"), axis=ticks, scale=alt.Scale(domain=[0, len(odd) - 1], nice=False)
    )
    y = alt.Y(
        "value:Q", title=None, axis=alt.Axis(labelExpr=SHARE.format("datum.value"), tickCount=5),
        scale=alt.Scale(domain=[0, 1]),
    )  # fmt: skip
    colour = alt.Color("name:N", scale=alt.Scale(domain=names, range=colours(who)), legend=None)
    dash = alt.StrokeDash("name:N", scale=alt.Scale(domain=names, range=dashes(who)), legend=None)
    letters = alt.Fill("name:N", scale=alt.Scale(domain=names, range=inks(who)), legend=None)
    tips = [
        alt.Tooltip("name:N", title=words("chart.who")),
        alt.Tooltip("said:N", title=label),
    ]
    told = points.transform_calculate(said=SHARE.format("datum.value"))
    layers = [
        points.mark_line(strokeWidth=2.5).encode(x, y, colour, dash),
        told.mark_point(size=40, filled=True, opacity=0.9).encode(x, y, colour, tooltip=tips),
        ends.mark_text(align="left", dx=8, fontSize=13, fontWeight=600).encode(
            y, letters, x=alt.XValue("width"), text=alt.Text("name:N")
        ),
        alt.Chart()
        .transform_filter("datum.part == 'covered'")
        .mark_text(fontSize=14, fontWeight=600, color=TRUTH, lineBreak="|")
        .encode(x=_middle(alt.XValue, "width"), y=_middle(alt.YValue, "height"), text=alt.Text("name:N")),
    ]
    return spec(alt.layer(*layers).add_params(side), HEIGHT)


def _middle(channel: Any, side: str) -> Any:
    return channel(alt.ExprRef(f"{side} / 2"))


def _cover(words: Words) -> dict[str, object]:
    """What stands in the place of all lines until the guess is made."""
    return {"part": "covered", "name": words("chart.covered"), VEIL: COVER}


def _rows(lines: np.ndarray, names: tuple[str, ...], page: str, side: str, words: Words) -> list[dict[str, object]]:
    """The points of each line (names, shares), and its name at its end; a point that is no number is left out."""
    number = {"found": 0, "right": 1, "taken": 0, "misread": 1}[side]
    called = [words(f"{page}.{name}") for name in names]
    ends = apart(np.nan_to_num(lines[:, -1]).tolist(), GAP, 0.0, 1.0)
    points: list[dict[str, object]] = [
        {"part": "point", "side": number, "name": name, "place": place, "value": float(value), VEIL: BEYOND}
        for name, line in zip(called, lines, strict=True)
        for place, value in enumerate(line)
        if np.isfinite(value)
    ]
    labels = [
        {"part": "label", "side": number, "name": name, "value": end, VEIL: BEYOND}
        for name, end in zip(called, ends, strict=True)
    ]
    return [*points, *labels]


def counted(result: Any, words: Words) -> pa.Table:
    """How many lessons are odd at each share, what comes of it, and how the target's own digits are read."""
    told = {words("axes.poison"): result.verdict.axis.exam, words("counted.odd"): result.odd}
    told |= percent(words("counted.taken"), np.median(result.taken, axis=0))
    for name, misread in zip(("own", "own_marked"), result.own, strict=True):
        told |= percent(words(f"counted.{name}"), misread)
    return pa.table(told)


def hunted(result: Any, words: Words) -> pa.Table | None:
    """What each check suspects at each share, median over seeds, and what of that is right."""
    if result.hunt is None:
        return None
    found, right = rates(result)
    check, share = (index.ravel() for index in np.indices(found.shape))
    told = {
        words("hunt.check"): [words(f"hunt.{CHECKS[one]}") for one in check],
        words("counted.odd"): result.odd[share],
        words("hunt.suspected"): np.median(result.hunt.suspected, axis=1).ravel(),
    }
    return pa.table(told | percent(words("hunt.found"), found.ravel()) | percent(words("hunt.right"), right.ravel()))


def healed(result: Any, words: Words) -> pa.Table | None:
    """What each remedy leaves at each share, median over seeds."""
    if result.cures is None:
        return None
    remedy, share = (index.ravel() for index in np.indices(result.cures.taken.shape))
    told = {
        words("cures.remedy"): [words(f"cures.{REMEDIES[one]}") for one in remedy],
        words("counted.odd"): result.odd[share],
    }
    taken, misread = result.cures.taken.ravel(), result.cures.misread.ravel()
    return pa.table(told | percent(words("cures.taken"), taken) | percent(words("cures.misread"), misread))
