"""Sort in a real browser: scrubbing, a row of one's own, the stepper in its place, and a link that is hostile."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.test_visits import body, button, charts, drawn, figures, run_to_the_end

pytestmark = pytest.mark.xdist_group("browser")  # one app, one browser

Go = Callable[..., Visit]
SMALL = "sort_width=8&sort_steps=100&sort_seeds=1"
ROW = 2  # which picture shows the row
OWN = 3  # and which the visitor's own


def painted(page: Page, index: int) -> str:
    """What a picture says, once it is there."""
    picture = charts(page).nth(index).locator("svg.marks")
    picture.wait_for()
    return " ".join(picture.locator("text").all_text_contents())


def test_the_row_is_scrubbed_without_the_server(visit: Go) -> None:
    page = visit().page
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda _: sent.append(1)))
    page.goto(f"{page.url}sort")
    drawn(page)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    expect(charts(page).nth(ROW)).to_contain_text("asked: 16 numbers")
    asked = len(sent)
    slider = charts(page).nth(ROW).locator("input[type=range]")
    slider.focus()
    page.keyboard.press("Home")
    expect(charts(page).nth(ROW)).to_contain_text("asked: 2 numbers")
    page.keyboard.press("End")
    expect(charts(page).nth(ROW)).to_contain_text("asked: 32 numbers")
    assert asked > 0
    assert len(sent) == asked


def test_a_row_of_ones_own_is_answered_and_stands_in_the_link(visit: Go) -> None:
    page = visit("sort").page
    drawn(page)
    body(page).get_by_label("A row of your own").fill("3, 1 4 1 5 9 2 6 5")
    page.keyboard.press("Enter")
    expect(charts(page).nth(OWN)).to_contain_text("program: all right")
    told = painted(page, OWN)
    assert "asked: 9 numbers" in told
    expect(page).to_have_url(re.compile("sort_row=3"))
    again = visit(page.url.split("/", 3)[3]).page
    drawn(again)
    expect(charts(again).nth(OWN)).to_contain_text("program: all right")  # until then another picture has this place
    assert painted(again, OWN) == told


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ("3 one 4", "“one”, number 2, is no whole number"),
        ("3 1 77", "77, number 3, is out of range: these networks know the numbers from 0 to 9"),
        ("<img src=x onerror=alert(1)>", "number 1, is no whole number"),
    ],
)
def test_what_is_no_row_gets_one_sentence_and_loses_nothing(visit: Go, row: str, wanted: str) -> None:
    page = visit("sort?" + urlencode({"sort_row": row})).page
    alerts: list[str] = []
    page.on("dialog", lambda box: (alerts.append(box.message), box.dismiss()))
    drawn(page)
    expect(body(page).get_by_test_id("stAlert")).to_have_count(1)
    expect(body(page).get_by_test_id("stAlert")).to_contain_text(wanted)
    assert len(figures(page)) == 4
    assert alerts == []
    assert page.locator("[onerror]").count() == 0


def test_the_program_plays_its_steps_in_the_page(visit: Go) -> None:
    page = visit("sort").page
    drawn(page)
    body(page).get_by_text("The program's source, and what the network is made of").click()
    stepper = body(page).get_by_role("group", name="The program at work")
    step = stepper.locator(".step")
    expect(step).to_have_text(re.compile("^step 0 of"))
    stepper.get_by_role("button", name="One step on", exact=True).click()
    expect(step).to_have_text(re.compile("^step 1 of"))
    stepper.get_by_role("button", name="Play", exact=True).click()
    expect(step).to_have_text(re.compile("^step ([3-9]|[1-9][0-9]+) of"))
    stepper.get_by_role("button", name="Pause", exact=True).click()
    expect(stepper.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_a_run_of_another_task_goes_to_its_end_and_answers_a_row(visit: Go) -> None:
    page = visit(f"sort?{SMALL}&sort_task=reverse&sort_row=1+2+3&sort_seed=4").page
    drawn(page)
    expect(body(page).get_by_text("Your row is asked as soon as")).to_be_visible()
    run_to_the_end(page)
    expect(charts(page).nth(OWN)).to_contain_text("asked: 3 numbers")
    assert len(figures(page)) == 4


def test_the_mistake_is_put_in_by_a_switch(visit: Go) -> None:
    page = visit("sort").page
    drawn(page)
    body(page).get_by_role("radio", name="off by one").click()
    expect(body(page).get_by_text("Computed beforehand with these knobs.")).to_be_visible()
    expect(page).to_have_url(re.compile("sort_off_by_one=true"))
    expect(body(page).get_by_text("The program, with its mistake, gets")).to_be_visible()
    expect(button(page, "Start")).to_be_enabled()
