"""Panda: a photograph, a change that nobody sees, and a network that is sure of something else."""

from __future__ import annotations

import math
from dataclasses import replace

from dashboard.app.language import Texts
from dashboard.charts.curves import errors, table
from dashboard.charts.style import Picture
from dashboard.page.lab_page import LabPage, Section
from dashboard.pages.panda import own
from dashboard.pages.panda.charts import undone
from dashboard.pages.panda.walk import walk
from lib.labs.panda.lab import Panda, Pushed
from lib.labs.panda.scene import UNDOES
from lib.tasks.photos.pushed import LEVELS

EDGES = (1.0, 4.0, 8.0)
DRAWN = ("many_steps", "one_step", "signs", "transfer", "program")
PNG = UNDOES.index("png")


def against_size(result: Pushed, words: Texts) -> Picture | None:
    """Photos read wrongly, by ε: five contestants; how often the target itself is seen stands in the table."""
    drawn = tuple(one for one in result.verdict.answerers if one.name in DRAWN)
    return errors(replace(result.verdict, answerers=drawn), words) if drawn else None


def levels_needed(result: Pushed) -> float | None:
    """The least ε at which the picture, stored as a file, is read as the target; infinite if at none of LEVELS."""
    reads = result.scene.undone_reads[1:, PNG]
    if (reads < 0).any():
        return None
    return next((eps for eps, one in zip(LEVELS, reads, strict=True) if one == result.scene.target), math.inf)


PAGE = LabPage(
    Panda,
    knobs=("animal", "targeted", "target", "eps", "steps"),
    broken=("warmth", "brightness"),
    stage=(walk, against_size, undone.undone),
    data=(table, undone.table, undone.needed),
    inside=(),
    edges=EDGES,
    measure=levels_needed,
    telling=("eps",),
    below=Section(own.below),
    wrecks=Section(own.badger),
    named=("photo",),
)
