"""The first screen of every page: all of the main picture, nothing that jumps, and a page that has an end."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from lib.labs import LABS
from tests.browser.conftest import Go, idle
from tests.browser.page import body, button, drawn, settled
from tests.sample import LAB, LONG, WORDS

SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifts.push(one.value);
}).observe({ type: "layout-shift", buffered: true });
"""
DRAWN = re.compile(r"\bdrawn\b")  # the script of a component has come
MOST = 0.1  # of the screen, what a browser calls a good page


def shifted(page: Page) -> float:
    return page.evaluate("shifts.reduce((sum, one) => sum + one, 0)")


def bottom(place: Locator) -> float:
    box = place.bounding_box()
    assert box
    return box["y"] + box["height"]


def main(page: Page) -> Locator:
    """The main picture, with what it is moved by."""
    return body(page).locator("[class*=_picture], .flights").first


def tall(page: Page) -> int:
    return page.get_by_test_id("stMain").evaluate("page => page.scrollHeight")


@pytest.mark.parametrize("covered", [True, False])
@pytest.mark.parametrize("name", LABS)
def test_the_first_screen_has_the_whole_picture_and_does_not_jump(visit: Go, name: str, covered: bool) -> None:
    page = visit(name, covered=covered, script=SHIFTS).page
    drawn(page)
    settled(page)
    assert bottom(main(page)) <= 720
    assert tall(page) <= 4 * 720
    assert shifted(page) <= MOST


@pytest.mark.parametrize("name", LABS)
def test_on_a_phone_the_first_screen_reaches_into_the_picture(visit: Go, name: str) -> None:
    page = visit(name, covered=True, script=SHIFTS, width=390, height=844).page
    drawn(page)
    settled(page)
    box = main(page).bounding_box()
    assert box
    assert box["y"] + min(box["height"], 300) / 2 <= 844
    assert tall(page) <= 6 * 844
    assert shifted(page) <= MOST


@pytest.mark.parametrize("name", ["throw", "sort", "moonshot", "paper"])
def test_what_moves_is_not_seen_before_its_styles_have_come(visit: Go, name: str) -> None:
    """The script of a component of ours comes first, as on a slow line it may."""
    there = visit()
    page, held = there.page, list[Route]()
    page.add_init_script(SHIFTS)
    page.route("**/bidi-components/**/*.css", lambda route: held.append(route))
    page.goto(f"{there.home}/{name}")
    section = body(page).locator(".stBidiComponent section").first
    expect(section).to_have_class(DRAWN)
    assert held
    expect(section).to_be_hidden()
    for one in held:
        one.continue_()
    expect(section).to_be_visible()
    settled(page)
    assert shifted(page) <= MOST


def test_neither_start_nor_a_knob_moves_what_is_pressed(visit: Go) -> None:
    page = visit(f"{LAB}?{LONG}").page
    settled(page)
    start, picture = button(page, WORDS("run.start")), main(page)
    before = start.bounding_box(), picture.bounding_box()
    slider = body(page).get_by_role("slider", name="Examples")
    there = slider.bounding_box()
    slider.press("ArrowLeft")
    idle(page)
    assert slider.bounding_box()["y"] == there["y"]  # type: ignore[index]
    start.click()
    body(page).get_by_test_id("stProgress").wait_for()
    assert (start.bounding_box(), picture.bounding_box()) == before
    button(page, WORDS("run.stop")).click()
    body(page).get_by_test_id("stProgress").wait_for(state="detached")
    assert (start.bounding_box(), picture.bounding_box()) == before


def test_the_corners_own_stop_does_what_ours_does(visit: Go) -> None:
    page = visit(f"{LAB}?{LONG}&throw_seed=8").page
    settled(page)
    button(page, WORDS("run.start")).click()
    body(page).get_by_test_id("stProgress").wait_for()
    page.get_by_test_id("stStatusWidget").get_by_role("button").click()
    body(page).get_by_test_id("stProgress").wait_for(state="detached")
    button(page, WORDS("run.start")).wait_for()
    assert button(page, WORDS("run.start")).is_enabled()
