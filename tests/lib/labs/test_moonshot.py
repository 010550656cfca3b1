"""A run of Moonshot: what the contestants are told is the same, what they pay is counted, in both worlds."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from lib.labs.moonshot.contest import BY_REWARD, LEARNERS, SUPERVISED, TUNED, Contest
from lib.labs.moonshot.lab import Moonshot
from lib.learners.moonshot.inverse import ANSWERS
from lib.tasks.moonshot.trials import Attempt

pytestmark = pytest.mark.xdist_group("labs")  # they share a run
LAB = Moonshot(trials=20, examples=400, width=8, steps=100, seeds=2)


@cache
def ran() -> tuple[Contest, list[float]]:
    """A small run to its end, and how far it was at each result."""
    contest = Contest(LAB)
    return contest, [shot.progress for shot in contest.run()]


def over() -> Contest:
    return ran()[0]


def at_random(game: Attempt, sizes: tuple[int, ...], known: int = 0) -> list[list[float]]:
    """The launches between those with which a player answers: after each of the sizes, first if it knows any."""
    begins = [known, *(size + ANSWERS for size in sizes[:-1])]
    return [burn for begin, end in zip(begins, sizes, strict=True) for burn in game.burns[begin:end].tolist()]


@pytest.mark.parametrize("seed", range(2))
def test_the_supervised_see_the_same_launches_in_each_world(seed: int) -> None:
    near = [at_random(over().near[name][seed], (100, 300, 400)) for name in SUPERVISED]
    far = [at_random(over().far[name][seed], (100, 133)) for name in SUPERVISED]
    assert near[0] == near[1] == near[2]
    assert far[0] == far[1] == far[2]
    tuned = at_random(over().again["network"][seed], (100, 133), ANSWERS)
    assert tuned == far[0][: len(tuned)]


def test_the_supervised_pay_again_a_third_of_it_in_the_changed_world() -> None:
    for name in SUPERVISED:
        assert [one.trials for one in over().near[name]] == [400 + ANSWERS] * 2
        assert [one.trials for one in over().far[name]] == [133 + ANSWERS] * 2
    assert [one.trials for one in over().again["network"]] == [133 + ANSWERS] * 2


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
    _, told = ran()
    assert told == sorted(told)
    assert told[-1] == 1.0
