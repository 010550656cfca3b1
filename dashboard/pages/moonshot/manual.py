"""The visitor flies too: two sliders, Launch, and a row in the same ledger.

What is set stands in the link, like a knob's; what cannot be is moved to the nearest that can, with a sentence. So do
the last launches, which a reload brings back. The flight itself is computed by a worker, like every other.
"""

from __future__ import annotations

import math
import re

import streamlit as st

from dashboard.app import live, render_lock
from dashboard.app.language import Texts
from dashboard.page import controls, fragments, gallery
from dashboard.page.lab_page import Shown, View
from dashboard.pages.moonshot.charts import ledger
from dashboard.pages.moonshot.flights import fly
from lib import numerals
from lib.core import Lab
from lib.jobs.job import Job, RefusedError
from lib.labs.moonshot.flight import Flight, Flown
from lib.labs.moonshot.lab import Moonshot
from lib.tasks.moonshot.orbit import World

SPEED, PHASE, BEFORE = "moonshot_own_speed", "moonshot_own_phase", "moonshot_own_flown"
FIRST = {SPEED: 10.9, PHASE: 180.0}  # where the sliders stand before anybody has touched them
STEPS = {SPEED: 0.0005, PHASE: 0.01}
PATIENCE = 20.0  # seconds that a launch may take before the page says so
MOST = 200  # launches, the last ones, that are kept, here and in the link
BURN = r"\d{1,2}\.\d{4},\d{1,3}\.\d{2}"
DIGITS = {SPEED: 4, PHASE: 2}  # of a burn, on the sliders as in the link

Burns = tuple[tuple[float, float], ...]


def show(_shown: Shown | None, words: Texts) -> None:
    """Sliders, Launch, and the map with the flights so far, on one screen.

    A projector's view has the map alone, and the rest if `show=` names `own`.
    """
    lab = _chosen()
    task = lab.asks()
    world: World = task.world(task.axis.exam[0])
    bounds = {SPEED: _speeds(world), PHASE: (0.0, 360.0)}
    for refusal in _follow(bounds, words):
        st.warning(refusal, icon=":material/link_off:")
    if controls.visible("own"):
        _set(bounds, words)
    burns = _burns(lab, bounds, words)
    flown = _flown(lab, burns, words)
    if _pressed() > st.session_state.get("moonshot_own_launched", 0):
        st.session_state["moonshot_own_launched"] = _pressed()
        flown = _flown(lab, (*burns, (st.session_state[SPEED], st.session_state[PHASE])), words) or flown
    _sign(_kept(lab) or burns)
    fly(flown, world, words, hit=bool(flown and _misses(flown, lab)[-1] <= lab.within), says=_says(lab, flown, words))


def _set(bounds: dict[str, tuple[float, float]], words: Texts) -> None:
    """Speed and direction of the burn, and Launch."""
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{Moonshot.name}_asked"):
        for place, name in ((SPEED, "speed"), (PHASE, "phase")):
            low, high = bounds[place]
            form = f"%.{DIGITS[place]}f"
            st.slider(
                words(f"own.{name}"),
                low,
                high,
                step=STEPS[place],
                format=form,
                key=place,
                help=words(f"own.{name}_help"),
            )
        st.button(
            words("own.launch"),
            key="moonshot_launch",
            icon=":material/rocket_launch:",
            type="primary",
            on_click=_press,
        )


def _press() -> None:
    """Map and ledger are drawn again, in this order; the map launches."""
    st.session_state["moonshot_own_pressed"] = _pressed() + 1
    fragments.rerun_changed(Moonshot)


def _pressed() -> int:
    """How often Launch was pressed in this session."""
    return st.session_state.get("moonshot_own_pressed", 0)


def score(shown: Shown | None, words: Texts) -> None:
    """How many launches the visitor has made, how near the best came, and their row in everybody's ledger."""
    if not controls.visible("own"):
        return
    lab = _chosen()
    st.header(words("own.title"), anchor="own")
    st.markdown(words("own.text", wanted=lab.target, within=lab.within))
    flown = _flown(lab, _kept(lab), words)
    if flown is None:
        st.caption(words("own.none"))
        return
    misses = _misses(flown, lab)
    count, hits = len(misses), [n for n, miss in enumerate(misses, 1) if miss <= lab.within]
    best = words("own.best", miss=words("length", value=min(misses)))
    st.metric(words("own.trials"), count, best, delta_color="off", delta_arrow="off")
    if shown and shown.recipe == repr(lab):
        gallery.draw_chart(st, ledger.paid(shown.result, words, (hits[0] if hits else count, bool(hits))))
    else:
        st.caption(words("own.elsewhere"))


