"""For each process of the tests one app, started as the README says, and one Chromium, whose visitors come and go."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route, WebSocket, expect

from tests import machine
from tests.bench.visitor import APP, Server, serving

PATIENCE = machine.PATIENCE * 1000  # ms
VEGA = "WARN "  # how a chart begins that complains of its spec or its rows

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def app() -> Iterator[Server]:
    with serving(APP, HORIZON_WORKERS="1") as one:
        yield one


def idle(page: Page) -> None:
    """Wait until the page's script has ended: a click before that may be lost."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def within(page: Page, true: Callable[[], object], what: str = "what did not happen") -> None:
    """Wait until it is so on this side, while the page goes on."""
    end = time.monotonic() + PATIENCE / 1000
    while not true():
        assert time.monotonic() < end, f"waited in vain for {what}"
        page.wait_for_timeout(50)


def until(page: Page, true: str, arg: object = None) -> None:
    """Wait until a function in the page says so. Playwright's wait_for_function uses eval, which our headers forbid."""
    within(page, lambda: page.evaluate(true, arg), true)


def rendered(page: Page) -> None:
    """Whatever was asked for so far is on the screen: two frames have passed."""
    page.evaluate("() => new Promise(tell => requestAnimationFrame(() => requestAnimationFrame(tell)))")


@dataclass
class Visit:
    """A visitor's tab at a server's address `home`: what went wrong (console errors, warnings of charts, requests to
    anywhere else), and what it has `sent` over its websocket."""

    page: Page
    home: str
    errors: list[str] = field(default_factory=list)
    sent: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda fault: self.errors.append(str(fault)))
        self.page.on("request", lambda request: self._see(request.url))
        self.page.on("websocket", self._overhear)

    @contextmanager
    def unheard(self) -> Iterator[None]:
        """Nothing that happens in the block is told to the server."""
        idle(self.page)
        assert self.sent  # it is overheard: it asked for its page
        before = len(self.sent)
        yield
        rendered(self.page)
        assert len(self.sent) == before

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type == "error" or said.text.startswith(VEGA):
            self.errors.append(said.text)

    def _see(self, asked: str) -> None:
        if not asked.startswith((self.home, "data:", "blob:")):
            self.errors.append(f"the page asks for {asked}")

    def _overhear(self, line: WebSocket) -> None:
        line.on("framesent", lambda frame: self.sent.append(frame))


Arrive = Callable[..., Visit]
Go = Callable[..., Visit]


@pytest.fixture(scope="session")
def chromium(browser: Browser) -> Callable[..., BrowserContext]:
    """A browser of somebody who has been here before: what it has loaded and compiled once, it keeps."""
    return cache(lambda **how: browser.new_context(**how))


@contextmanager
def arriving(chromium: Callable[..., BrowserContext]) -> Iterator[Arrive]:
    """Open an address in a tab of its own, by default 1280×720, light, English; nothing may go wrong in it until the
    block ends. held: what it asks for by this pattern is kept in this list for the test to let go."""
    opened: list[Visit] = []

    def go(
        home: str,
        path: str = "",
        *,
        width: int = 1280,
        height: int = 720,
        locale: str = "en-US",
        script: str = "",
        color_scheme: Any = "light",
        reduced_motion: Any = "no-preference",
        held: tuple[str, list[Route]] | None = None,
        **how: Any,
    ) -> Visit:
        one = Visit(chromium(locale=locale, **how).new_page(), home)
        opened.append(one)
        one.page.set_viewport_size({"width": width, "height": height})
        one.page.emulate_media(color_scheme=color_scheme, reduced_motion=reduced_motion)
        if script:
            one.page.add_init_script(script)
        if held:
            one.page.route(held[0], lambda asked: held[1].append(asked))  # no builtin: Playwright marks it
        one.page.goto(f"{home}/{path}")
        one.page.get_by_role("heading").first.wait_for()
        return one

    yield go
    for one in opened:
        one.page.close()
    assert [fault for one in opened for fault in one.errors] == []


@pytest.fixture
def arrive(chromium: Callable[..., BrowserContext]) -> Iterator[Arrive]:
    with arriving(chromium) as go:
        yield go


@pytest.fixture
def visit(app: Server, arrive: Arrive) -> Go:
    """Open a path of the app, the answers uncovered as after a guess; `covered=True` as a first visitor finds it."""

    def go(path: str = "", *, covered: bool = False, **how: Any) -> Visit:
        link = path if covered else f"{path}{'&' if '?' in path else '?'}reveal=1"
        return arrive(app.address, link, **how)

    return go
