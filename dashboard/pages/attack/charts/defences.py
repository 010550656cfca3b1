"""What each kind of defence is worth: errors against ε, beside no defence at all."""

from __future__ import annotations

from typing import Any

from dashboard.charts.style import Picture, Words
from dashboard.pages.attack.charts.survey import of
from lib.labs.attack.defences import ATTACKED, BLIND, CERTIFIED, PLAIN, THROUGH
from lib.labs.attack.nets import HARDENED


def trained(result: Any, words: Words) -> Picture | None:
    """Networks that have learned from attacked digits, by three recipes."""
    return of(result, words, PLAIN, "noise", *HARDENED)


def squeezed(result: Any, words: Words) -> Picture | None:
    """Few grey levels, as an attack sees it that follows a gradient which is none, and one that goes through."""
    return of(result, words, PLAIN, "noise", BLIND, THROUGH)


def smoothed(result: Any, words: Words) -> Picture | None:
    """The majority under noise: what an attack has found, and what no proof excludes."""
    return of(result, words, PLAIN, "noise", ATTACKED, CERTIFIED)
