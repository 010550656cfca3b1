"""The lab's own photo under attack, to be scrubbed in the browser."""

from __future__ import annotations

from typing import Any

from dashboard.app.language import Texts
from dashboard.charts.recipe import settings
from dashboard.charts.style import Motion
from dashboard.walk import FOLDER
from dashboard.walk import packed as as_bytes
from lib.labs.panda.lab import Panda, Pushed
from lib.labs.panda.scene import SHOWN, Scene


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
    """A scene as the browser takes it; it has room for all steps from the start."""
    return as_bytes(scene, clean, words, key, room=SHOWN, done=scene.walked >= SHOWN, covered=covered)
