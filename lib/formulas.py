"""Formulas of one quantity as people type them: `sin(3x) + x/2`, `2x²`, `｜x｜`, `√(1+x^2)`, `ｙ＝３ｘ`.

Read are full-width signs, the brackets, minus signs and digits of every keyboard, × ÷ √ π and powers written high
(x²). A product needs no sign (`2x`, `3(x+1)`, `x sin(x)`); a function needs brackets. Nothing is guessed: what could be
read in two ways, like `1/2x`, `e^2x` or `x2`, is refused, as lib.numerals refuses `8,000`.

A text is first parted into numbers, names and signs, each of them one of a short list, and written anew in plain ASCII;
Python's `ast` then finds what belongs to what, and only numbers, names, calls and five operations are taken over into a
tree of our own. Nothing is ever compiled or run by Python: `values` walks the tree with numpy. What is wrong, in the
text or at an x where the formula has no value, is a FormulaError that says why and where; sentences belong to pages.
"""

from __future__ import annotations

import ast
import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from lib import numerals

LONGEST = 200  # signs of a formula
DEEPEST = 20  # brackets within brackets
HIGHEST = 64  # exponents that are numbers stay within ±64
LARGEST = 1e100  # values beyond have no squares that a float could hold

Place = tuple[int, int]
"""From which sign of the text as typed to before which."""

Reason = Literal[
    "empty",
    "long",
    "deep",
    "sign",  # none of those that are known
    "name",
    "bracket",
    "missing",  # what belongs to a sign
    "two_ways",
    "function",  # without brackets
    "number",
    "exponent",
    "division",  # from here on, of values
    "log",
    "root",
    "power",
    "large",
]

CONSTANTS: dict[str, float] = {"pi": math.pi, "e": math.e}

Function = Callable[[np.ndarray], np.ndarray]

FUNCTIONS: dict[str, Function] = {
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "arctan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "exp": np.exp,
    "log": np.log,
    "lg": np.log10,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "sign": np.sign,
    "floor": np.floor,
    "sinc": lambda x: np.sinc(x / np.pi),
}
"""What may be called. log is the natural logarithm, lg that to base 10, sinc(x) is sin(x)/x, and 1 at 0."""

TWINS = {"ln": "log", "atan": "arctan", "tg": "tan", "sgn": "sign", "sh": "sinh", "ch": "cosh", "th": "tanh"}
NAMES = {"x", "π", *CONSTANTS, *FUNCTIONS, *TWINS}
LONGEST_NAME = max(map(len, NAMES))

ROUND, SQUARE, CURLY = ("(", ")"), ("[", "]"), ("{", "}")
BRACKETS = {"[": SQUARE, "【": SQUARE, "〔": SQUARE, "{": CURLY, "(": ROUND}
CLOSING = {"]": SQUARE, "】": SQUARE, "〕": SQUARE, "}": CURLY, ")": ROUND}
LOOK_ALIKES = {
    **dict.fromkeys("×⋅·∙•∗⋆✕✖・", "*"),
    **dict.fromkeys("÷∕⁄➗", "/"),
    **dict.fromkeys("ˆ", "^"),
    **dict.fromkeys("∣❘ǀ丨", "|"),
    **dict.fromkeys("хχ", "x"),  # Cyrillic, Greek
    **dict.fromkeys("е", "e"),  # Cyrillic
}
HIGH = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-", strict=True))
NUMBER = re.compile(r"(\d+[.,]?\d*|[.,]\d+)(e[+-]?\d+)?(?![\d.,])")
HEAD = re.compile(r"\s*(y|f\s*\(\s*x\s*\))\s*=")


class FormulaError(ValueError):
    """Why a formula is not read, or has no value. place: the signs of the text that are meant; found: these signs.

    at: the x at which it has no value, None if the text is at fault. The message is for those who call from code.
    """

    def __init__(self, reason: Reason, place: Place, found: str = "", at: float | None = None) -> None:
        where = "" if at is None else f", x = {at:.6g}"
        super().__init__(f"formula: {reason} at signs {place[0]} to {place[1]}: {found!r}{where}")
        self.reason, self.place, self.found, self.at = reason, place, found, at

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        return type(self), (self.reason, self.place, self.found, self.at)


