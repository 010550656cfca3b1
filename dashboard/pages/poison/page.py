"""Poison: a few lessons that somebody has tampered with, networks that were taught them, and a program that was not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from dashboard.app.language import Texts
from dashboard.charts.curves import errors, table
from dashboard.charts.style import Picture
from dashboard.page.lab_page import LabPage, Shown
from dashboard.pages.poison.charts import lines
from dashboard.pages.poison.charts.side import side_by_side
from dashboard.pages.poison.dial import dial
from lib.core import Lab, source_of
from lib.labs.poison.found import Poisoned
from lib.labs.poison.lab import Poison
from lib.tasks.poison import TRIGGERS

EDGES = (2.5, 10.5, 63.5)  # lessons
DRAWN = ("network", "untouched", "checked", "neighbours", "program")


def against_share(result: Poisoned, words: Texts) -> Picture:
    """Errors against the share of odd lessons: five contestants; the control without a mark stands in the table."""
    drawn = tuple(one for one in result.verdict.answerers if one.name in DRAWN)
    return errors(replace(result.verdict, answerers=drawn), words)


def asked(lab: Lab) -> str:
    """Which question is asked first: it speaks of what the knobs are set to."""
    told: Any = lab
    if told.oddity not in TRIGGERS:
        return f"ask_{told.oddity}"
    return "ask" if (told.target, told.examples) == (Poison().target, Poison().examples) else "ask_else"


def checks(_: Shown | None, words: Texts) -> None:
    """The source of the checks that look for poison."""
    st.markdown(words("inside.checks"))
    st.code(source_of(Poison().checks()), height=420, wrap_lines=True)


PAGE = LabPage(
    Poison,
    knobs=("oddity", "target", "strength", "examples", "trusted"),
    broken=("check", "margin"),
    stage=(dial, against_share, side_by_side, lines.hunt, lines.cures),
    data=(table, lines.counted, lines.hunted, lines.healed),
    inside=(),
    edges=EDGES,
    measure=lambda result: result.needed,
    ask=asked,
    steps=checks,
)