def says(view: View) -> tuple[object, ...]:
    """The world that the launches are in, and what they are to do there."""
    lab = view.lab
    assert isinstance(lab, Moonshot)
    return _world(lab), lab.within, _pressed()


def scores(view: View) -> tuple[object, ...]:
    """The same, and the run whose ledger the launches are entered in."""
    lab = view.lab
    assert isinstance(lab, Moonshot)
    entered = view.shown if _kept(lab) and view.shown and view.shown.recipe == repr(lab) else None
    return (*says(view), entered)


def _chosen() -> Moonshot:
    lab = controls.chosen(Moonshot)
    assert isinstance(lab, Moonshot)
    return lab


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
            asked = FIRST[place] if word is None else numerals.number(word)
            legal = low if asked is None else min(max(asked, low), high)
            refused.pop(place, None)
            if word is not None and asked != legal:
                name = words("own.speed" if place == SPEED else "own.phase")
                refused[place] = words(
                    "own.refused", name=name, got=controls.escaped(word, 20), legal=legal, low=low, high=high
                )
            st.session_state[place] = round(legal, DIGITS[place])
            signed[place] = word
        else:
            st.session_state[place] = min(max(st.session_state[place], low), high)
    return list(refused.values())


def _sign(burns: Burns) -> None:
    """Write the sliders into the link, where they are not as they were, and the launches."""
    told = {}
    for place, first in FIRST.items():
        now = st.session_state[place]
        told[place] = "" if now == first else f"{now:.{DIGITS[place]}f}"
    controls.write(told | {BEFORE: _written(burns)})
    st.session_state["moonshot_own_signed"] = {place: word or None for place, word in told.items()}


def link(lab: Lab) -> dict[str, str]:
    """The launches of the world that the knobs describe, for the address; nothing before there are any."""
    assert isinstance(lab, Moonshot)
    return {BEFORE: _written(_kept(lab))} if _ledger() else {}


def _written(burns: Burns) -> str:
    return "_".join(f"{speed:.4f},{phase:.2f}" for speed, phase in burns)


def _world(lab: Moonshot) -> Moonshot:
    """What the real world of the first seed depends on; another world has another ledger."""
    return Moonshot(parking=lab.parking, thrust=lab.thrust, push=lab.push, seed=lab.seed, target=lab.target)


def _ledger() -> dict[Moonshot, Burns]:
    return st.session_state.setdefault("moonshot_flights", {})


def _kept(lab: Moonshot) -> Burns:
    """The visitor's launches in this world."""
    return _ledger().get(_world(lab), ())


def _burns(lab: Moonshot, bounds: dict[str, tuple[float, float]], words: Texts) -> Burns:
    """The visitor's launches in this world; at arrival those of the link."""
    if _ledger() or BEFORE not in st.query_params:
        return _kept(lab)
    word = st.query_params[BEFORE]
    told = re.fullmatch(rf"{BURN}(_{BURN}){{0,{MOST - 1}}}", word) and [one.split(",") for one in word.split("_")]
    burns = tuple((float(speed), float(phase)) for speed, phase in told or ())
    (slow, fast), (first, last) = bounds[SPEED], bounds[PHASE]
    if burns and all(slow <= speed <= fast and first <= phase <= last for speed, phase in burns):
        return burns
    st.warning(words("own.unread"), icon=":material/link_off:")
    return ()


def _flown(lab: Moonshot, burns: Burns, words: Texts) -> Flown | None:
    """What came of launches, which are kept then; None if there are none, or no worker can compute them now."""
    if not burns:
        return None
    flight = Flight(_world(lab), burns[-MOST:])
    try:
        found = live.finished(flight)
        flown = found[0] if found else _wait(live.start(flight))
    except RefusedError:
        flown = None
    if flown is None:
        st.error(words("own.failed"), icon=":material/error:")
    else:
        _ledger()[_world(lab)] = flight.burns
    return flown


def _wait(job: Job) -> Flown | None:
    with render_lock.released():
        job.over.wait(PATIENCE)
    return job.latest if job.finished else None


def _misses(flown: Flown, lab: Moonshot) -> list[float]:
    return abs(flown.altitude - lab.target).tolist()


def _says(lab: Moonshot, flown: Flown | None, words: Texts) -> str:
    """What became of the last launch."""
    if flown is None:
        return words("own.ready", wanted=lab.target, within=lab.within)
    altitude, day, hit = float(flown.altitude[-1]), float(flown.day[-1]), _misses(flown, lab)[-1] <= lab.within
    outcome = "hit" if hit else ("flew", "struck", "fell", "left")[int(flown.ending[-1])]
    above, deep = words("length", value=altitude), words("length", value=-altitude)
    return words(f"own.{outcome}", trial=len(flown.altitude), altitude=above, deep=deep, day=day)
