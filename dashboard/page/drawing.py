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

LARGEST = 400_000  # letters
TOLD = (
    *("sheet", "colours", "shapes", "undo", "clear", "keys", "up", "down"),
    *("black", "red", "orange", "green", "blue", "white", "disc", "square", "triangle"),
)


def ask(lab_name: str, words: Texts, pen: int | None = None) -> bool:
    """Show the sheet; whether something is drawn on it.

    pen: a black one so many of 224 pixels wide is all there is; without, there are colours and shapes.
    """
    key = f"{lab_name}_sketch"
    told = {name: words(f"drawing.{name}", x="{x}", y="{y}") for name in TOLD}
    how = {} if pen is None else {"pen": pen, "plain": True}
    mounted("sketch", HERE)(
        key=key, data=[{"key": key, "words": told, **how}], on_png_change=lambda: _take(lab_name, key)
    )
    st.caption(words("drawing.promise"))
    if fault := st.session_state.get(_fault(lab_name)):
        st.warning(words(f"photo.faults.{fault}"), icon=":material/broken_image:")
    return sent(lab_name) is not None


def sent(lab_name: str) -> str | None:
    """The file of what is drawn on a lab's sheet, as the letters in which it comes; None while nothing is."""
    return st.session_state.get(_place(lab_name))


def own(lab_name: str) -> Photo | None:
    """The drawing as a picture; None if there is none, or the browser has sent something else, which `ask` says."""
    st.session_state.pop(_fault(lab_name), None)
    try:
        return read_apart(base64.b64decode(sent(lab_name) or "", validate=True))
    except PhotoError as fault:
        st.session_state[_fault(lab_name)] = fault.code
    except binascii.Error:
        st.session_state[_fault(lab_name)] = "broken"
    return None


def _take(lab_name: str, key: str) -> None:
    """What has come is kept as it is; nothing if the sheet is empty, or it is no drawing of ours by its length."""
    came: Any = getattr(st.session_state.get(key), "png", None)
    if isinstance(came, str) and 0 < len(came) <= LARGEST:
        st.session_state[_place(lab_name)] = came
    else:
        st.session_state.pop(_place(lab_name), None)


def _place(lab_name: str) -> str:
    return f"{lab_name}_drawing"


def _fault(lab_name: str) -> str:
    return f"{lab_name}_drawing_fault"
