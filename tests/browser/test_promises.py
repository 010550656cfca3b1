"""What the pages promise beyond the first visit: readable text, nothing from elsewhere, files, other pages, the end."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.page import takeaway
from lib.core import contract
from lib.labs import LABS
from lib.labs.attack import Attack
from lib.store import Store
from tests.browser.conftest import PATIENCE, App, Visit, idle, launch, until
from tests.browser.test_visits import LONG, body, button, charts, drawn, figures, run_to_the_end

pytestmark = pytest.mark.xdist_group("browser")  # one app, one browser

Go = Callable[..., Visit]
SHORT = "attack_network=mlp&attack_width=8&attack_steps=50&attack_seeds=1&attack_pgd_steps=1&attack_examples=100"


CUT = """() => {
  const scrolled = it => it.scrollWidth > it.clientWidth + 1 && getComputedStyle(it).overflowX !== 'visible';
  const cut = [...document.querySelectorAll('[data-testid=stButtonGroup] *')].filter(scrolled);
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
"""What is cut at a side: choices that have to be scrolled to, words in pictures (a box is larger than its letters)."""


def painted(page: Page) -> None:
    charts(page).first.locator("svg.marks").wait_for()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("path", ["", *LABS])
def test_every_sentence_is_rendered_as_it_is_meant_and_fits_a_phone(visit: Go, path: str, language: str) -> None:
    page = visit(f"{path}?lang={language}").page
    painted(page)
    if path:
        drawn(page)
        body(page).get_by_test_id("stButtonGroup").nth(1).get_by_role("radio").first.click()
        expect(body(page).get_by_text(re.compile("^(You said|你说)"))).to_be_visible()
        for fold in body(page).get_by_test_id("stExpander").all():
            idle(page)
            fold.locator("summary").click()
            expect(fold.get_by_test_id("stElementContainer").last).to_be_visible()
    told = body(page).evaluate(
        "page => [...page.querySelectorAll('[data-testid=stMarkdownContainer], svg text')].map(it => it.textContent)"
    )
    assert len(told) > 5
    assert [one for one in told if re.search(r"\*\*|:gray|\]\(|[{}]|\bnan\b|\bNone\b(?! of)|undefined", one)] == []
    page.set_viewport_size({"width": 390, "height": 844})
    until(page, "() => document.querySelector('[data-testid=stMain]').scrollWidth <= 390")
    with suppress(AssertionError):  # the list says more
        until(page, f"() => ({CUT})().length === 0")
    assert page.evaluate(CUT) == []


def test_the_dark_look_is_dark(visit: Go) -> None:
    page = visit("throw", color_scheme="dark").page
    drawn(page)
    for place in (page.get_by_test_id("stApp"), charts(page).first.locator("svg.marks")):
        assert place.evaluate("it => getComputedStyle(it).backgroundColor") == "rgb(17, 21, 28)"


def test_a_slider_shows_what_it_stands_at(visit: Go) -> None:
    page = visit("throw?throw_drag=0.005&throw_learning_rate=0.0003&throw_examples=77").page
    drawn(page)
    for knob, shown in {"Drag of the air [1/m]": "0.005", "Examples": "77"}.items():
        slider = body(page).get_by_test_id("stSlider").filter(has_text=knob)
        expect(slider.get_by_test_id("stSliderThumbValue")).to_have_text(shown)


def test_what_a_link_asks_for_is_read_as_it_stands(visit: Go) -> None:
    words = ["![](//h.test/x.png)", "[x](//h.test/)", ":red[boo]", "$x^2$", "<b>bold</b>"]
    asked = zip(("width", "depth", "noise", "steps", "seeds"), words, strict=True)
    page = visit("throw?" + urlencode({f"throw_{knob}": word for knob, word in asked})).page
    notes = body(page).get_by_test_id("stAlert")
    for note, word in enumerate(words):
        expect(notes.nth(note)).to_contain_text(word)
    assert notes.locator("img, a, b, .katex, [style*=color]").count() == 0


def test_a_hostile_link_runs_nothing_and_asks_nobody(visit: Go) -> None:
    image, script = '"><img src=//h.test/x onerror="window.hit=1">', "<script>window.hit=1</script>"
    asked = {f"throw_{knob}": f"{script}{image}" for knob in ("width", "seed", "activation", "coverage")}
    page = visit(
        "throw?" + urlencode(asked | {"v": image, "lang": script, "show": image, "present": script, script: "1"})
    ).page
    drawn(page)
    expect(body(page).get_by_test_id("stAlert")).to_have_count(5)
    assert page.evaluate("window.hit") is None
    assert page.locator("[src*='h.test'], [onerror]").count() == 0


def test_slides_can_show_a_page(visit: Go, tmp_path: Path) -> None:
    page = visit("throw").page
    slide = tmp_path / "slide.html"
    slide.write_text(f'<iframe src="{page.url}&embed=true" width="1200" height="700"></iframe>')
    show = page.context.new_page()
    show.goto(slide.as_uri())
    show.frame_locator("iframe").get_by_test_id("stVegaLiteChart").first.locator("svg.marks").wait_for()


def test_digit_and_target_are_picked_without_the_server(visit: Go) -> None:
    page = visit().page
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda _: sent.append(1)))
    page.goto(f"{page.url}attack")
    drawn(page)
    picture = charts(page).nth(1)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    asked = len(sent)
    for name, option in (("digit", "8"), ("target", "0"), ("digit", "1")):
        before = picture.locator("svg").first.inner_html()
        picture.locator(f"select[name={name}]").select_option(label=option)
        expect(picture.locator("svg").first).not_to_have_js_property("innerHTML", before)
    assert asked > 0
    assert len(sent) == asked


