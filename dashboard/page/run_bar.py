"""Start and Stop, how far a run has come, whose result is shown, and what ended a run."""

from __future__ import annotations

import logging
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.app import live
from dashboard.app.language import Texts, plain
from dashboard.page import controls
from dashboard.page.lab_page import View
from lib import store
from lib.core import DivergedError, Lab, NotInstalledError
from lib.jobs.job import FullError, Job, LostError, NoWorkersError, OverMemoryError, OverTimeError, RefusedError
from lib.jobs.worker import VersionMismatchError
from lib.knobs import Knob, knobs

log = logging.getLogger("horizon.page")
NAMED = 3  # settings, in which a picture differs from the knobs, that are told


def draw(view: View, job: Job | None, words: Texts) -> DeltaGenerator:
    """Start and Stop in a bar, and the place in it where `state` or a job's progress stands."""
    lab = type(view.lab)
    if not startable(view):
        return st.empty()
    with st.container(horizontal=True, vertical_alignment="center", key=f"{lab.name}_runbar"):
        start(lab, job, words)
        st.button(
            words("run.stop"),
            key=f"{lab.name}_stop",
            icon=":material/stop:",
            disabled=job is None,
            on_click=_stop,
            args=(job,),
        )
        place = st.container()
    fault = st.session_state.get(f"{lab.name}_fault")
    if fault and not job:
        st.error(fault, icon=":material/error:")
    return place


def start(lab: type[Lab], job: Job | None, words: Texts, place: str = "start") -> None:
    """A button that runs what the knobs describe; `place` tells one from another on the same page."""
    st.button(
        words("run.start"),
        key=f"{lab.name}_{place}",
        type="primary",
        icon=":material/play_arrow:",
        disabled=job is not None,
        on_click=_start,
        args=(lab, words),
    )


def state(view: View, words: Texts) -> str:
    """Where the picture on the stage is from, in a few words; of another one, in which settings it differs."""
    shown = view.shown
    if shown is None:
        return words("run.none")
    ended = live.stopped(view.lab)
    if view.stale:
        told = words("run.stale", settings=_others(shown.lab, view.lab, words))
        return words("run.early", told=told) if ended else told
    if shown.source == "running":
        return words("run.stopped", done=shown.result.progress)
    if ended:
        return words("run.instead", done=_share_done(ended))
    told = words(f"run.{shown.source}")
    return words("run.again", told=told) if shown.source == "shipped" and startable(view) else told


def startable(view: View) -> bool:
    """True if Start is to be seen: always, but on a projector, where nothing needs it unless a knob can be turned or
    there is no result of these settings."""
    lab = type(view.lab)
    return bool(controls.visible("start", *knobs(lab)) or view.shown is None or view.stale or live.running(view.lab))


def _others(shown: Lab, now: Lab, words: Texts) -> str:
    """What is otherwise in the lab of the picture, knob by knob."""
    told = [
        f"{words(f'knobs.{name}.label')} {setting(knob, getattr(shown, name), words)}"
        for name, knob in knobs(now).items()
        if getattr(shown, name) != getattr(now, name)
    ]
    return words.at("marks.semicolon").join(told[:NAMED]) + (" …" if told[NAMED:] else "")


def setting(knob: Knob, value: Any, words: Texts) -> str:
    """A knob's value as its widget shows it."""
    if knob.choices:
        return words(f"knobs.{knob.name}.choices.{value}")
    if knob.misread:
        return "…"
    if knob.called:
        return knob.called(value, words.language)
    if knob.low is None:
        return words("run.on" if value else "run.off")
    return f"{plain(value)} {knob.unit}".strip()


def _start(kind: type[Lab], words: Texts) -> None:
    st.session_state.pop(f"{kind.name}_fault", None)
    lab = controls.chosen(kind)
    try:
        live.start(lab)
    except RefusedError as refusal:
        if isinstance(refusal, NoWorkersError):
            log.warning("a job could not be started", extra={"recipe": store.key(lab), "error": refusal})
        st.session_state[f"{kind.name}_fault"] = faulted(refusal, words)
    except Exception:
        log.exception("a job could not be started", extra={"recipe": store.key(lab)})
        st.session_state[f"{kind.name}_fault"] = words("errors.start")


def _stop(job: Job | None) -> None:
    if job:
        live.stop(job)


def progress(place: DeltaGenerator, job: Job, words: Texts) -> None:
    """How far a job has come; drawn again in the same place."""
    place.progress(_share_done(job), _progress_text(job, words))


def _share_done(job: Job) -> float:
    return min(1.0, job.latest.progress) if job.latest is not None else 0.0


def _progress_text(job: Job, words: Texts) -> str:
    place = job.place_in_line
    if place and not live.workers():
        return words("run.no_worker", place=place)
    if place:
        wait = live.expected_wait(job)
        line = "run.line" if wait is None else "run.line_wait"
        return words(line, place=place, wait=max(1, wait or 0))
    if job.finished:
        return words("run.over")
    if job.latest is None:
        return words("run.begun")
    left = job.seconds_left
    done = _share_done(job)
    return words("run.done", done=done) if left is None else words("run.left", done=done, left=max(1, left))


def faulted(error: BaseException, words: Texts) -> str:
    """What ended a job, in a sentence that says what to do."""
    if isinstance(error, DivergedError):
        return words("errors.diverged", step=error.step, knob=words(f"knobs.{error.knob}.label"))
    if isinstance(error, NotInstalledError):
        return words("errors.not_installed", pip=error.pip)
    if isinstance(error, OverTimeError):
        return words("errors.time", seconds=error.seconds)
    if isinstance(error, OverMemoryError):
        return words("errors.memory", megabytes=error.megabytes)
    if isinstance(error, FullError):
        return words("errors.own_line" if error.own else "errors.line", most=error.most)
    if isinstance(error, VersionMismatchError):
        return words("errors.mismatch", ours=error.ours, theirs=error.theirs)
    if isinstance(error, NoWorkersError):
        return words("errors.no_worker")
    if isinstance(error, LostError):
        return words("errors.lost")
    return words("errors.unknown")
