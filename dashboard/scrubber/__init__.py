"""A film that plays in the browser without the server: what a network does to a sheet of paper, move by move.

    scrub(place, motion.packed, key="paper_film")

The browser is told everything at once; playing, stepping, dragging and turning send nothing. The other half is
browser/scrubber.js.
"""

from __future__ import annotations

from pathlib import Path

from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.app.components import mounted

HERE = Path(__file__).parent


def scrub(place: DeltaGenerator, packed: bytes, key: str) -> None:
    """Draw the film into a place, an st.empty; once more in the same run, and it goes on with the new frames."""
    renderer = mounted("scrubber", HERE)
    _forget(key)
    with place:
        renderer(key=key, data=packed)


def _forget(key: str) -> None:
    """Let this run draw the component of that key again.

    Streamlit takes a widget that a run draws twice for a mistake. Here a run watches its job: the browser has to take
    the next frames for the same component, else it builds another one, and the visitor's place in the film is lost.
    """
    run = get_script_run_ctx()
    if run is None:
        return
    for drawn in (run.shared.widget_user_keys_this_run, run.shared.widget_ids_this_run):
        kept = [one for one in drawn.snapshot() if one != key and not one.endswith(f"-{key}")]
        if len(kept) < len(drawn.snapshot()):
            drawn.clear()
            for one in kept:
                drawn.check_and_add(one)
