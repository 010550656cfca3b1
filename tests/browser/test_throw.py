"""The throw that flies, in a real browser: once by itself, never for those who like it calm, past what is uncovered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.bench.visitor import Server, serving
from tests.browser.conftest import Arrive, idle, until

pytestmark = pytest.mark.xdist_group("flight")  # they share a server

# A server with the real headers whose only page is the flight of the shipped default, before a guess and after it.
PAGE = """
import streamlit as st

if __name__ == "__main__":
    from dashboard.app import components
    from dashboard.app.language import Texts
    from dashboard.page.gallery import ROOT
    from dashboard.pages.throw.flight import throw
    from lib import store
    from lib.labs.throw import Throw

    st.header("A flight")
    st.button("Again")
    guessed = st.checkbox("Guessed")
    motion = throw(store.Store(str(store.SHIPPED)).get(Throw()), Texts("en", "throw"))
    components.redraw(st.empty(), ROOT / motion.plays, motion.packed if guessed else motion.covered, "flight")
    st.text("drawn")
else:
    from dashboard.app import hosting

    app = st.App(__file__, middleware=hosting.MIDDLEWARE)
"""
# How often it has begun to fly.
BEGUN = """
window.begun = 0;
const toggle = DOMTokenList.prototype.toggle;
DOMTokenList.prototype.toggle = function (name, ...on) {
  if (name === "flying" && on[0] && !this.contains(name)) window.begun += 1;
  return toggle.call(this, name, ...on);
};
"""
LANDED = """how => begun === how && !document.querySelector('[data-testid=stBidiComponentIsolated]')
    .shadowRoot.querySelector('.flying')"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    script = tmp_path_factory.mktemp("flight") / "flight_page.py"
    script.write_text(PAGE, encoding="utf-8")
    with serving(str(script)) as one:
        yield one


def opened(server: Server, arrive: Arrive, **how: Any) -> Page:
    page = arrive(server.address, **{"width": 1000, "height": 800, "script": BEGUN} | how).page
    drawn(page)
    sky(page).wait_for()
    return page


def drawn(page: Page) -> None:
    expect(page.get_by_text("drawn")).to_be_visible()
    idle(page)


def sky(page: Page) -> Locator:
    return page.locator(".flight .sky")


def test_it_flies_once_and_once_more_when_the_answers_are_uncovered(server: Server, arrive: Arrive) -> None:
    page = opened(server, arrive)
    until(page, LANDED, 1)
    expect(sky(page)).to_contain_text("Their answers are covered")
    expect(sky(page)).not_to_contain_text("network")
    page.get_by_role("button", name="Again").click()
    drawn(page)
    until(page, LANDED, 1)
    page.get_by_text("Guessed", exact=True).click()
    until(page, LANDED, 2)
    expect(sky(page)).to_contain_text("short")
    expect(sky(page)).to_have_attribute(
        "aria-label", re.compile(r"^gravity 1.62 m/s² · Moon: what happens 247 m; network .* short;")
    )
    page.get_by_role("button", name="Again").click()
    drawn(page)
    until(page, LANDED, 2)
    page.get_by_role("button", name="Throw").click()
    until(page, LANDED, 3)


def test_it_stands_at_its_end_for_those_who_like_it_calm_and_moves_by_keys(server: Server, arrive: Arrive) -> None:
    one = arrive(server.address, width=1000, height=800, script=BEGUN, reduced_motion="reduce")
    page = one.page
    drawn(page)
    slider = page.get_by_role("slider")
    expect(slider).to_have_attribute("aria-valuetext", "gravity 1.62 m/s² · Moon")
    with one.unheard():
        slider.press("End")
        expect(slider).to_have_attribute("aria-valuetext", "gravity 24.8 m/s² · Jupiter")
        expect(page.get_by_role("button", name="Jupiter")).to_have_attribute("aria-pressed", "true")
        page.get_by_role("button", name="Earth").press("Enter")
        expect(slider).to_have_attribute("aria-valuetext", "gravity 9.81 m/s² · Earth")
        expect(sky(page)).to_contain_text("network")  # inside training nothing is covered
        assert page.evaluate("begun") == 0
        page.get_by_role("button", name="Throw").press("Enter")
        until(page, LANDED, 1)


@pytest.mark.parametrize("width", [390, 850])
def test_its_place_is_kept_and_it_fits(server: Server, arrive: Arrive, width: int) -> None:
    page = opened(server, arrive, width=width, height=844, reduced_motion="reduce")
    page.get_by_text("Guessed", exact=True).click()
    expect(sky(page)).to_contain_text("what happens")
    told = page.locator(".flight").evaluate(
        """flight => {
            const inside = flight.querySelector('.sky').getBoundingClientRect();
            const out = [...flight.querySelectorAll('text')].filter(text => {
                const { left, right, top, bottom } = text.getBoundingClientRect();
                const across = left >= inside.left - 4 && right <= inside.right + 4;
                return !across || top < inside.top || bottom > inside.bottom + 2;
            });
            const least = parseFloat(getComputedStyle(flight).minHeight);
            return [out.map(text => text.textContent), flight.scrollHeight - least, flight.offsetHeight];
        }"""
    )
    assert told[0] == []
    assert told[1] <= 4  # it is no higher than the room that was kept for it
    assert told[2] <= 345
