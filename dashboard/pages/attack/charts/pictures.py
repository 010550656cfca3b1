"""A digit under attack: the picture, what was added, and what comes out, with what everybody reads in each."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from dashboard.charts import lazy_altair as alt
from dashboard.charts.style import COLOURS, TRUTH, Picture, Words, snap, snapped, snapping, spec

HEIGHT = 270
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"  # a pixel's 64 shades in one letter
PANELS, GAP = 3, 3  # pictures side by side, pixels between them
ANY = 10


def row(result: Any, words: Words) -> Picture | None:
    """original + change (magnified) = attacked, for the digit, target and ε that the browser picks from one sweep.

    All pictures of the sweep travel once, as letters; the browser unfolds the picked one into pixels.
    """
    if result.scene is None:
        return None
    told = _row_spec(result.verdict.axis.exam, words)
    return Picture.of(told, _rows(result, words), words("attacked.heard"))


@lru_cache(32)
def _row_spec(exam: tuple[float, ...], words: Words) -> dict[str, Any]:
    picks = [
        _pick("digit", words("attacked.digit"), 3, list(range(10)), [str(d) for d in range(10)]),
        _pick(
            "target", words("attacked.target"), ANY, [ANY, *range(10)], [words("attacked.any"), *map(str, range(10))]
        ),
        snapping("radius", words("attacked.radius"), exam[1:], exam[min(5, len(exam) - 1)]),
    ]
    size = f"min(width / {PANELS * 8 + (PANELS - 1) * GAP}, {HEIGHT - 90} / 8)"
    picked = alt.Chart().transform_filter(f"datum.digit == digit && datum.target == target && {snapped('radius')}")
    pixels = (
        picked.transform_calculate(letter="split(datum.shades, '')", pixel=f"sequence({PANELS * 64})")
        .transform_flatten(["letter", "pixel"])
        .transform_calculate(
            shade=f"indexof('{ALPHABET}', datum.letter) / 63",
            left=f"((datum.pixel % 8) + floor(datum.pixel / 64) * {8 + GAP}) * {size}",
            top=f"floor((datum.pixel % 64) / 8) * {size} + 40",
        )
        .transform_calculate(right=f"datum.left + {size}", bottom=f"datum.top + {size}")
        .mark_rect(strokeWidth=0)
        .encode(
            x=alt.X("left:Q", scale=None, axis=None),
            x2=alt.X2("right:Q"),
            y=alt.Y("top:Q", scale=None, axis=None),
            y2=alt.Y2("bottom:Q"),
        )
    )
    ink = pixels.transform_filter("datum.pixel < 64 || datum.pixel >= 128").encode(
        color=alt.Color("shade:Q", scale=alt.Scale(domain=[0, 1], range=["#FFFFFF", "#16181D"]), legend=None)
    )
    change = pixels.transform_filter("datum.pixel >= 64 && datum.pixel < 128").encode(
        color=alt.Color(
            "shade:Q", scale=alt.Scale(domain=[0, 0.5, 1], range=["#0072B2", "#F5F5F5", "#D55E00"]), legend=None
        )
    )
    layers = [
        ink,
        change,
        *(_said(picked, panel, size, "24", f"head{panel}", TRUTH) for panel in range(PANELS)),
        *(_said(picked, panel, size, f"8 * {size} + 58", f"net{panel}", COLOURS["network"]) for panel in (0, 2)),
        *(_said(picked, panel, size, f"8 * {size} + 78", f"program{panel}", COLOURS["program"]) for panel in (0, 2)),
        *(_between(picked, panel, size, sign) for panel, sign in ((0, "+"), (1, "="))),
    ]
    chart = alt.layer(*layers).resolve_scale(color="independent").add_params(*picks)
    return spec(chart, HEIGHT)


def _pick(name: str, label: str, value: int, options: list[int], labels: list[str]) -> alt.Parameter:
    return alt.param(name=name, value=value, bind=alt.binding_select(options=options, labels=labels, name=label + " "))


def _said(picked: alt.Chart, panel: int, size: str, top: str, field: str, colour: str) -> alt.Chart:
    """A line of text above or below a picture."""
    return (
        picked.transform_calculate(left=f"{panel * (8 + GAP)} * {size}", top=top)
        .mark_text(align="left", fontSize=14, fontWeight=600, color=colour)
        .encode(
            x=alt.X("left:Q", scale=None, axis=None),
            y=alt.Y("top:Q", scale=None, axis=None),
            text=alt.Text(f"{field}:N"),
        )
    )


def _between(picked: alt.Chart, panel: int, size: str, sign: str) -> alt.Chart:
    return (
        picked.transform_calculate(
            left=f"({(panel + 1) * 8 + panel * GAP} + {GAP / 2}) * {size}", top=f"4 * {size} + 40", sign=f"'{sign}'"
        )
        .mark_text(align="center", fontSize=26, fontWeight=600, color=TRUTH)
        .encode(
            x=alt.X("left:Q", scale=None, axis=None), y=alt.Y("top:Q", scale=None, axis=None), text=alt.Text("sign:N")
        )
    )


def _rows(result: Any, words: Words) -> list[dict[str, object]]:
    scene, exam = result.scene, result.verdict.axis.exam
    letters = np.array(list(ALPHABET))
    clean = scene.clean
    rows = []
    sizes = [{}, *snap("radius", exam[1:])]
    original, results = words("attacked.original"), [words("attacked.result", eps=eps) for eps in exam]
    program = [words("attacked.program", reads=label) for label in range(10)]
    for digit, target, radius in np.ndindex(*scene.reads.shape):
        if radius == 0:  # untouched: the slider begins with the first change
            continue
        shown = scene.shown[digit, target, radius] / 255.0
        change = shown - clean[digit]
        most = float(np.abs(change).max())
        factor = 0.5 / most if most else 1.0
        shades = np.concatenate([clean[digit].ravel(), (0.5 + factor * change).ravel(), shown.ravel()])
        told = {
            f"net{panel}": words("attacked.net", reads=int(reads), sure=float(sure))
            for panel, reads, sure in (
                (0, scene.reads[digit, target, 0], scene.sure[digit, target, 0]),
                (2, scene.reads[digit, target, radius], scene.sure[digit, target, radius]),
            )
        }
        rows.append(
            {
                "digit": digit,
                "target": target,
                **sizes[radius],
                "shades": "".join(letters[np.clip(np.rint(shades * 63), 0, 63).astype(int)]),
                "head0": original,
                "head1": words("attacked.change", factor=2 * factor),
                "head2": results[radius],
                "program0": program[scene.program[digit, target, 0]],
                "program2": program[scene.program[digit, target, radius]],
                **told,
            }
        )
    return rows


def table(result: Any, words: Words) -> pa.Table | None:
    """What is read in each attacked picture: a row for each digit, target and size."""
    scene = result.scene
    if scene is None:
        return None
    digit, target, size = (index.ravel() for index in np.indices(scene.reads.shape))
    targets = [words("attacked.any"), *map(str, range(10))]
    return pa.table(
        {
            words("attacked.digit"): digit,
            words("attacked.target"): [targets[(one + 1) % 11] for one in target],
            words("axes.ε"): np.array(result.verdict.axis.exam)[size],
            words("attacked.reads"): scene.reads.ravel(),
            words("attacked.sure"): scene.sure.ravel(),
            words("attacked.program_reads"): scene.program.ravel(),
        }
    )


def stencils(result: Any, words: Words) -> Picture | None:
    """The program at work on one digit: stencil after stencil, the best fit so far of every digit."""
    if result.scene is None:
        return None
    fits, owners = result.scene.fits, result.scene.owners
    rows = [
        {"digit": digit, "n": n + 1, "owner": int(owner), "fit": float(fits[digit, n])}
        for digit in range(10)
        for n, owner in enumerate(owners)
    ]
    return Picture.of(_stencils_spec(len(owners), words), rows, words("attacked.stencils_heard"))


@lru_cache(32)
def _stencils_spec(count: int, words: Words) -> dict[str, Any]:
    picks = [
        _pick("digit", words("attacked.digit"), 3, list(range(10)), [str(d) for d in range(10)]),
        alt.param(
            name="tried",
            value=count,
            bind=alt.binding_range(min=1, max=count, step=1, name=words("attacked.tried") + " "),
        ),
    ]
    so_far = alt.Chart().transform_filter("datum.digit == digit && datum.n <= tried")
    fit = alt.X("fit:Q", aggregate="max", title=words("attacked.fit"), scale=alt.Scale(domain=[-0.2, 1], clamp=True))
    names = alt.Y("owner:O", title=words("attacked.owner"), scale=alt.Scale(domain=list(range(10))))
    bars = so_far.mark_bar(color=COLOURS["program"]).encode(fit, names)
    now = so_far.transform_filter("datum.n == tried")
    tick = now.mark_tick(color=TRUTH, thickness=3).encode(
        alt.X("fit:Q", title=words("attacked.fit"), scale=alt.Scale(domain=[-0.2, 1], clamp=True)), names
    )
    chart = alt.layer(bars, tick).add_params(*picks)
    return spec(chart, 260)
