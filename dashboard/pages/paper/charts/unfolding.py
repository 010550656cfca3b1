"""What a network does to the paper: a film for the browser's scrubber, and how untangled the classes become."""

from __future__ import annotations

import json
import math
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from dashboard.charts import lazy_altair as alt
from dashboard.charts.style import BEYOND, COLOURS, COVER, TRUTH, VEIL, Motion, Picture, Words, spec
from lib.labs.paper.unfolding import KINDS, Untangled

HEIGHT = 260
UNTOLD = 10.0  # where the axis of a covered picture ends
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def motion(result: Any, words: Words) -> Motion:
    """The first seed's film, with all that is written beside it, in one piece."""
    film = result.film
    frames, dots, axes = film.frames.shape
    head = {
        "key": f"{result.verdict.lab}_film",
        "points": len(film.labels),
        "side": film.side,
        "axes": axes,
        "frames": frames,
        "layers": int(film.layer[-1]) + 1,
        "numerals": len(np.unique(film.labels)) > 8,
        "moves": [
            {"layer": int(layer), "kind": KINDS[kind], "first": int(first)}
            for layer, kind, first in zip(film.layer, film.kind, film.first, strict=True)
        ],
        "words": written(result, words),
        "figures": by_layer(film.untangled, words),
    }
    assert dots == len(film.says)
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 4)
    arrays = (film.reach.astype("<f4"), film.frames.astype("<i2"), film.labels, film.says)
    return Motion(len(text).to_bytes(4, "little") + text + b"".join(one.tobytes() for one in arrays))


def written(result: Any, words: Words) -> dict[str, Any]:
    """Every sentence that the scrubber shows, with this run's numbers."""
    film = result.film
    right = ", ".join(words("film.share", share=one) for one in result.accuracy)
    told = [words("film.told", loss=result.loss[0], right=right)]
    if not film.side:
        told.append(words("film.digits", shown=len(film.labels)))
    if film.room > 3:
        told.append(words("film.projected", room=film.room, axes=film.frames.shape[2], spread=film.spread))
    if not film.whole:
        told.append(words("film.left_out"))
    if result.back == result.back:
        told.append(words("film.back", back=power(result.back)))
    names = (
        "place",
        "reverse",
        "play",
        "pause",
        "back_step",
        "forward",
        "speed",
        "class",
        "wrong",
        "begin",
        "move",
        "paper",
    )
    plain = {name: words_left(words, f"film.{name}") for name in names}
    plain["back"] = plain.pop("back_step")
    return plain | {
        "title": words("film.title", right=result.accuracy[0]),
        "told": " ".join(told),
        "help": words(helped(film)),
        "meant": words("layers.meant") + ("" if film.side else " " + words("layers.held")),
        "kinds": {kind: words(f"film.kinds.{kind}") for kind in KINDS},
    }


def helped(film: Any) -> str:
    """Which help fits: digits lie on no paper, a plane is pulled through its moves, a space is turned."""
    if not film.side:
        return "film.help_digits"
    return "film.help3" if film.frames.shape[2] > 2 else "film.help2"


def power(value: float) -> str:
    """The next power of ten above, but none below what a number of 64 bits can tell: 3e-16 -> 10⁻¹⁵."""
    return "10" + str(math.ceil(math.log10(max(value, 1e-16)))).translate(RAISED)


def words_left(words: Words, path: str) -> str:
    """A sentence whose placeholders the browser fills in."""
    return words(path, **{name: f"{{{name}}}" for name in ("class", "layer", "layers", "kind", "share")})


def by_layer(found: Untangled | None, words: Words) -> list[list[str]]:
    """Rows of the small table below the film: a name, then a figure for each layer boundary, the input's first."""
    if found is None:
        return []
    shares = [
        [words(f"layers.{name}"), *(words("film.share", share=float(one)) for one in told)]
        for name, told in (("probe", found.probe), ("purity", found.purity))
    ]
    pieces = [
        str(int(one.sum())) if len(one) > 4 else " + ".join(str(int(piece)) for piece in one) for one in found.pieces
    ]
    head = [words("layers.at"), words("layers.input"), *(str(at) for at in range(1, len(found.probe)))]
    return [head, *shares, [words("layers.all_pieces"), *pieces]]


def layers_table(result: Any, words: Words) -> pa.Table | None:
    """The same, a row for each layer boundary, the pieces of each class apart."""
    found = result.film.untangled
    if found is None:
        return None
    told: dict[str, Any] = {
        words("layers.at"): list(range(len(found.probe))),
        words("layers.probe"): found.probe,
        words("layers.purity"): found.purity,
    }
    kinds = np.unique(result.film.labels)
    return pa.table(
        told | {words("layers.pieces", kind=int(kind)): found.pieces[:, column] for column, kind in enumerate(kinds)}
    )


def steepness(result: Any, words: Words) -> Picture:
    """How steeply the answer rises at the jump while the network learns: median over seeds, a band over all.

    Before the guess there are the axes alone, with a scale that tells nothing of it.
    """
    steps = result.steep.tolist()
    rows: list[dict[str, object]] = [
        {"step": step, "steep": middle, "low": low, "high": high, VEIL: BEYOND} for step, middle, low, high in steps
    ]
    rows += [
        {"step": step, "steep": steep, "low": steep, "high": steep, "says": says, VEIL: COVER}
        for step, steep, says in ((steps[0][0], 0.0, words("chart.covered")), (steps[-1][0], UNTOLD, ""))
    ]
    last = result.steep[-1]
    return Picture.of(_steep_spec(words), rows, words("steep.heard", step=last[0], steep=last[1]))


@lru_cache(8)
def _steep_spec(words: Words) -> dict[str, Any]:
    x = alt.X("step:Q", title=words("steep.step"), axis=alt.Axis(grid=False, tickCount=6))
    y = alt.Y("steep:Q", title=words("steep.steep"), axis=alt.Axis(tickCount=5))
    drawn = alt.Chart()
    shown = lambda opacity: alt.condition("isValid(datum.says)", alt.value(0), alt.value(opacity))  # noqa: E731
    tips = [
        alt.Tooltip("step:Q", title=words("steep.step")),
        alt.Tooltip("steep:Q", title=words("steep.steep"), format=".3~f"),
    ]
    layers = [
        drawn.mark_area(color=COLOURS["network"]).encode(x, alt.Y("low:Q"), alt.Y2("high:Q"), opacity=shown(0.18)),
        drawn.mark_line(strokeWidth=2.5, color=COLOURS["network"]).encode(x, y, opacity=shown(1)),
        drawn.mark_point(size=30, filled=True, color=COLOURS["network"]).encode(x, y, opacity=shown(0.9), tooltip=tips),
        drawn.transform_filter("isValid(datum.says)")
        .mark_text(fontSize=14, fontWeight=600, color=TRUTH, lineBreak="|")
        .encode(
            x=alt.XValue(alt.ExprRef("width / 2")), y=alt.YValue(alt.ExprRef("height / 2")), text=alt.Text("says:N")
        ),
    ]
    return spec(alt.layer(*layers), HEIGHT)


def steep_table(result: Any, words: Words) -> pa.Table:
    """The same numbers, a row a snapshot."""
    step, middle, low, high = result.steep.T
    return pa.table(
        {
            words("steep.step"): step,
            words("steep.steep"): middle,
            words("steep.least"): low,
            words("steep.most"): high,
        }
    )
