"""The order of things on a lab's page, the same for every lab.

Question, guess, picture and what it shows, with the knobs beside it; what else the run says, picture by picture; inside
both, break the program, since 2017, take it with you. A page says what differs (see lab_page); its sentences stand in
text/<language>/<lab>.toml.
"""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.app import live
from dashboard.app.language import Texts
from dashboard.page import controls, fragments, gallery, guess, run_bar, stage, takeaway
from dashboard.page.lab_page import NOTHING, LabPage, Section, Shown, View
from lib.core import Lab, opening, opens, source_of
from lib.jobs.job import Job
from lib.knobs import knobs


def show(page: LabPage) -> None:
    """Draw the page; if its recipe is being computed, stay and draw what arrives."""
    kind, words = page.lab, Texts(st.session_state["language"], page.lab.name)
    presenting = controls.presenting()
    refusals = controls.follow(kind, words, page.named)
    lab = controls.chosen(kind)
    controls.sign(lab, page.link(lab))
    job = live.running(lab)
    view = View(lab, _found(lab, job), guess.opened(kind))
    fragments.begin(kind, lambda: _look(page), view, busy=job is not None)

    # What this is called makes all letters large: see app/browser/index.css.
    (st.container(key="projector") if presenting else st).title(words("question"), anchor=False)
    for refusal in refusals:
        st.warning(refusal, icon=":material/link_off:")
    _asked(page, words)
    middle, right = (st.container(), st.container()) if presenting else st.columns([2.7, 1], gap="medium")
    with middle:
        bar = run_bar.draw(view, job, words)
        if job:
            st.container()  # what follows keeps its place, and the browser keeps its pictures
        elif run_bar.startable(view):
            _state(page, bar, words)
        if stage.led_by_section(page):
            with st.container(key=f"{kind.name}_leading"):
                watched = _section(page, "first", words)
        else:
            watched = stage.draw(page, words)
    _knobs(page, right, words)
    if controls.visible("pictures"):
        watched += stage.further(page, words)
    _section(page, "below", words)
    if not presenting:
        _terms(words)
    _inside(page, words)
    _breaks(page, job, words)
    if not presenting:
        _since(kind, words)
        takeaway.show(kind, words)
    if job:
        _watch(lab, job, bar, watched, words)


def _look(page: LabPage) -> View | None:
    """After a turn: write the knobs into the address, and find what there is to show; None if that is a running job."""
    lab = controls.chosen(page.lab)
    controls.sign(lab, page.link(lab))
    return None if live.running(lab) else View(lab, _found(lab, None), guess.opened(page.lab))


def _section(page: LabPage, name: str, words: Texts) -> list[stage.Update]:
    """What only this page has, if it has it; nothing of it moves during a run."""
    section: Section = getattr(page, name)
    if section is not NOTHING:
        fragments.part(page.lab, name, section.says, lambda view: section.draw(view.shown, words))
    return []


def _asked(page: LabPage, words: Texts) -> None:
    """The guess, and the presets in a line: most turns change one of them at most, and pills are dear."""
    kind, presets = page.lab, _presets(page, words)

    def told(view: View) -> tuple[object, ...]:
        return view.opened, guess.told(page, view, words)

    def at(view: View) -> str | None:
        return controls.preset(view.lab, presets)

    with st.container(key=f"{kind.name}_top", gap="xsmall"):
        fragments.part(kind, fragments.ASKED, told, lambda view: guess.draw(page, view, words))
        fragments.part(kind, "presets", at, lambda view: controls.presets(kind, "default", presets, at(view), words))


def _state(page: LabPage, bar: DeltaGenerator, words: Texts) -> None:
    """Beside Start what the knobs are set to do and whose result is shown: all that most turns change."""

    def says(view: View) -> str:
        preset = controls.preset(view.lab, _presets(page, words))
        comment = _comment(page.lab, preset, words) if view.opened else []  # it often says what comes out
        return "  \n".join([*comment, run_bar.state(view, words)])

    def draw(view: View) -> None:
        # What this is called fades the pictures, without drawing them again: see app/browser/index.css.
        bar.container(key=f"{page.lab.name}_{'stale' if view.stale else 'fresh'}").caption(says(view))

    fragments.part(page.lab, fragments.STATE, says, draw)


def _presets(page: LabPage, words: Texts) -> tuple[str, ...]:
    """Those above the picture, first the one that the page opens with; the others break the program."""
    above = [name for name in page.lab.presets if name not in words.at("breaks.presets")]
    return tuple(sorted(above, key=lambda name: name != opens(page.lab)))


def _comment(kind: type[Lab], preset: str | None, words: Texts) -> list[str]:
    """What a preset is for, if the knobs are at one other than that of the opening, which the page speaks of anyway."""
    return [words(f"presets.{preset}.comment")] if preset and preset != opens(kind) else []


