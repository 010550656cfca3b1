"""What only the page Panda has: the attacked picture as a file, a photo of the visitor's own, a badger."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from dashboard.app import components
from dashboard.app.language import Texts
from dashboard.charts.recipe import settings
from dashboard.page import aside, controls, gallery, guess, photo
from dashboard.page.lab_page import Shown
from dashboard.page.prebuilt import ROOT
from dashboard.pages.panda.charts import undone
from dashboard.pages.panda.walk import packed
from dashboard.walk import FOLDER, called
from lib.labs.panda.lab import Panda, PandaOn, Pushed
from lib.labs.panda.oddity import drawn_badger
from lib.labs.panda.scene import SHOWN, Scene
from lib.tasks.photos.changes import png_file

LOOK = 0.6  # seconds between two looks at what has come of a visitor's photo
ASKED = "panda_own"  # for which settings the visitor's photo is attacked
BARED = "panda_own_bared"  # True once the visitor has seen what the network sees, and wants it attacked


def below(shown: Shown | None, words: Texts) -> None:
    """The attacked picture to be taken along, and a photo of the visitor's own."""
    if shown and guess.opened(Panda) and controls.visible("photo"):
        scene = shown.result.scene
        if scene.walked >= scene.steps:
            clean = Panda(**settings(shown.result.verdict.recipe)).clean
            _download(scene, clean, "panda_file", words)
    if controls.visible("photo"):
        with st.expander(
            words("own.title"), icon=":material/add_a_photo:", key="panda_unfolded", on_change="rerun"
        ) as unfolded:
            if unfolded.open:
                _own(words)


def _download(scene: Scene, clean: Any, key: str, words: Texts) -> None:
    """What it is, and the file; a budget below one level fits no file."""
    if not scene.whole:
        st.caption(words("file.none"))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        made = partial(_file, scene, clean)
        st.download_button(
            words("file.save"), made, "horizon-panda.png", "image/png", key=key, icon=":material/image:",
            on_click="ignore",
        )  # fmt: skip
        st.caption(words("file.what", eps=scene.eps, steps=scene.steps))


def _file(scene: Scene, clean: Any) -> bytes:
    return png_file(scene.picture(clean, scene.steps))


def _own(words: Texts) -> None:
    """Asked for, looked at, attacked: one after the other. How many levels that takes answers the guess, for this photo
    too: until then it is looked at alone."""
    st.markdown(words("own.text"))
    own = photo.ask("panda", words, _forget)
    if not own:
        return
    now: Any = controls.chosen(Panda)
    now = replace(now, photos=1, targets=1, seeds=1, seed=0, warmth=0.0, brightness=1.0)
    lab = st.session_state.setdefault(ASKED, now)
    bared = guess.opened(Panda) and st.session_state.get(BARED, False)
    if not guess.opened(Panda):
        st.caption(gallery.veiled(words))
    elif not bared or lab != now:
        st.button(
            words("own.attack", target=words("own.anything") if not now.targeted else called(now.target, words)),
            key="panda_own_attack",
            type="primary",
            icon=":material/bolt:",
            on_click=_attack,
            args=(now,),
        )
    _answer(PandaOn(lab, own), words, bared=bared)


def _forget() -> None:
    st.session_state.pop(ASKED, None)
    st.session_state.pop(BARED, None)


def _attack(lab: Panda) -> None:
    st.session_state[ASKED], st.session_state[BARED] = lab, True


def _answer(asked: PandaOn, words: Texts, *, bared: bool) -> None:
    """What has come of a photo so far."""

    def draw(result: Pushed, over: bool) -> None:
        _drawn(result, asked, words, bared=bared, over=over)

    aside.follow(asked, words, draw, LOOK, words("own.recorded"))


def _drawn(result: Pushed, asked: PandaOn, words: Texts, *, bared: bool, over: bool = False) -> None:
    """The photo untouched and, once it is to be attacked, step by step, with what undoes it.

    over: the run has ended; until then what is asked of a button may be lost in the next look.
    """
    scene = result.scene
    if not len(scene.labels):
        return
    key = "panda_own_walk"
    data = packed(scene, asked.clean, words, f"{key}_{result.verdict.recipe}", covered=not bared)
    components.redraw(st.empty(), ROOT / FOLDER, data, key)
    st.markdown(said(scene, words, bared=bared))
    if not bared or scene.walked < SHOWN:
        return
    picture = undone.undone(result, words)
    if picture:
        st.markdown(f"**{words('undone.title')}**")
        gallery.draw_chart(st, picture)
        if over:
            _download(scene, asked.clean, "panda_own_file", words)


def said(scene: Scene, words: Texts, *, bared: bool) -> str:
    """What the network sees in a photo, untouched and after the attack."""
    first, last = (scene.labels[step, 0, 0] for step in (0, min(scene.steps, scene.walked)))
    before, after = (scene.sure[step, 0, 0] for step in (0, min(scene.steps, scene.walked)))
    told = words("own.untouched", name=called(int(first), words), sure=float(before))
    if not bared or scene.walked < scene.steps:
        return told
    done = words("own.attacked", name=called(int(last), words), sure=float(after), eps=scene.eps, steps=scene.steps)
    return f"{told} {done}"


def badger(_: Shown | None, words: Texts) -> None:
    """What the program was not told: others are black and white too."""
    odd = drawn_badger()
    told = words("badger.panda" if odd.panda else "badger.none")
    picture, text = st.columns([1, 3], vertical_alignment="center")
    picture.image(odd.picture, width=160, alt=words("badger.alt", says=told.replace("**", "")))
    text.markdown(f"**{words('badger.title')}** · {told}")
