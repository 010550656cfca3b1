"""Widgets as a browser knows them: what the server has drawn, and what is sent back about it with every rerun."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from streamlit.proto.NumberInput_pb2 import NumberInput
from streamlit.proto.Slider_pb2 import Slider
from streamlit.proto.WidgetStates_pb2 import WidgetState

KINDS = {"slider", "selectbox", "number_input", "checkbox", "button_group", "button", "expandable"}


@dataclass
class Widget:
    """One widget on a page: `proto` is how the server drew it last, `value` what the visitor has set it to.

    fragment: the fragment that it stands in, or nothing; script: whose it is, the entry's or a page's; run: the run
    that drew it last.
    """

    kind: str
    proto: Any
    fragment: str
    script: str
    run: str
    value: Any = None

    @property
    def id(self) -> str:
        return self.proto.id

    @property
    def key(self) -> str:
        """The key that the app gave it, which ends its id."""
        return self.id.removeprefix("$$ID-").partition("-")[2]

    def state(self) -> WidgetState:
        """What a browser sends of it."""
        told = WidgetState(id=self.id)
        match self.kind:
            case "slider" if self.proto.type == Slider.SELECT_SLIDER:
                told.string_array_value.data.extend(self.value)
            case "slider":
                told.double_array_value.data.extend(self.value)
            case "button_group":
                told.string_array_value.data.extend(self.value)
                told.string_array_value.SetInParent()
            case "selectbox":
                told.string_value = self.value
            case "number_input" if self.proto.data_type == NumberInput.INT:
                told.int_value = int(self.value)
            case "number_input":
                told.double_value = self.value
            case "checkbox" | "expandable":
                told.bool_value = self.value
        return told

    def others(self) -> list[Any]:
        """The values that a visitor may set it to next: for a slider, all its stops."""
        one = self.proto
        match self.kind:
            case "slider" if one.type == Slider.SELECT_SLIDER:
                every: list[Any] = [[option] for option in one.options]
            case "slider":
                every = [[one.min + step * one.step] for step in range(round((one.max - one.min) / one.step) + 1)]
            case "button_group":
                every = [[option.content] for option in one.options]
            case "selectbox":
                every = list(one.options)
            case "checkbox":
                every = [True, False]
            case _:
                every = []
        return [value for value in every if value != self.value]


def as_drawn(kind: str, one: Any) -> Any:
    """The value at which the server draws a widget; None if it has none, as a button."""
    match kind:
        case "slider" if one.type == Slider.SELECT_SLIDER:
            return list(one.raw_value) if one.set_value else [one.options[int(at)] for at in one.default]
        case "slider":
            return list(one.value if one.set_value else one.default)
        case "button_group":
            return list(one.raw_values) if one.set_value else [one.options[at].content for at in one.default]
        case "selectbox":
            return one.raw_value if one.set_value else one.options[one.default]
        case "number_input" | "checkbox":
            return one.value if one.set_value else one.default
        case "expandable":
            return one.expanded
    return None