def _knobs(page: LabPage, beside: DeltaGenerator, words: Texts) -> None:
    """The main knobs beside the stage; the rest under *more* across both, where it leaves nothing beside it empty."""
    kind = page.lab
    rest = [name for name in knobs(kind) if name not in (*page.knobs, *page.broken)]

    def draw(view: View) -> None:
        with beside.container(key=f"{kind.name}_knobs", horizontal=controls.presenting()):
            told = page.knobs if view.opened else [name for name in page.knobs if name not in page.telling]
            controls.draw(kind, told, words, view.lab.idle())

    fragments.part(kind, fragments.KNOBS, lambda view: (view.lab.idle(), view.opened or not page.telling), draw)
    if controls.visible(*rest):
        fragments.part(
            kind,
            fragments.REST,
            lambda view: view.lab.idle(),
            lambda view: controls.more(kind, rest, words, view.lab.idle()),
        )


def _breaks(page: LabPage, job: Job | None, words: Texts) -> None:
    """The program's assumptions as knobs, and Start, once it is unfolded: the one above is far from here."""
    kind, presets = page.lab, tuple(words.at("breaks.presets"))
    if not controls.visible("breaks", *page.broken):
        return

    def says(view: View) -> tuple[object, ...]:
        return controls.preset(view.lab, presets), run_bar.state(view, words), view.lab.idle()

    def draw(view: View) -> None:
        preset = controls.preset(view.lab, presets)
        controls.presets(kind, "broken", presets, preset, words)
        with st.container(horizontal=True):
            controls.draw(kind, page.broken, words, view.lab.idle())
        with st.container(horizontal=True, vertical_alignment="center"):
            run_bar.start(kind, job, words, "start_broken")
            st.caption("  \n".join([*_comment(kind, preset, words), run_bar.state(view, words)]))

    st.header(words("breaks.title"), anchor="break")
    with st.expander(
        words("breaks.text"), icon=":material/build:", key=f"{kind.name}_breaks", on_change="rerun"
    ) as unfolded:
        if unfolded.open:
            fragments.part(kind, fragments.BREAKS, says, draw)
            _section(page, "wrecks", words)


def _found(lab: Lab, job: Job | None) -> Shown | None:
    """What to put on the stage: this recipe's result, else what was there before, else that of the page's opening."""
    place = f"{type(lab).name}_shown"
    before: Shown | None = st.session_state.get(place)
    now = None
    if job and job.latest is not None:
        now = _running(lab, job)
    elif not job:
        found = live.finished(lab)
        if found:
            now = _finished(lab, *found)
    if now is None and before is None:
        opens = opening(type(lab))
        found = live.finished(opens)
        now = _finished(opens, *found) if found else None
    if now:
        st.session_state[place] = now
    return now or before


def _finished(lab: Lab, result: Any, shipped: bool) -> Shown:
    return Shown(lab, result, gallery.mark(lab, shipped=shipped), "shipped" if shipped else "here")


def _running(lab: Lab, job: Job) -> Shown:
    return Shown(lab, job.latest, f"{job.run}/{job.frames}", "running")


def _terms(words: Texts) -> None:
    """What the words mean that everybody in the field uses and a newcomer does not, for whoever unfolds it."""
    with st.expander(
        words("terms.title"), icon=":material/menu_book:", key=f"{words.page}_terms", on_change="rerun"
    ) as it:
        if it.open:
            st.markdown(words("terms.text"))


def _inside(page: LabPage, words: Texts) -> None:
    """The program's source as it runs, its steps, and beside it what the network is made of, once it is unfolded."""
    if not controls.visible("inside"):
        return
    st.header(words("inside.title"), anchor="inside")
    with st.expander(
        words("inside.open"), icon=":material/code:", key=f"{page.lab.name}_inside", on_change="rerun"
    ) as unfolded:
        if unfolded.open:
            fragments.part(page.lab, "source", lambda view: view, lambda view: _unfolded(page, view, words))


def _unfolded(page: LabPage, view: View, words: Texts) -> None:
    st.markdown(words("inside.given"))
    source, net = st.columns([1.5, 1], gap="large")
    shown, program = view.shown, view.lab.program()
    with source:
        st.markdown(words("inside.program"))
        st.code(gallery.cached(_source, program, type(program).__name__, words), height=420, wrap_lines=True)
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


def _since(kind: type[Lab], words: Texts) -> None:
    """The essay's claim, and what has become of it, which often answers the guess."""
    st.header(words("since.title"), anchor="since")

    def draw(view: View) -> None:
        st.markdown(f"{words('since.claim')}\n\n{words('since.text' if view.opened else 'stage.covered')}")

    fragments.part(kind, "since", lambda view: view.opened, draw)


def _watch(lab: Lab, job: Job, bar: DeltaGenerator, watched: list[stage.Update], words: Texts) -> None:
    """Draw what the job sends until it is over. Comes last on the page: every widget is there by then.

    Whoever clicks is answered all the same: Streamlit leaves this at the next drawing, and the job goes on.
    """
    drawn, place = 0, bar.empty()

    def draw(job: Job) -> None:
        nonlocal drawn
        if job.frames > drawn and job.latest is not None:
            drawn = job.frames
            now = _running(lab, job)
            st.session_state[f"{lab.name}_shown"] = now
            for update in watched:
                update(now)
        run_bar.progress(place, job, words)

    live.watch(job, draw)
    if job.error:
        st.session_state[f"{lab.name}_fault"] = run_bar.faulted(job.error, words)
    elif job.finished:
        st.session_state[f"{lab.name}_shown"] = _finished(lab, job.latest, False)
    st.rerun()
