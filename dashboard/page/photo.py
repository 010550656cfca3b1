"""A photo of the visitor's own: asked for as a file or from the camera, shown, and forgotten when they say so or leave.

It is in the visitor's session and nowhere else: in no link, no store, no file and no log.
"""

from __future__ import annotations

import base64
from collections.abc import Callable

import streamlit as st

from dashboard.app import live, uploads
from dashboard.app.language import Texts
from lib.uploads import LARGEST, Photo, PhotoError, read_apart

TYPES = ("image/png", "image/jpeg", "image/webp")  # with endings instead, Streamlit ends the page of who sends another
PHOTO, FAULT, ASKED = "photo", "photo_fault", "photo_asked"
WIDTH = 320  # pixels on the page, where it is not said
Then = Callable[[], object]


def own() -> Photo | None:
    """The photo of this visit, the same on all pages; None while there is none."""
    return st.session_state.get(PHOTO)


def ask(lab_name: str, words: Texts, then: Then | None = None, width: int = WIDTH) -> Photo | None:
    """Show the visitor's photo, or the means to give one; what is there now.

    then: called when one has come or was removed, in the click's callback, so that a page may say what is drawn next.
    """
    photo = own()
    with st.container(key=f"{lab_name}_photo"):
        if photo:
            _show(lab_name, photo, words, then, width)
        else:
            _choose(lab_name, words, then)
    return photo


def _show(lab_name: str, photo: Photo, words: Texts, then: Then | None, width: int) -> None:
    st.image(_inline(photo), width=width, alt=words("photo.alt", width=photo.width, height=photo.height))
    st.caption(words("photo.kept"))
    st.button(
        words("photo.remove"),
        key=f"{lab_name}_photo_remove",
        icon=":material/delete:",
        on_click=_keep,
        args=(None, then),
    )


def _inline(photo: Photo) -> str:
    """Its picture as an address that holds it: as a file it would have one of its own, for whoever learns of that."""
    place = f"{PHOTO}_inline"
    known = st.session_state.get(place)
    if known is None or known[0] != photo.digest:
        known = photo.digest, f"data:image/jpeg;base64,{base64.b64encode(photo.jpeg()).decode()}"
        st.session_state[place] = known
    return known[1]


def _choose(lab_name: str, words: Texts, then: Then | None) -> None:
    """A place for a file and, once it is asked for, the camera, for which the browser asks its owner."""
    place = f"{lab_name}_photo_{st.session_state.get(ASKED, 0)}"  # another one after each file: see uploads.taken
    given = f"{place}_file", f"{place}_camera"
    fault = st.session_state.get(FAULT)
    most = LARGEST // 10**6  # as the browser counts them, the server in 1024²
    st.file_uploader(
        words("photo.file"), TYPES, key=given[0], on_change=_take, args=(given[0], then), max_upload_size=most
    )
    if fault:
        st.warning(words(f"photo.faults.{fault}"), icon=":material/broken_image:")
    if st.toggle(words("photo.camera"), key=f"{lab_name}_photo_camera"):
        st.camera_input(words("photo.take"), key=given[1], resolution="720p", on_change=_take, args=(given[1], then))
    st.caption(words("photo.promise"))


def _take(key: str, then: Then | None) -> None:
    """What has come, if it is a photo; else a word for why not."""
    with uploads.taken(key) as data:
        if data is None:  # a file was taken back, or has not come
            return
        st.session_state[ASKED] = st.session_state.get(ASKED, 0) + 1
        try:
            photo = read_apart(data)
        except PhotoError as fault:
            st.session_state[FAULT] = fault.code
            return
    _keep(photo, then)


def _keep(photo: Photo | None, then: Then | None) -> None:
    """The visitor's photo is this one, or none; nothing of an earlier one is left."""
    live.forget_own()
    st.session_state[PHOTO] = photo
    for name in (FAULT, f"{PHOTO}_inline"):
        st.session_state.pop(name, None)
    if then:
        then()
