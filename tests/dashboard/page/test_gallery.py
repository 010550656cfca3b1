"""Pictures are built once, however many look, and do not pile up."""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from dashboard.app.language import Texts
from dashboard.charts.style import Motion
from dashboard.page import gallery

WORDS = Texts("en", "throw")


@pytest.fixture(autouse=True)
def _empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery, "_built", OrderedDict())
    monkeypatch.setattr(gallery, "MOST", 3)


def counted() -> tuple[list[Any], gallery.Draw]:
    built: list[Any] = []

    def draw(result: Any, _: Texts) -> Any:
        built.append(result)
        return object()

    return built, draw


def test_a_picture_is_built_once_for_each_result_and_language() -> None:
    built, draw = counted()
    first = gallery.cached(draw, "numbers", "a", WORDS)
    assert gallery.cached(draw, "numbers", "a", WORDS) is first
    assert built == ["numbers"]
    assert gallery.cached(draw, "others", "b", WORDS) is not first
    assert gallery.cached(draw, "numbers", "a", Texts("zh", "throw")) is not first
    assert built == ["numbers", "others", "numbers"]


def test_a_crowd_builds_a_picture_once() -> None:
    built, slowly = [], threading.Event()

    def draw(result: Any, _: Texts) -> Any:
        built.append(result)
        slowly.wait(0.1)
        return object()

    with ThreadPoolExecutor(8) as crowd:
        seen = list(crowd.map(lambda _: gallery.cached(draw, "numbers", "a", WORDS), range(8)))
    assert len(set(map(id, seen))) == len(built) == 1


def test_that_there_is_no_picture_yet_is_remembered_too() -> None:
    built: list[Any] = []

    def nothing(result: Any, _: Texts) -> None:
        built.append(result)

    assert gallery.cached(nothing, "early", "a", WORDS) is None
    assert gallery.cached(nothing, "early", "a", WORDS) is None
    assert built == ["early"]


def test_pictures_that_nobody_has_looked_at_for_longest_go_first() -> None:
    built, draw = counted()
    for mark in "abcacd":  # when d comes, a and c have been looked at after b
        gallery.cached(draw, mark, mark, WORDS)
    assert built == list("abcd")
    assert len(gallery._built) == gallery.MOST
    for mark in "acd":
        gallery.cached(draw, mark, mark, WORDS)
    assert built == list("abcd")
    gallery.cached(draw, "b", "b", WORDS)
    assert built == list("abcdb")


def test_the_films_of_a_run_push_out_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery, "MOST", 9)
    monkeypatch.setattr(gallery, "FILMS", 8)  # bytes: two films
    built, draw = counted()
    first = gallery.cached(draw, "numbers", "a", WORDS)
    films = [gallery.cached(lambda told, _: Motion(told), bytes(4), str(frame), WORDS) for frame in range(20)]
    assert list(gallery._built.values()) == [first, *films[-2:]]
    assert gallery.cached(draw, "numbers", "a", WORDS) is first
    assert built == ["numbers"]


def test_a_picture_that_cannot_be_built_is_not_kept() -> None:
    def fail(_: Any, __: Texts) -> None:
        raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            gallery.cached(fail, "numbers", "a", WORDS)
    assert len(gallery._built) == 0
