"""Components of our own: what the browser runs beside Streamlit's, from files that lie in this repository."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from streamlit.components.v2 import component
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest
from streamlit.components.v2.types import ComponentRenderer

FILES = "browser"  # the folder, beside the Python half, of which this server gives out everything


def mounted(name: str, folder: Path) -> ComponentRenderer:
    """The component `name` of a package's folder, as Streamlit mounts it: browser/name.js, name.css and name.html.

    Streamlit serves the files of installed packages under its own address, but makes a script out of text (`blob:`)
    for a component that it is given as a string, which our headers forbid: see dashboard/app/hosting.py. Nobody
    installs this app, so what the package's manifest would say is said here, once to each server.
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
