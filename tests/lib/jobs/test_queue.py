"""The line is fair, and says when whose turn it is."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.jobs.queue import FairQueue, start_times


@dataclass(eq=False)
class Asked:
    owner: str
    turn: float = 0.0


def served(line: FairQueue) -> str:
    return "".join(line.get().owner for _ in range(len(line)))


def of(owners: str) -> FairQueue:
    line = FairQueue()
    for owner in owners:
        line.put(Asked(owner))
    return line


@pytest.mark.parametrize(
    ("come", "are_served"),
    [("abc", "abc"), ("aab", "aba"), ("aaaaaaaaaabcdefghij", "abcdefghijaaaaaaaaa"), ("aabbc", "abcab"), ("", "")],
)
def test_nobody_is_served_twice_before_all_others_once(come: str, are_served: str) -> None:
    assert served(of(come)) == are_served


def test_who_comes_later_is_before_the_second_of_who_was_there() -> None:
    line = of("aaaa")
    line.get()
    line.put(Asked("b"))
    assert served(line) == "abaa"  # the turn that begins now is older


def test_a_crowd_cannot_keep_anybody_out_for_ever() -> None:
    line = of("aa")
    for visitor in range(5):
        line.put(Asked(f"crowd {visitor}"))
        if line.get().owner == "a" and line.count("a") == 0:
            return
    pytest.fail("a waits while others come and go")


def test_a_job_that_others_want_too_stands_where_they_would() -> None:
    line = of("aaab")
    last = list(line)[2]
    line.move_up(last, "c")
    assert last.owner == "c"
    assert [job.owner for job in line] == ["a", "b", "c", "a"]
    line.move_up(last, "a")  # that would be later
    assert line.position(last) == 3


def test_who_leaves_is_not_in_line() -> None:
    line = of("ab")
    first = next(iter(line))
    line.remove(first)
    assert (line.position(first), len(line), served(line)) == (0, 1, "b")


@given(st.lists(st.sampled_from("abc"), max_size=30))
def test_everybody_gets_what_they_asked_for_in_their_own_order(owners: list[str]) -> None:
    asked = [Asked(owner) for owner in owners]
    line = FairQueue()
    for job in asked:
        line.put(job)
    assert [line.position(job) for job in line] == list(range(1, len(asked) + 1))
    out = [line.get() for _ in asked]
    for owner in "abc":
        assert [job for job in out if job.owner == owner] == [job for job in asked if job.owner == owner]
    for at, job in enumerate(out):
        for other in {one.owner for one in out[at:]}:  # who still waits has had as many turns, but for this one
            assert [one.owner for one in out[:at]].count(other) >= [one.owner for one in out[:at]].count(job.owner)


@given(st.lists(st.floats(0, 9), min_size=1, max_size=4), st.lists(st.floats(0, 9), max_size=12))
def test_a_wait_ends_when_the_first_worker_is_free(busy: list[float], lengths: list[float]) -> None:
    free, told = list(busy), list(start_times(busy, lengths))
    assert len(told) == len(lengths)
    for wait, length in zip(told, lengths, strict=True):
        assert wait == min(free)
        free[free.index(wait)] += length
