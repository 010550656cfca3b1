"""What every page promises: it is whole in each language, in its place on a screen and on a phone, read by ear, by
keyboard and in either look, and asks nobody else.

Each is opened once, and what is seen before anything is touched is noted (`opened`); then it is looked at in each
language, all of it unfolded (`words`). How it comes up before a guess, and on a phone, takes a load each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from dashboard.app.language import LANGUAGES, Texts
from lib.labs import LABS
from tests.bench.visitor import Server
from tests.browser.conftest import Go, Visit, arriving, idle, until
from tests.browser.keys import FURTHER, TABS, walk
from tests.browser.looks import LOOKS, against_rules, faults, painted
from tests.browser.page import body, bottom, button, changed, charts, drawn, figures, settled
from tests.browser.page import main_picture as main

SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifts.push(one.value);
}).observe({ type: "layout-shift", buffered: true });
"""
DRAWN = re.compile(r"\bdrawn\b")  # the script of a component has come
MOST = 0.1  # of the screen, what a browser calls a good page

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

SAID = "[class*=_main] [data-testid=stMarkdown], .flights .says"
"""The sentence of finding by the main picture; by the visitor's own flight what became of that."""

ANSWERED = {"en": "^(You said|You guess)", "zh": "^(你说|你猜)"}


@dataclass(frozen=True)
class Opened:
    """A page, uncovered, and what was seen before anything of it was touched: where its main picture ends and what is
    said of that, how tall it is and how far things jumped; then all stops of the tab key and what one of them moves."""

    path: str
    visit: Visit
    bottom: float
    said: float
    tall: int
    shifted: float
    stops: list[Any]
    values: list[str]

    @property
    def page(self) -> Page:
        return self.visit.page


def together(path: str) -> Any:
    """All tests of a page, in one process."""
    return pytest.param(path, marks=pytest.mark.xdist_group(f"page {path}"), id=path or "home")


PATHS = [together(path) for path in (*LABS, "")]
of_a_lab = pytest.mark.parametrize("opened", PATHS[:-1], indirect=True)


@pytest.fixture(scope="module", params=PATHS)
def opened(request: Any, app: Server, chromium: Callable[..., BrowserContext]) -> Iterator[Opened]:
    with arriving(chromium) as arrive:
        link = f"{request.param}?lang=en&reveal=1"
        visit = arrive(app.address, link, script=SHIFTS, reduced_motion="reduce")
        drawn(visit.page)
        settled(visit.page)
        ends = [main(visit.page), body(visit.page).locator(SAID).last] if request.param else []  # on Home there is none
        seen = *(map(bottom, ends) if ends else (0.0, 0.0)), tall(visit.page), shifted(visit.page)
        yield Opened(request.param, visit, *seen, *walk(visit.page))


@pytest.fixture(scope="module", params=LANGUAGES)
def words(request: Any, opened: Opened) -> Texts:
    """The page speaks this language, by its own switch; its guess is made, and all that can be unfolded is."""
    page, said = opened.page, Texts(request.param, opened.path or "home")
    page.set_viewport_size({"width": 1280, "height": 720})
    page.get_by_text(LANGUAGES[said.language], exact=True).click()
    expect(page.locator("h1")).to_have_text(said("question"))
    settled(page)
    if opened.path:
        expect(body(page).get_by_text(said("run.shipped")).first).to_be_visible()
        bet = body(page).locator("[class*=_guess]").get_by_role("radio").first
        if bet.get_attribute("aria-checked") != "true":  # in the language before it was made
            bet.click()
        expect(body(page).get_by_text(re.compile(ANSWERED[said.language]))).to_be_visible()
        assert len(figures(page)) == 4
        unfold(page)
    return said


def shifted(page: Page) -> float:
    return page.evaluate("shifts.reduce((sum, one) => sum + one, 0)")


def tall(page: Page) -> int:
    return page.get_by_test_id("stMain").evaluate("page => page.scrollHeight")


def unfold(page: Page) -> None:
    """Everything that is folded is unfolded, by keys."""
    for fold in body(page).get_by_test_id("stExpander").all():
        if fold.locator("details").get_attribute("open") is None:
            idle(page)
            fold.locator("summary").press("Enter")
        expect(fold.get_by_test_id("stElementContainer").last).to_be_visible()
    settled(page)
    until(page, "() => [...document.querySelectorAll('pre')].every(code => code.tabIndex === 0)")


@of_a_lab
def test_the_first_screen_has_the_whole_picture_and_does_not_jump(opened: Opened) -> None:
    assert opened.bottom <= 720
    assert opened.said <= 720
    assert opened.tall <= 4 * 720
    assert opened.shifted <= MOST


@pytest.mark.parametrize("name", LABS)
def test_what_moves_is_not_seen_before_its_styles_have_come_and_keeps_its_room(visit: Go, name: str) -> None:
    """Before the guess. The script of a component of ours comes first, as on a slow line it may."""
    held: list[Route] = []
    page = visit(name, covered=True, script=SHIFTS, held=("**/bidi-components/**/*.css", held)).page
    section = body(page).locator(".stBidiComponent section")
    section.or_(body(page).locator("[class*=_main] svg.marks")).first.wait_for(state="attached")
    if section.count():
        expect(section.first).to_have_class(DRAWN)
        assert held
        expect(section.first).to_be_hidden()
        for one in held:
            one.continue_()
        expect(section.first).to_be_visible()
    settled(page)
    assert bottom(main(page)) <= 720
    assert tall(page) <= 4 * 720
    assert shifted(page) <= MOST
    assert against_rules(page) == []


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (390, 844)])
def test_home_does_not_jump(visit: Go, width: int, height: int) -> None:
    """In Chinese, whose words take other rooms than what stands there before the letters have come."""
    page = visit("?lang=zh", covered=True, script=SHIFTS, width=width, height=height).page
    drawn(page)
    settled(page)
    assert charts(page).count() == len(LABS)
    assert shifted(page) <= MOST


