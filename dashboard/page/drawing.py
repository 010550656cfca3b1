"""A drawing of the visitor's own: asked for on a sheet, and as private as a photo.

It is in the visitor's session and nowhere else: in no link, no store, no file and no log. What the browser sends is a
file from outside, and is decoded like one, apart.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

import streamlit as st

from dashboard.app.components import mounted
from dashboard.app.language import Texts
from dashboard.sketch import HERE
from lib.uploads import Photo, PhotoError, read_apart

FAULT = "drawing_fault"
DRAWING = "drawing"  # the file of what is drawn, as the letters in which it comes; none while nothing is
LARGEST = 400_000  # letters
TOLD = (
    *("sheet", "colours", "shapes", "undo", "clear", "keys", "up", "down"),
    *("black", "red", "orange", "green", "blue", "white", "disc", "square", "triangle"),
)


def ask(lab_name: str, words: Texts) -> bool:
    """Show the sheet; whether something is drawn on it."""
    key = f"{lab_name}_sketch"
    told = {name: words(f"drawing.{name}", x="{x}", y="{y}") for name in TOLD}
    mounted("sketch", HERE)(key=key, data=[{"key": key, "words": told}], on_png_change=lambda: _take(key))
    st.caption(words("drawing.promise"))
    if fault := st.session_state.get(FAULT):
        st.warning(words(f"photo.faults.{fault}"), icon=":material/broken_image:")
    return DRAWING in st.session_state


def _take(key: str) -> None:
    """What has come is kept as it is; nothing if the sheet is empty, or it is no drawing of ours by its length."""
    came: Any = getattr(st.session_state.get(key), "png", None)
    if isinstance(came, str) and 0 < len(came) <= LARGEST:
        st.session_state[DRAWING] = came
    else:
        st.session_state.pop(DRAWING, None)


def own() -> Photo | None:
    """The drawing as a picture; None if there is none, or the browser has sent something else, which `ask` says."""
    st.session_state.pop(FAULT, None)
    try:
        return read_apart(base64.b64decode(st.session_state[DRAWING], validate=True))
    except PhotoError as fault:
        st.session_state[FAULT] = fault.code
    except (binascii.Error, KeyError):
        st.session_state[FAULT] = "broken"
    return None
