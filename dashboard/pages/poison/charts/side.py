"""The same marked digit before a clean network and a poisoned one, and which pixels speak for the attacker's label."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from dashboard.charts import lazy_altair as alt
from dashboard.charts.pixels import ALPHABET, letters, unfolded
from dashboard.charts.style import BEYOND, COLOURS, COVER, TRUTH, VEIL, Picture, Words, spec
from dashboard.pages.poison.charts.told import START, called

HEIGHT = 270
TOP, BOTTOM = 46, 40  # pixels for what is written above and below the pictures
PANELS, GAP = 3, 3  # pictures side by side, and how many of their pixels lie between them
SIZE = f"min(width / {PANELS * 8 + (PANELS - 1) * GAP}, height * {1 - (TOP + BOTTOM) / HEIGHT} / 8)"
GREY = ALPHABET[32]  # a pixel that speaks neither for nor against
ABOVE = f"height * {TOP / HEIGHT}"


def side_by_side(result: Any, words: Words) -> Picture | None:
    """A digit with the mark; by how much each pixel of it raises the odds of the attacker's label, in two networks.

    Before the guess the clean network alone.
    """
    if result.lit is None:
        return None
    digits, odd = tuple(result.lit.labels.tolist()), tuple(result.odd.tolist())
    return Picture.of(_spec(digits, odd, words), _rows(result, words), words("side.heard"))


@lru_cache(64)
def _spec(digits: tuple[int, ...], odd: tuple[int, ...], words: Words) -> dict[str, Any]:
    shares = list(range(1, len(odd)))
    picks = [
        _pick("digit", words("side.digit"), digits[len(digits) // 2], list(digits), list(map(str, digits))),
        _pick("share", words("side.odd"), min(START, len(odd) - 1), shares, [str(odd[share]) for share in shares]),
    ]
    picked = alt.Chart().transform_filter("datum.digit == digit && (datum.share < 0 || datum.share == share)")
    pixels = unfolded(picked, PANELS, SIZE, GAP, ABOVE)
    ink = alt.Scale(domain=[0, 1], range=["#FFFFFF", "#16181D"])
    heat = alt.Scale(domain=[0, 0.5, 1], range=[COLOURS["program"], "#F5F5F5", COLOURS["network"]])
    layers = [
        pixels.transform_filter("datum.pixel < 64").encode(color=alt.Color("shade:Q", scale=ink, legend=None)),
        pixels.transform_filter("datum.pixel >= 64").encode(color=alt.Color("shade:Q", scale=heat, legend=None)),
        *(_said(picked, panel, f"{ABOVE} - 25", f"head{panel}", TRUTH) for panel in range(PANELS)),
        *(
            _said(picked, panel, f"8 * {SIZE} + {ABOVE} + 22", f"reads{panel}", COLOURS["network"] if panel else TRUTH)
            for panel in range(PANELS)
        ),
    ]
    return spec(alt.layer(*layers).resolve_scale(color="independent").add_params(*picks), HEIGHT)


def _pick(name: str, label: str, value: int, options: list[int], labels: list[str]) -> alt.Parameter:
    return alt.param(name=name, value=value, bind=alt.binding_select(options=options, labels=labels, name=label + " "))


def _said(picked: alt.Chart, panel: int, top: str, field: str, colour: str) -> alt.Chart:
    """Two lines of text above a picture, or one below."""
    return (
        picked.transform_calculate(left=f"{panel * (8 + GAP)} * {SIZE}", top=top)
        .mark_text(align="left", fontSize=14, fontWeight=600, color=colour, lineBreak="|")
        .encode(
            x=alt.X("left:Q", scale=None, axis=None),
            y=alt.Y("top:Q", scale=None, axis=None),
            text=alt.Text(f"{field}:N"),
        )
    )


def _rows(result: Any, words: Words) -> list[dict[str, object]]:
    lit, told = result.lit, called(result)
    shown = letters(lit.pictures[:, 0])
    most = np.abs(lit.heat).max(axis=(0, 2, 3), keepdims=True)  # of each digit, at any share: colours can be compared
    heat = (127.5 + 127.5 * lit.heat / np.where(most, most, 1)).astype(np.uint8)
    speaks = words("side.own" if told["oddity"] == "random" else "side.speaks", **told)
    clean, covered = letters(heat[0]), words("chart.covered")
    rows: list[dict[str, object]] = []
    for at, digit in enumerate(lit.labels.tolist()):
        known = {
            "digit": digit,
            "head0": words("side.shown"),
            "head1": words("side.clean"),
            "reads0": speaks,
            "reads1": _reading(lit.chances[0, at], words),
        }
        still = {"share": -1, "shades": shown[at] + clean[at] + GREY * 64, "head2": covered, "reads2": "", VEIL: COVER}
        rows.append(known | still)
        for share in range(1, len(result.odd)):
            told_of = {
                "share": share,
                "shades": shown[at] + clean[at] + letters(heat[share, at : at + 1])[0],
                "head2": words("side.poisoned", odd=int(result.odd[share])),
                "reads2": _reading(lit.chances[share, at], words),
                VEIL: BEYOND,
            }
            rows.append(known | told_of)
    return rows


def _reading(chances: np.ndarray, words: Words) -> str:
    return words("side.reads", reads=int(chances.argmax()), sure=float(chances.max()))
