"""Shape or texture? One animal's outline, another's coat, both at once, and what the network goes by."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboard.app.language import Texts
from dashboard.page import controls, gallery, guess
from dashboard.page.lab_page import Shown
from dashboard.pages.see.charts import shapes as chart
from dashboard.pages.see.charts.likeliest import Told, likeliest, strip
from lib.labs.see.lab import See
from lib.labs.see.shapes import OWN, Answers, Shapes
from lib.tasks.photos.shipped import CLASS, NAMES
from lib.tasks.see.outlines import BACKDROPS, OUTLINED, coat, conflict, silhouette

EDGES = (0.1, 0.4, 0.7)
GUESS, BARED = "see_shapes_guess", "see_shapes_bared"
WIDE, NARROW = 720, 165  # pixels of the pictures, and of what chooses them: two beside each other on a phone
FIRST = "kangaroo"  # an outline that people know at once


def draw(shown: Shown | None, words: Texts) -> None:
    """The section, folded; a link that names its pictures unfolds it."""
    if not controls.visible("shapes"):
        return
    linked = any(f"see_{name}" in st.query_params for name in ("outline", "coat", "backdrop"))
    with st.expander(
        f"**{words('shapes.title')}** {words('shapes.fold')}",
        icon=":material/pets:",
        expanded=linked or controls.presenting(),
        key="see_shapes_unfolded",
        on_change="rerun",
    ) as unfolded:
        if unfolded.open:
            _unfolded(shown, words)


def _unfolded(shown: Shown | None, words: Texts) -> None:
    """Three pictures and what was read in them, then how often the outline decides; read pictures can be chosen."""
    told: Shapes | None = shown.result.shapes if shown else None
    st.markdown(words("shapes.text"))
    _guess(told, words)
    if told is None:
        return
    bare = opened()
    pictures, said = st.columns([1.6, 1], gap="medium") if bare else (st.container(width=WIDE), st)
    with pictures:
        went = _chosen(told, words)
    if not bare:
        said.caption(words("shapes.covered"))
    elif shown and told.asked:
        said.markdown(f"{went}\n\n{findings(told, words)}")
        gallery.show_picture(st, chart.shapes, shown.result, shown.mark, words)
        st.caption(f"{words('shapes.source')} {words('shapes.counted')}")
    else:
        said.caption(words("shapes.later"))


def opened() -> bool:
    """True once the visitor has guessed here or asked to be shown; on a projector Reveal opens this as well."""
    return bool(st.session_state.get(BARED) or guess.revealed() or (controls.presenting() and guess.opened(See)))


def _guess(told: Shapes | None, words: Texts) -> None:
    """How often does the outline decide? Until that is guessed, nothing that the network says is shown."""
    options = words.at("shapes.guess.options")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.pills(
            restated(told, st.session_state.get(GUESS), words),
            range(len(options)),
            format_func=options.__getitem__,
            key=GUESS,
            on_change=_bare,
            persist_state="session",
        )
        if not opened():
            st.button(
                words("guess.show"),
                key="see_shapes_show",
                type="tertiary",
                icon=":material/visibility:",
                on_click=_bare,
            )


def _bare() -> None:
    st.session_state[BARED] = True


def restated(told: Shapes | None, bet: int | None, words: Texts) -> str:
    """The question, or what became of the guess."""
    if bet is None or told is None or not told.asked or math.isnan(told.share):
        return words("shapes.guess.ask")
    right = bisect_left(EDGES, told.share)
    outcome = "right" if bet == right else "low" if bet < right else "high"
    return words(f"shapes.guess.{outcome}", guess=words.at("shapes.guess.options")[bet], value=told.share)


def _chosen(told: Shapes, words: Texts) -> str:
    """The pictures of one pair, and below each, once it may be seen, the five likeliest classes; what it went by."""
    with st.container(horizontal=True, gap="small"):
        shape = _pick("outline", OUTLINED, words)
        at = OUTLINED.index(shape)
        turns = {NAMES[place]: turn for turn, place in enumerate(told.pairs[at].tolist())}
        texture = _pick("coat", tuple(turns), words, f"_{shape}")
        backdrop = chart.BACKGROUNDS.index(_pick("backdrop", chart.BACKGROUNDS, words))
    called = {"outline": words(f"photos.{shape}"), "coat": words(f"photos.{texture}")}
    pictures = [silhouette(shape), coat(texture), conflict(shape, texture, BACKDROPS[backdrop])]
    st.image(strip(pictures), width="stretch", alt=words("shapes.alt", **called))
    if not (opened() and told.asked):
        return ""
    both = backdrop, at, turns[texture]
    read = [_told(told.silhouettes, at), _told(told.coats, NAMES.index(texture)), _told(told.conflicts, both)]
    gallery.draw_chart(st, likeliest(read, CLASS[shape], CLASS[texture], words))
    chosen = words(f"photos.{NAMES[int(told.conflicts.choice[both])]}")
    return words(f"shapes.went.{chart.side(told, *both)}", chosen=chosen)


def _told(answers: Answers, at: Any) -> Told:
    return answers.labels[at], answers.sure[at]


def _pick(name: str, options: Sequence[str], words: Texts, also: str = "") -> str:
    """One of several, as the link says or the visitor; its words are of the page's language.

    also: what its options depend on.
    """
    place, label, said = f"see_{name}", words(f"shapes.{name}"), "shapes.backdrops" if name == "backdrop" else "photos"
    asked = st.query_params.get(place)
    if asked and asked not in options:
        offer = words("link.one_of", choices=", ".join(options))
        st.warning(words("link.refused", knob=label, got=controls.escaped(asked, 20), offer=offer))
    start = FIRST if FIRST in options else options[0]
    chosen = st.selectbox(
        label,
        options,
        options.index(asked if asked in options else start),
        format_func=lambda one: words(f"{said}.{one}"),
        key=f"{place}{also}_{words.language}",
        persist_state="session",
        width=NARROW,
    )
    controls.write({place: "" if chosen == start else chosen})
    return chosen


def findings(told: Shapes, words: Texts) -> str:
    """Each alone, both at odds, and how often it is neither, in the numbers of this run."""
    animals, silhouettes, coats = told.right
    pictures = told.conflicts.choice.size
    white, grey = (int(one) for one in told.by_shape.sum((1, 2)) + told.by_texture.sum((1, 2)))
    most, times = told.favourite
    by_shape, by_texture = told.named
    said = [
        words("shapes.alone", outlines=len(OWN), animals=animals, silhouettes=silhouettes, coats=coats, all=len(NAMES)),
        words("shapes.odds", white=float(told.shares[0]), grey=float(told.shares[1]), whites=white, greys=grey),
        words(
            "shapes.neither",
            neither=pictures - white - grey,
            pictures=pictures,
            most=words(f"photos.{NAMES[most]}"),
            times=times,
        ),
        words("shapes.thousand", shape=by_shape, texture=by_texture, pictures=pictures),
    ]
    return "\n".join(f"- {one}" for one in said)
