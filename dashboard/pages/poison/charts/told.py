"""What sentences about a run may say of its knobs, and where its dials stand at first."""

from __future__ import annotations

from typing import Any

from dashboard.charts.recipe import settings
from lib.labs.poison.found import Poisoned

START = 4  # the exam value to open with: 1 % of the lessons


def called(result: Poisoned) -> dict[str, Any]:
    """What sentences about a run may be filled with: its knobs, and the digit that flips begin with."""
    told = settings(result.verdict.recipe)
    return told | {"flipped": (told["target"] + 1) % 10, "lessons": told["examples"]}
