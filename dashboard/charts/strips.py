"""A row of numbers as bars side by side: a point of a space with as many axes as there are bars."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np

from dashboard.charts.style import COLOURS, Picture, Words, rows_table, spec

MOST = 120  # bars


def _strip(numbers: np.ndarray, words: Words, name: str) -> Picture:
    shown = numbers[:MOST] if len(numbers) > 1000 else numbers
    rows: list[dict[str, object]] = [{"at": at, "value": float(one)} for at, one in enumerate(shown, 1)]
    return Picture(_spec(words), rows_table(rows), words(f"vector.{name}_heard"))


def digit(numbers: np.ndarray, words: Words) -> Picture:
    """The ink of 64 pixels."""
    return _strip(numbers, words, "digit")


def word(numbers: np.ndarray, words: Words) -> Picture:
    """Ones at the places of letters."""
    return _strip(numbers, words, "word")


def sound(numbers: np.ndarray, words: Words) -> Picture:
    """The beginning of a second of sound."""
    return _strip(numbers, words, "sound")


@lru_cache(8)
def _spec(words: Words) -> dict[str, Any]:
    bars = (
        alt.Chart()
        .mark_bar(color=COLOURS["control"])
        .encode(
            alt.X("at:Q", title=words("vector.at"), axis=alt.Axis(grid=False, tickCount=5)),
            alt.Y("value:Q", title=None, axis=alt.Axis(tickCount=3)),
        )
    )
    return spec(bars, 130)


DRAWS: dict[str, Callable[[np.ndarray, Words], Picture]] = {"digit": digit, "word": word, "sound": sound}
