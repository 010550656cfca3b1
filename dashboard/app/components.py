"""Components of our own: what the browser runs beside Streamlit's, from files that lie in this repository."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from streamlit.components.v2 import component
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest
from streamlit.components.v2.types import ComponentRenderer
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import get_script_run_ctx

FILES = "browser"  # the folder, beside the Python half, of which this server gives out everything


def mounted(name: str, folder: Path) -> ComponentRenderer:
    """The component `name` of a package's folder, as Streamlit mounts it: browser/name.js, name.css and name.html.

    Streamlit serves the files of installed packages under its own address, but makes a script out of text (`blob:`)
    for a component that it is given as a string, which our headers forbid: see dashboard/app/hosting.py. Nobody
    installs this app, so what the package's manifest would say is said here, once to each server.

    Its data are bytes, or a dictionary in a list: in a bare one Streamlit looks for data frames, and imports pandas for
    that, 41 MB of the web process.
    """
    manager = get_bidi_component_manager()
    if manager.get_component_path(f"horizon.{name}") is None:
        manifest = ComponentManifest("horizon", "1", [ComponentConfig(name, asset_dir=FILES)])
        manager.register_from_manifest(manifest, folder)
    return _renderer(name, folder)


@cache
def _renderer(name: str, folder: Path) -> ComponentRenderer:
    html = (folder / FILES / f"{name}.html").read_text(encoding="utf-8")
    return component(f"horizon.{name}", html=html, css=f"{name}.css", js=f"{name}.js")


def redraw(place: DeltaGenerator, folder: Path, data: bytes, key: str) -> None:
    """Draw a folder's component into a place, an st.empty; once more in the same run, and it takes the new data."""
    renderer = mounted(folder.name, folder)
    _forget(key)
    with place:
        renderer(key=key, data=data)


def _forget(key: str) -> None:
    """Let this run draw the component of that key again.

    Streamlit takes a widget that a run draws twice for a mistake. Here a run watches its job: the browser has to take
    the next data for the same component, else it builds another one, and the visitor's place in it is lost.
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
