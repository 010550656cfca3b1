"""No test, though pytest runs it when it is named: it starts one of each kind, and never ends; see test_reaper.py."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.bench.visitor import APP, serving
from tests.hosting.topology import Site


@pytest.mark.timeout(0)
def test_that_never_ends(tmp_path: Path, browser: Browser) -> None:
    Site(tmp_path, 0).start("nginx")
    with serving(APP, HORIZON_WORKERS="1"):
        browser.new_page()
        threading.Event().wait()
