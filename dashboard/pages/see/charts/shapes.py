"""How often the outline decides, and not the coat: this network on either backdrop, beside what was published."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from dashboard.charts import lazy_altair as alt
from dashboard.charts.style import COLOURS, TRUTH, Picture, Words, percent, shade, spec
from lib.labs.see.shapes import Shapes
from lib.tasks.photos.classes import name
from lib.tasks.photos.shipped import NAMES
from lib.tasks.see.outlines import OUTLINED

HEIGHT = 250
BACKGROUNDS = ("white", "grey")  # what BACKDROPS are called in the texts
PUBLISHED = {"people": 0.959, "resnet": 0.221}
"""R. Geirhos et al., ICLR 2019: computed anew from the trials that they published; of their pictures, not of ours."""

ROWS = ("people", "resnet", *BACKGROUNDS)


def shapes(result: Any, words: Words) -> Picture | None:
    """A bar for people and for a network, as published, and two for this one; None until all pictures were read."""
    told: Shapes = result.shapes
    if not told.asked:
        return None
    rows = [row(who, value, words) for who, value in PUBLISHED.items()]
    for backdrop, who in enumerate(BACKGROUNDS):
        decided = int(told.by_shape[backdrop].sum() + told.by_texture[backdrop].sum())
        rounds = told.rounds[backdrop][np.isfinite(told.rounds[backdrop])]
        spread = {"low": float(rounds.min()), "high": float(rounds.max())} if rounds.size else {}
        rows.append(row(who, float(told.shares[backdrop]), words, decided) | spread)
    return Picture.of(_spec(words), rows, heard(told, words))


def row(who: str, value: float, words: Words, decided: int | None = None) -> dict[str, Any]:
    """One bar, with what stands at its end; decided: in how many pictures here one of the two was chosen."""
    known = {} if math.isnan(value) else {"share": value}
    if decided is None:
        says, whose = words("shapes.published", share=printed(value)), "published"
    else:
        says, whose = words("shapes.measured", share=value, decided=decided), "here"
    return known | {"who": words(f"shapes.who.{who}"), "says": says, "whose": whose}


def printed(value: float) -> str:
    """A share as it was published."""
    return f"{100 * value:.1f}\u00a0%"


def heard(told: Shapes, words: Words) -> str:
    """All four."""
    white, grey = told.shares.tolist()
    published = {who: printed(value) for who, value in PUBLISHED.items()}
    return words("shapes.heard", white=white, grey=grey, **published)


@lru_cache(8)
def _spec(words: Words) -> dict[str, Any]:
    down = [words(f"shapes.who.{who}") for who in ROWS]
    percent = alt.Axis(values=[0, 0.25, 0.5, 0.75, 1], labelExpr="format(100 * datum.value, '.3~r') + ' %'")
    x = alt.X("share:Q", title=words("shapes.axis"), scale=alt.Scale(domain=[0, 1]), axis=percent)
    y = alt.Y(
        "who:N", title=None, sort=down, scale=alt.Scale(domain=down), axis=alt.Axis(labelLimit=150, labelFontWeight=600)
    )
    here, drawn = "datum.whose == 'here'", alt.Chart()
    colour = alt.condition(here, alt.value(COLOURS["network"]), alt.value(TRUTH))
    filled = alt.condition(here, alt.value(0.45), alt.value(0.12))
    tips = [alt.Tooltip("who:N", title=words("shapes.title")), alt.Tooltip("says:N", title=words("shapes.axis"))]
    layers = [
        drawn.mark_bar(size=20, strokeWidth=2).encode(
            x, y, color=colour, stroke=colour, fillOpacity=filled, tooltip=tips
        ),
        drawn.mark_rule(strokeWidth=2, color=COLOURS["network"]).encode(
            alt.X("low:Q", title=words("shapes.axis")), y, x2="high:Q"
        ),
        drawn.mark_text(align="left", baseline="bottom", dy=-12, dx=1, fontSize=12, color=shade("#1A1A1A", "#F2F2F2"))
        .encode(y=y, x=alt.XValue(0), text="says:N"),
    ]  # fmt: skip
    return spec(alt.layer(*layers), HEIGHT)


def table(result: Any, words: Any) -> pa.Table | None:
    """A row for each picture in which outline and coat disagree; None until all were read."""
    told: Shapes = result.shapes
    if not told.asked:
        return None
    backdrop, outline, turn = (one.ravel() for one in np.indices(told.conflicts.choice.shape))
    animals = [words(f"photos.{one}") for one in NAMES]
    read, sure = told.conflicts.labels[..., 0].ravel(), told.conflicts.sure[..., 0].ravel()
    return pa.table(
        {
            words("shapes.outline"): [words(f"photos.{OUTLINED[one]}") for one in outline],
            words("shapes.coat"): [animals[one] for one in told.pairs[outline, turn]],
            words("shapes.backdrop"): [words(f"shapes.backdrops.{('white', 'grey')[one]}") for one in backdrop],
            words("shapes.choice"): [animals[one] for one in told.conflicts.choice.ravel()],
            words("shapes.goes_by"): [words(f"shapes.by.{side(told, *at)}") for at in np.ndindex(told.by_shape.shape)],
            words("shapes.read"): [name(int(one), words.language) for one in read],
        }
        | percent(words("shapes.sure"), sure)
    )


def side(told: Shapes, *at: int) -> str:
    """Whose animal was chosen in a picture: that of the shape, the texture, or neither."""
    return "shape" if told.by_shape[at] else "texture" if told.by_texture[at] else "neither"
