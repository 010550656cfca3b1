"""The order of things on a lab's page, the same for every lab.

Question, guess, knobs, stage, verdict, inside both, break the program, since 2017, take it with you. A page says what
differs (see LabPage); its sentences stand in text/<language>/<lab>.toml.
"""

from __future__ import annotations

import logging
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isinf
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.app import live
from dashboard.app.language import Texts
from dashboard.page import controls, fragments, gallery, takeaway
from dashboard.page.gallery import Draw
from dashboard.page.verdict import Rows, compared, figures, sentences
from lib import store
from lib.core import DivergedError, Lab, source_of
from lib.jobs.job import FullError, Job, LostError, NoWorkersError, OverMemoryError, OverTimeError, RefusedError
from lib.jobs.worker import VersionMismatchError
from lib.knobs import knobs

log = logging.getLogger("horizon.page")


@dataclass(frozen=True)
class Shown:
    """A result on the stage: `mark` names it; `source` says where it is from: shipped, here, stopped or running."""

    recipe: str
    result: Any = field(compare=False)  # large, and named by its mark
    mark: str
    source: str


@dataclass(frozen=True)
class View:
    """What a page is about: the lab that its knobs describe, and the result that it shows."""

    lab: Lab
    shown: Shown | None


@dataclass(frozen=True)
class Section:
    """What only one page has: draws a result, None before there is one; widgets of its own included.

    says: what it shows of a view, in a form that can be compared; after a turn it is drawn if that has changed.
    """

    draw: Callable[[Shown | None, Texts], None]
    says: Callable[[View], Any] = lambda view: view


def _nothing(_shown: Shown | None, _words: Texts) -> None:
    pass


NOTHING = Section(_nothing)


@dataclass(frozen=True)
class LabPage:
    """What one lab's page shows beyond what all of them do.

    knobs: beside the stage; broken: the program's assumptions, under *break the program*; the rest stands under *more*.
    stage: the pictures in the middle; data: their numbers as tables; inside: pictures of how the program works.
    The visitor bets into which of the ranges between `edges` the number measure(result) falls; the text has an option
    for each. While a run has not come so far, measure is None; infinite where nobody ever came to it.
    abreast: the first two pictures stand side by side, where there is room.
    below: a section under the stage; steps: one beside the program's source, once it is unfolded; wrecks: one more way
    to break the program. A section's pictures do not move during a run.
    fixed: pictures of a section that no run changes, each with what it is drawn of and that one's mark; they ship.
    link: what else the page keeps in its address beside such a lab's knobs; an empty word is taken out.
    named: what else `show=` may name on a projector, besides knobs and presets.
    """

    lab: type[Lab]
    knobs: Sequence[str]
    broken: Sequence[str]
    stage: Sequence[Draw]
    data: Sequence[Draw]
    inside: Sequence[Draw]
    edges: Sequence[float]
    measure: Callable[[Any], float | None]
    abreast: bool = False
    below: Section = NOTHING
    steps: Callable[[Shown | None, Texts], None] = _nothing
    wrecks: Section = NOTHING
    fixed: Sequence[tuple[Draw, Any, str]] = ()
    link: Callable[[Lab], Mapping[str, str]] = lambda _: controls.NO_WORDS
    named: Sequence[str] = ()


