"""All photos, cut into tiles in the browser's hands: what the network still calls each of them.

The browser is told the photos, and for every number of tiles where each tile comes from; cutting sends nothing. The
other half is browser/puzzle.js.
"""

from __future__ import annotations

import json
from typing import Any

from dashboard.app.language import Texts, share
from dashboard.charts.recipe import settings
from dashboard.charts.style import Motion
from lib.labs.see.lab import See, Seen
from lib.tasks.photos.classes import name
from lib.tasks.photos.shipped import SIZE
from lib.tasks.see.tiles import PIECES, in_a_row, order

FOLDER = "dashboard/pages/see/puzzle"
PLAIN = ("cut", "more", "fewer", "hidden", "right", "wrong", "noticed", "unnoticed", "doubts", "trusts", "choose")


def puzzle(result: Seen, words: Texts) -> Motion | None:
    """Before the guess the photos can be cut as well, but what the network calls them is told of whole ones alone."""
    if not result.puzzle.asked:
        return None
    return Motion(packed(result, words), packed(result, words, covered=True), FOLDER)


def packed(result: Seen, words: Texts, *, covered: bool = False) -> bytes:
    """What the browser takes: how long the head is, the head as JSON, the photos in a row as one picture."""
    told, lab = result.puzzle, See(**settings(result.verdict.recipe))
    levels = range(1 if covered else len(PIECES))
    head = {
        "key": "see_puzzle",
        "side": SIZE,
        "pieces": PIECES,
        "orders": [order(pieces, told.shuffler).tolist() for pieces in PIECES],
        "feather": lab.feather,
        "photos": [words(f"photos.{one}") for one in told.photos],
        "read": [[labels(result, level, place, words) for place in range(len(told.photos))] for level in levels],
        "right": (told.labels[0, : len(levels), :, 0] == told.right).tolist(),
        "cut": (told.program[0, : len(levels)] == 1).tolist(),
        "doubts": (told.sure[0, : len(levels), :, 0] < told.surely).tolist(),
        "words": {one: words(f"puzzle.{one}") for one in PLAIN}
        | {"tiles": words("puzzle.tiles", tiles="{tiles}", named="{named}", photos=len(told.photos))}
        | {"whole": words("puzzle.whole", named="{named}", photos=len(told.photos))}
        | {"heard": words("puzzle.heard", photo="{photo}", labels="{labels}")},
    }
    text = json.dumps(head, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return len(text).to_bytes(4, "little") + text + in_a_row(told.photos)


def labels(result: Seen, level: int, place: int, words: Texts) -> list[list[Any]]:
    """The likeliest labels of one picture: name, how sure the network is, the same in words, is it right."""
    told = result.puzzle
    pairs = zip(told.labels[0, level, place].tolist(), told.sure[0, level, place].tolist(), strict=True)
    right = int(told.right[place])
    return [[name(one, words.language), round(sure, 4), share(sure), one == right] for one, sure in pairs]
