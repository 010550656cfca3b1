"""A digit under attack: the picture, what was added, and what comes out, with what everybody reads in each."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from dashboard.charts import lazy_altair as alt
from dashboard.charts.curves import errors
from dashboard.charts.pixels import ALPHABET, letters, unfolded
from dashboard.charts.style import (
    BEYOND,
    COLOURS,
    COVER,
    TRUTH,
    VEIL,
    Picture,
    Words,
    percent,
    snap,
    snapped,
    snapping,
    spec,
)

HEIGHT = 245
TOP, BOTTOM = 46, 64  # pixels for what is written above and below the pictures
ABOVE = f"height * {TOP / HEIGHT}"
PANELS, GAP = 3, 3  # pictures side by side, and how many of their pixels lie between them
BLANK, GREY = ALPHABET[6], ALPHABET[32]  # what covered pictures are of: hardly inked, and unchanged
ANY = 10


def row(result: Any, words: Words) -> Picture | None:
    """original + change (magnified) = attacked, for the digit, target and ε that the browser picks from one sweep.

    All pictures of the sweep travel once, as letters; the browser unfolds the picked one into pixels. Before the guess
    there is the original alone. While the network still learns, errors against ε stand there, as far as they are known.
    """
    if result.scene is None:
        return errors(result.verdict, words, height=HEIGHT + 40) if result.verdict.answerers else None
    told = _row_spec(result.verdict.axis.exam, first(result.scene), words)
    return Picture.of(told, _rows(result, words), words("attacked.heard"))


def first(scene: Any) -> int:
    """The digit to open with: the first that network and program both read rightly as it was written."""
    digits = np.arange(10)
    right = (scene.reads[:, ANY, 0] == digits) & (scene.program[:, ANY, 0] == digits)
    return int(right.argmax())


@lru_cache(32)
def _row_spec(exam: tuple[float, ...], digit: int, words: Words) -> dict[str, Any]:
    picks = [
        _pick("digit", words("attacked.digit"), digit, list(range(10)), [str(d) for d in range(10)]),
        _pick(
            "target", words("attacked.target"), ANY, [ANY, *range(10)], [words("attacked.any"), *map(str, range(10))]
        ),
        snapping("radius", words("attacked.radius"), exam[1:], exam[min(5, len(exam) - 1)]),
    ]
    above = lambda field: f"{ABOVE} - height * ((indexof(datum.{field}, '|') < 0 ? 0 : 17) + 8) / {HEIGHT}"  # noqa: E731
    below = lambda line: f"8 * {size} + {ABOVE} + height * {line * 22 / HEIGHT}"  # noqa: E731
    size = f"min(width / {PANELS * 8 + (PANELS - 1) * GAP}, height * {1 - (TOP + BOTTOM) / HEIGHT} / 8)"
    picked = alt.Chart().transform_filter(
        f"datum.digit == digit && (datum.target < 0 || datum.target == target) && {snapped('radius')}"
    )
    pixels = unfolded(picked, PANELS, size, GAP, ABOVE)
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
        *(_said(picked, panel, size, above(f"head{panel}"), f"head{panel}", TRUTH) for panel in range(PANELS)),
        *(_said(picked, panel, size, below(1), f"net{panel}", COLOURS["network"]) for panel in range(PANELS)),
        *(_said(picked, panel, size, below(2), f"program{panel}", COLOURS["program"]) for panel in range(PANELS)),
        *(_between(picked, panel, size, sign) for panel, sign in ((0, "+"), (1, "="))),
    ]
    chart = alt.layer(*layers).resolve_scale(color="independent").add_params(*picks)
    return spec(chart, HEIGHT)


def _pick(name: str, label: str, value: int, options: list[int], labels: list[str]) -> alt.Parameter:
    return alt.param(name=name, value=value, bind=alt.binding_select(options=options, labels=labels, name=label + " "))


def _said(picked: alt.Chart, panel: int, size: str, top: str, field: str, colour: str) -> alt.Chart:
    """A line of text above or below a picture, or two."""
    return (
        picked.transform_calculate(left=f"{panel * (8 + GAP)} * {size}", top=top)
        .mark_text(align="left", fontSize=14, fontWeight=600, color=colour, lineBreak="|")
        .encode(
            x=alt.X("left:Q", scale=None, axis=None),
            y=alt.Y("top:Q", scale=None, axis=None),
            text=alt.Text(f"{field}:N"),
        )
    )


def _between(picked: alt.Chart, panel: int, size: str, sign: str) -> alt.Chart:
    return (
        picked.transform_calculate(
            left=f"({(panel + 1) * 8 + panel * GAP} + {GAP / 2}) * {size}",
            top=f"4 * {size} + {ABOVE}",
            sign=f"'{sign}'",
        )
        .mark_text(align="center", fontSize=26, fontWeight=600, color=TRUTH)
        .encode(
            x=alt.X("left:Q", scale=None, axis=None), y=alt.Y("top:Q", scale=None, axis=None), text=alt.Text("sign:N")
        )
    )


def _rows(result: Any, words: Words) -> list[dict[str, object]]:
    scene, exam = result.scene, result.verdict.axis.exam
    clean = scene.clean
    rows: list[dict[str, object]] = []
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
        shades = "".join(letters(np.stack([clean[digit], 0.5 + factor * change, shown])))
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
                "shades": shades,
                "head0": original,
                "head1": words("attacked.change", factor=2 * factor),
                "head2": results[radius],
                "program0": program[scene.program[digit, target, 0]],
                "program2": program[scene.program[digit, target, radius]],
                "net1": words("attacked.more"),
                "program1": words("attacked.less"),
                **told,
                VEIL: BEYOND,
            }
        )
    return [*rows, *_untouched(result, words)]


def _untouched(result: Any, words: Words) -> list[dict[str, object]]:
    """Each digit as it was written and is read, in place of all that an attack makes of it."""
    scene = result.scene
    covered, clean = words("chart.covered"), letters(scene.clean)
    return [
        {
            "digit": digit,
            "target": -1,
            **snap("radius", [0.0])[0],
            "shades": clean[digit] + GREY * 64 + BLANK * 64,
            "head0": words("attacked.original"),
            "head1": covered,
            "head2": covered,
            "net0": words("attacked.net", reads=int(scene.reads[digit, ANY, 0]), sure=float(scene.sure[digit, ANY, 0])),
            "program0": words("attacked.program", reads=int(scene.program[digit, ANY, 0])),
            **dict.fromkeys(("net1", "net2", "program1", "program2"), ""),
            VEIL: COVER,
        }
        for digit in range(10)
    ]


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
            words("attacked.program_reads"): scene.program.ravel(),
        }
        | percent(words("attacked.sure"), scene.sure.ravel())
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
    return Picture.of(_stencils_spec(len(owners), first(result.scene), words), rows, words("attacked.stencils_heard"))


@lru_cache(32)
def _stencils_spec(count: int, digit: int, words: Words) -> dict[str, Any]:
    picks = [
        _pick("digit", words("attacked.fitted"), digit, list(range(10)), [str(d) for d in range(10)]),
        alt.param(
            name="tried",
            value=count,
            bind=alt.binding_range(min=1, max=count, step=1, name=words("attacked.tried") + " "),
        ),
    ]
    so_far = alt.Chart().transform_filter("datum.digit == digit && datum.n <= tried")
    scale, axis = alt.Scale(domain=[-0.2, 1], clamp=True), alt.Axis(tickCount=6)
    fit = alt.X("fit:Q", aggregate="max", title=words("attacked.fit"), scale=scale, axis=axis)
    names = alt.Y("owner:O", title=words("attacked.owner"), scale=alt.Scale(domain=list(range(10))))
    bars = so_far.mark_bar(color=COLOURS["program"]).encode(fit, names)
    now = so_far.transform_filter("datum.n == tried")
    tick = now.mark_tick(color=TRUTH, thickness=3).encode(
        alt.X("fit:Q", title=words("attacked.fit"), scale=scale), names
    )
    chart = alt.layer(bars, tick).add_params(*picks)
    return spec(chart, 260)
