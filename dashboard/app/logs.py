"""The app's log: an event a line, `key=value`, for people and for what reads lines.

    time=2026-11-30T09:15:02.118Z level=INFO logger=horizon.jobs event="job begins" recipe=throw-3fa9c1 waiting=2

HORIZON_LOG names the least level that is written. No line tells who a visitor is or what they wrote.
"""

from __future__ import annotations

import json
import logging
import os
import re
import time
from functools import partial
from typing import Any

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
FIELDS = ("recipe", "worker", "waiting", "waited", "seconds", "version", "error")  # of `extra`, in this order
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


def begin() -> None:
    """Write the log to the standard error from now on; once, however often it is asked."""
    tree = logging.getLogger("horizon")
    if tree.handlers:
        return
    lines = logging.StreamHandler()
    lines.setFormatter(Lines())
    tree.addHandler(lines)
    tree.propagate = False
    asked = os.environ.get("HORIZON_LOG") or "INFO"
    known = asked.upper() in LEVELS
    tree.setLevel(asked.upper() if known else "INFO")
    if not known:
        tree.warning("HORIZON_LOG: got %r, choose one of %s; INFO is used", asked, ", ".join(LEVELS))
    # Filters, because Streamlit sets levels and formats anew whenever its settings are read.
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in ("streamlit", "uvicorn", "websockets"):
            logging.getLogger(name).addFilter(partial(_taken_over, lines))


def _taken_over(lines: logging.Handler, record: logging.LogRecord) -> bool:
    """Write what the server's libraries log as one of our lines, without what it quotes, and keep it from theirs."""
    ours = record.msg == "Uncaught app execution"  # which is in our log already
    if record.levelno >= logging.WARNING and not ours:  # what is less names every visitor's address
        lines.handle(logging.makeLogRecord(vars(record) | {"args": None}))
    return False
