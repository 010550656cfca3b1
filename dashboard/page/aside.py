"""A run of its own beside the page's, which a visitor asked for in a section: it is drawn as it comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard.app import live
from dashboard.app.language import Texts
from dashboard.page import run_bar
from lib.jobs.job import Job, RefusedError

Draw = Callable[[Any, bool], None]
"""A result, and whether the run has ended; until then what is asked of a button may be lost in the next look."""


def follow(
    asked: Any, words: Texts, draw: Draw, look: float, besides: str = "", meanwhile: Callable[[], None] | None = None
) -> None:
    """What has come of a recipe, started here if nobody has yet; it comes by itself from a worker.

    look: seconds between two looks. besides: what else is said where the run has failed, and can be started again.
    meanwhile: draws what stands there until something comes.
    """
    found = live.finished(asked)
    if found:
        draw(found[0], True)
        return
    place = f"{asked.name}_failed"
    failed, error = st.session_state.get(place, ("", None))
    if failed == repr(asked):  # it waits for its visitor: whatever else is clicked would run into the same again
        st.warning(f"{run_bar.faulted(error, words)} {besides}".rstrip())
        st.button(
            words("run.start"),
            key=f"{asked.name}_again",
            icon=":material/play_arrow:",
            on_click=lambda: st.session_state.pop(place, None),
        )
        return
    try:
        job: Job | None = live.start(asked)
    except RefusedError as refusal:
        st.warning(run_bar.faulted(refusal, words))
        return

    def wait() -> None:
        if job.done and job.finished:
            live.remember(job)
            st.rerun()
        if job.error:
            st.session_state[place] = repr(asked), job.error
            st.rerun()
        run_bar.progress(st.empty(), job, words)
        if job.latest is not None:
            draw(job.latest, False)
        elif meanwhile:
            meanwhile()

    st.fragment(wait, run_every=look)()
