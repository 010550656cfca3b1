"""Moonshot in a real browser: the map, the ledger, and a launch by hand that is counted."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import until
from tests.browser.test_visits import Go, body, button, charts

pytestmark = pytest.mark.xdist_group("browser")

HIT = "moonshot_own_speed=10.9465&moonshot_own_phase=10"


def painted(page: Page, count: int) -> None:
    for index in range(count):
        charts(page).nth(index).locator("svg.marks, canvas.marks").first.wait_for()


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_default_is_drawn_at_once(visit: Go, locale: str, scheme: str) -> None:
    page = visit("moonshot", locale=locale, color_scheme=scheme).page
    painted(page, 5)
    expect(body(page).get_by_test_id("stMetricValue")).to_have_count(4)


def test_it_reads_on_a_phone(visit: Go) -> None:
    page = visit("moonshot", width=390, height=844).page
    painted(page, 5)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_launch_by_hand_is_counted_and_moves_the_ledger(visit: Go) -> None:
    page = visit(f"moonshot?{HIT}").page
    painted(page, 5)
    trials = page.get_by_test_id("stMetric").filter(has_text="Your launches").get_by_test_id("stMetricValue")
    expect(trials).to_have_count(0)
    button(page, "Launch").click()
    expect(trials).to_have_text("1")
    expect(body(page).get_by_text("Launch 1:")).to_be_visible()
    painted(page, 7)  # its path, and the ledger with a row more
    button(page, "Launch").click()
    expect(trials).to_have_text("2")
    expect(body(page).get_by_text("Launch 2:")).to_be_visible()
    page.reload()
    expect(trials).to_have_text("2")


def test_a_link_to_a_launch_that_cannot_be_gets_a_sentence_and_the_nearest_that_can(visit: Go) -> None:
    page = visit("moonshot?moonshot_own_speed=3&moonshot_own_phase=nan").page
    painted(page, 5)
    expect(body(page).get_by_text("which cannot be")).to_have_count(2)
    slider = body(page).get_by_role("slider", name="Speed after the burn [km/s]")
    expect(slider).to_have_attribute("aria-valuetext", "7.7845")
    above = visit("moonshot?moonshot_own_speed=12").page
    slider = body(above).get_by_role("slider", name="Speed after the burn [km/s]")
    expect(slider).to_have_attribute("aria-valuetext", "11.0085")


def test_scrubbing_the_day_asks_the_server_nothing(visit: Go) -> None:
    page = visit().page
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda _: sent.append(1)))
    page.goto(page.url + "moonshot")
    painted(page, 5)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    picture = charts(page).nth(0)
    before, asked = picture.locator("svg, canvas").first.evaluate("it => it.outerHTML"), len(sent)
    picture.locator("input[type=range]").first.focus()
    page.keyboard.press("Home")
    first = "document.querySelectorAll('[data-testid=stVegaLiteChart]')[0].querySelector('svg, canvas').outerHTML"
    until(page, f"was => {first} !== was", before)
    assert asked > 0
    assert len(sent) == asked
