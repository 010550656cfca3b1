"""A run of Moonshot: what the contestants are told is the same, what they pay is counted, in both worlds."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from lib.labs.contest import BY_REWARD, LEARNERS, SUPERVISED, TUNED, Contest
from lib.labs.moonshot import Moonshot
from lib.learners.inverse import ANSWERS

LAB = Moonshot(trials=20, examples=100, width=8, steps=100, seeds=2)


@cache
def over() -> Contest:
    """A small run to its end."""
    contest = Contest(LAB)
    for _ in contest.run():
        pass
    return contest


@pytest.mark.parametrize("seed", range(2))
def test_the_supervised_see_the_same_launches_in_each_world(seed: int) -> None:
    near, far = ([games[name][seed].burns for name in SUPERVISED] for games in (over().near, over().far))
    for burns in near[1:]:
        assert burns[:50].tolist() == near[0][:50].tolist()
    for burns in far[1:]:
        assert burns[:50].tolist() == far[0][:50].tolist()
    tuned = over().again["network"][seed].burns  # it is asked first, and sees the same then
    assert tuned[ANSWERS : ANSWERS + 40].tolist() == far[0][:40].tolist()


def test_in_the_changed_world_the_supervised_pay_again() -> None:
    for name in SUPERVISED:
        assert [one.trials for one in over().far[name]] == [50 + ANSWERS] * 2
        assert [one.trials for one in over().near[name]] == [100 + ANSWERS] * 2
    assert [one.trials for one in over().again["network"]] == [50 + ANSWERS] * 2


def test_nobody_by_reward_has_more_launches_than_the_knob_says() -> None:
    for games in (over().near, over().far, over().again):
        assert all(0 < one.trials <= 20 for name in BY_REWARD for one in games[name])


def test_an_exam_is_told_to_nobody_and_not_counted() -> None:
    contest = over()
    before = [one.trials for name in LEARNERS for one in contest.near[name]]
    heard = [len(one.player.x) for one in contest.near["bayes"]]
    contest.examine()
    contest.examine_afar()
    assert [one.trials for name in LEARNERS for one in contest.near[name]] == before
    assert [len(one.player.x) for one in contest.near["bayes"]] == heard


def test_the_ledger_tells_both_worlds_of_all_learners_and_one_of_the_program() -> None:
    book = over().result(1.0).ledger
    program = book.names.index("program")
    for place, name in enumerate(book.names):
        assert np.isfinite(book.nothing[place]).all() == (name in LEARNERS)
        assert np.isfinite(book.known[place]).all() == (name in TUNED)
        assert np.isfinite(book.known[place]).all() or np.isnan(book.known[place]).all()
    assert book.again[program].tolist() == book.tuned[program].tolist()


def test_progress_never_goes_back() -> None:
    told = [shot.progress for shot in Contest(LAB).run()]
    assert told == sorted(told)
    assert told[-1] == 1.0
