"""What a host gets, from a server that runs as the README says: settings, headers, /status, log, workers, refusals."""

from __future__ import annotations

import json
import logging
import re
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from html import escape
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psutil
import pytest
from streamlit import config
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from dashboard.app import hosting, index_page, logs, origins
from dashboard.app.language import LANGUAGES, Texts
from lib.labs import LABS
from lib.logs import Lines
from tests.bench.visitor import APP, ROOT, Server, Visitor, serving
from tests.lib.jobs.clusters import called
from tests.machine import PATIENCE
from tests.sample import HERE, LAB, MIDDLING, WORDS

pytestmark = pytest.mark.xdist_group("server")  # one server for all of them
SECRET = "31415926535"  # what a visitor's link asks for, and nobody else is to read
FRIEND = "https://friend.test"  # an origin that the host has named


@dataclass(frozen=True)
class Host:
    """A running server, its log, and the proxy by which it would reach the internet, where nobody answers."""

    server: Server
    log: Path
    elsewhere: socket.socket

    def ask(self, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], str]:
        """Status, headers by their names in small letters, and what was answered."""
        try:
            with urlopen(Request(f"{self.server.address}/{path}", method=method, headers=headers)) as told:
                return told.status, {k.lower(): v for k, v in told.headers.items()}, told.read().decode()
        except HTTPError as refusal:
            with refusal:
                return refusal.code, {k.lower(): v for k, v in refusal.headers.items()}, refusal.read().decode()

    def called_out(self) -> bool:
        """True if the server has asked the internet for something."""
        return bool(select.select([self.elsewhere], [], [], 0)[0])

    def status(self) -> dict[str, str]:
        """What /status tells, by name; not what it told a moment ago."""
        time.sleep(hosting.FRESH)
        return dict(line.split() for line in self.ask("status")[2].splitlines())


def until(true: Callable[[], Any], what: str) -> Any:
    end = time.monotonic() + PATIENCE
    while not (found := true()):
        assert time.monotonic() < end, f"waited in vain until {what}"
        time.sleep(0.05)
    return found


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    log = tmp_path_factory.mktemp("host") / "log"
    with pytest.MonkeyPatch.context() as patch, socket.create_server(("127.0.0.1", 0)) as elsewhere:
        patch.delenv("HORIZON_LOG", raising=False)
        proxy = "http://127.0.0.1:{1}".format(*elsewhere.getsockname())
        environment = {"HORIZON_WORKERS": "1", "http_proxy": proxy, "https_proxy": proxy, "no_proxy": "127.0.0.1"}
        with serving(APP, log, STREAMLIT_SERVER_CORS_ALLOWED_ORIGINS=FRIEND, **environment) as server:
            yield Host(server, log, elsewhere)


SETTINGS = {
    "server.enableCORS": True,
    "server.enableXsrfProtection": True,
    "server.enableStaticServing": False,
    "server.enableAgentApi": False,
    "server.scriptHealthCheckEnabled": False,  # it runs the app for whoever asks
    "server.maxUploadSize": 5,
    "server.maxMessageSize": 10,
    "server.maxWidgetStateSize": 1,
    "server.fileWatcherType": "none",
    "server.trustedUserHeaders": {},
    "server.unsafeMetricsUserAttributes": [],
    "server.corsAllowedOrigins": [],
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.toolbarMode": "minimal",
    "browser.gatherUsageStats": False,
    "runner.magicEnabled": False,
    "runner.postScriptGC": False,
    "global.developmentMode": False,
}


