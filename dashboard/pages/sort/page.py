"""Sort: networks that put rows of numbers in order, and a program that knows why."""

from __future__ import annotations

from dashboard.app.language import Texts
from dashboard.charts.curves import between, errors, table
from dashboard.charts.style import Picture
from dashboard.page.lab_page import LabPage, Section
from dashboard.pages.sort import own_row
from dashboard.pages.sort.charts import rows
from dashboard.pages.sort.race import race
from lib.labs.sort import Sort, Sorted

EDGES = (0.05, 0.5, 0.95)


def whole_rows(result: Sorted, words: Texts) -> Picture:
    """Rows with anything wrong in them, along the length."""
    bands = between(EDGES, right=True)
    return errors(result.verdict, words, bands=bands, guessed_at=2 * result.verdict.axis.train[1])


def single_numbers(result: Sorted, words: Texts) -> Picture:
    """Single numbers that are wrong, along the length."""
    return errors(result.numbers, words, height=230, measured="chart.number_error")


def right_at_twice_the_length(result: Sorted) -> float | None:
    """The share of rows that the network gets wholly right at the first length that is twice the longest trained."""
    verdict = result.verdict
    net = verdict.named("network")
    return next((1 - point.error for point in net.curve if point.at >= 2 * verdict.axis.train[1]), None)


PAGE = LabPage(
    Sort,
    knobs=("task", "learner", "algorithm", "longest", "numbers", "hidden"),
    broken=("off_by_one",),
    stage=(race, whole_rows, single_numbers, rows.answered),
    data=(table, rows.table),
    inside=(),
    edges=EDGES,
    measure=right_at_twice_the_length,
    below=Section(own_row.below, own_row.says),
    steps=own_row.steps,
    wrecks=Section(own_row.wrecks, says=lambda view: view.shown),
    fixed=[(own_row.held, task, f"held-{task}") for task in own_row.LONGEST],
    named=("row",),
)
