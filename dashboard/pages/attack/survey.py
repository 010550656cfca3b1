"""Sections that survey what the page's own run shows one case of: every attack, every reader, every defence.

Each is a run of its own beside the page's, which is asked for here; that of the defaults ships.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import streamlit as st

from dashboard.app import live
from dashboard.app.language import Texts
from dashboard.charts.curves import table
from dashboard.page import aside, controls, gallery, guess
from dashboard.page.gallery import Draw
from dashboard.page.lab_page import Shown
from dashboard.pages.attack.charts import defences, survey, transfer
from lib.core import Verdict
from lib.labs.attack import defences as shielded
from lib.labs.attack.defences import AttackDefences, Defended
from lib.labs.attack.lab import Attack
from lib.labs.attack.nets import DEFENCES, GUESSED, NETWORKS, NORMS, SEEDS
from lib.labs.attack.survey import AttackSurvey, Surveyed
from lib.labs.attack.transfer import READERS, AttackTransfer, Transferred

LOOK = 0.6  # seconds between two looks at what has come


@dataclass(frozen=True)
class Side:
    """One section, whose texts stand under its name.

    knobs: of its run, each with what it may stand at, the default first. tables: the numbers of its pictures.
    """

    name: str
    icon: str
    run: Callable[..., Any]
    knobs: Mapping[str, Sequence[str]]
    pictures: Sequence[Draw]
    tables: Sequence[Draw]
    found: Callable[[Any, Texts], str]


def surveyed(told: Surveyed, words: Texts) -> str:
    """What each family fells at the ε of the guess, and within which half of the digits fall."""
    eps = told.within
    fell = {one.name: _at(told.verdict, one.name, eps) for one in told.verdict.answerers}
    rows = [words("survey.fell", name=words(f"names.{name}"), share=share) for name, share in fell.items()]
    near = told.middle
    half = words("survey.near", eps=near) if isfinite(near) else words("survey.far")
    return words(
        "survey.found",
        eps=eps,
        pictures=told.pictures,
        seeds=SEEDS,
        rows=words.at("marks.semicolon").join(rows),
        half=half,
    )


def transferred(told: Transferred, words: Texts) -> str:
    """What the pictures that were made against the convolutional network do to it and to all others."""
    share = told.middle
    rows = [
        words("transfer.reads", name=words(f"transfer.readers.{name}"), share=share["cnn", name])
        for name, _ in READERS
        if name != "cnn"
    ]
    return words(
        "transfer.found",
        eps=told.within,
        own=share["cnn", "cnn"],
        rows=words.at("marks.semicolon").join(rows),
        noise=max(share["noise", name] - share["untouched", name] for name, _ in READERS),
    )


def defended(told: Defended, words: Texts) -> str:
    """What each defence is worth at the ε of the guess; of the proof, what it covers at the smallest."""
    exam = told.verdict.axis.exam
    eps = GUESSED["linf" if GUESSED["linf"] in exam else "l2"]
    at = {one.name: _at(told.verdict, one.name, eps) for one in told.verdict.answerers}
    small = exam[2]
    proven = {name: _at(told.verdict, name, small) for name in ("smoothed", "certified")}
    seconds = {one.name: one.price.seconds for one in told.verdict.answerers}
    return "\n".join(
        f"- {one}"
        for one in (
            words("defences.found.trained", eps=eps, **{name: at[name] for name in ("plain", "madry", "free", "fast")}),
            words("defences.found.price", **{name: seconds[name] for name in ("plain", "madry", "free", "fast")}),
            words("defences.found.squeezed", eps=eps, blind=at["squeezed"], through=at["through"], plain=at["plain"]),
            words("defences.found.smoothed", eps=small, certified=proven["certified"], attacked=proven["smoothed"]),
        )
    )


def _at(verdict: Verdict, name: str, eps: float) -> float:
    return next(point.error for point in verdict.named(name).curve if point.at == eps)


SIDES = (
    Side(
        "survey",
        ":material/query_stats:",
        AttackSurvey,
        {"network": NETWORKS, "norm": NORMS, "defence": DEFENCES},
        (
            survey.gradient,
            survey.black_box,
            survey.nearest,
            survey.together,
            survey.distances,
            survey.asked,
        ),
        (table, survey.table, survey.counted),
        surveyed,
    ),
    Side(
        "transfer",
        ":material/grid_on:",
        AttackTransfer,
        {"norm": NORMS},
        (transfer.matrix,),
        (transfer.table,),
        transferred,
    ),
    Side(
        "defences",
        ":material/shield:",
        AttackDefences,
        {"network": shielded.NETWORKS, "norm": NORMS},
        (defences.trained, defences.squeezed, defences.smoothed),
        (table,),
        defended,
    ),
)
NAMED = tuple(one.name for one in SIDES)


def sections(_: Shown | None, words: Texts) -> None:
    """All of them, folded; a link that sets one's knobs unfolds it."""
    for one in SIDES:
        if controls.visible(one.name):
            linked = any(_place(one, name) in st.query_params for name in one.knobs)
            with st.expander(
                f"**{words(f'{one.name}.title')}** {words(f'{one.name}.fold')}",
                icon=one.icon,
                expanded=linked or controls.presenting(),
                key=f"attack_{one.name}_unfolded",
                on_change="rerun",
            ) as unfolded:
                if unfolded.open:
                    _unfolded(one, words)


