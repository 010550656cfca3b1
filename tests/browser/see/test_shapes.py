"""Outline and coat on a phone: nothing is said before the guess, and the pair that is chosen stands in the address."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Go
from tests.browser.page import body


def test_a_guess_uncovers_what_is_read_and_the_pair_stands_in_the_address(visit: Go) -> None:
    one = visit("see?lang=en&see_outline=dog", covered=True, width=390, height=844)
    page = one.page
    section = body(page).locator(".st-key-see_shapes_unfolded")
    picture = section.get_by_role("img", name=re.compile("German shepherd"))
    expect(picture).to_be_visible()
    expect(section.locator("svg.marks")).to_have_count(0)
    section.get_by_role("radio", name="over 70 %").or_(section.get_by_role("button", name="over 70 %")).first.click()
    expect(section.get_by_text("You said over 70 %")).to_be_visible()
    expect(section.locator("svg.marks")).to_have_count(2)
    outline = section.get_by_role("combobox").first
    outline.fill("koala")
    outline.press("Enter")
    expect(section.get_by_role("img", name=re.compile("koala"))).to_be_visible()
    expect(page).to_have_url(re.compile("see_outline=koala"))
    assert one.errors == []
