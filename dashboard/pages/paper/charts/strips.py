"""A row of numbers as bars side by side: a point of a space with as many axes as there are bars."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from dashboard.charts import lazy_altair as alt
from dashboard.charts.style import COLOURS, Picture, Words, spec

MOST = 120  # bars


def bars(numbers: np.ndarray, heard: str, words: Words) -> Picture:
    """A bar for each number, or for the first of very many."""
    shown = numbers[:MOST] if len(numbers) > 1000 else numbers
    rows: list[dict[str, object]] = [{"at": at, "value": float(one)} for at, one in enumerate(shown, 1)]
    return Picture.of(_spec(words), rows, heard)


@lru_cache(8)
def _spec(words: Words) -> dict[str, Any]:
    drawn = (
        alt.Chart()
        .mark_bar(color=COLOURS["control"])
        .encode(
            alt.X("at:Q", title=words("vector.at"), axis=alt.Axis(grid=False, tickCount=5)),
            alt.Y("value:Q", title=None, axis=alt.Axis(tickCount=3)),
        )
    )
    return spec(drawn, 130)
