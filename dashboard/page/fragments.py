"""Parts of a page that are drawn again alone when a knob is turned, so that a turn does not cost a whole page.

A turn changes little until somebody presses Start: the address, and the few sentences that name it. Where more has
changed, a finished result to show or a job to watch, the page is run as a whole.

These are Streamlit's keyed fragments. Knobs stand in a fragment too: the browser touches nothing outside it then. But
a click in a fragment waits for the page's script, so a page that watches a job has none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard.app import render_lock
from lib.core import Lab

SELDOM = 86400.0  # seconds


def begin(lab: type[Lab], *, busy: bool) -> None:
    """At the top of a page: no parts yet. A busy page, which draws what a job sends, has none at all."""
    st.session_state[f"{lab.name}_parts"] = None if busy else {}


def fragment(lab: type[Lab], name: str, say: Callable[[], Any], draw: Callable[[Any], object]) -> None:
    """Draw what `say` returns, and again when a turned knob makes it say something else."""
    key = f"{lab.name}_{name}"
    told = st.session_state[f"{lab.name}_parts"]

    def show() -> None:
        now = say()
        if told is not None:
            told[key] = say, now
        draw(now)

    panel(lab, name, show)


def panel(lab: type[Lab], name: str, draw: Callable[..., object], *args: Any) -> None:
    """Draw knobs.

    Of a page at rest whose app has come back, or whose visitor a proxy has sent to another one, the new session knows
    no fragment, and Streamlit ignores a click in what it does not know. But a browser that comes back asks for the
    whole page by itself if one of its fragments is to be drawn again now and then.
    """
    busy = st.session_state[f"{lab.name}_parts"] is None
    if busy:
        with st.container():  # as a fragment has one: what follows keeps its place, and the browser keeps its pictures
            draw(*args)
    else:
        st.fragment(render_lock.held()(draw), key=f"{lab.name}_{name}", run_every=SELDOM)(*args)


def rerun_changed(lab: type[Lab], *, whole: bool) -> None:
    """In a knob's callback: run the parts that have something else to say and nothing else, or the page as a whole."""
    told = st.session_state[f"{lab.name}_parts"]
    if whole or told is None:
        st.rerun()
    changed = [key for key, (say, before) in told.items() if say() != before]
    if changed:
        st.rerun(changed)
