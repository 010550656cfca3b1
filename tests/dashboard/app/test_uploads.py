"""What may be sent to a server besides clicks, and by whom: through the route that Streamlit has for files."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from tempfile import SpooledTemporaryFile
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartParser
from starlette.requests import ClientDisconnect
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string
from streamlit.web.server.starlette.starlette_routes import create_upload_routes

from dashboard.app import uploads
from lib.uploads import LARGEST
from tests.bench.visitor import APP, Server, Visitor, serving

pytestmark = pytest.mark.xdist_group("server")
BOUNDARY = "x" * 40
T = TypeVar("T")
KIND = f"multipart/form-data; boundary={BOUNDARY}"
HERE, OTHER = "a-visitor", "another"  # who are here
PIECE = 64 * 1024  # bytes that arrive at a time
TOKEN = generate_xsrf_token_string()


def form(size: int, files: int = 1) -> bytes:
    """What a browser sends of a file of so many bytes."""
    head = 'Content-Disposition: form-data; name="{n}"; filename="dog.png"\r\nContent-Type: image/png\r\n\r\n'
    parts = [f"--{BOUNDARY}\r\n{head.format(n=n)}".encode() + bytes(size) + b"\r\n" for n in range(files)]
    return b"".join([*parts, f"--{BOUNDARY}--\r\n".encode()])


def waited(answer: Coroutine[Any, Any, T]) -> T:
    """asyncio.run in a thread of its own: where other tests have a browser, theirs keeps a loop running in this one."""
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(asyncio.run, answer).result()


class Door:
    """Our gate before Streamlit's own route, in this process; what comes through is `kept`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.files = MemoryUploadedFileManager("/_stcore/upload_file")
        self.sessions = {HERE, OTHER}
        runtime = SimpleNamespace(is_active_session=self.sessions.__contains__, uploaded_file_mgr=self.files)
        monkeypatch.setattr(uploads, "runtime", SimpleNamespace(get_instance=lambda: runtime))
        self.gate = uploads.Gate(Starlette(routes=create_upload_routes(runtime, self.files, None)))  # type: ignore

    @property
    def kept(self) -> dict[str, list[int]]:
        """The sizes of the files of each visitor."""
        told = {name: [len(one.data) for one in files.values()] for name, files in self.files.file_storage.items()}
        return {name: sizes for name, sizes in told.items() if sizes}

    @property
    def left(self) -> int:
        """How much of what was sent last nobody has read, in pieces."""
        return len(self._pieces)

    def send(
        self, body: bytes = form(1000), method: str = "PUT", session: str = HERE, file: str = "f", **how: Any
    ) -> int:
        """The code with which is answered what this visitor's page would send, but for what is said otherwise."""
        return self.answer(body, method, session, file, **how)[0]

    def answer(self, body: bytes, method: str, session: str, file: str, **how: Any) -> tuple[int, dict[str, str]]:
        asked = {"host": "here.test", "content-type": KIND, "content-length": str(len(body))}
        asked |= {"x-xsrftoken": TOKEN, "cookie": f"_streamlit_xsrf={TOKEN}", "origin": "http://here.test"}
        asked |= {name.replace("_", "-"): value for name, value in how.items()}
        headers = [(name.encode(), value.encode()) for name, value in asked.items() if value is not None]
        path = f"/_stcore/upload_file/{session}/{file}"
        scope = {"type": "http", "method": method, "path": path, "headers": headers, "query_string": b""}
        return waited(self._call(scope | {"http_version": "1.1", "scheme": "http", "root_path": ""}, body))

    async def _call(self, scope: dict[str, Any], body: bytes) -> tuple[int, dict[str, str]]:
        pieces = self._pieces = [body[at : at + PIECE] for at in range(0, len(body), PIECE)] or [b""]
        said: list[Any] = []

        async def receive() -> Any:
            piece = pieces.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

        async def send(message: Any) -> None:
            said.append(message)

        await self.gate(scope, receive, send)
        told = said[0]["headers"] if said else []
        return said[0]["status"] if said else 0, {name.decode(): value.decode() for name, value in told}


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Door:
    return Door(monkeypatch)


def test_a_visitor_may_send_one_photo_and_take_it_back(door: Door) -> None:
    code, headers = door.answer(form(1000), "PUT", HERE, "f")
    assert (code, door.kept) == (204, {HERE: [1000]})
    assert not [name for name in headers if name.startswith("access-control")]  # other sites have no say
    assert door.send(b"", "DELETE") == 204
    assert door.kept == {}


def test_a_visitor_has_one_file_here_at_a_time_whatever_others_have(door: Door) -> None:
    assert [door.send(form(size), file=f"{size}") for size in (10, 20, 30)] == [204] * 3
    assert door.send(form(5), session=OTHER) == 204
    assert door.kept == {HERE: [30], OTHER: [5]}


