"""Formulas as people type them, what is refused and where, and that nothing but arithmetic ever runs."""

from __future__ import annotations

import builtins
import copy
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lib import formulas
from lib.formulas import CONSTANTS, FUNCTIONS, LONGEST, Call, FormulaError, Name, Number, Pair, Tree, X, read

PLAIN = {
    "sin(3x)+x/2": "sin(3*x) + x/2",
    "2x": "2*x",
    "x^2": "x^2",
    "x**2": "x^2",
    "|x|": "abs(x)",
    "2|x|+|x-1|": "2*abs(x) + abs(x - 1)",
    "||x|-1|": "abs(abs(x) - 1)",
    "x^|x|": "x^abs(x)",
    "exp(-x/4)cos(3x)": "exp(-x/4)*cos(3*x)",
    "x sin(x)": "x*sin(x)",
    "3(x+1)(x-1)": "3*(x + 1)*(x - 1)",
    "2πx": "2*pi*x",
    "pix": "pi*x",
    "2ex": "2*e*x",
    "xx": "x*x",
    "x²": "x^2",
    "3x⁻¹": "3*x^(-1)",
    "x²x": "x^2*x",
    "x^2(x+1)": "x^2*(x + 1)",
    "e^(2x)": "e^(2*x)",
    "e^-x": "e^(-x)",
    "-x^2": "-x^2",
    "(-2)^2*x": "(-2)^2*x",
    "x^2^3": "x^(2^3)",
    "2--3": "2 - (-3)",
    "√x": "sqrt(x)",
    "√2*x": "sqrt(2)*x",
    "√(x+1)": "sqrt(x + 1)",
    "y = 2x": "2*x",
    "f(x)=2x": "2*x",
    "X+SIN(X)": "x + sin(x)",
    "ln(x)": "log(x)",
    "0,5x": "0.5*x",
    "1e-3x": "0.001*x",
    "ｙ＝ｓｉｎ（３ｘ）＋ｘ／２": "sin(3*x) + x/2",
    "（ｘ＋１）【x】": "(x + 1)*x",
    "x×2÷3−1": "x*2/3 - 1",
    "2·х": "2*x",  # Cyrillic
    "𝑥＾２": "x^2",
    "｜x｜": "abs(x)",
    "٣x": "3*x",
    "\u200bx\u3000+\u00a01\n": "x + 1",
}


@pytest.mark.parametrize(("text", "plain"), PLAIN.items())
def test_a_formula_is_read_however_it_is_written(text: str, plain: str) -> None:
    assert formulas.text_of(read(text)) == plain
    assert read(plain) == read(text)


REFUSED = {
    "": ("empty", ""),
    "  ": ("empty", "  "),
    "y=": ("empty", "y="),
    "x+": ("missing", "+"),
    "*x": ("missing", "*"),
    "x//2": ("missing", "/"),
    "2*()": ("missing", "()"),
    "√": ("missing", "√"),
    "√+1": ("missing", "√"),
    "²": ("missing", "²"),
    "(x": ("bracket", "("),
    "x)": ("bracket", ")"),
    "(x]": ("bracket", "]"),
    "|x": ("bracket", "|"),
    "|(x|)": ("bracket", ")"),
    "2+a": ("name", "a"),
    "sina(x)": ("name", "sina"),
    "１＋ｙ": ("name", "ｙ"),
    "sin x": ("function", "sin"),
    "2+sinx": ("function", "sin"),
    "sin²(x)": ("function", "sin"),
    "log10(x)": ("function", "log"),
    "1/2x": ("two_ways", "2x"),
    "1/2(x+1)": ("two_ways", "2("),
    "1/(2)x": ("two_ways", ")x"),
    "x/2sin(x)": ("two_ways", "2sin"),
    "e^2x": ("two_ways", "2x"),
    "e^-2x": ("two_ways", "2x"),
    "√2x": ("two_ways", "2x"),
    "√x²": ("two_ways", "√x²"),
    "√sin(x)": ("two_ways", "√sin("),
    "x2": ("two_ways", "x2"),
    "3 4": ("two_ways", "3 4"),
    "8,000x": ("two_ways", "8,000"),
    "x^2²": ("two_ways", "²"),
    "1.5.2": ("number", "1.5.2"),
    "1e999": ("number", "1e999"),
    "1e200": ("large", "1e200"),
    "x^65": ("exponent", "65"),
    "x^-99": ("exponent", "-99"),
    "9^9^9": ("exponent", "9^9"),
    "2^999999999": ("exponent", "999999999"),
    "x^(1/0)": ("division", "1/0"),
    "x!": ("sign", "!"),
    "x^½": ("sign", "½"),
    "①x": ("sign", "①"),
    "x=1": ("sign", "="),
    "x<1": ("sign", "<"),
    "x;x": ("sign", ";"),
    "'a'": ("sign", "'"),
    "x if x else x": ("name", "if"),
    "lambda: x": ("name", "lambda"),
    "__import__('os')": ("sign", "_"),
    "x.__class__": ("sign", "."),
    "x.real": ("sign", "."),
    "exec(x)": ("name", "exec"),
    "[x for x in x]": ("name", "for"),
    "x:=1": ("sign", ":"),
    "*x, x": ("missing", "*"),
    "sin(*x)": ("missing", "*"),
    "sin(x,x)": ("sign", ","),
    "0x10": ("two_ways", "x10"),
    "1_0": ("sign", "_"),
    "1j": ("name", "j"),
    "x\x00": ("sign", "\x00"),
    "三x": ("sign", "三"),
}


