"""A row of numbers as it was asked and as it was answered: what is wrong is marked where it stands, and named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache, reduce
from typing import Any

import numpy as np
import pyarrow as pa

from dashboard.charts import lazy_altair as alt
from dashboard.charts.style import BEYOND, COLOURS, COVER, TRUTH, VEIL, Picture, Words, ink, spec
from lib.labs.sort import questions
from lib.tasks.sort import DOUBLED, INVENTED, MISPLACED, RIGHT, WRONG, lost

ACROSS = 16  # numbers in a line
LINE = 22  # pixels
ANSWER = 1.6  # lines that a line of answers takes: below each wrong number stands its sign
KINDS = {DOUBLED: "doubled", INVENTED: "invented", MISPLACED: "misplaced", WRONG: "wrong"}
GLYPHS = {RIGHT: "", DOUBLED: "×", INVENTED: "?", MISPLACED: "↕", WRONG: "≠"}


def answered(result: Any, words: Words) -> Picture | None:
    """The row of a result, its network's answer and the program's, at the length that the browser picks.

    It opens with all of it, whose steps are played below. Beyond training both answers are covered until the guess.
    """
    scene = result.scene
    if scene is None:
        return None
    depth = _lines(scene.row) + 2 * ANSWER * _lines(scene.truth[-1]) + 4
    told = _spec(tuple(map(int, scene.lengths)), depth, words)
    longest = result.verdict.axis.train[1]
    return Picture.of(told, _rows(scene, questions(result), longest, words), words("row.heard"))


def _lines(numbers: np.ndarray) -> int:
    return -(-len(numbers) // ACROSS)


@lru_cache(64)
def _spec(lengths: tuple[int, ...], depth: float, words: Words) -> dict[str, Any]:
    pick = alt.param(
        name="length",
        value=lengths[-1],
        bind=alt.binding_range(min=lengths[0], max=lengths[-1], step=1, name=words("row.length") + " "),
    )
    x = alt.X("column:Q", axis=None, scale=alt.Scale(domain=[0, ACROSS], nice=False))
    y = alt.Y("line:Q", axis=None, scale=alt.Scale(domain=[depth, 0], nice=False))
    now = alt.Chart().transform_filter("datum.from <= length && length < datum.to")
    cells = now.transform_filter("datum.part == 'cell'")
    wrong = cells.transform_filter("datum.glyph != ''")
    middle = {"x": alt.X("middle:Q", axis=None), "y": alt.Y("centre:Q", axis=None)}
    inks = [ink(role) for role in HEADS.values()]
    layers = [
        cells.mark_rect(color=TRUTH, opacity=0.14, cornerRadius=3).encode(
            x, y, x2=alt.X2("right:Q"), y2=alt.Y2("bottom:Q")
        ),
        wrong.mark_rect(color=COLOURS["network"], fillOpacity=0.14, stroke=COLOURS["network"], cornerRadius=3).encode(
            x, y, x2=alt.X2("right:Q"), y2=alt.Y2("bottom:Q")
        ),
        cells.mark_text(fontSize=13, fontWeight=600, color=TRUTH).encode(**middle, text=alt.Text("says:N")),
        wrong.mark_text(fontSize=13, fontWeight=700, color=COLOURS["network"]).encode(
            middle["x"], alt.Y("under:Q", axis=None), text=alt.Text("glyph:N")
        ),
        now.transform_filter("datum.part == 'head'")
        .mark_text(align="left", baseline="bottom", fontSize=13, fontWeight=600, dy=-3, limit=alt.ExprRef("width"))
        .encode(
            x,
            y,
            text=alt.Text("says:N"),
            fill=alt.Fill("who:N", legend=None, scale=alt.Scale(domain=list(HEADS), range=inks)),
        ),
    ]
    return spec(alt.layer(*layers).add_params(pick), round(depth * LINE))


HEADS = {"asked": "truth", "network": "network", "program": "program", "legend": "truth"}


def _rows(scene: Any, questions: list[np.ndarray], longest: float, words: Words) -> list[dict[str, object]]:
    starts = [int(scene.lengths[0]) - 1, *map(int, scene.lengths[1:])]
    ends = [*map(int, scene.lengths[1:]), int(scene.lengths[-1]) + 1]
    rows: list[dict[str, object]] = []
    for at, length in enumerate(map(int, scene.lengths)):
        asked, truth = questions[at], _kept(scene.truth[at])
        network, program = scene.network[at][: len(truth)], scene.program[at][: len(truth)]
        marks = scene.marks[at][: len(truth)]
        slips = np.where(program == truth, RIGHT, WRONG)
        legend = "   ".join(
            f"{GLYPHS[kind]} {words(f'row.kinds.{KINDS[kind]}')}" for kind in sorted({*marks} - {RIGHT})
        )
        first = _lines(asked) + 2.0  # where the answers begin
        second = first + ANSWER * _lines(truth) + 1
        last = second + ANSWER * _lines(truth) + 1
        answers: list[dict[str, object]] = [
            {"part": "head", "who": "network", "says": _said(asked, network, marks, words), "line": first},
            {"part": "head", "who": "program", "says": _judged(slips, words), "line": second},
            {"part": "head", "who": "legend", "says": legend, "line": last},
            *_cells(network, marks, first, ANSWER),
            *_cells(program, slips, second, ANSWER),
        ]
        covers: list[dict[str, object]] = [
            {"part": "head", "who": who, "says": words("row.covered", who=words(f"names.{who}")), "line": line}
            for who, line in (("network", first), ("program", first + 1))
        ]
        here: list[dict[str, object]] = [
            {"part": "head", "who": "asked", "says": words("row.asked", length=length), "line": 1.0},
            *_cells(asked, np.zeros_like(asked), 1.0, 1.0),
        ]
        here += [one | {VEIL: BEYOND if length > longest else None} for one in answers]
        here += [one | {VEIL: COVER} for one in covers if length > longest]
        rows += [{"column": 0} | one | {"from": starts[at], "to": ends[at]} for one in here]
    return rows


def _kept(numbers: np.ndarray) -> np.ndarray:
    return numbers[numbers >= 0]


def _cells(numbers: np.ndarray, marks: np.ndarray, top: float, line: float) -> list[dict[str, object]]:
    return [
        {
            "part": "cell",
            "says": str(number) if number >= 0 else "",
            "glyph": GLYPHS[mark],
            "column": at % ACROSS + 0.04,
            "right": at % ACROSS + 0.96,
            "middle": at % ACROSS + 0.5,
            "line": top + line * (at // ACROSS) + 0.06,
            "bottom": top + line * (at // ACROSS + 1) - 0.06,
            "centre": top + line * (at // ACROSS) + 0.5,
            "under": top + line * (at // ACROSS) + 1.12,
        }
        for at, (number, mark) in enumerate(zip(numbers.tolist(), marks.tolist(), strict=True))
    ]


def _said(asked: np.ndarray, answer: np.ndarray, marks: np.ndarray, words: Words) -> str:
    """How many are wrong in the network's answer, and how."""
    counts = Counter(marks[marks != RIGHT].tolist())
    if not counts:
        return words("row.right", who=words("names.network"))
    ways = [words("row.so_many", count=count, kind=words(f"row.kinds.{KINDS[kind]}")) for kind, count in counts.items()]
    gone = [] if WRONG in counts else lost(asked, answer)
    told = words(
        "row.wrong",
        who=words("names.network"),
        wrong=sum(counts.values()),
        of=len(answer),
        how=_listed(ways, words),
    )
    return told + (
        words("row.lost", numbers=_listed(map(str, gone[:8]), words) + (" …" if gone[8:] else "")) if gone else ""
    )


def _listed(ones: Iterable[str], words: Words) -> str:
    return reduce(lambda one, other: words("row.both", one=one, other=other), ones)


def _judged(slips: np.ndarray, words: Words) -> str:
    wrong = int((slips != RIGHT).sum())
    if not wrong:
        return words("row.right", who=words("names.program"))
    return words("row.off", who=words("names.program"), wrong=wrong, of=len(slips))


def table(result: Any, words: Words) -> pa.Table | None:
    """The row at each length, the right answer and both that were given."""
    scene = result.scene
    if scene is None:
        return None
    say = lambda rows: [" ".join(map(str, _kept(row).tolist())) for row in rows]  # noqa: E731
    return pa.table(
        {
            words("axes.length"): scene.lengths,
            words("row.question"): say(questions(result)),
            words("row.truth"): say(scene.truth),
            words("names.network"): say(scene.network),
            words("names.program"): say(scene.program),
        }
    )
