"""Points of a visitor's own: drawn on a pad or pasted as a table, checked, and put into the knob that carries them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.app.components import mounted
from dashboard.app.language import Texts
from dashboard.page import controls, fragments
from dashboard.scrubber import HERE
from lib.core import Lab
from lib.tasks.paper.drawn import CLASSES, COLUMNS, MOST, FaultyPointsError, encode, parse

LONGEST = 400 * MOST  # letters of a pasted table; a longer one the browser drops without a word


def own(lab: type[Lab], words: Texts) -> None:
    """A pad and a field to paste into; what is wrong with the points is said here, with row and column."""
    with st.expander(
        words("points.title"), icon=":material/draw:", key=f"{lab.name}_own", on_change="rerun"
    ) as unfolded:
        if not unfolded.open:
            return
        st.markdown(words("points.text", most=MOST, last=CLASSES - 1))
        fault = st.session_state.get(f"{lab.name}_points_fault")
        if fault:
            st.error(explained(fault, words), icon=":material/error:")
        drawn, pasted = st.columns(2, gap="large")
        with drawn:
            _pad(lab, words)
        with pasted:
            place = f"{lab.name}_pasted"
            st.text_area(words("points.paste"), key=place, height=240, max_chars=LONGEST, placeholder="x, y, class")
            st.button(words("points.use_table"), key=f"{lab.name}_use", on_click=_use, args=(lab, place))


def _pad(lab: type[Lab], words: Texts) -> None:
    key = f"{lab.name}_pad"
    told = {name: words(f"points.{name}") for name in ("undo", "clear", "use", "class", "pad")}
    told |= {"title": told.pop("pad"), "count": words("points.count", count="{count}", classes="{classes}")}
    told |= {"at": words("points.at", x="{x}", y="{y}")}
    mounted("pad", HERE)(
        key=key,
        data=[{"key": key, "words": told, "most": MOST, "classes": CLASSES}],
        on_rows_change=lambda: _use(lab, key),
    )


def _use(lab: type[Lab], place: str) -> None:
    """Read the rows that stand at a place of the session; if they can be used, turn the knobs to them."""
    told: Any = st.session_state.get(place)
    rows = told if isinstance(told, str) else getattr(told, "rows", None)
    said = f"{lab.name}_points_fault"
    try:
        st.session_state[controls.key(lab, "points")] = encode(parse(rows if isinstance(rows, str) else ""))
        st.session_state[controls.key(lab, "shape")] = "drawn"
        st.session_state.pop(said, None)
    except FaultyPointsError as fault:
        st.session_state[said] = fault.with_traceback(None)  # said anew in whichever language; without the frames
        return
    fragments.rerun_changed(lab, fragments.KNOBS, "below")


def explained(fault: FaultyPointsError, words: Texts) -> str:
    """What is wrong with pasted points and what to do, in the visitor's language, with row and column."""
    column = COLUMNS[fault.column - 1] if fault.column else ""
    where = words("points.cell", row=fault.row, column=column) if column else words("points.row", row=fault.row)
    told = words(f"points.faults.{fault.what}", got=controls.escaped(fault.got, 40), most=MOST, last=CLASSES - 1)
    return f"{where} {told}" if fault.row else told
