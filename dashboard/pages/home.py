"""Home: the question, and a card for each lab with what its shipped run found."""

from __future__ import annotations

import streamlit as st

from dashboard.app import live
from dashboard.app.language import Texts
from dashboard.charts.curves import small
from dashboard.page import gallery
from dashboard.page.verdict import card
from lib.labs import LABS


def show() -> None:
    """Draw the page."""
    words = Texts(st.session_state["language"], "home")
    st.session_state["page"] = "home"  # so that a lab's page knows a return from its own link without knobs
    st.markdown(f"#### {words('question')}\n\n{words('intro')}")
    columns = [column for _ in range(0, len(LABS), 2) for column in st.columns(2, gap="medium")]
    for column, lab in zip(columns, LABS.values(), strict=False):
        said = Texts(words.language, lab.name)
        with column.container(border=True):
            found = live.finished(lab())
            told = [said("title"), f"**{said('question')}**", "", card(found[0].verdict, said) if found else ""]
            st.subheader("\n".join(told), anchor=False)
            if found:
                gallery.show_picture(st, small, found[0], gallery.mark(lab(), shipped=found[1]), said)
            link = st.session_state["pages"][lab.name]
            st.page_link(link, label=words("open", title=said("title")), icon=":material/arrow_forward:")
    st.subheader(f"{words('way')}\n{words('legend')}\n\n:small[:gray[{words('essay')}]]", anchor=False)
