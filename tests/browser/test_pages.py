"""What every page promises in every language: it is whole, on a screen and on a phone, and asks nobody else."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from playwright.sync_api import Page, expect

from dashboard.app.language import LANGUAGES, Texts
from lib.labs import LABS
from tests.browser.conftest import Go, Visit, idle, until
from tests.browser.page import body, button, changed, charts, drawn, figures, settled
from tests.sample import LAB, WORDS

CUT = """() => {
  const cut = [];
  for (const svg of document.querySelectorAll('[data-testid=stMain] svg.marks')) {
    const frame = svg.getBoundingClientRect();
    for (const text of svg.querySelectorAll('text')) {
      const box = text.getBoundingClientRect();
      const seen = box.width > 0 && getComputedStyle(text).opacity !== '0';
      if (seen && (box.left < frame.left - 4 || box.right > frame.right + 4)) cut.push(text);
    }
  }
  return cut.map(it => it.textContent);
}"""
"""What is cut at a side: words in pictures (a box is larger than its letters). Presets scroll sideways, in one line."""

TOLD = """page => {
  const roots = [page, ...[...page.querySelectorAll('*')].map(it => it.shadowRoot).filter(Boolean)];
  const texts = '[data-testid=stMarkdownContainer], svg text, [role=group] span, [role=group] th';
  return roots.flatMap(root => [...root.querySelectorAll(texts)].map(it => it.textContent));
}"""
"""Every text on the page and in its components."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["", *LABS])
def test_a_page_is_whole_and_fits_a_phone(visit: Go, path: str, language: str) -> None:
    one, words = visit(f"{path}?lang={language}"), Texts(language, path or "home")
    page = one.page
    drawn(page)
    expect(page.locator("h1")).to_have_text(words("question"))
    if path:
        expect(body(page).get_by_text(words("run.shipped"))).to_be_visible()
        assert len(figures(page)) == 4
        guess(page)
        settled(page)
        unfold(page)
        scrub(one)
    told = body(page).evaluate(TOLD)
    assert len(told) > 5
    assert [one for one in told if re.search(r"\*\*|:gray|\]\(|[{}]|\bnan\b|\bNone\b(?! of)|undefined", one)] == []
    page.set_viewport_size({"width": 390, "height": 844})
    until(page, "() => document.querySelector('[data-testid=stMain]').scrollWidth <= 390")
    with suppress(AssertionError):  # the list says more
        until(page, f"() => ({CUT})().length === 0")
    assert page.evaluate(CUT) == []
    if path:
        button(page, words("run.start")).scroll_into_view_if_needed()
        expect(button(page, words("run.start"))).to_be_visible()


def guess(page: Page) -> None:
    """The first bet is answered in words."""
    body(page).locator("[class*=_guess]").get_by_role("radio").first.click()
    expect(body(page).get_by_text(re.compile("^(You said|You guess|你说|你猜)"))).to_be_visible()


def unfold(page: Page) -> None:
    """Everything that can be unfolded is, and painted."""
    for fold in body(page).get_by_test_id("stExpander").all():
        idle(page)
        fold.locator("summary").click()
        expect(fold.get_by_test_id("stElementContainer").last).to_be_visible()
    settled(page)


def scrub(one: Visit) -> None:
    """Whatever can be moved in a picture moves it, and the server hears nothing of it."""
    with one.unheard():
        for picture in charts(one.page).all():
            for control in picture.locator("select").all():
                before = picture.locator("svg.marks").inner_html()
                control.select_option(index=control.evaluate("it => (it.selectedIndex + 1) % it.options.length"))
                changed(picture.locator("svg.marks"), before)
            for control in picture.locator("input[type=range]").all():
                before = picture.locator("svg.marks").inner_html()
                at_the_end = control.evaluate("it => it.value === it.max")
                control.press("Home" if at_the_end else "End")
                changed(picture.locator("svg.marks"), before)


def test_the_language_is_the_browsers_and_a_switch_keeps_the_knobs(visit: Go) -> None:
    page = visit(f"{LAB}?throw_drag=0.02", locale="zh-CN").page
    title = page.locator("h1").first
    expect(title).to_have_text(Texts("zh", LAB)("question"))
    page.get_by_text(LANGUAGES["en"], exact=True).click()
    expect(title).to_have_text(WORDS("question"))
    expect(page).to_have_url(re.compile("throw_drag=0.02"))
    expect(page).to_have_url(re.compile("lang=en"))
    expect(body(page).get_by_text(WORDS("run.shipped"))).to_be_visible()


def test_the_dark_look_is_dark(visit: Go) -> None:
    page = visit("attack", color_scheme="dark").page
    drawn(page)
    for place in (page.get_by_test_id("stApp"), charts(page).first.locator("svg.marks")):
        assert place.evaluate("it => getComputedStyle(it).backgroundColor") == "rgb(17, 21, 28)"


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
