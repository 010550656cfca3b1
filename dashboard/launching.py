"""The visitor flies too: two sliders, Launch, and a row in the same ledger.

What is set stands in the link, like a knob's; what cannot be is moved to the nearest that can, with a sentence. So do
the last launches, which a reload brings back. The flight itself is computed by a worker, like every other.
"""

from __future__ import annotations

import math
import re
from typing import Any

import streamlit as st

from dashboard import controls, live, turns
from dashboard.anatomy import Shown
from dashboard.charts import ledger, own
from dashboard.language import Texts
from lib.jobs import FullError, Job
from lib.labs.flight import Flight, Flown
from lib.labs.moonshot import Moonshot
from lib.tasks.orbit import World
from lib.work import MismatchError

SPEED, PHASE, BEFORE = "moonshot_own_speed", "moonshot_own_phase", "moonshot_own_flown"
FIRST = {SPEED: 10.9, PHASE: 180.0}  # where the sliders stand before anybody has touched them
STEPS = {SPEED: 0.0005, PHASE: 0.01}
PATIENCE = 20.0  # seconds that a launch may take before the page says so
KEPT = 30  # launches, the last ones, that the link keeps, so that a reload does not lose them
BURN = r"\d{1,2}\.\d{4},\d{1,3}\.\d{2}"

Own = tuple[float, float, Flown]
"""Speed, phase, and what came of it."""


def show(shown: Shown | None, words: Texts) -> None:
    """Sliders, the launches so far and what became of them, and the ledger with the visitor's own row.

    A projector's view has it if `show=` names `own`.
    """
    if not controls.visible("own"):
        return
    lab = controls.chosen(Moonshot)
    assert isinstance(lab, Moonshot)
    task = lab.asks()
    world: World = task.world(task.axis.exam[0])
    bounds = {SPEED: _speeds(world), PHASE: (0.0, 360.0)}
    st.subheader(words("own.title"), anchor="own")
    st.markdown(words("own.text", wanted=lab.target, within=lab.within))
    for refusal in _follow(bounds, words):
        st.warning(refusal, icon=":material/link_off:")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for place, name in ((SPEED, "speed"), (PHASE, "phase")):
            low, high = bounds[place]
            form = "%.4f" if place == SPEED else "%.2f"
            st.slider(
                words(f"own.{name}"),
                low,
                high,
                step=STEPS[place],
                format=form,
                key=place,
                help=words(f"own.{name}_help"),
            )
        pressed = st.button(words("own.launch"), key="moonshot_launch", icon=":material/rocket_launch:")
    own = _flights(lab, bounds, words)
    if pressed:
        _launch(lab, st.session_state[SPEED], st.session_state[PHASE], own, words)
    _sign(own)
    if own:
        _outcome(lab, [flown for *_, flown in own], world, shown, words)


def _speeds(world: World) -> tuple[float, float]:
    """From circular to escape, rounded inwards to what the slider can show."""
    circular, _, escape = world.speeds
    step = STEPS[SPEED]
    return round(math.ceil(circular / step) * step, 4), round(math.floor(escape / step) * step, 4)


def _follow(bounds: dict[str, tuple[float, float]], words: Texts) -> list[str]:
    """Set the sliders as the link says, once; a sentence for each thing that it asks and that cannot be."""
    refused = st.session_state.setdefault("moonshot_own_refused", {})
    signed = st.session_state.setdefault("moonshot_own_signed", {})
    for place, (low, high) in bounds.items():
        word = st.query_params.get(place)
        if word != signed.get(place) or place not in st.session_state:
            asked = FIRST[place] if word is None else _number(word)
            legal = low if math.isnan(asked) else min(max(asked, low), high)
            refused.pop(place, None)
            if word is not None and asked != legal:  # NaN is never equal
                name = words("own.speed" if place == SPEED else "own.phase")
                refused[place] = words(
                    "own.refused", name=name, got=controls.quoted(word, 20), legal=legal, low=low, high=high
                )
            st.session_state[place] = round(legal, 4)
            signed[place] = word
        else:
            st.session_state[place] = min(max(st.session_state[place], low), high)
    return list(refused.values())


