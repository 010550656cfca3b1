"""The visitor's own launches, the last one bold, in the frame that turns with Earth and Moon."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from dashboard.charts import lazy_altair as alt
from dashboard.charts.style import TRUTH, Picture, Words, spec
from lib.labs.moonshot.flight import Flown


def paths(flown: Flown, distance: float, share: float, words: Words) -> Picture:
    """All launches so far; distance [km] of the two bodies, and the small one's share of the mass."""
    count = len(flown.lines)
    rows: list[dict[str, object]] = [
        {"part": "path", "n": n, "last": n == count - 1, "step": i, "px": x / distance, "py": y / distance}
        for n, line in enumerate(flown.lines.tolist())
        for i, (_, x, y) in enumerate(line)
    ]
    heard = words("own.heard", trials=count, altitude=float(flown.altitude[-1]))
    return Picture.of(_spec(share, words), rows, heard)


@lru_cache(64)
def _spec(share: float, words: Words) -> dict[str, Any]:
    unit = "min(width / 2.7, height / 2)"
    at = {"x": alt.X("left:Q", scale=None, axis=None), "y": alt.Y("top:Q", scale=None, axis=None)}

    def where(chart: alt.Chart) -> alt.Chart:
        return chart.transform_calculate(
            left=f"width / 2 + {unit} * datum.px", top=f"height / 2 - {unit} * datum.py"
        )  # fmt: skip

    bodies = [
        {"px": -share, "py": 0.0, "says": words("map.large"), "size": 140},
        {"px": 1 - share, "py": 0.0, "says": words("map.small"), "size": 60},
    ]
    both = where(alt.Chart(alt.Data(values=bodies)))
    layers = [
        where(alt.Chart())
        .mark_line(color=TRUTH)
        .encode(
            **at,
            detail=alt.Detail("n:N"),
            order=alt.Order("step:Q"),
            strokeWidth=alt.condition("datum.last", alt.value(2.5), alt.value(1)),
            opacity=alt.condition("datum.last", alt.value(1), alt.value(0.4)),
        ),
        both.mark_point(filled=True, color=TRUTH, opacity=1).encode(
            **at, size=alt.Size("size:Q", scale=None, legend=None)
        ),
        both.mark_text(align="left", dx=9, dy=10, color=TRUTH, fontSize=12).encode(**at, text=alt.Text("says:N")),
    ]
    return spec(alt.layer(*layers), 320)