def show(page: LabPage) -> None:
    """Draw the page; if its recipe is being computed, stay and draw what arrives."""
    kind, words = page.lab, Texts(st.session_state["language"], page.lab.name)
    presenting = controls.presenting()
    refusals = controls.follow(kind, words, page.named)
    lab = controls.chosen(kind)
    controls.sign(lab, page.link(lab))
    job = _watched(lab)
    view = View(lab, _found(lab, job))
    fragments.begin(kind, lambda: _look(page), view, busy=job is not None)

    st.markdown(f"#### {words('question')}")
    for refusal in refusals:
        st.warning(refusal, icon=":material/link_off:")
    top = st.container()
    left, right = (st.container(), st.container()) if presenting else st.columns([1, 2.6], gap="large")
    with right:
        bar = _run_bar(page, job, words)
        tabs = [words("stage.picture"), words("stage.data")]
        picture, numbers = st.tabs(tabs, key=f"{kind.name}_stage_{words.language}", on_change="rerun")
        _section(page, "below", words)
    said = st.empty() if job else st.container()
    _inside(page, words)
    st.subheader(f"{words('breaks.title')}\n{words('breaks.text')}", anchor="break")
    _knobs(page, left, words)
    _section(page, "wrecks", words)
    if not presenting:
        _since(words)
        takeaway.show(kind, words)
    with top:
        progress = _named(page, job, bar, words)
    with picture:
        slots = _stage(page, job, numbers, said, words)
    if job and progress:
        _watch(page, lab, job, progress, slots, said, words)


def _look(page: LabPage) -> View | None:
    """After a turn: write the knobs into the address, and find what there is to show; None if that is a running job."""
    lab = controls.chosen(page.lab)
    controls.sign(lab, page.link(lab))
    return None if _watched(lab) else View(lab, _found(lab, None))


def _section(page: LabPage, name: str, words: Texts) -> None:
    """What only this page has, if it has it."""
    section: Section = getattr(page, name)
    if section is not NOTHING:
        fragments.part(page.lab, name, section.says, lambda view: section.draw(view.shown, words))


def _named(page: LabPage, job: Job | None, bar: DeltaGenerator, words: Texts) -> DeltaGenerator | None:
    """What names the knobs: guess and presets, and beside Start whose result is shown; there a job's progress stands.

    One part draws all of it, and one all knobs: each fragment costs as much as four sentences, each place in it one.
    """
    kind = page.lab
    presets = tuple(name for name in kind.presets if name not in words.at("breaks.presets"))

    def says(view: View) -> tuple[str | None, ...]:
        return _outcome(page, view.shown, words), controls.preset(view.lab, presets), _state(view, words)

    def draw(view: View) -> None:
        outcome, preset, state = says(view)
        options = words.at("guess.options")
        st.pills(words("guess.ask"), range(len(options)), format_func=options.__getitem__, key=f"{kind.name}_guess")
        if outcome:
            st.markdown(outcome)
        controls.presets(kind, presets, preset, words)
        if not job:
            bar.markdown(state)

    fragments.part(kind, fragments.NAMED, says, draw)
    if not job:
        return None
    with bar.container():
        st.markdown(f":gray[{words('run.running')}]")
        return st.empty()


def _outcome(page: LabPage, shown: Shown | None, words: Texts) -> str:
    """What became of the visitor's guess, in words; empty while there is none, or nothing to compare it with."""
    bet = st.session_state.get(f"{page.lab.name}_guess")
    value = page.measure(shown.result) if shown and bet is not None else None
    if bet is None or value is None:
        return ""
    right = bisect_left(page.edges, value)
    outcome = "never" if isinf(value) else "right" if bet == right else "low" if bet < right else "high"
    return words(f"guess.{outcome}", guess=words.at("guess.options")[bet], value=value)


def _knobs(page: LabPage, beside: DeltaGenerator, words: Texts) -> None:
    """The main knobs beside the stage, the rest under *more*; here the program's assumptions, and how to break them."""
    kind, presets = page.lab, tuple(words.at("breaks.presets"))
    rest = [name for name in knobs(kind) if name not in (*page.knobs, *page.broken)]

    def draw(view: View) -> None:
        with beside.container(horizontal=True) if controls.presenting() else beside:
            controls.draw(kind, page.knobs, words)
            controls.more(kind, rest, words)
        controls.presets(kind, presets, controls.preset(view.lab, presets), words)
        with st.container(horizontal=True):
            controls.draw(kind, page.broken, words)

    fragments.part(kind, fragments.KNOBS, lambda view: controls.preset(view.lab, presets), draw)


