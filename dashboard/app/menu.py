"""What every page has around it: menu, language, look. Streamlit runs this for a visitor before it runs the page."""

from __future__ import annotations

import base64
from functools import partial
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st

from dashboard.app import live, render_lock
from dashboard.app.index_page import MISSING
from dashboard.app.language import LANGUAGES, Texts, language_of, nearest_language
from dashboard.page import anatomy, controls, guess
from lib.labs import LABS

MENU: dict[str, dict[str, str]] = {
    "": {"home": ":material/explore:"},
    "learned": {
        "throw": ":material/rocket_launch:",
        "sort": ":material/sort:",
        "moonshot": ":material/nightlight:",
    },
    "shaped": {
        "paper": ":material/layers:",
        "see": ":material/visibility:",
    },
    "fooled": {
        "attack": ":material/bolt:",
        "panda": ":material/pets:",
        "poison": ":material/science:",
    },
}
"""The pages of each section, by name, with their icons. A lab's page is found in the folder of its name;
they come in the order of LABS, as on Home."""

IMAGES = Path(__file__).parents[2] / "assets" / "images"


def _inline(name: str) -> str:
    """A picture of ours as an address that holds it: Streamlit reads, checks and hashes a file at every run."""
    return f"data:image/svg+xml;base64,{base64.b64encode((IMAGES / name).read_bytes()).decode()}"


FAVICON, LOGO = _inline("favicon.svg"), _inline("logo.svg")


def _language() -> str:
    """What the visitor has picked, else what the link asks for, else the browser's."""
    if st.session_state.get("lang") is None:
        st.session_state["lang"] = _linked_language()
    return st.session_state["lang"]


def _linked_language() -> str:
    return language_of(st.query_params.get("lang", "")) or nearest_language(st.context.locale)


def _keep_open() -> None:
    """A link that leaves all answers open does so for the visit."""
    asked = controls.switched(st.query_params.get("reveal", ""))
    if asked is not None:
        st.session_state["reveal"] = asked


def _sign(spoken: str) -> None:
    """Keep in the link what the visit is in, which the menu's own links say nothing of."""
    told = {"lang": spoken} if spoken != _linked_language() else {}
    told |= {"reveal": "1"} if guess.revealed() and "reveal" not in st.query_params else {}
    controls.write(told)


def _refusals(words: Texts) -> list[str]:
    """A sentence for each thing that the link asks of the whole app and that cannot be; the link stays as it is."""
    lang = st.query_params.get("lang", "")
    told = []
    if lang.strip() and not language_of(lang):
        told.append(words("link.language", got=controls.escaped(lang, 20), offer=", ".join(LANGUAGES.values())))
    for name in ("present", "reveal", "keys"):
        asked = st.query_params.get(name, "")
        if asked.strip() and controls.switched(asked) is None:
            told.append(words("link.switch", name=name, got=controls.escaped(asked, 20)))
    return told


def show() -> None:
    """Draw the menu and the page that is asked for."""
    bare = controls.presenting() or st.context.is_embedded
    words = Texts(_language(), "common")
    st.session_state["language"] = words.language
    _keep_open()
    _sign(words.language)
    st.set_page_config(page_icon=FAVICON, layout="wide", menu_items={"About": words("app.about")})
    pages = {name: _page(name, icon, words.language) for some in MENU.values() for name, icon in some.items()}
    st.session_state["pages"] = pages
    missing = st.Page(_missing, title=words("missing.title"), url_path=MISSING, visibility="hidden")
    sections = _sections(pages, words)
    sections[""].append(missing)
    page = st.navigation(sections, position="hidden" if bare else "top")
    if not bare:
        st.logo(LOGO, size="large", icon_image=FAVICON)
        with st.container(key="language", width="content"):  # in the menu's row: see browser/index.css
            st.segmented_control(
                words("app.language"),
                list(LANGUAGES),
                format_func=LANGUAGES.__getitem__,
                key="lang",
                on_change=controls.respoken,
                args=(LABS.values(),),
                required=True,
                label_visibility="collapsed",
                persist_state="session",
            )
    for refusal in _refusals(words):
        st.warning(refusal, icon=":material/link_off:")
    live.engine()
    with render_lock.held():
        page.run()


def _sections(pages: dict[str, st.Page], words: Texts) -> dict[str, list[st.Page]]:
    """The menu: a section of one page is that page; one of several bears the name of the page that is open, if it is
    one of them, since Streamlit marks a page only in the list that drops down."""
    told: dict[str, list[st.Page]] = {"": []}
    for section, some in MENU.items():
        here = [pages[name] for name in some]
        if not section or len(here) == 1:
            told[""] += here
        else:
            open_page = pages.get(urlsplit(st.context.url or "").path.rpartition("/")[2])
            mark = f"{words.at('marks.colon')}{open_page.title}" if open_page in here else ""
            told[words(f"menu.{section}") + mark] = here
    return told


def _missing() -> None:
    """For an address that names no page of ours: see index_page.elsewhere."""
    words = Texts(st.session_state["language"], "common")
    st.title(words("missing.title"), anchor=False)
    st.markdown(words("missing.text"))
    for page in st.session_state["pages"].values():
        st.page_link(page, label=page.title, icon=page.icon)


def _page(name: str, icon: str, language: str) -> st.Page:
    """A page's entry, at its name's address. What it shows is imported by whoever opens it first."""
    title = Texts(language, name)("title")
    return st.Page(partial(_draw, name), title=title, icon=icon, url_path=name, default=name == "home")


def _draw(name: str) -> None:
    if name == "home":
        import_module("dashboard.pages.home").show()
    else:
        anatomy.show(import_module(f"dashboard.pages.{name}.page").PAGE)
