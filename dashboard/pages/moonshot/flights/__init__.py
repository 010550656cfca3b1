"""The map of the visitor's own flights, which plays in the browser without the server.

    fly(flown, world, words, hit=True, says="Launch 3: a hit!")

The other half is browser/flights.js.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dashboard.app.components import mounted
from dashboard.app.language import Texts
from dashboard.pages.moonshot.charts.launches import path
from dashboard.pages.moonshot.charts.who import YOU
from lib.tasks.moonshot.orbit import DAY, World

HERE = Path(__file__).parent
LABELS = ("play", "pause", "day", "on", "frame", "turning", "resting", "ready", "hits")
KEPT = 60  # flights that are drawn, the last ones


def fly(flown: Any, world: World, words: Texts, *, hit: bool, says: str) -> None:
    """Draw the flights so far, none if `flown` is None; what became of the last one is said above the map.

    Another flight than before plays at once, unless the visitor's device asks for less motion.
    """
    lines = [] if flown is None else flown.lines[-KEPT:]
    mounted("flights", HERE)(
        key="moonshot_map",
        data=[
            {
                "words": {name: words.at(f"own.{name}") for name in LABELS},
                "says": says,
                "hit": hit,
                "large": words("map.large"),
                "small": words("map.small"),
                "title": words("own.heard", trials=0 if flown is None else len(flown.lines)),
                "share": world.share,
                "turn": world.second * DAY,
                "colour": YOU,
                "first": 1 if flown is None else len(flown.lines) - len(lines) + 1,
                "lines": [path(line, world.distance) for line in lines],
            }
        ],
    )
