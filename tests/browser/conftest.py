"""One app, started as the README says, and a real Chromium that visits it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests import machine

ROOT = Path(__file__).parents[2]
PATIENCE = machine.PATIENCE * 1000  # ms
# Streamlit's page looks for its base path below a deep link before it looks at the root: two answers are 404.
PROBES = ("/_stcore/health", "/_stcore/host-config")

expect.set_options(timeout=PATIENCE)


@dataclass(frozen=True)
class App:
    """A running dashboard: its address, its process, and where it keeps finished results."""

    address: str
    process: subprocess.Popen[bytes]
    store: Path


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def launch(folder: Path, port: int = 0, **environment: str) -> App:
    """`streamlit run streamlit_app.py`, as the README has it, on a free port; waits until it answers."""
    port = port or free_port()
    words = ["run", "streamlit_app.py", "--server.port", str(port)]
    with (folder / "app.log").open("ab") as log:
        process = subprocess.Popen(
            [Path(sys.executable).with_name("streamlit"), *words],
            cwd=ROOT,
            env=os.environ | {"HORIZON_STORE": str(folder), "HORIZON_WORKERS": "2"} | environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    end = time.monotonic() + machine.PATIENCE
    while time.monotonic() < end:
        try:
            with urlopen(f"{address}/_stcore/health", timeout=machine.PATIENCE) as told:
                if told.status == 200:
                    return App(address, process, folder)
        except OSError:
            time.sleep(0.1)
    process.kill()
    raise RuntimeError("the app did not answer")


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    one = launch(tmp_path_factory.mktemp("app"))
    yield one
    one.process.terminate()
    one.process.wait(machine.PATIENCE)


def idle(page: Page) -> None:
    """Wait until the page's script has ended: a click before that may be lost."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def until(page: Page, true: str, arg: object = None) -> None:
    """Wait until a function in the page says so. Playwright's wait_for_function uses eval, which our headers forbid."""
    end = time.monotonic() + PATIENCE / 1000
    while not page.evaluate(true, arg):
        assert time.monotonic() < end, f"waited in vain for {true}"
        page.wait_for_timeout(50)


@dataclass
class Visit:
    """A visitor's tab at the app's address `home`, and what went wrong: console errors, requests to anywhere else."""

    page: Page
    home: str
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda fault: self.errors.append(str(fault)))
        self.page.on("request", lambda request: self._see(request.url))

    def _hear(self, said: ConsoleMessage) -> None:
        probe = said.location.get("url", "").endswith(PROBES)
        if said.type == "error" and not probe:
            self.errors.append(said.text)

    def _see(self, asked: str) -> None:
        if not asked.startswith((self.home, "data:", "blob:")):
            self.errors.append(f"the page asks for {asked}")


@pytest.fixture
def visit(app: App, browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Open a path of the app in a fresh browser, by default 1280×720, light, English."""
    opened: list[Visit] = []

    def go(path: str = "", *, width: int = 1280, height: int = 720, locale: str = "en-US", **how: str) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": height}, locale=locale, **how)  # type: ignore[arg-type]
        one = Visit(context.new_page(), app.address)
        opened.append(one)
        one.page.goto(f"{app.address}/{path}")
        one.page.get_by_role("heading").first.wait_for()
        return one

    yield go
    for one in opened:
        one.page.context.close()
    assert [fault for one in opened for fault in one.errors] == []
