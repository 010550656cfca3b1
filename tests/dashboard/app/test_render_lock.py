"""Pages are drawn one at a time, and nobody who is stuck holds up the others for long."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from dashboard.app import render_lock
from tests.machine import PATIENCE


@pytest.fixture(autouse=True)
def _free() -> Iterator[None]:
    yield
    assert render_lock._turn.acquire(timeout=0)  # whatever happened, the turn was given back, and not twice
    assert not render_lock._turn.acquire(timeout=0)
    render_lock._turn.release()


def test_two_pages_are_not_drawn_at_once() -> None:
    drawing, most, lock = 0, 0, threading.Lock()

    def page(_: int) -> None:
        nonlocal drawing, most
        with render_lock.held():
            with lock:
                drawing += 1
                most = max(most, drawing)
            threading.Event().wait(0.005)
            with lock:
                drawing -= 1

    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(page, range(24)))
    assert most == 1


def test_a_page_that_breaks_gives_its_turn_back() -> None:
    with pytest.raises(ZeroDivisionError), render_lock.held():
        raise ZeroDivisionError


def test_who_only_watches_is_in_nobodys_way() -> None:
    with render_lock.held():
        assert render_lock.release()
        with ThreadPoolExecutor(1) as other:
            other.submit(_drawn).result(PATIENCE)
        assert not render_lock.release()  # once is enough


def test_who_waits_for_a_store_lets_others_draw() -> None:
    with render_lock.held():
        with render_lock.released(), ThreadPoolExecutor(1) as other:
            other.submit(_drawn).result(PATIENCE)
        assert render_lock._mine.held
    with render_lock.released():  # who has no turn gives none back
        pass
    assert not render_lock._mine.held


def test_a_stuck_page_holds_the_others_up_for_a_moment_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render_lock, "PATIENCE", 0.05)
    with render_lock.held(), ThreadPoolExecutor(1) as other:
        other.submit(_drawn).result(PATIENCE)


def _drawn() -> None:
    with render_lock.held():
        pass
