"""What the program was not told: others are made of squares too, and are whole."""

from __future__ import annotations

import streamlit as st

from dashboard.app.language import Texts
from dashboard.page.lab_page import Shown
from lib.labs.see.oddity import whole_board


def board(_: Shown | None, words: Texts) -> None:
    odd = whole_board()
    told = words("board.cut" if odd.cut else "board.whole")
    picture, text = st.columns([1, 3], vertical_alignment="center")
    picture.image(odd.picture, width=160, alt=words("board.alt", says=told))
    text.markdown(f"**{words('board.title')}** · {told}")
