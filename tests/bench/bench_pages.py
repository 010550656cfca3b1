"""What the pages cost beside an empty page with the same menu, settings and theme: `python -m tests.bench pages`.

On the server, with fifteen labs in the menu: the processor time of a whole page, of a turn that finds a finished result
and of one that finds none, beside an empty page's; and beside the house as it is, to see whether it grows with its
labs. In Chromium: from an arrow key on a slider until the page's last change is painted; from the start of the
server's process until the first chart is painted; from a later visitor's arrival until the first sentence and the first
chart are. Pages take turns, because a shared machine has moods; medians are reported. Each bench says on the standard
error how far it is, and stops after its seconds with the rounds that it has.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import mean, median

from playwright.sync_api import Browser, sync_playwright

from lib.labs import LABS
from tests.bench.fifteen import MORE, house
from tests.bench.visitor import APP, EMPTY, Server, serving
from tests.browser.chromium import ADVICE, FLAGS, found
from tests.load.page import Tally
from tests.load.visitor import Visitor, visiting

ROUNDS, TURNS, STARTS, ARRIVALS = 12, 15, 3, 5
RUNS = 10  # of a page in a row, since the clock of processor time ticks in hundredths of a second
SECONDS = 90.0  # that a bench may take
WORKERS_UP = 15  # seconds until the app's workers are up and quiet
Act = Callable[[], Awaitable[object]]
KNOBS = {
    "throw": ".st-key-throw_coverage",
    "sort": ".st-key-sort_longest",
    "moonshot": ".st-key-moonshot_thrust",
    "paper": ".st-key-paper_depth",
    "attack": ".st-key-attack_pgd_steps",
}
FOUND = {"throw": ("throw_coverage", [0.9])}  # a knob of which another value ships; of other labs a preset does
TURNED = ("a turn without a result", "a turn to a result")
PAGES = {"home": "", **{name: name for name in KNOBS}}
CHART, TEXT = "[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg", "[data-testid=stMarkdown]"
SEEN = {"sentence": TEXT, "chart": CHART}

# Milliseconds from the next key press until the last change of the page before a quiet half second has been painted.
SETTLED = """() => { window.settled = new Promise(tell => addEventListener("keydown", pressed => {
    let last = 0, end
    const painted = () => requestAnimationFrame(() => setTimeout(() => { last = performance.now() }))
    const wait = () => { clearTimeout(end); end = setTimeout(() => {
        watch.disconnect(); tell(last - pressed.timeStamp) }, 500) }
    const watch = new MutationObserver(() => { painted(); wait() })
    watch.observe(document.querySelector("[data-testid=stMain]"),
        {subtree: true, childList: true, attributes: true, characterData: true})
    wait()
}, {capture: true, once: true})) }"""
PAINTED = "() => new Promise(tell => requestAnimationFrame(() => setTimeout(tell)))"


def bench() -> dict[str, float]:
    """Milliseconds, seconds and megabytes of each page and of the empty one, and their ratios."""
    chromium = found()
    if not chromium:
        raise RuntimeError(ADVICE)
    told = costs()
    with sync_playwright() as play, play.chromium.launch(executable_path=chromium, args=FLAGS) as browser:
        told |= cold_starts(browser)
        with serving(EMPTY) as empty, serving(APP) as app:
            told |= arrivals(browser, empty, app)
            told |= turns(browser, empty, app)
            told["app, memory after all pages [MB]"] = app.memory()
            told["empty, memory [MB]"] = empty.memory()
    return told


def rounds(most: int, what: str) -> Iterator[int]:
    """So many rounds, or as many as there is time for; tells how far it is."""
    end = time.perf_counter() + SECONDS
    for number in range(most):
        if number and time.perf_counter() > end:
            print(f"{what}: time is up after {number} of {most} rounds", file=sys.stderr, flush=True)
            return
        print(f"{what}: round {number + 1} of {most}", file=sys.stderr, flush=True)
        yield number


def costs() -> dict[str, float]:
    """Processor time of the server for whole pages and for turns, with fifteen labs in the menu and with our own."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(EMPTY, EMPTY_MENU=str(len(LABS) + MORE - 2)) as empty,
        serving(APP, HORIZON_WORKERS="1") as ours,
        serving(APP, root=house(Path(folder)), HORIZON_WORKERS="1") as fifteen,
    ):
        return asyncio.run(_costs(empty, ours, fifteen))