def _found(lab: Lab, job: Job | None) -> Shown | None:
    """What to put on the stage: this recipe's result, else what was there before, else the default's."""
    place = f"{type(lab).name}_shown"
    before: Shown | None = st.session_state.get(place)
    now = None
    if job and job.latest is not None:
        now = Shown(repr(lab), job.latest, f"{job.run}/{job.frames}", "running")
    elif not job:
        found = live.finished(lab)
        if found:
            now = _finished(lab, *found)
    if now is None and before is None:
        found = live.finished(type(lab)())
        now = _finished(type(lab)(), *found) if found else None
    if now:
        st.session_state[place] = now
    return now or before


def _finished(lab: Lab, result: Any, shipped: bool) -> Shown:
    return Shown(repr(lab), result, gallery.mark(lab, shipped=shipped), "shipped" if shipped else "here")


def _run_bar(page: LabPage, job: Job | None, words: Texts) -> DeltaGenerator:
    """Start and Stop in a bar, in which there is room for more."""
    name = page.lab.name
    bar = st.container(horizontal=True, vertical_alignment="center")
    with bar:
        st.button(
            words("run.start"),
            key=f"{name}_start",
            type="primary",
            icon=":material/play_arrow:",
            disabled=job is not None,
            on_click=_start,
            args=(page.lab, words),
        )
        st.button(
            words("run.stop"),
            key=f"{name}_stop",
            icon=":material/stop:",
            disabled=job is None,
            on_click=_stop,
            args=(job,),
        )
    fault = st.session_state.get(f"{name}_fault")
    if fault and not job:
        st.error(fault, icon=":material/error:")
    return bar


def _state(view: View, words: Texts) -> str:
    """Where the picture on the stage is from, in a few words."""
    shown = view.shown
    if shown is None:
        told = words("run.none")
    elif shown.recipe != repr(view.lab):
        told = words("run.stale")
    elif shown.source == "running":
        told = words("run.stopped", done=shown.result.progress)
    else:
        told = words(f"run.{shown.source}")
    return f":gray[{told}]"


def _start(kind: type[Lab], words: Texts) -> None:
    st.session_state.pop(f"{kind.name}_fault", None)
    st.session_state.pop(f"{kind.name}_left", None)
    lab = controls.chosen(kind)
    try:
        live.start(lab)
    except RefusedError as refusal:
        if isinstance(refusal, NoWorkersError):
            log.warning("a job could not be started", extra={"recipe": store.key(lab), "error": refusal})
        st.session_state[f"{kind.name}_fault"] = _fault(refusal, words)
    except Exception:
        log.exception("a job could not be started", extra={"recipe": store.key(lab)})
        st.session_state[f"{kind.name}_fault"] = words("errors.start")


def _stop(job: Job | None) -> None:
    if job:
        live.stop(job)
        st.session_state[f"{job.lab.name}_left"] = job.run


def _watched(lab: Lab) -> Job | None:
    """The job of this recipe if one is under way, unless this visitor has left it to the others."""
    job = live.running(lab)
    return None if job and job.run == st.session_state.get(f"{lab.name}_left") else job


def _stage(page: LabPage, job: Job | None, numbers: Any, said: DeltaGenerator, words: Texts) -> list[DeltaGenerator]:
    """The pictures here, their numbers as tables once somebody opens the tab, and what the run says; the slots."""
    slots: list[DeltaGenerator] = []

    def draw(view: View) -> None:
        shown = view.shown
        first: Sequence[Any] = st.columns([1.4, 1], gap="small") if page.abreast else []
        slots[:] = _hang(page, shown, [*first, *[st] * (len(page.stage) - len(first))], words)
        for table in page.data if numbers.open else ():
            if shown:
                gallery.show_table(numbers, table, shown.result, shown.mark, words)
        _say(said.container() if job else said, shown, words)

    fragments.part(page.lab, "shown", lambda view: view.shown, draw)
    return slots


