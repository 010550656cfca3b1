"""The look that all charts share: one colour and one dash for each role, the same in light and dark.

A picture is a spec and rows. Building a spec takes Altair tens of milliseconds, so each is built once for all runs
that differ in numbers only, and a running job sends new rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pyarrow as pa

from dashboard.charts import lazy_altair as alt
from lib.core import Kind, Verdict

Words = Callable[..., str]

# Wong's colour-blind safe palette (Nature Methods 8, 441, 2011), where it keeps a contrast of 3:1 on both backgrounds.
COLOURS = {"network": "#D55E00", "program": "#0072B2", "control": "#009E73", "baseline": "#A8618F"}
DASHES = {"network": [1, 0], "program": [8, 3], "control": [3, 2], "baseline": [10, 3, 2, 3]}
SIBLINGS = ([1, 0], [6, 2, 1, 2], [2, 3], [12, 4])  # further contestants of one role
TRUTH = "#808080"
# What is written about each, on a light and on a dark background: no shade of any hue has 4.5:1 on both of ours.
INKS = {
    "network": ("#A84A00", "#E8752A"),
    "program": ("#00639C", "#4BA3E0"),
    "control": ("#00704F", "#1DB38A"),
    "baseline": ("#8F4A78", "#C98BB4"),
    "truth": ("#626262", "#A3A3A3"),
}
ROLE_OF = {colour: role for role, colour in COLOURS.items()} | {TRUTH: "truth"}
LABEL, TITLE = 12, 14  # pixels of the letters at an axis; no letter of a chart is smaller than the first
LARGER, TALLEST = 1.5, 430  # on a projector: letters, by this factor; a picture with its question fits the screen
INTEGERS = ((pa.int8(), 2**7), (pa.int16(), 2**15), (pa.int32(), 2**31), (pa.int64(), 2**63))


VEIL, BEYOND, COVER = "veil", "beyond", "cover"
GUESS = "guess"  # the parameter of a chart that says which option a visitor has picked


@dataclass(frozen=True)
class Picture:
    """A chart: a Vega-Lite spec that stays while its rows move, the rows as Arrow IPC bytes, and a text to be heard.

    covered: the rows for a visitor who has not guessed yet; None if nothing of it may be seen then.
    """

    spec: dict[str, Any]
    rows: bytes
    alt: str
    covered: bytes | None = None

    @classmethod
    def of(cls, spec: dict[str, Any], rows: Sequence[dict[str, object]], alt: str) -> Picture:
        """Rows become bytes here, once, not at each rerun; as few as will do, since each rerun hashes them.

        A row whose VEIL is BEYOND answers the guess, and is left out until that is made; one whose VEIL is COVER is
        drawn until then, and no longer. A picture in which no row says either is shown only afterwards.
        """
        columns = dict.fromkeys(name for row in rows for name in row if name != VEIL)
        veils = {row.get(VEIL) for row in rows}

        def without(veil: str) -> bytes:
            kept = [row for row in rows if row.get(VEIL) != veil]
            return written(pa.table({name: narrow([row.get(name) for row in kept]) for name in columns}))

        return cls(spec, without(COVER), alt, without(BEYOND) if {BEYOND, COVER} & veils else None)

    @property
    def table(self) -> pa.Table:
        return read(self.rows)


@dataclass(frozen=True)
class Motion:
    """What moves in the browser alone: the bytes that a component of ours takes, and which one.

    covered: what of it a visitor may see who has not guessed yet; None for nothing.
    plays: the component's folder, from the root of the repository; its files bear the folder's name.
    """

    packed: bytes
    covered: bytes | None = None
    plays: str = "dashboard/scrubber"

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.packed) + len(self.covered or b"")


Roles = tuple[tuple[str, Kind], ...]
"""Who is in a picture, by name and kind: what its spec depends on, apart from the axis."""


def roles(verdict: Verdict) -> Roles:
    return tuple((one.name, one.kind) for one in verdict.answerers)


def dashes(who: Roles) -> list[list[int]]:
    """A dash for each: its kind's own for the first of a kind, another one for each that follows."""
    seen: dict[str, int] = {}
    told = []
    for _, kind in who:
        rank = seen[kind] = seen.get(kind, -1) + 1
        told.append(DASHES[kind] if rank == 0 else SIBLINGS[rank % len(SIBLINGS)])
    return told


def colours(who: Roles) -> list[str]:
    return [COLOURS[kind] for _, kind in who]


def ink(role: str) -> alt.ExprRef:
    """The colour of words about a role; the browser picks it by the background that it draws on."""
    return shade(*INKS[role])


def shade(light: str, dark: str) -> alt.ExprRef:
    """One of two colours: for light backgrounds, and for dark ones."""
    return alt.ExprRef(f"luminance(background) > 0.3 ? '{light}' : '{dark}'")


def inks(who: Roles) -> list[alt.ExprRef]:
    return [ink(kind) for _, kind in who]


def haloed(words: alt.Chart, colour: alt.Fill | alt.FillValue, **look: Any) -> list[alt.Chart]:
    """Words that are read on top of lines: their own shape, wider, in the background's colour, stands behind them."""
    ground = alt.ExprRef("background")
    return [
        words.mark_text(**look, color=ground, stroke=ground, strokeWidth=4, strokeJoin="round"),
        words.mark_text(**look).encode(colour),
    ]


