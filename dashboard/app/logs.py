"""The app's log (see lib.logs), and what of Streamlit's and uvicorn's is not for it."""

from __future__ import annotations

import logging

from lib import logs


def begin() -> None:
    """Write the log to the standard error from now on; once, however often it is asked."""
    if logs.begin():
        # Filters, because Streamlit sets the levels of these two anew whenever its settings are read.
        logging.getLogger("uvicorn.error").addFilter(_important)
        logging.getLogger("streamlit.error_util").addFilter(_not_ours)


def _important(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING  # what is less names every visitor's address


def _not_ours(record: logging.LogRecord) -> bool:
    return record.msg != "Uncaught app execution"  # the same fault is in our log, on one line