def _unfolded(side: Side, words: Texts) -> None:
    """What is asked, the knobs, and what has come of it; a run that nobody has made yet is started here."""
    st.markdown(words(f"{side.name}.text"))
    recipe = _chosen(side, words)
    view = _viewed(side, words)
    asked = f"attack_{side.name}_asked"
    found = live.finished(recipe)
    if found:
        result, shipped = found
        _drawn(side, view, result, gallery.mark(recipe, shipped=shipped), words)
    elif st.session_state.get(asked) == recipe:
        aside.follow(recipe, words, lambda result, _: _drawn(side, view, result, "", words), LOOK)
    else:
        st.button(
            words("run.start"),
            key=f"attack_{side.name}_start",
            type="primary",
            icon=":material/play_arrow:",
            on_click=lambda: st.session_state.update({asked: recipe}),
        )


def _chosen(side: Side, words: Texts) -> Any:
    """The run that the section's knobs describe, as the link says or the visitor, with the seed of the page."""
    with st.container(horizontal=True, gap="medium"):
        told = {name: _pick(side, name, words) for name in side.knobs}
    controls.write({_place(side, name): "" if one == side.knobs[name][0] else one for name, one in told.items()})
    now: Any = controls.chosen(Attack)
    return side.run(**told, seed=now.seed)


def _pick(side: Side, name: str, words: Texts) -> str:
    """Where one knob stands."""
    options, place = side.knobs[name], _place(side, name)
    label, said = f"knobs.{name}.label", f"knobs.{name}.choices"
    if name == "defence":  # the page has no such knob
        label, said = f"{side.name}.{name}", f"{side.name}.{name}s"
    asked, key = st.query_params.get(place), f"{place}_{words.language}"
    if asked and asked not in options:
        offer = words("link.one_of", choices=", ".join(options))
        st.warning(words("link.refused", knob=words(label), got=controls.escaped(asked, 20), offer=offer))
    st.session_state.setdefault(key, asked if asked in options else options[0])
    chosen: Any = st.pills(
        words(label),
        options,
        format_func=lambda one: words(f"{said}.{one}"),
        key=key,
        required=True,
        wrap=True,
        persist_state="session",
    )
    return chosen


def _place(side: Side, name: str) -> str:
    """Where the address keeps a knob that is not at its default."""
    return f"attack_{side.name}_{name}"


def _viewed(side: Side, words: Texts) -> str:
    """Which of its pictures is shown, by the name of its function, or "data"."""
    every = [*(one.__name__ for one in side.pictures), "data"]
    named = {one: words(f"{side.name}.views.{one}") for one in every[:-1]} | {"data": words("stage.data")}
    return st.segmented_control(
        words("stage.picture"),
        every,
        default=every[0],
        format_func=named.__getitem__,
        key=f"attack_{side.name}_view_{words.language}",
        label_visibility="collapsed",
        required=True,
    )


def _drawn(side: Side, view: str, result: Any, mark: str, words: Texts) -> None:
    """The picture that is looked at and, once all is known and may be seen, what came out; mark: none of a run."""
    covered = not guess.opened(Attack)
    if view == "data":
        if covered:
            st.caption(gallery.veiled(words))
            return
        for draw in side.tables:
            numbers = gallery.cached(draw, result, mark, words) if mark else draw(result, words)
            if numbers is not None:
                st.dataframe(numbers, hide_index=True, height=220)
        return
    draw = next(one for one in side.pictures if one.__name__ == view)
    if mark:
        gallery.show_picture(st, draw, result, mark, words, covered=covered)
    else:
        picture = draw(result, words)
        if picture is None or (covered and picture.covered is None):
            st.caption(words("stage.later") if picture is None else gallery.veiled(words))
        else:
            gallery.draw_chart(st, picture, gallery.veiled(words) if covered else "")
    st.caption(words(f"{side.name}.notes.{view}"))
    if result.progress == 1 and not covered:
        st.markdown(side.found(result, words))


ASIDES = {one.run: (*one.pictures, *one.tables) for one in SIDES}
"""What is drawn of each run beside the page's, for what ships."""
