"""Start and stop: nothing that is pressed moves away, and keys do what a click does."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from dashboard.app.language import Texts
from lib.labs import LABS
from tests.browser.conftest import Go, idle
from tests.browser.keys import TABS, skipped, tabbed
from tests.browser.page import body, button, drawn, main_picture, settled
from tests.lib.labs.test_labs import TOLD
from tests.sample import LAB, LONG, WORDS


def test_neither_start_nor_a_knob_moves_what_is_pressed_and_the_corners_own_stop_does_what_ours_does(visit: Go) -> None:
    page = visit(f"{LAB}?{LONG}").page
    settled(page)
    start, picture, progress = (
        button(page, WORDS("run.start")),
        main_picture(page),
        body(page).get_by_test_id("stProgress"),
    )
    before = start.bounding_box(), picture.bounding_box()
    slider = body(page).get_by_role("slider", name="Examples")
    there = slider.bounding_box()
    slider.press("ArrowLeft")
    idle(page)
    assert slider.bounding_box()["y"] == there["y"]  # type: ignore[index]
    expect(body(page).locator("[class*=_main]")).to_have_css("opacity", "0.45")  # it is of other settings now
    for stop in (button(page, WORDS("run.stop")), page.get_by_test_id("stStatusWidget").get_by_role("button")):
        start.click()
        progress.wait_for()
        assert (start.bounding_box(), picture.bounding_box()) == before
        stop.click()
        progress.wait_for(state="detached")
        expect(start).to_be_enabled()
        assert (start.bounding_box(), picture.bounding_box()) == before


@pytest.mark.parametrize("name", LABS)
def test_the_corners_own_stop_ends_every_labs_run_for_good_and_says_so(visit: Go, name: str) -> None:
    """It stands there as long as a page watches its job, and cannot be hidden."""
    words = Texts("en", name)
    page = visit(f"{name}?{'&'.join(f'{name}_{knob}={value}' for knob, value in TOLD[name]['long'].items())}").page
    settled(page)
    button(page, words("run.start")).click()
    progress = body(page).get_by_test_id("stProgress")
    expect(progress).to_contain_text("% done")
    page.get_by_test_id("stStatusWidget").get_by_role("button").click()
    progress.wait_for(state="detached")
    expect(button(page, words("run.start"))).to_be_enabled()
    expect(button(page, words("run.stop"))).to_be_disabled()
    expect(body(page).locator("[class*=_runbar]").get_by_text("Stopped at")).to_be_visible()
    page.reload()
    settled(page)
    expect(button(page, words("run.start"))).to_be_enabled()  # nobody computes it any more


def test_a_run_is_started_and_stopped_by_keys(visit: Go) -> None:
    page = visit(f"{LAB}?{LONG}&throw_seed=9").page
    drawn(page)
    settled(page)
    skipped(page)
    tabbed(page, "runs", TABS)
    expect(button(page, WORDS("run.start"))).to_be_focused()
    page.keyboard.press("Enter")
    body(page).get_by_test_id("stProgress").wait_for()
    expect(button(page, WORDS("run.stop"))).to_be_enabled()
    tabbed(page, "runs", TABS)
    expect(button(page, WORDS("run.stop"))).to_be_focused()
    page.keyboard.press("Enter")
    body(page).get_by_test_id("stProgress").wait_for(state="detached")
