"""Throw: how far a rocket without an engine flies; a network against Newton's law."""

from __future__ import annotations

from dashboard.app.language import Texts
from dashboard.charts.curves import between, errors, table
from dashboard.charts.style import Picture
from dashboard.page.lab_page import LabPage
from dashboard.pages.throw.charts import flights
from dashboard.pages.throw.flight import bodies, throw
from lib.labs.throw import Throw, Thrown

EDGES = (0.05, 0.15, 0.4)


def along_the_axis(result: Thrown, words: Texts) -> Picture:
    """Errors, with the bodies that people know where the axis is gravity."""
    return errors(result.verdict, words, bodies(result.verdict.axis, words), bands=between(EDGES))


def in_flight(result: Thrown, words: Texts) -> Picture:
    """The throw itself, carried along the axis, with the same bodies."""
    return flights.arcs(result, words, bodies(result.verdict.axis, words))


PAGE = LabPage(
    Throw,
    knobs=("leave", "examples", "coverage", "activation", "drag", "baseline"),
    broken=("gravity_factor", "feels_drag"),
    stage=(throw, along_the_axis, in_flight),
    data=(table, flights.table),
    inside=(flights.steps,),
    edges=EDGES,
    measure=lambda result: result.verdict.named("network").outside,
)
