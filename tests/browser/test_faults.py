"""What a browser does by itself when its connection or the app is lost. (What a page says then: tests/hosting.)"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE
from tests.browser.page import button, cells, drawn, figures, finished, run_to_the_end, start
from tests.browser.wire import Wire
from tests.hosting.mortal import Mortal
from tests.sample import LAB, LONG, MIDDLING, QUICK

pytestmark = [pytest.mark.xdist_group("browser faults"), pytest.mark.fault]  # they share an app

Open = Callable[[str], Page]


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mortal]:
    one = Mortal(tmp_path_factory.mktemp("maltreated"))
    yield one
    one.end()


@pytest.fixture
def tab(browser: Browser) -> Iterator[Open]:
    """A visitor's page; what the console says of lost connections is no fault of the page."""
    context = browser.new_context(viewport={"width": 1280, "height": 720}, locale="en-US")
    context.set_default_timeout(PATIENCE)

    def go(address: str) -> Page:
        page = context.new_page()
        page.goto(address)
        drawn(page)
        return page

    yield go
    context.close()


def test_a_cut_wire_costs_no_verdict(mortal: Mortal, tab: Open) -> None:
    wire = Wire(mortal.port)
    page = tab(f"{wire.address}/{LAB}?{MIDDLING}&throw_seed=4&reveal=1")
    start(page)
    wire.cut()
    direct = tab(f"{mortal.address}/{LAB}?{MIDDLING}&throw_seed=4&reveal=1")
    finished(direct)  # it went on meanwhile
    wire.mend()
    finished(page)  # without a click: the browser comes back by itself
    expect(cells(page)).to_have_text(figures(direct))  # a moment after that word
    wire.close()


def test_a_killed_app_forgets_no_verdict(mortal: Mortal, tab: Open) -> None:
    shown = tab(f"{mortal.address}/{LAB}?{QUICK}&throw_seed=5&reveal=1")
    run_to_the_end(shown)
    told = figures(shown)
    running = tab(f"{mortal.address}/{LAB}?{LONG}")
    start(running)
    mortal.restart()
    finished(shown)  # both come back by themselves
    assert figures(shown) == told
    expect(button(running, "Start")).to_be_enabled()
    run_to_the_end(tab(f"{mortal.address}/{LAB}?{QUICK}&throw_seed=6"))
