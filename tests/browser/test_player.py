"""The stepper by itself in a real browser, behind the app's own headers: it plays, keeps its place, sends nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from operator import ne
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Locator, Page, expect

from dashboard.player import Steps
from lib.programs.sort.merge_sort import MergeSort
from lib.programs.sort.radix_sort import RadixSort
from tests.bench.visitor import Server, serving
from tests.browser.conftest import Arrive, until, within

pytestmark = pytest.mark.xdist_group("player")  # they share a server

# A server with the real headers whose only page is a player, and what a page does to one: draw it again, give it other
# steps, take it away.
PAGE = """
import streamlit as st

if __name__ == "__main__":
    from dashboard.app import components
    from dashboard.player import HERE, Answer, Steps, pack, play
    from lib.programs.sort.merge_sort import MergeSort
    from lib.programs.sort.radix_sort import RadixSort

    words = dict.fromkeys(["start", "back", "play", "pause", "forward", "speed", "place"])
    words = {name: name.capitalize() for name in words} | {
        "title": "Steps",
        "step": "step {step} of {steps}",
        "held": "in hand {held}",
        "count": "comparisons {comparisons} · n·log₂ n = {bound}",
        "bars": "{row} | {touched}",
    }
    sort = RadixSort() if "radix" in st.query_params else MergeSort()
    row = [[13, 3, 13, 12, 5, 30, 3, 21, 9][number % 9] for number in range(int(st.query_params["n"]))]
    st.header("A player")
    st.button("Again")
    if st.checkbox("Other"):
        row.reverse()
    if "raced" in st.query_params:
        words |= {"program": "program", "program_end": "program: right", "other": "net", "other_end": "net: ended"}
        steps = Steps.of(sort.trace(row))
        answer = Answer(row, [place % 2 == 1 for place in range(len(row))]) if st.checkbox("Guessed") else None
        components.redraw(st.empty(), HERE, pack(steps, words, "one", answer, raced=True), "one")
    elif not st.checkbox("Away"):
        play(Steps.of(sort.trace(row)), words, "one")
    st.text("drawn")
else:
    from dashboard.app import hosting

    app = st.App(__file__, middleware=hosting.MIDDLEWARE)
"""
ROW = [13, 3, 13, 12, 5, 30, 3, 21, 9]  # as on that page; some numbers are equal
STEPS = Steps.of(MergeSort().trace(ROW))
LAST = len(STEPS.rows) - 1

# Which clocks of the page are running.
CLOCKS = """
window.clocks = new Set();
const [begin, end] = [setInterval, clearInterval];
window.setInterval = (...how) => { const clock = begin(...how); clocks.add(clock); return clock; };
window.clearInterval = (clock) => { clocks.delete(clock); end(clock); };
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    script = tmp_path_factory.mktemp("player") / "player_page.py"
    script.write_text(PAGE, encoding="utf-8")
    with serving(str(script)) as one:
        yield one


Go = Callable[..., Page]


@pytest.fixture
def go(server: Server, arrive: Arrive) -> Go:
    """Open the page with a row of n numbers."""

    def visit(n: int = len(ROW), link: str = "", **how: Any) -> Page:
        page = arrive(server.address, f"?n={n}{link}", **{"width": 1000, "height": 800, "script": CLOCKS} | how).page
        drawn(page)
        expect(player(page)).to_be_visible()
        return page

    return visit


def drawn(page: Page) -> None:
    expect(page.get_by_text("drawn")).to_be_visible()
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def player(page: Page) -> Locator:
    return page.get_by_role("group", name="Steps")


def press(page: Page, name: str) -> None:
    """Also where the button says that there is nothing further, for which Playwright would wait."""
    player(page).get_by_role("button", name=name, exact=True).click(force=True)


def stands_at(page: Page, step: int, last: int = LAST) -> None:
    expect(player(page).locator(".step")).to_have_text(f"step {step} of {last}")


def shown(page: Page) -> list[int]:
    """The numbers as they stand on the screen, from left to right, once the bars have come to rest."""
    return player(page).evaluate(
        """async player => {
            await Promise.all(player.getAnimations({ subtree: true }).map(one => one.finished));
            const bars = [...player.querySelectorAll('.bar')];
            bars.sort((a, b) => a.getBoundingClientRect().left - b.getBoundingClientRect().left);
            return bars.map(bar => Number(bar.textContent));
        }"""
    )


@pytest.mark.parametrize("sort", [MergeSort, RadixSort])
def test_every_step_is_shown_as_the_program_made_it(go: Go, sort: Any) -> None:
    page = go(link="&radix=1" if sort is RadixSort else "", reduced_motion="reduce")
    steps = Steps.of(sort().trace(ROW))
    last = len(steps.rows) - 1
    for step, (row, touched) in enumerate(zip(steps.rows, steps.touched, strict=True)):
        stands_at(page, step, last)
        bars = player(page).get_by_role("img")
        expect(bars).to_have_attribute(
            "aria-label", f"{', '.join(map(str, row))} | {', '.join(str(row[place]) for place in touched) or '–'}"
        )
        assert shown(page) == list(row)
        held = steps.held[step]
        expect(player(page).locator(".held")).to_have_text(f"in hand {'–' if held is None else held}")
        expect(player(page).locator(".count")).to_have_text(f"comparisons {steps.comparisons[step]} · n·log₂ n = 29")
        expect(player(page).locator(".touched")).to_have_count(len(set(touched)))
        press(page, "Forward")
    stands_at(page, last, last)  # and no further
    press(page, "Back")
    stands_at(page, last - 1, last)
    press(page, "Start")
    stands_at(page, 0, last)
    press(page, "Back")
    stands_at(page, 0, last)


