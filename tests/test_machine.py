"""Limits on waiting follow the machine, and are the same for all processes of a run."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from types import SimpleNamespace

import psutil
import pytest

from tests import machine


def test_a_machine_is_never_quicker_than_a_quick_one() -> None:
    assert machine.measured() >= 1
    assert machine.PATIENCE >= 120
    assert machine.HANG > 2 * machine.PATIENCE


@pytest.mark.parametrize(("own", "wall", "load", "told"), [(0.05, 0.05, 0, 1), (0.15, 0.15, 0, 3), (0.1, 1.0, 0, 20)])
def test_a_slow_processor_and_a_busy_one_are_told_apart_and_both_count(
    own: float, wall: float, load: float, told: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "process_time", iter([1.0, 1.0 + own]).__next__)
    monkeypatch.setattr(time, "perf_counter", iter([7.0, 7.0 + wall]).__next__)
    monkeypatch.setattr(machine, "waiting", lambda: load)
    assert machine.measured() == pytest.approx(told)


def test_who_waits_for_a_processor_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (27.0, 9.0, 3.0), raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert machine.waiting() == 13.5


@pytest.mark.parametrize(
    ("cores", "granted", "free", "told"),
    [(2, 24e9, 20e9, 3), (1, 8e9, 8e9, 2), (2, 24e9, 5e9, 2), (2, 4e9, 20e9, 2), (2, 1e9, 1e9, 1), (64, 1e12, 1e12, 4)],
)
def test_as_many_processes_share_the_tests_as_find_a_processor_and_memory(
    cores: int, granted: float, free: float, told: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lib.jobs.machine.cores", lambda: cores)
    monkeypatch.setattr("lib.jobs.machine.memory", lambda: int(granted))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=int(free)))
    assert machine.processes() == told


def test_a_process_of_a_tests_has_the_same_limits() -> None:
    told = [sys.executable, "-c", "from tests.machine import PATIENCE; print(PATIENCE)"]
    done = subprocess.run(told, capture_output=True, text=True, check=True)
    assert float(done.stdout) == machine.PATIENCE
