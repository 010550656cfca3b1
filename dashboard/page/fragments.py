"""Parts of a page that are drawn again alone when a knob is turned, so that a turn does not cost a whole page.

A part says in a few words what it shows of a view: after a turn those parts are drawn that have something else to say.
A page that is to watch a job is run as a whole.

These are Streamlit's keyed fragments. Knobs stand in a fragment too: the browser touches nothing outside it then. But
a click in a fragment waits for the page's script, so a page that watches a job has none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from dashboard.app import render_lock
from lib.core import Lab

SELDOM = 86400.0  # seconds
ASKED, STATE, KNOBS, REST, BREAKS = "asked", "state", "knobs", "rest", "breaks"  # the last break the program
Say = Callable[[Any], Any]  # of a view: what a part shows of it, to be compared
Draw = Callable[[Any], object]


@dataclass
class Parts:
    """The parts of an open page. `look` finds out what there is to show now, `view` is what it found last."""

    look: Callable[[], Any]
    busy: bool
    view: Any
    told: dict[str, tuple[Say, Any]] = field(default_factory=dict)


def begin(lab: type[Lab], look: Callable[[], Any], view: Any, *, busy: bool) -> None:
    """At the top of a page: no parts yet. A busy page, which draws what a job sends, has none at all."""
    st.session_state[f"{lab.name}_parts"] = Parts(look, busy, view)


def parts(lab: type[Lab]) -> Parts:
    """The parts of the page that the visitor has open."""
    return st.session_state[f"{lab.name}_parts"]


def part(lab: type[Lab], name: str, say: Say, draw: Draw) -> None:
    """Draw the view, and again when a turned knob makes `say` another thing of it.

    Of a page at rest whose app has come back, or whose visitor a proxy has sent to another one, the new session knows
    no fragment, and Streamlit ignores a click in what it does not know. But a browser that comes back asks for the
    whole page by itself if one of its fragments is to be drawn again now and then.
    """
    here, key = parts(lab), _key(lab, name)

    def show() -> None:
        here.told[key] = say, say(here.view)
        draw(here.view)

    if here.busy:
        with st.container():  # as a fragment has one: what follows keeps its place, and the browser keeps its pictures
            show()
    else:
        st.fragment(render_lock.held()(show), key=key, run_every=SELDOM if name == KNOBS else None)()


def rerun_changed(lab: type[Lab], *also: str) -> None:
    """In a knob's callback: run these parts and those that have something else to say, or the page as a whole.

    Streamlit would draw the fragment that the knob stands in; where nothing has changed, a smaller one is.
    """
    here = parts(lab)
    view = None if here.busy else here.look()
    if view is None:
        st.rerun()
    here.view = view
    changed = [key for key, (say, before) in here.told.items() if say(view) != before]
    changed += [key for key in (_key(lab, name) for name in also) if key in here.told]  # one may be folded away
    st.rerun(list(dict.fromkeys(changed)) or [_key(lab, STATE)])


def _key(lab: type[Lab], name: str) -> str:
    return f"{lab.name}_{name}"
