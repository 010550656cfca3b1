"""The hosting of deploy/ as plain processes: visitors stay with an app, survive its death, and share its results."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.message import Message
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psutil
import pytest
from playwright.sync_api import Browser, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from dashboard.app.language import Texts
from dashboard.app.uploads import FRAME
from lib.labs.throw import Throw
from lib.store import Store
from lib.uploads import LARGEST
from tests.bench.visitor import Visitor, is_end, wait_for
from tests.browser.conftest import PATIENCE, idle, within
from tests.browser.page import body, button, figures, run_to_the_end
from tests.hosting.topology import DEPLOY, Site, hosted, services
from tests.lib.jobs.clusters import until
from tests.sample import HERE

pytestmark = pytest.mark.xdist_group("topology")  # they share a site

Go = Callable[..., Visitor]
Kill = Callable[[str], None]
CHEAP = "throw_examples=100&throw_width=8&throw_steps=100&throw_seeds=2"
LAB = Throw(examples=100, width=8, steps=100, seeds=2)
TAKE = Texts("en", "common")("take.open")
NEWCOMERS = 40  # that all are sent to one app happens once in 10¹¹ times


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with hosted(tmp_path_factory.mktemp("site")) as one:
        yield one


@pytest.fixture
def kill(site: Site) -> Iterator[Kill]:
    """Kill an app; it is back after the test."""
    dead: list[str] = []

    def now(name: str) -> None:
        dead.append(name)
        site.processes[name].kill()
        site.processes[name].wait()

    yield now
    for name in dead:
        back(site, name)


def back(site: Site, app: str) -> None:
    """Start a dead app again."""
    if site.processes[app].poll() is not None:
        site.start(app)
    wait_for(f"{site.apps[app].address}/_stcore/health", site.processes[app])


@pytest.fixture
def visit(site: Site) -> Iterator[Go]:
    """Open the page Throw through the proxy by a websocket alone."""
    opened: list[Visitor] = []

    def go(cookie: str, query: str = "") -> Visitor:
        opened.append(Visitor(site.address, "throw", f"{query}&reveal=1", cookie))
        return opened[-1]

    yield go
    for one in opened:
        one.leave()
    until(lambda: not any(lines(site, app) for app in site.apps))


OPENS = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}  # what a browser says that opens a page


def get(address: str, **headers: str) -> tuple[int, Message, bytes]:
    """Status, headers and body of an answer."""
    try:
        with urlopen(Request(address, headers=headers)) as told:
            return told.status, told.headers, told.read()
    except HTTPError as fault:
        with fault:
            return fault.code, fault.headers, fault.read()


def pinned(headers: Message) -> str:
    """The cookie by which the proxy knows a visitor again, as it is sent back; empty if none was set."""
    told = [one.partition(";")[0] for one in headers.get_all("Set-Cookie", [])]
    return next((one for one in told if one.startswith("horizon_app=")), "")


COOKIES = {"app1": "horizon_app=one", "app2": "horizon_app=two"}


def newcomer(site: Site, app: str) -> str:
    """The cookie of a new visitor whom the proxy has sent to this app."""
    told = (pinned(get(site.address, **OPENS)[1]) for _ in range(NEWCOMERS))
    return next(one for one in told if one == COOKIES[app])


def browser_of(site: Site, app: str) -> str:
    """The name of a browser that the proxy sends to this app when it comes in a frame, without a cookie."""
    names = [f"Slides/{nth}" for nth in range(NEWCOMERS)]
    return next(one for one in names if pinned(get(site.address, **{"User-Agent": one})[1]) == COOKIES[app])


def lines(site: Site, app: str) -> int:
    """How many connections an app holds, none if it is dead: one for each websocket, once requests are answered."""
    if site.processes[app].poll() is not None:
        return 0
    return sum(
        one.status == psutil.CONN_ESTABLISHED and one.laddr.port == int(site.apps[app].address.rpartition(":")[2])
        for one in site.processes[app].net_connections("tcp")
    )


def served(site: Site, mark: str) -> list[str]:
    """Which apps have answered the requests whose address contains a mark, in order; several names if several tried."""
    names = {app.address.removeprefix("http://"): name for name, app in site.apps.items()}
    told = [line.rpartition(" ") for line in (site.folder / "nginx" / "served.log").read_text().splitlines()]
    return [" ".join(names[one] for one in who.split(" : ")) for who, _, what in told if mark in what]


@pytest.mark.parametrize("app", ["app1", "app2"])
def test_all_that_a_visitor_asks_for_comes_from_one_app(site: Site, visit: Go, app: str) -> None:
    cookie, mark = newcomer(site, app), f"mark-{app}"
    for path in ("", "throw", "_stcore/health", "_stcore/host-config", "static/nothing.js", "media/nothing.png"):
        assert pinned(get(f"{site.address}/{path}?{mark}", Cookie=cookie)[1]) == ""
    until(lambda: len(served(site, mark)) == 7)  # the address of no page leads on to the one that says so
    assert set(served(site, mark)) == {app}
    other = ({"app1", "app2"} - {app}).pop()
    assert "markdown" in visit(cookie).shown
    until(lambda: (lines(site, app), lines(site, other)) == (1, 0))


def test_new_visitors_and_forged_cookies_spread_over_both(site: Site) -> None:
    for forged in ("", "horizon_app=three", "horizon_app=127.0.0.1:22", "horizon_app="):
        seen = {pinned(get(site.address, Cookie=forged, **OPENS)[1]) for _ in range(NEWCOMERS)}
        assert seen == {"horizon_app=one", "horizon_app=two"}


def test_who_keeps_no_cookie_stays_with_one_app(site: Site) -> None:
    def app_of(**headers: str) -> str:
        seen = {pinned(get(f"{site.address}/_stcore/health", **headers)[1]) for _ in range(16)}
        assert len(seen) == 1
        return seen.pop()

    assert {app_of(**{"User-Agent": f"Browser/{one}"}) for one in range(NEWCOMERS)} == {
        "horizon_app=one",
        "horizon_app=two",
    }
    through = [app_of(**{"X-Forwarded-For": f"203.0.113.{one}"}) for one in range(NEWCOMERS)]
    assert set(through) == {"horizon_app=one", "horizon_app=two"}
    for one in range(0, NEWCOMERS, 8):  # whichever of the proxies before ours a request has come by
        assert app_of(**{"X-Forwarded-For": f"203.0.113.{one}, 198.51.100.{one}"}) == through[one]


@pytest.mark.parametrize(
    ("scheme", "kept"),
    [
        ("https", "SameSite=None; Secure; Partitioned"),
        ("http", "SameSite=Lax"),
        ("ftp", "SameSite=Lax"),
        ("", "SameSite=Lax"),
    ],
)
def test_the_cookie_can_be_kept_where_the_page_is_framed_if_it_came_by_tls(site: Site, scheme: str, kept: str) -> None:
    told = get(site.address, **({"X-Forwarded-Proto": scheme} if scheme else {}))[1].get_all("Set-Cookie", [])
    assert re.fullmatch(rf"horizon_app=(one|two); Path=/; HttpOnly; {kept}", told[0])


@pytest.fixture
def slides(site: Site, tmp_path: Path) -> Iterator[str]:
    """The address of another site, on which a page is framed."""
    frame = f"<iframe src={site.address}/throw?embed=true&reveal=1 width=1200 height=700>"
    (tmp_path / "index.html").write_text(frame)
    serve = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.2", 0), serve) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        yield "http://{}:{}/".format(*other.server_address)
        other.shutdown()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_page_that_is_framed_on_another_site_has_one_app(
    site: Site, browser: Browser, slides: str, scheme: str
) -> None:
    """The header stands for a proxy that ends TLS before ours; Chromium takes this machine to be as safe as that."""
    for app in site.apps:
        agent, before = browser_of(site, app), len(served(site, ""))
        how: Any = {"user_agent": agent, "extra_http_headers": {"X-Forwarded-Proto": scheme}}
        with browser.new_context(locale="en-US", **how) as context:
            context.set_default_timeout(PATIENCE)
            page = context.new_page()
            page.goto(slides)
            frame = page.frame_locator("iframe")
            expect(frame.locator("tbody td:nth-child(2)")).to_have_count(4)
            frame.get_by_text(TAKE, exact=True).click()
            expect(frame.get_by_role("button", name="Verdict as JSON")).to_be_visible()
            expect(frame.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
            with page.expect_download() as file:  # from the memory of the app that has the session
                frame.get_by_role("button", name="Verdict as JSON").click()
            assert not file.value.failure()
            kept: list[Any] = context.cookies()
            assert any(one["name"] == "horizon_app" and "partitionKey" in one for one in kept) == (scheme == "https")
        until(lambda: not any(lines(site, one) for one in site.apps))
        assert set(served(site, "")[before:]) == {app}


@pytest.mark.parametrize(("app", "other"), [("app1", "app2"), ("app2", "app1")])
def test_a_dead_apps_visitors_see_their_verdict_at_the_other_and_stay(
    site: Site, kill: Kill, visit: Go, app: str, other: str
) -> None:
    seed, cookie = 1 if app == "app1" else 2, newcomer(site, app)
    link = f"{CHEAP}&throw_seed={seed}"
    before = visit(cookie, link)
    until(lambda: lines(site, app) == 1)
    before.press("Start")
    assert any(HERE in one for one in before.told)
    assert Store(str(site.store)).get(replace(LAB, seed=seed))
    kill(app)
    status, headers, _ = get(f"{site.address}/_stcore/health?after-{app}", Cookie=cookie)
    assert (status, pinned(headers)) == (200, COOKIES[other])
    until(lambda: served(site, f"after-{app}") == [f"{app} {other}"])
    after = visit(cookie, link)  # the websocket itself finds its way, too
    until(lambda: lines(site, other) == 1)
    assert any(HERE in one for one in after.told)
    assert verdict(after) == verdict(before)
    back(site, app)
    get(f"{site.address}/media/{app}-is-back", Cookie=pinned(headers))
    until(lambda: served(site, f"{app}-is-back") == [other])


def verdict(visitor: Visitor) -> str:
    """The sentences about the errors, as they stood in the end."""
    return [one for one in visitor.told if "errs by" in one][-1]


def keep(ends: list[Any], told: Any) -> None:
    """The end of a script among what a page is told."""
    if is_end(ForwardMsg.FromString(told)):
        ends.append(told)


def test_a_browser_finds_its_way_to_the_other_app_by_itself(site: Site, kill: Kill, browser: Browser) -> None:
    with browser.new_context(locale="en-US") as context:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(f"{site.address}/throw?{CHEAP}&throw_seed=3&reveal=1")
        run_to_the_end(page)
        told = figures(page)
        app, other = sorted(site.apps, key=lambda name: lines(site, name), reverse=True)
        ends: list[Any] = []
        page.on("websocket", lambda line: line.on("framereceived", lambda told: keep(ends, told)))
        kill(app)
        within(page, lambda: ends, "the end of a script at the other app")
        assert lines(site, other) == 1
        slider = body(page).get_by_role("slider", name="Examples")
        slider.focus()
        page.keyboard.press("ArrowLeft")
        expect(body(page).get_by_text("The picture is of other settings")).to_be_visible()
        page.go_back()
        expect(body(page).get_by_text(HERE)).to_be_visible()
        assert figures(page) == told
        body(page).get_by_text(TAKE, exact=True).click()
        expect(button(page, "Verdict as JSON")).to_be_visible()
        idle(page)  # a click before that may be lost
        with page.expect_download() as file:  # from the app's memory, so from the one that has the session
            button(page, "Verdict as JSON").click()
        assert not file.value.failure()


def test_scripts_arrive_compressed(site: Site) -> None:
    address = f"{site.address}/static/" + re.findall(r"static/(js/[^\"]+\.js)", get(site.address)[2].decode())[0]
    plain, zipped = get(address), get(address, **{"Accept-Encoding": "gzip"})
    assert (plain[0], zipped[0]) == (200, 200)
    assert zipped[1]["Content-Encoding"] == "gzip"
    assert "immutable" in zipped[1]["Cache-Control"]
    assert len(zipped[2]) < 0.5 * len(plain[2])


def test_a_link_with_as_many_points_as_one_may_draw_gets_through(site: Site) -> None:
    with urlopen(f"{site.address}/throw?drawn={'AAAA' * 2000}") as told:
        assert told.status == 200


def test_the_proxy_answers_what_is_not_for_visitors_itself(site: Site) -> None:
    assert get(f"{site.address}/_stcore/metrics")[0] == 404
    assert get(f"{site.apps['app1'].address}/_stcore/metrics")[0] == 200
    with pytest.raises(HTTPError, match="413"):
        urlopen(Request(site.address, data=bytes(100_000)))


def test_a_photo_passes_the_proxy_whole_and_no_larger_file_does(site: Site) -> None:
    for size, code in (
        (LARGEST + FRAME, 400),
        (6 * 2**20 + 1, 413),
    ):  # by the app, which knows no such visitor; by nginx
        asked = Request(f"{site.address}/_stcore/upload_file/nobody/file", data=bytes(size), method="PUT")
        asked.add_header("Content-Type", "multipart/form-data; boundary=x")
        with pytest.raises(HTTPError) as refusal:
            urlopen(asked)
        assert refusal.value.code == code
        refusal.value.close()


def test_the_image_knows_its_health_below_a_base_path_as_well(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    told = (DEPLOY / "Dockerfile").read_text().replace("\\\n", "")
    check = json.loads(re.findall(r"^HEALTHCHECK .* CMD (.*)$", told, re.MULTILINE)[0])
    port = site.apps["app1"].address.rpartition(":")[2]
    code = check[2].replace("8501", port)
    for base, wrong in (("", 0), ("/labs/", 1)):
        monkeypatch.setenv("STREAMLIT_SERVER_BASE_URL_PATH", base)
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert done.returncode == wrong, done.stderr
    assert "404" in done.stderr


def test_nobody_outside_this_machine_can_reach_the_processes(site: Site) -> None:
    """Workers run whatever they are sent."""
    listening = {
        one.laddr
        for process in site.everyone()
        for one in process.net_connections("inet")
        if one.status == psutil.CONN_LISTEN
    }
    assert len(listening) >= 8  # the proxy, two apps, a scheduler, two nannies, two workers
    assert {one.ip for one in listening} <= {"127.0.0.1", "::1"}


def test_in_containers_only_the_proxy_has_a_port_and_a_way_out() -> None:
    told = services()
    assert {name for name, one in told.items() if "ports" in one} == {"nginx"}
    assert {name for name, one in told.items() if one["networks"] != ["inside"]} == {"nginx"}
    assert {one["image"] for name, one in told.items() if name != "nginx"} == {"horizon"}  # one version of all parts
    for name, one in told.items():
        assert one["init"], name
        assert one["restart"] == "unless-stopped", name
        assert one["mem_limit"], name
