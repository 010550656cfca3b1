"""Two walls of test digits, as written and with the mark, and a dial for how many lessons are poisoned.

The browser is told what everybody reads at every share at once; turning the dial sends nothing. The other half is
browser/dial.js.
"""

from __future__ import annotations

import json

from dashboard.app.language import Texts
from dashboard.charts.pixels import letters
from dashboard.charts.style import Motion
from dashboard.pages.poison.charts.told import START, called
from lib.labs.poison.found import Poisoned
from lib.tasks.poison import MARKED

FOLDER = "dashboard/pages/poison/dial"
WORDS = ("place", "network", "program", "who", "hidden")
SLOTS = ("who", "wrong", "shown", "reads", "labels")  # of what is heard, filled in by the browser


def dial(result: Poisoned, words: Texts) -> Motion:
    """Until the guess is made, the networks of clean lessons alone."""
    return Motion(_packed(result, words, covered=False), _packed(result, words, covered=True), FOLDER)


def counted(result: Poisoned, words: Texts) -> list[str]:
    """How many of the lessons are odd, at each share."""
    told = called(result)
    shares = zip(result.odd.tolist(), result.verdict.axis.exam, strict=True)
    return [words("dial.count", odd=odd, lessons=told["lessons"], share=at) for odd, at in shares]


def _packed(result: Poisoned, words: Texts, *, covered: bool) -> bytes:
    told, wall = called(result), result.wall
    shares = slice(1) if covered else slice(None)
    marked = told["oddity"] in MARKED
    told_of = {
        "key": f"{result.verdict.lab}_dial",
        "covered": covered,
        "start": 0 if covered else START,
        "aim": None if told["oddity"] == "random" else told["target"],
        "words": {name: words(f"dial.{name}") for name in WORDS} | {"heard": _heard(words)},
        "counts": counted(result, words)[shares],
        "labels": wall.labels.tolist(),
        "walls": [
            {
                "pictures": letters(wall.pictures[side, :, 0]),
                "tint": int(wall.pictures[side, 0, 1:].max(initial=0)),
                "reads": wall.reads[side, shares].tolist(),
                "program": wall.program[side].tolist(),
                "says": _said(result, words, side, marked=marked)[shares],
            }
            for side in ((0, 1) if marked else (1,))
        ],
    }
    return json.dumps(told_of, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _heard(words: Texts) -> str:
    return words("dial.heard", **{slot: f"{{{slot}}}" for slot in SLOTS})


def _said(result: Poisoned, words: Texts, side: int, *, marked: bool) -> list[str]:
    """What is misread at each share, of all digits without the mark or of all with it: median over seeds.

    Of a shortcut also of the digit that it stands for, without it.
    """
    told = called(result)
    who = result.verdict.named("network" if side else "untouched")
    plain = "without" if told["oddity"] == "shortcut" else "plain"
    name = "marked" if side and marked else told["oddity"] if side else plain
    own = result.own[0].tolist()
    return [words(f"dial.{name}", value=p.error, own=mine, **told) for p, mine in zip(who.curve, own, strict=True)]
