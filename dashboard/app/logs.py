"""The app's log (see lib.logs), and what of Streamlit's and uvicorn's is not for it."""

from __future__ import annotations

import logging
from functools import partial

from lib import logs


def begin() -> None:
    """Write the log to the standard error from now on; once, however often it is asked."""
    lines = logs.begin()
    if lines is None:
        return
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
