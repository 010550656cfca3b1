"""For every test: one thread for arithmetic, places of its own, no call to other machines, and no process left."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from lib.jobs.environment import ONE_THREAD
from tests import machine, reaper, shared
from tests.guard import pytest_runtest_call, pytest_runtest_teardown  # noqa: F401

if TYPE_CHECKING:
    from playwright.sync_api import Browser

os.environ.update(ONE_THREAD)  # before anybody imports numpy or torch
os.environ.setdefault("PYTEST_TIMEOUT", str(machine.HANG))
reaper.begin()
shared.begin()

# How long an example takes says what else the machine does. Examples are the same each time; to look for new ones:
# pytest --hypothesis-profile search
settings.register_profile("horizon", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("search", settings.get_profile("horizon"), derandomize=False)
settings.load_profile("horizon")


LONGEST = (  # groups and files that take a while in one piece; whoever asks for the labs' results finds them made
    *("labs", "jobs", "faults", "topology", "browser faults", "served page", "server", "test_take_out.py", "player"),
    *("photo", "load", "test_reaper.py", "page "),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest pieces come first, so that no process is left alone with one of them at the end."""

    def place(one: pytest.Item) -> int:
        mark = one.get_closest_marker("xdist_group")
        name = mark.args[0] if mark else one.path.name
        return next((at for at, long in enumerate(LONGEST) if name.startswith(long)), len(LONGEST))

    items.sort(key=place)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    return machine.processes()


@pytest.fixture(scope="session", autouse=True)
def _places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Stores and scratch files of what outlives a single test."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HORIZON_STORE", "HORIZON_SCRATCH"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name.lower())))
        for name in ("HORIZON_SCHEDULER", "HORIZON_WORKERS", "HORIZON_MEMORY"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests that drive one, which share a process."""
    from playwright.sync_api import sync_playwright

    from tests.browser.chromium import ADVICE, FLAGS, found

    path = found()
    assert path, ADVICE
    with sync_playwright() as play:
        one = play.chromium.launch(executable_path=path, args=FLAGS)
        yield one
        one.close()


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty store, and it is the host's during this test."""
    monkeypatch.setenv("HORIZON_STORE", str(tmp_path / "shelf"))
    return tmp_path / "shelf"
