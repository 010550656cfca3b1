"""See: what a network looks for in a picture, and how much of it is left when the picture is cut into tiles."""

from __future__ import annotations

from dashboard.app.language import Texts
from dashboard.charts.curves import errors, table
from dashboard.charts.style import Picture
from dashboard.page.lab_page import LabPage, Section, Shown
from dashboard.pages.see import shapes
from dashboard.pages.see.board import board
from dashboard.pages.see.charts import named
from dashboard.pages.see.charts import shapes as decided
from dashboard.pages.see.doubt import DRAWN, doubted
from dashboard.pages.see.fooled import fooled
from dashboard.pages.see.grid import grid
from dashboard.pages.see.puzzle import puzzle
from lib.labs.see.lab import See, Seen

EDGES = (0.3, 0.6, 0.9)
ASKED = 4  # tiles to a side, that the guess is about


def against_tiles(result: Seen, words: Texts) -> Picture | None:
    """Who is wrong about how many photos, by tiles to a side."""
    return errors(result.verdict, words) if result.verdict.answerers else None


def still_named(result: Seen) -> float | None:
    """The share of photos that the network still names in 16 tiles: the median over those who shuffle."""
    return result.puzzle.still_named(ASKED)


def below(shown: Shown | None, words: Texts) -> None:
    """Outlines in strange coats, pictures of nothing, and who says that he does not know."""
    shapes.draw(shown, words)
    fooled(shown, words)
    doubted(shown, words)


PAGE = LabPage(
    See,
    knobs=("layer", "steps", "jitter", "smoothness", "contrast"),
    broken=("feather",),
    stage=(grid, puzzle, against_tiles),
    data=(table, named.named, decided.table),
    inside=(),
    edges=EDGES,
    measure=still_named,
    below=Section(below),
    drawn=(decided.shapes, *DRAWN),
    wrecks=Section(board),
    named=("shapes", "fooled", "doubt"),
)
