"""Numbers as people type, paste and copy them: one reader for rows, tables, links and the command line.

Read are the decimal digits of every script (3, ３, ٣), the minus of every typographer, decimal points and exponents.
Invisible signs (byte-order marks, zero-width blanks) count for nothing; brackets and quotes around a number are taken
off; commas, semicolons, bars and blanks of every kind part numbers, however many of them follow each other.

A comma may also be a decimal sign, where it cannot be anything else: see `words` and `number`. Nothing is guessed: what
could be read in two ways is not read.
"""

from __future__ import annotations

import re
import unicodedata

COMMAS = ",，﹐"
COMMA = re.compile(f"[{COMMAS}]")
LOOSE_COMMA = re.compile(rf"(?<!\d)[{COMMAS}]|[{COMMAS}](?!\d)")  # does not stand between two digits
POINTS = ".．٫"
BETWEEN = "､、﹑،;；﹔؛|｜"  # what parts two numbers, besides commas and blanks
DASHES = "-−‐‑‒–—―﹣－"
PLUSES = "+＋﹢"
QUOTES = "\"'`＂＇"
WRITTEN = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]{1,3})?", re.IGNORECASE)
THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+")
MEMORY = 10_000  # signs whose kind is kept in mind
LONGEST = 400  # signs of a number; a longer one is none


def words(line: str, columns: int = 0) -> list[str]:
    """The words of one line that may be numbers, as they were typed.

    columns: how many numbers the line has to hold, where that is known. If commas between two digits are left alone and
    just so many words come out, they are decimal signs: `0,5; -0,25; 1` are three numbers. Else a comma parts: `1,5` in
    a row of any length is 1 and 5.
    """
    if columns and len(told := _split(LOOSE_COMMA.sub(" ", line))) == columns:
        return told
    return _split(COMMA.sub(" ", line))


def lines(table: str) -> list[str]:
    """The rows of a table: its lines, and where rows in brackets follow each other in one line, each of these."""
    return re.sub(r"([\])}］）｝])\s*[,;，；]?\s*(?=[\[({［（｛])", r"\1\n", table).splitlines()


def number(word: str) -> float | None:
    """The finite number that a word stands for; None if it stands for none, or might stand for two.

    A comma in it is a decimal sign (`0,5`), unless it could part thousands (`8,000`).
    """
    written = "".join(map(plain, word[: LONGEST + 1])).strip()
    if len(word) > LONGEST or THOUSANDS.fullmatch(written):
        return None
    written = written.replace(",", ".")
    value = float(written) if WRITTEN.fullmatch(written) else float("inf")
    return value + 0.0 if abs(value) < float("inf") else None  # + 0.0 makes 0 of -0


def whole(word: str) -> int | None:
    """The whole number that a word stands for, `3.0` too; None if it stands for none."""
    value = number(word)
    return int(value) if value is not None and value.is_integer() else None


def plain(sign: str) -> str:
    """A sign as Python writes numbers; signs that mean something else (², ½, ①) stay as they are."""
    if sign.isdecimal():
        return str(unicodedata.decimal(sign))
    for family, plain in ((DASHES, "-"), (PLUSES, "+"), (COMMAS, ","), (POINTS, "."), ("eEｅＥ", "e")):
        if sign in family:
            return plain
    return "" if unicodedata.category(sign) == "Cf" else sign


def _split(line: str) -> list[str]:
    """Parted by blanks and whatever else parts, but for commas."""
    return [bare for word in line.translate(_BLANKS).split() if (bare := _unwrapped(word))]


class _Blanks(dict[int, int | None]):
    """For str.translate: a blank for what parts, nothing for what cannot be seen."""

    def __missing__(self, code: int) -> int | None:
        sign = chr(code)
        kind = unicodedata.category(sign)
        told = None if kind == "Cf" else ord(" ") if sign in BETWEEN or kind in ("Zs", "Zl", "Zp") else code
        if len(self) < MEMORY:
            self[code] = told
        return told


_BLANKS = _Blanks()


def _unwrapped(word: str) -> str:
    """Without brackets and quotes around it, unless some stand within it too."""
    first, last = 0, len(word)
    while first < last and _wraps(word[first]):
        first += 1
    while first < last and _wraps(word[last - 1]):
        last -= 1
    return word if any(map(_wraps, word[first:last])) else word[first:last]


def _wraps(sign: str) -> bool:
    return sign in QUOTES or unicodedata.category(sign) in ("Ps", "Pe", "Pi", "Pf")
