"""Home: the question, and a card for each lab with what its shipped run found."""

from __future__ import annotations

import streamlit as st

from dashboard import gallery, live
from dashboard.charts.curves import small
from dashboard.language import Texts
from dashboard.verdict import card
from lib import store
from lib.labs import LABS

words = Texts(st.session_state["language"], "home")
st.session_state["page"] = "home"  # so that a lab's page knows a return from its own link without knobs
st.markdown(f"#### {words('question')}")
st.markdown(words("intro"))
places = [column for _ in range(0, len(LABS), 2) for column in st.columns(2, gap="medium")]
for column, lab in zip(places, LABS.values(), strict=False):
    said = Texts(words.language, lab.name)
    with column.container(border=True):
        st.subheader(said("title"), anchor=False)
        st.markdown(f"**{said('question')}**")
        found = live.finished(lab())
        if found:
            st.markdown(card(found[0].verdict, said))
            gallery.hang(st, small, found[0], store.key(lab()), said)
        st.page_link(
            f"dashboard/pages/{lab.name}.py", label=words("open", title=said("title")), icon=":material/arrow_forward:"
        )
st.subheader(words("way"), anchor=False)
st.markdown(words("legend"))
st.caption(words("essay"))
