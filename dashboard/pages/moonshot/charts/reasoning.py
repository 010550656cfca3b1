"""How the program thinks: its guess, the flights it computes, the launch, what it concludes, the next launch."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from dashboard.charts import lazy_altair as alt
from dashboard.charts.style import COLOURS, TRUTH, Picture, Words, spec
from dashboard.pages.moonshot.charts.launches import SMOOTH

MISSES = 3  # after so many the program gives up


def steps(result: Any, words: Words) -> Picture:
    """One step at a time, with all paths up to it; the launches bold, the computed ones thin."""
    told = result.reasoning
    what = kinds(told.what)
    distance, share = result.chart.world[2], result.chart.world[1] / (result.chart.world[0] + result.chart.world[1])
    rows: list[dict[str, object]] = []
    for n, kind in enumerate(what, 1):
        speed, phase, altitude, day, thrust = told.numbers[n - 1].tolist()
        outcome = words(f"reasoning.{'strikes' if altitude < 0 else 'passes'}", altitude=altitude, deep=-altitude)
        numbers = {"speed": speed, "phase": phase, "day": day, "thrust": 100 * (thrust - 1)}
        says = words(f"reasoning.{kind}", n=n, outcome=outcome, **numbers)
        rows.append({"part": "said", "n": n, "says": says})
        points = told.paths[n - 1].tolist() if kind not in ("correction", "over") else []
        rows += [
            {"part": "real" if kind == "real" else "thought", "n": n, "step": i, "px": x / distance, "py": y / distance}
            for i, (_, x, y) in enumerate(points)
        ]
    heard = [str(row["says"]).replace("|", " ") for row in rows if row["part"] == "said"]
    return Picture.of(_spec(len(what), share, words), rows, " ".join([words("reasoning.heard"), *heard]))


def kinds(what: tuple[str, ...]) -> list[str]:
    """What each step to be shown is: no launch that repeats a hit, and a last correction, after which none flew."""
    shown = list(what)
    while shown[-2:] == ["real", "real"]:
        shown.pop()
    return [*shown[:-1], "over"] if what.count("correction") == MISSES else shown


@lru_cache(64)
def _spec(last: int, share: float, words: Words) -> dict[str, Any]:
    bind = alt.binding_range(min=1, max=max(last, 2), step=1, name=words("reasoning.step") + " ")
    pick = alt.param(name="step", value=last, bind=bind)
    unit = "min(width / 2.2, height / 1.5)"
    where = lambda chart: chart.transform_calculate(  # noqa: E731
        left=f"width * 0.45 + {unit} * datum.px", top=f"height * 0.42 - {unit} * datum.py"
    )
    at = {"x": alt.X("left:Q", scale=None, axis=None), "y": alt.Y("top:Q", scale=None, axis=None)}
    bodies = [
        {"px": -share, "py": 0.0, "says": words("map.large"), "size": 120},
        {"px": 1 - share, "py": 0.0, "says": words("map.small"), "size": 50},
    ]
    both = where(alt.Chart(alt.Data(values=bodies)))
    now = where(alt.Chart().transform_filter("datum.n <= step"))
    layers = [
        now.transform_filter("datum.part == 'thought'")
        .mark_line(color=COLOURS["program"], strokeDash=[3, 3], aria=False, **SMOOTH)
        .encode(
            **at,
            detail=alt.Detail("n:N"),
            order=alt.Order("step:Q"),
            strokeWidth=alt.condition("datum.n == step", alt.value(2), alt.value(1)),
            opacity=alt.condition("datum.n == step", alt.value(1), alt.value(0.35)),
        ),
        now.transform_filter("datum.part == 'real'")
        .mark_line(color=COLOURS["program"], strokeWidth=2.5, aria=False, **SMOOTH)
        .encode(**at, detail=alt.Detail("n:N"), order=alt.Order("step:Q")),
        both.mark_point(filled=True, color=TRUTH, opacity=1, aria=False).encode(
            **at, size=alt.Size("size:Q", scale=None, legend=None)
        ),
        both.mark_text(align="left", dx=9, dy=12, color=TRUTH, fontSize=12).encode(**at, text=alt.Text("says:N")),
        alt.Chart()
        .transform_filter("datum.part == 'said' && datum.n == step")
        .mark_text(align="left", baseline="top", fontSize=13, fontWeight=600, color=TRUTH, lineBreak="|")
        .encode(x=alt.XValue(0), y=alt.YValue(0), text=alt.Text("says:N")),
    ]
    return spec(alt.layer(*layers).add_params(pick), 360)


def table(result: Any, words: Words) -> pa.Table:
    """The steps as numbers."""
    told = result.reasoning
    what = kinds(told.what)
    names = ("own.speed", "own.phase", "map.altitude", "map.day", "reasoning.thrust")
    columns = np.asarray(told.numbers)[: len(what)].T
    return pa.table(
        {words("reasoning.step"): [words(f"reasoning.name_{one}") for one in what]}
        | {words(name): column for name, column in zip(names, columns, strict=True)}
    )
