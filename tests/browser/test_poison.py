"""The dial of Poison in a real browser: what it moves, by hand and by keys, what it keeps, and that it fits."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.bench.visitor import Server, serving
from tests.browser.conftest import Arrive, idle

pytestmark = pytest.mark.xdist_group("dial")  # they share a server

# A server with the real headers whose only page is the dial of the shipped default, before a guess and after it.
PAGE = """
import streamlit as st

if __name__ == "__main__":
    from dashboard.app import components
    from dashboard.app.language import Texts
    from dashboard.page.gallery import ROOT
    from dashboard.pages.poison.dial import dial
    from lib import store
    from lib.labs.poison.lab import Poison

    st.header("A dial")
    st.button("Again")
    guessed = st.checkbox("Guessed")
    flips = st.checkbox("Flips")
    lab = Poison(oddity="flips") if flips else Poison()
    motion = dial(store.Store(str(store.SHIPPED)).get(lab), Texts("en", "poison"))
    components.redraw(st.empty(), ROOT / motion.plays, motion.packed if guessed else motion.covered, "dial")
    st.text("drawn")
else:
    from dashboard.app import hosting

    app = st.App(__file__, middleware=hosting.MIDDLEWARE)
"""
HEARD = re.compile(r"By the (\w+), (\d+) of the 24 digits shown are misread; read are ([\d ]+), written ([\d ]+)")
PIXELS = "canvas => canvas.toDataURL()"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    script = tmp_path_factory.mktemp("dial") / "dial_page.py"
    script.write_text(PAGE, encoding="utf-8")
    with serving(str(script)) as one:
        yield one


def opened(server: Server, arrive: Arrive, width: int = 1000, height: int = 800) -> Page:
    page = arrive(server.address, width=width, height=height).page
    again(page)
    walls(page).first.wait_for()
    return page


def again(page: Page) -> None:
    expect(page.get_by_text("drawn")).to_be_visible()
    idle(page)


def walls(page: Page) -> Locator:
    return page.locator(".dial canvas")


def misread(wall: Locator) -> int:
    """How many of the digits shown are said to be misread; it is what stands there, digit by digit."""
    told = HEARD.search(wall.get_attribute("aria-label") or "")
    assert told
    read, written = (told[part].split() for part in (3, 4))
    assert sum(a != b for a, b in zip(read, written, strict=True)) == int(told[2])
    return int(told[2])


def test_the_dial_turns_marked_digits_over_and_leaves_the_others(server: Server, arrive: Arrive) -> None:
    one = arrive(server.address, width=1000, height=800)
    page = one.page
    again(page)
    slider = page.get_by_role("slider")
    expect(slider).to_be_disabled()
    expect(page.locator(".veil")).to_contain_text("Covered")
    page.get_by_text("Guessed", exact=True).click()
    expect(slider).to_be_enabled()
    expect(page.locator(".veil")).to_be_empty()
    expect(slider).to_have_attribute("aria-valuetext", "13 of 1,258 lessons (1 %)")
    with one.unheard():
        slider.press("Home")
        expect(page.locator(".count")).to_have_text("0 of 1,258 lessons (0 %)")
        plain, marked = walls(page).all()
        clean = misread(plain), misread(marked), marked.evaluate(PIXELS)
        slider.press("End")
        expect(page.locator(".count")).to_have_text("126 of 1,258 lessons (10 %)")
        assert misread(plain) <= clean[0] + 2
        assert clean[1] <= 4
        assert misread(marked) >= 22
        assert marked.evaluate(PIXELS) != clean[2]
        page.get_by_role("button", name="stencils").click()
        expect(page.get_by_role("button", name="stencils")).to_have_attribute("aria-pressed", "true")
        assert misread(marked) <= 12


def test_its_place_is_kept_when_the_page_is_drawn_again(server: Server, arrive: Arrive) -> None:
    page = opened(server, arrive)
    page.get_by_text("Guessed", exact=True).click()
    slider = page.get_by_role("slider")
    expect(slider).to_be_enabled()
    slider.press("ArrowRight")
    expect(page.locator(".count")).to_have_text("25 of 1,258 lessons (2 %)")
    page.get_by_role("button", name="Again").click()
    again(page)
    expect(page.locator(".count")).to_have_text("25 of 1,258 lessons (2 %)")
    page.get_by_text("Flips", exact=True).click()
    expect(walls(page)).to_have_count(1)
    expect(page.locator(".count")).to_have_text("25 of 1,258 lessons (2 %)")
    expect(page.locator("figcaption")).to_contain_text("Of the 1s")


@pytest.mark.parametrize("width", [390, 850])
def test_it_fits(server: Server, arrive: Arrive, width: int) -> None:
    page = opened(server, arrive, width=width, height=844)
    page.get_by_text("Guessed", exact=True).click()
    expect(page.get_by_role("slider")).to_be_enabled()
    wide, grown = page.locator(".dial").evaluate(
        """dial => [
            dial.scrollWidth - dial.clientWidth,
            dial.offsetHeight - parseFloat(getComputedStyle(dial).minHeight),
        ]"""
    )
    assert wide <= 0
    assert grown <= 4  # it is no higher than the room that was kept for it
    top = [wall.bounding_box() for wall in walls(page).all()]
    assert all(top)
    assert (top[1]["y"] < top[0]["y"]) == (width == 390)  # on a phone the marked ones come first  # type: ignore[index]
