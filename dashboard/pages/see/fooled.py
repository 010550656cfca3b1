"""Pictures of nothing in which the network is sure of something: from noise, from grey, or from the visitor's own."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from dashboard.app import components, live
from dashboard.app.language import Texts
from dashboard.page import aside, controls, drawing, photo
from dashboard.page.lab_page import Shown
from dashboard.page.prebuilt import ROOT
from dashboard.walk import FOLDER, called, packed
from lib.labs.see.fool import Fooled, SeeFool
from lib.labs.see.fooling import STARTS, Fooling
from lib.labs.see.lab import See
from lib.tasks.photos.changes import png_file
from lib.tasks.photos.classes import both

LOOK = 0.4  # seconds between two looks at what has come
FROM, TOWARDS, ASKED = (f"see_fool_{name}" for name in ("from", "towards", "asked"))
OWN = ("photo", "drawing")
ROOM = 20  # steps for which the curves have room at least
KEY = "see_fool_walk"


def fooled(_: Shown | None, words: Texts) -> None:
    """The section, folded."""
    if not controls.visible("fooled"):
        return
    with st.expander(
        f"**{words('fooled.title')}** {words('fooled.fold')}",
        icon=":material/grain:",
        expanded=controls.presenting(),
        key="see_fooled_unfolded",
        on_change="rerun",
    ) as unfolded:
        if unfolded.open:
            _unfolded(words)


def _unfolded(words: Texts) -> None:
    """A picture that was made of noise beforehand, and a place to have another one made."""
    st.markdown(words("fooled.text"))
    _choose(words)
    asked: SeeFool | None = st.session_state.get(ASKED)
    if asked:
        _answer(asked, words)
    elif found := live.finished(SeeFool()):
        _drawn(found[0].fooling, SeeFool(), words, over=True)


def _choose(words: Texts) -> None:
    """From what, towards what; and a button, once there is something to begin with."""
    left, right = st.columns(2, gap="medium")
    start = left.pills(
        words("fooled.from"),
        (*STARTS, *OWN),
        default=STARTS[0],
        format_func=lambda one: words(f"fooled.starts.{one}"),
        key=FROM,
        required=True,
    )
    now: Any = controls.chosen(See)
    st.session_state.setdefault(TOWARDS, now.target)
    target = right.selectbox(
        words("fooled.towards"), range(1000), format_func=lambda one: both(one, words.language), key=TOWARDS
    )
    ready = start in STARTS
    if start == "photo":
        ready = photo.ask("see", words, _forget) is not None
    elif start == "drawing":
        ready = drawing.ask("see", words)
    st.button(
        words("fooled.start", target=called(target, words)),
        key="see_fool_start",
        type="primary",
        icon=":material/bolt:",
        disabled=not ready,
        on_click=_ask,
        args=(start, target),
    )


def _ask(start: str, target: int) -> None:
    if start in OWN:
        own = photo.own() if start == "photo" else drawing.own("see")
        if own:
            st.session_state[ASKED] = SeeFool(target, photo=own)
        return
    now: Any = controls.chosen(See)
    st.session_state[ASKED] = SeeFool(target, start, now.seed)


def _forget() -> None:
    """The visitor's photo has gone, and what was made of it goes too."""
    st.session_state.pop(ASKED, None)


def _answer(asked: SeeFool, words: Texts) -> None:
    """What has come of it so far."""

    def draw(result: Fooled, over: bool) -> None:
        _drawn(result.fooling, asked, words, over=over)

    aside.follow(asked, words, draw, LOOK)


def _drawn(fooling: Fooling, asked: SeeFool, words: Texts, *, over: bool = False) -> None:
    """The walk, what the network says at its beginning and its end, and the picture to be taken along.

    over: the run has ended; until then what is asked of a button may be lost in the next look.
    """
    clean = asked.clean
    room = max(ROOM, 10 * -(-fooling.steps // 10))
    data = packed(fooling, clean, words, f"{KEY}_{asked!r}", room=room, done=fooling.done, table="fooled.walk")
    components.redraw(st.empty(), ROOT / FOLDER, data, KEY)
    st.markdown(said(fooling, clean, asked.photo is not None, asked.start, words))
    if over:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.download_button(
                words("fooled.save"),
                partial(_file, fooling, clean),
                "horizon-see.png",
                "image/png",
                key="see_fool_file",
                icon=":material/image:",
                on_click="ignore",
            )
            st.caption(words("fooled.file"))


def _file(fooling: Fooling, clean: Any) -> bytes:
    return png_file(fooling.picture(clean))


def said(fooling: Fooling, clean: Any, own: bool, start: str, words: Texts) -> str:
    """What the network says at first and at last, and how far the picture is from where it began."""
    first, last = (called(int(fooling.labels[step, 0, 0]), words) for step in (0, -1))
    before, after = (float(fooling.sure[step, 0, 0]) for step in (0, -1))
    begun = words("fooled.begun", name=first, sure=before)
    if not fooling.done:
        return begun
    if not fooling.fooled:
        return f"{begun} {words('fooled.missed', name=last, sure=after, steps=fooling.steps)}"
    most, mean = fooling.moved(clean)
    ended = words("fooled.ended", name=last, sure=after, steps=fooling.steps, most=most, mean=mean)
    return f"{begun} {ended} {words('fooled.still.own' if own else f'fooled.still.{start}')}"
