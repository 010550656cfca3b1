"""What the network says of three pictures that stand above in a row: five names under each, with bars."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from dashboard.charts import lazy_altair as alt
from dashboard.charts.style import COLOURS, Picture, shade, spec
from lib.labs.see.shapes import LIKELIEST
from lib.tasks.photos.classes import name
from lib.tasks.photos.shipped import SIZE

GAP = 12  # pixels between two pictures
ROW = 36  # pixels that a name with its bar takes
MARKS = {"shape": "▲ ", "texture": "■ ", "other": ""}
Told = tuple[np.ndarray, np.ndarray]
"""The likeliest classes (5,) of a picture, and how sure the network is of each (5,)."""


def strip(pictures: Sequence[np.ndarray]) -> np.ndarray:
    """Pictures (224, 224, 3) uint8 in a row, (224, width, 4) uint8; what is between them is transparent."""
    wide = np.zeros((SIZE, len(pictures) * (SIZE + GAP) - GAP, 4), np.uint8)
    for place, picture in enumerate(pictures):
        left = place * (SIZE + GAP)
        wide[:, left : left + SIZE, :3], wide[:, left : left + SIZE, 3] = picture, 255
    return wide


def likeliest(told: Sequence[Told], shape: int, texture: int, words: Any) -> Picture:
    """A column for each picture. shape, texture: whose outline and whose coat it is, as classes."""
    whose = {texture: "texture", shape: "shape"}
    rows = []
    for place, (labels, sure) in enumerate(told):
        left = place * (SIZE + GAP)
        for rank, (label, value) in enumerate(zip(labels.tolist(), sure.tolist(), strict=True)):
            kind = whose.get(label, "other")
            called = MARKS[kind] + name(label, words.language)
            at = {"left": left, "right": left + SIZE, "end": left + SIZE * value, "top": rank}
            rows.append(at | {"name": called, "sure": words("shapes.share", value=value), "kind": kind})
    return Picture.of(_spec(len(told)), rows, heard(told, words))


def heard(told: Sequence[Told], words: Any) -> str:
    """The likeliest class of each picture."""
    first = [f"{name(int(labels[0]), words.language)} {words('shapes.share', value=sure[0])}" for labels, sure in told]
    return words("shapes.told", **dict(zip(("outline", "coat", "both"), first, strict=True)))


@lru_cache(4)
def _spec(count: int) -> dict[str, Any]:
    width = count * (SIZE + GAP) - GAP
    across = alt.Scale(domain=[0, width], nice=False, zero=False)
    down = alt.Scale(domain=[LIKELIEST, 0], nice=False, zero=False)
    x, y = alt.X("left:Q", scale=across, axis=None), alt.Y("top:Q", scale=down, axis=None)
    ink, drawn = shade("#1A1A1A", "#F2F2F2"), alt.Chart()
    room = f"width * {SIZE / width:.4f}"
    layers = [
        drawn.transform_calculate(low="datum.top + 0.6", high="datum.top + 0.82")
        .mark_bar(color=COLOURS["network"], cornerRadius=1)
        .encode(x, x2="end:Q", y=alt.Y("low:Q", scale=down, axis=None), y2="high:Q",
                opacity=alt.condition("datum.kind == 'other'", alt.value(0.55), alt.value(1))),
        drawn.mark_text(align="left", baseline="top", dy=5, fontSize=12, color=ink, limit=alt.ExprRef(f"{room} - 44"))
        .encode(x, y, text="name:N"),
        drawn.mark_text(align="right", baseline="top", dy=5, fontSize=12, color=ink)
        .encode(alt.X("right:Q", scale=across, axis=None), y, text="sure:N"),
    ]  # fmt: skip
    told = spec(alt.layer(*layers), LIKELIEST * ROW)
    told["config"]["view"] = {"stroke": None}
    return told
