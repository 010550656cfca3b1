"""Lengths as one says them: 28 m, 50.03 km, about 52,500 km."""

from __future__ import annotations

import math

from dashboard.charts.style import Words


def length(km: float, words: Words) -> str:
    """Metres below one kilometre; three digits that matter where it is far; two after the point between."""
    if not math.isfinite(km):
        return "–"
    if abs(km) < 1:
        return words("lengths.metres", value=round(1000 * km))
    if abs(km) < 100:
        return words("lengths.near", value=km)
    if abs(km) < 1000:
        return words("lengths.kilometres", value=round(km))
    digits = 2 - math.floor(math.log10(abs(km)))
    return words("lengths.about", value=round(km, digits))
