"""What a page says when parts of its app are killed or a result is damaged. (What a browser does: tests/browser.)"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from tests.bench.visitor import Visitor
from tests.hosting.mortal import Mortal
from tests.lib.jobs.clusters import alive, family, until
from tests.sample import HERE, LAB, LONG, MIDDLING, QUICK, WORDS

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.fault]  # they share an app


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mortal]:
    one = Mortal(tmp_path_factory.mktemp("maltreated"))
    yield one
    one.end()


@contextmanager
def running(page: Visitor) -> Iterator[None]:
    """A job is seen to move when the block begins; at its end the page has come to rest."""
    with ThreadPoolExecutor(1) as pool:
        pressed = pool.submit(page.press, WORDS("run.start"))
        until(lambda: pressed.done() or any("% done" in one.delta.new_element.progress.text for one in [*page.heard]))
        yield
        pressed.result()


def verdict(mortal: Mortal, link: str) -> str:
    """What a page says after a run to its end."""
    page = Visitor(mortal.address, LAB, f"{link}&reveal=1")
    page.press(WORDS("run.start"))
    page.leave()
    assert HERE in " ".join(page.told)
    return [one for one in page.told if "errs by" in one][-1]


def test_a_killed_worker_costs_a_visitor_nothing_but_time(mortal: Mortal) -> None:
    page = Visitor(mortal.address, LAB, MIDDLING)
    with running(page):
        for one in mortal.workers():
            one.kill()
    assert HERE in " ".join(page.told)
    page.leave()
    for one in mortal.workers():  # and between two jobs
        one.kill()
    verdict(mortal, f"{QUICK}&throw_seed=1")


def test_when_the_scheduler_is_killed_the_page_says_what_to_do(mortal: Mortal) -> None:
    page = Visitor(mortal.address, LAB, LONG)
    before = family(mortal.process.pid)
    with running(page):
        mortal.scheduler().kill()
    assert WORDS("errors.lost") in page.told
    assert "bidi_component" in page.shown  # the picture stays
    page.leave()
    until(lambda: not any(map(alive, before)))
    verdict(mortal, f"{QUICK}&throw_seed=2")
    until(lambda: mortal.workers())
    scheduler = mortal.scheduler()
    scheduler.kill()  # and between two jobs: nobody has to press twice
    until(lambda: not alive(scheduler.pid))  # on a busy machine it takes a while to die, and a job sent to it is lost
    verdict(mortal, f"{QUICK}&throw_seed=3")


def test_a_damaged_result_is_as_none_and_is_replaced(mortal: Mortal) -> None:
    link = f"{QUICK}&throw_seed=9"
    there = set(mortal.store.glob("*.npz"))
    before, (result,) = verdict(mortal, link), set(mortal.store.glob("*.npz")) - there
    whole = result.read_bytes()
    result.write_bytes(whole[: len(whole) // 2])
    mortal.restart()
    page = Visitor(mortal.address, LAB, link)
    assert WORDS.at("run.stale").split("{")[0] in " ".join(page.told)
    page.leave()
    assert verdict(mortal, link) == before
    assert len(result.read_bytes()) > 0.9 * len(whole)
    assert "is damaged and counts as absent" in mortal.log.read_text(errors="replace")
