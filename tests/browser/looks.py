"""How a page looks in the colours of each look: by axe-core (tests/browser/axe), and by its words in pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import until
from tests.browser.page import settled

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
LOOKS = {"light": "rgb(255, 253, 249)", "dark": "rgb(17, 21, 28)"}
TALL = 8000  # px; axe weighs no contrast of what is scrolled out of sight

ALLOWED: dict[str, str] = {
    "presentation-role-conflict": '<section role="presentation"',
    "list": '<ul data-testid="stSidebarNavItems"',
    "listitem": '<li class="st-emotion-cache-',
}
"""Faults of Streamlit's own by axe's rule: what their element begins with. The area into which a file may be dropped
is said to mean nothing, and has a name; on a phone the menu is a list of sections that are no items but hold them."""

FAULTS = """async (part) => {
    const moving = document.getAnimations().filter(one => one.effect.getComputedTiming().endTime < Infinity);
    for (const one of moving) one.finish(); // what fades in is pale half-way
    const place = part ? document.querySelector(part) : document;
    const told = await axe.run(place, { resultTypes: ['violations', 'incomplete'] });
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


def faults(page: Page) -> list[Any]:
    """All that is wrong on a page, scrolled out of sight or not; its window is made as tall as it is."""
    page.set_viewport_size({"width": 1280, "height": TALL})
    settled(page)
    assert page.get_by_test_id("stMain").evaluate("page => page.scrollHeight") <= TALL
    return [*against_rules(page), *page.evaluate(PALE)]


def against_rules(page: Page, part: str = "") -> list[Any]:
    """What axe finds on a page as it is, or on the part that a selector names, but for what is allowed."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE)  # as a script element our headers would forbid it
    still(page)
    return [
        one for one in page.evaluate(FAULTS, part) if not (one[0] in ALLOWED and one[2].startswith(ALLOWED[one[0]]))
    ]


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
    still(page)


def still(page: Page) -> None:
    """Nothing fades over to other colours any more, as a tab's name does that was chosen."""
    until(page, "() => document.getAnimations().every(one => one.playState !== 'running')")
