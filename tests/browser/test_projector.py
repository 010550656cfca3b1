"""A projector's view: all on one screen, in letters that are read from the last row, against no rule."""

from __future__ import annotations

from playwright.sync_api import expect

from dashboard.app.language import LANGUAGES, Texts
from dashboard.page.guess import offered
from lib.labs import LABS
from tests.browser.conftest import Go
from tests.browser.looks import against_rules
from tests.browser.page import body, bottom, settled
from tests.dashboard.conftest import covering

LEAST = 18  # px

PEN = """
window.written = [];
for (const Pen of [CanvasRenderingContext2D, OffscreenCanvasRenderingContext2D]) {
  const fill = Pen.prototype.fillText;
  Pen.prototype.fillText = function (text, ...at) {
    written.push([parseFloat(this.font.match(/[\\d.]+(?=px)/)[0]) * this.getTransform().a / devicePixelRatio, text]);
    return fill.call(this, text, ...at);
  };
}
"""
"""Notes how large every word is that is painted on a canvas; a film's numerals are points, half their fields' size."""

LETTERS = """page => {
  const roots = [page, ...[...page.querySelectorAll('*')].map(it => it.shadowRoot).filter(Boolean)];
  const told = [...written];
  for (const root of roots) {
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const it = node.parentElement ?? root.host;
      if (!node.data.trim() || it?.closest('style, script')) continue;
      if (!it?.checkVisibility({ visibilityProperty: true })) continue;
      told.push([parseFloat(getComputedStyle(it).fontSize), node.data.trim()]);
    }
  }
  return told;
}"""
"""The size of each text of the page, of its components and of what they paint."""


@covering("name, language", LABS, LANGUAGES)
def test_all_is_large_and_on_one_screen_covered_and_uncovered(visit: Go, name: str, language: str) -> None:
    words = Texts(language, name)
    link = f"{name}?present=1&lang={language}"
    page = visit(link, covered=True, script=PEN, reduced_motion="reduce").page
    finding = body(page).get_by_test_id("stMarkdown").last
    expect(finding).to_contain_text(words("stage.veiled"))
    asked = body(page).locator("[class*=_polled] p").last
    expect(asked).to_contain_text(offered(words))
    settled(page)
    assert bottom(finding) <= 720
    assert against_rules(page) == []
    page.keyboard.press("v")
    expect(body(page).get_by_role("button", name=words("guess.reveal"))).to_have_count(0)
    expect(finding).to_contain_text("%" if name != "moonshot" else "km")
    settled(page)
    told = body(page).evaluate(LETTERS)
    assert len(told) > 10
    assert [one for one in told if one[0] < LEAST] == []
    assert bottom(finding) <= 720
    assert against_rules(page) == []
    [other] = LANGUAGES.keys() - {language}
    page.goto(page.url.replace(f"lang={language}", f"lang={other}") + "&reveal=1")
    expect(page.locator("h1")).to_have_text(Texts(other, name)("question"))
    settled(page)
    assert bottom(finding) <= 720
