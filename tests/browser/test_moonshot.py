"""Moonshot in a real browser: a launch by hand is counted, and a reload brings it back."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Go
from tests.browser.page import button, drawn

HIT = "moonshot_own_speed=10.9609&moonshot_own_phase=226.82"


def test_a_launch_by_hand_is_counted_and_moves_the_ledger(visit: Go) -> None:
    page = visit(f"moonshot?{HIT}").page
    drawn(page)
    trials = page.get_by_test_id("stMetric").filter(has_text="Your launches").get_by_test_id("stMetricValue")
    expect(trials).to_have_count(0)
    said = page.locator(".flights .says")
    expect(said).to_contain_text("Fly yourself")
    button(page, "Launch").click()
    expect(trials).to_have_text("1")
    expect(said).to_contain_text("Launch 1:")
    drawn(page, 1)  # the ledger with a row more
    button(page, "Launch").click()
    expect(trials).to_have_text("2")
    expect(said).to_contain_text("Launch 2:")
    page.reload()
    expect(trials).to_have_text("2")


def test_a_flight_plays_by_keyboard_and_stands_still_for_those_who_ask_for_less_motion(visit: Go) -> None:
    one = visit(f"moonshot?{HIT}", reduced_motion="reduce")
    page, day = one.page, one.page.locator(".flights .day")
    button(page, "Launch").click()
    expect(page.locator(".flights .says")).to_contain_text("Launch 1:")
    expect(day).to_contain_text("day")
    end = day.inner_text()
    assert end != "day 0.0"  # it has flown already
    slider = page.locator(".flights input")
    with one.unheard():
        slider.focus()
        page.keyboard.press("Home")
        expect(day).to_have_text("day 0.0")
        play = page.locator(".flights button")
        play.focus()
        page.keyboard.press("Enter")
        expect(day).to_have_text(end)
        expect(play).to_have_attribute("aria-label", "Play the flight")
