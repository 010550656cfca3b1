"""One attack, step by step: on one of ten digits, or on one that the visitor draws or photographs."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.app import components, live
from dashboard.app.language import Texts, plain, share
from dashboard.page import aside, controls, drawing, gallery, guess, photo
from dashboard.page.lab_page import Shown
from dashboard.page.prebuilt import ROOT
from dashboard.walk import FOLDER
from dashboard.walk.stepped import magnified, packed, share_of
from lib.labs.attack.lab import Attack
from lib.labs.attack.path import AttackPath, Traced
from lib.labs.attack.plane import Plane
from lib.labs.attack.tracing import ANY, ATTACKS, DRAWN, NEAREST, Path
from lib.tasks.bitmap import BlankError, Scan

LOOK = 0.3  # seconds between two looks at what has come
WHOSE = ("ten", "drawing", "photo")
PEN = 22  # of 224 pixels
PHOTO = 160  # pixels of a photo that is read as 8 x 8
KEY = "attack_path_walk"
ASKED, SCANNED, LAST = (f"attack_path_{name}" for name in ("asked", "scanned", "last"))
LIKELIEST, FITTEST = 3, 2  # digits told of what the network reads, and the program
PLAIN = ("place", "play", "pause", "photo", "change", "sum", "hidden", "curve", "choose")


def path(_: Shown | None, words: Texts) -> None:
    """The section, folded."""
    if not controls.visible("path"):
        return
    with st.expander(
        f"**{words('path.title')}** {words('path.fold')}",
        icon=":material/draw:",
        expanded=controls.presenting(),
        key="attack_path_unfolded",
        on_change="rerun",
    ) as unfolded:
        if unfolded.open:
            _unfolded(words)


def _unfolded(words: Texts) -> None:
    """Whose digit and which attack, and at once what comes of it."""
    st.markdown(words("path.text"))
    if not guess.opened(Attack):
        st.caption(gallery.veiled(words))
        return
    with st.container(horizontal=True, gap="medium"):
        whose = st.pills(
            words("path.whose"),
            WHOSE,
            default=WHOSE[0],
            format_func=lambda one: words(f"path.kinds.{one}"),
            key="attack_path_whose",
            required=True,
            label_visibility="collapsed",
        )
        found = {"digit": _digit(words)} if whose == "ten" else {}
    given, attack = (st.container(), st.container(horizontal=True)) if whose == "ten" else st.columns(2, gap="medium")
    if whose != "ten":
        with given:
            found = {"photo": _scan(whose, words)}
    with attack:
        how = _attack(words)
    if None not in found.values():
        _answer(_recipe(how | found), words)


def _digit(words: Texts) -> int:
    first: Any = AttackPath().digit
    return st.pills(
        words("path.digit"),
        tuple(range(10)),
        default=first,
        key="attack_path_digit",
        required=True,
        label_visibility="collapsed",
        wrap=False,
    )


def _scan(whose: str, words: Texts) -> Scan | None:
    """The visitor's digit as the readers get it, or a sentence about why there is none."""
    given = photo.ask("attack", words, _forget, PHOTO) if whose == "photo" else drawing.ask("attack", words, PEN)
    if not given:
        _forget()
        return None
    name = photo.own().digest if whose == "photo" else drawing.sent("attack")  # type: ignore[union-attr]
    known: tuple[Any, Any] = st.session_state.get(SCANNED, (None, None))
    if known[0] != name:
        one = photo.own() if whose == "photo" else drawing.own("attack")
        try:
            known = name, Scan.of(one.pixels) if one else "unread"
        except BlankError:
            known = name, "blank"
        st.session_state[SCANNED] = known
        if known[1] == "unread":
            st.rerun()  # the sheet says why
    if known[1] == "blank":
        st.warning(words("path.blank"), icon=":material/ink_pen:")
    if not isinstance(known[1], Scan):
        return None
    st.caption(words("path.made"))
    return known[1]


def _forget() -> None:
    """What the visitor gave has gone, and what was made of it goes too."""
    for name in (ASKED, SCANNED, LAST):
        st.session_state.pop(name, None)


def _attack(words: Texts) -> dict[str, Any]:
    """Which attack, where to, and how much it may change."""
    now: Any = controls.chosen(Attack)
    attack = st.selectbox(
        words("path.attack"),
        ATTACKS,
        ATTACKS.index(AttackPath().attack),
        format_func=lambda one: words(f"path.attacks.{one}"),
        key=f"attack_path_attack_{words.language}",
    )
    target = st.selectbox(
        words("attacked.target"),
        (ANY, *range(10)),
        format_func=lambda one: words("attacked.any") if one == ANY else str(one),
        key=f"attack_path_target_{words.language}",
    )
    sizes = now.asks().axis.exam[1:]
    eps = st.select_slider(
        words("path.size"),
        sizes,
        sizes[4],
        format_func=plain,
        key=f"attack_path_eps_{now.norm}",
        disabled=attack in NEAREST,
        help=words("path.size_help"),
    )
    return {"attack": attack, "target": target, "norm": now.norm, "eps": eps}


def _recipe(how: dict[str, Any]) -> AttackPath:
    """Of the network that the knobs describe, its first seed."""
    now: Any = controls.chosen(Attack)
    return AttackPath(now.reader, shift=now.shift, **how)


