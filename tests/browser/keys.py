"""A page by the tab key alone: where its stops are, and whether each can be seen."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

TABS = 10  # from a page's beginning to Start, the link that skips the menu and Enter on it among them
FURTHER = 12  # from Start to what moves the picture
MOST = 150  # to the page's end

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
        moves: it.matches('input[type=range], select') && !!host.closest('[class*=_leading], [class*=_picture]'),
    };
}"""
"""Where the keyboard is, in a component of ours too: whether that is to be seen, and clear of the header."""


def pressed(page: Page, key: str) -> Any:
    """Where the keyboard is then."""
    page.keyboard.press(key)
    return page.evaluate(FOCUS)


DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def stood(page: Page, key: str) -> str:
    """What the focused widget stands at then, once the browser has drawn it: a film moves with the next frame."""
    page.keyboard.press(key)
    page.evaluate(DRAWN)
    return page.evaluate(FOCUS)["value"]


def walk(page: Page) -> tuple[list[Any], list[str]]:
    """All stops from a page's beginning: the first, the page itself after Enter there, and so on to its end and the
    first once more. And what the first that moves a picture after Start stands at: as found, then by Home, by End."""
    stops, values = [pressed(page, "Tab"), pressed(page, "Enter")], list[str]()
    while not stops[-1]["left"] and len(stops) < MOST:
        stops.append(pressed(page, "Tab"))
        if stops[-1]["moves"] and not values and any(one["runs"] for one in stops):
            values = [stops[-1]["value"], *(stood(page, key) for key in ("Home", "End"))]
    return [*stops, pressed(page, "Tab")], values


def tabbed(page: Page, to: str, most: int) -> None:
    """Tab is pressed until the focus is where FOCUS says `to`."""
    for _ in range(most):
        if pressed(page, "Tab")[to]:
            return
    raise AssertionError(f"no {to} within {most} tabs")


def skipped(page: Page) -> None:
    """Past the menu, by the first stop of the tab key."""
    assert pressed(page, "Tab")["first"]
    assert pressed(page, "Enter")["main"]
