"""Moonshot: past the Moon at 100 km, in as few launches as possible."""

from __future__ import annotations

from dashboard.app.language import Texts
from dashboard.charts.curves import errors, table
from dashboard.charts.style import Picture
from dashboard.page.lab_page import LabPage, Section
from dashboard.pages.moonshot import manual
from dashboard.pages.moonshot.charts import launches, ledger, reasoning
from dashboard.pages.moonshot.charts.who import few
from lib.labs.moonshot.lab import Moonshot, Shot


def what_was_paid(result: Shot, words: Texts) -> Picture:
    """The ledger."""
    return ledger.paid(result, words)


def in_a_changed_world(result: Shot, words: Texts) -> Picture:
    """How far off those who are drawn at first are, against how far the world has changed; the table has all."""
    return errors(few(result), words)


PAGE = LabPage(
    Moonshot,
    knobs=("change", "trials", "examples", "thrust", "within"),
    broken=("gravity_factor", "push"),
    stage=(launches.chart, what_was_paid, ledger.success, in_a_changed_world, ledger.changed),
    data=(table, ledger.table, launches.table, reasoning.table),
    inside=(reasoning.steps,),
    edges=(3, 20, 200),
    measure=ledger.fewest,
    first=Section(manual.show, manual.says),
    below=Section(manual.score, manual.scores),
    named=("own",),
    link=manual.link,
)
