"""What every page has around it: menu, language, look. Streamlit runs this for a visitor before it runs the page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard import live, turns
from dashboard.language import LANGUAGES, Texts, closest

MENU = {
    "": ("home",),
    "learned": ("throw", "sort", "moonshot"),
    "shaped": ("paper",),
    "fooled": ("attack",),
}
IMAGES = Path(__file__).parents[1] / "assets" / "images"
ICONS = {
    "home": ":material/explore:",
    "throw": ":material/rocket_launch:",
    "sort": ":material/sort:",
    "moonshot": ":material/nightlight:",
    "paper": ":material/layers:",
    "attack": ":material/bolt:",
}


def _language() -> str:
    """What the visitor has picked, else what the link asks for, else the browser's; kept in the link if it is not."""
    asked = st.query_params.get("lang", "")
    native = closest(st.context.locale)
    if st.session_state.get("lang") is None:
        st.session_state["lang"] = asked if asked in LANGUAGES else native
    spoken = st.session_state["lang"]
    if spoken != (asked or native):
        st.query_params["lang"] = spoken
    return spoken


def show() -> None:
    """Draw the menu and the page that is asked for."""
    presenting = st.query_params.get("present") == "1"
    words = Texts(_language(), "common")
    st.session_state["language"] = words.language
    st.set_page_config(
        page_title=words("app.title"),
        page_icon=IMAGES / "favicon.png",
        layout="wide",
        menu_items={"About": words("app.about")},
    )
    pages = {
        words(f"menu.{section}") if section else "": [
            st.Page(
                f"dashboard/pages/{name}.py",
                title=Texts(words.language, name)("title"),
                icon=ICONS[name],
                default=name == "home",
            )
            for name in names
        ]
        for section, names in MENU.items()
    }
    page = st.navigation(pages, position="hidden" if presenting else "top")
    if not presenting:
        st.logo(IMAGES / "logo.svg", size="large", icon_image=IMAGES / "favicon.png")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.title(page.title, anchor=False)
            st.segmented_control(
                words("app.language"),
                list(LANGUAGES),
                format_func=LANGUAGES.__getitem__,
                key="lang",
                required=True,
                label_visibility="collapsed",
                persist_state="session",
            )
    live.engine()
    with turns.taken():
        page.run()
