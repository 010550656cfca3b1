"""Whoever reads by ear or by keyboard: axe-core (tests/browser/axe) finds no fault on any page, and Start is a few keys
away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dashboard.app.language import LANGUAGES, Texts
from lib.labs import LABS
from tests.browser.conftest import Go, idle, until
from tests.browser.page import body, button, drawn, settled
from tests.sample import LAB, LONG, WORDS

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
LOOKS = {"light": "rgb(255, 253, 249)", "dark": "rgb(17, 21, 28)"}
TALL = 6000  # px; axe weighs no contrast of what is scrolled out of sight

TABS = 10  # from a page's beginning to Start, the link that skips the menu and Enter on it among them

ALLOWED: dict[str, str] = {}
"""Faults of Streamlit's own by axe's rule: what their place begins with."""

FAULTS = """async () => {
    const told = await axe.run(document, { resultTypes: ['violations', 'incomplete'] });
    const broken = told.incomplete.flatMap(rule => rule.nodes.filter(node => /encountered an error/.test(
        [...node.any, ...node.all, ...node.none].map(check => check.message).join())).map(node => [rule, node]));
    const wrong = told.violations.flatMap(rule => rule.nodes.map(node => [rule, node]));
    return [...wrong, ...broken].map(([rule, node]) => [rule.id, node.target.flat().join(' '),
        node.html.slice(0, 200), [...node.any, ...node.all, ...node.none].map(check => check.message).join('; ')]);
}"""
"""What is against a rule, and where axe itself has failed, which hides all that the rule would have found."""

PALE = """() => {
    const rgb = (colour) => (colour.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number)
        .map((part, i) => colour.startsWith('color(') && i < 3 ? 255 * part : part);
    const light = ([r, g, b]) => [r, g, b].map(one => one / 255)
        .map(one => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
        .reduce((sum, one, i) => sum + [0.2126, 0.7152, 0.0722][i] * one, 0);
    const over = ([r, g, b, a = 1], below) => [r, g, b].map((one, i) => a * one + (1 - a) * below[i]);
    const up = (it) => it.parentElement ?? it.getRootNode().host;
    const ground = (it) => {
        if (!it) return [255, 255, 255];
        const own = rgb(getComputedStyle(it).backgroundColor);
        return own.length < 4 || own[3] === 1 ? own : over(own, ground(up(it)));
    };
    const shown = (it) => !it || (getComputedStyle(it).opacity !== '0' && shown(up(it)));
    const roots = [document, ...[...document.querySelectorAll('*')].map(it => it.shadowRoot).filter(Boolean)];
    const texts = roots.flatMap(root => [...root.querySelectorAll('svg text, pre .token')]);
    const pale = [];
    for (const it of new Set(texts)) {
        const style = getComputedStyle(it), below = ground(it.closest('svg') ?? it);
        if (!it.textContent.trim() || !it.getClientRects().length || !shown(it)) continue;
        const halo = it.localName === 'text' && style.stroke !== 'none'; // the words themselves stand before it
        const ink = over(rgb(it.localName === 'text' ? style.fill : style.color), below);
        const [low, high] = [light(ink), light(below)].sort((a, b) => a - b);
        const ratio = (high + 0.05) / (low + 0.05);
        if (ratio < 4.5 && !halo) pale.push([ratio.toFixed(2), it.textContent.slice(0, 40), style.fill, style.color]);
    }
    return pale;
}"""
"""Words in pictures and in code below 4.5:1, of which axe cannot tell the ground, or which it finds scrolled away."""

FOCUS = """() => {
    const path = [document.activeElement];
    while (path.at(-1).shadowRoot?.activeElement) path.push(path.at(-1).shadowRoot.activeElement);
    const [host, it] = [path[0], path.at(-1)], style = getComputedStyle(it);
    const [main, left] = [it.localName === 'main', it === document.body]; // no stop: where the link leads, the end
    const header = document.querySelector('[data-testid=stHeader]').getBoundingClientRect();
    const apart = !host.closest('main') || host.closest('.st-key-language'); // stands in the header's row
    return {
        what: it.cloneNode(false).outerHTML, value: it.value, main, left,
        ringed: main || left || !/none|\\b0px/.test(style.outline) || style.boxShadow !== 'none',
        clear: main || left || apart || it.getBoundingClientRect().top >= header.bottom,
        first: it.matches('[data-testid=stSkipToContent]'),
        runs: host.closest('[class*=_runbar]') !== null,
        moves: it.matches('input[type=range], select') && !!host.closest('[class*=_first], [class*=_picture]'),
    };
}"""
"""Where the keyboard is, in a component of ours too: whether that is to be seen, and clear of the header."""


def faults(page: Page) -> list[Any]:
    return [one for one in page.evaluate(FAULTS) if not (one[0] in ALLOWED and one[1].startswith(ALLOWED[one[0]]))]


def unfold(page: Page) -> None:
    """Everything that is folded is unfolded, by keys."""
    for fold in body(page).get_by_test_id("stExpander").all():
        if fold.locator("details").get_attribute("open") is None:
            idle(page)
            fold.locator("summary").press("Enter")
        expect(fold.get_by_test_id("stElementContainer").last).to_be_visible()
    settled(page)
    until(page, "() => [...document.querySelectorAll('pre')].every(code => code.tabIndex === 0)")


def painted(page: Page, look: str) -> None:
    """Everything is in the colours of a look."""
    page.emulate_media(color_scheme=look, reduced_motion="reduce")  # type: ignore[arg-type]
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", LOOKS[look])
    settled(page)
    until(
        page,
        "ground => [...document.querySelectorAll('[data-testid=stVegaLiteChart] svg.marks')]"
        ".every(chart => getComputedStyle(chart).backgroundColor === ground)",
        LOOKS[look],
    )
    until(page, "() => document.getAnimations().every(one => one.playState !== 'running')")  # colours fade over


@pytest.mark.parametrize("path", ["", *LABS])
def test_axe_finds_no_fault_and_a_page_says_its_language_and_its_name(visit: Go, path: str) -> None:
    """Whatever is unfolded, in each look and in each language: of the four pairs two."""
    page = visit(f"{path}?lang=en", reduced_motion="reduce").page
    drawn(page)
    settled(page)
    page.evaluate(AXE)  # as a script element our headers would forbid it
    for language, look in zip(LANGUAGES, LOOKS, strict=True):
        page.get_by_text(LANGUAGES[language], exact=True).click()
        expect(page).to_have_title(Texts(language, path or "home")("title"))
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.locator("h1")).to_have_text(Texts(language, path or "home")("question"))
        settled(page)
        unfold(page)
        page.set_viewport_size({"width": 1280, "height": TALL})
        painted(page, look)
        assert page.get_by_test_id("stMain").evaluate("page => page.scrollHeight") <= TALL
        told = [*faults(page), *page.evaluate(PALE)]
        assert not told, "\n".join(map(str, told))


def tabbed(page: Page, to: str, most: int) -> int:
    """How often Tab is pressed until the focus is where FOCUS says `to`; every stop on the way can be seen."""
    for count in range(1, most + 1):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        assert focus["ringed"], focus
        assert focus["clear"], focus
        if focus[to]:
            return count
    raise AssertionError(f"no {to} within {most} tabs")


def skipped(page: Page) -> None:
    """Past the menu, by the first stop of the tab key."""
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUS)["first"]
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUS)["main"]


@pytest.mark.parametrize("name", LABS)
def test_start_and_what_moves_the_picture_are_a_few_keys_away_and_every_stop_is_seen(visit: Go, name: str) -> None:
    page = visit(name, reduced_motion="reduce").page
    drawn(page)
    settled(page)
    skipped(page)
    tabbed(page, "runs", TABS - 2)
    tabbed(page, "moves", 12)
    before = page.evaluate(FOCUS)["value"]
    page.keyboard.press("Home")
    if page.evaluate(FOCUS)["value"] == before:
        page.keyboard.press("End")
    assert page.evaluate(FOCUS)["value"] != before
    tabbed(page, "left", 150)
    skipped(page)  # it was the page's end


def test_a_run_is_started_and_stopped_by_keys(visit: Go) -> None:
    page = visit(f"{LAB}?{LONG}&throw_seed=9").page
    drawn(page)
    settled(page)
    skipped(page)
    tabbed(page, "runs", TABS)
    expect(button(page, WORDS("run.start"))).to_be_focused()
    page.keyboard.press("Enter")
    body(page).get_by_test_id("stProgress").wait_for()
    expect(button(page, WORDS("run.stop"))).to_be_enabled()
    tabbed(page, "runs", TABS)
    expect(button(page, WORDS("run.stop"))).to_be_focused()
    page.keyboard.press("Enter")
    body(page).get_by_test_id("stProgress").wait_for(state="detached")
