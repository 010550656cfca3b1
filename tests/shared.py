"""A folder for what one process of a test run has computed and the others need as well."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

NAME = "HORIZON_TEST_SHARED"  # the first process makes it, and those that it starts are told


def begin() -> None:
    if NAME not in os.environ:
        os.environ[NAME] = tempfile.mkdtemp()
        atexit.register(shutil.rmtree, os.environ[NAME])


def folder() -> Path:
    return Path(os.environ[NAME])
