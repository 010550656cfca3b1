"""Moonshot: past the Moon at 100 km, in as few launches as possible."""

from __future__ import annotations

from dashboard import launching
from dashboard.anatomy import LabPage, show
from dashboard.charts import launches, ledger, reasoning
from dashboard.charts.curves import errors, table
from dashboard.charts.style import Picture
from dashboard.language import Texts
from lib.labs.moonshot import Moonshot, Shot


def what_was_paid(result: Shot, words: Texts) -> Picture:
    """The ledger."""
    return ledger.paid(result, words)


def in_a_changed_world(result: Shot, words: Texts) -> Picture:
    """How far off everybody is, against how far the world has changed."""
    return errors(result.verdict, words)


show(
    LabPage(
        Moonshot,
        knobs=("change", "trials", "examples", "thrust", "within"),
        broken=("gravity_factor", "push"),
        stage=(launches.chart, what_was_paid, ledger.success, in_a_changed_world, ledger.changed),
        abreast=True,
        data=(table, ledger.table, launches.table, reasoning.table),
        inside=(reasoning.steps,),
        edges=(3, 20, 200),
        measure=ledger.fewest,
        below=launching.show,
    )
)
