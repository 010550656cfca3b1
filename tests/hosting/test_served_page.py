"""The page that a browser is given: behind proxies, below a base path, before a translator, in two languages."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from html import escape
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from dashboard.app.language import LANGUAGES, Texts
from tests.bench.visitor import APP, Server, serving
from tests.browser.conftest import PATIENCE
from tests.hosting.nginx import ADVICE, found, marked
from tests.hosting.topology import listens
from tests.lib.jobs.clusters import until

pytestmark = pytest.mark.xdist_group("served page")  # they share an app

Open = Callable[..., Page]
CHEAP = "throw_examples=100&throw_width=8&throw_steps=100&throw_seeds=2"
BASE = "labs/horizon"
ELSEWHERE = "127.0.0.2"  # on this machine, but by no name that it knows itself by

AS_IT_WAS_SENT = "proxy_set_header Host $http_host;"
WEBSOCKETS = "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(APP, tmp_path_factory.mktemp("app") / "log", HORIZON_WORKERS="1") as one:
        yield one


@pytest.fixture(scope="module")
def spoken(browser: Browser) -> Callable[[str], BrowserContext]:
    """A browser of that language, which keeps the scripts that it has loaded once."""
    return cache(lambda locale: browser.new_context(locale=locale))


@pytest.fixture
def opened(spoken: Callable[[str], BrowserContext]) -> Iterator[Open]:
    """Open an address in a tab of its own; a script that fails there fails the test."""
    pages: list[Page] = []

    def go(address: str, locale: str = "en-US") -> Page:
        page = spoken(locale).new_page()
        pages.append(page)
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.goto(address)
        return page

    faults: list[str] = []
    yield go
    for one in pages:
        one.close()
    assert faults == []


@contextmanager
def behind(app: Server, folder: Path, headers: str) -> Iterator[str]:
    """The address of an nginx before an app that does no more than these lines say."""
    path = found()
    assert path, ADVICE
    with socket.create_server((ELSEWHERE, 0)) as free:
        port = free.getsockname()[1]
    places = " ".join(f"{one}_temp_path {one};" for one in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        "daemon off; pid nginx.pid; error_log stderr; events {}\n"
        f"http {{ access_log off; {places.replace('client_body_temp_path client_body', 'client_body_temp_path body')}\n"
        f"server {{ listen {ELSEWHERE}:{port}; location / {{ proxy_pass {app.address}; {headers} }} }} }}\n"
    )
    with (folder / "nginx.log").open("wb") as log:
        command = [path, "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf"), *marked()]
        process = psutil.Popen(command, stderr=log)
    try:
        until(lambda: listens(process))
        yield f"http://{ELSEWHERE}:{port}"
    finally:
        process.terminate()
        process.wait()


def body(page: Page) -> Locator:
    return page.get_by_test_id("stMainBlockContainer")


def settled(page: Page) -> None:
    """The page's script has ended."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    body(page).locator("[class*=_main]").first.wait_for()


def unreached(page: Page) -> Locator:
    """What our page says if it is not connected."""
    return page.locator("[data-unreached]:visible")


@pytest.mark.parametrize(
    ("headers", "cause"), [(WEBSOCKETS, "host"), (AS_IT_WAS_SENT, "line")], ids=["without host", "without websockets"]
)
def test_a_page_that_a_proxy_keeps_from_its_server_says_why(
    app: Server, opened: Open, tmp_path: Path, headers: str, cause: str
) -> None:
    """In two languages at once: it waits a while before it says so."""
    with behind(app, tmp_path, headers) as address:
        pages = {
            language: opened(f"{address}/throw", locale) for language, locale in (("en", "en-GB"), ("zh", "zh-CN"))
        }
        for language, page in pages.items():
            expect(unreached(page)).to_have_text(Texts(language, "common")(f"unreached.{cause}"))
            expect(page.get_by_role("alert")).to_have_count(1)
            expect(page.get_by_role("heading")).to_have_count(0)


