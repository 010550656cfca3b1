"""A lab's settings: bounds, step, unit and choices, declared once on a frozen dataclass.

    @dataclass(frozen=True)
    class Throw:
        width: int = number(64, 8, 256, step=8)
        activation: str = choice("relu", ("relu", "tanh"))
        drag: float = number(0.0, 0.0, 0.05, step=0.005, unit="1/m")
        hidden: bool = switch(False)

The page makes widgets of them, the command line its options, and `check` refuses what lies outside.
"""

from __future__ import annotations

import reprlib
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from types import MappingProxyType
from typing import Any

from lib import numerals


@dataclass(frozen=True)
class Knob:
    """One setting: a number in [low, high], one of `choices`, letters that `misread` accepts, or an on/off switch.

    called: what each whole number is called in a language, where they are names of things; a page offers the names.
    misread: says what is wrong with a word, None if it may stand. Pages let visitors set such a knob by other means
    than typing it.
    """

    name: str
    default: Any
    low: float | None = None
    high: float | None = None
    step: float | None = None
    unit: str = ""
    choices: tuple[str, ...] = ()
    stops: tuple[float, ...] = ()
    misread: Callable[[str], str | None] | None = None
    called: Callable[[int, str], str] | None = None

    @property
    def whole(self) -> bool:
        """True if only integers are meant."""
        return isinstance(self.default, int) and not isinstance(self.default, bool)

    def read(self, word: str) -> Any:
        """A word of a link or a command line as the kind of value that is meant; the word itself if it cannot be one.

        Numbers in any script, see lib.numerals.
        """
        if self.choices or self.misread:
            return word
        if self.low is None:
            told = switched(word)
            return word if told is None else told
        value = numerals.number(word)
        if value is None:
            return word
        return int(value) if self.whole and value.is_integer() else value

    def fault(self, value: Any) -> str | None:
        """What is wrong with a value, in one clear line; None if it may stand."""
        got = f"{self.name}: got {reprlib.repr(value)}"  # cut short: it may come from a link
        if self.choices:
            return None if value in self.choices else f"{got}, choose one of {', '.join(self.choices)}"
        if self.misread:
            if not isinstance(value, str):
                return f"{got}, choose letters"
            fault = self.misread(value)
            return fault and f"{self.name}: {fault}"
        if self.low is None or self.high is None:
            return None if isinstance(value, bool) else f"{got}, say true or false"
        unit = f" {self.unit}" if self.unit else ""
        need = f"choose a {'whole ' if self.whole else ''}number from {self.low:g} to {self.high:g}{unit}"
        kind = int if self.whole else (int, float)
        fits = isinstance(value, kind) and not isinstance(value, bool) and self.low <= value <= self.high
        return None if fits else f"{got}, {need}"


SWITCHED = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def switched(word: str) -> bool | None:
    """What a word says of a switch, in letters of any width; None if it says neither on nor off."""
    return SWITCHED.get(unicodedata.normalize("NFKC", word).strip().lower())


def number(
    default: float,
    low: float,
    high: float,
    *,
    step: float | None = None,
    unit: str = "",
    stops: tuple[float, ...] = (),
    called: Callable[[int, str], str] | None = None,
) -> Any:
    """A number with bounds; an int default means integers. `stops`: values to offer where even steps do not fit."""
    told = {"low": low, "high": high, "step": step, "unit": unit, "stops": stops, "called": called}
    return field(default=default, metadata={"knob": told})


def choice(default: str, choices: tuple[str, ...]) -> Any:
    """One word out of several."""
    return field(default=default, metadata={"knob": {"choices": choices}})


def text(default: str, misread: Callable[[str], str | None]) -> Any:
    """Letters, bounded and checked by `misread`, which says what is wrong with them: got what, choose what."""
    return field(default=default, metadata={"knob": {"misread": misread}})


def switch(default: bool) -> Any:
    """On or off."""
    return field(default=default, metadata={"knob": {}})


def knobs(lab: Any) -> Mapping[str, Knob]:
    """The knobs of a lab class or instance, by name, in the order in which they were declared."""
    return _knobs(lab if isinstance(lab, type) else type(lab))


@cache
def _knobs(lab: type) -> Mapping[str, Knob]:
    told = {
        one.name: Knob(one.name, one.default, **one.metadata["knob"])
        for one in fields(lab)
        if "knob" in one.metadata and one.default is not MISSING
    }
    return MappingProxyType(told)


def check(lab: Any) -> None:
    """Raise ValueError, naming the knob, if any setting of a lab lies outside its bounds. For __post_init__.

    A whole number where any number may stand becomes a float, so that equal labs have equal recipes.
    """
    for name, knob in knobs(lab).items():
        value = getattr(lab, name)
        fault = knob.fault(value)
        if fault:
            raise ValueError(fault)
        if knob.low is not None and not knob.whole:
            object.__setattr__(lab, name, float(value))