def test_the_settings_are_those_of_a_public_host() -> None:
    code = "import json, sys\nfrom streamlit.config import get_option\n"
    code += "print(json.dumps({name: get_option(name) for name in sys.argv[1:]}))"
    done = subprocess.run([sys.executable, "-c", code, *SETTINGS], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == SETTINGS
    assert done.stderr == ""  # where Streamlit names settings that it does not know


@pytest.mark.parametrize("path", ["", "throw", "status", "_stcore/health", "_stcore/metrics", "media/none.png"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
def test_every_answer_carries_the_headers(host: Host, path: str, method: str) -> None:
    _, headers, _ = host.ask(path, method)
    for name, value in hosting.HEADERS.items():
        assert headers[name.lower()] == value


def test_scripts_come_from_this_server_and_none_from_text() -> None:
    scripts = next(one for one in hosting.policy().split("; ") if one.startswith("script-src"))
    assert re.fullmatch(r"script-src 'self'( 'sha256-[\w+/=]+')+", scripts)  # no blob: either, see dashboard/player
    assert "http" not in hosting.policy()


def test_health_is_as_it_was(host: Host) -> None:
    code, headers, told = host.ask("_stcore/health")
    assert (code, told) == (200, "ok")
    assert "access-control-allow-origin" not in headers


def test_the_status_says_how_the_app_is_and_nothing_of_anybody(host: Host) -> None:
    visitor = Visitor(host.server.address, "throw", f"throw_seed={SECRET}&{SECRET}=1")
    told = host.status()
    assert int(told["sessions"]) >= 1
    assert int(told["results_shipped"]) + int(told["results_memory"]) >= 1
    assert float(told["memory_mb"]) > 50
    assert told["version"] == hosting.version()
    numbers = {name: float(value) for name, value in told.items() if name != "version"}
    assert set(numbers) == {
        *(
            "uptime_seconds",
            "sessions",
            "memory_mb",
            "workers_memory_mb",
            "workers",
            "workers_ordered",
            "mean_wait_seconds",
        ),
        *(f"jobs_{name}" for name in ("running", "waiting", "done", "stopped", "failed")),
        *(f"results_{where}" for where in ("memory", "store", "shipped", "missing")),
    }
    assert SECRET not in host.ask("status")[2]
    assert SECRET not in host.ask("_stcore/metrics")[2]
    visitor.leave()
    until(lambda: host.status()["sessions"] == "0", "the visitor was gone")


def test_the_status_is_plain_text_that_nobody_keeps(host: Host) -> None:
    code, headers, _ = host.ask("status")
    assert code == 200
    assert headers["cache-control"] == "no-store"
    assert headers["content-type"].startswith("text/plain")


def test_metrics_tell_no_visitors_apart(host: Host) -> None:
    lines = [line for line in host.ask("_stcore/metrics")[2].splitlines() if not line.startswith("#")]
    names = {line.partition("{")[0].partition(" ")[0] for line in lines}
    assert names <= {"cache_memory_bytes", "session_events_total", "session_duration_seconds_total", "active_sessions"}


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
@pytest.mark.parametrize(
    "path", ["_stcore/upload_file/a", "_stcore/upload_file/a/b/c", "_stcore/agent/interact", "media/a", "status", ""]
)
def test_nothing_can_be_sent_but_clicks_and_photos(host: Host, method: str, path: str) -> None:
    code, headers, _ = host.ask(path, method)
    assert (code, headers["allow"]) == (405, "GET, HEAD, OPTIONS")


STRANGERS = [
    "https://elsewhere.test",
    "null",
    "http://localhost.elsewhere.test",
    "https://friend.test.elsewhere.test",
    "file://",
    "http://[",
    "http://a b\tlevel=ERROR",
    "http://127.0.0.1@elsewhere.test:99999",
]


def knock(host: Host, origin: str | None, **headers: str) -> int:
    """The answer to a websocket that a page of that origin opens: 101 lets it in."""
    address = host.server.address.replace("http", "ws") + "/_stcore/stream"
    try:
        with connect(address, origin=origin, additional_headers=headers) as line:  # type: ignore[arg-type]
            return line.response.status_code  # type: ignore[union-attr]
    except InvalidStatus as refusal:
        return refusal.response.status_code


@pytest.mark.parametrize("origin", STRANGERS)
def test_pages_of_other_sites_open_no_websocket_and_the_server_asks_nobody_who_they_are(
    host: Host, origin: str
) -> None:
    before = len(host.log.read_text())
    assert knock(host, origin) == 403
    assert not host.called_out()
    told = until(lambda: host.log.read_text()[before:].splitlines(), "it was told")
    assert len(told) == 1
    assert 'level=WARNING logger=horizon.hosting event="a websocket was refused" error="Origin is neither' in told[0]
    assert "elsewhere" not in told[0]


def test_our_own_pages_open_one_and_those_that_the_host_has_named(host: Host) -> None:
    for origin in (host.server.address, None, FRIEND, "http://localhost:3000", f"{FRIEND}:8443"):
        assert knock(host, origin) == 101, origin
    assert knock(host, "https://here.test", **{"X-Forwarded-Host": "inner.test, here.test:443"}) == 101
    assert knock(host, "https://here.test", **{"X-Forwarded-Host": "here.test:8443"}) == 403
    assert not host.called_out()


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Settings of Streamlit's, by their names, for this test."""

    def put(**values: Any) -> None:
        known = config.get_option
        monkeypatch.setattr(config, "get_option", lambda name: values.get(name.partition(".")[2], known(name)))

    return put


@pytest.mark.parametrize(
    ("origin", "hosts", "ours"),
    [
        ("https://a.test", "a.test", True),
        ("https://a.test", "a.test:443", True),
        ("https://a.test:443", "a.test", True),
        ("http://a.test", "A.test:80", True),
        ("http://a.test:8080", "a.test:8080", True),
        ("http://[::1]:8501", "[::1]:8501", True),
        ("http://a.test:8080", "a.test", False),
        ("https://a.test", "a.test:80", False),
        ("https://a.test", "b.test, a.test", True),
        ("https://a.test", ",", False),
        ("https://a.test", "", False),
        ("null", "null", False),
        ("", "", False),
        ("https://a.test:port", "a.test:port", False),
    ],
)
def test_a_host_header_names_the_place_of_an_origin(origin: str, hosts: str, ours: bool) -> None:
    assert origins.own(origin, hosts) is ours


def test_what_a_host_has_set_of_streamlit_holds(settings: Callable[..., None]) -> None:
    settings(allowedHosts=["*.a.test"], corsAllowedOrigins=[" https://friend.test "])
    assert origins.fault("https://x.a.test", "x.a.test") is None
    assert origins.fault("https://friend.test", "x.a.test") is None
    assert "allowedHosts" in str(origins.fault("https://b.test", "b.test"))
    assert "allowedHosts" in str(origins.fault(None, None))
    assert "corsAllowedOrigins" in str(origins.fault("https://b.test", "x.a.test"))
    settings(enableCORS=False, allowedHosts=[])
    assert origins.fault("https://b.test", "a.test") is None


@pytest.mark.parametrize(("word", "code", "lines"), [("text", 1003, 1), (b"\xff\xff", 1002, 1)])
def test_who_speaks_no_streamlit_is_shown_out_with_one_line(host: Host, word: Any, code: int, lines: int) -> None:
    before = len(host.log.read_text())
    with connect(host.server.address.replace("http", "ws") + "/_stcore/stream") as line:
        line.send(word)
        with pytest.raises(ConnectionClosed) as refusal:
            line.recv()
    assert refusal.value.rcvd
    assert refusal.value.rcvd.code == code
    told = until(lambda: host.log.read_text()[before:].splitlines(), "it was told")
    assert len(told) == lines
    assert told[0].startswith("time=")


def test_what_the_servers_libraries_log_is_ours_to_write_and_quotes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    record = logging.LogRecord("streamlit.x", logging.WARNING, "", 1, "no file %s", ("secret",), None)
    lines = logging.StreamHandler()
    lines.setFormatter(Lines())
    assert not logs._taken_over(lines, record)
    assert capsys.readouterr().err.endswith('level=WARNING logger=streamlit.x event="no file %s"\n')


@pytest.mark.parametrize("path", ["", "throw", "index.html", "missing"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_page_says_that_it_is_not_to_be_translated_and_where_it_was_asked_for(
    host: Host, path: str, method: str
) -> None:
    seen = {"If-None-Match": "*", "If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT", "Range": "bytes=0-9"}
    code, headers, page = host.ask(path, method, **{"X-Forwarded-Host": '"><b>', **seen})
    assert code == 200
    assert headers["cache-control"] == "no-cache"
    assert not headers.keys() & {"etag", "last-modified", "content-encoding"}
    if method == "HEAD":
        assert page == ""
        return
    assert int(headers["content-length"]) == len(page.encode())
    assert 'translate="no"' in page
    assert f'data-hosts="{host.server.address.removeprefix("http://")},&quot;&gt;&lt;b&gt;"' in page
    for language in LANGUAGES:
        for told in Texts(language, "common").at("unreached").values():
            assert escape(told) in page


@pytest.mark.parametrize("path", ["no/such/page", "throw/throw", "thrwo", "x.html"])
def test_an_address_of_no_page_leads_to_the_one_that_says_so(host: Host, path: str) -> None:
    with closing(HTTPConnection(host.server.address.removeprefix("http://"))) as line:
        line.request("GET", f"/{path}")
        answer = line.getresponse()
        assert (answer.status, answer.headers["location"], answer.read()) == (302, "/missing", b"")


def test_who_is_led_there_keeps_their_language(host: Host) -> None:
    with closing(HTTPConnection(host.server.address.removeprefix("http://"))) as line:
        line.request("GET", "/thrwo?lang=zh&x=%0d%0aA:b")
        assert line.getresponse().headers["location"] == "/missing?lang=zh&x=%0d%0aA:b"


def test_our_page_stands_in_the_place_of_streamlits_alone(host: Host) -> None:
    for path in ("manifest.json", "_stcore/host-config", "status", "media/nothing.png"):
        assert "data-hosts" not in host.ask(path)[2]
    script = re.findall(r"static/js/[^\"]+\.js", host.ask("")[2])[0]
    code, headers, told = host.ask(script, Range="bytes=0-9")
    assert (code, len(told)) == (206, 10)
    assert "immutable" in headers["cache-control"]


def test_a_new_index_page_of_streamlits_is_noticed() -> None:
    with pytest.raises(ValueError, match=r"expected one '<html>', got 0; see index_page.py"):
        index_page._replaced("<p></p>", "<html>", "")


def test_below_a_base_path_all_is_where_it_should_be(tmp_path: Path) -> None:
    with serving(APP, tmp_path / "log", HORIZON_WORKERS="1", STREAMLIT_SERVER_BASE_URL_PATH="labs/horizon") as server:
        for path, begins in (("status", b"version "), ("throw", b"<!--")):
            with urlopen(f"{server.address}/{path}") as told:
                assert told.read().startswith(begins)
        visitor = Visitor(server.address, "throw")
        assert "markdown" in visitor.shown
        visitor.leave()
        with pytest.raises(HTTPError, match="404"):
            urlopen(server.address.removesuffix("/labs/horizon") + "/status")


def test_other_sites_may_not_read_an_answer(host: Host) -> None:
    for path in ("", "status", "_stcore/health", "_stcore/host-config", "_stcore/metrics"):
        assert "access-control-allow-origin" not in host.ask(path, Origin="https://elsewhere.test")[1]


@pytest.mark.parametrize(
    "path", ["app/static/README.md", "README.md", "lib/jobs/engine.py", "..%2fREADME.md", "%2e%2e/README.md"]
)
def test_no_file_of_the_repository_is_served(host: Host, path: str) -> None:
    assert "Horizon" not in host.ask(path)[2]


def cluster(server: Server) -> list[int]:
    """The scheduler and the nannies: children of the server, while its grandchildren come and go."""
    return sorted(one.pid for one in server.process.children() if "lib.jobs.cluster" in called(one))


def test_no_visitor_can_take_the_workers_from_the_others(host: Host) -> None:
    before = until(lambda: len(found := cluster(host.server)) == 2 and found, "scheduler and nanny were there")
    visitor = Visitor(host.server.address, "throw")
    visitor.line.send(BackMsg(clear_cache=True).SerializeToString())
    visitor.line.send(BackMsg(debug_shutdown_runtime=True).SerializeToString())
    visitor.rerun()
    visitor.leave()
    assert cluster(host.server) == before
    assert host.ask("_stcore/health")[0] == 200


def test_a_visitor_who_sends_too_much_is_shown_out(host: Host) -> None:
    visitor = Visitor(host.server.address, "throw")
    visitor.state.query_string = "v=" + "9" * 1_100_000
    with pytest.raises(Exception, match="1009"):
        visitor.rerun()
    Visitor(host.server.address, "throw").leave()


def forge(visitor: Visitor, widget: str, **value: Any) -> None:
    """Say of a widget, by its key, what no browser would."""
    drawn = [one.delta.new_element for one in visitor.heard if one.WhichOneof("type") == "delta"]
    names = [getattr(getattr(one, one.WhichOneof("type") or "", None), "id", "") for one in drawn]
    name = next(one for one in names if one.endswith(f"-{widget}"))
    visitor.state.widget_states.widgets.add(id=name, **value)


def test_a_page_that_fails_tells_the_log_why_and_the_visitor_only_that(host: Host) -> None:
    visitor = Visitor(host.server.address, "throw")
    forge(visitor, "lang", json_value="[[[")
    with pytest.raises(RuntimeError) as fault:
        visitor.rerun()
    visitor.leave()
    assert "JSON" not in str(fault.value)
    drawn = [one.delta.new_element for one in visitor.heard if one.WhichOneof("type") == "delta"]
    shown = [one.exception for one in drawn if one.WhichOneof("type") == "exception"]
    assert [(one.type, list(one.stack_trace)) for one in shown] == [("", [])]
    told = until(lambda: [line for line in host.log.read_text().splitlines() if "a page failed" in line], "it was told")
    assert len(told) == 1
    assert "level=ERROR logger=horizon.hosting" in told[0]
    assert "JSONDecodeError: Expecting value" in told[0]
    assert "Uncaught app execution" not in host.log.read_text()


@pytest.mark.parametrize("value", [float("nan"), 1e9, -1e30], ids=str)
def test_a_forged_turn_of_a_knob_stays_within_its_bounds(host: Host, value: float) -> None:
    visitor = Visitor(host.server.address, "throw")
    forge(visitor, "throw_activation", string_value="x" * 1000)
    forge(visitor, "throw_coverage", double_array_value={"data": [value]})
    forge(visitor, "throw_examples", double_array_value={"data": [value]})
    visitor.rerun()
    assert "x" * 10 not in visitor.state.query_string
    assert str(value) not in visitor.state.query_string
    visitor.leave()


def test_the_log_tells_no_addresses_and_no_links(host: Host) -> None:
    before = len(host.log.read_text())
    Visitor(host.server.address, "throw", f"throw_seed={SECRET}&v={SECRET}").leave()
    assert "server is up" in host.log.read_text()
    told = re.sub(r"worker=\S+", "", host.log.read_text()[before:])  # whose address is the host's own
    for secret in ("127.0.0.1", "::1", SECRET, "127.0.0"):
        assert secret not in told


@pytest.mark.parametrize(
    "end", [psutil.Popen.terminate, lambda process: process.send_signal(2)], ids=["terminate", "ctrl-c"]
)
def test_workers_begin_without_a_visitor_and_end_with_the_server(
    end: Callable[[Any], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HORIZON_WORKERS", "1")
    with serving(APP, tmp_path / "log") as server:
        until(lambda: len(cluster(server)) == 2, "the workers were there")
        visitor = Visitor(server.address, "throw")
        family = server.process.children(recursive=True)
        end(server.process)
        server.process.wait(PATIENCE)
        _, left = psutil.wait_procs(family, PATIENCE)
        assert left == []
        visitor.leave()
    told = (tmp_path / "log").read_text()
    assert [line for line in told.splitlines() if "distributed" in line] == []
    assert "server is down" in told
    assert "Traceback" not in told


def line(message: str, **extra: Any) -> str:
    record = logging.getLogger("horizon.test").makeRecord("horizon.test", 20, "", 1, message, (), None, extra=extra)
    return Lines().format(record)


def test_an_event_is_one_line_that_says_when_who_and_what() -> None:
    told = line("job begins", recipe="throw-3fa9c1", seconds=1.23456789, waiting=2, visitor="somebody")
    time_told, rest = told.split(" ", 1)
    assert len(time_told) == len("time=2026-11-30T09:15:02.118Z")
    assert rest == 'level=INFO logger=horizon.test event="job begins" recipe=throw-3fa9c1 waiting=2 seconds=1.23457'


@pytest.mark.parametrize("word", ["a\nlevel=ERROR", "a\r\nb", "\x1b[2J", "a b", 'a"b', "a\u2028b", "a\x85b", "时", ""])
def test_nothing_in_a_line_begins_another_or_passes_for_a_field(word: str) -> None:
    for told in (line(word), line("event", error=word)):
        assert len(told.splitlines()) == 1
        assert told.isprintable()
        assert json.dumps(word) in told


def test_a_fault_is_told_with_its_trace_on_the_same_line() -> None:
    try:
        raise ValueError("wrong\nlevel=INFO")
    except ValueError as fault:
        record = logging.LogRecord("horizon", 40, "", 1, "a page failed", (), (type(fault), fault, fault.__traceback__))
    told = Lines().format(record)
    assert len(told.splitlines()) == 1
    assert told.endswith('wrong\\nlevel=INFO"')


def test_the_server_does_without_what_a_page_does_not_need(host: Host) -> None:
    for page in ("", *LABS):
        Visitor(host.server.address, page).leave()
    loaded = {Path(one.path).parts for one in host.server.process.memory_maps() if "site-packages" in one.path}
    packages = {parts[parts.index("site-packages") + 1] for parts in loaded}
    assert "pyarrow" in packages
    assert packages.isdisjoint({"pandas", "torch", "sklearn", "scipy"})


def test_the_web_process_computes_nothing(host: Host) -> None:
    for page in ("", *LABS):
        Visitor(host.server.address, page).leave()
    visitor = Visitor(host.server.address, LAB, f"{MIDDLING}&throw_seed=8")
    web = host.server.process
    family = [web, *web.children(recursive=True)]
    before = [used(one) for one in family]
    visitor.press(WORDS("run.start"))
    visitor.leave()
    assert HERE in " ".join(visitor.told)
    spent = [used(one) - was for one, was in zip(family, before, strict=True)]
    assert spent[0] < 0.6 * max(spent)


def used(process: psutil.Process) -> float:
    """Seconds of processor time so far."""
    return sum(process.cpu_times()[:2])


def test_who_watches_gets_no_heap_of_their_own() -> None:
    told = "import pyarrow; print(pyarrow.default_memory_pool().backend_name)"
    script = f"import streamlit\nfrom dashboard.app import hosting\nhosting._lean()\n{told}"
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["system"]
