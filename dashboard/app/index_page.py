"""The page in which Streamlit draws, and what that leaves out: its language, and a word where no websocket opens."""

from __future__ import annotations

import json
import re
from functools import cache
from html import escape
from pathlib import Path

import streamlit as st
from streamlit import config
from streamlit.url_util import make_url_path

from dashboard.app.language import LANGUAGES, Texts
from lib.labs import LABS

MISSING = "missing"  # the page that says that there is no such page
STREAMLITS = Path(st.__file__).parent / "static" / "index.html"
BROWSER = Path(__file__).parent / "browser"
DRAWN_WITH = ("ArrowVegaLiteChart", "BidiComponent", "ButtonGroup", "Checkbox", "Selectbox", "Slider")
LOOK = (
    "position:fixed;inset:30vh 1rem auto;z-index:9999999;box-sizing:border-box;max-width:40rem;margin:0 auto;"
    "padding:1.5rem;font:1.1rem/1.5 sans-serif;color-scheme:light dark;color:CanvasText;background:Canvas;"
    "border:1px solid;border-radius:10px"
)


def base() -> str:
    """The path that the app is served below; ends with a slash."""
    return make_url_path(config.get_option("server.baseUrlPath"), "").rstrip("/") + "/"


def elsewhere(path: str) -> str | None:
    """Where a request for a page is sent that there is none of; Streamlit would say so in words of its own."""
    asked = path.removeprefix(base().rstrip("/")).strip("/")
    return None if asked in ("", "index.html", "home", MISSING, *LABS) else f"{base()}{MISSING}"


def scripts() -> list[str]:
    """The inline scripts of the page."""
    return re.findall(r"<script>(.*?)</script>", _template(), re.DOTALL)


def index_page(hosts: str) -> bytes:
    """The page for a request that was for these hosts, a list with commas: where the address bar names another, a proxy
    has changed it, and that is why the page is never connected."""
    return _template().replace("{hosts}", escape(hosts)).encode(errors="replace")


@cache
def _template() -> str:
    """Streamlit's page and ours in it.

    A browser's translator changes the elements that React has drawn, and React then fails where a sentence is replaced;
    `translate="no"` and Google's own word for it keep it away. Both languages are one click from each other anyway.
    """
    page = STREAMLITS.read_text(encoding="utf-8")
    opening = f'<html lang="en" translate="no" data-languages="{" ".join(LANGUAGES)}" data-hosts="{{hosts}}"'
    opening += f' data-base="{base()}"'
    for name in ("play", "pause"):
        said = "|".join(Texts(language, "common")(f"chart.{name}") for language in LANGUAGES)
        opening += f' data-{name}="{escape(said)}"'
    opening += ">"
    page = _replaced(page, '<html lang="en">', opening)
    script, style = ((BROWSER / name).read_text(encoding="utf-8") for name in ("index.js", "index.css"))
    style += _native()
    head = f'<meta name="google" content="notranslate" />\n    <script>{script}</script>\n    <style>{style}</style>'
    page = _replaced(page, '<meta charset="UTF-8" />', f'<meta charset="UTF-8" />\n    {head}\n    {_preloads()}')
    return _replaced(page, '<div id="root"></div>', f'<div id="root"></div>\n{_sentences()}')


def _preloads() -> str:
    """What every page of ours draws with, fetched at once: Streamlit would ask for each when it meets the first such
    widget, and the page would jump as they come."""
    scripts = (STREAMLITS.parent / "static" / "js").glob("*.js")
    told = sorted(one.name for one in scripts if one.name.split(".")[0] in DRAWN_WITH)
    return "\n    ".join(f'<link rel="modulepreload" crossorigin href="./static/js/{name}">' for name in told)


def _native() -> str:
    """For index.css what Streamlit's widgets say in English alone, in every language."""

    def say(language: str) -> str:
        told = Texts(language, "common").at("photo.native")
        return "; ".join(f"--photo-{name}: {json.dumps(word, ensure_ascii=False)}" for name, word in told.items())

    return "\n".join(f":root:lang({language}) {{ {say(language)} }}" for language in LANGUAGES)


def _replaced(page: str, old: str, new: str) -> str:
    if page.count(old) != 1:
        raise ValueError(f"Streamlit's index.html: expected one {old!r}, got {page.count(old)}; see index_page.py")
    return page.replace(old, new)


def _sentences() -> str:
    """What is shown by the script if no websocket gets through, in every language, for each cause."""
    return "\n".join(
        f'<p role="alert" lang="{language}" data-unreached="{cause}" style="{LOOK}" hidden>{escape(told)}</p>'
        for language in LANGUAGES
        for cause, told in Texts(language, "common").at("unreached").items()
    )
