"""Who holds how far, side by side: a bar from the least trained length to the horizon, for many shipped runs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from dashboard.charts import lazy_altair as alt
from dashboard.charts.style import COLOURS, TRUTH, Picture, Words, ink, spec
from lib.core import Answerer, Verdict

ROW = 24  # pixels

Run = tuple[str, Verdict]
"""The name of a network, and its verdict."""


def held(runs: Sequence[Run], words: Words) -> Picture:
    """A bar for the network of each run, the longest first, and for the control and the program of the first run."""
    first = runs[0][1]
    others = [(words(f"names.{one.name}"), one) for one in first.answerers if one.kind in ("control", "program")]
    networks = [(name, found.answerers[0]) for name, found in runs]
    bars = [*sorted(networks, key=lambda bar: -(bar[1].horizon or 0.0)), *others]
    rows = [_bar(name, one, first, words) for name, one in bars]
    heard = " ".join(f"{row['name']}: {row['says']}." for row in rows)
    end = max(point.at for point in first.answerers[0].curve)
    return Picture.of(_spec(tuple(name for name, _ in bars), first.axis.train, end, words), rows, heard)


def _bar(name: str, one: Answerer, found: Verdict, words: Words) -> dict[str, object]:
    low = found.axis.train[0]
    span = found.holds(one)
    says = words("held.to", horizon=span[1]) if span else words("held.none")
    return {"name": name, "kind": one.kind, "low": low, "horizon": span[1] if span else low, "says": says}


@lru_cache(32)
def _spec(names: tuple[str, ...], train: tuple[float, float], end: float, words: Words) -> dict[str, Any]:
    scale = alt.Scale(type="log", domain=[max(1.0, train[0]), end], nice=False)
    x = alt.X(
        "low:Q", title=words("held.axis"), scale=scale, axis=alt.Axis(grid=False, values=[1, 2, 4, 8, 16, 32, 64, 100])
    )
    y = alt.Y(
        "name:N",
        title=None,
        sort=list(names),
        axis=alt.Axis(labelLimit=230, labelOverlap=False, ticks=False, domain=False),
    )
    kinds = ["network", "control", "program"]
    colour = alt.Color("kind:N", scale=alt.Scale(domain=kinds, range=[COLOURS[kind] for kind in kinds]), legend=None)
    letters = alt.Fill("kind:N", scale=alt.Scale(domain=kinds, range=[ink(kind) for kind in kinds]), legend=None)
    seen = alt.Chart(alt.Data(values=[{"at": max(1.0, train[0]), "to": train[1]}]))
    bars = alt.Chart()
    layers = [
        seen.mark_rect(color=TRUTH, opacity=0.16).encode(alt.X("at:Q", scale=scale), alt.X2("to:Q")),
        bars.mark_bar(height=16).encode(x, alt.X2("horizon:Q"), y, colour),
        bars.mark_text(align="left", dx=6, fontSize=12, fontWeight=600).encode(
            y, letters, x=alt.XValue("width"), text=alt.Text("says:N")
        ),
    ]
    return spec(alt.layer(*layers), ROW * len(names) + 60)