@pytest.mark.parametrize(("text", "why"), REFUSED.items())
def test_what_is_no_formula_or_two_is_refused_with_its_place(text: str, why: tuple[str, str]) -> None:
    with pytest.raises(FormulaError) as told:
        read(text)
    assert (told.value.reason, told.value.found) == why
    start, end = told.value.place
    assert text[start:end] == told.value.found
    assert told.value.at is None


def test_what_is_too_long_or_too_deep_is_refused_before_anything_is_made_of_it() -> None:
    for text, reason in (
        ("x" * (LONGEST + 1), "long"),
        ("9" * 10**6, "long"),
        ("2^1" + "0" * 10**6, "long"),
        ("(" * 10**6, "long"),
        ("(" * 90 + "x" + ")" * 90, "deep"),
        ("|" * 100, "deep"),
        ("sin(" * 40, "deep"),
        ("√(" * 60, "deep"),
    ):
        with pytest.raises(FormulaError) as told:
            read(text)
        assert told.value.reason == reason
        assert len(told.value.found) <= LONGEST


@pytest.mark.parametrize("text", ["-" * (LONGEST - 1) + "x", "x^" * 99 + "x", "x+" * 99 + "x", "x" * LONGEST])
def test_the_longest_formulas_are_read_and_have_values(text: str) -> None:
    tree = read(text)
    assert formulas.values(tree, np.array([1.0]), text) == pytest.approx(
        {"-": -1.0, "x": 100.0 if "+" in text else 1.0}[text[0]]
    )


NO_VALUE = {
    "1/(x-1)": ("division", "1/(x-1)", 1.0),
    "2+log(x)": ("log", "log(x)", 0.0),
    "lg(x)": ("log", "lg(x)", 0.0),
    "√(x-1)": ("root", "√(x-1)", 0.0),
    "(x-1)^0.5": ("power", "(x-1)^0.5", 0.0),
    "x⁻¹": ("power", "x⁻¹", 0.0),
    "x^-1": ("power", "x^-1", 0.0),
    "x+exp(exp(9x))": ("large", "exp(exp(9x))", 1.0),
    "1+１÷０": ("division", "１÷０", None),
    "sqrt(log(x-5))": ("log", "log(x-5)", 0.0),
}


@pytest.mark.parametrize(("text", "why"), NO_VALUE.items())
def test_where_a_formula_has_no_value_it_says_why_and_at_which_x(text: str, why: tuple[str, str, float | None]) -> None:
    with pytest.raises(FormulaError) as told:
        formulas.values(read(text), np.array([0.0, 1.0, 2.0]), text)
    assert (told.value.reason, told.value.found, told.value.at) == why
    again = copy.copy(told.value)  # by __reduce__, as a worker sends it
    assert (again.reason, again.place, again.found, again.at) == (
        told.value.reason, told.value.place, told.value.found, told.value.at,
    )  # fmt: skip


def test_defined_knows_where_a_formula_has_a_value() -> None:
    x = np.array([-1.0, 0.0, 1.0, 2.0])
    assert formulas.defined(read("log(x)/(x-1)"), x).tolist() == [False, False, False, True]
    assert formulas.defined(read("x"), x).all()
    assert not formulas.defined(read("1/0"), x).any()