def _answer(asked: AttackPath, words: Texts) -> None:
    """What has come of it, and until then what was there; what was asked before and has not come is not waited for."""
    before: AttackPath | None = st.session_state.get(ASKED)
    st.session_state[ASKED] = asked
    if before and before != asked and (job := live.running(before)):
        live.stop(job)

    def meanwhile() -> None:
        made = st.session_state.get(LAST)
        if made and made[1] == words.language:
            components.redraw(st.empty(), ROOT / FOLDER, made[2], KEY)
            st.markdown(made[3])

    def draw(result: Traced, _: bool) -> None:
        made = st.session_state.get(LAST)
        if result.path and (made is None or made[:2] != (asked, words.language)):
            drawn = as_bytes(result.path, asked, words), said(result.path, asked, words)
            st.session_state[LAST] = asked, words.language, *drawn
        meanwhile()

    aside.follow(asked, words, draw, LOOK, meanwhile=meanwhile)


def as_bytes(told: Path, asked: AttackPath, words: Texts) -> bytes:
    """A path as the browser takes it."""
    last = len(told.frames) - 1
    factor, steps = magnified(told.frames), max(last, 1)
    led = ended(told)
    names = [words("path.net", digit=told.label), words("path.net", digit=led) if led != told.label else ""]
    head = {
        "key": f"{KEY}_{asked!r}",
        "covered": False,
        "whole": steps,
        "done": True,
        "attack": told.found if told.found >= 0 else last,
        "names": names,
        "curve": told.sure[:, [told.label, led]].astype(float).round(4).tolist(),
        "goes": told.goes.tolist(),
        "read": [[rows(told, step, led, words), sizes(told, step, words)] for step in range(last + 1)],
        "words": {name: words(f"path.walk.{name}", factor=factor) for name in PLAIN}
        | {
            "readers": [words("path.readers.network"), words("path.readers.program")],
            "step": words("path.walk.step", step="{step}", steps=last),
            "heard": words("path.walk.heard", what="{what}", labels="{labels}"),
            "away": words("path.walk.away", away="{away}"),
        },
    }
    also = [
        {
            "name": words(f"path.planes.{one.across}"),
            "axes": words(f"path.axes.{one.across}", edge=words(f"path.edge.{_edge(told, asked)}")).strip(),
            "heard": [words("path.heard", who=who, shares=_shares(grid, words)) for who, grid in _maps(one, words)],
        }
        for one in told.planes
    ]
    return packed(head, told.frames, factor, told.planes, also)


def _edge(told: Path, asked: AttackPath) -> str:
    """What the dashed line says: how much is allowed, how far the nearest was, or nothing."""
    if asked.attack not in NEAREST:
        return "allowed"
    return "needed" if told.radius else "none"


def _maps(one: Plane, words: Texts) -> list[tuple[str, Any]]:
    return [(words("path.readers.network"), one.reads), (words("path.readers.program"), one.program)]


def _shares(grid: Any, words: Texts) -> str:
    return words.at("path.comma").join(f"{digit} {share(part)}" for digit, part in share_of(grid)[:4])


def ended(told: Path) -> int:
    """What it led to: the target, or what the network reads at the end, or else finds likeliest but the label."""
    if told.target != ANY:
        return told.target
    order = [int(one) for one in told.sure[told.found].argsort()[::-1]]
    return order[0] if order[0] != told.label else order[1]


def rows(told: Path, step: int, led: int, words: Texts) -> list[list[Any]]:
    """The likeliest digits of a picture by either reader: name, how sure, the same in words, whose it is, the digit."""
    whose = {told.label: "source", led: "target"}
    sure, fits = told.sure[step], told.fits[step]
    read = [
        [words("path.net", digit=one) if not nth else str(one), float(sure[one]), share(float(sure[one])),
         whose.get(one, ""), one]
        for nth, one in enumerate(int(one) for one in sure.argsort()[::-1][:LIKELIEST])
    ]  # fmt: skip
    held = [
        [words("path.stencils", digit=one) if not nth else str(one), max(0.0, float(fits[one])),
         words("path.fit", fit=f"{fits[one]:.2f}"), "program", one]
        for nth, one in enumerate(int(one) for one in fits.argsort()[::-1][:FITTEST])
    ]  # fmt: skip
    return [[one[0], round(one[1], 4), *one[2:]] for one in read + held]


def sizes(told: Path, step: int, words: Texts) -> list[list[Any]]:
    """The loss, and how far a picture is from the untouched one."""
    change = told.frames[step].astype(float) - told.frames[0]
    numbers = {
        "loss": float(told.loss[step]),
        "most": float(abs(change).max()),
        "length": float((change**2).sum() ** 0.5),
    }
    return [[words(f"path.sizes.{name}"), 0.0, f"{value:.2f}", ""] for name, value in numbers.items()]


def said(told: Path, asked: AttackPath, words: Texts) -> str:
    """What either reader said at first and at last, how far that is, and what the map leaves out."""
    first, last = 0, told.found if told.found >= 0 else len(told.frames) - 1
    net, program = told.sure.argmax(1), told.fits.argmax(1)
    before, after = (
        {"net": int(net[at]), "sure": float(told.sure[at].max()), "stencils": int(program[at])} for at in (first, last)
    )
    begun = words("path.begun", **before)
    if told.found == 0:
        return f"{begun}  \n{words('path.already')}"
    unit = words(f"path.unit.{asked.norm}")
    how = {"steps": last, "size": told.size, "unit": unit}
    kind = "none" if told.found < 0 else "probed" if asked.attack == "hop_skip_jump" else "went"
    lines = [f"{begun}  \n{words(f'path.ended.{kind}', **after, **how)}"]
    shares = {one.across: one.share for one in told.planes}
    kind = "left_out" if "bend" in shares else "left_out_one"
    lines.append(words(f"path.{kind}", **{"bend": 0.0} | shares, noise=told.noise, drawn=DRAWN))
    return "\n\n".join(lines)