@pytest.mark.parametrize(
    "host",
    [AS_IT_WAS_SENT, "proxy_set_header Host $host:$server_port;", "proxy_set_header X-Forwarded-Host $http_host;"],
)
def test_a_page_behind_a_proxy_as_the_readme_wants_it_says_nothing(
    app: Server, opened: Open, tmp_path: Path, host: str
) -> None:
    with behind(app, tmp_path, WEBSOCKETS + host) as address:
        page = opened(f"{address}/throw")
        settled(page)
        expect(unreached(page)).to_have_count(0)
        page.evaluate("new Promise(done => setTimeout(done, 0))")
        assert page.locator("[data-unreached]").count() == 2 * len(LANGUAGES)


TRANSLATE = """() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = []
    while (texts.nextNode()) found.push(texts.currentNode)
    let changed = 0
    for (const text of found) {
        if (!text.data.trim() || !text.parentElement.translate) continue
        const font = document.createElement("font")
        text.replaceWith(font)
        font.append(text)
        changed += 1
    }
    return changed
}"""


def test_a_translator_that_asks_first_leaves_the_page_alone(app: Server, opened: Open) -> None:
    page = opened(f"{app.address}/throw?{CHEAP}&reveal=1")
    settled(page)
    expect(page.locator("meta[name=google]")).to_have_attribute("content", "notranslate")
    assert page.evaluate(TRANSLATE) == 0
    body(page).get_by_role("button", name="Start", exact=True).click()
    expect(body(page).get_by_text("The finished run of exactly these knobs.")).to_be_visible()
    expect(body(page).locator("tbody td:nth-child(2)")).to_have_count(4)


@pytest.mark.parametrize(
    ("link", "locale", "language"),
    [
        ("", "en-GB", "en"),
        ("", "zh-TW", "zh"),
        ("", "de-DE", "en"),
        ("?lang=zh", "en-US", "zh"),
        ("?lang=ZH_Hans", "en-US", "zh"),
        ("?lang=en-GB", "zh-CN", "en"),
        ("?lang=fr", "zh-CN", "zh"),
        ("?lang=en&lang=zh-TW", "en-US", "zh"),
    ],
)
def test_the_page_names_the_language_that_it_is_in(
    app: Server, opened: Open, link: str, locale: str, language: str
) -> None:
    page = opened(f"{app.address}/throw{link}", locale)
    expect(page.locator("h1").first).to_have_text(Texts(language, "throw")("question"))
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert link in page.url


def test_below_a_base_path_pages_files_and_links_stay_there(opened: Open, tmp_path: Path) -> None:
    with serving(APP, tmp_path / "log", HORIZON_WORKERS="1", STREAMLIT_SERVER_BASE_URL_PATH=BASE) as app:
        page = opened("about:blank")
        asked: list[str] = []
        page.on("response", lambda told: asked.append(told.url) if told.ok else None)
        page.goto(app.address)
        body(page).get_by_role("link", name="Open Throw").click()
        expect(page).to_have_url(re.compile(f"{BASE}/throw"))
        settled(page)
        body(page).locator(".st-key-throw_reveal button").click()
        body(page).get_by_text(Texts("en", "common")("take.open")).click()
        expect(body(page).get_by_test_id("stCode").first).to_contain_text(f"{app.address}/throw?v=")
        with page.expect_download() as file:
            body(page).get_by_role("button", name="Verdict as JSON").click()
        assert file.value.url.startswith(f"{app.address}/media/")
        page.goto(f"{app.address}/sort")  # has components of ours
        settled(page)
        page.goto(f"{app.address}/status")
        expect(page.locator("body")).to_contain_text("uptime_seconds")
    ours = [one for one in asked if one.startswith("http")]
    parts = {one.removeprefix(app.address).split("/")[1].partition("?")[0] for one in ours if one != app.address}
    assert {"sort", "static", "_stcore", "status"} <= parts, parts
    assert [one for one in ours if not one.startswith(app.address)] == []


def test_the_sentences_for_a_page_that_is_not_connected_can_stand_in_a_page() -> None:
    for language in LANGUAGES:
        for told in Texts(language, "common").at("unreached").values():
            assert escape(told, quote=False) == told
