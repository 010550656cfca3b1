"""How slow this machine is, measured once at the start of a run; limits on waiting follow it.

A limit is there to end what hangs. What is only slow, on a small or busy machine, ends well within it.
"""

from __future__ import annotations

import os
import time

import psutil

TURNS = 1_000_000
QUICK = 0.05  # seconds of processor time in which a machine at which nobody wonders takes so many turns of a loop
EACH = 2 * 10**9  # bytes for a process that runs tests, with its app, its workers and its browser
MOST = 4  # of them, since each has its own of all these
NAME = "HORIZON_TEST_SLOWNESS"  # the first process measures, and those that it starts are told


def slowness() -> float:
    """How many times as long as on a quick and idle machine something takes here and now, at least 1."""
    if NAME not in os.environ:
        os.environ[NAME] = f"{measured():.2f}"
    return float(os.environ[NAME])


def measured() -> float:
    wall, own = time.perf_counter(), time.process_time()
    for _ in range(TURNS):
        pass
    wall, own = time.perf_counter() - wall, time.process_time() - own
    return max(1.0, own / QUICK) * max(1.0, wall / max(own, 1e-3), waiting())


def waiting() -> float:
    """How many want each processor, over the last minute."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return load / (os.cpu_count() or 1)


def processes() -> int:
    """How many share the tests: one more than there are processors, since some always wait, if each has its memory."""
    from lib.jobs.machine import cores, memory

    room = min(memory(), psutil.virtual_memory().available) // EACH
    return max(1, min(cores() + 1, MOST, room))


PATIENCE = 120 * slowness()  # seconds for what takes one or two
HANG = 5 * PATIENCE  # seconds for a whole test; the longest takes half a minute
SLACK = 15 * slowness()  # seconds on top of a promised one
