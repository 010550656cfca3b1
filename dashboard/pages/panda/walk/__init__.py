"""A photo under attack, scrubbed step by step in the browser: photo + change = sum, and what the network says of each.

The browser is told the photo and the direction of every step, and makes every picture of them, to the bit as
lib.labs.panda.scene does; playing and moving send nothing. The other half is browser/walk.js.
"""

from __future__ import annotations

import json
from typing import Any

from dashboard.app.language import Texts, plain, share
from dashboard.charts.recipe import settings
from dashboard.charts.style import Motion
from lib.labs.panda.lab import Panda, Pushed
from lib.labs.panda.scene import SHOWN, Scene
from lib.tasks.photos.classes import name

FOLDER = "dashboard/pages/panda/walk"
PLAIN = ("place", "play", "pause", "sum", "hidden", "curve", "attack")


def walk(result: Pushed, words: Texts) -> Motion | None:
    """The lab's own photo; until the guess is made the untouched one alone, and what the network says of that."""
    if not len(result.scene.labels):
        return None
    clean = Panda(**settings(result.verdict.recipe)).clean
    return Motion(
        packed(result.scene, clean, words, "panda_walk"),
        packed(result.scene, clean, words, "panda_walk", covered=True),
        FOLDER,
    )


def packed(scene: Scene, clean: Any, words: Texts, key: str, *, covered: bool = False) -> bytes:
    """What the browser takes: how long the head is, the head as JSON, the photo, a bit for each number and step."""
    ways = scene.ways[:0] if covered else scene.ways
    last = min(len(scene.labels), len(ways) + 1)
    head = {
        "key": key,
        "covered": covered,
        "side": len(clean),
        "steps": len(ways),
        "whole": SHOWN,
        "attack": scene.steps,
        "eps": scene.eps,
        "stride": scene.stride,
        "factor": scene.factor,
        "names": [] if covered else [name(scene.source, words.language), called(scene.target, words)],
        "curve": [] if covered else scene.curve[:last].astype(float).round(4).tolist(),
        "read": [[told(scene, step, which, words) for which in range(2)] for step in range(last)],
        "words": {one: words(f"walk.{one}") for one in PLAIN}
        | {
            "photo": words("walk.photo"),
            "change": words("walk.change", factor=scene.factor),
            "step": words("walk.step", step="{step}", eps=plain(scene.eps)),
            "heard": words("walk.heard", what="{what}", labels="{labels}"),
        },
    }
    text = json.dumps(head, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return len(text).to_bytes(4, "little") + text + clean.tobytes() + ways.tobytes()


def told(scene: Scene, step: int, which: int, words: Texts) -> list[list[Any]]:
    """The likeliest labels of one picture: name, how sure the network is, the same in words, and whose it is."""
    whose = {scene.source: "source", scene.target: "target"}
    pairs = zip(scene.labels[step, which].tolist(), scene.sure[step, which].tolist(), strict=True)
    return [[called(one, words), round(sure, 4), share(sure), whose.get(one, "")] for one, sure in pairs]


def called(index: int, words: Texts) -> str:
    """The name of a class, where there is one yet."""
    return name(index, words.language) if index >= 0 else ""
