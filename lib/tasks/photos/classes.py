"""The 1,000 things that a network trained on ImageNet can say, by the names that people use, in English and Chinese.

classes.tsv beside this module has a class a line, in ImageNet's order: its name in either language, and then what else
a visitor may call it or its kind, which is searched and never shown.
Source: O. Russakovsky et al., ImageNet Large Scale Visual Recognition Challenge, IJCV 2015; Chinese names are our own.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PANDA = 388
GIBBON = 368
LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class Names:
    """What one class is called: `shown` by language, `also` by language, what else it may be called."""

    shown: dict[str, str]
    also: dict[str, tuple[str, ...]]


def name(index: int, language: str = "en") -> str:
    """What a class (0-999) is called in English ("en") or Chinese ("zh"). ValueError for another class or language."""
    known = names()
    if index not in range(len(known)):
        raise ValueError(f"class: got {index!r}, choose a whole number from 0 to {len(known) - 1}")
    if language not in LANGUAGES:
        raise ValueError(f"language: got {language!r}, choose one of {', '.join(LANGUAGES)}")
    return known[index].shown[language]


def both(index: int, language: str = "en") -> str:
    """The two names of a class, that of `language` first, so that whoever types either finds it."""
    first, second = (name(index, tongue) for tongue in sorted(LANGUAGES, key=lambda one: one != language))
    return f"{first} · {second}"


def search(text: str, language: str = "") -> list[int]:
    """The classes whose names have `text` in them, in one language or, with "", in both: best first, all for no text.

    First those that are called just so, then names that begin so, then those with a word that begins so, then the rest.
    Case, width, accents and hyphens do not count.
    """
    if language not in ("", *LANGUAGES):
        raise ValueError(f"language: got {language!r}, choose one of {', '.join(LANGUAGES)}, or none")
    wanted = folded(text)
    ranks = {index: rank(wanted, names) for index, names in enumerate(searched(language))}
    return sorted((index for index, at in ranks.items() if at < MISS), key=lambda index: ranks[index])


MISS = 4


def rank(wanted: str, called: tuple[tuple[str, ...], tuple[str, ...]]) -> int:
    """How well folded text fits a class, from its names and what else it is called: 0 = it is just this, 4 = not."""
    shown, also = called
    if wanted in shown + also:
        return 0
    if any(one.startswith(wanted) for one in shown):
        return 1
    if any(f" {wanted}" in f" {one}" for one in shown + also):
        return 2
    return 3 if any(wanted in one for one in shown + also) else MISS


def folded(text: str) -> str:
    """Text as it is compared: without case, width, accents and punctuation, and with one space between words."""
    apart = unicodedata.normalize("NFKD", text.replace("㹴", "梗")).casefold()  # both are used for a terrier
    plain = "".join(one for one in apart if not unicodedata.combining(one) and one not in "'’")
    return " ".join("".join(one if one.isalnum() else " " for one in plain).split())


@cache
def searched(language: str) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    """Of each class the folded names, and the folded other names, in one language or in all."""
    told = (language,) if language else LANGUAGES
    return tuple(
        (
            tuple(folded(one.shown[tongue]) for tongue in told),
            tuple(folded(other) for tongue in told for other in one.also[tongue]),
        )
        for one in names()
    )


@cache
def names() -> tuple[Names, ...]:
    """The names of all 1,000 classes, in ImageNet's order."""
    _, *lines = Path(__file__).with_name("classes.tsv").read_text(encoding="utf-8").splitlines()
    return tuple(read(*line.split("\t")) for line in lines)


def read(english: str, chinese: str, also: str = "") -> Names:
    others = [one for one in also.split(", ") if one]
    return Names(
        shown={"en": english, "zh": chinese},
        also={
            "en": tuple(one for one in others if not has_chinese(one)),
            "zh": tuple(one for one in others if has_chinese(one) or one.isupper()),  # ATM is said in both
        },
    )


def has_chinese(text: str) -> bool:
    return any(unicodedata.name(one, "").startswith("CJK UNIFIED IDEOGRAPH") for one in text)
