"""A lab's knobs as widgets that live in the link: what a visitor sets is in the address, and the address sets it.

Streamlit can bind widgets to the address itself, but writes the label of a choice there, in the visitor's language, and
drops what it cannot use without a word. A link has to mean the same in every language, so this is done here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import streamlit as st

from dashboard.app.language import Texts, plain
from dashboard.page import fragments
from lib.core import Lab, opening
from lib.knobs import Knob, knobs, switched

Page = type[Lab]
NO_WORDS: Mapping[str, str] = MappingProxyType({})
PARTS = ("guess", "presets", "start", "pictures", "inside", "breaks")  # what `show=` may name on every page


def key(lab: Page, knob: str) -> str:
    """The name of a knob in the link; pages do not share their knobs."""
    return f"{lab.name}_{knob}"


def follow(lab: Page, words: Texts, named: Sequence[str] = ()) -> list[str]:
    """Set the knobs as the link says, if it is not the one that `sign` wrote: at arrival and after Back or Forward.

    A link leaves out what is at its default and says the version; one that says nothing is the page as it opens.
    named: what `show=` may name besides knobs and presets. Returns a sentence for each thing that the link asks and
    that cannot be. Call before any widget is drawn.
    """
    link = st.query_params.to_dict()
    asked = {name: link.get(key(lab, name)) for name in knobs(lab)}
    signed = st.session_state.get(f"{lab.name}_signed")
    returning = st.session_state.get("page") != lab.name and not any(asked.values())
    st.session_state["page"] = lab.name
    if asked == signed or (signed and returning):
        return st.session_state.get(f"{lab.name}_refused", [])
    refused = []
    nothing = set(asked.values()) == {None} and "v" not in link
    for name, knob in knobs(lab).items():
        word = asked[name]
        value = getattr(opening(lab), name) if nothing else knob.default if word is None else knob.read(word)
        if word is not None and knob.fault(value):
            refused.append(_refusal(knob, word, words))
            value = knob.default
        st.session_state[key(lab, name)] = value
    offer = [*PARTS, *named, *knobs(lab)]
    unknown = [name for name in _named() if name not in offer]
    if presenting() and unknown:
        refused.append(words("link.show", got=escaped(", ".join(unknown), 40), offer=", ".join(offer)))
    version = link.get("v", "").strip()
    if version and version != str(lab.version):
        refused.append(words("link.version", old=escaped(version, 8), new=lab.version))
    st.session_state[f"{lab.name}_refused"] = refused
    return refused


def sign(lab: Lab, also: Mapping[str, str] = NO_WORDS) -> None:
    """Write what is set into the address: the knobs that are not at their defaults, and the version they are of.

    also: what else the page keeps there; an empty word is taken out. An address that names nothing of the lab, where
    nothing is set and the page opens so, stays as it is.
    """
    kind = type(lab)
    now = turned(lab)
    wanted = {key(kind, name): now.get(name, "") for name in knobs(lab)} | dict(also)
    if any(wanted.values()) or lab != opening(kind) or not st.query_params.to_dict().keys().isdisjoint(("v", *wanted)):
        write(wanted | {"v": str(kind.version)})
    st.session_state[f"{kind.name}_signed"] = {name: now.get(name) for name in knobs(lab)}


def write(wanted: Mapping[str, str]) -> None:
    """Put words into the address, and take those out that are empty: all of it is one entry of the browser's history.

    Every write of Streamlit's is an entry of its own, and Back would stop at pages that are half set.
    """
    there = st.query_params.to_dict()
    if all(there.get(name, "") == word for name, word in wanted.items()):
        return
    before = {name: st.query_params.get_all(name) for name in there}
    after = before | {name: [word] for name, word in wanted.items()}
    after = {name: words for name, words in after.items() if wanted.get(name, words)}
    st.query_params.from_dict(after)


def turned(lab: Lab) -> dict[str, str]:
    """The knobs that are not at their defaults, as the words that a link uses."""
    values = {name: getattr(lab, name) for name, knob in knobs(lab).items() if getattr(lab, name) != knob.default}
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in values.items()}


def presenting() -> bool:
    """True on a projector, which shows no menu and only the knobs that `show=` names."""
    return bool(switched(st.query_params.get("present", "")))


def visible(*names: str) -> list[str]:
    """Those that a projector's view does not leave out."""
    asked = _named() if presenting() else names
    return [name for name in names if name in asked]


def _named() -> list[str]:
    names = unicodedata.normalize("NFKC", st.query_params.get("show", "")).split(",")
    return [name.strip() for name in names if name.strip()]


