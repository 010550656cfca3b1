"""What others may do with a link, and where they may show a page."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import expect

from tests.browser.conftest import Go
from tests.browser.page import body, drawn
from tests.sample import LAB


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
    one = visit(
        "throw?" + urlencode(asked | {"v": image, "lang": script, "show": image, "present": script, script: "1"})
    )
    alerts: list[str] = []
    one.page.on("dialog", lambda box: (alerts.append(box.message), box.dismiss()))
    drawn(one.page)
    expect(body(one.page).get_by_test_id("stAlert")).to_have_count(7)
    assert one.page.evaluate("window.hit") is None
    assert one.page.locator("[src*='h.test'], [onerror]").count() == 0
    assert alerts == []


def test_slides_can_show_a_page(visit: Go, tmp_path: Path) -> None:
    page = visit(LAB).page
    slide = tmp_path / "slide.html"
    slide.write_text(f'<iframe src="{page.url}&embed=true" width="1200" height="700"></iframe>')
    show = page.context.new_page()
    show.goto(slide.as_uri())
    show.frame_locator("iframe").locator("[class*=_picture] svg").first.wait_for()
    show.close()