async def _costs(empty: Server, ours: Server, fifteen: Server) -> dict[str, float]:
    tally = Tally()
    acts: dict[str, tuple[Server, Act]] = {}
    async with AsyncExitStack() as stack:

        async def come(server: Server, page: str) -> Visitor:
            return await stack.enter_async_context(visiting(server.address, tally, page))

        acts["empty"] = empty, (await come(empty, "")).again
        acts["80 sentences"] = empty, (await come(empty, "sentences")).again
        for name, server in {"": fifteen, "five labs, ": ours}.items():
            for page in PAGES if server is fifteen else ("throw",):
                acts[f"{name}{page}, whole page"] = server, (await come(server, PAGES[page])).again
            for lab in KNOBS if server is fifteen else ("throw",):
                for what in TURNED:
                    acts[f"{name}{lab}, {what}"] = server, turning(await come(server, lab), lab)[what]
        await asyncio.sleep(WORKERS_UP)
        took = await _timed(acts)
    if tally.errors:
        raise RuntimeError(f"the pages failed: {dict(tally.errors)}")
    middle = {what: mean(ms) for what, ms in took.items()}  # the clock is coarse, so that a median would be too
    told = {f"{what}, processor time [ms]": ms for what, ms in middle.items()}
    told |= {f"{what} / empty": ms / middle["empty"] for what, ms in middle.items() if what != "empty"}
    for what in ("whole page", *TURNED):
        told[f"throw, {what}, fifteen labs / five"] = middle[f"throw, {what}"] / middle[f"five labs, throw, {what}"]
    return told


def to_and_fro(visitor: Visitor, key: str, *stops: object) -> Act:
    """Turns a widget from one of two values to the other."""
    one, other = stops

    async def act() -> None:
        await visitor.turn(key, other if visitor.widgets[key].value == one else one)

    return act


def turning(visitor: Visitor, lab: str) -> dict[str, Act]:
    """A turn among recipes that nobody has run, and one between the default and another one that ships."""
    knob = KNOBS[lab].removeprefix(".st-key-")
    key, found = FOUND.get(lab, (f"{lab}_presets_default", None))
    found = found or visitor.widgets[key].others()[0]
    return {
        "a turn without a result": to_and_fro(visitor, knob, *visitor.widgets[knob].others()[:2]),
        "a turn to a result": to_and_fro(visitor, key, visitor.widgets[key].value, found),
    }


async def _timed(acts: dict[str, tuple[Server, Act]]) -> dict[str, list[float]]:
    """Milliseconds of the server's processor time for each act, once a round."""
    took: dict[str, list[float]] = {what: [] for what in acts}
    for _ in rounds(ROUNDS, "what pages cost"):
        for what, (server, act) in acts.items():
            await act()
            before = server.cpu()
            for _ in range(RUNS):
                await act()
            took[what].append(1e3 * (server.cpu() - before) / RUNS)
    return took


def turns(browser: Browser, empty: Server, app: Server) -> dict[str, float]:
    """Knob to pixels on each page that has knobs, and the time that the browser's main thread works for it."""
    places = {"empty": (f"{empty.address}/slider", ".st-key-turn")}
    places |= {name: (f"{app.address}/{name}", knob) for name, knob in KNOBS.items()}
    tabs = {name: Tab(browser, address, knob) for name, (address, knob) in places.items()}
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in places}
    for turn in rounds(TURNS, "knob to pixels"):
        for name, tab in tabs.items():
            took[name].append(tab.turn("ArrowRight" if turn % 2 else "ArrowLeft"))
    told = {}
    for column, what in enumerate(("knob to pixels", "browser's work for a knob")):
        middle = {name: median(one[column] for one in took[name]) for name in places}
        told |= {f"{name}, {what} [ms]": middle[name] for name in places}
        told |= {f"{name} / empty, {what}": middle[name] / middle["empty"] for name in KNOBS}
    return told