def _hang(page: LabPage, shown: Shown | None, places: Sequence[Any], words: Texts) -> list[DeltaGenerator]:
    """Each picture in its place; returns where they hang."""
    if shown is None:
        return [place.empty() for place in places]
    hung = zip(places, page.stage, strict=True)
    return [gallery.show_picture(place, draw, shown.result, shown.mark, words) for place, draw in hung]


def _say(place: Any, shown: Shown | None, words: Texts) -> None:
    """The verdict in sentences and four figures."""
    if shown:
        told, rows = gallery.cached(_told, shown.result, shown.mark, words)
        place.subheader(f"{words('verdict.title')}\n{told}", anchor="verdict")
        if rows:
            figures(place, rows, words)
    else:
        place.empty()  # a fragment may draw later only where it has drawn before


def _told(result: Any, words: Texts) -> tuple[str, Rows]:
    return "  \n".join(sentences(result.verdict, words)), compared(result.verdict, words)


def _inside(page: LabPage, words: Texts) -> None:
    """The program's source as it runs, its steps, and beside it what the network is made of, once it is unfolded."""
    st.subheader(f"{words('inside.title')}\n{words('inside.given')}", anchor="inside")
    with st.expander(
        words("inside.open"), icon=":material/code:", key=f"{page.lab.name}_inside", on_change="rerun"
    ) as unfolded:
        if unfolded.open:
            fragments.part(page.lab, "source", lambda view: view, lambda view: _unfolded(page, view, words))


def _unfolded(page: LabPage, view: View, words: Texts) -> None:
    source, net = st.columns([1.5, 1], gap="large")
    shown, program = view.shown, view.lab.program()
    with source:
        st.markdown(words("inside.program"))
        st.code(gallery.cached(_source, program, type(program).__name__, words), height=420)
    with net:
        _weights(shown, words)
        for draw in page.inside:
            if shown:
                gallery.show_picture(st, draw, shown.result, shown.mark, words)
    page.steps(shown, words)


def _source(program: Any, _: Texts) -> str:
    return source_of(program)


def _weights(shown: Shown | None, words: Texts) -> None:
    network = next((one for one in shown.result.verdict.answerers if one.kind == "network"), None) if shown else None
    if network:
        paid = network.price
        st.markdown(words("inside.network", weights=paid.parameters, examples=paid.examples, seconds=paid.seconds))


def _since(words: Texts) -> None:
    """The essay's claim, and what has become of it."""
    st.subheader(f"{words('since.title')}\n{words('since.claim')}\n\n{words('since.text')}", anchor="since")


def _watch(
    page: LabPage,
    lab: Lab,
    job: Job,
    progress: DeltaGenerator,
    slots: Sequence[DeltaGenerator],
    said: DeltaGenerator,
    words: Texts,
) -> None:
    """Draw a job's results as they come; when it is done, run the page once more to settle."""
    drawn = 0

    def draw(job: Job) -> None:
        nonlocal drawn
        if job.frames != drawn and job.latest is not None:
            drawn = job.frames
            now = Shown(repr(lab), job.latest, f"{job.run}/{drawn}", "running")
            st.session_state[f"{lab.name}_shown"] = now
            _hang(page, now, slots, words)
            _say(said.container(), now, words)
        progress.progress(_share_done(job), _progress_text(job, words))

    live.watch(job, draw)
    if job.error:
        st.session_state[f"{lab.name}_fault"] = _fault(job.error, words)
    elif job.finished:
        st.session_state[f"{lab.name}_shown"] = _finished(lab, job.latest, False)
    st.rerun()


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


def _fault(error: BaseException, words: Texts) -> str:
    """What ended a job, in a sentence that says what to do."""
    if isinstance(error, DivergedError):
        return words("errors.diverged", step=error.step, knob=words(f"knobs.{error.knob}.label"))
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
