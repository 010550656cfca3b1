"""Who is drawn, and how each looks: a colour, a dash and a shape of their own in every picture of the page.

Four contestants are drawn at first: the network, whoever needed the fewest launches of those who learn by reward, the
one who is told the side as well, and the program. The visitor is the fifth. The others are one click away.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dashboard.charts import lazy_altair as alt
from dashboard.charts.style import COLOURS, DASHES, INKS, Words, shade
from lib.core import Kind, Verdict

BY_REWARD = ("policy", "bayes", "evolution", "entropy")
YOU = "#D81B60"
OTHERS = (  # those who are one click away: lines are 3:1 on both backgrounds, words 4.5:1 each on its own
    ("#A97900", ("#956A00", "#A97900"), [1, 3], "triangle-down", "▼"),
    ("#7A68C8", ("#7564C0", "#8676CD"), [6, 2, 1, 2], "cross", "✚"),
    ("#5F8700", ("#577C00", "#698E0F"), [12, 4], "triangle-right", "▶"),
    ("#2F8899", ("#2B7C8B", "#378D9D"), [2, 6], "triangle-left", "◀"),
    ("#9C6B4A", ("#976848", "#A5785A"), [4, 2], "stroke", "━"),
)
SLOTS: dict[Kind, tuple[str, str]] = {
    "network": ("circle", "●"),
    "baseline": ("triangle-up", "▲"),
    "control": ("square", "■"),
    "program": ("diamond", "◆"),
}


@dataclass(frozen=True)
class Look:
    """A contestant, and how it is drawn. ink: of its words, on light and on dark; few: among those drawn at first."""

    name: str
    colour: str
    ink: tuple[str, str]
    dash: tuple[int, ...]
    shape: str
    glyph: str
    few: bool


Looks = tuple[Look, ...]


def best(result: Any) -> str:
    """Who of those told only their miss needed the fewest launches, by the middle seed; else who misses least."""
    book, known = result.ledger, {one.name: one.inside for one in result.verdict.answerers}

    def price(name: str) -> tuple[float, float]:
        return float(np.median(book.first[book.names.index(name)])), known.get(name, np.inf)

    return min(BY_REWARD, key=price)


def looks(result: Any) -> Looks:
    """Everybody who has been examined, those first who are drawn at first."""
    slots: dict[str, Kind] = {
        "network": "network",
        best(result): "baseline",
        "sighted": "control",
        "program": "program",
    }
    known = [one.name for one in result.verdict.answerers]
    few = [
        Look(name, COLOURS[kind], INKS[kind], tuple(DASHES[kind]), *SLOTS[kind], True)
        for name, kind in slots.items()
        if name in known
    ]
    rest = zip([name for name in known if name not in slots], OTHERS, strict=False)
    return (
        *few,
        *(
            Look(name, colour, ink, tuple(dash), shape, glyph, False)
            for name, (colour, ink, dash, shape, glyph) in rest
        ),
    )


def few(result: Any) -> Verdict:
    """The verdict on those who are drawn at first, with the look that they have here."""
    drawn = [one.name for one in looks(result) if one.few]
    told = {one.name: one for one in result.verdict.answerers}
    lead = best(result)
    kept = [replace(told[name], kind="baseline") if name == lead else told[name] for name in drawn]
    return replace(result.verdict, answerers=tuple(kept))


def by_name(looks: Sequence[Look], words: Words, channel: Any) -> Any:
    """Colour, dash or shape of a row's `name`, without a legend: each stands at its line."""
    values = {
        alt.Color: [one.colour for one in looks],
        alt.Stroke: [one.colour for one in looks],
        alt.Fill: [shade(*one.ink) for one in looks],  # of words
        alt.StrokeDash: [list(one.dash) for one in looks],
        alt.Shape: [one.shape for one in looks],
    }[channel]
    names = [words(f"names.{one.name}") for one in looks]
    return channel("name:N", scale=alt.Scale(domain=names, range=values), legend=None)


def everybody(words: Words) -> alt.Parameter:
    """The click that draws the others too; rows say with `few` who is drawn without it."""
    return alt.param(name="everybody", value=False, bind=alt.binding_checkbox(name=words("chart.everybody") + " "))


NOW = "everybody || datum.few"


def folded(name: str) -> str:
    """A long name on two lines, which a telephone has room for."""
    return re.sub(r"^(\w{4,}[ -])(\w{5,})", r"\1|\2", name.replace(", ", ",|").replace("（", "|（"))