@pytest.mark.parametrize("name", LABS)
def test_on_a_phone_the_first_screen_reaches_into_the_picture(visit: Go, name: str) -> None:
    page = visit(name, covered=True, script=SHIFTS, width=390, height=844, color_scheme="dark").page
    drawn(page)
    settled(page)
    box = main(page).bounding_box()
    assert box
    assert box["y"] + min(box["height"], 300) / 2 <= 844
    options = body(page).locator("[class*=_guess]").get_by_role("radio").all()
    assert all((bet := one.bounding_box() or {})["x"] >= 0 and bet["x"] + bet["width"] <= 390 for one in options)
    assert tall(page) <= 6 * 844
    assert shifted(page) <= MOST
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", LOOKS["dark"])
    assert against_rules(page) == []


@of_a_lab
def test_start_and_what_moves_the_picture_are_a_few_keys_away_and_every_stop_is_seen(opened: Opened) -> None:
    stops = opened.stops
    assert [one for one in stops if not (one["ringed"] and one["clear"])] == []
    assert stops[0]["first"]
    assert stops[1]["main"]
    start = next(place for place, one in enumerate(stops) if one["runs"])
    assert start < TABS
    assert any(one["moves"] for one in stops[start + 1 : start + 1 + FURTHER])
    assert len(set(opened.values)) > 1
    assert stops[-2]["left"]
    assert stops[-1]["first"]  # it was the page's end


@of_a_lab
def test_neither_a_chart_nor_axe_complains_whatever_tab_is_opened(opened: Opened) -> None:
    tabs = body(opened.page).get_by_role("tab").all()
    for tab in (*tabs[1:], tabs[0]):
        tab.click()
        settled(opened.page)
        assert against_rules(opened.page, "[class*=_further]") == []
        sliders = body(opened.page).locator(".vega-bind input[type=range]").filter(visible=True)
        for index in range(sliders.count()):
            for key in ("Home", "End"):
                sliders.nth(index).press(key)
        settled(opened.page)
    assert opened.visit.errors == []


def test_it_says_its_language_and_its_name_and_nothing_that_is_not_meant(opened: Opened, words: Texts) -> None:
    page = opened.page
    expect(page).to_have_title(words("title"))
    expect(page.locator("html")).to_have_attribute("lang", words.language)
    expect(page.locator("h1")).to_have_text(words("question"))
    told = body(page).evaluate(TOLD)
    assert len(told) > 5
    assert [one for one in told if re.search(r"\*\*|:gray|\]\(|[{}]|\bnan\b|\bNone\b(?! of)|undefined", one)] == []


@of_a_lab
def test_what_can_be_moved_in_a_picture_moves_it_and_the_server_hears_nothing(opened: Opened, words: Texts) -> None:
    assert words
    opened.page.set_viewport_size({"width": 1280, "height": 720})
    with opened.visit.unheard():
        for picture in charts(opened.page).all():
            for control in picture.locator("select").all():
                before = picture.locator("svg.marks").inner_html()
                control.select_option(index=control.evaluate("it => (it.selectedIndex + 1) % it.options.length"))
                changed(picture.locator("svg.marks"), before)
            for control in picture.locator("input[type=range]").all():
                before = picture.locator("svg.marks").inner_html()
                at_the_end = control.evaluate("it => it.value === it.max")
                control.press("Home" if at_the_end else "End")
                changed(picture.locator("svg.marks"), before)
    assert opened.visit.errors == []


@of_a_lab
def test_the_knobs_that_few_turn_stand_side_by_side_without_a_gap(opened: Opened, words: Texts) -> None:
    assert words
    opened.page.set_viewport_size({"width": 1280, "height": 720})
    places = [one.bounding_box() or {} for one in body(opened.page).locator("[class*=_rest] > *").all()]
    assert places[0]["y"] == places[1]["y"]
    assert max(one["height"] for one in places) <= 120


def test_axe_finds_no_fault(opened: Opened, words: Texts) -> None:
    """Whatever is unfolded, in each look and in each language: of the four pairs two."""
    look = dict(zip(LANGUAGES, LOOKS, strict=True))[words.language]
    painted(opened.page, look)
    told = faults(opened.page)
    assert not told, "\n".join(map(str, told))


LONGEST = "it => [...it.options].reduce((at, one, i, all) => one.text.length < all[at].text.length ? at : i, 0)"
"""Which choice has the longest name, and so, as a rule, takes the most room."""


def cut(page: Page) -> list[str]:
    """What is cut of pictures once they have been drawn."""
    with suppress(AssertionError):  # the list says more
        until(page, f"() => ({CUT})().length === 0")
    return page.evaluate(CUT)


def test_it_fits_a_phone(opened: Opened, words: Texts) -> None:
    page = opened.page
    page.set_viewport_size({"width": 390, "height": 844})
    until(page, "() => document.querySelector('[data-testid=stMain]').scrollWidth <= 390")
    assert cut(page) == []
    if opened.path:
        tabs = body(page).get_by_role("tab").all()
        for tab in (*tabs[1:], tabs[0]):
            tab.click()
            settled(page)
            for every in charts(page).get_by_role("checkbox").all():
                every.check()
            for pick in charts(page).locator("select").all():
                pick.select_option(index=pick.evaluate(LONGEST))
            assert cut(page) == [], tab.inner_text()
        button(page, words("run.start")).scroll_into_view_if_needed()
        expect(button(page, words("run.start"))).to_be_visible()