def test_knobs_survive_the_menu_and_back_returns_to_those_of_then(visit: Go) -> None:
    page = visit("throw?throw_width=16").page
    examples = body(page).get_by_role("slider", name="Examples")
    expect(page).to_have_url(re.compile("throw_width=16&v=1"))
    by_menu(page, "Horizon")
    body(page).get_by_role("link", name="Open Throw").click()
    expect(page).to_have_url(re.compile("throw_width=16"))
    examples.focus()
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile("throw_examples=1000"))
    by_menu(page, "Horizon")
    expect(body(page).get_by_role("link", name="Open Throw")).to_be_visible()
    page.go_back()
    expect(examples).to_have_attribute("aria-valuetext", "1,000")
    page.go_back()
    expect(examples).to_have_attribute("aria-valuetext", "3,000")
    expect(page).to_have_url(re.compile("throw_width=16"))


def by_menu(page: Page, name: str) -> None:
    page.get_by_test_id("stTopNavLink").filter(has_text=name).first.click()


def test_an_attack_runs_to_its_pictures_and_its_files_say_what_the_page_says(visit: Go, app: App) -> None:
    page = visit(f"attack?{SHORT}&attack_seed=3").page
    run_to_the_end(page)
    drawn(page)
    assert len(figures(page)) == 4
    lab = Attack(network="mlp", width=8, steps=50, seeds=1, pgd_steps=1, examples=100, seed=3)
    found = Store(str(app.store)).get(lab)
    assert found
    body(page).get_by_text("Link, numbers and code").click()
    assert downloaded(page, "Numbers as CSV").replace("\r\n", "\n") == takeaway.rows(found.verdict).replace(
        "\r\n", "\n"
    )
    assert json.loads(downloaded(page, "Verdict as JSON")) == json.loads(json.dumps(contract(found.verdict)))
    page.get_by_role("tab", name="Data").click()
    expect(body(page).get_by_test_id("stDataFrame").first).to_be_visible()


def downloaded(page: Page, name: str) -> str:
    idle(page)
    with page.expect_download() as file:
        button(page, name).click()
    return Path(file.value.path()).read_text()


def test_who_leaves_a_shared_run_does_not_end_it(visit: Go) -> None:
    link = f"throw?{LONG}&throw_seed=9"
    stays = visit(link).page
    button(stays, "Start").click()
    expect(body(stays).get_by_test_id("stProgress")).to_contain_text("done")
    leaves = visit(link).page
    expect(body(leaves).get_by_test_id("stProgress")).to_contain_text("done")
    button(leaves, "Stop").click()
    expect(body(leaves).get_by_text("Stopped at")).to_be_visible()
    share = body(stays).get_by_test_id("stProgress").inner_text()
    expect(body(stays).get_by_test_id("stProgress")).not_to_have_text(share)
    expect(body(stays).get_by_text("Training now, live.")).to_be_visible()
    button(stays, "Stop").click()
    expect(body(stays).get_by_text("Stopped at")).to_be_visible()


def test_nothing_outlives_a_killed_app(browser: Browser, tmp_path: Path) -> None:
    app = launch(tmp_path)
    web = psutil.Process(app.process.pid)
    try:
        with browser.new_context() as context:
            page = context.new_page()
            page.set_default_timeout(PATIENCE)
            page.goto(f"{app.address}/throw?{LONG}")
            button(page, "Start").click()
            expect(body(page).get_by_test_id("stProgress")).to_contain_text("done")
            cluster = web.children(recursive=True)
            assert len(cluster) >= 5  # a scheduler, two nannies and their workers
            web.kill()
            app.process.wait(20)
            _, left = psutil.wait_procs(cluster, timeout=60)
            assert left == []
    finally:
        if app.process.poll() is None:
            web.kill()
            app.process.wait(20)
