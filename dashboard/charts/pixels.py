"""Pictures of digits in a chart: sent as letters, unfolded into pixels by the browser."""

from __future__ import annotations

import numpy as np

from dashboard.charts import lazy_altair as alt

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"  # a pixel's 64 shades in one letter
SIDE = 8  # pixels of a picture


def letters(pictures: np.ndarray) -> list[str]:
    """Pictures (n, ...) of any size, in [0, 1] or uint8 of 255, a letter a pixel."""
    shades = pictures / 255 if pictures.dtype == np.uint8 else np.clip(pictures, 0, 1)
    told = np.array(list(ALPHABET))[np.rint(shades * (len(ALPHABET) - 1)).astype(int)]
    return ["".join(one) for one in told.reshape(len(pictures), -1).tolist()]


def unfolded(picked: alt.Chart, pictures: int, size: str, gap: int, above: str) -> alt.Chart:
    """The letters of each row's `shades` as so many pictures side by side, a rectangle a pixel.

    size: of a pixel; above: from the top of the plot; both expressions, in pixels of the screen. gap: pixels of a
    picture between two of them. Each rectangle's datum has its `pixel`, and its `shade` from 0 to 1, to be coloured.
    """
    told = (
        picked.transform_calculate(letter="split(datum.shades, '')", pixel=f"sequence({pictures * SIDE**2})")
        .transform_flatten(["letter", "pixel"])
        .transform_calculate(
            shade=f"indexof('{ALPHABET}', datum.letter) / {len(ALPHABET) - 1}",
            left=f"((datum.pixel % {SIDE}) + floor(datum.pixel / {SIDE**2}) * {SIDE + gap}) * {size}",
            top=f"floor((datum.pixel % {SIDE**2}) / {SIDE}) * {size} + {above}",
        )
        .transform_calculate(right=f"datum.left + {size}", bottom=f"datum.top + {size}")
    )
    x, y = alt.X("left:Q", scale=None, axis=None), alt.Y("top:Q", scale=None, axis=None)
    return told.mark_rect(strokeWidth=0).encode(x=x, y=y, x2=alt.X2("right:Q"), y2=alt.Y2("bottom:Q"))
