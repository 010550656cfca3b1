"""Moonshot in a real browser: a launch by hand is counted, and a reload brings it back."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Go
from tests.browser.page import body, button, drawn

HIT = "moonshot_own_speed=10.9465&moonshot_own_phase=10"


def test_a_launch_by_hand_is_counted_and_moves_the_ledger(visit: Go) -> None:
    page = visit(f"moonshot?{HIT}").page
    drawn(page, 5)
    trials = page.get_by_test_id("stMetric").filter(has_text="Your launches").get_by_test_id("stMetricValue")
    expect(trials).to_have_count(0)
    button(page, "Launch").click()
    expect(trials).to_have_text("1")
    expect(body(page).get_by_text("Launch 1:")).to_be_visible()
    drawn(page, 7)  # its path, and the ledger with a row more
    button(page, "Launch").click()
    expect(trials).to_have_text("2")
    expect(body(page).get_by_text("Launch 2:")).to_be_visible()
    page.reload()
    expect(trials).to_have_text("2")
