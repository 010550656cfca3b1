"""What a page makes of its address and of the browser's language."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from dashboard.app.language import LANGUAGES, Texts
from lib.labs import LABS
from tests.browser.conftest import Go
from tests.browser.page import body, drawn
from tests.sample import LAB, WORDS


def test_the_language_is_the_browsers_and_a_switch_keeps_the_knobs(visit: Go) -> None:
    page = visit(f"{LAB}?throw_drag=0.02", locale="zh-CN").page
    title = page.locator("h1").first
    expect(title).to_have_text(Texts("zh", LAB)("question"))
    expect(page.locator("html")).to_have_attribute("lang", "zh")
    page.get_by_text(LANGUAGES["en"], exact=True).click()
    expect(title).to_have_text(WORDS("question"))
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page).to_have_url(re.compile("throw_drag=0.02"))
    expect(page).to_have_url(re.compile("lang=en"))
    expect(body(page).get_by_text(WORDS("run.shipped"))).to_be_visible()
    picked = body(page).get_by_test_id("stSelectbox").filter(has_text=WORDS("knobs.leave.label")).locator("input")
    expect(picked).to_have_value(WORDS("knobs.leave.choices.gravity"))


def test_the_menu_marks_the_open_page_and_a_frame_on_another_site_has_none(visit: Go) -> None:
    page = visit(LAB).page
    expect(page.locator("header")).to_contain_text(f"{WORDS('menu.learned')}: {WORDS('title')}")
    page = visit(f"{LAB}?embed=true").page
    drawn(page)
    expect(page.get_by_test_id("stTopNavLink")).to_have_count(0)
    expect(page.locator(".st-key-language")).to_have_count(0)


def test_a_slider_shows_what_it_stands_at(visit: Go) -> None:
    page = visit("throw?throw_drag=0.005&throw_learning_rate=0.0003&throw_examples=77").page
    for knob, shown in {"drag": "0.005", "examples": "77"}.items():
        slider = body(page).get_by_test_id("stSlider").filter(has_text=WORDS(f"knobs.{knob}.label"))
        expect(slider.get_by_test_id("stSliderThumbValue")).to_have_text(shown)


def test_a_projector_sees_no_menu_and_only_the_named_knobs(visit: Go) -> None:
    page = visit("throw?present=1&show=examples&throw_drag=0.02").page
    drawn(page)
    expect(page.get_by_test_id("stTopNavLink")).to_have_count(0)
    expect(body(page).get_by_role("slider", name=WORDS("knobs.examples.label"))).to_be_visible()
    expect(body(page).get_by_text(WORDS("knobs.drag.label"))).to_have_count(0)
    expect(page).to_have_url(re.compile("throw_drag=0.02"))


def test_an_address_without_a_page_says_so_and_names_those_there_are(visit: Go) -> None:
    page = visit("nowhere?lang=zh").page
    expect(page.locator("h1")).to_have_text(Texts("zh", "common")("missing.title"))
    expect(body(page).get_by_test_id("stPageLink")).to_have_count(1 + len(LABS))
