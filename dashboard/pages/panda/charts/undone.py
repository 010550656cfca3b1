"""What undoes the attack: what the network reads in the attacked picture once it has been stored, moved or turned."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from dashboard.charts import lazy_altair as alt
from dashboard.charts.style import BEYOND, COLOURS, COVER, TRUTH, VEIL, Picture, Words, percent, shade, spec
from lib.labs.panda.scene import UNDOES
from lib.tasks.photos.classes import name

HEIGHT = 300
WIDE = 620  # pixels, from where on a cell has room for a name
MARKS = {"target": "✗", "source": "✓", "other": "?"}
ROWS = UNDOES[1:]


def undone(result: Any, words: Words) -> Picture | None:
    """A small table of marks: rows are what happens to the file, columns ε; None while nothing is known."""
    scene, sizes = result.scene, result.verdict.axis.exam
    if (scene.undone_reads < 0).all():
        return None
    rows: list[dict[str, Any]] = [
        {"eps": f"{eps:g}", "what": words(f"undone.what.{what}"), **cell(scene, row, column + 1, words)}
        | {VEIL: BEYOND if eps else None}
        for row, eps in enumerate(sizes)
        for column, what in enumerate(ROWS)
        if scene.undone_reads[row, column + 1] >= 0
    ]
    hidden = words("chart.covered").replace("|", " ")
    rows += [
        {"eps": f"{eps:g}", "what": words(f"undone.what.{what}"), "kind": "other", "mark": "…", "says": hidden}
        | {VEIL: COVER}
        for eps in sizes[1:]
        for what in ROWS
    ]
    return Picture.of(_spec(sizes, words), rows, heard(scene, sizes, words))


def cell(scene: Any, row: int, column: int, words: Any) -> dict[str, Any]:
    """What is read there and how surely, as a mark where there is little room; whose class that is."""
    reads, sure = int(scene.undone_reads[row, column]), float(scene.undone[row, column, 2])
    kind = {scene.target: "target", scene.source: "source"}.get(reads, "other")
    says = words("undone.cell", mark=MARKS[kind], name=name(reads, words.language), sure=sure)
    return {"kind": kind, "mark": MARKS[kind], "says": says}


def heard(scene: Any, sizes: Any, words: Any) -> str:
    """For each change up to where the picture is still read as the target."""
    told = []
    for column, what in enumerate(ROWS, 1):
        hit = [f"{eps:g}" for eps, reads in zip(sizes, scene.undone_reads[:, column], strict=True) if eps]
        hit = [eps for eps, at in zip(hit, scene.undone_reads[1:, column], strict=True) if at == scene.target]
        kind = "some" if hit else "none"
        told.append(words(f"undone.heard_{kind}", what=words(f"undone.what.{what}"), sizes=", ".join(hit)))
    return words("undone.heard", target=name(scene.target, words.language), rows="; ".join(told))


@lru_cache(8)
def _spec(sizes: tuple[float, ...], words: Words) -> dict[str, Any]:
    across = [f"{eps:g}" for eps in sizes]
    down = [words(f"undone.what.{what}") for what in ROWS]
    x = alt.X("eps:O", title=words("axes.ε"), sort=across, scale=alt.Scale(domain=across), axis=alt.Axis(labelAngle=0))
    y = alt.Y("what:O", title=None, sort=down, scale=alt.Scale(domain=down), axis=alt.Axis(labelLimit=110))
    hues = alt.Scale(domain=list(MARKS), range=[COLOURS["network"], COLOURS["program"], TRUTH])
    colour = alt.Color("kind:N", scale=hues, legend=None)
    tips = [alt.Tooltip("what:N", title=words("undone.title")), alt.Tooltip("says:N", title=words("undone.read"))]
    drawn = alt.Chart()
    key = alt.Chart(alt.Data(values=[{"says": words("undone.key")}]))
    layers = [
        drawn.mark_rect(opacity=0.3, cornerRadius=3, stroke=alt.ExprRef("background"), strokeWidth=2).encode(
            x, y, colour, tooltip=tips
        ),
        drawn.mark_text(
            fontSize=12,
            fontWeight=600,
            color=shade("#1A1A1A", "#F2F2F2"),
            text=alt.ExprRef(f"width > {WIDE} ? datum.says : datum.mark"),
        ).encode(x, y),
        key.mark_text(align="left", baseline="bottom", dy=-6, fontSize=12, color=TRUTH, limit=alt.ExprRef("width + 90"))
        .encode(x=alt.XValue(-80), y=alt.YValue(0), text=alt.Text("says:N")),
    ]  # fmt: skip
    return spec(alt.layer(*layers), HEIGHT)


def table(result: Any, words: Any) -> pa.Table | None:
    """The same as numbers, a row for each ε and change, what is not rounded to whole levels included."""
    scene, sizes = result.scene, result.verdict.axis.exam
    if (scene.undone_reads < 0).all():
        return None
    row, column = np.nonzero(scene.undone_reads >= 0)
    return pa.table(
        {
            words("axes.ε"): np.array(sizes)[row],
            words("undone.title"): [words(f"undone.what.{UNDOES[one]}") for one in column],
            words("undone.read"): [name(int(one), words.language) for one in scene.undone_reads[row, column]],
        }
        | percent(words("undone.sure"), scene.undone[row, column, 2])
    )


def needed(result: Any, words: Any) -> pa.Table | None:
    """For each photo and target the least ε at which the photo is read as the target, endless where none did."""
    contest = result.contest
    if not contest.asked.any():
        return None
    row, column = np.indices(contest.needed.shape)
    photos = [words(f"knobs.animal.choices.{one}") for one in contest.photos]
    return pa.table(
        {
            words("needed.photo"): [photos[one] for one in column.ravel()],
            words("needed.target"): [name(int(one), words.language) for one in contest.targets.ravel()],
            words("needed.least"): contest.needed[row, column].ravel(),
        }
    )
