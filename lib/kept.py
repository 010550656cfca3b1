"""What a worker keeps from one job for the next, such as a network that takes a moment to load.

Kept things can be made again at any time, so whoever runs short of memory may let all of them go.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")
_kept: dict[Hashable, Any] = {}
_making = threading.RLock()


def kept(name: Hashable, make: Callable[[], T]) -> T:
    """What was made under this name before, else what `make` makes now, kept. Nothing is kept if that raises."""
    with _making:
        if name not in _kept:
            _kept[name] = make()
        return _kept[name]


def forget() -> None:
    """Let go of everything; who still uses something keeps it."""
    with _making:
        _kept.clear()


def trim() -> None:
    """What this process has freed is the machine's again."""
    with suppress(AttributeError, OSError, TypeError):  # glibc's own: others may not have it
        ctypes.CDLL(None).malloc_trim(0)
