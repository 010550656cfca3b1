"""A throw that flies in the browser, once by itself: where it comes down, and where each contestant had it land.

The browser is told every exam value at once; playing and moving along the axis send nothing. The other half is
browser/flight.js.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from dashboard.app.language import Texts
from dashboard.charts.style import COLOURS, TRUTH, Motion
from lib.core import Axis
from lib.labs.throw import Thrown
from lib.tasks.throw import BODIES

POINTS = 31  # of an arc
FULL = 999  # what stands for the whole range, and for the apex
SPOT = 0.005  # of the range: a miss below that is none


def throw(result: Thrown, words: Texts) -> Motion:
    """Until the guess is made, the answers inside training alone; the true arcs are no answers of anybody."""
    return Motion(
        _packed(result, words, covered=False), _packed(result, words, covered=True), "dashboard/pages/throw/flight"
    )


def bodies(axis: Axis, words: Texts) -> dict[float, str]:
    """Gravities [m/s²] that have a name."""
    known = words.at("bodies") if axis.name == "gravity" else {}
    return {BODIES[body]: name for body, name in known.items()}


def start(axis: Axis) -> int:
    """Which exam value to open with: near the end of the axis, outside training."""
    return 3 if axis.outward < 0 else len(axis.exam) - 4


def _packed(result: Thrown, words: Texts, *, covered: bool) -> bytes:
    verdict, axis = result.verdict, result.verdict.axis
    plain = ("play", "place", "bodies", "hidden")
    told = {
        "key": f"{verdict.lab}_flight",
        "covered": covered,
        "start": start(axis),
        "words": {name: words(f"flight.{name}") for name in plain},
        "who": [
            {"name": words("names.truth"), "colour": TRUTH},
            *({"name": words(f"names.{one.name}"), "colour": COLOURS[one.kind]} for one in verdict.answerers),
        ],
        "throws": [_thrown(result, i, words, hidden=covered and not axis.seen(at)) for i, at in enumerate(axis.exam)],
    }
    return json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _thrown(result: Thrown, i: int, words: Texts, *, hidden: bool) -> dict[str, Any]:
    """One exam value: the arc, evenly in time, as whole shares of its range and its apex [m]; whoever is not hidden."""
    axis, flights = result.verdict.axis, result.flights
    path = flights.paths[i]
    (span, _), apex = path[-1].tolist(), float(path[:, 1].max())
    arc = path[[round(step * (len(path) - 1) / (POINTS - 1)) for step in range(POINTS)]] / (span, apex)
    asked = [flights.landings[flights.names.index(one.name), i].tolist() for one in result.verdict.answerers]
    return {
        "says": words("flight.title", axis=words(f"short.{axis.name}"), at=axis.exam[i], unit=axis.unit),
        "body": bodies(axis, words).get(axis.exam[i], ""),
        "span": _short(span),
        "apex": _short(apex),
        "arc": (FULL * arc).round().astype(int).ravel().tolist(),
        "lands": None if hidden else [_landing(one, span, words) for one in ([span] * 3, *asked)],
    }


def _landing(at: Sequence[float], span: float, words: Texts) -> list[Any]:
    """Median, least and most [m] over seeds, None where that is no number; the range in words, and the miss."""
    off = (at[0] - span) / span
    missed = "" if off != off else words(f"flight.{_miss(off)}", share=abs(off))
    return [*map(_short, at), words("flight.metres", range=at[0]), missed]


def _miss(off: float) -> str:
    return "spot" if abs(off) < SPOT else "short" if off < 0 else "far"


def _short(value: float) -> float | None:
    """Four digits, which is more than a screen shows."""
    return float(f"{value:.4g}") if math.isfinite(value) else None
