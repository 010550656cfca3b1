"""Real browsers beside the virtual visitors: from a knob to pixels, under the same load."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Event

from playwright.sync_api import sync_playwright

from tests.bench.bench_pages import KNOBS, Tab
from tests.browser.chromium import ADVICE, FLAGS, found


@asynccontextmanager
async def watched(address: str, tabs: int) -> AsyncIterator[list[float]]:
    """So many tabs are open when the block begins, and turned one after another until it ends: seconds to pixels."""
    took: list[float] = []
    opened, over = Event(), Event()
    turning = asyncio.create_task(asyncio.to_thread(_turn, address, tabs, took, opened, over)) if tabs else None
    if turning:
        await asyncio.to_thread(opened.wait)
    try:
        yield took
    finally:
        over.set()
        if turning:
            await turning


def _turn(address: str, count: int, took: list[float], opened: Event, over: Event) -> None:
    try:
        chromium = found()
        if not chromium:
            raise RuntimeError(ADVICE)
        with sync_playwright() as play, play.chromium.launch(executable_path=chromium, args=FLAGS) as browser:
            tabs = [Tab(browser, f"{address}/throw", KNOBS["throw"]) for _ in range(count)]
            opened.set()
            while not over.is_set():
                for tab in tabs:
                    back = len(took) // count % 2 == 0  # a tab has turned once when it is open
                    took.append(tab.turn("ArrowLeft" if back else "ArrowRight")[0] / 1e3)
    finally:
        opened.set()  # who waits for it shall hear of the fault
