"""What the pages cost beside an empty page with the same menu, settings and theme: `python -m tests.bench pages`.

On the server: from a rerun's request to its end over the websocket, and the processor time it took. In Chromium: from
an arrow key on a slider until the page's last change is painted; from the start of the server's process until the first
chart is painted; from a later visitor's arrival until the first sentence and the first chart are. Pages take turns,
because a shared machine has moods; medians are reported.
"""

from __future__ import annotations

import time
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from tests.bench.visitor import APP, EMPTY, Server, Visitor, serving
from tests.browser.chromium import ADVICE, FLAGS, found

ROUNDS, TURNS, STARTS, ARRIVALS = 60, 15, 3, 5
THINK, WORKERS_UP = 0.02, 15  # seconds between two reruns, and until the app's workers are up and quiet
KNOBS = {
    "throw": ".st-key-throw_coverage",
    "sort": ".st-key-sort_longest",
    "moonshot": ".st-key-moonshot_thrust",
    "paper": ".st-key-paper_depth",
    "attack": ".st-key-attack_pgd_steps",
}
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
    with sync_playwright() as play, play.chromium.launch(executable_path=chromium, args=FLAGS) as browser:
        told = cold_starts(browser)
        with serving(EMPTY) as empty, serving(APP) as app:
            told |= reruns(empty, app)
            told |= arrivals(browser, empty, app)
            told |= turns(browser, empty, app)
            told["app, memory after all pages [MB]"] = app.memory()
            told["empty, memory [MB]"] = empty.memory()
    return told


def reruns(empty: Server, app: Server) -> dict[str, float]:
    """Each page with its shipped verdict, run again without a change."""
    at = {"empty": (empty, Visitor(empty.address, "")), "80 sentences": (empty, Visitor(empty.address, "sentences"))}
    at |= {name: (app, Visitor(app.address, page)) for name, page in PAGES.items()}
    for name in PAGES:
        if "vega_lite_chart" not in at[name][1].shown:
            raise RuntimeError(f"page {name}: shows no verdict; run `make results` first")
    time.sleep(WORKERS_UP)
    took: dict[str, list[float]] = {name: [] for name in at}
    for _ in range(ROUNDS):
        for name, (_, visitor) in at.items():
            time.sleep(THINK)
            took[name].append(visitor.rerun()[0])
    middle = {name: 1e3 * median(seconds) for name, seconds in took.items()}
    used = {name: 1e3 * _processor(server, visitor) for name, (server, visitor) in at.items()}
    others = [name for name in at if name != "empty"]
    told = {f"{name}, rerun on the server [ms]": middle[name] for name in at}
    told |= {f"{name} / empty, rerun on the server": middle[name] / middle["empty"] for name in others}
    told |= {f"{name}, processor time of a rerun [ms]": used[name] for name in at}
    told |= {f"{name} / empty, processor time of a rerun": used[name] / used["empty"] for name in others}
    told |= {f"{name}, messages": float(visitor.rerun()[1]) for name, (_, visitor) in at.items()}
    for _, visitor in at.values():
        visitor.leave()
    return told


def _processor(server: Server, visitor: Visitor) -> float:
    """Seconds of processor time that the server takes for a rerun, the mean of many: its clock ticks in hundredths."""
    before = server.cpu()
    for _ in range(ROUNDS):
        visitor.rerun()
    return (server.cpu() - before) / ROUNDS


def turns(browser: Browser, empty: Server, app: Server) -> dict[str, float]:
    """Knob to pixels on each page that has knobs, and the time that the browser's main thread works for it."""
    places = {"empty": (f"{empty.address}/slider", ".st-key-turn")}
    places |= {name: (f"{app.address}/{name}", knob) for name, knob in KNOBS.items()}
    tabs = {name: Tab(browser, address, knob) for name, (address, knob) in places.items()}
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in places}
    for turn in range(TURNS):
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
    for _ in range(ARRIVALS):
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
    for _ in range(STARTS):
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
