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

    look: seconds between two looks. besides: what else is said where the run has failed. meanwhile: draws what stands
    there until something comes.
    """
    found = live.finished(asked)
    if found:
        draw(found[0], True)
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
        elif job.error:
            st.warning(f"{run_bar.faulted(job.error, words)} {besides}".rstrip())
            return
        run_bar.progress(st.empty(), job, words)
        if job.latest is not None:
            draw(job.latest, False)
        elif meanwhile:
            meanwhile()

    st.fragment(wait, run_every=look)()
