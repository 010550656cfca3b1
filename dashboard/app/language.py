"""Every sentence a visitor reads, from text/<language>/<page>.toml: `words("verdict.inside", value=0.2)`."""

from __future__ import annotations

import math
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

LANGUAGES = {"en": "English", "zh": "中文"}
FOLDER = Path(__file__).parents[1] / "text"


class _Figures(Formatter):
    """Adds ways to write a number: those of WAYS, as in {x:share}.

    A text in the place of such a number is one that is written already.
    """

    def format_field(self, value: Any, format_spec: str) -> Any:
        if format_spec not in WAYS:
            return super().format_field(value, format_spec)
        return value if isinstance(value, str) else WAYS[format_spec](value)


FIGURES = _Figures()
GAP = "\u00a0"  # between a number and its sign: no line breaks there


def share(value: float) -> str:
    """0.58 -> 58 %, 0.0068 -> 0.68 %, 0.00001 -> < 0.01 %; 0.9985 -> 99.8 %, since only all of it is 100 %.

    Nowhere in it does a line break, nor in a length.
    """
    if not math.isfinite(value):
        return "–"
    if 0 < value < 0.0001:
        return f"<{GAP}0.01{GAP}%"
    if 0.995 <= value < 1:
        return f"{math.floor(1000 * value) / 10:.1f}{GAP}%"
    digits = 0 if value >= 0.0995 else 1 if value >= 0.00995 else 2
    text = f"{100 * value:,.{digits}f}"
    return f"{text.rstrip('0').rstrip('.') if digits else text}{GAP}%"


def plain(value: float) -> str:
    """Three digits that matter, thousands apart, and no powers of ten: 1.62, 24.8, 30,000, 0.0003."""
    if not math.isfinite(value):
        return "–"
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return format(Decimal(f"{value:.3g}"), "f")


def few(value: float) -> str:
    """The same; of what is smaller than a thousandth only that."""
    return f"<{GAP}0.001" if 0 < value < 0.001 else plain(value)


def length(value: float) -> str:
    """Kilometres as people say them: 0.028 -> 28 m, 50.03 -> 50.03 km, 52505 -> 52,500 km."""
    if not 0 < value < 1:
        near = 1 <= value < 100 and value != int(value)
        return f"{f'{value:.2f}' if near else plain(float(f'{value:.3g}') if value >= FAR else value)}{GAP}km"
    return f"{1000 * value:,.0f}{GAP}m" if value >= 0.001 else f"<{GAP}1{GAP}m"


FAR = 10_000  # km, from where on they are rounded
WAYS = {"share": share, "plain": plain, "few": few, "length": length}


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
