"""Numbers as keyboards, typographers and spreadsheets write them, and what is no number."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib import numerals


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("64", 64),
        (" 64\n", 64),
        ("+5", 5),
        ("-0", 0),
        ("1.", 1),
        (".5", 0.5),
        ("1e5", 1e5),
        ("2E-3", 0.002),
        ("３", 3),
        ("－２．５", -2.5),
        ("＋７", 7),
        ("٣٫٥", 3.5),
        ("१२", 12),
        ("𝟕", 7),
        ("−3", -3),
        ("–3", -3),
        ("‑3", -3),
        ("\ufeff64", 64),
        ("6\u200b4\u2060", 64),
        ("\u00a064\u3000", 64),
        ("0,5", 0.5),
        ("１，５", 1.5),
        ("0,125", 0.125),
        ("12,3456", 12.3456),
    ],
)
def test_a_number_is_read_however_it_is_written(word: str, value: float) -> None:
    got = numerals.number(word)
    assert got == value
    assert math.copysign(1, got) == math.copysign(1, value) or value == 0
    assert numerals.whole(word) == (value if float(value).is_integer() else None)


@pytest.mark.parametrize(
    "word",
    [
        *("", " ", "-", "e5", ".", "three", "3x", "1 2", "--1", "1-", "1e", "0x10", "1_0", "1j", "1/2", "1-5", "3٬000"),
        *("²", "½", "①", "Ⅳ", "三", "3²", "3⃣", "nan", "inf", "-inf", "1e309", "9" * 500, "\x00", "64\x00"),
        *("8,000", "1,234,567", "1.234,5", "1,5,2", "1'000", "(3)"),
    ],
)
def test_what_is_no_number_or_two_is_not_guessed(word: str) -> None:
    assert numerals.number(word) is None
    assert numerals.whole(word) is None


@pytest.mark.parametrize(
    "line",
    [
        *("3 1 4", "3,1,4", "3，1，4", "３，１，４", "3;1;4", "3；1、4", "3\t1\t4", "3،1؛4", "| 3 | 1 | 4 |", "3､1﹐4"),
        *(
            "[3, 1, 4]",
            "(3 1 4)",
            "{3; 1; 4}",
            "（3，1，4）",
            "【3 1 4】",
            "「3」「1」「4」".replace("」「", "」 「"),
            "[[3, 1, 4]]",
        ),
        *('"3","1","4"', "'3' '1' '4'", "“3”，“1”，“4”", "«3» «1» «4»", "＂3＂ 1 4"),
        *("\ufeff3 1 4", "3\u00a01\u202f4", "3\u30001\u20034", "3\u20281\u20294", "\u200e3 1\u200b 4", "3 1 4,,;"),
    ],
)
def test_a_line_is_parted_however_it_is_written(line: str) -> None:
    for columns in (0, 3):
        assert [numerals.whole(word) for word in numerals.words(line, columns)] == [3, 1, 4]


def test_words_are_told_as_they_were_typed() -> None:
    assert numerals.words("[３，x１；（1.5）") == ["３", "x１", "1.5"]
    assert numerals.words("1'000 3(1)4 array([1") == ["1'000", "3(1)4", "array([1"]
    assert numerals.words(" ,;\ufeff[]“” ") == []


@pytest.mark.parametrize(
    ("line", "free", "three"),
    [
        ("0,5;-0,25;1", [0, 5, -0.0, 25, 1], [0.5, -0.25, 1]),
        ("0,5\t0,25\t1", [0, 5, 0, 25, 1], [0.5, 0.25, 1]),
        ("0,5 0,25 1", [0, 5, 0, 25, 1], [0.5, 0.25, 1]),
        ("0,5, 0,25, 1", [0, 5, 0, 25, 1], [0.5, 0.25, 1]),
        ('"0,5","0,25","1"', [0, 5, 0, 25, 1], [0.5, 0.25, 1]),
        ("０，５；0,25；1", [0, 5, 0, 25, 1], [0.5, 0.25, 1]),
        ("0,0,1", [0, 0, 1], [0, 0, 1]),
        ("0.5,0.25,1", [0.5, 0.25, 1], [0.5, 0.25, 1]),
        ("0, 0, 1", [0, 0, 1], [0, 0, 1]),
        ("0,5;1", [0, 5, 1], [0, 5, 1]),
    ],
)
def test_a_comma_is_a_decimal_sign_where_it_can_be_nothing_else(
    line: str, free: list[float], three: list[float]
) -> None:
    assert [numerals.number(word) for word in numerals.words(line)] == free
    assert [numerals.number(word) for word in numerals.words(line, 3)] == three


def test_rows_in_brackets_are_lines_of_a_table() -> None:
    for table in ("[[0, 0, 1],\n [1, 1, 0]]", "[[0, 0, 1], [1, 1, 0]]", "(0,0,1) (1,1,0)", "［0,0,1］，［1,1,0］"):
        read = [[numerals.whole(word) for word in numerals.words(line, 3)] for line in numerals.lines(table)]
        assert [row for row in read if row] == [[0, 0, 1], [1, 1, 0]]


@given(st.text(max_size=60))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    for line in numerals.lines(text):
        for word in numerals.words(line, 3):
            value = numerals.number(word)
            assert value is None or math.isfinite(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_whatever_python_writes_is_read_exactly(value: float) -> None:
    assert numerals.number(repr(value)) == value
