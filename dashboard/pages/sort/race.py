"""A row being sorted by both: the program's steps play in the browser, and the network's answer comes beside them."""

from __future__ import annotations

from typing import Any

from dashboard import player
from dashboard.app.language import Texts
from dashboard.charts.recipe import settings
from dashboard.charts.style import Motion
from lib.labs.sort import Scene, Sort, Sorted
from lib.tasks.sort import RIGHT


def race(result: Sorted, words: Texts) -> Motion:
    """At twice the length of the longest row in training, or as near as the row goes.

    Until the guess the network's answer to a row that is longer than those in training is left out.
    """
    scene, axis = result.scene, result.verdict.axis
    at = opened(scene, axis.train[1])
    length, truth = int(scene.lengths[at]), int((scene.truth[at] >= 0).sum())
    steps = stepped(result.verdict.recipe, scene, length)
    wrong = (scene.marks[at][:truth] != RIGHT).tolist()
    slips = int((scene.program[at][:truth] != scene.truth[at][:truth]).sum())
    known = words.at("player") | {
        "title": words("race.title", length=length),
        "program": words("names.program"),
        "program_end": said(words, "program", slips, truth),
        "other": words("names.network"),
    }
    answer = player.Answer(scene.network[at][:truth].tolist(), wrong)
    whole = player.pack(
        steps, known | {"other_end": said(words, "network", sum(wrong), truth)}, KEY, answer, raced=True
    )
    hidden = player.pack(steps, known | {"other_end": words("race.hidden")}, KEY, raced=True)
    return Motion(whole, whole if axis.seen(length) else hidden, "dashboard/player")


KEY = "sort_race"


def opened(scene: Scene, longest: float) -> int:
    """Which of the scene's lengths to open with."""
    return next((at for at, length in enumerate(scene.lengths) if length >= 2 * longest), len(scene.lengths) - 1)


def stepped(recipe: str, scene: Scene, length: int) -> player.Steps:
    """The steps of the recipe's own program through the first numbers of the row."""
    lab: Any = Sort(**settings(recipe))
    row = lab.asks().prefix(scene.row, length).tolist()
    return player.Steps.of((now, touched[:2], held, asked) for now, touched, held, asked in lab.program().trace(row))


def said(words: Texts, who: str, wrong: int, of: int) -> str:
    """How many of somebody's numbers are wrong."""
    name = words(f"names.{who}")
    return words("row.off", who=name, wrong=wrong, of=of) if wrong else words("row.right", who=name)
