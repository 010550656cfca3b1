"""What a host gets, from a server that runs as the README says: settings, headers, /status, log, workers, refusals."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psutil
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from dashboard.app import hosting, logs
from lib.labs import LABS
from tests.bench.visitor import APP, ROOT, Server, Visitor, serving
from tests.lib.jobs.clusters import called
from tests.sample import HERE, LAB, MIDDLING, WORDS

pytestmark = pytest.mark.xdist_group("server")  # one server for all of them
SECRET = "31415926535"  # what a visitor's link asks for, and nobody else is to read
PATIENCE = 60.0  # seconds


@dataclass(frozen=True)
class Host:
    """A running server and its log."""

    server: Server
    log: Path

    def ask(self, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], str]:
        """Status, headers by their names in small letters, and what was answered."""
        try:
            with urlopen(Request(f"{self.server.address}/{path}", method=method, headers=headers)) as told:
                return told.status, {k.lower(): v for k, v in told.headers.items()}, told.read().decode()
        except HTTPError as refusal:
            with refusal:
                return refusal.code, {k.lower(): v for k, v in refusal.headers.items()}, refusal.read().decode()

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
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HORIZON_WORKERS", "1")
        patch.delenv("HORIZON_LOG", raising=False)
        with serving(APP, log) as server:
            yield Host(server, log)


SETTINGS = {
    "server.enableCORS": True,
    "server.enableXsrfProtection": True,
    "server.enableStaticServing": False,
    "server.enableAgentApi": False,
    "server.scriptHealthCheckEnabled": False,  # it runs the app for whoever asks
    "server.maxUploadSize": 0,
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
        *("uptime_seconds", "sessions", "memory_mb", "workers_memory_mb", "workers", "mean_wait_seconds"),
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
@pytest.mark.parametrize("path", ["_stcore/upload_file/a/b", "_stcore/agent/interact", "status", ""])
def test_nothing_can_be_sent_but_clicks(host: Host, method: str, path: str) -> None:
    code, headers, _ = host.ask(path, method)
    assert (code, headers["allow"]) == (405, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize("origin", ["https://elsewhere.test", "null", "http://localhost.elsewhere.test"])
def test_pages_of_other_sites_open_no_websocket(host: Host, origin: str) -> None:
    address = host.server.address.replace("http", "ws") + "/_stcore/stream"
    with pytest.raises(InvalidStatus) as refusal, connect(address, origin=origin):  # type: ignore[arg-type]
        pass
    assert refusal.value.response.status_code == 403


def test_our_own_pages_open_one(host: Host) -> None:
    address = host.server.address.replace("http", "ws") + "/_stcore/stream"
    with connect(address, origin=host.server.address):  # type: ignore[arg-type]
        pass


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
    monkeypatch.setenv("HORIZON_LOG", "loud")
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
    assert "HORIZON_LOG: got 'loud', choose one of DEBUG, INFO, WARNING, ERROR; INFO is used" in told
    assert "server is down" in told
    assert "Traceback" not in told


def line(message: str, **extra: Any) -> str:
    record = logging.getLogger("horizon.test").makeRecord("horizon.test", 20, "", 1, message, (), None, extra=extra)
    return logs.Lines().format(record)


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
    told = logs.Lines().format(record)
    assert len(told.splitlines()) == 1
    assert told.endswith('wrong\\nlevel=INFO"')


def test_the_server_does_without_what_a_page_does_not_need(host: Host) -> None:
    Visitor(host.server.address, "throw").leave()
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