@dataclass(frozen=True)
class Number:
    """A number as it stands, finite; below 0 too."""

    value: float
    place: Place = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class Name:
    """x, or one of CONSTANTS."""

    name: str = "x"
    place: Place = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class Call:
    """One of FUNCTIONS, or "-", of something."""

    function: str
    of: Tree
    place: Place = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class Pair:
    """Two things with one of + - * / ^ between."""

    sign: str
    left: Tree
    right: Tree
    place: Place = field(default=(0, 0), compare=False)


Tree = Number | Name | Call | Pair
X = Name("x")


def read(text: str) -> Tree:
    """The formula that a text stands for. Raises FormulaError, whose place counts the signs of `text`."""
    if len(text) > LONGEST:
        raise FormulaError("long", (LONGEST, len(text)), text[LONGEST:][:LONGEST])
    written = _written(text)
    whole = ast.parse("".join(sign for sign, _ in written), mode="eval")
    return _taken(whole.body, [place for _, place in written], text)


def values(tree: Tree, x: np.ndarray, text: str = "") -> np.ndarray:
    """The formula at every x: any shape -> the same. Raises FormulaError where it has no value, or one beyond LARGEST.

    text: what was read, so that the error can quote it.
    """
    x = np.asarray(x, float)

    def check(part: Tree, good: np.ndarray, reason: Reason) -> None:
        if not good.all():
            everywhere = X not in parts(part) or not x.size
            at = None if everywhere else float(x.flat[int(np.argmin(np.broadcast_to(good, x.shape)))])
            raise FormulaError(reason, part.place, text[slice(*part.place)], at)

    with np.errstate(all="ignore"):
        return np.broadcast_to(_value(tree, {"x": x}, check), x.shape).copy()


def many(tree: Tree, names: Mapping[str, np.ndarray]) -> np.ndarray:
    """Many formulas at once that differ in the values of some names; whatever they have no value at is no number.

    names: what x and names of one's own stand for, of shapes that go together, such as (n,) and (formulas, 1).
    """
    with np.errstate(all="ignore"):
        return _value(tree, names, lambda *_: None)


def defined(tree: Tree, x: np.ndarray) -> np.ndarray:
    """Where the formula has a value: x of any shape -> True or False for each."""
    x = np.asarray(x, float)
    there = np.ones(x.shape, bool)

    def check(_: Tree, good: np.ndarray, __: Reason) -> None:
        there[...] &= good

    with np.errstate(all="ignore"):
        _value(tree, {"x": x}, check)
    return there


def text_of(tree: Tree) -> str:
    """The formula in plain signs, with no more brackets than needed; read again it is the same tree."""
    return _told(tree)[0]


def size(tree: Tree) -> int:
    """How many numbers, names, functions and signs."""
    return sum(1 for _ in parts(tree))


def parts(tree: Tree) -> Iterator[Tree]:
    """Every part of a tree, itself first."""
    yield tree
    below = (tree.of,) if isinstance(tree, Call) else (tree.left, tree.right) if isinstance(tree, Pair) else ()
    for one in below:
        yield from parts(one)


# From text to signs.

_Written = list[tuple[str, Place]]
"""ASCII signs for Python's parser, each with the place in the text that it stands for."""

SHAPES = {"<wide>", "<narrow>", "<font>", "<small>"}  # of the same sign, as Unicode calls them


def _signs(text: str) -> _Written:
    """The text in plain signs; one typed sign may be several plain ones, or none."""
    signs: _Written = []
    for at, sign in enumerate(text):
        place = (at, at + 1)
        if sign in HIGH:
            signs.append((sign, place))
            continue
        plain = numerals.plain(sign)
        if plain and unicodedata.decomposition(plain).split(" ")[0] in SHAPES:  # ｘ and 𝑥, but not ½ or ①
            plain = unicodedata.normalize("NFKC", plain)
        for one in plain.lower():
            signs.append((" " if one.isspace() else LOOK_ALIKES.get(one, one), place))
    return signs


