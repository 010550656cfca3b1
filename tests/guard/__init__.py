"""A run in which anything asks another machine fails: see `sitecustomize` for how that is noticed."""

from __future__ import annotations

import os
import socketserver
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guard import sitecustomize

REFUSAL = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
HERE = "localhost,127.0.0.1,::1"


class Listener(socketserver.ThreadingTCPServer):
    """A proxy that refuses. heard: the first line of each request, since somebody last took them."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Refusal)
        self.heard: list[str] = []
        self.address = f"127.0.0.1:{self.server_address[1]}"

    def taken(self) -> list[str]:
        self.heard, told = [], self.heard
        return told


class Refusal(socketserver.StreamRequestHandler):
    timeout = 10

    def handle(self) -> None:
        first = self.rfile.readline(4096).decode("utf-8", "replace").strip()
        if first:
            self.server.heard.append(first)  # type: ignore[attr-defined]
            self.wfile.write(REFUSAL)


LISTENER = Listener()
threading.Thread(target=LISTENER.serve_forever, name="guard", daemon=True).start()
for scheme in ("http", "https", "all", "ws", "wss", "ftp"):
    for name in (f"{scheme}_proxy", f"{scheme.upper()}_PROXY"):
        os.environ[name] = f"http://{LISTENER.address}"
os.environ |= {"no_proxy": HERE, "NO_PROXY": HERE, "HORIZON_TEST_GUARD": LISTENER.address}
paths = [str(Path(__file__).parent), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(filter(None, paths)))
sys.addaudithook(sitecustomize.refuse)


def fail_if_heard() -> None:
    if heard := LISTENER.taken():
        pytest.fail(f"asked of another machine: {'; '.join(heard)}", pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """A test during which it happened has failed, whatever else it found."""
    try:
        return (yield)
    finally:
        fail_if_heard()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """So has one whose end, or the end of what it shared with others, asked for something."""
    fail_if_heard()
