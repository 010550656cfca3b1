"""What a run shows: the main picture with one sentence, then, in tabs, all it says, the other pictures, the numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.app import live
from dashboard.app.language import Texts
from dashboard.page import controls, fragments, gallery, guess
from dashboard.page.gallery import Draw
from dashboard.page.lab_page import NOTHING, LabPage, Shown, View
from dashboard.page.verdict import explained, sentences, tabulated

Update = Callable[[Shown], object]
"""Draws in the place of what is there, for a page that watches a job."""

Said = tuple[str, str | None]
"""A text, and what it means, for whoever asks."""


def draw(page: LabPage, words: Texts) -> list[Update]:
    """The main picture and the run's first finding."""
    updates: list[Update] = []

    def show(view: View) -> None:
        with st.container(key=f"{page.lab.name}_main", gap="xsmall"):
            with st.container(key=f"{page.lab.name}_picture"):
                updates.append(_picture(page, page.stage[0], view, words))
            updates.append(_saying(view, _finding, words))

    fragments.part(page.lab, "shown", _says(page), show)
    return updates


def led_by_section(page: LabPage) -> bool:
    """True if a section of the page's own stands where else the main picture does; on a projector, if it is named."""
    return page.first is not NOTHING and not (controls.presenting() and not controls.visible(*page.named))


def further(page: LabPage, words: Texts) -> list[Update]:
    """The tabs; only what stands in the open one is drawn."""
    updates: list[Update] = []
    pictures = page.stage if led_by_section(page) else page.stage[1:]

    def show(view: View) -> None:
        names = [words("verdict.title"), *(words(f"pictures.{one.__name__}") for one in pictures), words("stage.data")]
        with st.container(key=f"{page.lab.name}_further"):
            said, *places, numbers = st.tabs(names, key=f"{page.lab.name}_tab_{words.language}", on_change="rerun")
        with said:
            if said.open:
                updates.append(_saying(view, _all, words))
        for place, one in zip(places, pictures, strict=True):
            with place:
                if place.open:
                    updates.append(_picture(page, one, view, words))
        with numbers:
            if numbers.open:
                _tables(page, view, words)

    fragments.part(page.lab, "further", _says(page), show)
    return updates


def _says(page: LabPage) -> Callable[[View], tuple[object, ...]]:
    return lambda view: (view.shown, view.opened, guess.made(page))


def _picture(page: LabPage, one: Draw, view: View, words: Texts) -> Update:
    """A picture, and who draws a later result into its place."""

    def hang(place: Any, shown: Shown) -> DeltaGenerator:
        covered, bet = not view.opened, guess.made(page)
        stopped = words("run.stopped", done=shown.result.progress) if _stopped(shown) else ""
        return gallery.show_picture(
            place, one, shown.result, shown.mark, words, covered=covered, bet=bet, stopped=stopped
        )

    place = hang(st, view.shown) if view.shown else st.empty()

    def update(shown: Shown) -> None:
        nonlocal place
        place = hang(place, shown)

    return update


def _saying(view: View, say: Callable[[Any, Texts], Said], words: Texts) -> Update:
    """A text of a result, and who writes that of a later one into its place; covered until the guess is made."""

    def write(place: Any, shown: Shown) -> DeltaGenerator:
        if not view.opened:
            return place.markdown(gallery.veiled(words))
        text, meant = gallery.cached(say, shown.result, shown.mark, words)
        stopped = words("run.stopped", done=shown.result.progress) + "  \n" if _stopped(shown) else ""
        return place.markdown(stopped + text, help=meant)

    place = write(st, view.shown) if view.shown else st.empty()
    return lambda shown: write(place, shown)


def _stopped(shown: Shown) -> bool:
    """Of a run that did not come to its end, and will not."""
    return shown.source == "running" and not live.running(shown.lab)


def _finding(result: Any, words: Texts) -> Said:
    return "".join(sentences(result.verdict, words)[:1]), None


def _all(result: Any, words: Texts) -> Said:
    said = "  \n".join(sentences(result.verdict, words))
    return f"{said}\n\n{tabulated(result.verdict, words)}", explained(result.verdict, words) or None


def _tables(page: LabPage, view: View, words: Texts) -> None:
    if not view.opened:
        st.caption(gallery.veiled(words))
    elif view.shown:
        for table in page.data:
            gallery.show_table(st, table, view.shown.result, view.shown.mark, words)