def test_a_file_of_five_megabytes_is_taken_though_what_is_sent_is_longer(door: Door) -> None:
    assert len(form(LARGEST)) > LARGEST
    assert door.send(form(LARGEST)) == 204
    assert door.kept == {HERE: [LARGEST]}
    assert door.send(form(LARGEST + uploads.FRAME), session=OTHER) == 413
    assert door.kept == {HERE: [LARGEST]}


STRANGE: dict[str, tuple[int, dict[str, Any]]] = {
    "another site": (403, {"origin": "https://elsewhere.test"}),
    "a file's page": (403, {"origin": "null"}),
    "no token": (403, {"x_xsrftoken": None}),
    "forged token": (403, {"x_xsrftoken": "2|a|b|1", "cookie": "_streamlit_xsrf=2|c|d|1"}),
    "no cookie": (403, {"cookie": None}),
    "a stranger": (400, {"session": "nobody"}),
    "a long name": (400, {"session": "x" * 5000}),
    "a bare file": (415, {"content_type": "image/png"}),
    "no type": (415, {"content_type": None}),
    "no length": (411, {"content_length": None}),
    "length in words": (411, {"content_length": "many"}),
    "length below nothing": (411, {"content_length": "-1"}),
    "too long": (413, {"content_length": str(LARGEST + uploads.FRAME + 1)}),
    "endless": (413, {"content_length": str(10**30)}),
    "longer than it says": (413, {"body": form(LARGEST + 2**21), "content_length": "10"}),
    "no form": (400, {"body": b"no form at all"}),
    "no boundary": (400, {"content_type": "multipart/form-data"}),
    "two files": (400, {"body": form(10, files=2)}),
    "no file": (400, {"body": form(10, files=0)}),
    "many files": (400, {"body": form(10, files=2000)}),
}


@pytest.mark.filterwarnings(
    "ignore:Exception ignored in.*SpooledTemporaryFile"
)  # Streamlit closes none that it refuses
@pytest.mark.parametrize("name", STRANGE)
def test_whatever_else_is_sent_is_not_taken(name: str, door: Door) -> None:
    code, asked = STRANGE[name]
    assert door.send(**asked) == code
    assert door.kept == {}
    assert door.send() == 204  # the next one is


def test_only_who_is_refused_early_is_not_read(door: Door) -> None:
    door.send(form(50), file="first")
    assert door.send(content_type="image/png") == 415
    assert door.kept == {HERE: [50]}  # what was there is


@pytest.mark.parametrize("method", ["DELETE", "PUT"])
def test_no_other_site_takes_a_photo_back_or_puts_another_in_its_place(door: Door, method: str) -> None:
    door.send(form(50))
    assert door.send(method=method, origin="https://elsewhere.test") == 403
    assert door.kept == {HERE: [50]}


def test_other_sites_are_told_nothing_of_what_they_may(door: Door) -> None:
    asked = {"origin": "https://elsewhere.test", "access_control_request_method": "PUT"}
    code, headers = door.answer(b"", "OPTIONS", HERE, "f", **asked)
    assert (code, headers.keys()) == (204, {"allow"})


