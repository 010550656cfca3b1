"""The page Paper ball in a real browser: scrub, play, turn, with mouse, keys and a finger, and points of one's own."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import CDPSession, Locator, Page, expect

from lib.labs import LABS
from tests.browser.conftest import Go, Visit, rendered, until
from tests.browser.page import body, button, finished, run_to_the_end, settled

DISC = f"paper?v={LABS['paper'].version}"  # the defaults
UNFOLDED = "Layer 6 of 7 · a small push (residual) · 100 %"
PLANE = "paper?paper_width=2&paper_depth=4"  # shipped, drawn as a plane
QUICK = "paper_steps=200&paper_seeds=2&paper_examples=250"
SLIDER = "document.querySelector('[data-testid=stBidiComponentIsolated]').shadowRoot.querySelector('.slider')"
MOVED = f"than => Number({SLIDER}.value) > than"
LEFT = f"was => Number({SLIDER}.value) !== was"
SCROLLED = "() => document.querySelector('[data-testid=stMain]').scrollTop"
HEARD = """window.heard = [];
(function hear() {
    const film = document.querySelector('[data-testid=stBidiComponentIsolated]');
    const text = film?.shadowRoot?.querySelector('.move')?.textContent;
    if (text && text !== window.heard.at(-1)) window.heard.push(text);
    requestAnimationFrame(hear);
})()"""  # what the film has said of itself, from the first frame on
TOLD = """was => document.querySelector('[data-testid=stBidiComponentIsolated]').shadowRoot
    .querySelector('.told').textContent !== was"""


def film(page: Page) -> Locator:
    return body(page).locator(".scrubber > canvas")


def slider(page: Page) -> Locator:
    return body(page).locator(".scrubber .slider")


def ready(page: Page) -> None:
    """The film is painted and stands, and the page asks for nothing more."""
    film(page).wait_for()
    settled(page)
    expect(body(page).locator(".scrubber .move")).not_to_be_empty()
    expect(body(page).get_by_role("button", name="Play", exact=True)).to_be_visible()


def at(page: Page) -> float:
    """Where the film stands, in moves."""
    rendered(page)
    return float(slider(page).input_value())


def painted(page: Page) -> str:
    rendered(page)
    return film(page).evaluate("canvas => canvas.toDataURL()")


def opened(visit: Go, path: str, **how: object) -> Visit:
    """A page whose film is ready."""
    one = visit(path, **{"reduced_motion": "reduce"} | how)
    ready(one.page)
    return one


def test_it_opens_on_the_flat_sheet_plays_once_by_itself_and_stands(visit: Go) -> None:
    page = visit("paper").page
    page.add_init_script(HEARD)
    page.reload()
    ready(page)
    move = body(page).locator(".scrubber .move")
    expect(move).to_have_text(UNFOLDED)
    assert page.evaluate("window.heard[0]") == "The flat sheet, before it is crumpled"
    page.get_by_test_id("stMain").get_by_role("tab", name="Data").click()
    page.get_by_test_id("stMain").get_by_role("tab", name="What this run says").click()
    settled(page)
    expect(move).to_have_text(UNFOLDED)
    expect(body(page).get_by_role("button", name="Play", exact=True)).to_be_visible()


def drag(page: Page, right: float, down: float = 0) -> None:
    film(page).scroll_into_view_if_needed()
    box = film(page).bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right, y + down, steps=20)
    page.mouse.up()


def test_dragging_a_plane_runs_it_through_the_layers_and_what_is_grabbed_stops(visit: Go) -> None:
    one = opened(visit, PLANE)
    page = one.page
    before, picture = at(page), painted(page)
    with one.unheard():
        drag(page, -200)
        assert at(page) < before - 1
        assert painted(page) != picture
        slider(page).focus()
        page.keyboard.press("Home")
        assert at(page) == 0
        page.keyboard.press(" ")
        until(page, MOVED, 0.2)
        film(page).hover()
        page.mouse.down()
        expect(body(page).get_by_role("button", name="Play", exact=True)).to_be_visible()
        held = at(page)
        box = film(page).bounding_box()
        assert box
        page.mouse.move(box["x"] + box["width"] / 2 + 1, box["y"] + box["height"] / 2)
        assert at(page) == pytest.approx(held, abs=0.1)
        page.mouse.up()


def test_nothing_plays_for_those_who_like_it_calm_a_space_is_turned_and_keys_step_play_and_turn(visit: Go) -> None:
    one = visit(DISC, reduced_motion="reduce")
    page = one.page
    film(page).wait_for()
    expect(body(page).locator(".scrubber .move")).to_have_text("Layer 2 of 3 · activation · 100 %")
    ready(page)
    expect(body(page).locator(".scrubber .key")).to_contain_text("paper: what the network says there")
    expect(body(page).locator(".scrubber table tr")).to_have_count(4)
    before, picture = at(page), painted(page)
    with one.unheard():
        drag(page, 150, 60)
        assert painted(page) != picture
        assert at(page) == before
        for where in (film, slider):
            step_play_and_turn(page, where(page))


def step_play_and_turn(page: Page, where: Locator) -> None:
    move, now = body(page).locator(".scrubber .move"), body(page).locator(".scrubber th.now")
    where.focus()
    page.keyboard.press("End")
    expect(now).to_have_text("3")
    page.keyboard.press("Home")
    expect(move).to_have_text(re.compile("before the first layer"))
    expect(now).to_have_text("input")
    page.keyboard.press("PageDown")
    expect(move).to_have_text(re.compile(r"Layer 1 of 3 · first rotation · 100 %"))
    page.keyboard.press("ArrowLeft")
    assert at(page) == pytest.approx(0.9)
    picture = painted(page)
    page.keyboard.press("Shift+ArrowRight")
    assert painted(page) != picture
    assert at(page) == pytest.approx(0.9)
    page.keyboard.press(" ")
    expect(body(page).get_by_role("button", name="Pause")).to_be_visible()
    until(page, MOVED, 1.5)
    page.keyboard.press(" ")
    expect(body(page).get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_digits_are_numerals_without_a_colour(visit: Go) -> None:
    page = opened(visit, "paper?paper_shape=digits&paper_width=16&paper_examples=1250").page
    expect(body(page).locator(".scrubber .key")).not_to_contain_text("paper:")
    expect(body(page).locator(".scrubber .told")).to_contain_text("pushed away from the mean picture")
    expect(body(page).locator(".scrubber .help")).to_contain_text("Each numeral is one digit")


def test_the_film_plays_to_its_end_and_backwards_to_the_ball(visit: Go) -> None:
    one = opened(visit, "paper")
    page = one.page
    body(page).get_by_text("Figures for each layer").click()
    expect(body(page).get_by_text("comes home to within 10⁻")).to_be_visible()
    with one.unheard():
        body(page).locator(".scrubber [name=speed]").select_option("4")
        body(page).get_by_role("button", name="Play backwards").click()
        expect(body(page).locator(".scrubber .move")).to_have_text("The flat sheet, before it is crumpled")
        assert at(page) == 0
        body(page).get_by_role("button", name="Play", exact=True).click()
        expect(body(page).get_by_role("button", name="One move on")).to_be_disabled()
        assert at(page) == float(slider(page).get_attribute("max") or 0)


def finger(session: CDPSession, kind: str, x: float, y: float) -> None:
    points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_a_finger_scrubs_on_a_phone_and_on_the_pad_it_moves_the_page_or_draws(visit: Go) -> None:
    one = opened(visit, PLANE, width=390, height=844, has_touch=True, is_mobile=True)
    page = one.page
    slider(page).scroll_into_view_if_needed()
    session = page.context.new_cdp_session(page)
    with one.unheard():
        for target, begins in ((slider(page), 0.8), (film(page), 0.5)):
            box = target.bounding_box()
            assert box
            before, x, y = at(page), box["x"] + box["width"] * begins, box["y"] + box["height"] / 2
            finger(session, "touchStart", x, y)
            for step in range(1, 11):
                finger(session, "touchMove", x - 12 * step, y)
            finger(session, "touchEnd", x, y)
            until(page, LEFT, before)
    body(page).get_by_text("Points of your own", exact=True).click()
    pad, told = body(page).locator(".pad canvas"), body(page).locator(".pad .count")
    expect(told).to_have_text("0 points; by class: 0 / 0 / 0 / 0")
    settled(page)
    pad.scroll_into_view_if_needed()
    before = page.evaluate(SCROLLED)
    swipe(session, pad, 0, -10)
    until(page, f"before => ({SCROLLED})() > before", before)
    pad.scroll_into_view_if_needed()
    expect(told).to_have_text("0 points; by class: 0 / 0 / 0 / 0")
    swipe(session, pad, 10, 0)
    expect(told).not_to_have_text("0 points; by class: 0 / 0 / 0 / 0")
    box = pad.bounding_box()
    assert box
    assert box["width"] <= 390 - 2 * 40  # beside it a thumb moves the page


def swipe(session: CDPSession, target: Locator, right: float, down: float) -> None:
    box = target.bounding_box()
    assert box
    x, y = box["x"] + box["width"] * 0.4, box["y"] + box["height"] / 2
    finger(session, "touchStart", x, y)
    for step in range(1, 11):
        finger(session, "touchMove", x + right * step, y + down * step)
    finger(session, "touchEnd", 0, 0)


def test_a_live_run_bends_the_paper_and_leaves_the_visitor_where_they_were(visit: Go) -> None:
    page = opened(visit, "paper?paper_steps=5000&paper_seeds=8&paper_depth=5&paper_width=3&paper_seed=3").page
    button(page, "Start").click()
    expect(body(page).get_by_role("progressbar")).to_be_visible()
    expect(body(page).get_by_text("Layer 5 of 6")).to_be_visible()
    slider(page).focus()
    page.keyboard.press("Home")
    film(page).evaluate("canvas => canvas.setAttribute('data-kept', '')")
    said = body(page).locator(".scrubber .told").inner_text()
    until(page, TOLD, said)
    assert at(page) == 0
    expect(film(page)).to_have_attribute("data-kept", "")  # built anew, it would flicker and lose its place
    button(page, "Stop").click()
    expect(body(page).get_by_text("Stopped at").first).to_be_visible()
    assert at(page) == 0


def paste(page: Page, rows: str) -> None:
    body(page).get_by_text("Points of your own", exact=True).click()
    field = body(page).get_by_role("textbox", name="Or paste")
    field.fill(rows)
    field.blur()
    button(page, "Use this table").click()


def test_pasted_points_are_in_the_link_and_can_be_learned(visit: Go) -> None:
    page = opened(visit, f"paper?{QUICK}").page
    rows = [f"{x / 10},{y / 10},{int(x > y)}" for x in range(-9, 10, 3) for y in range(-9, 10, 3)]
    paste(page, "x, y, class\n" + "\n".join(rows))
    expect(page).to_have_url(re.compile("paper_shape=drawn"))
    expect(page).to_have_url(re.compile("paper_points="))
    run_to_the_end(page)
    page.reload()
    finished(page)


def test_points_are_set_by_hand_and_by_keys_and_used_when_the_visitor_says_so(visit: Go) -> None:
    one = opened(visit, "paper")
    page = one.page
    body(page).get_by_text("Points of your own", exact=True).click()
    pad, told = body(page).locator(".pad canvas"), body(page).locator(".pad .count")
    kinds = body(page).locator(".pad [name=class]")
    expect(told).to_have_text("0 points; by class: 0 / 0 / 0 / 0")
    with one.unheard():
        pad.press(" ")
        expect(told).to_have_text("1 points; by class: 1 / 0 / 0 / 0")
        pad.press("ArrowRight")
        pad.press(" ")
        expect(told).to_have_text("2 points; by class: 2 / 0 / 0 / 0 · cross at 0.05, 0.00")
        before = pad.evaluate("canvas => canvas.toDataURL()")
        kinds.select_option("1")
        assert pad.evaluate("canvas => canvas.toDataURL()") != before  # the cross has the colour of what comes next
        pad.press(" ")  # a place has the class that came last
        expect(told).to_have_text("2 points; by class: 1 / 1 / 0 / 0 · cross at 0.05, 0.00")
        for kind, down in (("0", 0.3), ("1", 0.7)):
            kinds.select_option(kind)
            pad.scroll_into_view_if_needed()
            box, before = pad.bounding_box(), told.inner_text()
            assert box
            page.mouse.move(box["x"] + 20, box["y"] + down * box["height"])
            page.mouse.down()
            page.mouse.move(box["x"] + box["width"] - 20, box["y"] + down * box["height"], steps=30)
            page.mouse.up()
            expect(told).not_to_have_text(before)
    body(page).locator(".pad [name=use]").click()
    expect(page).to_have_url(re.compile("paper_points="))
    expect(page).to_have_url(re.compile("paper_shape=drawn"))
