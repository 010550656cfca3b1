"""Who misreads the pictures that were made against another: a small matrix."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from dashboard.charts import lazy_altair as alt
from dashboard.charts.style import COLOURS, TRUTH, Picture, Words, percent, shade, spec
from lib.labs.attack.transfer import MADE, NETWORKS, READERS, Transferred

ROW, TOP = 34, 66  # pixels of a reader's line, and of what stands above


def matrix(result: Any, words: Words) -> Picture | None:
    """A line for each reader, a column for what the pictures are; the share that is misread, median over networks."""
    told: Transferred = result
    if np.isnan(told.errors).all():
        return None
    rows = [
        {
            "reader": words(f"transfer.readers.{reader}"),
            "made": words(f"transfer.made.{made}"),
            "share": float(value),
            "says": f"{100 * value:.0f} %",
            "low": float(told.errors[:, column, line].min()),
            "high": float(told.errors[:, column, line].max()),
            "own": reader == made,
        }
        for line, (reader, _) in enumerate(READERS)
        for column, made in enumerate(MADE)
        if (value := told.middle[made, reader]) == value
    ]
    return Picture.of(_spec(words), rows, heard(told, words))


def heard(told: Transferred, words: Words) -> str:
    """The finding for those who do not see it: what the pictures made against each network do to all readers."""
    lines = [
        words(
            "transfer.heard_row",
            made=words(f"transfer.readers.{made}"),
            readers=", ".join(
                words("transfer.heard_one", name=words(f"transfer.readers.{reader}"), share=told.middle[made, reader])
                for reader, _ in READERS
            ),
        )
        for made in NETWORKS
    ]
    return words("transfer.heard", eps=told.within) + " " + " ".join(lines)


@lru_cache(8)
def _spec(words: Words) -> dict[str, Any]:
    readers = [words(f"transfer.readers.{name}") for name, _ in READERS]
    made = [words(f"transfer.made.{one}") for one in MADE]
    lines = "split(datum.label, '|')"
    above = alt.Axis(orient="top", labelAngle=0, labelExpr=lines, ticks=False, domain=False, labelLimit=0)
    beside = alt.Axis(ticks=False, domain=False, labelLimit=0)
    x = alt.X("made:N", title=words("transfer.pictures"), sort=made, scale=alt.Scale(domain=made), axis=above)
    y = alt.Y("reader:N", title=None, sort=readers, scale=alt.Scale(domain=readers), axis=beside)
    tips = [
        alt.Tooltip("reader:N", title=words("transfer.reader")),
        alt.Tooltip("made:N", title=words("transfer.pictures")),
        alt.Tooltip("share:Q", title=words("transfer.misread"), format=".1%"),
        alt.Tooltip("low:Q", title=words("chart.best_seed"), format=".1%"),
        alt.Tooltip("high:Q", title=words("chart.worst_seed"), format=".1%"),
    ]
    strength = alt.Opacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0.04, 0.6]), legend=None)
    cells = alt.Chart().mark_rect(color=COLOURS["network"], cornerRadius=2).encode(x, y, strength, tooltip=tips)
    own = alt.Chart().transform_filter("datum.own").mark_rect(fillOpacity=0, stroke=TRUTH, strokeWidth=2)
    numbers = (
        alt.Chart()
        .mark_text(fontSize=13, fontWeight=600, color=shade("#16181D", "#FFFFFF"))
        .encode(x, y, text=alt.Text("says:N"))
    )
    return spec(alt.layer(cells, own.encode(x, y), numbers), TOP + ROW * len(READERS))


def table(result: Any, words: Words) -> pa.Table | None:
    """The same numbers: a row for each reader and kind of picture."""
    told: Transferred = result
    every = [(line, column) for line in range(len(READERS)) for column in range(len(MADE))]
    some = [told.errors[:, column, line] for line, column in every]
    return pa.table(
        {
            words("transfer.reader"): [words(f"transfer.readers.{READERS[line][0]}") for line, _ in every],
            words("transfer.pictures"): [
                words(f"transfer.made.{MADE[column]}").replace("|", " ") for _, column in every
            ],
        }
        | percent(words("transfer.misread"), [told.middle[MADE[column], READERS[line][0]] for line, column in every])
        | percent(words("chart.best_seed"), [float(one.min()) for one in some])
        | percent(words("chart.worst_seed"), [float(one.max()) for one in some])
    )
