"""The film of Paper ball in Chromium, its bytes, first paint and frames when scrubbed: `python -m tests.bench paper`.

The film that is scrubbed is a large one: six layers, 1,800 points and the grid, in space. Frames are those that
Chromium's own trace says it has drawn while the slider is pulled to and fro.
"""

from __future__ import annotations

from pathlib import Path
from statistics import median
from urllib.parse import urlencode

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from lib import store
from lib.__main__ import last
from lib.labs.paper.lab import Paper
from lib.tasks.paper.drawn import encode
from lib.tasks.paper.sheet import Sheet
from tests.bench.bench_pages import TEXT, painted
from tests.bench.visitor import APP, EMPTY, serving
from tests.browser.chromium import ADVICE, FLAGS, found

ROUNDS, SECONDS, POINTS = 5, 4.0, 1800
FILM = ".scrubber .move:not(:empty)"
# A hand that is elsewhere at every frame; a mouse that Playwright moves waits for each frame before it moves on.
PULLED = """(slider, seconds) => new Promise(tell => {
    const began = performance.now()
    const pull = now => {
        const share = (now - began) / 1000 / seconds
        if (share >= 1) return tell((now - began) / 1000)
        slider.value = slider.max * (0.5 - 0.45 * Math.cos(4 * Math.PI * share))
        slider.dispatchEvent(new Event("input"))
        requestAnimationFrame(pull)
    }
    requestAnimationFrame(pull)
})"""
LARGE = {"shape": "drawn", "width": 3, "depth": 6, "steps": 50, "seeds": 1, "examples": 50}


def bench() -> dict[str, float]:
    """Megabytes of the large film, frames a second, and first paints of the default and of the empty page."""
    chromium = found()
    if not chromium:
        raise RuntimeError(ADVICE)
    with (
        sync_playwright() as play,
        play.chromium.launch(executable_path=chromium, args=FLAGS) as browser,
        serving(EMPTY) as empty,
        serving(APP) as app,
    ):
        assert app.store
        link = shelved(app.store)
        took: dict[str, list[float]] = {"empty": [], "paper": []}
        for _ in range(ROUNDS):
            took["empty"].append(painted(browser, f"{empty.address}/slider", TEXT))
            took["paper"].append(painted(browser, f"{app.address}/paper", FILM))
        told = {f"{name}, first paint [s]": median(seconds) for name, seconds in took.items()}
        told["paper / empty, first paint"] = median(took["paper"]) / median(took["empty"])
        return told | scrubbed(browser, f"{app.address}/paper?{link}")


def shelved(folder: Path) -> str:
    """Run a large film, put it where the app looks, and tell its link."""
    task = Sheet("disc-in-ring")
    places = task.training_sample(POINTS, np.random.default_rng(0))
    lab = Paper(**LARGE, points=encode(np.column_stack([places, task.truth(places)])))  # type: ignore[arg-type]
    if not store.Store(str(folder)).put(lab, last(lab)):
        raise RuntimeError(f"{folder} cannot be written")
    return urlencode({f"paper_{name}": value for name, value in (LARGE | {"points": lab.points}).items()} | {"v": 1})


def scrubbed(browser: Browser, address: str) -> dict[str, float]:
    """The largest message that the page was sent, and the frames that it draws while its slider is pulled."""
    page = browser.new_page(locale="en-US", viewport={"width": 1280, "height": 900})
    sizes = [0]
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: sizes.append(len(frame))))
    page.goto(address)
    page.locator(FILM).wait_for()
    page.wait_for_timeout(3000)
    return {"paper, large film [MB]": max(sizes) / 1e6, "paper, frames a second while scrubbed": drawn(page)}


def drawn(page: Page) -> float:
    """Frames a second, by Chromium's trace, while the slider is pulled to and fro."""
    session = page.context.new_cdp_session(page)
    events: list[dict[str, object]] = []
    ended: list[object] = []
    session.on("Tracing.dataCollected", lambda told: events.extend(told["value"]))
    session.on("Tracing.tracingComplete", lambda _: ended.append(1))
    kinds = "disabled-by-default-devtools.timeline.frame"
    session.send("Tracing.start", {"categories": kinds, "transferMode": "ReportEvents"})
    seconds = page.locator(".scrubber .slider").evaluate(PULLED, SECONDS)
    session.send("Tracing.end")
    while not ended:
        page.wait_for_timeout(50)
    return sum(one.get("name") == "DrawFrame" for one in events) / seconds
