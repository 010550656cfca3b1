"""Paper ball: a network flattens a crumpled sheet by simple continuous moves, against an `if` that knows the jump."""

from __future__ import annotations

from dashboard.app.language import Texts
from dashboard.charts.curves import between, errors, small, table
from dashboard.charts.style import Picture
from dashboard.page import controls
from dashboard.page.lab_page import LabPage, Section, Shown
from dashboard.pages.paper import points, vectors
from dashboard.pages.paper.charts import unfolding
from lib.labs.paper.lab import Bent, Paper

EDGES = (0.01, 0.1, 0.3)


def card(result: Bent, words: Texts) -> Picture:
    """The lines on Home: here the guess is about the training range itself."""
    return small(result, words, from_the_start=True)


def along_the_axis(result: Bent, words: Texts) -> Picture:
    """Errors against the distance to the jump, and on off the sheet."""
    edge = {1.0: words("stage.edge")}
    return errors(result.verdict, words, edge, from_the_start=True, bands=between(EDGES))


def points_of_your_own(_: Shown | None, words: Texts) -> None:
    """A pad, and a table to paste."""
    if controls.visible("points"):
        points.own(Paper, words)


def everything(_: Shown | None, words: Texts) -> None:
    """A digit, a word and a sound as the points that a network would get."""
    vectors.show(words)


PAGE = LabPage(
    Paper,
    knobs=("shape", "width", "depth", "activation", "residual", "crumple"),
    broken=("misplaced", "forgets"),
    stage=(unfolding.motion, unfolding.steepness, along_the_axis),
    data=(table, unfolding.layers_table, unfolding.steep_table),
    inside=(),
    edges=EDGES,
    card=card,
    measure=lambda result: result.verdict.named("network").inside,
    below=Section(points_of_your_own, says=lambda _: None),
    wrecks=Section(everything, says=lambda _: None),
    fixed=[(vectors.strip, name, name) for name in vectors.THINGS],
)