class Tab:
    """An open page and its knob."""

    def __init__(self, browser: Browser, address: str, knob: str) -> None:
        self.page, self.knob = browser.new_page(locale="en-US"), knob
        self.page.goto(address)
        self.page.locator(knob).first.wait_for()
        self.page.wait_for_timeout(3000)
        self._meter = self.page.context.new_cdp_session(self.page)
        self._meter.send("Performance.enable", {"timeDomain": "threadTicks"})
        self.turn(
            "ArrowRight"
        )  # away from the default, whose result is there: what is measured is a turn to a new recipe

    def turn(self, key: str) -> tuple[float, float]:
        """Milliseconds from the key until all is painted, and of processor time on the main thread."""
        self.page.bring_to_front()
        self.page.locator(self.knob).get_by_role("slider").focus()
        self.page.wait_for_timeout(200)
        self.page.evaluate(SETTLED)
        before = self._worked()
        self.page.keyboard.press(key)
        return self.page.evaluate("() => window.settled"), self._worked() - before

    def _worked(self) -> float:
        told = self._meter.send("Performance.getMetrics")["metrics"]
        return 1e3 * next(one["value"] for one in told if one["name"] == "TaskDuration")


def arrivals(browser: Browser, empty: Server, app: Server) -> dict[str, float]:
    """Later visitors: the first sentence and the first chart of each page, beside the empty page's sentence."""
    places = {"empty, first sentence": (f"{empty.address}/slider", TEXT)}
    for name, page in PAGES.items():
        places |= {f"{name}, first {what}": (f"{app.address}/{page}", it) for what, it in SEEN.items()}
    took: dict[str, list[float]] = {what: [] for what in places}
    for _ in rounds(ARRIVALS, "arrivals"):
        for what, place in places.items():
            took[what].append(painted(browser, *place))
    middle = {what: median(seconds) for what, seconds in took.items()}
    unit = middle.pop("empty, first sentence")
    told = {what.replace(",", " / empty,"): seconds / unit for what, seconds in middle.items()}
    return {"empty, first sentence [s]": unit, **told}


def painted(browser: Browser, address: str, wanted: str) -> float:
    """Seconds from asking for a page, with nothing cached, until what is wanted of it has been painted."""
    with browser.new_context(locale="en-US") as context:
        page = context.new_page()
        began = time.perf_counter()
        page.goto(address)
        page.locator(wanted).first.wait_for()
        page.evaluate(PAINTED)
        return time.perf_counter() - began


def cold_starts(browser: Browser) -> dict[str, float]:
    """From the start of the server's process until the first chart, or the empty app's first sentence, is painted."""
    kinds = {"empty": (EMPTY, "/slider", TEXT), "app": (APP, "/", CHART)}
    took: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in rounds(STARTS, "cold starts"):
        for name, kind in kinds.items():
            took[name].append(_cold_start(browser, *kind))
    told = {f"{name}, cold start to first picture [s]": median(took[name]) for name in kinds}
    return told | {"app / empty, cold start": median(took["app"]) / median(took["empty"])}


def _cold_start(browser: Browser, script: str, path: str, wanted: str) -> float:
    began = time.perf_counter()
    with serving(script) as server:
        page = browser.new_page(locale="en-US")
        page.goto(server.address + path)
        page.locator(wanted).first.wait_for()
        page.evaluate(PAINTED)
        took = time.perf_counter() - began
        page.close()
    return took