def test_values_are_those_of_arithmetic() -> None:
    x = np.linspace(-2, 2, 7)
    told = formulas.values(read("sin(3x)+x/2 - |x|^1.5 + e^(-x²) + sinc(x)"), x)
    assert told == pytest.approx(
        [math.sin(3 * v) + v / 2 - abs(v) ** 1.5 + math.exp(-v * v) + (math.sin(v) / v if v else 1) for v in x]
    )
    assert formulas.values(read("5"), x.reshape(7, 1)).tolist() == [[5.0]] * 7


def trees() -> st.SearchStrategy[Tree]:
    """Any tree that a text could give: a minus before a number is part of it, exponents are small."""
    numbers = st.floats(-1e99, 1e99).map(lambda value: Number(value + 0.0))
    leaves = st.one_of(numbers, st.sampled_from([X, *map(Name, CONSTANTS)]))

    def grown(below: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        powers = st.one_of(st.integers(-9, 9).map(lambda n: Number(float(n))), st.just(X))
        return st.one_of(
            st.builds(Call, st.sampled_from(sorted(FUNCTIONS)), below),
            below.map(formulas.negative),
            st.builds(Pair, st.sampled_from("+-*/"), below, below),
            st.builds(Pair, st.just("^"), below, powers),
        )

    return st.recursive(leaves, grown, max_leaves=6)


@given(trees())
@example(Pair("-", Number(1.0), Pair("*", Call("-", X), Number(-2.0))))
@example(Pair("^", Number(-2.0), Number(-2.0)))
def test_a_tree_written_and_read_again_is_the_same(tree: Tree) -> None:
    text = formulas.text_of(tree)
    if len(text) <= LONGEST:
        assert read(text) == tree


SIGNS = [*"xx129.,+-*/^()[]|√π²⁻=_'\":（）×÷−３ｘ ", "sin", "exp(", "log(", "e", "pi", "**", "lambda", "import"]


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(SIGNS), max_size=40).map("".join)))
def test_any_text_is_a_formula_or_is_refused_with_place_and_reason(text: str) -> None:
    tree = or_refusal(text)
    if isinstance(tree, FormulaError):
        start, end = tree.place
        assert 0 <= start <= end <= len(text)
        assert text[start:end] == tree.found
        return
    assert read(formulas.text_of(tree)) == tree
    assert {type(part) for part in formulas.parts(tree)} <= {Number, Name, Call, Pair}
    x = np.array([-2.0, 0.0, 1.5])
    there = formulas.defined(tree, x)
    assert np.isfinite(formulas.values(tree, x[there], text)).all()
    for one in x[~there]:
        with pytest.raises(FormulaError):
            formulas.values(tree, np.array([one]), text)


def or_refusal(text: str) -> Tree | FormulaError:
    try:
        return read(text)
    except FormulaError as refusal:
        return refusal


HOSTILE = [*REFUSED, *PLAIN, *NO_VALUE]


def test_nothing_of_a_formula_is_ever_compiled_or_run_by_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """ast.parse alone calls compile, and only to be given a tree."""
    real, flags = builtins.compile, []

    def watched(source: Any, name: str, mode: str, flag: int = 0, *args: Any, **more: Any) -> Any:
        flags.append(flag)
        return real(source, name, mode, flag, *args, **more)

    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("run")

    with monkeypatch.context() as patch:
        patch.setattr(builtins, "compile", watched)
        for name in ("eval", "exec"):
            patch.setattr(builtins, name, never)
        for text in HOSTILE:
            try:
                formulas.defined(read(text), np.array([1.0]))
            except FormulaError:
                continue
    assert flags
    assert all(flag & 1024 for flag in flags)  # ast.PyCF_ONLY_AST


def test_many_formulas_that_differ_in_a_number_have_their_values_at_once() -> None:
    tree = formulas.put(read("2sin(x)+1"), {"x": Pair("*", Name("c"), X)})
    assert formulas.size(tree) == 8
    x, c = np.linspace(-1, 1, 5), np.array([[3.0], [4.0]])
    assert formulas.many(tree, {"x": x, "c": c}) == pytest.approx(2 * np.sin(c * x) + 1)
    assert np.isnan(formulas.many(read("log(x)"), {"x": x[:2]})).all()
    assert formulas.text_of(formulas.put(tree, {"c": Number(3.0)})) == "2*sin(3*x) + 1"
