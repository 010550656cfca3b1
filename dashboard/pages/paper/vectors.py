"""Everything is a vector: three things of the world, each as the one point that a network would get."""

from __future__ import annotations

import streamlit as st

from dashboard.app.language import Texts
from dashboard.charts.style import Picture
from dashboard.page import gallery
from dashboard.pages.paper.charts import strips
from lib.tasks.paper import vectors

THINGS = {"digit": vectors.digit, "word": vectors.word, "sound": vectors.sound}


def show(words: Texts) -> None:
    """A heading, a sentence, and, once it is unfolded, a strip of numbers for each thing."""
    st.subheader(words("vector.title"), anchor="vector")
    st.markdown(words("vector.text"))
    with st.expander(
        words("vector.open"), icon=":material/bar_chart:", key=f"{words.page}_vector", on_change="rerun"
    ) as unfolded:
        if not unfolded.open:
            return
        for column, (name, numbers) in zip(st.columns(3), THINGS.items(), strict=True):
            with column:
                gallery.show_picture(st, strip, name, name, words)
                count = len(numbers())
                st.caption(words(f"vector.{name}", count=count, word=vectors.WORD, drawn=strips.MOST))


def strip(name: str, words: Texts) -> Picture:
    """One thing as a strip of numbers."""
    return strips.bars(THINGS[name](), words(f"vector.{name}_heard"), words)
