"""Home: the question, and a card for each lab with what its shipped run found."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.app import live
from dashboard.app.language import Texts
from dashboard.page import gallery, guess
from dashboard.page.verdict import card
from lib.core import opening
from lib.labs import LABS


def show() -> None:
    """Draw the page."""
    words = Texts(st.session_state["language"], "home")
    st.session_state["page"] = "home"  # so that a lab's page knows a return from its own link without knobs
    st.title(words("question"), anchor=False)
    st.markdown(words("intro"))
    for lab, column in zip(LABS.values(), _columns(), strict=False):
        said = Texts(words.language, lab.name)
        with column.container(border=True):
            opens = opening(lab)
            found = live.finished(opens)
            covered = not guess.opened(lab)
            finding = words("covered") if covered else card(found[0].verdict, said) if found else ""
            st.header("\n".join([said("title"), f"**{said('question')}**", "", finding]), anchor=False)
            if found:
                page = import_module(f"dashboard.pages.{lab.name}.page").PAGE
                mark = gallery.mark(opens, shipped=found[1])
                with st.container(key=f"{lab.name}_card"):  # its room is kept: see app/browser/index.css
                    gallery.show_picture(st, page.card, found[0], mark, said, covered=covered)
            link = st.session_state["pages"][lab.name]
            st.page_link(link, label=words("open", title=said("title")), icon=":material/arrow_forward:")
    st.header(f"{words('way')}\n{words('legend')}\n\n:small[:gray[{words('essay')}]]", anchor=False)


def _columns() -> Iterator[DeltaGenerator]:
    """One card's place after the other. A row is there only when it is filled: an empty one would be pushed down."""
    while True:
        yield from st.columns(2, gap="medium")
