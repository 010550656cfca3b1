"""Every sentence a visitor reads, from text/<language>/<page>.toml: `words("verdict.inside", value=0.2)`."""

from __future__ import annotations

import math
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

LANGUAGES = {"en": "English", "zh": "中文"}
FOLDER = Path(__file__).parents[1] / "text"


class _Figures(Formatter):
    """Adds two ways to write a number: {x:share} as a percentage and {x:plain} with the digits that matter.

    A text in the place of such a number is one that is written already.
    """

    def format_field(self, value: Any, format_spec: str) -> Any:
        if format_spec not in ("share", "plain"):
            return super().format_field(value, format_spec)
        return value if isinstance(value, str) else {"share": share, "plain": plain}[format_spec](value)


FIGURES = _Figures()


def share(value: float) -> str:
    """0.58 -> 58 %, 0.0068 -> 0.68 %, 0.00001 -> < 0.01 %; 0.9985 -> 99.8 %, since only all of it is 100 %."""
    if not math.isfinite(value):
        return "–"
    if 0 < value < 0.0001:
        return "< 0.01 %"
    if 0.995 <= value < 1:
        return f"{math.floor(1000 * value) / 10:.1f} %"
    digits = 0 if value >= 0.0995 else 1 if value >= 0.00995 else 2
    text = f"{100 * value:,.{digits}f}"
    return f"{text.rstrip('0').rstrip('.') if digits else text} %"


def plain(value: float) -> str:
    """Three digits that matter, thousands apart: 1.62, 24.8, 30,000."""
    if not math.isfinite(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


@dataclass(frozen=True)
class Texts:
    """The sentences of one page in one language; what the page does not say itself is looked up in common.toml."""

    language: str
    page: str

    def __call__(self, path: str, /, **values: Any) -> str:
        """The sentence at a dotted path with its placeholders filled in. Raises KeyError if nobody wrote it."""
        return FIGURES.vformat(str(self.at(path)), (), values).strip() if values else _bare(self, path)

    def at(self, path: str) -> Any:
        """What stands at a dotted path: a sentence, a list or a table."""
        for page in (self.page, "common"):
            found: Any = read(self.language, page)
            for part in path.split("."):
                found = found.get(part) if isinstance(found, dict) else None
            if found is not None:
                return found
        raise KeyError(f"{self.language}/{self.page}.toml: no text {path!r}")


@cache
def _bare(words: Texts, path: str) -> str:
    return FIGURES.vformat(str(words.at(path)), (), {}).strip()


@cache
def read(language: str, page: str) -> dict[str, Any]:
    """One file of sentences."""
    return tomllib.loads((FOLDER / language / f"{page}.toml").read_text(encoding="utf-8"))


def language_of(tag: str | None) -> str | None:
    """The language of ours that a tag names, however it is written: zh, zh-CN, ZH_Hans; None if it names none."""
    told = re.split("[-_]", unicodedata.normalize("NFKC", tag or "").strip())[0].lower()
    return told if told in LANGUAGES else None


def nearest_language(locale: str | None) -> str:
    """The language we speak that is nearest to the browser's; English if it names none of ours."""
    return language_of(locale) or "en"
