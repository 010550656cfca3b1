import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.knobs import Knob, check, choice, knobs, number, switch, text


@dataclass(frozen=True)
class Bench:
    name = "bench"
    width: int = number(64, 8, 256, step=8)
    drag: float = number(0.0, -1.0, 0.5, step=0.1, unit="1/m")
    activation: str = choice("relu", ("relu", "tanh"))
    hidden: bool = switch(False)
    note: str = ""

    def __post_init__(self) -> None:
        check(self)


def test_knobs_are_told_in_order_by_class_and_instance_alike() -> None:
    assert list(knobs(Bench)) == ["width", "drag", "activation", "hidden"]
    assert knobs(Bench) == knobs(Bench(width=8))
    assert knobs(Bench)["drag"] == Knob("drag", 0.0, -1.0, 0.5, 0.1, "1/m")


def test_an_integer_default_means_whole_numbers() -> None:
    assert [knob.whole for knob in knobs(Bench).values()] == [True, False, False, False]


@pytest.mark.parametrize(
    ("knob", "value"),
    [
        ("width", 8),
        ("width", 256),
        ("drag", -1.0),
        ("drag", 0),
        ("drag", 0.5),
        ("activation", "tanh"),
        ("hidden", True),
    ],
)
def test_what_lies_within_bounds_may_stand(knob: str, value: Any) -> None:
    assert knobs(Bench)[knob].fault(value) is None
    Bench(**{knob: value})


@pytest.mark.parametrize(
    ("knob", "value", "instead"),
    [
        ("width", 7, "got 7, choose a whole number from 8 to 256"),
        ("width", 257, "got 257"),
        ("width", 10**400, "got 1000"),
        ("width", 64.0, "got 64.0, choose a whole number"),
        ("width", True, "got True, choose a whole number"),
        ("width", "64", "got '64'"),
        ("width", None, "got None"),
        ("drag", 0.51, "got 0.51, choose a number from -1 to 0.5 1/m"),
        ("drag", math.nan, "got nan"),
        ("drag", math.inf, "got inf"),
        ("drag", -math.inf, "got -inf"),
        ("drag", False, "got False"),
        ("drag", 1j, "got 1j"),
        ("drag", np.array([0.1, 0.2]), "got array"),
        ("activation", "gelu", "got 'gelu', choose one of relu, tanh"),
        ("activation", ["relu"], "got ['relu']"),
        ("hidden", 1, "got 1, say true or false"),
        ("hidden", "true", "got 'true'"),
    ],
)
def test_what_lies_outside_is_refused_by_name_with_what_to_do(knob: str, value: Any, instead: str) -> None:
    told = knobs(Bench)[knob].fault(value)
    assert told is not None
    assert told.startswith(f"{knob}: {instead}")
    assert "\n" not in told
    with pytest.raises(ValueError, match=f"^{knob}: "):
        Bench(**{knob: value})


@given(st.one_of(st.integers(), st.floats(), st.text(), st.booleans(), st.none(), st.lists(st.integers())))
def test_a_fault_is_found_exactly_in_what_is_no_number_within_bounds(value: Any) -> None:
    fits = isinstance(value, (int, float)) and not isinstance(value, bool) and -1 <= value <= 0.5
    assert (knobs(Bench)["drag"].fault(value) is None) == fits


def vowels(word: str) -> str | None:
    return None if set(word) <= set("aeiou") else f"got {len(word)} letters, choose vowels"


@dataclass(frozen=True)
class Sung:
    name = "sung"
    line: str = text("aea", vowels)

    def __post_init__(self) -> None:
        check(self)


def test_letters_are_what_their_own_check_lets_stand() -> None:
    assert Sung("uuu").line == "uuu"
    assert not knobs(Sung)["line"].whole
    for wrong, fault in (("xyz", "line: got 3 letters, choose vowels"), (None, "line: got None, choose letters")):
        with pytest.raises(ValueError, match=f"^{fault}$"):
            Sung(wrong)  # type: ignore[arg-type]
