"""What a visitor does, in a real browser: look, turn a knob, start, watch, stop, come back."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

import psutil
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import App, Visit, until

pytestmark = pytest.mark.xdist_group("browser")  # one app, one browser

Go = Callable[..., Visit]
LABS = ("throw", "attack")
QUICK = "throw_steps=300&throw_seeds=2&throw_examples=300"  # a run of a second or two
LONG = "throw_steps=5000&throw_seeds=16&throw_width=128&throw_depth=3"  # one that nobody sees the end of


def body(page: Page) -> Locator:
    return page.get_by_test_id("stMainBlockContainer")


def button(page: Page, name: str) -> Locator:
    return body(page).get_by_role("button", name=name, exact=True)


def charts(page: Page) -> Locator:
    return body(page).get_by_test_id("stVegaLiteChart")


def drawn(page: Page) -> None:
    """Both pictures of the stage are painted."""
    for index in range(2):
        charts(page).nth(index).locator("svg.marks, canvas.marks").first.wait_for()


def figures(page: Page) -> list[str]:
    """The four figures of the verdict."""
    told = body(page).get_by_test_id("stMetricValue")
    expect(told).to_have_count(4)
    return told.all_inner_texts()


def run_to_the_end(page: Page) -> None:
    button(page, "Start").click()
    expect(body(page).get_by_text("The finished run of exactly these knobs.")).to_be_visible()


def test_what_shares_an_app_runs_in_one_process(request: pytest.FixtureRequest) -> None:
    assert "PYTEST_XDIST_WORKER" not in os.environ or request.node.nodeid.endswith("@browser")


def test_home_has_a_card_for_each_lab_that_opens_it(visit: Go) -> None:
    page = visit().page
    for name in ("Throw", "Attack"):
        expect(body(page).get_by_role("link", name=f"Open {name}")).to_be_visible()
    body(page).get_by_role("link", name="Open Throw").click()
    expect(page).to_have_url(re.compile("/throw"))
    drawn(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lab", LABS)
def test_the_default_is_drawn_at_once_with_its_verdict(visit: Go, lab: str, scheme: str) -> None:
    page = visit(lab, color_scheme=scheme).page
    drawn(page)
    expect(body(page).get_by_text("Computed beforehand with these knobs.")).to_be_visible()
    assert len(figures(page)) == 4


@pytest.mark.parametrize("lab", LABS)
def test_chinese_by_the_browsers_language_and_by_the_link(visit: Go, lab: str) -> None:
    by_browser, by_link = visit(lab, locale="zh-CN").page, visit(f"{lab}?lang=zh").page
    for page in (by_browser, by_link):
        expect(body(page).get_by_role("button", name="开始")).to_be_visible()
        expect(page.locator("h1").first).to_have_text("抛射" if lab == "throw" else "攻击")


@pytest.mark.parametrize("lab", LABS)
def test_a_phone_shows_the_whole_width_and_reaches_start(visit: Go, lab: str) -> None:
    page = visit(lab, width=390, height=844).page
    drawn(page)
    wide = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert wide <= 390
    button(page, "Start").scroll_into_view_if_needed()
    expect(button(page, "Start")).to_be_visible()


def test_a_turned_knob_marks_the_picture_stale_and_stands_in_the_address(visit: Go) -> None:
    page = visit("throw").page
    drawn(page)
    slider = body(page).get_by_role("slider", name="Examples")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(body(page).get_by_text("The knobs have moved")).to_be_visible()
    expect(page).to_have_url(re.compile("throw_examples=1000"))
    page.go_back()
    expect(page).not_to_have_url(re.compile("throw_examples=1000"))
    expect(body(page).get_by_text("Computed beforehand with these knobs.")).to_be_visible()


def test_one_act_is_one_entry_of_the_history_and_back_takes_all_of_it_back(visit: Go) -> None:
    page = visit("throw").page
    drawn(page)
    entries = page.evaluate("history.length")
    body(page).get_by_role("button", name="hidden air").click()
    expect(page).to_have_url(
        re.compile("throw_drag=0.02&throw_feels_drag=false|throw_feels_drag=false&throw_drag=0.02")
    )
    expect(body(page).get_by_text("Tell the program about the air")).to_be_visible()
    assert page.evaluate("history.length") == entries + 1
    page.go_back()
    expect(page).not_to_have_url(re.compile("throw_"))
    expect(body(page).get_by_role("slider", name="Drag of the air")).to_have_attribute("aria-valuenow", "0")
    expect(body(page).get_by_text("Computed beforehand with these knobs.")).to_be_visible()
    page.go_forward()
    expect(page).to_have_url(re.compile("throw_feels_drag=false"))
    expect(body(page).get_by_role("slider", name="Drag of the air")).to_have_attribute("aria-valuenow", "0.02")


def test_switching_the_language_keeps_the_knobs(visit: Go) -> None:
    page = visit("throw?throw_drag=0.02").page
    drawn(page)
    page.get_by_text("中文").click()
    expect(page.locator("h1").first).to_have_text("抛射")
    expect(page).to_have_url(re.compile("throw_drag=0.02"))
    expect(page).to_have_url(re.compile("lang=zh"))
    expect(body(page).get_by_text("没有公式")).to_be_visible()


def test_a_run_moves_and_stop_ends_it_within_a_second_or_so(visit: Go) -> None:
    page = visit(f"throw?{LONG}").page
    drawn(page)
    before = charts(page).first.inner_html()
    charts(page).first.evaluate("picture => picture.setAttribute('data-kept', '')")
    button(page, "Start").click()
    expect(body(page).get_by_role("progressbar")).to_be_visible()
    until(page, "was => document.querySelector('[data-testid=stVegaLiteChart]').innerHTML !== was", before)
    button(page, "Stop").click()
    expect(body(page).get_by_text("Stopped at")).to_be_visible()
    expect(button(page, "Start")).to_be_enabled()
    expect(charts(page).first).to_have_attribute("data-kept", "")  # drawn anew, it would flicker and its scrubber jump
    again = visit(f"throw?{LONG}").page
    drawn(again)
    expect(button(again, "Start")).to_be_enabled()  # nobody computes it any more


def test_a_finished_run_comes_back_by_its_link_with_the_same_numbers(visit: Go) -> None:
    page = visit(f"throw?{QUICK}&throw_seed=5").page
    run_to_the_end(page)
    told, address = figures(page), page.url
    again = visit(address.split("/", 3)[3]).page
    expect(body(again).get_by_text("The finished run of exactly these knobs.")).to_be_visible()
    assert figures(again) == told


def test_two_visitors_of_one_recipe_watch_one_job_and_stop_is_for_oneself(visit: Go) -> None:
    first, second = (visit(f"throw?{LONG}&throw_seed=7").page for _ in range(2))
    button(first, "Start").click()
    expect(body(first).get_by_text("Training now, live.")).to_be_visible()
    second.reload()
    expect(body(second).get_by_text("Training now, live.")).to_be_visible()
    button(second, "Stop").wait_for()
    button(first, "Stop").click()
    expect(body(second).get_by_text("Training now, live.")).to_be_visible()
    button(second, "Stop").click()
    expect(body(second).get_by_text("Stopped at")).to_be_visible()


def test_a_closed_tab_loses_nothing(visit: Go) -> None:
    link = f"throw?{QUICK}&throw_seed=6&throw_steps=2000"
    page = visit(link).page
    button(page, "Start").click()
    expect(body(page).get_by_text("Training now, live.")).to_be_visible()
    page.close()
    again = visit(link).page
    expect(body(again).get_by_text("The finished run of exactly these knobs.")).to_be_visible()


def test_a_diverging_run_names_the_knob_to_turn(visit: Go) -> None:
    page = visit("throw?throw_learning_rate=1&throw_depth=4&throw_activation=snake&throw_seeds=1&throw_steps=300").page
    button(page, "Start").click()
    expect(body(page).get_by_text("Lower “Learning rate”")).to_be_visible()


@pytest.mark.parametrize("lab", LABS)
def test_scrubbing_asks_the_server_nothing(visit: Go, lab: str) -> None:
    page = visit().page
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda _: sent.append(1)))
    page.goto(page.url + lab)
    drawn(page)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    picture = charts(page).nth(1)
    before, asked = picture.locator("svg, canvas").first.evaluate("it => it.outerHTML"), len(sent)
    slider = picture.locator("input[type=range]").first
    slider.focus()
    page.keyboard.press("End")
    second = "document.querySelectorAll('[data-testid=stVegaLiteChart]')[1].querySelector('svg, canvas').outerHTML"
    until(page, f"was => {second} !== was", before)
    assert asked > 0
    assert len(sent) == asked


def test_a_projector_sees_no_menu_and_only_the_named_knobs(visit: Go) -> None:
    page = visit_presenting(visit)
    expect(page.get_by_test_id("stTopNavLink")).to_have_count(0)
    expect(body(page).get_by_role("slider", name="Examples")).to_be_visible()
    expect(body(page).get_by_text("Drag of the air")).to_have_count(0)
    expect(page).to_have_url(re.compile("throw_drag=0.02"))


def visit_presenting(visit: Go) -> Page:
    page = visit("throw?present=1&show=examples&throw_drag=0.02").page
    drawn(page)
    return page


def test_a_hostile_link_gets_a_sentence_and_nothing_else(visit: Go) -> None:
    words = (
        "throw_width=99999&throw_leave=%3Cscript%3Ealert(1)%3C/script%3E&throw_drag=nan&attack_norm=l2&throw_seed=1e400"
    )
    one = visit(f"throw?{words}")
    alerts: list[str] = []
    one.page.on("dialog", lambda box: (alerts.append(box.message), box.dismiss()))
    drawn(one.page)
    expect(body(one.page).get_by_text("which cannot be")).to_have_count(4)
    assert one.page.locator("script", has_text="alert(1)").count() == 0
    assert alerts == []


def test_the_web_process_neither_trains_nor_imports_what_trains(app: App, visit: Go) -> None:
    web = psutil.Process(app.process.pid)
    for path in ("", "attack", f"throw?{QUICK}&throw_seed=8&throw_steps=3000"):
        page = visit(path).page
    cluster = [one for one in web.children(recursive=True) if one.is_running()]
    before = {one.pid: sum(one.cpu_times()[:2]) for one in (web, *cluster)}
    run_to_the_end(page)
    spent = {one.pid: sum(one.cpu_times()[:2]) - before[one.pid] for one in (web, *cluster)}
    assert spent[web.pid] < 0.6 * max(spent.values())
    loaded = {mapped.path for mapped in web.memory_maps()}
    heavy = [path for path in loaded if re.search(r"site-packages/(torch|sklearn|scipy)/", path)]
    assert heavy == []