@dataclass
class _Level:
    """Within one pair of brackets: what opened it, and what a product without a sign would have to stand behind."""

    opened: str
    place: Place
    closes: str = ")"
    divided: bool = False  # since the last + - * there is a /
    raised: bool = False  # the last thing is an exponent without brackets


class _Writer:
    """Parts a text into numbers, names and signs, and writes it for Python's parser."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.signs = _signs(text)
        self.out: _Written = []
        self.levels = [_Level("", (0, 0))]
        self.ended = False  # a thing has just ended, so that a sign may follow
        self.bare = False  # what comes is an exponent or a root's inside, and has no brackets
        self.last: Place = (0, 0)

    def error(self, reason: Reason, place: Place) -> FormulaError:
        return FormulaError(reason, place, self.text[slice(*place)])

    def write(self, signs: str, place: Place) -> None:
        self.out += [(sign, place) for sign in signs]
        self.last = place

    def begin(self, place: Place, *, number: bool = False, bracket: bool = False) -> None:
        """Something begins: if something else has just ended, the two are multiplied."""
        level = self.levels[-1]
        if self.ended:
            if number or level.divided or (level.raised and not bracket):
                raise self.error("two_ways", (self.last[0], place[1]))
            self.write("*", place)
            level.raised = False
        elif bracket:
            level.raised = False

    def whole(self) -> _Written:
        head = HEAD.match("".join(sign for sign, _ in self.signs))
        at = head.end() if head else 0
        while at < len(self.signs):
            at = self.step(at)
        if len(self.levels) > 1:
            raise self.error("bracket", self.levels[-1].place)
        if not self.out:
            raise self.error("empty", (0, len(self.text)))
        if not self.ended:
            raise self.error("missing", self.last)
        return self.out

    def step(self, at: int) -> int:
        """Write what begins at this sign; where the next thing begins."""
        sign, place = self.signs[at]
        if sign == " ":
            return at + 1
        if _digit(sign) or (sign in ".," and at + 1 < len(self.signs) and _digit(self.signs[at + 1][0])):
            return self.number(at)
        if _letter(sign):
            return self.word(at)
        if sign in HIGH:
            return self.high(at)
        if sign == "√":
            return self.root(at)
        if sign in BRACKETS:
            self.begin(place, bracket=True)
            self.open(sign, place, BRACKETS[sign][1], "(")
        elif sign in CLOSING or (sign == "|" and self.ended and self.levels[-1].opened == "|"):
            self.close(sign, place)
        elif sign == "|":
            self.begin(place, bracket=True)
            self.open("|", place, "|", "abs(")
        elif sign in "+-*/^":
            return self.operator(at)
        else:
            raise self.error("sign", place)
        return at + 1

    def number(self, at: int) -> int:
        rest = "".join(sign for sign, _ in self.signs[at:])
        found = NUMBER.match(rest)
        count = found.end() if found else len(rest) - len(rest.lstrip("0123456789.,"))
        place = self.signs[at][1][0], self.signs[at + count - 1][1][1]
        self.begin(place, number=True)
        value = numerals.number(rest[:count])
        if value is None:
            raise self.error("two_ways" if numerals.THOUSANDS.fullmatch(rest[:count]) else "number", place)
        if abs(value) > LARGEST:
            raise self.error("large", place)
        self.write(repr(value), place)
        self.ended = True
        return at + count

    def word(self, at: int) -> int:
        """One name, or several without a blank between: `pix` is pi times x."""
        end = at
        while end < len(self.signs) and _letter(self.signs[end][0]):
            end += 1
        letters = "".join(sign for sign, _ in self.signs[at:end])
        name, rest = _first(letters), letters
        while rest and (one := _first(rest)):
            rest = rest[len(one) :]
        if rest:
            raise self.error("name", (self.signs[at][1][0], self.signs[end - 1][1][1]))
        end = at + len(name)
        place = self.signs[at][1][0], self.signs[end - 1][1][1]
        self.begin(place)
        if name in FUNCTIONS or name in TWINS:
            return self.function(end, TWINS.get(name, name), place)
        self.write("pi" if name == "π" else name, place)
        self.ended = True
        return end

    def function(self, at: int, name: str, place: Place) -> int:
        """A function with its opening bracket."""
        while at < len(self.signs) and self.signs[at][0] == " ":
            at += 1
        sign, its = self.signs[at] if at < len(self.signs) else ("", place)
        if sign not in BRACKETS:
            raise self.error("function", place)
        self.levels[-1].raised = False  # e^sin(x) y is clear
        self.write(name, place)
        self.open(sign, its, BRACKETS[sign][1], "(")
        return at + 1

    def high(self, at: int) -> int:
        """An exponent written high: x², x⁻¹."""
        end = at
        while end < len(self.signs) and self.signs[end][0] in HIGH:
            end += 1
        place = self.signs[at][1][0], self.signs[end - 1][1][1]
        digits = "".join(HIGH[sign] for sign, _ in self.signs[at:end])
        if not self.ended or self.levels[-1].raised:
            raise self.error("missing" if not self.ended else "two_ways", place)
        value = numerals.number(digits)
        if value is None:
            raise self.error("number", place)
        self.write(f"**({value!r})", place)
        return end

    def root(self, at: int) -> int:
        """√ before a number, a name or brackets. What follows a bare one, as in √2x, could belong to it or not."""
        place = self.signs[at][1]
        self.begin(place)
        at += 1
        while at < len(self.signs) and self.signs[at][0] == " ":
            at += 1
        if at == len(self.signs):
            raise self.error("missing", place)
        sign, its = self.signs[at]
        self.write("sqrt", place)
        if sign in BRACKETS:
            self.open(sign, its, BRACKETS[sign][1], "(")
            return at + 1
        if not (_letter(sign) or _digit(sign)):
            raise self.error("missing", place)
        self.open("√", place, "", "(")
        at = self.step(at)
        if self.levels[-1].opened != "√":  # a function began
            raise self.error("two_ways", (place[0], self.last[1]))
        self.close("", self.last)
        self.levels[-1].raised = True
        if at < len(self.signs) and self.signs[at][0] in (*HIGH, "^"):
            raise self.error("two_ways", (place[0], self.signs[at][1][1]))
        return at

    def operator(self, at: int) -> int:
        sign, place = self.signs[at]
        double = sign == "*" and at + 1 < len(self.signs) and self.signs[at + 1][0] == "*"
        if double:
            sign, place = "^", (place[0], self.signs[at + 1][1][1])
        level = self.levels[-1]
        if not self.ended and sign not in "+-":
            raise self.error("missing", place)
        if self.ended:
            level.divided = sign == "/" or (sign == "^" and level.divided)
            level.raised = sign == "^"
        self.write("**" if sign == "^" else sign, place)
        self.ended = False
        return at + 1 + double

    def open(self, sign: str, place: Place, closes: str, written: str) -> None:
        if len(self.levels) > DEEPEST:
            raise self.error("deep", place)
        self.write(written, place)
        self.levels.append(_Level(sign, place, closes))
        self.ended = False

    def close(self, sign: str, place: Place) -> None:
        level = self.levels[-1]
        if len(self.levels) == 1 or (CLOSING[sign][1] if sign in CLOSING else sign) != level.closes:
            raise self.error("bracket", place)
        if not self.ended:
            raise self.error("missing", (level.place[0], place[1]))
        self.levels.pop()
        self.write(")", place)
        self.ended = True


def _digit(sign: str) -> bool:
    return sign.isascii() and sign.isdigit()


def _letter(sign: str) -> bool:
    return (sign.isascii() and sign.isalpha()) or sign == "π"


def _first(letters: str) -> str:
    """The longest name that letters begin with, "" if they begin with none."""
    return next((letters[:n] for n in range(min(len(letters), LONGEST_NAME), 0, -1) if letters[:n] in NAMES), "")


def _written(text: str) -> _Written:
    return _Writer(text).whole()


# From Python's nodes to our own.

SIGNS: dict[type, str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^"}


def _taken(node: ast.expr, places: list[Place], text: str) -> Tree:
    """A node of Python's tree as one of ours, with its place in the text."""
    signs = places[node.col_offset : node.end_col_offset]
    place = min(start for start, _ in signs), max(end for _, end in signs)
    match node:
        case ast.Constant(value=float() as value):
            return Number(value, place)
        case ast.Name(id=name) if name == "x" or name in CONSTANTS:
            return Name(name, place)
        case ast.Call(func=ast.Name(id=name), args=[of], keywords=[]) if name in FUNCTIONS:
            return Call(name, _taken(of, places, text), place)
        case ast.UnaryOp(op=ast.UAdd(), operand=of):
            return _taken(of, places, text)
        case ast.UnaryOp(op=ast.USub(), operand=of):
            return negative(_taken(of, places, text), place)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in SIGNS:
            pair = Pair(SIGNS[type(op)], _taken(left, places, text), _taken(right, places, text), place)
            if pair.sign == "^":
                _bound(pair.right, text)
            return pair
    raise FormulaError("sign", place, text[slice(*place)])


