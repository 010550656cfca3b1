"""The page Paper ball in a real browser: scrub, play, turn, with mouse, keys and a finger, and points of one's own."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import CDPSession, Locator, Page, expect

from tests.browser.conftest import Visit, idle, until
from tests.browser.test_visits import body, button, figures, run_to_the_end

pytestmark = pytest.mark.xdist_group("browser")  # one app, one browser

Go = Callable[..., Visit]
PLANE = "paper?paper_width=2&paper_depth=4"  # shipped, drawn as a plane
QUICK = "paper_steps=200&paper_seeds=2&paper_examples=250"


def film(page: Page) -> Locator:
    return body(page).locator(".scrubber > canvas")


def slider(page: Page) -> Locator:
    return body(page).locator(".scrubber .slider")


def ready(page: Page) -> None:
    """The film is painted, and the page asks for nothing more."""
    film(page).wait_for()
    idle(page)
    expect(body(page).locator(".scrubber .move")).not_to_be_empty()


def drawn_since(page: Page) -> None:
    """Whatever was asked for is on the screen: the film follows at the next frame."""
    page.evaluate("() => new Promise(tell => requestAnimationFrame(() => requestAnimationFrame(tell)))")


def at(page: Page) -> float:
    """Where the film stands, in moves."""
    drawn_since(page)
    return float(slider(page).input_value())


def painted(page: Page) -> str:
    drawn_since(page)
    return film(page).evaluate("canvas => canvas.toDataURL()")


def listened(visit: Go, path: str, **how: object) -> tuple[Page, list[object]]:
    """A page whose film is ready, and what it sends over its websocket from then on."""
    page = visit(**how).page
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda _: sent.append(1)))
    page.goto(page.url.split("?")[0] + path)
    ready(page)
    assert sent
    sent.clear()
    return page, sent


def drag(page: Page, right: float, down: float = 0) -> None:
    film(page).scroll_into_view_if_needed()
    box = film(page).bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right, y + down, steps=20)
    page.mouse.up()


def test_dragging_a_plane_runs_it_through_the_layers_and_asks_the_server_nothing(visit: Go) -> None:
    page, sent = listened(visit, PLANE)
    before, picture = at(page), painted(page)
    drag(page, -200)
    until(page, "was => document.querySelector('[data-testid=stBidiComponentIsolated]') !== null")
    assert at(page) < before - 1
    assert painted(page) != picture
    slider(page).focus()
    page.keyboard.press("Home")
    assert at(page) == 0
    page.wait_for_timeout(300)
    assert sent == []


def test_dragging_a_space_turns_it_and_asks_the_server_nothing(visit: Go) -> None:
    page, sent = listened(visit, "paper")
    before, picture = at(page), painted(page)
    drag(page, 150, 60)
    expect(film(page)).to_be_visible()
    assert painted(page) != picture
    assert at(page) == before
    page.wait_for_timeout(300)
    assert sent == []


@pytest.mark.parametrize("where", [film, slider])
def test_keys_step_play_and_turn(visit: Go, where: Callable[[Page], Locator]) -> None:
    page, sent = listened(visit, "paper")
    where(page).focus()
    page.keyboard.press("Home")
    expect(body(page).locator(".scrubber .move")).to_have_text(re.compile("before the first layer"))
    page.keyboard.press("PageDown")
    expect(body(page).locator(".scrubber .move")).to_have_text(re.compile(r"Layer 1 of 3 · rotation · 100 %"))
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
    assert sent == []


def test_a_plane_that_is_grabbed_stops_where_it_is(visit: Go) -> None:
    page = visit(PLANE).page
    ready(page)
    slider(page).focus()
    page.keyboard.press("Home")
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


def test_the_legend_says_what_the_colour_of_the_paper_is_and_digits_have_none(visit: Go) -> None:
    page = visit("paper").page
    ready(page)
    expect(body(page).locator(".scrubber .key")).to_contain_text("paper: what the network says there")
    page = visit("paper?paper_shape=digits&paper_width=16&paper_examples=1250").page
    ready(page)
    expect(body(page).locator(".scrubber .key")).not_to_contain_text("paper:")
    expect(body(page).locator(".scrubber .told")).to_contain_text("pushed away from the mean picture")
    expect(body(page).locator(".scrubber .help")).to_contain_text("Each numeral is one digit")


MOVED = """than => Number(document.querySelector('[data-testid=stBidiComponentIsolated]').shadowRoot
    .querySelector('.slider').value) > than"""


def test_the_film_plays_to_its_end_and_backwards_to_the_ball(visit: Go) -> None:
    page, sent = listened(visit, "paper?paper_shape=sheet&paper_crumple=0.7&paper_depth=6&paper_residual=true")
    expect(body(page).get_by_text("comes home to within 10⁻")).to_be_visible()
    body(page).locator(".scrubber [name=speed]").select_option("4")
    body(page).get_by_role("button", name="Play backwards").click()
    expect(body(page).locator(".scrubber .move")).to_have_text(re.compile("before the first layer"))
    assert at(page) == 0
    body(page).get_by_role("button", name="Play", exact=True).click()
    expect(body(page).get_by_role("button", name="One move on")).to_be_disabled()
    assert at(page) == float(slider(page).get_attribute("max") or 0)
    assert sent == []


def finger(session: CDPSession, kind: str, x: float, y: float) -> None:
    points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


@pytest.mark.parametrize("path", [PLANE, "paper"])
def test_a_finger_scrubs_on_a_phone(visit: Go, path: str) -> None:
    page, sent = listened(visit, path, width=390, height=844, has_touch=True, is_mobile=True)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    slider(page).scroll_into_view_if_needed()
    session = page.context.new_cdp_session(page)
    targets = [slider(page), film(page)] if path == PLANE else [slider(page)]
    for target in targets:
        box = target.bounding_box()
        assert box
        y = box["y"] + box["height"] / 2
        before = at(page)
        begin = box["x"] + box["width"] * (0.8 if target is targets[0] else 0.5)
        finger(session, "touchStart", begin, y)
        for step in range(1, 11):
            finger(session, "touchMove", begin - 12 * step, y)
        finger(session, "touchEnd", begin, y)
        until(page, "was => " + MOVED.replace("than =>", "").replace("> than", "!== was"), before)
        assert at(page) != before
    page.wait_for_timeout(300)
    assert sent == []


def test_a_live_run_bends_the_paper_and_leaves_the_visitor_where_they_were(visit: Go) -> None:
    page = visit("paper?paper_steps=5000&paper_seeds=8&paper_depth=6&paper_width=3&paper_seed=3").page
    ready(page)
    button(page, "Start").click()
    expect(body(page).get_by_role("progressbar")).to_be_visible()
    expect(body(page).get_by_text("Layer 6 of 7")).to_be_visible()
    slider(page).focus()
    page.keyboard.press("Home")
    film(page).evaluate("canvas => canvas.setAttribute('data-kept', '')")
    said = body(page).locator(".scrubber .told").inner_text()
    until(page, TOLD, said)
    assert at(page) == 0
    expect(film(page)).to_have_attribute("data-kept", "")  # built anew, it would flicker and lose its place
    button(page, "Stop").click()
    expect(body(page).get_by_text("Stopped at")).to_be_visible()
    assert at(page) == 0


TOLD = """was => document.querySelector('[data-testid=stBidiComponentIsolated]').shadowRoot
    .querySelector('.told').textContent !== was"""


def test_a_finished_run_has_figures_for_each_layer(visit: Go) -> None:
    page = visit(f"paper?{QUICK}&paper_seed=5").page
    run_to_the_end(page)
    ready(page)
    assert len(figures(page)) == 4
    expect(body(page).locator(".scrubber table tr")).to_have_count(4)
    expect(body(page).locator(".scrubber table tr").first.locator("th")).to_have_count(5)
    film(page).focus()
    page.keyboard.press("Home")
    expect(body(page).locator(".scrubber th.now")).to_have_text("input")
    page.keyboard.press("End")
    expect(body(page).locator(".scrubber th.now")).to_have_text("3")


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("0,0,0\n0.5,0.5,1", "A jump needs two sides"),
        ("0,0,0\n0.5,banana,1", "Row 2, column y:"),
        ("0,0,0\n0.5,1", "Row 2:"),
        ("0,0,7", "Row 1, column class:"),
        ("", "A jump needs two sides"),
    ],
)
def test_pasted_points_that_cannot_be_used_are_refused_with_row_and_column(visit: Go, rows: str, says: str) -> None:
    page = visit("paper").page
    ready(page)
    paste(page, rows)
    expect(body(page).get_by_text(says)).to_be_visible()
    ready(page)
    expect(page).not_to_have_url(re.compile("paper_points"))


def paste(page: Page, rows: str) -> None:
    body(page).get_by_text("Points of your own", exact=True).click()
    field = body(page).get_by_role("textbox", name="Or paste")
    field.fill(rows)
    field.blur()
    button(page, "Use this table").click()


def test_pasted_points_are_in_the_link_and_can_be_learned(visit: Go) -> None:
    page = visit(f"paper?{QUICK}").page
    ready(page)
    rows = [f"{x / 10},{y / 10},{int(x > y)}" for x in range(-9, 10, 3) for y in range(-9, 10, 3)]
    paste(page, "x, y, class\n" + "\n".join(rows))
    expect(page).to_have_url(re.compile("paper_shape=drawn"))
    expect(page).to_have_url(re.compile("paper_points="))
    run_to_the_end(page)
    again = visit(page.url.split("/", 3)[3]).page
    expect(body(again).get_by_text("The finished run of exactly these knobs.")).to_be_visible()


def test_drawn_points_are_used_when_the_visitor_says_so(visit: Go) -> None:
    page, sent = listened(visit, "paper")
    body(page).get_by_text("Points of your own", exact=True).click()
    pad = body(page).locator(".pad canvas")
    pad.wait_for()
    pad.scroll_into_view_if_needed()
    idle(page)
    sent.clear()
    box = pad.bounding_box()
    assert box
    for kind, down in (("0", 0.3), ("1", 0.7)):
        body(page).locator(".pad [name=class]").select_option(kind)
        page.mouse.move(box["x"] + 20, box["y"] + down * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] - 20, box["y"] + down * box["height"], steps=30)
        page.mouse.up()
    expect(body(page).locator(".pad .count")).not_to_have_text(re.compile("^0 "))
    assert sent == []
    body(page).locator(".pad [name=use]").click()
    expect(page).to_have_url(re.compile("paper_points="))
    expect(page).to_have_url(re.compile("paper_shape=drawn"))


def test_keys_set_points_of_any_class_and_a_place_has_the_one_that_came_last(visit: Go) -> None:
    page = visit("paper").page
    ready(page)
    body(page).get_by_text("Points of your own", exact=True).click()
    pad, told = body(page).locator(".pad canvas"), body(page).locator(".pad .count")
    kinds = body(page).locator(".pad [name=class]")
    expect(told).to_have_text("0 points; by class: 0 / 0 / 0 / 0")
    idle(page)  # the pad may be drawn twice until then, and forget a key
    pad.press(" ")
    expect(told).to_have_text("1 points; by class: 1 / 0 / 0 / 0")
    pad.press("ArrowRight")
    pad.press(" ")
    expect(told).to_have_text("2 points; by class: 2 / 0 / 0 / 0 · cross at 0.05, 0.00")
    before = pad.evaluate("canvas => canvas.toDataURL()")
    kinds.select_option("1")
    assert pad.evaluate("canvas => canvas.toDataURL()") != before  # the cross has the colour of what comes next
    pad.press(" ")
    expect(told).to_have_text("2 points; by class: 1 / 1 / 0 / 0 · cross at 0.05, 0.00")


def test_a_long_table_is_refused_in_words(visit: Go) -> None:
    page = visit("paper").page
    ready(page)
    paste(page, "0.123456789012345678,0.123456789012345678,0\n" * 2001)  # more letters than 40 a point
    expect(body(page).get_by_text("There are 2001 rows.")).to_be_visible()


def test_everything_is_a_vector_once_it_is_unfolded(visit: Go) -> None:
    page = visit("paper").page
    ready(page)
    body(page).get_by_text("A digit, a word, a second of sound").click()
    expect(body(page).get_by_text("The first 120 are drawn.")).to_be_visible()
    expect(body(page).get_by_test_id("stVegaLiteChart")).to_have_count(5)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_speaks_chinese(visit: Go, scheme: str) -> None:
    page = visit("paper", locale="zh-CN", color_scheme=scheme).page
    ready(page)
    expect(page.locator("h1").first).to_have_text("纸团")
    expect(body(page).locator(".scrubber .move")).to_have_text(re.compile("第 2 层，共 3 层 · 激活"))
