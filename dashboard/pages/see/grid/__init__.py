"""What filters or classes want to see, growing in the browser, and beside the chosen one the photos that excite it.

The browser is told a sheet of all pictures for each step that is kept, and a sheet of patches; scrubbing and choosing
send nothing. The other half is browser/grid.js.
"""

from __future__ import annotations

import json
import re
from typing import Any

from dashboard.app.language import Texts
from dashboard.charts.recipe import settings
from dashboard.charts.style import Motion
from lib.labs.see.grid import BEST, DEPTHS, FILTERS, OF_DIGITS, Grid
from lib.labs.see.lab import See, Seen
from lib.tasks.photos.classes import name
from lib.tasks.photos.shipped import NAMES, SIZE

FOLDER = "dashboard/pages/see/grid"
PLAIN = ("all", "place", "play", "pause", "later")
SURE = 0.9  # more than that counts as sure


def grid(result: Seen, words: Texts) -> Motion | None:
    """Open from the start: the guess is about something else."""
    if not result.grid.steps:
        return None
    told = packed(result, words)
    return Motion(told, told, FOLDER)


def packed(result: Seen, words: Texts) -> bytes:
    """What the browser takes: how long the head is, the head as JSON, then the sheets, as long as the head says."""
    told, steps = result.grid, See(**settings(result.verdict.recipe)).steps
    names = [called(told, at, words) for at in range(len(told.numbers))]
    sheets = [*told.frames, told.patches]
    head = {
        "key": result.verdict.recipe,
        "side": told.side,
        "columns": told.columns,
        "best": BEST,
        "steps": [words("grid.step", step=step, steps=steps) for step in told.steps],
        "growing": not told.steps or told.steps[-1] < steps,
        "names": names,
        "wants": [words("grid.wants", name=one) for one in names],
        "answers": [answers(told, frame, words) for frame in range(len(told.steps))],
        "beside": beside(told, words) if len(told.photos) else "",
        "excites": excites(told, words),
        "ratios": [
            [words("grid.own", ratio=brief(one)) for one in row] for row in (() if told.ratios is None else told.ratios)
        ],
        "finding": finding(told, names, words),
        "words": {one: words(f"grid.{one}") for one in PLAIN}
        | {"heard": words("grid.heard", name="{name}", step="{step}", answer="{answer}")}
        | {"photo": words("grid.heard_photo", name="{name}", photo="{photo}")},
        "sizes": [len(one) for one in sheets],
    }
    text = json.dumps(head, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return len(text).to_bytes(4, "little") + text + b"".join(one.tobytes() for one in sheets)


def called(told: Grid, at: int, words: Texts) -> str:
    """What one of those who are asked is called."""
    number = int(told.numbers[at])
    if told.layer in FILTERS:
        return words("grid.filter", number=number)
    return words("grid.digit", number=number) if told.layer == "digits" else name(number, words.language)


def answers(told: Grid, frame: int, words: Texts) -> list[str]:
    """How each answers to its own picture, after some steps."""
    pairs = zip(told.values[frame].tolist(), told.sure[frame].tolist(), strict=True)
    if told.layer in FILTERS:
        return [words("grid.answers", value=value) for value, _ in pairs]
    return [words("grid.sure", value=value, sure=sure) for value, sure in pairs]


def beside(told: Grid, words: Texts) -> str:
    """What stands beside the pictures."""
    if told.layer in DEPTHS:
        return words("grid.strokes", field=told.field)
    if told.layer in FILTERS and told.field < SIZE:
        return words("grid.patches", field=told.field)
    return words("grid.tests" if told.layer == "digits" else "grid.photos")


def excites(told: Grid, words: Texts) -> list[list[str]]:
    """The photos that excite each most, and how strongly."""
    rows = zip(told.photos.tolist(), told.peaks.tolist(), strict=True)
    return [
        [words("grid.excited", photo=shown(told, one, words), value=peak) for one, peak in zip(*row, strict=True)]
        for row in rows
    ]


def shown(told: Grid, which: int, words: Texts) -> str:
    """What is on a photo or a test digit; what a photo is counted as does not matter here."""
    if told.layer in OF_DIGITS:
        return words("grid.test", digit=which)
    return re.split(r" \(|（", words(f"photos.{NAMES[which]}"))[0]


def brief(ratio: float) -> float:
    """With two digits that matter."""
    return float(f"{ratio:.2g}")


def finding(told: Grid, names: list[str], words: Texts) -> str:
    """One sentence from the numbers of this run."""
    if told.ratios is None:
        return words("grid.finding.growing")
    if told.layer in FILTERS:
        outcome, ratio = ("stronger", told.ratio) if told.ratio > 1 else ("weaker", 1 / told.ratio)
        of = words("grid.of.digits" if told.layer in DEPTHS else "grid.of.photos")
        return words(f"grid.finding.{outcome}", ratio=brief(ratio), of=of)
    sure: Any = told.sure[-1]
    if told.layer == "class":
        return words("grid.finding.class", sure=float(sure[0]), name=names[0])
    return words(f"grid.finding.{told.layer}", sure=int((sure > SURE).sum()), n=len(names))
