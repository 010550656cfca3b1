"""What is no digit, read by a network that has no "none of these", and by a program that may say "I do not know"."""

from __future__ import annotations

import streamlit as st

from dashboard.app.language import Texts
from dashboard.page import controls, gallery
from dashboard.page.lab_page import Shown
from dashboard.pages.see.charts import doubt
from lib.core import source_of
from lib.labs.see.doubt import COSTS, PROGRAM, USUAL, Doubt

PICTURES = (doubt.strange, doubt.refused, doubt.kinds)
DRAWN = (*PICTURES, doubt.table)


def doubted(shown: Shown | None, words: Texts) -> None:
    """The section, folded."""
    if not controls.visible("doubt"):
        return
    with st.expander(
        f"**{words('doubt.title')}** {words('doubt.fold')}",
        icon=":material/help:",
        expanded=controls.presenting(),
        key="see_doubt_unfolded",
        on_change="rerun",
    ) as unfolded:
        if unfolded.open:
            _unfolded(shown, words)


def _unfolded(shown: Shown | None, words: Texts) -> None:
    """Three pictures, the program's source and the numbers, in tabs; only what stands in the open one is drawn."""
    st.markdown(words("doubt.text"))
    if not shown or shown.result.doubt is None:
        st.caption(words("doubt.later"))
        return
    names = [
        *(words(f"doubt.tabs.{one.__name__}") for one in PICTURES),
        words("doubt.tabs.program"),
        words("stage.data"),
    ]
    *places, program, numbers = st.tabs(names, key=f"see_doubt_{words.language}", on_change="rerun")
    for place, one in zip(places, PICTURES, strict=True):
        with place:
            if place.open:
                gallery.show_picture(st, one, shown.result, shown.mark, words)
                st.caption(words(f"doubt.notes.{one.__name__}"))
    with program:
        if program.open:
            st.code(source_of(PROGRAM), height=420, wrap_lines=True)
    with numbers:
        if numbers.open:
            gallery.show_table(st, doubt.table, shown.result, shown.mark, words)
    st.markdown(found(shown.result.doubt, words))


def found(doubt: Doubt, words: Texts) -> str:
    """What each control still lets through at the usual cost, and what the distance costs where digits differ."""
    usual = COSTS.index(USUAL)
    told = {one: float(doubt.nonsense(one)[usual]) for one in ("confidence", "temperature", "disagreement", "distance")}
    price = {kind: doubt.at("distance", kind) for kind in ("moved", "faint", "overlaid")}
    return words("doubt.found", cost=USUAL, **told) + "  \n" + words("doubt.price", **price)
