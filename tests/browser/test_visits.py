"""What a visitor does, in a real browser: walk about, turn a knob, start, watch, stop, come back, take it along."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from dashboard.app.language import LANGUAGES, Texts
from dashboard.page import takeaway
from lib.labs import LABS
from lib.store import Store
from tests.bench.visitor import Server
from tests.browser.conftest import Go, idle, until
from tests.browser.page import body, button, charts, drawn, figures, finished, start
from tests.sample import HERE, LAB, LONG, QUICK, WORDS


def test_knobs_survive_the_menu_and_back_returns_to_those_of_then(visit: Go) -> None:
    page = visit("throw?throw_width=16").page
    examples = body(page).get_by_role("slider", name="Examples")
    expect(page).to_have_url(re.compile("throw_width=16.*&v=1"))
    by_menu(page, "Horizon")
    body(page).get_by_role("link", name=f"Open {WORDS('title')}").click()
    expect(page).to_have_url(re.compile("throw_width=16"))
    examples.focus()
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile("throw_examples=1000"))
    expect(body(page).get_by_text("The picture is of other settings")).to_be_visible()
    by_menu(page, "Horizon")
    for name in LABS:
        expect(body(page).get_by_role("link", name=f"Open {Texts('en', name)('title')}")).to_be_visible()
    page.go_back()
    expect(examples).to_have_attribute("aria-valuetext", "1,000")
    page.go_back()
    expect(examples).to_have_attribute("aria-valuetext", "3,000")
    expect(page).to_have_url(re.compile("throw_width=16"))


def test_a_link_that_leaves_the_answers_open_does_so_for_the_visit(visit: Go) -> None:
    page = visit("throw?reveal=1&throw_width=16", covered=True).page
    drawn(page)
    by_menu(page, "Horizon")
    expect(page.locator("h1")).to_have_text(Texts("en", "home")("question"))
    expect(body(page).get_by_text(Texts("en", "home")("covered"))).to_have_count(0)
    body(page).get_by_role("link", name=f"Open {WORDS('title')}").click()
    expect(page).to_have_url(re.compile("throw_width=16"))
    expect(page).to_have_url(re.compile("reveal=1"))
    expect(body(page).get_by_text(WORDS("stage.covered"))).to_have_count(0)


def by_menu(page: Page, name: str) -> None:
    page.get_by_test_id("stTopNavLink").filter(has_text=name).first.click()


def test_what_a_page_writes_by_itself_is_no_step_back_and_neither_is_a_language(visit: Go) -> None:
    page = visit("throw?throw_width=16").page
    drawn(page)
    steps = page.evaluate("history.length")
    page.get_by_text(LANGUAGES["zh"], exact=True).click()
    expect(page).to_have_url(re.compile("throw_width=16.*lang=zh"))
    assert page.evaluate("history.length") == steps
    by_menu(page, "Horizon")
    home, paper = (page.locator("h1").filter(has_text=Texts("zh", name)("question")) for name in ("home", "paper"))
    expect(home).to_be_visible()
    expect(page).to_have_url(re.compile("lang=zh&reveal=1|reveal=1&lang=zh"))
    body(page).get_by_role("link", name=f"打开“{Texts('zh', 'paper')('title')}”").click()
    expect(paper).to_be_visible()
    expect(page).to_have_url(re.compile("/paper.*paper_shape=sheet"))
    idle(page)
    assert page.evaluate("history.length") == steps + 2
    page.go_back()
    expect(home).to_be_visible()
    page.go_back()
    expect(page).to_have_url(re.compile("/throw.*throw_width=16"))
    expect(page.locator("h1")).to_have_text(Texts("zh", "throw")("question"))


def test_one_act_is_one_entry_of_the_history_and_back_takes_all_of_it_back(visit: Go) -> None:
    page = visit("throw").page
    drawn(page)
    body(page).get_by_text(WORDS("breaks.text")).click()
    body(page).get_by_text("hidden air", exact=True).wait_for()
    entries = page.evaluate("history.length")
    body(page).get_by_text("hidden air", exact=True).click()
    expect(page).to_have_url(
        re.compile("throw_drag=0.02&throw_feels_drag=false|throw_feels_drag=false&throw_drag=0.02")
    )
    expect(body(page).get_by_text("Tell the program about the air")).to_be_visible()
    assert page.evaluate("history.length") == entries + 1
    page.go_back()
    expect(page).not_to_have_url(re.compile("throw_"))
    expect(body(page).get_by_role("slider", name="Drag of the air")).to_have_value("0")
    expect(body(page).get_by_text(WORDS("run.shipped")).first).to_be_visible()
    page.go_forward()
    expect(page).to_have_url(re.compile("throw_feels_drag=false"))
    expect(body(page).get_by_role("slider", name="Drag of the air")).to_have_value("0.02")


def test_a_run_moves_and_stop_ends_it(visit: Go) -> None:
    page = visit(f"{LAB}?{LONG}").page
    drawn(page)
    body(page).get_by_role("tab", name=WORDS("pictures.along_the_axis")).click()
    drawn(page, 1)
    before = charts(page).first.inner_html()
    charts(page).first.evaluate("picture => picture.setAttribute('data-kept', '')")
    start(page)
    until(page, "was => document.querySelector('[data-testid=stVegaLiteChart]').innerHTML !== was", before)
    button(page, "Stop").click()
    expect(body(page).get_by_text("Stopped at").first).to_be_visible()
    expect(button(page, "Start")).to_be_enabled()
    expect(charts(page).first).to_have_attribute("data-kept", "")  # drawn anew, it would flicker and its scrubber jump
    page.reload()
    drawn(page)
    expect(button(page, "Start")).to_be_enabled()  # nobody computes it any more


def test_a_closed_tab_loses_nothing_and_files_say_what_the_page_says(visit: Go, app: Server) -> None:
    link = f"{LAB}?{QUICK}&throw_seed=6&throw_steps=1000"
    page = visit(link).page
    start(page)
    page.close()
    page = visit(link).page
    finished(page)
    told = figures(page)
    found = Store(str(app.store)).get(LABS[LAB](steps=1000, seeds=2, examples=300, seed=6))
    assert found
    body(page).get_by_text(WORDS("take.open"), exact=True).click()
    assert downloaded(page, WORDS("take.csv")).splitlines() == takeaway.rows(found, WORDS).splitlines()
    assert json.loads(downloaded(page, WORDS("take.json"))) == json.loads(takeaway.told(found, WORDS))
    page.get_by_role("tab", name="Data").click()
    expect(body(page).get_by_test_id("stDataFrame").first).to_be_visible()
    page.reload()
    expect(body(page).get_by_text(HERE)).to_be_visible()
    assert figures(page) == told


def downloaded(page: Page, name: str) -> str:
    idle(page)
    with page.expect_download() as file:
        button(page, name).click()
    return Path(file.value.path()).read_text(encoding="utf-8")
