"""A digit of one's own, on a phone: drawn with a finger or with keys, read, attacked, scrubbed; a bomb is refused."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from dashboard.app.language import Texts
from tests.browser.conftest import Go, idle, within
from tests.browser.looks import against_rules
from tests.browser.page import body
from tests.browser.test_photo import PHONE, give
from tests.lib.test_uploads import bomb

ONE = [(112, 40), (112, 184)]
ZERO = [(112, 40), (80, 60), (70, 112), (80, 164), (112, 184), (144, 164), (154, 112), (144, 60), (112, 40)]


def section(page: Page) -> Locator:
    """Unfolded, with what ships in it."""
    told = body(page).locator(".st-key-attack_path_unfolded")
    told.locator("summary").click()
    told.locator(".walk.drawn").wait_for()
    return told


def stroke(page: Page, sheet: Locator, points: list[tuple[int, int]]) -> None:
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    assert box
    places = [(box["x"] + x * box["width"] / 224, box["y"] + y * box["height"] / 224) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=5)
    page.mouse.up()


def led_to(told: Locator, wanted: str) -> None:
    """The largest change on the scale is asked for, and has come: at its end the network reads what is wanted."""
    told.get_by_role("slider").first.press("End")
    slider, row = told.locator(".walk input[type=range]").first, first(told, "sum")  # two, while one is replaced

    def there() -> bool:
        idle(told.page)
        slider.press("End")
        return bool(re.match(wanted, row.get_attribute("title") or ""))

    within(told.page, there, wanted)
    idle(told.page)


def first(told: Locator, figure: str) -> Locator:
    """What the network reads first in one of the three pictures."""
    return told.locator(f".walk figure[name={figure}] li").first


def test_a_digit_is_drawn_read_attacked_and_scrubbed_and_a_bomb_is_refused(visit: Go) -> None:
    one = visit("attack?lang=en&attack_network=mlp&attack_steps=300", **PHONE)
    page, words = one.page, Texts("en", "attack")
    link, told = page.url, section(page)
    told.get_by_text(words("path.kinds.drawing"), exact=True).click()
    sheet = told.locator(".sketch canvas")
    sheet.wait_for()
    expect(told.locator(".walk")).to_have_count(0)  # nothing is drawn
    stroke(page, sheet, ZERO)
    expect(first(told, "photo")).to_contain_text(words("path.net", digit=0))
    led_to(told, "network [1-9] ")
    slider, at_last = told.locator(".walk input[type=range]"), first(told, "sum")
    with one.unheard():
        slider.fill("0")
        expect(at_last).to_contain_text(words("path.net", digit=0))
        slider.press("End")
        expect(at_last).not_to_contain_text(words("path.net", digit=0))
        steps = slider.get_attribute("aria-valuetext") or ""
        assert re.match(r"step (\d+) of \1: network \d", steps)
        was = told.locator(".plane svg").inner_html()
        told.locator(".plane [name=whose1]").press("Enter")
        expect(told.locator(".plane svg")).to_have_attribute("aria-label", re.compile("stencils"))
        assert told.locator(".plane svg").inner_html() != was
    heard = told.get_by_role("img", name=re.compile(r"at this step: network \d .* fit 0\.\d\d"))
    expect(heard).to_be_visible()  # what both readers say of it
    told.locator(".sketch [name=clear]").click()
    expect(told.locator(".walk")).to_have_count(0)
    assert page.url == link
    told.get_by_text(words("path.kinds.photo"), exact=True).click()
    page.locator("input[type=file]").wait_for(state="attached")
    give(page, bomb())
    expect(told.get_by_test_id("stAlert").locator("p")).to_have_text(words("photo.faults.large"))
    assert against_rules(page) == []
    within(page, lambda: page.get_by_test_id("stMain").evaluate("it => it.scrollWidth") <= 390, "what fits a phone")
    assert one.errors == []


def test_with_keys_alone_a_one_is_drawn_and_attacked_towards_a_seven(visit: Go) -> None:
    one = visit("attack?lang=zh&attack_network=linear&attack_steps=300&attack_learning_rate=0.03", color_scheme="dark")
    page, words = one.page, Texts("zh", "attack")
    told = section(page)
    pills = told.get_by_role("radio")
    pills.filter(has_text=words("path.kinds.drawing")).press("Enter")
    sheet = told.locator(".sketch canvas")
    sheet.focus()
    for key, times in (("ArrowUp", 9), (" ", 1), ("ArrowDown", 17), (" ", 1)):
        for _ in range(times):
            page.keyboard.press(key)
    expect(first(told, "photo")).to_contain_text(words("path.net", digit=1))
    box = told.get_by_test_id("stSelectbox").nth(1).locator("input")
    box.focus()
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    led_to(told, words("path.net", digit=7))
    assert against_rules(page, ".st-key-attack_path_unfolded") == []
    assert one.errors == []
