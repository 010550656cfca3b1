"""A film that plays in the browser without the server: what a network does to a sheet of paper, move by move.

    scrub(motion, key="paper_film")

The browser is told everything at once; playing, stepping, dragging and turning send nothing. The other half is
browser/scrubber.js.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from streamlit.components.v2 import component
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest
from streamlit.components.v2.types import ComponentRenderer
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.charts.unfolding import Motion

HERE = Path(__file__).parent
NAMES = ("scrubber", "pad")
MANIFEST = ComponentManifest("horizon", "1", [ComponentConfig(name, asset_dir="browser") for name in NAMES])


def scrub(place: DeltaGenerator, motion: Motion, key: str) -> None:
    """Draw the film into a place, an st.empty; once more in the same run, and it goes on with the new frames."""
    declare()
    _forget(key)
    with place:
        renderer("scrubber")(key=key, data=motion.packed)


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


def declare() -> None:
    """Tell this server where the components' files are, once.

    Streamlit serves the files of installed packages under its own address, but makes a script out of text (`blob:`)
    for a component that it is given as a string, which our headers forbid: see dashboard/hosting.py. Nobody installs
    this app, so what the package's manifest would say is said here.
    """
    manager = get_bidi_component_manager()
    if manager.get_component_path(f"horizon.{NAMES[0]}") is None:
        manager.register_from_manifest(MANIFEST, HERE)


@cache
def renderer(name: str) -> ComponentRenderer:
    """The component of that name, as Streamlit mounts it."""
    html = (HERE / "browser" / f"{name}.html").read_text(encoding="utf-8")
    return component(f"horizon.{name}", html=html, css=f"{name}.css", js=f"{name}.js")
