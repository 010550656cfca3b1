"""The app without a browser and without workers: its engine plays what a test has written."""

from __future__ import annotations

import shutil
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner import StopException
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboard.app import live
from dashboard.app.language import LANGUAGES, Texts
from lib import store
from lib.core import opening
from lib.jobs.job import Job
from lib.knobs import knobs
from lib.labs import LABS
from tests.lib.labs.test_labs import results
from tests.machine import PATIENCE

ROOT = Path(__file__).parent.parent.parent

every_lab = pytest.mark.parametrize("name", LABS)
every_language = pytest.mark.parametrize("language", LANGUAGES)


def covering(names: str, *values: Iterable[Any]) -> pytest.MarkDecorator:
    """Each value at least once, not each with each: for what works the same on all pages and in all languages."""
    told = [list(some) for some in values]
    most = max(map(len, told))
    return pytest.mark.parametrize(names, list(islice(zip(*map(cycle, told), strict=False), most)))


every_lab_and_language = covering("name, language", LABS, LANGUAGES)

Act = Callable[[Job], None]


@dataclass
class Play:
    """Stands in for Engine. A job that is started goes through `acts`, one at each look that a page takes at it.

    line, wait, ready: the place in line, the wait and the number of workers that it tells.
    """

    acts: deque[Act] = field(default_factory=deque)
    line: int = 0
    ready: int = 1
    wait: float | None = None
    job: Job | None = None
    owner: str = ""

    def start(self, lab: Any, owner: str = "") -> Job:
        self.owner = owner
        if self.running(lab):
            return self.running(lab)  # type: ignore[return-value]
        self.job = Job(lab, self, store.key(lab), f"{store.key(lab)}/{uuid4().hex}")  # type: ignore[arg-type]
        self.job.began = time.monotonic()
        return self.job

    def running(self, lab: Any) -> Job | None:
        return self.job if self.job and not self.job.done and self.job.key == store.key(lab) else None

    def release(self, job: Job, visitor: str) -> None:
        job.done = set(job.watchers) <= {visitor}

    def place(self, _: Job) -> int:
        return self.line

    def expected_wait(self, _: Job) -> float | None:
        return self.wait

    @contextmanager
    def watching(self, job: Job, visitor: str) -> Iterator[None]:
        job.watchers.append(visitor)
        try:
            yield
        finally:
            job.watchers.remove(visitor)

    def pause(self) -> float:
        assert self.job
        self.acts.popleft()(self.job)
        return 0.0

    def connect(self) -> None: ...

    def close(self) -> None: ...


def frame(result: Any) -> Act:
    """A result arrives."""

    def act(job: Job) -> None:
        signed = signed_as(result, job.lab)
        job.receive({"frame": store.pack(signed), "progress": result.progress, "seconds": float(job.frames)})

    return act


def end(result: Any) -> Act:
    """The last result arrives, and is stored."""

    def act(job: Job) -> None:
        frame(result)(job)
        job.done = job.finished = store.own().put(job.lab, job.latest)

    return act


def fail(error: BaseException) -> Act:
    def act(job: Job) -> None:
        job.error, job.done = error, True

    return act


def look_away(_: Job) -> None:
    """The page is left as it is now, as a click or a closed tab leaves it."""
    raise StopException


def signed_as(result: Any, lab: Any) -> Any:
    """A result as if this lab had made it: for tests of what is shown where, not of what is true."""
    return replace(result, verdict=replace(result.verdict, recipe=repr(lab)))


@pytest.fixture(scope="session")
def defaults(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that holds a result for each lab's defaults and its opening, of small settings."""
    folder = tmp_path_factory.mktemp("defaults")
    for name, lab in LABS.items():
        for known in {lab(), opening(lab)}:
            assert store.Store(str(folder)).put(known, signed_as(results(name)[-1], known))
    return folder


@pytest.fixture
def play(defaults: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Play]:
    """No workers; a store of its own that holds the defaults."""
    one = Play()
    monkeypatch.setattr(live, "from_environment", lambda: one)
    monkeypatch.setattr(live, "_kept", OrderedDict())
    monkeypatch.setattr(manifest_scanner, "scan_component_manifests", list)  # half a second each time, to find none
    shutil.copytree(defaults, shelf)
    live.close()
    yield one
    live.close()


def sized(name: str) -> str:
    """A knob of a lab that may stand at 8 and at 16, neither its default."""
    return "width" if "width" in knobs(LABS[name]) else "steps"


def visit(page: str, language: str = "", *, locale: str | None = "en-GB", guessed: bool = True, **link: Any) -> AppTest:
    """A first visitor's page after its first run, all of it unfolded; `language` and `link` are what the address asks.

    guessed: the answer is uncovered, as after a guess.
    """
    at = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=PATIENCE)
    at.context = {"locale": locale, "url": f"http://localhost:8501/{page}"}
    at.query_params.update(({"lang": language} if language else {}) | link)
    go(at, page)
    for folded in ("more", "inside", "breaks", "take"):
        at.session_state[f"{page}_{folded}"] = True
    at.session_state[f"{page}_opened"] = guessed
    return at.run()


def go(at: AppTest, page: str) -> AppTest:
    """Its next run is of that page. AppTest knows a way to pages that are files; ours are functions."""
    at._page_hash = calc_hash(page)
    return at


def calm(at: AppTest) -> AppTest:
    """A page on which nothing went wrong."""
    assert [one.value for one in at.exception] == []
    assert [one.value for one in at.error] == []
    return at


def widgets(at: AppTest) -> dict[str, Any]:
    """All that can be turned or pressed, by key."""
    kinds = ("slider", "select_slider", "selectbox", "toggle", "number_input", "text_input", "button", "button_group")
    return {one.key: one for kind in kinds for one in getattr(at, kind)}


def knob(at: AppTest, name: str, lab: str) -> Any:
    return widgets(at)[f"{lab}_{name}"]


def turn(at: AppTest, name: str, lab: str, value: Any) -> AppTest:
    """Turn a knob; only what names it is drawn then. Then run the whole page, which a test of the rest needs."""
    calm(knob(at, name, lab).set_value(value).run())
    return calm(at.run())


def settings(at: AppTest, lab: str) -> dict[str, Any]:
    """What the page's knobs stand at, whether they are drawn or not."""
    return {name: at.session_state[f"{lab}_{name}"] for name in knobs(LABS[lab])}


def said(at: AppTest) -> str:
    """All of the page's running text."""
    return "\n".join(one.value for kind in (at.markdown, at.header, at.caption, at.warning) for one in kind)


def headings(at: AppTest) -> list[str]:
    """The page's headings; what stands below one in the same element is left out."""
    return [one.value.partition("\n")[0] for one in at.header]


def stale(words: Texts) -> str:
    """How a page begins to say that its picture is of other settings."""
    return words.at("run.stale").split("{")[0]


def texts(language: str, page: str) -> Texts:
    return Texts(language, page)
