"""Pictures, once per result and language, however often they are drawn and however many look.

Those of shipped results ship too (see prebuilt); others are built from their result.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.app import components
from dashboard.app.language import Texts
from dashboard.charts.style import Motion, Picture, enlarged, with_guess, with_title
from dashboard.page import controls, prebuilt
from dashboard.page.prebuilt import NOTHING, ROOT
from lib import store

MOST = 128  # what a crowd looks at, however many labs; 0.1 MB at most, but for films; a shipped one is back in 0.3 ms
FILMS = 48_000_000  # bytes: all shipped films in both languages, 9 MB, and some of running jobs, 2 MB each at most
Draw = Callable[[Any, Texts], Any]  # result, words -> a charts.style.Picture, or a Motion

_built: OrderedDict[prebuilt.Name, Any] = OrderedDict()  # None is a picture that has not come yet
_lock, _building = threading.Lock(), threading.Lock()


def mark(lab: Any, *, shipped: bool) -> str:
    """What names a finished result. This host's own of a shipped recipe may differ from ours in the last digits."""
    return store.key(lab) if shipped else f"{store.key(lab)}/here"


def name_of(draw: Draw, mark: str, words: Texts) -> prebuilt.Name:
    """What a picture is kept by, and ships by."""
    return draw.__module__, draw.__qualname__, mark, words.language, words.page


def cached(draw: Draw, result: Any, mark: str, words: Texts) -> Any:
    """What `draw` makes of a result; `mark` names the result, since results are too large to compare."""
    name = name_of(draw, mark, words)
    made = _kept(name)
    if made is NOTHING:
        with _building:  # a crowd that waits for the same picture takes it from the first who builds it
            made = _kept(name)
            if made is NOTHING:
                made = prebuilt.find(name)
                made = draw(result, words) if made is NOTHING else made
                _keep(name, made)
    return made


def _kept(name: prebuilt.Name) -> Any:
    with _lock:
        if name in _built:
            _built.move_to_end(name)
        return _built.get(name, NOTHING)


def _keep(name: prebuilt.Name, made: Any) -> None:
    with _lock:
        _built[name] = made
        room = FILMS
        for film, kept in reversed([one for one in _built.items() if isinstance(one[1], Motion)]):
            room -= kept.size
            if room < 0:
                del _built[film]
        while len(_built) > MOST:
            _built.popitem(last=False)


def show_picture(
    place: Any,
    draw: Draw,
    result: Any,
    mark: str,
    words: Texts,
    *,
    covered: bool = False,
    bet: int | None = None,
    stopped: str = "",
) -> DeltaGenerator:
    """Draw a picture into `st`, or into what this returned: then it keeps its scrubber and takes the new numbers.

    covered: as far as a visitor may see it who has not guessed yet; a picture that has no such form says so. bet: which
    of the options of the guess was picked, for a picture that has a place for that. stopped: what a chart says of a run
    that did not come to its end.
    A place that is emptied first, as st.empty does, shows the gap when the browser paints in between. A picture whose
    numbers have not come yet is None: the place says so. A film is no chart but a component of ours; its place is one
    that is emptied, but it is ready by then, and Streamlit sends both in one go.
    """
    picture = cached(draw, result, mark, words)
    if picture is None:
        return place.caption(words("stage.later"))
    if covered and picture.covered is None:
        return place.caption(veiled(words))
    if isinstance(picture, Motion):
        slot = place.empty() if place is st else place
        sent = (covered and picture.covered) or picture.packed
        components.redraw(slot, ROOT / picture.plays, sent, f"{words.page}_film_{Path(picture.plays).name}")
        return slot
    return draw_chart(place, picture, veiled(words) if covered else "", bet, stopped)


def veiled(words: Texts) -> str:
    """What is said in the place of what answers the guess, by the button that uncovers it here."""
    return words("stage.covered" if controls.visible("guess") else "stage.veiled")


def draw_chart(
    place: Any, picture: Picture, covered: str = "", bet: int | None = None, stopped: str = ""
) -> DeltaGenerator:
    """Send a chart. Rows that bear a name Streamlit passes on as they are, as it gets them from Altair.

    covered: what is heard instead of its finding, where only the rows are drawn that do not answer the guess.
    """
    rows = picture.covered if covered else picture.rows
    spec = picture.spec if bet is None else with_guess(picture.spec, bet)
    spec = with_title(spec, stopped) if stopped else spec
    spec = enlarged(spec) if controls.presenting() else spec
    sent = {**spec, "data": {"name": "rows"}, "datasets": {"rows": rows}}
    return place.vega_lite_chart(None, sent, width="stretch", alt=covered or picture.alt)


def show_table(place: Any, draw: Draw, result: Any, mark: str, words: Texts) -> None:
    """Show a table of numbers, if they have come."""
    numbers = cached(draw, result, mark, words)
    if numbers is not None:
        place.dataframe(numbers, hide_index=True)