def negative(tree: Tree, place: Place = (0, 0)) -> Tree:
    """What a minus makes of it: a number stays one."""
    return Number(0.0 - tree.value, place) if isinstance(tree, Number) else Call("-", tree, place)


def _bound(exponent: Tree, text: str) -> None:
    """Refuse an exponent that is a number beyond HIGHEST."""
    if X in parts(exponent):
        return
    power = float(values(exponent, np.zeros(1), text)[0])
    if abs(power) > HIGHEST:
        raise FormulaError("exponent", exponent.place, text[slice(*exponent.place)])


# From our tree to values and to text.


def _value(tree: Tree, names: Mapping[str, np.ndarray], check: Check) -> np.ndarray:
    """Every part in turn; check hears of each whether it has a value where, the inmost and leftmost first."""
    match tree:
        case Number(value):
            return np.asarray(value)
        case Name(name):
            return np.asarray(CONSTANTS[name]) if name in CONSTANTS else names[name]
        case Call("-", of):
            return -_value(of, names, check)
        case Call(name, of):
            inner = _value(of, names, check)
            if name in ("log", "lg"):
                check(tree, inner > 0, "log")
            elif name == "sqrt":
                check(tree, inner >= 0, "root")
            told = FUNCTIONS[name](inner)
        case Pair(sign, left, right):
            one, other = _value(left, names, check), _value(right, names, check)
            if sign == "/":
                check(tree, other != 0, "division")
            elif sign == "^":
                whole = other == np.round(other)
                check(tree, (one > 0) | ((one == 0) & (other >= 0)) | ((one < 0) & whole), "power")
            told = OPERATIONS[sign](one, other)
    check(tree, np.abs(told) <= LARGEST, "large")
    return told


