"""Whatever a process starts ends with it, however it ends: as it should, by Ctrl-C, by kill -9.

    reaper.begin()          once, before anything is started

A second process, the reaper, reads from a pipe whose other end the first one holds and the operating system closes with
it. Then the reaper kills whoever bears the first one's mark: a variable in the environment, which children and theirs
inherit, whoever started them (Playwright, a nanny, a shell), those included whose parents are gone or who began a
session of their own. (Linux can send a signal when a parent ends, but to its children alone, and it means the thread
that started them.)
"""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import psutil

MARK = "HORIZON_ENDS_WITH"
WORDS = ["-m", "tests.reaper"]


def begin() -> None:
    """From now on, whatever this process starts ends with it. Who runs below another's mark has its own as well."""
    mark = str(uuid4())
    reaper = subprocess.Popen(
        [sys.executable, *WORDS, mark],
        cwd=Path(__file__).parents[1],
        env={name: value for name, value in os.environ.items() if name != MARK},
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C in the terminal is not for it
    )
    os.environ[MARK] = mark
    atexit.register(reaper.communicate)  # an orderly end waits until nobody is left


def reap(mark: str) -> None:
    """Kill all who bear the mark, and their children; returns when nobody does."""
    while found := [*_marked(mark)]:
        for one in found:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(found, timeout=1)


def _marked(mark: str) -> Iterator[psutil.Process]:
    """On the command line too, for those who write over their environment; the reapers of others do their own work."""
    for one in psutil.process_iter():
        with suppress(psutil.Error):
            words = one.cmdline()
            if words[1:3] != WORDS and (one.environ().get(MARK) == mark or any(mark in word for word in words)):
                yield one
                yield from (child for child in one.children(recursive=True) if child.cmdline()[1:3] != WORDS)


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)
    sys.stdin.read()
    reap(sys.argv[1])
