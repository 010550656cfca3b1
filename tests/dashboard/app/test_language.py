"""How numbers and sentences are written, and that Markdown renders every sentence as it is meant."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.app.language import GAP, LANGUAGES, Texts, few, length, nearest_language, plain, read, share
from lib.labs import LABS
from tests.lib.labs.test_labs import TOLD

PAGES = ("common", "home", *LABS)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.58, "58 %"),
        (0.0068, "0.68 %"),
        (0.005, "0.5 %"),
        (0.00001, "< 0.01 %"),
        (0.0001, "0.01 %"),
        (0.0, "0 %"),
        (1.0, "100 %"),
        (0.9985, "99.8 %"),
        (0.9949, "99 %"),
        (0.995, "99.5 %"),
        (0.999, "99.9 %"),
        (1 - 1e-12, "99.9 %"),
        (1.004, "100 %"),
        (0.0994, "9.9 %"),
        (0.0996, "10 %"),
        (0.02, "2 %"),
        (12.3456, "1,235 %"),
        (math.nan, "–"),
        (math.inf, "–"),
    ],
)
def test_a_share_is_written_with_the_digits_that_matter(value: float, written: str) -> None:
    assert share(value) == written.replace(" ", GAP)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1.62, "1.62"),
        (24.79, "24.8"),
        (30_000, "30,000"),
        (3000.4, "3,000"),
        (0.15, "0.15"),
        (10, "10"),
        (10.0, "10"),
        (0.0, "0"),
        (0.0003, "0.0003"),
        (6.1e-05, "0.000061"),
        (-2e-12, "-0.000000000002"),
        (-273.15, "-273"),
        (99.99, "100"),
        (math.nan, "–"),
        (math.inf, "–"),
    ],
)
def test_a_number_is_written_with_three_digits_that_matter(value: float, written: str) -> None:
    assert plain(value) == written


@given(st.floats(0, 1e6))
def test_what_is_written_is_near_what_it_was(value: float) -> None:
    assert float(plain(value).replace(",", "")) == pytest.approx(value, rel=0.0051)
    told = share(value)
    if told.startswith("<"):
        assert 0 < value < 0.0001
    else:
        assert (told == f"0{GAP}%") == (value == 0)
        assert value >= 1 or told != f"100{GAP}%"
        assert float(told.removesuffix(f"{GAP}%").replace(",", "")) / 100 == pytest.approx(value, rel=0.06, abs=6e-5)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0282, "28 m"),
        (0.00071, "< 1 m"),
        (0.0, "0 km"),
        (0.9, "900 m"),
        (1.0, "1 km"),
        (5.324, "5.32 km"),
        (50.029, "50.03 km"),
        (1447.3, "1,447 km"),
        (52_505.4, "52,500 km"),
        (268_342.1, "268,000 km"),
        (math.nan, "– km"),
    ],
)
def test_a_length_is_written_as_people_say_it(value: float, written: str) -> None:
    assert length(value) == written.replace(" ", GAP)


def test_what_is_smaller_than_a_thousandth_can_be_left_at_that() -> None:
    assert [few(value) for value in (0.0, 6.1e-05, 0.001, 0.15)] == ["0", f"<{GAP}0.001", "0.001", "0.15"]


@given(st.floats())
def test_every_number_can_be_written_without_powers_of_ten_or_a_place_to_break(value: float) -> None:
    for write in (share, plain, few, length):
        assert write(value)
        assert not set(write(value)) & set("e \n")


@pytest.mark.parametrize(
    ("locale", "spoken"),
    [
        ("zh", "zh"),
        ("zh-CN", "zh"),
        ("ZH-TW", "zh"),
        ("zh_Hans_CN", "zh"),
        (" zh ", "zh"),
        ("ｚｈ", "zh"),
        ("zhuang", "en"),
        ("-zh", "en"),
        ("en-GB", "en"),
        ("de", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_the_closest_language_is_spoken(locale: str | None, spoken: str) -> None:
    assert nearest_language(locale) == spoken


def test_a_sentence_is_filled_in_and_looked_up_on_its_page_first() -> None:
    words = Texts("en", "attack")
    assert words("figures.inside") != Texts("en", "throw")("figures.inside")
    assert words("figures.holds") == Texts("en", "throw")("figures.holds")
    assert words("run.left", done=0.5, left=3.2).startswith(f"50{GAP}% done")


def test_a_sentence_that_nobody_wrote_is_an_error_that_names_it() -> None:
    with pytest.raises(KeyError, match=r"zh/throw.toml: no text 'run.nothing'"):
        Texts("zh", "throw")("run.nothing")


def test_what_fills_a_sentence_is_never_read_as_one() -> None:
    told = Texts("en", "throw")("link.refused", knob="{offer}", got="{0.__class__}", offer="{knob!r:share}")
    assert "{0.__class__}" in told
    assert "{knob!r:share}" in told


def sentences(language: str, page: str) -> Iterator[tuple[str, str]]:
    """Every sentence of a file with where it stands."""

    def walk(told: Any, path: str) -> Iterator[tuple[str, str]]:
        if isinstance(told, dict):
            for name, value in told.items():
                yield from walk(value, f"{path}.{name}")
        else:
            yield from ((path, one) for one in (told if isinstance(told, list) else [told]))

    yield from walk(read(language, page), page)


def marks(sign: str) -> bool:
    """What CommonMark calls punctuation: P and S of Unicode."""
    return unicodedata.category(sign)[0] in "PS"


def rendered(sentence: str) -> bool:
    """True if each ** of a sentence can do what its place demands: open, close, open, close (CommonMark 0.31, 6.2)."""
    filled = re.sub(r"\{[^}]*\}", "0", re.sub(r"\{\w+:share\}|\{guess\}", "5 %", sentence))
    for turn, found in enumerate(re.finditer(r"\*\*", filled)):
        before, after = (filled[found.start() - 1] if found.start() else " "), (filled + " ")[found.end()]
        inner, outer = (after, before) if turn % 2 == 0 else (before, after)
        if inner.isspace() or (marks(inner) and not (outer.isspace() or marks(outer))):
            return False
    return filled.count("**") % 2 == 0


@pytest.mark.parametrize(
    ("sentence", "good"),
    [
        ("**字**。字", True),
        ("**字。**字", False),
        ("**字。** 字", True),
        ("字**，字**字", False),
        ("字**字**字", True),
        ("**字（字）下**，字", True),
        ("**字（字）**字", False),
        ("**One.** Two", True),
        ("** one**", False),
        ("**one", False),
        ("**{value:plain}**字", True),
        ("**{value:share}**字", False),
        ("**{value:share}** 字", True),
    ],
)
def test_the_test_of_bold_letters_can_tell(sentence: str, good: bool) -> None:
    assert rendered(sentence) is good


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_bold_letters_are_rendered_bold(language: str, page: str) -> None:
    assert [path for path, told in sentences(language, page) if not rendered(told)] == []


KEPT_IN_LATIN = {"common.app.title", "home.title"}  # the product's name
KEPT_IN_LATIN |= {f"{name}.{path}" for name, told in TOLD.items() for path in told.get("latin", ())}


@pytest.mark.parametrize("page", PAGES)
def test_chinese_is_written_in_chinese(page: str) -> None:
    left = {
        path
        for path, told in sentences("zh", page)
        if re.search(r"[A-Za-z]{4}", re.sub(r"\{[^}]*\}", "", told)) and not re.search("[\u4e00-\u9fff]", told)
    }
    assert {path for path in left if not path.endswith("breaks.presets")} <= KEPT_IN_LATIN


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_asks_for_html(language: str, page: str) -> None:
    assert [path for path, told in sentences(language, page) if re.search(r"</?[a-z]", told)] == []
