"""What a visitor sees of what goes wrong, in a real browser before a real app of which parts are killed."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE, App, launch
from tests.browser.test_visits import LONG, QUICK, body, button, drawn, figures, run_to_the_end
from tests.browser.wire import Wire
from tests.lib.jobs.clusters import alive, called, children, family, until

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.fault]

Open = Callable[[str], Page]
MIDDLING = "throw_steps=2000&throw_seeds=4&throw_examples=300"  # a run of a few seconds


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[App]]:
    """An app that is nobody else's, with one worker."""
    own = [launch(tmp_path_factory.mktemp("maltreated"), HORIZON_WORKERS="1")]
    yield own
    own[0].process.terminate()
    own[0].process.wait(20)


@pytest.fixture
def own(mortal: list[App], tab: Open) -> App:
    """With its worker at hand: it comes with the first visitor."""
    tab(mortal[0].address)
    until(lambda: role(mortal[0], "worker"))
    return mortal[0]


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


def role(app: App, what: str) -> list[psutil.Process]:
    """The app's scheduler, or the processes that compute (`worker`)."""
    cluster = [one for one in psutil.Process(app.process.pid).children() if "lib.jobs.cluster" in called(one)]
    if what == "scheduler":
        return [one for one in cluster if "scheduler" in called(one)]
    nannies = [one for one in cluster if "worker" in called(one)]
    return [one for nanny in nannies for one in children(nanny) if "spawn_main" in str(called(one))]


def start(page: Page) -> None:
    """Press Start and see something move."""
    button(page, "Start").click()
    expect(body(page).get_by_role("progressbar")).to_be_visible()
    expect(body(page).get_by_text(re.compile(r"% done"))).to_be_visible()


def finished(page: Page) -> None:
    expect(body(page).get_by_text("The finished run of exactly these knobs.")).to_be_visible()


def test_a_killed_worker_costs_a_visitor_nothing_but_time(own: App, tab: Open) -> None:
    page = tab(f"{own.address}/throw?{MIDDLING}")
    start(page)
    for one in role(own, "worker"):
        one.kill()
    finished(page)
    for one in role(own, "worker"):  # and between two jobs
        one.kill()
    again = tab(f"{own.address}/throw?{QUICK}&throw_seed=1")
    run_to_the_end(again)


def test_when_the_scheduler_is_killed_the_page_says_what_to_do(own: App, tab: Open) -> None:
    page = tab(f"{own.address}/throw?{LONG}")
    start(page)
    before = family(own.process.pid)
    role(own, "scheduler")[0].kill()
    expect(body(page).get_by_text("The workers that ran this were lost.")).to_be_visible()
    expect(button(page, "Start")).to_be_enabled()
    drawn(page)  # the picture stays
    until(lambda: not any(map(alive, before)))
    run_to_the_end(tab(f"{own.address}/throw?{QUICK}&throw_seed=2"))
    role(own, "scheduler")[0].kill()  # and between two jobs: nobody has to press twice
    run_to_the_end(tab(f"{own.address}/throw?{QUICK}&throw_seed=3"))


def told(page: Page, numbers: list[str]) -> None:
    """These four figures: they come a moment after the word that the run is over."""
    expect(body(page).get_by_test_id("stMetricValue")).to_have_text(numbers)


def test_a_cut_wire_costs_no_verdict(own: App, tab: Open) -> None:
    wire = Wire(int(own.address.rsplit(":", 1)[1]))
    page = tab(f"{wire.address}/throw?{MIDDLING}&throw_seed=4")
    start(page)
    wire.cut()
    direct = tab(f"{own.address}/throw?{MIDDLING}&throw_seed=4")
    finished(direct)  # it went on meanwhile
    wire.mend()
    finished(page)  # without a click: the browser comes back by itself
    told(page, figures(direct))
    wire.close()


def test_a_damaged_result_is_as_none_and_is_replaced(own: App, mortal: list[App], tab: Open) -> None:
    page = tab(f"{own.address}/throw?{QUICK}&throw_seed=9")
    there = set(own.store.glob("*.npz"))
    run_to_the_end(page)
    before, (result,) = figures(page), set(own.store.glob("*.npz")) - there
    whole = result.read_bytes()
    result.write_bytes(whole[: len(whole) // 2])
    restart(mortal)
    again = tab(f"{own.address}/throw?{QUICK}&throw_seed=9")
    expect(body(again).get_by_text("The knobs have moved")).to_be_visible()
    run_to_the_end(again)
    told(again, before)
    assert len(result.read_bytes()) > 0.9 * len(whole)
    assert "is damaged and counts as absent" in (own.store / "app.log").read_text(errors="replace")


def restart(own: list[App]) -> None:
    """Kill the app without warning, and start it again at the same address."""
    app = own[0]
    before = family(app.process.pid)
    app.process.send_signal(signal.SIGKILL)
    app.process.wait(20)
    until(lambda: not any(map(alive, before)))  # nothing is left behind
    own[0] = launch(app.store, int(app.address.rsplit(":", 1)[1]), HORIZON_WORKERS="1")


def test_a_killed_app_leaves_nothing_behind_and_forgets_no_verdict(own: App, mortal: list[App], tab: Open) -> None:
    shown = tab(f"{own.address}/throw?{QUICK}&throw_seed=5")
    run_to_the_end(shown)
    told = figures(shown)
    running = tab(f"{own.address}/throw?{LONG}")
    start(running)
    restart(mortal)
    finished(shown)  # both come back by themselves
    assert figures(shown) == told
    expect(button(running, "Start")).to_be_enabled()
    run_to_the_end(tab(f"{own.address}/throw?{QUICK}&throw_seed=6"))


def test_a_job_over_its_time_says_so_and_others_go_on(tmp_path: Path, tab: Open) -> None:
    hasty = launch(tmp_path, HORIZON_SECONDS="12")
    try:
        long, short = tab(f"{hasty.address}/throw?{LONG}"), tab(f"{hasty.address}/throw?{QUICK}")
        start(long)
        run_to_the_end(short)
        expect(body(long).get_by_text("stopped after 12 s, the longest that one may take here")).to_be_visible()
        expect(button(long, "Start")).to_be_enabled()
    finally:
        hasty.process.terminate()
        hasty.process.wait(20)