def draw(lab: Page, names: Iterable[str], words: Texts, idle: Mapping[str, str] = NO_WORDS) -> None:
    """A widget for each named knob, in that order; none for letters, which a page sets by means of its own.

    idle: the knobs that change nothing as the others are, each with the name of the text that says why.
    """
    told = knobs(lab)
    for name in visible(*names):
        if not told[name].misread:
            _widget(lab, told[name], words, idle.get(name))


def more(lab: Page, names: Sequence[str], words: Texts, idle: Mapping[str, str] = NO_WORDS) -> None:
    """The knobs that few turn, folded away, and drawn once somebody unfolds them."""
    with st.expander(
        words("knobs.more"), icon=":material/tune:", key=f"{lab.name}_more", on_change="rerun"
    ) as unfolded:
        if unfolded.open:
            with st.container(key=f"{lab.name}_rest", horizontal=True, gap="medium"):
                draw(lab, names, words, idle)


@lru_cache(maxsize=256)
def preset(lab: Lab, names: tuple[str, ...]) -> str | None:
    """Which of these presets the knobs are at, whatever the seed."""
    kind = type(lab)
    make: Any = kind
    now = make(**{name: getattr(lab, name) for name in knobs(lab)} | {"seed": 0})
    return next((name for name in names if now == make(**_preset(kind, name))), None)


def presets(lab: Page, place: str, names: Sequence[str], at: str | None, words: Texts) -> None:
    """A chip for each preset in one line, the one that the knobs are at marked; `place` tells one line from another."""
    if visible("presets"):
        chips = f"{lab.name}_presets_{place}"
        st.session_state[chips] = at
        st.pills(
            words("presets.title"),
            names,
            format_func=lambda name: words(f"presets.{name}.label"),
            key=chips,
            on_change=_to_preset,
            args=(lab, chips),
            label_visibility="collapsed",
            wrap=False,
        )


def chosen(lab: Page) -> Lab:
    """The lab that the widgets describe; the default where a forged message has put a knob where no widget can."""
    make: Any = lab
    told = {name: st.session_state[key(lab, name)] for name in knobs(lab)}
    return make(**{name: knob.default if knob.fault(told[name]) else told[name] for name, knob in knobs(lab).items()})


def _preset(lab: Page, name: str) -> dict[str, Any]:
    return {knob: lab.presets[name].get(knob, told.default) for knob, told in knobs(lab).items()} | {"seed": 0}


def _to_preset(lab: Page, chips: str) -> None:
    for name, value in _preset(lab, st.session_state[chips] or "default").items():
        if name != "seed":
            st.session_state[key(lab, name)] = value
    fragments.rerun_changed(lab, fragments.KNOBS, fragments.REST, fragments.BREAKS)


def _turned(lab: Page) -> None:
    fragments.rerun_changed(lab)


def respoken(labs: Iterable[Page]) -> None:
    """After another language was picked: have each select say its choice anew, which the browser keeps as it was."""
    for lab in labs:
        for place in [key(lab, name) for name, knob in knobs(lab).items() if knob.choices or knob.called]:
            if place in st.session_state:
                st.session_state[place] = st.session_state[place]


def _widget(lab: Page, knob: Knob, words: Texts, idle: str | None) -> None:
    """The fitting widget for one knob, with its unit and a line of help; turned off, and why, where it does nothing."""
    unit = f" [{knob.unit}]" if knob.unit else ""
    why = words.at("marks.colon") + words(f"knobs.{knob.name}.{idle}") if idle else ""
    label = words(f"knobs.{knob.name}.label") + unit + why
    place = key(lab, knob.name)
    shared: dict[str, Any] = {
        "key": place,
        "help": words(f"knobs.{knob.name}.help"),
        "persist_state": "session",
        "on_change": _turned,
        "args": (lab,),
        "disabled": idle is not None,
    }
    if knob.choices:
        say = lambda choice: words(f"knobs.{knob.name}.choices.{choice}")  # noqa: E731
        st.selectbox(label, knob.choices, format_func=say, **shared)
    elif knob.low is None:
        st.toggle(label, **shared)
    elif knob.called:
        call, offer = knob.called, range(int(knob.low), int(knob.high or 0) + 1)
        st.selectbox(label, offer, format_func=lambda value: call(value, words.language), **shared)
    elif knob.stops:
        now = st.session_state[place]
        st.select_slider(label, sorted({*knob.stops, now}), format_func=plain, **shared)
    elif knob.name == "seed":
        st.number_input(label, knob.low, knob.high, step=knob.step, **shared)
    else:
        form = None if knob.whole else "%.6g"  # the default, two decimals, shows 0.005 as 0.01
        # Without a default Streamlit copies the whole session, at every slider, to look whether it knows a value.
        st.slider(label, knob.low, knob.high, knob.default, step=knob.step, format=form, **shared)


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
