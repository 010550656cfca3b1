"""The log of every process: an event a line, `key=value`, for people and for what reads lines.

    time=2026-11-30T09:15:02.118Z level=INFO logger=horizon.jobs event="job begins" recipe=throw-3fa9c1 waiting=2

HORIZON_LOG names the least level that is written. No line tells who a visitor is or what they wrote.
"""

from __future__ import annotations

import json
import logging
import re
import time
from typing import Any

from lib import settings

FIELDS = ("recipe", "worker", "waiting", "waited", "seconds", "version", "workers", "memory_mb", "folder", "error")
"""What of a record's `extra` is written, in this order."""
LONG = 200  # characters of one line of a trace, which may quote what made the fault
PLAIN = re.compile(r"[\w.:/+-]+", re.ASCII)


class Lines(logging.Formatter):
    """One line a record: what is not a plain word is quoted as in JSON, so that nothing in it can begin a new line."""

    def format(self, record: logging.LogRecord) -> str:
        at = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(record.created))}.{record.msecs:03.0f}Z"
        told: dict[str, Any] = {"time": at, "level": record.levelname, "logger": record.name}
        told["event"] = record.getMessage()
        told |= {name: vars(record)[name] for name in FIELDS if name in vars(record)}
        if record.exc_info:
            told["trace"] = "\n".join(line[:LONG] for line in self.formatException(record.exc_info).splitlines())
        return " ".join(f"{name}={_quoted(value)}" for name, value in told.items())


def _quoted(value: Any) -> str:
    word = f"{value:.6g}" if isinstance(value, float) else str(value)
    return word if PLAIN.fullmatch(word) else json.dumps(word)


def begin() -> logging.Handler | None:
    """Write the log to the standard error from now on; who writes it, the first time, however often it is asked."""
    tree = logging.getLogger("horizon")
    if tree.handlers:
        return None
    lines = logging.StreamHandler()
    lines.setFormatter(Lines())
    tree.addHandler(lines)
    tree.propagate = False
    tree.setLevel(settings.value("log"))
    for sentence in settings.misspelt():
        tree.warning(sentence)
    return lines
