"""Sort in a real browser: a row of one's own, and the stepper in its place."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Go
from tests.browser.page import body, charts, figures, run_to_the_end, settled

SMALL = "sort_width=8&sort_steps=100&sort_seeds=1"
OWN = 0  # which picture shows the visitor's own row


def answered(page: Page, count: int) -> str:
    """What the picture of one's own row says; until it is there another picture has its place."""
    expect(charts(page).nth(OWN)).to_contain_text(f"asked: {count} numbers")
    return " ".join(charts(page).nth(OWN).locator("svg.marks text").all_text_contents())


def test_a_row_of_ones_own_waits_for_the_run_is_answered_and_stands_in_the_link(visit: Go) -> None:
    page = visit(f"sort?{SMALL}&sort_task=reverse&sort_row=1+2+3&sort_seed=4").page
    expect(body(page).get_by_text("Your row is asked as soon as")).to_be_visible()
    run_to_the_end(page)
    answered(page, 3)
    assert len(figures(page)) == 4
    body(page).get_by_label("A row of your own").fill("3, 1 4 1 5 9 2 6 5")
    page.keyboard.press("Enter")
    told = answered(page, 9)
    assert "program: all right" in told
    expect(page).to_have_url(re.compile("sort_row=3"))
    page.reload()
    assert answered(page, 9) == told


def test_the_program_plays_its_steps_in_the_page(visit: Go) -> None:
    page = visit("sort").page
    settled(page)
    body(page).get_by_text("The program's source, and what the network is made of").click()
    stepper = body(page).get_by_role("group", name="The program at work")
    step = stepper.locator(".step")
    expect(step).to_have_text(re.compile("^step 0 of"))
    settled(page)
    stepper.get_by_role("button", name="One step on", exact=True).click()
    expect(step).to_have_text(re.compile("^step 1 of"))
    stepper.get_by_role("button", name="Play", exact=True).click()
    expect(step).to_have_text(re.compile("^step ([3-9]|[1-9][0-9]+) of"))
    stepper.get_by_role("button", name="Pause", exact=True).click()
    expect(stepper.get_by_role("button", name="Play", exact=True)).to_be_visible()
