"""Who meets whom. LABS lists every lab in menu order; importing it stays light (no torch, no scikit-learn)."""

from __future__ import annotations

from lib.core import Lab
from lib.labs.attack.lab import Attack
from lib.labs.moonshot.lab import Moonshot
from lib.labs.panda.lab import Panda
from lib.labs.paper.lab import Paper
from lib.labs.poison.lab import Poison
from lib.labs.see.lab import See
from lib.labs.sort import Sort
from lib.labs.throw import Throw

LABS: dict[str, type[Lab]] = {
    "throw": Throw,
    "sort": Sort,
    "moonshot": Moonshot,
    "paper": Paper,
    "see": See,
    "attack": Attack,
    "panda": Panda,
    "poison": Poison,
}
