"""The visitor's guess, before which the answer is covered, and what became of it."""

from __future__ import annotations

from bisect import bisect_left
from math import isinf
from typing import Any

import streamlit as st

from dashboard.app import live
from dashboard.app.language import GAP, Texts, share
from dashboard.page import controls, fragments
from dashboard.page.lab_page import LabPage, View
from dashboard.page.verdict import apart
from lib.core import Lab
from lib.knobs import knobs, switched

KEY = "v"  # Streamlit keeps R, for rerun; `keys=0` in the link takes it away
GLUE = "\u2060"  # between two letters: no line breaks there


def opened(lab: type[Lab]) -> bool:
    """True once the visitor has guessed or asked to be shown, for the visit; a link with `reveal=1` leaves all open."""
    return bool(st.session_state.get(f"{lab.name}_opened") or revealed())


def revealed() -> bool:
    """True if the link leaves all open for the visit, whatever was guessed."""
    return bool(st.session_state.get("reveal"))


def made(page: LabPage) -> int | None:
    """Which of the ranges the visitor has picked."""
    return st.session_state.get(_key(page))


def draw(page: LabPage, view: View, words: Texts) -> None:
    """The ranges to pick from; above them the question, later what became of the answer, so that nothing moves.

    On a projector, where hands are raised, question and ranges in words, beside a button that uncovers the answer.
    """
    if controls.visible("guess"):
        options = words.at("guess.options")
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=f"{page.lab.name}_wager"):
            st.pills(
                told(page, view, words),
                range(len(options)),
                format_func=options.__getitem__,
                key=_key(page),
                on_change=_picked,
                args=(page,),
                wrap=False,
                persist_state="session",
            )
            if not view.opened:
                _reveal(page, words("guess.show"), "tertiary")
    elif not view.opened:
        with st.container(horizontal=True, vertical_alignment="center", key=f"{page.lab.name}_polled"):
            _reveal(page, words("guess.reveal"), "primary", None if _quiet() else KEY)
            st.markdown(f":small[{told(page, view, words)} {offered(words)}]")


def offered(words: Texts) -> str:
    """The ranges in a line, which breaks between them alone, though Chinese has no spaces."""
    return " · ".join(GLUE.join(one.replace(" ", GAP)) for one in words.at("guess.options"))


def told(page: LabPage, view: View, words: Texts) -> str:
    """The question, or what became of the guess. Only a finished result of exactly these knobs answers it."""
    bet = made(page)
    if bet is None:
        return words(f"guess.{page.ask(view.lab)}")
    guess = words.at("guess.options")[bet]
    if live.running(view.lab):
        return words("guess.runs", guess=guess)
    value = page.measure(view.shown.result) if view.shown and not view.stale else None
    if value is None:
        return words("guess.waits", guess=guess)
    right = bisect_left(page.edges, value)
    outcome = "never" if isinf(value) else "right" if bet == right else "low" if bet < right else "high"
    shares = max(page.edges) < 1
    became = words(
        f"guess.{outcome}", guess=guess, value=apart(value, page.edges, share, 100, "%") if shares else value
    )
    now = _settings(view.lab)
    return became if st.session_state.get(_asked(page), now) == now else words("guess.moved", told=became)


def _key(page: LabPage) -> str:
    return f"{page.lab.name}_guess"


def _asked(page: LabPage) -> str:
    """Where it is kept which settings the guess was made for."""
    return f"{page.lab.name}_guessed"


def _settings(lab: Lab) -> dict[str, Any]:
    """What a guess is about: every knob but the seed."""
    return {name: getattr(lab, name) for name in knobs(lab) if name != "seed"}


def _quiet() -> bool:
    """True if a link wants no keys that act by themselves, as whoever dictates to a computer does."""
    return switched(st.query_params.get("keys", "")) is False


def _reveal(page: LabPage, label: str, kind: str, key: str | None = None) -> None:
    name = f"{page.lab.name}_reveal"
    icon = ":material/visibility:"
    st.button(label, key=name, type=kind, icon=icon, shortcut=key, on_click=_open, args=(page,))  # type: ignore[arg-type]


def _picked(page: LabPage) -> None:
    st.session_state[_asked(page)] = _settings(controls.chosen(page.lab))
    if made(page) is not None:
        _open(page)


def _open(page: LabPage) -> None:
    st.session_state[f"{page.lab.name}_opened"] = True
    fragments.rerun_changed(page.lab, fragments.ASKED)
