"""What a network does to the paper: a film for the browser's scrubber, and how untangled the classes become."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from dashboard.charts import lazy_altair as alt
from dashboard.charts.recipe import settings
from dashboard.charts.style import BEYOND, COLOURS, COVER, TRUTH, VEIL, Motion, Picture, Words, percent, spec
from lib.labs.paper.unfolding import FULL, KINDS, Untangled
from lib.tasks.paper.crumple import smooth
from lib.tasks.paper.sheet import Sheet

HEIGHT = 260
NOBODY = 255  # what says nothing of a place of the paper
UNTOLD = 10.0  # where the axis of a covered picture ends
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def motion(result: Any, words: Words) -> Motion:
    """The first seed's film, with all that is written beside it; until the guess the sheet alone, as it is crumpled."""
    return Motion(_packed(result, words), _packed(result, words, covered=True))


def _packed(result: Any, words: Words, *, covered: bool = False) -> bytes:
    film = result.film
    begun = _crumpling(result)
    frames, reach = begun.frames, begun.reach
    says = np.concatenate([film.labels, np.full(film.side**2, NOBODY, np.uint8)])
    if not covered:
        frames, reach = np.concatenate([frames, film.frames[1:]]), np.concatenate([reach, film.reach[1:]])
        says = film.says
    folds = len(begun.frames) - 1
    moves = [{"layer": -1, "kind": "fold", "first": fold} for fold in range(folds)]
    for layer, kind, first in zip(film.layer, film.kind, film.first, strict=True):
        moves += [] if covered else [{"layer": int(layer), "kind": KINDS[kind], "first": folds + int(first)}]
    assert len(says) == frames.shape[1]
    head = {
        "key": f"{result.verdict.lab}_film",
        "covered": covered,
        "points": len(film.labels),
        "side": film.side,
        "axes": frames.shape[2],
        "frames": len(frames),
        "layers": int(film.layer[-1]) + 1,
        "numerals": len(np.unique(film.labels)) > 8,
        "moves": moves,
        "words": written(result, words, covered=covered),
        "figures": [] if covered else by_layer(film.untangled, words),
    }
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 4)
    arrays = (reach.astype("<f4"), frames.astype("<i2"), film.labels, says)
    return len(text).to_bytes(4, "little") + text + b"".join(one.tobytes() for one in arrays)


@dataclass(frozen=True)
class Begun:
    """What lies before a network: the sheet flat, then after each of its folds; of one that is flat, that alone.

    frames, reach: as in lib.labs.paper.unfolding.Film, whose first frame is the last one here.
    """

    frames: np.ndarray
    reach: np.ndarray


def _crumpling(result: Any) -> Begun:
    """The folds are those of the recipe, undone for the points that the film shows, along the film's own axes."""
    film, told = result.film, settings(result.verdict.recipe)
    if told["shape"] != "sheet":
        return Begun(film.frames[:1], film.reach[:1])
    task = Sheet("sheet", told["crumple"], seed=told["seed"])
    seen = film.frames[0] / FULL * film.reach[0]
    axes = np.linalg.lstsq(task.lines(film.side), seen[len(film.labels) :], rcond=None)[0]
    x = smooth(seen @ np.linalg.pinv(axes), task.folds)
    states = []
    for fold in task.folds:
        states.append(x @ axes)
        x = x + fold.wave(x)
    reach = np.linalg.norm(states, axis=2).max(axis=1)
    frames = np.round(states / reach[:, None, None] * FULL).astype(np.int16)
    return Begun(np.concatenate([frames, film.frames[:1]]), np.concatenate([reach, film.reach[:1]]))


PLAIN = (
    *("place", "reverse", "play", "pause", "back_step", "forward", "speed"),
    *("class", "wrong", "begin", "flat", "fold", "move", "paper", "more"),
)
SLOTS = ("class", "layer", "layers", "kind", "share", "fold", "folds")


def written(result: Any, words: Words, *, covered: bool = False) -> dict[str, Any]:
    """Every sentence that the scrubber shows, with this run's numbers but while they are covered."""
    film = result.film
    plain = {name: words_left(words, f"film.{name}") for name in PLAIN}
    plain["back"] = plain.pop("back_step")
    return plain | {
        "title": words("film.sheet") if covered else words("film.title", right=result.accuracy[0]),
        "told": words("film.covered") if covered else told(result, words),
        "help": words(helped(film)),
        "meant": words("layers.meant") + ("" if film.side else " " + words("layers.held")),
        "kinds": {kind: words(f"film.kinds.{kind}") for kind in KINDS},
    }


def told(result: Any, words: Words) -> str:
    """What there is to say of a whole film."""
    film = result.film
    right = ", ".join(words("film.share", share=one) for one in result.accuracy)
    said = [words("film.told", loss=result.loss[0], right=right)]
    if not film.side:
        said.append(words("film.digits", shown=len(film.labels)))
    if film.room > 3:
        said.append(words("film.projected", room=film.room, axes=film.frames.shape[2], spread=film.spread))
    if not film.whole:
        said.append(words("film.left_out"))
    if result.back == result.back:
        said.append(words("film.back", back=power(result.back)))
    return " ".join(said)


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
    return words(path, **{name: f"{{{name}}}" for name in SLOTS})


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
    told: dict[str, Any] = {words("layers.at"): list(range(len(found.probe)))}
    told |= percent(words("layers.probe"), found.probe) | percent(words("layers.purity"), found.purity)
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