def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        return math.nan


def _sign(own: list[Own]) -> None:
    """Write the sliders into the link, where they are not as they were, and the last launches."""
    for place, first in FIRST.items():
        now = st.session_state[place]
        word = None if now == first else f"{now:g}" if place == PHASE else f"{now:.4f}"
        if word is None and place in st.query_params:
            del st.query_params[place]
        elif word is not None and st.query_params.get(place) != word:
            st.query_params[place] = word
        st.session_state["moonshot_own_signed"][place] = st.query_params.get(place)
    flown = "_".join(f"{speed:.4f},{phase:.2f}" for speed, phase, _ in own[-KEPT:])
    if flown and st.query_params.get(BEFORE) != flown:
        st.query_params[BEFORE] = flown
    elif not flown and BEFORE in st.query_params:
        del st.query_params[BEFORE]


def _flights(lab: Moonshot, bounds: dict[str, tuple[float, float]], words: Texts) -> list[Own]:
    """The visitor's launches in this real world; another world has another ledger. At arrival those of the link."""
    world = (lab.parking, lab.thrust, lab.push, lab.seed, lab.target)
    worlds: dict[Any, list[Own]] = st.session_state.setdefault("moonshot_flights", {})
    if not worlds:
        worlds[world] = []
        for speed, phase in _burns_before(bounds, words):
            _launch(lab, speed, phase, worlds[world], words)
    return worlds.setdefault(world, [])


def _burns_before(bounds: dict[str, tuple[float, float]], words: Texts) -> list[tuple[float, float]]:
    """The launches that the link tells of, none and a sentence if it cannot have been written here."""
    word = st.query_params.get(BEFORE, "")
    burns = re.fullmatch(rf"{BURN}(_{BURN}){{0,{KEPT - 1}}}", word) and [one.split(",") for one in word.split("_")]
    numbers = [(float(speed), float(phase)) for speed, phase in burns or ()]
    (slow, fast), (first, last) = bounds[SPEED], bounds[PHASE]
    if all(slow <= speed <= fast and first <= phase <= last for speed, phase in numbers) and (numbers or not word):
        return numbers
    st.warning(words("own.unread"), icon=":material/link_off:")
    return []


def _launch(lab: Moonshot, speed: float, phase: float, own: list[Own], words: Texts) -> None:
    """One launch more, unless no worker can compute it now."""
    flight = Flight(lab, speed, phase)
    try:
        found = live.finished(flight)
        flown = found[0] if found else _wait(live.start(flight))
    except (FullError, MismatchError, OSError):
        flown = None
    if flown is None:
        st.error(words("own.failed"), icon=":material/error:")
    else:
        own.append((speed, phase, flown))


def _wait(job: Job) -> Flown | None:
    with turns.aside():
        job.over.wait(PATIENCE)
    return job.latest if job.finished else None


def _outcome(lab: Moonshot, flown: list[Flown], world: World, shown: Shown | None, words: Texts) -> None:
    """What became of the last launch, all paths, and the ledger."""
    last = flown[-1]
    misses = [abs(one.altitude - lab.target) for one in flown]
    first = next((n for n, miss in enumerate(misses, 1) if miss <= lab.within), None)
    outcome = "hit" if misses[-1] <= lab.within else ("flew", "struck", "fell", "left")[last.ending]
    st.markdown(words(f"own.{outcome}", trial=len(flown), altitude=last.altitude, deep=-last.altitude, day=last.day))
    st.metric(
        words("own.trials"), len(flown), words("own.best", miss=min(misses)), delta_color="off", delta_arrow="off"
    )
    mark = f"own/{id(flown)}/{len(flown)}"
    left, right = st.columns([1.3, 1], gap="medium")
    picture = own.paths(flown, world.distance, world.share, words)
    left.vega_lite_chart(picture.table, picture.spec, width="stretch", alt=picture.alt)
    if shown:
        drawn = ledger.paid(shown.result, words, (first or len(flown), first is not None))
        right.vega_lite_chart(drawn.table, drawn.spec, width="stretch", alt=drawn.alt, key=f"moonshot_{mark}")
