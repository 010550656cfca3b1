"""What one job has loaded serves the next one, as long as there is room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lib.jobs.worker import tidy
from lib.kept import forget, kept


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    forget()
    yield
    forget()


def test_it_is_made_once_until_it_is_forgotten() -> None:
    first = kept("one", object)
    assert kept("one", object) is first
    assert kept("other", object) is not first
    forget()
    assert kept("one", object) is not first


def test_what_cannot_be_made_is_tried_again() -> None:
    with pytest.raises(ZeroDivisionError):
        kept("one", lambda: 1 // 0)
    assert kept("one", lambda: 1) == 1


@pytest.mark.parametrize(("limit", "stays"), [(None, True), (2**50, True), (1, False)])
def test_a_worker_that_is_nearly_full_keeps_nothing(limit: int | None, stays: bool) -> None:
    first = kept("one", object)
    tidy(limit)
    assert (kept("one", object) is first) == stays