def test_it_plays_to_the_end_and_is_dragged_without_a_word_to_the_server(server: Server, arrive: Arrive) -> None:
    one = arrive(server.address, f"?n={len(ROW)}")
    page = one.page
    drawn(page)
    with one.unheard():
        player(page).get_by_label("Speed").select_option("64")
        press(page, "Play")
        stands_at(page, LAST)
        expect(player(page).get_by_role("button", name="Play", exact=True)).to_be_visible()  # it has stopped
        slider = player(page).get_by_role("slider")
        box = slider.bounding_box()
        assert box
        page.mouse.move(box["x"] + box["width"] - 8, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(box["x"] + 4, box["y"] + box["height"] / 2, steps=25)
        page.mouse.up()
        stands_at(page, 0)
        press(page, "Forward")
        player(page).press("ArrowRight")
        stands_at(page, 2)
    before = len(one.sent)
    page.get_by_role("button", name="Again").click()
    within(page, lambda: len(one.sent) > before)  # as a click on the page does


def test_play_and_pause(go: Go) -> None:
    page = go(64)  # more steps than anybody waits for
    one, idle = player(page), page.evaluate("clocks.size")
    press(page, "Play")
    expect(one.locator(".step")).to_have_text(re.compile("step [1-9]"))
    press(page, "Pause")
    expect(one.get_by_role("button", name="Play", exact=True)).to_be_visible()
    assert page.evaluate("clocks.size") == idle  # nothing is left that could go on
    one.focus()
    page.keyboard.press("Space")
    expect(one.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    page.keyboard.press("Space")
    expect(one.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_play_at_the_end_begins_anew(go: Go) -> None:
    page = go()
    player(page).press("End")
    stands_at(page, LAST)
    player(page).get_by_label("Speed").select_option("1")
    press(page, "Play")
    expect(player(page).locator(".step")).to_have_text(re.compile(r"step \d of"))
    player(page).get_by_label("Speed").select_option("64")
    stands_at(page, LAST)
    expect(player(page).get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_keys_step_and_jump(go: Go) -> None:
    page = go()
    one = player(page)
    one.focus()
    for key, step in [("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", LAST), ("Home", 0)]:
        page.keyboard.press(key)
        stands_at(page, step)
    one.get_by_role("button", name="Forward").focus()
    page.keyboard.press("Space")  # a button keeps its own
    stands_at(page, 1)
    one.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    stands_at(page, 2)
    for _ in range(LAST):
        one.get_by_role("button", name="Forward").press("Enter")
    expect(one.get_by_role("button", name="Forward")).to_be_focused()  # also where there is nothing further


def test_a_page_that_is_drawn_again_leaves_it_where_it_was(go: Go) -> None:
    page = go()
    for _ in range(5):
        press(page, "Forward")
    page.get_by_role("button", name="Again").click()
    drawn(page)
    stands_at(page, 5)
    page.get_by_text("Away").click()
    expect(player(page)).to_have_count(0)
    page.get_by_text("Away").click()
    drawn(page)
    stands_at(page, 5)
    assert shown(page) == list(STEPS.rows[5])
    page.get_by_text("Other", exact=True).click()
    expect(player(page).locator(".step")).to_have_text(re.compile("step 0"))
    assert shown(page) == list(STEPS.rows[0])[::-1]


def test_it_plays_on_while_the_page_is_drawn_again_and_ends_with_it(go: Go) -> None:
    page = go(64)
    idle = page.evaluate("clocks.size")
    press(page, "Play")
    until(page, "idle => clocks.size === idle + 1", idle)
    page.get_by_role("button", name="Again").click()
    drawn(page)
    expect(player(page).get_by_role("button", name="Pause", exact=True)).to_be_visible()
    until(page, "idle => clocks.size === idle + 1", idle)
    page.get_by_text("Away").click()
    expect(player(page)).to_have_count(0)
    until(page, "idle => clocks.size === idle", idle)


def test_sixty_four_bars_fit_a_phone_and_a_finger(go: Go) -> None:
    page = go(64, width=390, has_touch=True, is_mobile=True)
    assert page.get_by_test_id("stMain").evaluate("page => page.scrollWidth") <= 390
    inside = """player => {
        const box = player.getBoundingClientRect();
        return [...player.querySelectorAll('.bar')].every(bar => {
            const { left, right, width } = bar.getBoundingClientRect();
            return width > 3 && left >= box.left && right <= box.right + 0.5;
        });
    }"""
    assert player(page).evaluate(inside)
    expect(player(page).locator(".number").first).to_be_hidden()
    sizes = player(page).evaluate("p => [...p.querySelectorAll('button, select, input')].map(it => it.offsetHeight)")
    assert min(sizes) >= 36
    player(page).get_by_role("button", name="Forward").tap()
    expect(player(page).locator(".step")).to_have_text(re.compile("step 1 of"))


@pytest.mark.parametrize("n", [0, 1])
def test_a_row_without_steps_stands_still(go: Go, n: int) -> None:
    page = go(n)
    stands_at(page, 0, 0)
    press(page, "Play")
    press(page, "Forward")
    stands_at(page, 0, 0)
    expect(player(page).locator(".bar")).to_have_count(n)


def test_it_wears_the_colours_of_the_page(go: Go) -> None:
    colours = """player => [player, player.querySelector('button')].map(it => {
        const { color, backgroundColor } = getComputedStyle(it);
        return color + backgroundColor;
    })"""
    page = go(color_scheme="light")
    light = player(page).evaluate(colours)
    page.emulate_media(color_scheme="dark")
    within(page, lambda: all(map(ne, light, player(page).evaluate(colours))), "other colours in the dark")


def test_bars_glide_only_for_those_who_like_it(go: Go) -> None:
    page, bars = go(reduced_motion="reduce"), "bar => getComputedStyle(bar).transitionDuration"
    assert player(page).locator(".bar").first.evaluate(bars) == "0s"
    page.emulate_media(reduced_motion="no-preference")
    assert player(page).locator(".bar").first.evaluate(bars) != "0s"


def test_only_the_players_own_files_are_served(go: Go, server: Server) -> None:
    go()
    where = f"{server.address}/_stcore/bidi-components/horizon.player"
    for name, kind in [("player.js", "javascript"), ("player.css", "css")]:
        with urlopen(f"{where}/{name}") as told:
            assert kind in told.headers["content-type"]
            assert told.read() == (Path("dashboard/player/browser") / name).read_bytes()
    for path in ("../__init__.py", "..%2f__init__.py", "%2e%2e/__init__.py", "../../hosting.py"):
        with suppress(HTTPError), urlopen(f"{where}/{path}") as told:
            assert b"import" not in told.read().split(b"<script")[0]


BEGUN = """
window.begun = 0;
const toggle = DOMTokenList.prototype.toggle;
DOMTokenList.prototype.toggle = function (name, ...on) {
  if (name === "playing" && on[0] && !this.contains(name)) window.begun += 1;
  return toggle.call(this, name, ...on);
};
"""  # how often it has begun to play


def raced(go: Go, **how: Any) -> Page:
    return go(link="&raced=1", script=BEGUN, **how)


def test_a_race_plays_once_and_once_more_when_the_other_is_uncovered(go: Go) -> None:
    page = raced(go)
    one = player(page)
    stands_at(page, LAST)
    expect(one.get_by_role("button", name="Play", exact=True)).to_be_visible()
    expect(one.locator(".program")).to_have_text("program: right")
    expect(one.locator(".cell")).to_have_count(0)
    page.get_by_role("button", name="Again").click()
    drawn(page)
    stands_at(page, LAST)
    assert page.evaluate("begun") == 1
    page.get_by_text("Guessed", exact=True).click()
    until(page, "() => begun === 2")
    stands_at(page, LAST)
    expect(one.locator(".cell.wrong")).to_have_count(len(ROW) // 2)
    expect(one.locator(".cell.wrong").first).to_contain_text("✗")
    expect(one.locator(".other")).to_have_text("net: ended")
    page.get_by_role("button", name="Again").click()
    drawn(page)
    stands_at(page, LAST)
    assert page.evaluate("begun") == 2


def test_a_race_stands_at_its_end_for_those_who_like_it_calm_and_steps_by_keys(go: Go) -> None:
    page = raced(go, reduced_motion="reduce")
    page.get_by_text("Guessed", exact=True).click()
    one = player(page)
    expect(one.locator(".cell")).to_have_count(len(ROW))
    stands_at(page, LAST)
    one.press("Home")
    stands_at(page, 0)
    expect(one.locator(".other")).to_have_text("net")
    expect(one.locator(".cell.wrong")).to_have_count(0)
    one.press("ArrowRight")
    stands_at(page, 1)
    one.press("End")
    expect(one.locator(".cell.wrong")).to_have_count(len(ROW) // 2)
    assert page.evaluate("begun") == 0


@pytest.mark.parametrize("width", [390, 1000])
def test_a_race_keeps_its_place_and_fits_a_first_screen(go: Go, width: int) -> None:
    page = raced(go, width=width, reduced_motion="reduce")
    page.get_by_text("Guessed", exact=True).click()
    expect(player(page).locator(".cell")).to_have_count(len(ROW))
    told = player(page).evaluate("p => [p.offsetHeight, parseFloat(getComputedStyle(p).minHeight)]")
    assert told[0] <= told[1] + 4  # it is no higher than the room that was kept for it
    assert told[0] <= 345
    assert page.get_by_test_id("stMain").evaluate("page => page.scrollWidth") <= width
