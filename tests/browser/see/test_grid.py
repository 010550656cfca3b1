"""The grid of what filters want to see: scrubbed, played, chosen by hand and by key; the server hears nothing of it."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Go
from tests.browser.page import body


def painted(canvas: Locator) -> str:
    return canvas.evaluate("it => it.toDataURL()")


def test_filters_grow_and_are_chosen_without_the_server(visit: Go) -> None:
    one = visit("see?lang=en", reduced_motion="reduce")
    grid = body(one.page).locator(".grid.drawn")
    filters, own, said = grid.get_by_role("radio"), grid.locator(".own canvas"), grid.locator(".said")
    expect(filters).to_have_count(24)
    expect(said).to_have_text("step 24 of 24")  # nothing moves by itself for those who want it so
    with one.unheard():
        grown = painted(own)
        grid.get_by_role("slider").fill("0")
        expect(said).to_have_text("step 3 of 24")
        assert painted(own) != grown
        grid.get_by_role("button", name="Play the growth").click()
        expect(said).to_have_text("step 24 of 24")
        assert painted(own) == grown

        filters.nth(5).click()
        expect(filters.nth(5)).to_be_checked()
        expect(grid.get_by_text("what filter 5 wants to see")).to_be_visible()
        assert painted(own) == painted(filters.nth(5).locator("canvas")) != grown
        patches = grid.locator("li")
        expect(patches).to_have_count(4)
        best = patches.first.get_by_role("img")
        expect(best).to_have_attribute("aria-label", re.compile(r"^What excites filter 5: [\w ]+: [\d.]+$"))
        beside = painted(best)

        one.page.keyboard.press("ArrowRight")
        expect(filters.nth(6)).to_be_focused()
        expect(filters.nth(6)).to_be_checked()
        expect(grid.get_by_role("radio", checked=True)).to_have_count(1)
        assert painted(best) != beside
        one.page.keyboard.press("ArrowLeft")
        one.page.keyboard.press("ArrowLeft")
        one.page.keyboard.press("Enter")
        expect(filters.nth(4)).to_be_checked()
        one.page.keyboard.press("End")
        one.page.keyboard.press("ArrowDown")
        expect(filters.nth(23)).to_be_checked()
    box = grid.bounding_box()
    assert box
    assert box["y"] + box["height"] <= 720  # all of it on the first screen
    assert one.errors == []


def test_the_growth_plays_once_when_it_is_first_seen(visit: Go) -> None:
    one = visit("see?lang=en", width=390, height=280)
    grid = body(one.page).locator(".grid.drawn")
    said, tiles = grid.locator(".said"), grid.locator(".all")
    expect(said).to_have_text("step 3 of 24")
    tiles.scroll_into_view_if_needed()
    expect(said).to_have_text("step 24 of 24")
    box = tiles.get_by_role("radio").first.bounding_box()
    assert box
    assert box["width"] >= 44  # a finger fits
    assert one.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
