"""What only the page Sort has: a row of the visitor's own, the program step by step, rows it was not written for."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import Any

import streamlit as st

from dashboard import player
from dashboard.app import live
from dashboard.app.language import Texts
from dashboard.charts.style import Picture
from dashboard.page import controls, exhibits, gallery, guess
from dashboard.page.lab_page import Shown, View
from dashboard.pages.sort.charts import horizons, rows
from lib import numerals, store
from lib.core import Verdict
from lib.jobs.job import RefusedError
from lib.labs.sort import Oddity, Row, Scene, Sort
from lib.tasks.sort import RowError, typed

LOOK = 0.3  # seconds between two looks whether a row is answered; that takes a tenth of one where a worker is free
FIELD, SIGNED, FAILED = "sort_row", "sort_row_signed", "sort_row_failed"
LETTERS = 400
LONGEST = {"sort": 8, "parity": 20}  # rows in training, of the runs that are shown side by side


def below(shown: Shown | None, words: Texts) -> None:
    """A row of the visitor's own, then who holds how far among the networks that ship."""
    _follow()
    if controls.visible("row"):
        st.text_input(words("row.ask"), key=FIELD, on_change=_typed, max_chars=LETTERS, placeholder=words("row.hint"))
    asked = None
    try:
        asked = _asked()
    except RowError as fault:
        st.warning(_refusal(fault, words))
    if asked and (shown is None or shown.source == "running" or shown.recipe != repr(asked.lab)):
        st.caption(words("row.first"))
    elif asked:
        _answer(asked, words)
        if len(asked.row) > len(numerals.words(st.session_state[FIELD])):
            st.caption(words("row.completed"))
    if not guess.opened(Sort) or not controls.visible("pictures"):
        return
    with st.expander(words("held.title"), icon=":material/bar_chart:", key="sort_held", on_change="rerun") as unfolded:
        if unfolded.open:
            st.markdown(words("held.text"))
            for task in LONGEST:
                _held(task, words)


def _held(task: str, words: Texts) -> None:
    picture = gallery.cached(held, task, f"held-{task}", words)
    if picture:
        st.markdown(f"**{words(f'held.{task}')}**")
        gallery.draw_chart(st, picture)


def says(view: View) -> View | bool:
    """Knobs and result, whom a row of the visitor's own is for; without one, whether the guess is made."""
    return view if st.session_state.get(FIELD, "").strip() else view.opened


def _follow() -> None:
    """Set the row as the link says, if that is not what was typed here: at arrival and after Back or Forward."""
    word = st.query_params.get(FIELD, "")
    if FIELD not in st.session_state or word != st.session_state.get(SIGNED, ""):
        st.session_state[FIELD] = word if len(word) <= LETTERS else ""
    st.session_state[SIGNED] = word


def _typed() -> None:
    """The row stands in the link; the whole page is drawn, since the program's steps are those of the row."""
    word = st.session_state[FIELD]
    st.session_state[SIGNED] = word
    controls.write({FIELD: word})
    st.rerun()


@cache
def _runs(task: str) -> list[tuple[Sort, Verdict]]:
    """The shipped networks of one task, all trained on the same lengths."""
    alike = {"hidden": 0.0, "off_by_one": False, "task": task, "longest": LONGEST[task]}
    runs = exhibits.verdicts(Sort)
    return [(lab, found) for lab, found in runs if all(getattr(lab, name) == value for name, value in alike.items())]


def held(task: str, words: Texts) -> Picture | None:
    """How far each of the shipped networks of one task holds; None if none ship."""
    runs = _runs(task)
    return horizons.held([(_named(lab, words), found) for lab, found in runs], words) if runs else None


def _named(lab: Sort, words: Texts) -> str:
    """A network in a few words."""
    if lab.learner == "transformer":
        return words("held.transformer", positions=words(f"knobs.positions.choices.{lab.positions}"))
    name = words(f"knobs.learner.choices.{lab.learner}")
    if lab.learner in ("rnn", "gru", "lstm") and lab.task == "sort":
        return words("held.both" if lab.both_ways else "held.once", name=name)
    return name


def _asked() -> Row | None:
    """The visitor's own row and whom it is for, None without one. Raises RowError if it cannot be one."""
    text = st.session_state.get(FIELD, "")
    lab: Any = controls.chosen(Sort)
    return Row(lab, typed(text, lab.asks())) if text.strip() else None


def _refusal(fault: RowError, words: Texts) -> str:
    """What is wrong with a row, and where."""
    lab: Any = controls.chosen(Sort)
    word, high = controls.escaped(fault.word, 20), lab.asks().alphabet - 1
    return words(f"row.{fault.why}", word=word, place=fault.place, low=0, high=high)


def _answer(asked: Row, words: Texts) -> None:
    """The answers to a row, or what keeps them; they come from the store, or by themselves from a worker."""
    found = live.finished(asked)
    if found:
        gallery.show_picture(st, rows.answered, found[0], store.key(asked), words)
        return
    failed = st.session_state.get(FAILED) == asked
    try:
        job = None if failed else live.start(asked)
    except RefusedError:
        job = None
    if job is None:
        st.caption(words("row.busy"))
        return

    def wait() -> None:
        if job.done:
            live.remember(job)
            st.session_state[FAILED] = None if job.finished else asked
            st.rerun()
        st.caption(words("row.wait"))

    st.fragment(wait, run_every=LOOK)()


def _scene(shown: Shown | None) -> Scene | None:
    """The row whose steps are shown: the visitor's own if it has been answered, else the lab's."""
    own = None
    with suppress(RowError):
        asked = _asked()
        own = live.finished(asked) if asked else None
    return own[0].scene if own else shown.result.scene if shown else None


def steps(shown: Shown | None, words: Texts) -> None:
    """The program at work on the row, played in the browser."""
    scene = _scene(shown)
    if scene:
        st.markdown(words("steps.title", length=len(scene.steps[0])))
        player.play(_played(scene), words.at("player"), key="sort_player")


def _played(scene: Scene) -> player.Steps:
    touched = [[place for place in places if place >= 0] for places in scene.touched.tolist()]
    held = [None if number < 0 else number for number in scene.held.tolist()]
    return player.Steps(scene.steps.tolist(), touched, held, scene.asked.tolist())


def wrecks(shown: Shown | None, words: Texts) -> None:
    """Rows that the program was not written for, and what it makes of them."""
    if shown:
        st.markdown(words("odd.title"))
        for oddity in shown.result.oddities:
            _wreck(oddity, words)


def _wreck(oddity: Oddity, words: Texts) -> None:
    outcome = "error" if oddity.error else "open" if not oddity.right else _compared(oddity)
    asked, told, right = (" ".join(row) for row in (oddity.asked, oddity.told, oddity.right))
    said = f"**{words(f'odd.{oddity.name}.title')}** · {words(f'odd.{oddity.name}.{outcome}', right=right)}"
    st.markdown(f"{said}  \n`{asked}  →  {oddity.error or told}`")  # the program's own words, in a lab's own rows


def _compared(oddity: Oddity) -> str:
    return "right" if oddity.told == oddity.right else "wrong"
