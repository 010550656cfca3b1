"""Moonshot in a real browser: a launch by hand is counted, and a reload brings it back."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Go, rendered
from tests.browser.page import body, button, charts, drawn

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


def test_days_pass_by_themselves_on_the_map_of_all_launches(visit: Go) -> None:
    one = visit("moonshot")
    page = one.page
    drawn(page)
    body(page).get_by_role("tab", name="All launches on the map").click()
    day = charts(page).first.locator("input[name=day]")
    play = charts(page).first.get_by_role("button", name="Play", exact=True)
    last = day.get_attribute("max")
    expect(day).to_have_value(str(last))
    play.wait_for()
    with one.unheard():
        play.click()
        expect(day).not_to_have_value(str(last))
        charts(page).first.get_by_role("button", name="Pause", exact=True).click()
        stands = day.input_value()
        assert 0 <= float(stands) < float(last or 0)
        rendered(page)
        expect(day).to_have_value(stands)
        play.press("Enter")
        expect(day).to_have_value(str(last))  # it goes on from there
        expect(play).to_be_visible()


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
