"""Attack: real handwritten digits, pushed a little on purpose, before a network and a hand-written program."""

from __future__ import annotations

from dashboard.app.language import Texts
from dashboard.charts.curves import between, errors, table
from dashboard.charts.style import Picture
from dashboard.page.lab_page import LabPage, Section, Shown
from dashboard.pages.attack import survey
from dashboard.pages.attack.charts import pictures
from dashboard.pages.attack.path import path
from lib.labs.attack.lab import Attack, Attacked

EDGES = (0.1, 0.4, 0.7)


def against_size(result: Attacked, words: Texts) -> Picture:
    """Errors against ε."""
    exam = result.verdict.axis.exam
    return errors(result.verdict, words, bands=between(EDGES, right=True), guessed_at=exam[len(exam) // 2 + 1])


def read_in_spite(result: Attacked) -> float | None:
    """The share of test digits that the network still reads in the middle of the exam, under the strongest attack."""
    attacked = next((one for one in result.verdict.answerers if one.name == "pgd"), None)
    return 1 - attacked.curve[len(attacked.curve) // 2 + 1].error if attacked else None


def below(shown: Shown | None, words: Texts) -> None:
    """One attack step by step, then every attack, every reader and every defence: each has a run of its own."""
    path(shown, words)
    survey.sections(shown, words)


PAGE = LabPage(
    Attack,
    knobs=("network", "norm", "adversarial", "pgd_steps", "seeds"),
    broken=("shift", "reads_source"),
    stage=(pictures.row, against_size),
    data=(table, pictures.table),
    inside=(pictures.stencils,),
    edges=EDGES,
    measure=read_in_spite,
    ask=lambda lab: "ask_l2" if getattr(lab, "norm", "") == "l2" else "ask",
    below=Section(below),
    asides=survey.ASIDES,
    named=("path", *survey.NAMED),
)
