"""What is asked of the visitors, and what they saw, as rows of the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import linear_regression
from typing import Any

import numpy as np

from tests.load.page import Tally

RANKS = ("p50", "p95")


@dataclass(frozen=True)
class Load:
    """How many visitors, for how long, how many seconds they think, beside how many workers; `seed` of their whims.

    chromium: how many tabs of a real browser are there beside them; reruns, runs: how many of them to watch the memory;
    job: seconds that a run in the queue takes; recipe: knobs of what is started in crowd and queue, if not the usual.
    """

    visitors: int = 60
    seconds: float = 30.0
    think: float = 2.0
    workers: int = 2
    chromium: int = 0
    seed: int = 0
    reruns: int = 2000
    runs: int = 500
    job: float = 5.0
    recipe: Mapping[str, Any] | None = None


def spread(what: str, seconds: Sequence[float], unit: str = "ms") -> dict[str, float]:
    """Median, 95th percentile and maximum of some seconds, nothing if there are none."""
    if not seconds:
        return {}
    scale = 1e3 if unit == "ms" else 1.0
    p50, p95, most = scale * np.percentile(seconds, (50, 95, 100))
    return {f"{what}, p50 [{unit}]": p50, f"{what}, p95 [{unit}]": p95, f"{what}, max [{unit}]": most}


def seen(tally: Tally) -> dict[str, float]:
    """All that visitors waited for, what went wrong, and what a rerun sends."""
    names = {"knob": "knob to drawn", "page": "page to drawn", "button": "button to drawn"}
    names["knob, at first"] = "knob to drawn while they come"
    told: dict[str, float] = {}
    for what in ("knob", "knob, at first", "page", "button", "first paint", "first chart"):
        told |= spread(names.get(what, what), tally.took[what])
    return told | {
        "knobs turned": len(tally.took["knob"]),
        "errors": sum(tally.errors.values()),
        "messages a rerun": tally.messages / max(1, tally.reruns),
        "KB a rerun": tally.bytes / 1e3 / max(1, tally.reruns),
    }


def beside(empty: Tally, app: Tally) -> dict[str, float]:
    """An empty page under the same visitors, and how many of it the app is: by knobs, else by Start."""
    what = "knob" if app.took["knob"] else "button"
    theirs, ours = spread("", empty.took["knob"]), spread("", app.took[what])
    told = {f"empty, knob to drawn{name}": value for name, value in theirs.items()}
    told["empty, errors"] = sum(empty.errors.values())
    ranks = [rank for rank in RANKS if theirs and ours]
    return told | {f"app / empty, {what} to drawn, {rank}": ratio(ours, theirs, rank) for rank in ranks}


def ratio(ours: Mapping[str, float], theirs: Mapping[str, float], rank: str) -> float:
    """How many times theirs ours is, of two spreads without a name."""
    return ours[f", {rank} [ms]"] / theirs[f", {rank} [ms]"]


def slope(points: Sequence[tuple[float, float]], skip: float = 0.3) -> float:
    """How fast the second number grows with the first, by least squares, without the first part: the warming up."""
    x, y = zip(*points[int(skip * len(points)) :], strict=True)
    return linear_regression(x, y).slope
