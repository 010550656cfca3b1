"""What ships with the app beside the pictures on the stage: what runs of many settings found, to be shown together."""

from __future__ import annotations

from functools import cache
from typing import Any

from lib.core import Lab, Verdict, shipped
from lib.store import SHIPPED, Store


@cache
def verdicts(kind: type[Lab]) -> tuple[tuple[Any, Verdict], ...]:
    """Each shipped run of a lab and what it found, in the lab's order; read once."""
    shelf = Store(str(SHIPPED))
    make: Any = kind
    runs = [(lab, shelf.get(lab)) for lab in (make(**settings) for settings in shipped(kind))]
    return tuple((lab, found.verdict) for lab, found in runs if found)