def narrow(values: Sequence[Any]) -> pa.Array:
    """A column in the least room in which it looks the same: small integers, single precision, each text once."""
    kinds = {bool if isinstance(one, bool) else type(one) for one in values if one is not None}
    if kinds == {int}:
        most = max(abs(one) for one in values if one is not None)
        return pa.array(values, next(kind for kind, end in INTEGERS if most < end))
    if kinds and all(issubclass(kind, float) or kind is int for kind in kinds):
        return pa.array(values, pa.float32())
    if kinds == {str} and 2 * len(set(values)) < len(values):
        texts = list(dict.fromkeys(one for one in values if one is not None))
        places = {text: place for place, text in enumerate(texts)}
        return pa.DictionaryArray.from_arrays(pa.array(map(places.get, values), pa.int32()), pa.array(texts))
    return pa.array(values)


def percent(head: str, shares: Iterable[float | None]) -> dict[str, list[float | None]]:
    """A column of a table: shares as the pictures have them, in percent."""
    told = [None if one is None or not math.isfinite(one) else float(f"{100 * one:.4g}") for one in shares]
    return {f"{head} [%]": told}


def yes_or_no(true: Iterable[Any], words: Words) -> list[str]:
    """A column's values in words: as switches they would look as if one could turn them."""
    return [words("chart.yes" if one else "chart.no") for one in true]


def written(table: pa.Table) -> bytes:
    """A table as an Arrow IPC stream, as Streamlit sends it to the browser."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()


def read(stream: bytes) -> pa.Table:
    """The table that was written. Raises pyarrow.ArrowInvalid if the bytes are none."""
    return pa.ipc.open_stream(stream).read_all()


def snapping(name: str, label: str, values: Sequence[float], start: float) -> alt.Parameter:
    """A slider over a range of values that counts as the nearest of them; rows say theirs with `snap`."""
    low, high = values[0], values[-1]
    step = 10 ** math.floor(math.log10((high - low) / 100))
    bind = alt.binding_range(min=low, max=high, step=step, name=label + " ")
    return alt.param(name=name, value=start, bind=bind)


def snap(name: str, values: Sequence[float]) -> list[dict[str, object]]:
    """For each value the part of the slider `name` that belongs to it."""
    middles = [(a + b) / 2 for a, b in pairwise(values)]
    low, high = [values[0] - 1, *middles], [*middles, values[-1] + 1]
    return [{f"{name}_from": a, f"{name}_to": b} for a, b in zip(low, high, strict=True)]


def snapped(name: str) -> str:
    """The filter that keeps the rows that the slider `name` stands at."""
    return f"datum.{name}_from <= {name} && {name} < datum.{name}_to"


def spec(chart: alt.TopLevelMixin, height: int) -> dict[str, Any]:
    """The chart as a dict without data, as wide as its container.

    Words in a role's colour are drawn in its ink.
    Tests hold each against Vega-Lite's schema; here that would take as long as all the rest of building it.
    """
    told = chart.properties(width="container", height=height).to_dict(validate=False)
    told.pop("$schema", None)
    told.pop("datasets", None)  # what Altair makes of no data; Streamlit would convert and send it at every rerun
    for part in (told, *told.get("layer", ())):
        if part.get("data") == {"name": "empty"}:
            del part["data"]  # it draws the table that comes with the spec
    told["autosize"] = {"type": "fit", "contains": "padding"}
    letters = {"labelFontSize": LABEL, "titleFontSize": TITLE, "labelColor": {"expr": ink("truth").expr}}
    letters["titleColor"] = letters["labelColor"]
    told["config"] = {"axis": letters | {"labelSeparation": 8}, "legend": letters}
    for part in told.get("layer", [told]):
        mark = part["mark"]
        role = ROLE_OF.get(str(mark.get("color")))
        if mark["type"] == "text" and role:
            mark["color"] = {"expr": ink(role).expr}
        mark["aria"] = "tooltip" in part.get("encoding", ())  # else there is nothing that the alt text lacks
    return told


def enlarged(spec: dict[str, Any]) -> dict[str, Any]:
    """The same chart for a projector: letters, and the room that they take, half as large again."""
    grown = _grown(spec)
    return grown | {"height": min(grown["height"], TALLEST)}


GROWING = {"fontSize", "labelFontSize", "titleFontSize", "labelLimit", "labelSeparation", "dx", "dy", "limit", "height"}


def _grown(told: Any, name: str = "") -> Any:
    if isinstance(told, dict):
        if name in GROWING and "expr" in told:
            return {"expr": f"{LARGER} * ({told['expr']})"}
        return {key: _grown(one, key) for key, one in told.items()}
    if isinstance(told, list):
        return [_grown(one) for one in told]
    grows = isinstance(told, (int, float)) and name in GROWING
    return LARGER * told if grows else told


def with_guess(spec: dict[str, Any], option: int) -> dict[str, Any]:
    """The same chart with the visitor's guess marked in it, if it has a place for one; -1 for none."""
    told = [one | {"value": option} if one["name"] == GUESS else one for one in spec.get("params", ())]
    return spec | {"params": told} if told else spec


def with_title(spec: dict[str, Any], title: str) -> dict[str, Any]:
    """The same chart with a line above it, in a saved picture too."""
    told = {"text": title, "anchor": "start", "fontSize": TITLE, "color": {"expr": ink("truth").expr}}
    return spec | {"title": told}


def apart(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Label places near the `wanted` ones, at least `gap` from each other, kept between low and high where they fit."""
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    placed = [0.0] * len(wanted)
    floor = low
    for index in order:
        placed[index] = floor = max(wanted[index], floor)
        floor += gap
    ceiling = high
    for index in reversed(order):
        placed[index] = min(placed[index], ceiling)
        ceiling = placed[index] - gap
    return placed