Check = Callable[[Tree, np.ndarray, Reason], None]

OPERATIONS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "^": np.power,
}

SUM, PRODUCT, MINUS, POWER, ATOM = range(5)  # how tightly a text holds together
TIGHT = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "^": POWER}


def _told(tree: Tree) -> tuple[str, int]:
    """The text, and how tightly it holds together."""

    def within(part: Tree, least: int) -> str:
        told, tight = _told(part)
        return told if tight >= least else f"({told})"

    match tree:
        case Number(value):
            told = (
                np.format_float_positional(value, trim="-") if 1e-4 <= abs(value) < 1e6 or value == 0 else repr(value)
            )
            return told, MINUS if value < 0 else ATOM
        case Name(name):
            return name, ATOM
        case Call("-", of):
            return f"-{within(of, POWER)}", MINUS
        case Call(name, of):
            return f"{name}({_told(of)[0]})", ATOM
        case Pair("^", left, right):
            return f"{within(left, ATOM)}^{within(right, ATOM)}", POWER
        case Pair(sign, left, right):
            tight = TIGHT[sign]
            space = " " if tight == SUM else ""
            return f"{within(left, tight)}{space}{sign}{space}{_signless(within(right, tight + 1))}", tight
    raise AssertionError(tree)


def _signless(told: str) -> str:
    """What begins with a minus gets brackets behind another sign."""
    return f"({told})" if told.startswith("-") else told


def put(tree: Tree, names: Mapping[str, Tree]) -> Tree:
    """The same formula with others in place of names."""
    match tree:
        case Name(name) if name in names:
            return names[name]
        case Call(_, of):
            return replace(tree, of=put(of, names))
        case Pair(_, left, right):
            return replace(tree, left=put(left, names), right=put(right, names))
    return tree
