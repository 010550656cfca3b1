"""The load client measures, and misses no fault: each scenario once, with very few visitors."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.bench.visitor import APP, EMPTY, Server, serving
from tests.load.__main__ import new_event_loop, options
from tests.load.browse import HORIZON, NOTHING, at_once
from tests.load.figures import Load, beside, slope
from tests.load.memory import growing
from tests.load.page import Tally
from tests.load.runs import SMALL, Run, waiting
from tests.load.scenarios import browsing, browsing_while_busy, crowding, promises, queueing
from tests.load.visitor import LostError, visiting

pytestmark = pytest.mark.xdist_group("load")  # they share a server
FEW = Load(visitors=3, seconds=2, think=0.1, workers=1, reruns=40, runs=10, recipe=SMALL)


def played(scenario: Coroutine[Any, Any, Any]) -> Any:
    """In a thread: where tests have driven a browser, Playwright keeps an event loop in this one."""

    def run() -> Any:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            return runner.run(scenario)

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving(APP, HORIZON_WORKERS="1") as one:
        yield one


def test_a_visitor_is_shown_what_a_browser_is(server: Server) -> None:
    async def visit() -> None:
        async with visiting(server.address, tally, "throw", "throw_width=128") as visitor:
            assert visitor.shown == "stale"
            await visitor.turn("throw_more", True)
            assert visitor.widgets["throw_width"].value == [128]
            assert visitor.widgets["throw_width"].fragment
            await visitor.turn("throw_width", [64])
            assert visitor.shown == "shipped"
            await visitor.turn("throw_activation", "tanh")
            assert visitor.shown == "stale"
            await visitor.turn("throw_presets_default", visitor.widgets["throw_presets_default"].others()[1])
            assert visitor.shown == "shipped"
            assert visitor.widgets["throw_activation"].value == "ReLU"
            await visitor.walk("attack")
            assert {"lang", "attack_start"} <= visitor.widgets.keys()
            assert "throw_start" not in visitor.widgets

    tally = Tally()
    played(visit())
    assert not tally.errors


def test_visitors_look_around(server: Server) -> None:
    tally, rows = played(browsing(server, FEW))
    assert not tally.errors
    assert rows["knobs turned"] > 0  # how many depends on what else the machine does
    assert rows["first paint, max [ms]"] >= rows["first chart, max [ms]"] > 0
    assert rows["messages a rerun"] > 10
    assert rows["processor time, web process [s]"] > 0
    assert rows["memory, worker 1 [MB]"] > 100


def test_a_crowd_that_starts_the_same_is_given_one_verdict(server: Server) -> None:
    tally, rows = played(crowding(server, replace(FEW, recipe={"steps": 1000, "seeds": 1, "examples": 100})))
    assert not tally.errors
    assert rows["without the verdict"] == 0
    assert rows["computations"] == 1


def test_those_in_line_are_served(server: Server) -> None:
    tally, rows = played(queueing(server, FEW))
    assert not tally.errors
    assert rows["not served"] == rows["nine beside ten, not served"] == 0
    assert rows["computations"] == 3
    assert rows["total / work"] > 0


def test_memory_is_watched(server: Server) -> None:
    tally, rows = played(growing(server, FEW))
    assert not tally.errors
    assert rows["small runs"] == FEW.runs
    assert {"growth of the web process [MB per 1,000 reruns]", "growth of worker 1 [MB per 100 runs]"} <= rows.keys()


def test_visitors_look_around_while_all_workers_train(server: Server) -> None:
    tally, rows = played(browsing_while_busy(server, FEW))
    assert not tally.errors
    assert rows["processor time, workers [s]"] > 0.1
    assert rows["busy / idle, knob to drawn, p95"] > 0


def test_an_empty_page_is_measured_beside_the_app() -> None:
    with serving(EMPTY) as server:
        empty = played(at_once(server.address, NOTHING, FEW))
    app = Tally()
    app.took["button"] += [10.0, 20.0]
    assert not empty.errors
    assert len(empty.took["knob"]) == 9
    assert beside(empty, app)["app / empty, button to drawn, p50"] > 1


def test_what_goes_wrong_is_counted(tmp_path: Path) -> None:
    script = tmp_path / "raises.py"
    script.write_text("import streamlit as st\nst.button('Press', key='press')\nraise ValueError('told')\n")

    async def visit(server: Server, tally: Tally) -> None:
        async with visiting(server.address, tally) as visitor:
            assert sum(tally.errors.values()) == 1
            server.process.terminate()
            await asyncio.to_thread(server.process.wait, 20)
            with pytest.raises(LostError):
                await visitor.press("press")
        with pytest.raises(LostError):
            async with visiting(server.address, tally):
                pytest.fail("nobody is there")

    tally = Tally()
    with serving(str(script)) as server:
        played(visit(server, tally))
    assert [told.partition(":")[0] for told in tally.errors][1:] == ["the socket broke", "no connection"]


@pytest.mark.parametrize("address", ["http://example.com:80", "http://10.0.0.1:8501", "https://127.0.0.1:8501", "x"])
def test_visitors_stay_on_this_machine(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options(["--address", address])
    assert f"takes a server on this machine, as http://127.0.0.1:8501, and got {address}\n" in capsys.readouterr().err


def test_there_are_never_too_many() -> None:
    with pytest.raises(SystemExit):
        options(["--visitors", "201"])


def test_the_line_is_understood_and_judged() -> None:
    assert waiting("All workers are busy. You are number 3 in line.") == {"place": 3}
    told = "All workers are busy. You are number 1,200 in line, about 14 s to wait."
    assert waiting(told) == {"place": 1200, "wait": 14}
    assert waiting("Starting …") is None
    told = "All workers are busy. You are number 1 in line, about 9 s to wait."
    rows = promises([Run(0.0, 10.0, 12.0, True, [(0.0, told)])])
    assert rows["wait, median error"] == pytest.approx(0.1)
    assert rows["place, median error"] == 0


def test_growth_is_that_of_a_line_after_the_warming_up() -> None:
    assert slope([(0, 50), (1, 100), (2, 102), (3, 104), (4, 106)]) == pytest.approx(2)


def test_the_knobs_of_all_labs_are_turned() -> None:
    assert {"throw_coverage", "attack_pgd_steps", "throw_presets_default"} <= HORIZON.knobs
