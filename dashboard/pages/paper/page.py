"""Paper ball: a network flattens a crumpled sheet by simple continuous moves, against an `if` that knows the jump."""

from __future__ import annotations

from dashboard.app.language import Texts
from dashboard.charts.curves import errors, table
from dashboard.charts.style import Picture
from dashboard.page.lab_page import LabPage, Section, Shown
from dashboard.pages.paper import points, vectors
from dashboard.pages.paper.charts import unfolding
from lib.labs.paper.lab import Bent, Paper


def along_the_axis(result: Bent, words: Texts) -> Picture:
    """Errors against the distance to the jump, and on off the sheet."""
    return errors(result.verdict, words, {1.0: words("stage.edge")})


def points_of_your_own(_: Shown | None, words: Texts) -> None:
    """A pad, and a table to paste."""
    points.own(Paper, words)


def everything(_: Shown | None, words: Texts) -> None:
    """A digit, a word and a sound as the points that a network would get."""
    vectors.show(words)


PAGE = LabPage(
    Paper,
    knobs=("shape", "width", "depth", "activation", "residual", "crumple"),
    broken=("misplaced", "forgets"),
    stage=(unfolding.motion, along_the_axis, unfolding.steepness),
    data=(table, unfolding.layers_table, unfolding.steep_table),
    inside=(),
    edges=(0.01, 0.1, 0.3),
    measure=lambda result: result.verdict.named("network").inside,
    below=Section(points_of_your_own, says=lambda _: None),
    wrecks=Section(everything, says=lambda _: None),
    fixed=[(vectors.strip, name, name) for name in vectors.THINGS],
)
