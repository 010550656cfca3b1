"""A lab's knobs as widgets that live in the link: what a visitor sets is in the address, and the address sets it.

Streamlit can bind widgets to the address itself, but writes the label of a choice there, in the visitor's language, and
drops what it cannot use without a word. A link has to mean the same in every language, so this is done here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

import streamlit as st

from dashboard.app import live
from dashboard.app.language import Texts, plain
from dashboard.page import fragments
from lib.core import Lab
from lib.knobs import Knob, knobs, switched

Page = type[Lab]


def key(lab: Page, knob: str) -> str:
    """The name of a knob in the link; pages do not share their knobs."""
    return f"{lab.name}_{knob}"


def follow(lab: Page, words: Texts) -> list[str]:
    """Set the knobs as the link says, if it is not the one that `sign` wrote: at arrival and after Back or Forward.

    Returns a sentence for each thing that the link asks and that cannot be. Call before any widget is drawn.
    """
    asked = {name: st.query_params.get(key(lab, name)) for name in knobs(lab)}
    signed = st.session_state.get(f"{lab.name}_signed")
    returning = st.session_state.get("page") != lab.name and not any(asked.values())
    st.session_state["page"] = lab.name
    if asked == signed or (signed and returning):
        return st.session_state.get(f"{lab.name}_refused", [])
    refused = []
    for name, knob in knobs(lab).items():
        word = asked[name]
        value = knob.default if word is None else knob.read(word)
        if word is not None and knob.fault(value):
            refused.append(_refusal(knob, word, words))
            value = knob.default
        st.session_state[key(lab, name)] = value
    unknown = [name for name in _named() if name != "presets" and name not in knobs(lab)]
    if presenting() and unknown:
        offer = ", ".join(["presets", *knobs(lab)])
        refused.append(words("link.show", got=escaped(", ".join(unknown), 40), offer=offer))
    version = st.query_params.get("v", "").strip()
    if version and version != str(lab.version):
        refused.append(words("link.version", old=escaped(version, 8), new=lab.version))
    st.session_state[f"{lab.name}_refused"] = refused
    return refused


def sign(lab: Lab) -> None:
    """Write what is set into the address: the knobs that are not at their defaults, and the version they are of."""
    kind = type(lab)
    now = turned(lab)
    wanted = {key(kind, name): word for name, word in now.items()} | {"v": str(kind.version)}
    for name in [key(kind, name) for name in knobs(lab)]:
        if name not in wanted and name in st.query_params:
            del st.query_params[name]
    for name, word in wanted.items():
        if st.query_params.get(name) != word:
            st.query_params[name] = word
    st.session_state[f"{kind.name}_signed"] = {name: now.get(name) for name in knobs(lab)}


def turned(lab: Lab) -> dict[str, str]:
    """The knobs that are not at their defaults, as the words that a link uses."""
    values = {name: getattr(lab, name) for name, knob in knobs(lab).items() if getattr(lab, name) != knob.default}
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in values.items()}


def presenting() -> bool:
    """True for a projector view."""
    return bool(switched(st.query_params.get("present", "")))


def visible(name: str) -> bool:
    """False for what a projector view leaves out: all knobs but those that `show=` names."""
    return not presenting() or name in _named()


def _named() -> list[str]:
    names = unicodedata.normalize("NFKC", st.query_params.get("show", "")).split(",")
    return [name.strip() for name in names if name.strip()]


def draw(lab: Page, names: Iterable[str], words: Texts) -> None:
    """A widget for each named knob, in that order; none for letters, which a page sets by means of its own."""
    told = knobs(lab)
    for name in filter(visible, names):
        if not told[name].misread:
            _widget(lab, told[name], words)


def more(lab: Page, names: Sequence[str], words: Texts) -> None:
    """The knobs that few turn, folded away, and drawn once somebody unfolds them."""
    if any(map(visible, names)):
        with st.expander(
            words("knobs.more"), icon=":material/tune:", key=f"{lab.name}_more", on_change="rerun"
        ) as unfolded:
            if unfolded.open:
                draw(lab, names, words)


def presets(lab: Page, names: Sequence[str], words: Texts, rest: Sequence[str] = ()) -> None:
    """A chip for each preset, the one that the knobs are at marked and with its comment; then the knobs `rest`."""
    chips = f"{lab.name}_presets_{names[0]}"

    def at() -> str | None:
        make: Any = lab
        now = make(**_settings(lab) | {"seed": 0})  # a lab leaves out what it does not ask for
        return next((name for name in names if now == make(**_preset(lab, name))), None)

    def show(name: str | None) -> None:
        if visible("presets"):
            st.session_state[chips] = name
            st.pills(
                words("presets.title"),
                names,
                format_func=lambda name: words(f"presets.{name}.label"),
                key=chips,
                on_change=_to_preset,
                args=(lab, chips),
                label_visibility="collapsed",
            )
            if name:
                st.caption(words(f"presets.{name}.comment"))
        if rest:
            with st.container(horizontal=True):
                draw(lab, rest, words)

    fragments.fragment(lab, f"presets_{names[0]}", at, show)


def chosen(lab: Page) -> Lab:
    """The lab that the widgets describe."""
    make: Any = lab
    return make(**_settings(lab))


def _settings(lab: Page) -> dict[str, Any]:
    """What the knobs stand at; the default where a forged message has put one where no widget can."""
    told = {name: st.session_state[key(lab, name)] for name in knobs(lab)}
    return {name: knob.default if knob.fault(told[name]) else told[name] for name, knob in knobs(lab).items()}


def _preset(lab: Page, name: str) -> dict[str, Any]:
    return {knob: lab.presets[name].get(knob, told.default) for knob, told in knobs(lab).items()} | {"seed": 0}


def _to_preset(lab: Page, chips: str) -> None:
    for name, value in _preset(lab, st.session_state[chips] or "default").items():
        if name != "seed":
            st.session_state[key(lab, name)] = value
    st.rerun()  # the whole page: the knobs have moved


def _turned(lab: Page) -> None:
    """After a turn: draw what names the knobs; the whole page only if it has something else to show now."""
    now = chosen(lab)
    sign(now)
    fragments.rerun_changed(lab, whole=bool(live.finished(now) or live.running(now)))


def _widget(lab: Page, knob: Knob, words: Texts) -> None:
    """The fitting widget for one knob, with its unit and a line of help."""
    unit = f" [{knob.unit}]" if knob.unit else ""
    label = words(f"knobs.{knob.name}.label") + unit
    place = key(lab, knob.name)
    shared: dict[str, Any] = {
        "key": place,
        "help": words(f"knobs.{knob.name}.help"),
        "persist_state": "session",
        "on_change": _turned,
        "args": (lab,),
    }
    if knob.choices:
        say = lambda choice: words(f"knobs.{knob.name}.choices.{choice}")  # noqa: E731
        st.selectbox(label, knob.choices, format_func=say, **shared)
    elif knob.low is None:
        st.toggle(label, **shared)
    elif knob.stops:
        now = st.session_state[place]
        st.select_slider(label, sorted({*knob.stops, now}), format_func=plain, **shared)
    elif knob.name == "seed":
        st.number_input(label, knob.low, knob.high, step=knob.step, **shared)
    else:
        form = None if knob.whole else "%.6g"  # the default, two decimals, shows 0.005 as 0.01
        st.slider(label, knob.low, knob.high, step=knob.step, format=form, **shared)


def _refusal(knob: Knob, asked: str, words: Texts) -> str:
    if knob.choices:
        offer = words("link.one_of", choices=", ".join(knob.choices))
    elif knob.misread:
        offer = words(f"knobs.{knob.name}.offer")
    elif knob.low is None or knob.high is None:
        offer = words("link.one_of", choices="true, false")
    else:
        unit = f" {knob.unit}" if knob.unit else ""
        offer = words("link.between", low=knob.low, high=knob.high, unit=unit)
    return words("link.refused", knob=words(f"knobs.{knob.name}.label"), got=escaped(asked, 20), offer=offer)


def escaped(word: str, most: int) -> str:
    """What a stranger wrote, cut short, so that it is read as it stands: no links, pictures or lines of its own."""
    short = word if len(word) <= most else word[:most] + "…"
    return re.sub(r"([!-/:-@[-`{-~])", r"\\\1", "".join(one if one.isprintable() else " " for one in short))
