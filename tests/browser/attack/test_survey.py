"""Every attack, reader and defence, on a phone in the dark: covered until the guess, then picture by picture."""

from __future__ import annotations

from playwright.sync_api import expect

from dashboard.app.language import Texts
from tests.browser.conftest import Go, idle
from tests.browser.looks import against_rules
from tests.browser.page import body
from tests.browser.test_photo import PHONE

VIEWS = {"survey": 6, "transfer": 1, "defences": 3}


def test_sections_are_covered_until_the_guess_and_then_drawn_without_fault(visit: Go) -> None:
    one = visit("attack?lang=en", covered=True, color_scheme="dark", **PHONE)
    page, words = one.page, Texts("en", "attack")
    told = {name: body(page).locator(f".st-key-attack_{name}_unfolded") for name in VIEWS}
    for name, section in told.items():
        idle(page)
        section.locator("summary").click()
        expect(section).to_contain_text(words(f"{name}.text")[:40])
    idle(page)
    expect(told["transfer"].get_by_test_id("stVegaLiteChart")).to_have_count(0)
    idle(page)
    body(page).get_by_role("button", name=words("guess.show"), exact=True).first.click()
    expect(told["transfer"]).to_contain_text("misread by itself")
    idle(page)
    for name, count in VIEWS.items():
        views = told[name].locator(f".st-key-attack_{name}_view_en button")
        expect(views).to_have_count(count + 1)  # and the data
        for place in range(count):
            views.nth(place).click()
            idle(page)
            told[name].locator("svg.marks").first.wait_for()
            wide = told[name].evaluate("it => [it.scrollWidth, it.clientWidth]")
            assert wide[0] <= wide[1] + 1
    assert against_rules(page) == []
