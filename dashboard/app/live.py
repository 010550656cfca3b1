"""The one place where Streamlit meets a Job: it starts one, watches it, asks it to stop, finds what was finished."""

from __future__ import annotations

import gc
import logging
import random
import sys
import threading
import time
import uuid
from collections import Counter, OrderedDict
from collections.abc import Callable
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import StopException

from dashboard.app import render_lock, stopping
from lib import store
from lib.core import private
from lib.jobs.engine import Engine, from_environment
from lib.jobs.job import Job

log = logging.getLogger("horizon.live")
READY_AFTER = 3.0  # seconds after the start, so that workers do not compete with a first page; Start waits for none
SETTLING = 0.03  # seconds for each who watched: they have seen the end, and their pages need not all run at once
KEPT = 64  # results in memory: all that ship, and some
OWN_KEPT = 4  # results of a visitor's own photo, in their session: one may be some MB
OWN, OWN_JOBS = "own_results", "own_jobs"
WATCHED = "watched"  # the job that a visitor has watched last

# What outlives a reload of our modules, which `make dev` does when one is edited: a module without a file is never
# reloaded. Streamlit's own cache of resources would do too, but any visitor can have it emptied.
_process: Any = sys.modules.setdefault("horizon", ModuleType("horizon"))
_kept: OrderedDict[str, tuple[Any, bool]] = OrderedDict()
_lock = threading.Lock()

looked: Counter[str] = Counter()  # how often a result was found in memory, in the store, among the shipped, or missing


def engine() -> Engine:
    """The app's engine, one for all visitors; its workers come up in the background."""
    with _lock:
        if "engine" not in vars(_process):
            _process.engine = from_environment()
            _process.warming = threading.Timer(READY_AFTER, _warm, [_process.engine])
            _process.warming.daemon = True
            _process.warming.start()
        return _process.engine


def close() -> None:
    """End the engine and its workers, if it was ever asked for; the next who asks gets a new one."""
    with _lock:
        one = vars(_process).pop("engine", None)
    if one:
        _process.warming.cancel()
        one.close()


def counts() -> dict[str, float]:
    """Jobs running, waiting, done, stopped and failed since the start, their mean wait [s], and the workers."""
    return engine().counts()


def workers() -> int:
    """How many workers are there."""
    return engine().ready


def _warm(one: Engine) -> None:
    """Order the workers; what is imported by then, Dask and the pages' own, is never garbage."""
    try:
        one.connect()
    except Exception as fault:  # whoever presses Start tries again, and is told
        log.warning("no workers yet", extra={"error": fault})
    _settle()


def _settle() -> None:
    gc.collect()
    gc.freeze()


@cache
def _ready_for_charts() -> None:
    """Import Altair in the background, half a second: shipped pictures do without, what a job sends does not."""

    def load() -> None:
        import_module("altair")
        _settle()

    threading.Thread(target=load, daemon=True).start()


def start(lab: Any) -> Job:
    """The job of this recipe, as everybody who asks for it sees it.

    Of a visitor's own photo one thing is computed at a time, that which they asked for last: nobody else waits for the
    one before, and it would keep them waiting.
    """
    _ready_for_charts()
    if private(lab):
        _leave_own(store.key(lab))
    job = engine().start(lab, _visitor())
    job.left.discard(_visitor())
    if private(lab):
        st.session_state[OWN_JOBS] = [job]
    return job


def running(lab: Any) -> Job | None:
    """The job of this recipe if somebody has started it and it is under way, unless this visitor has stopped it."""
    job = engine().running(lab)
    return None if job and _visitor() in job.left else job


def stop(job: Job) -> None:
    """Stop a job that nobody else watches. The visitor's own watch may last a moment longer than their click."""
    _leave(job, _visitor())


def stopped(lab: Any) -> Job | None:
    """The run of this recipe that this visitor watched last, if it was they who ended it."""
    job: Job | None = st.session_state.get(WATCHED)
    return job if job and job.key == store.key(lab) and _visitor() in job.left else None


def _leave(job: Job, visitor: str) -> None:
    job.left.add(visitor)
    engine().release(job, visitor)


def _visitor() -> str:
    return st.session_state.setdefault("visitor", uuid.uuid4().hex)


def expected_wait(job: Job) -> float | None:
    """Seconds until a waiting job starts, None if nothing is known yet."""
    return engine().expected_wait(job)


def finished(lab: Any) -> tuple[Any, bool] | None:
    """(result, shipped) of this recipe if it was ever finished here or by us; of a visitor's own photo, here."""
    name = store.key(lab)
    if private(lab):
        return st.session_state.get(OWN, {}).get(name)
    with _lock:
        if name in _kept:
            _kept.move_to_end(name)
            looked["memory"] += 1
            return _kept[name]
    with render_lock.released():  # a store may be far away
        found = store.find(lab)
    with _lock:
        looked["missing" if found is None else "shipped" if found[1] else "store"] += 1
    if found:
        _keep(name, found)
    return found


def remember(job: Job) -> None:
    """Keep what a job has finished with, even where the store cannot; of a visitor's own photo in their session."""
    if job.finished and private(job.lab):
        kept = {**st.session_state.get(OWN, {}), job.key: (job.latest, False)}
        st.session_state[OWN] = dict(list(kept.items())[-OWN_KEPT:])
    elif job.finished:
        _keep(job.key, (job.latest, False))


def forget_own() -> None:
    """Keep nothing of what came of this visitor's own photo, and compute no more of it."""
    _leave_own()
    st.session_state.pop(OWN_JOBS, None)
    st.session_state.pop(OWN, None)
    for name, shown in st.session_state.to_dict().items():
        if name.endswith("_shown") and private(getattr(shown, "lab", None)):  # what a page has on its stage
            del st.session_state[name]


def _leave_own(but: str = "") -> None:
    """Compute no more of the visitor's own photo, but for the recipe of that key."""
    for job in st.session_state.get(OWN_JOBS, ()):
        if job.key != but:
            _leave(job, _visitor())


def _keep(name: str, found: tuple[Any, bool]) -> None:
    with _lock:
        _kept[name] = found
        _kept.move_to_end(name)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)


def watch(job: Job, draw: Callable[[Job], None]) -> None:
    """Draw a job until it is done, its end included. Blocks; for the last lines of a page: every widget is there then.

    A click, a reload or a closed tab unwinds from `draw` (Streamlit raises there); the job goes on for the others, and
    for those who come back. Streamlit's own Stop does what ours does.
    """
    seen, visitor = None, _visitor()
    st.session_state[WATCHED] = job
    render_lock.release()
    with engine().watching(job, visitor):
        try:
            while not job.done:
                now = (job.frames, job.place_in_line, int(time.monotonic()))
                if now != seen:
                    seen = now
                    _draw(job, draw)
                job.over.wait(engine().pause())  # however seldom a crowd looks, all of it sees the end at once
            _draw(job, draw)
        except StopException:
            pressed = stopping.pressed()
            if pressed or private(job.lab):  # the photo of a visit that ends goes with it
                _leave(job, visitor)
            if pressed:
                stopping.settle()
            raise
        remember(job)
        time.sleep(random.random() * SETTLING * len(job.watchers))


def _draw(job: Job, draw: Callable[[Job], None]) -> None:
    with render_lock.held():
        draw(job)