def test_who_sends_too_often_waits_and_others_do_not(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(uploads, "time", SimpleNamespace(monotonic=lambda: now))
    assert [door.send() for _ in range(uploads.OFTEN + 2)] == [204] * uploads.OFTEN + [429] * 2
    assert door.send(session=OTHER) == 204
    now += uploads.WHILE
    assert door.send() == 204


def test_who_has_left_is_not_counted_for_ever(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "KNOWN", 2)
    for n in range(9):
        door.sessions.add(f"{n}")
        assert door.send(session=f"{n}") == 204
        door.sessions.remove(f"{n}")
    assert len(door.gate._sent) <= 3


def test_what_takes_too_long_is_given_up(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs(*_: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(uploads, "SECONDS", 0.01)
    door.gate._app = hangs
    assert door.send() == 408


def test_who_is_refused_is_heard_out_and_so_hears_why(door: Door) -> None:
    body = form(LARGEST)
    assert door.send(body, content_type="image/png") == 415
    assert door.left == 0
    assert door.send(body, content_length=str(10**9)) == 413
    assert door.left > 70  # but not whoever has no end


def test_only_so_many_files_are_on_their_way_at_once(door: Door) -> None:
    at_once, most = 0, 0

    async def receives(*_: Any) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0)
        at_once -= 1

    async def crowd() -> None:
        await asyncio.gather(*(door.gate(scope, None, None) for _ in range(3 * uploads.AT_ONCE)))  # type: ignore

    headers = [(b"content-type", KIND.encode()), (b"content-length", b"9")]
    scope = {"type": "http", "method": "PUT", "path": f"/_stcore/upload_file/{HERE}/f", "headers": headers}
    door.gate._app = receives
    door.gate._too_often = lambda _: False  # type: ignore[method-assign]
    waited(crowd())
    assert most == uploads.AT_ONCE


def test_who_comes_while_many_files_wait_to_be_read_waits_too(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "HELD", 3000)
    monkeypatch.setattr(uploads, "SECONDS", 0.05)
    monkeypatch.setattr(uploads, "LOOK", 0.01)
    assert door.send(form(3000), session=OTHER) == 204
    assert door.send() == 408
    assert door.send(b"", "DELETE", session=OTHER) == 204  # it is taken back, or read
    assert door.send() == 204
    assert door.kept == {HERE: [1000]}


def test_a_file_that_nobody_reads_makes_room(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "HELD", 3000)
    assert door.send(form(3000), session=OTHER) == 204
    monkeypatch.setattr(uploads, "UNREAD", -1.0)
    assert door.send() == 204
    assert door.kept == {HERE: [1000]}


def test_who_hangs_up_is_no_fault(door: Door) -> None:
    async def leaves(*_: Any) -> None:
        raise ClientDisconnect

    door.gate._app = leaves
    assert door.send() == 0


def test_a_file_on_its_way_is_never_on_a_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MultiPartParser, "spool_max_size", 2**20)  # Starlette's own
    rolled: list[Any] = []
    rollover = SpooledTemporaryFile.rollover
    monkeypatch.setattr(SpooledTemporaryFile, "rollover", lambda self: (rolled.append(self), rollover(self)))

    async def parsed() -> int:
        async def body() -> Any:
            told = form(LARGEST)
            for at in range(0, len(told), PIECE):
                yield told[at : at + PIECE]

        told = await MultiPartParser(Headers({"content-type": KIND}), body()).parse()
        (held,) = [one for one in told.values() if not isinstance(one, str)]
        size = len(await held.read())
        await told.close()
        return size

    assert waited(parsed()) == LARGEST
    assert rolled
    rolled.clear()
    uploads.keep_off_disks()
    assert waited(parsed()) == LARGEST
    assert rolled == []


# A server as it runs


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uploads") / "log"


@pytest.fixture(scope="module")
def server(log: Path) -> Iterator[Server]:
    with serving(APP, log, HORIZON_WORKERS="1") as one:
        yield one


@pytest.fixture
def visitor(server: Server) -> Iterator[Visitor]:
    one = Visitor(server.address, "throw")
    yield one
    one.leave()


Send = Callable[..., tuple[int, dict[str, str]]]


@pytest.fixture
def send(server: Server, visitor: Visitor) -> Send:
    host = server.address.removeprefix("http://")

    def ask(body: bytes = form(1000), method: str = "PUT", **how: str) -> tuple[int, dict[str, str]]:
        headers = {"content-type": KIND, "origin": server.address}
        with closing(HTTPConnection(host)) as line:
            line.request("GET", "/_stcore/health")
            answer = line.getresponse()
            token = re.findall(r"_streamlit_xsrf=([^;]+)", answer.headers["set-cookie"])[0]
        headers |= {"x-xsrftoken": token, "cookie": f"_streamlit_xsrf={token}"}
        headers |= {name.replace("_", "-"): value for name, value in how.items()}
        with closing(HTTPConnection(host)) as line:
            line.request(method, f"/_stcore/upload_file/{visitor.session}/secret", body, headers)
            answer = line.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}

    return ask


def test_a_server_takes_a_photo_from_its_visitor(send: Send) -> None:
    for body in (form(1000), form(LARGEST)):
        code, headers = send(body)
        assert code == 204
        assert headers["content-security-policy"]
    assert send(b"", "DELETE")[0] == 204
    assert send(form(LARGEST + uploads.FRAME))[0] == 413
    assert send(form(LARGEST), origin="https://elsewhere.test")[0] == 403
    assert send(method="POST")[0] == send(method="PATCH")[0] == 405


def test_who_hangs_up_in_the_middle_leaves_no_trace(server: Server, visitor: Visitor, send: Send, log: Path) -> None:
    before = len(log.read_text())
    host = server.address.removeprefix("http://")
    place, port = host.split(":")
    with socket.create_connection((place, int(port))) as line:
        head = f"PUT /_stcore/upload_file/{visitor.session}/f HTTP/1.1\r\nHost: {host}\r\nContent-Type: {KIND}\r\n"
        head += f"X-Xsrftoken: {TOKEN}\r\nCookie: _streamlit_xsrf={TOKEN}\r\nContent-Length: 100000\r\n\r\n"
        line.sendall(head.encode() + form(100_000)[:50_000])
    assert send()[0] == 204
    assert log.read_text()[before:] == ""


def test_the_log_says_why_and_nothing_of_whom(send: Send, visitor: Visitor, log: Path) -> None:
    before = len(log.read_text())
    send(content_type="image/png")
    (line,) = log.read_text()[before:].splitlines()
    assert line.endswith('logger=horizon.uploads event="an upload was refused" error="it is no form with a file"')
    assert "secret" not in line
    assert visitor.session not in line
