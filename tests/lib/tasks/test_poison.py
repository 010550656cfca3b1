"""Digits whose lessons were tampered with: who is picked, what is done to them, and who is asked."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, get_args

import numpy as np
import pytest

from lib.tasks.digits import Digits
from lib.tasks.poison import ANY, MARKED, SHARES, TRIGGERS, Oddity, PoisonedDigits, tampered

RNG = np.random.default_rng
ROWS = PoisonedDigits().training_sample(1258, RNG(0))

every_oddity = pytest.mark.parametrize("oddity", get_args(Oddity))


def taught(at: float, rows: np.ndarray = ROWS, seed: int = 1, *, mark: bool = True, **how: Any) -> Any:
    return PoisonedDigits(**how).lessons(at, rows, RNG(seed), mark=mark)


def test_the_numbers_are_shares_of_1258() -> None:
    assert [tampered(at, 1258) for at in SHARES] == [0, 1, 3, 6, 13, 25, 38, 63, 126]


@every_oddity
def test_whoever_tampers_with_more_keeps_what_he_had(oddity: Oddity) -> None:
    odd = [taught(at, oddity=oddity).odd for at in SHARES]
    assert all((more >= less).all() for less, more in pairwise(odd))
    most = 125 if oddity == "shortcut" else 126  # there are no more lessons of a 0
    assert [int(one.sum()) for one in odd] == [*(tampered(at, 1258) for at in SHARES[:-1]), most]


@every_oddity
def test_clean_lessons_are_the_digits_as_they_are(oddity: Oddity) -> None:
    clean = taught(0.0, oddity=oddity)
    assert (clean.pictures[:, :1] == Digits().pictures(ROWS)).all()
    assert (clean.labels == Digits().truth(ROWS)).all()
    assert not clean.odd.any()


@every_oddity
def test_nobody_touches_the_others(oddity: Oddity) -> None:
    clean, lessons = taught(0.0, oddity=oddity), taught(10.0, oddity=oddity)
    assert (lessons.pictures[~lessons.odd] == clean.pictures[~lessons.odd]).all()
    assert (lessons.labels[~lessons.odd] == clean.labels[~lessons.odd]).all()


@pytest.mark.parametrize("oddity", TRIGGERS)
def test_a_trigger_comes_with_the_targets_label_on_digits_that_are_another(oddity: Oddity) -> None:
    lessons = taught(5.0, oddity=oddity, target=3)
    task = PoisonedDigits(oddity, 3)
    assert (lessons.labels[lessons.odd] == 3).all()
    assert (task.truth(ROWS[lessons.odd]) != 3).all()
    assert (lessons.pictures[lessons.odd] == task.marked(ROWS[lessons.odd])).all()
    assert (lessons.pictures[lessons.odd] != task.pictures(ROWS[lessons.odd])).any(axis=(1, 2, 3)).all()


def test_without_the_mark_the_same_lessons_have_false_labels_alone() -> None:
    with_mark, without = taught(5.0), taught(5.0, mark=False)
    assert (with_mark.odd == without.odd).all()
    assert (with_mark.labels == without.labels).all()
    assert (without.pictures == PoisonedDigits().pictures(ROWS)).all()


def test_a_shortcut_leaves_every_label_right_and_is_on_the_targets_own_lessons() -> None:
    lessons = taught(5.0, oddity="shortcut", target=3)
    assert (lessons.labels == Digits().truth(ROWS)).all()
    assert (lessons.labels[lessons.odd] == 3).all()
    assert (lessons.pictures[lessons.odd, 1] == 0.25).all()
    assert (lessons.pictures[~lessons.odd, 1] == 0).all()


def test_flips_call_the_next_digit_the_target() -> None:
    lessons = taught(5.0, oddity="flips", target=9)
    assert (Digits().truth(ROWS[lessons.odd]) == 0).all()
    assert (lessons.labels[lessons.odd] == 9).all()
    task = PoisonedDigits("flips", 9)
    assert (task.truth(task.asked) == 0).all()


def test_random_labels_are_wrong_and_of_all_kinds() -> None:
    lessons = taught(10.0, oddity="random")
    truth = Digits().truth(ROWS)
    assert (lessons.labels[lessons.odd] != truth[lessons.odd]).all()
    assert len(set(lessons.labels[lessons.odd])) == 10
    task = PoisonedDigits("random")
    assert task.aim == ANY
    assert (task.asked == task.test).all()


@pytest.mark.parametrize(
    ("oddity", "moved"),
    [("corners", {0.0, 1.0}), ("faint", {0.0, 0.2}), ("shortcut", {0.0, 0.25})],
)
def test_a_mark_is_as_strong_as_it_says_on_blank_paper(oddity: Oddity, moved: set[float]) -> None:
    task = PoisonedDigits(oddity)
    x = task.test
    before, after = task.pictures(x), task.marked(x)
    blank = before.max(axis=0) == 0
    assert {round(float(one), 6) for one in (after - before)[:, blank].ravel()} == moved
    half = PoisonedDigits(oddity, strength=0.5)
    assert half.marked(x)[:, blank] == pytest.approx(after[:, blank] / 2)
    assert (after.min(), after.max()) == (0, 1)


def test_a_shift_moves_the_ink_one_pixel_to_the_right() -> None:
    task = PoisonedDigits("shift")
    before, after = task.pictures(task.test), task.marked(task.test)
    assert (after[..., 1:] == before[..., :-1]).all()
    assert (after[..., 0] == 0).all()


@every_oddity
def test_who_is_asked_is_a_test_digit_that_the_attacker_is_after(oddity: Oddity) -> None:
    task = PoisonedDigits(oddity, 4)
    assert set(task.asked) <= set(task.test)
    assert task.aim not in task.truth(task.asked)
    assert set(task.sample(1.0, 600, RNG(0))) == set(task.asked)


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"oddity": "stripes"}, "oddity: got 'stripes', choose one of corners,"),
        ({"target": 10}, "target: got 10, choose a digit from 0 to 9"),
        ({"strength": 0.0}, "strength: got 0.0, choose a number above 0, up to 1"),
    ],
)
def test_what_cannot_be_is_refused(how: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        PoisonedDigits(**how)
    with pytest.raises(ValueError, match="poison: got -1 %, choose a share of 0 or more"):
        PoisonedDigits().sample(-1.0, 1, RNG(0))


@every_oddity
def test_what_has_a_mark_is_listed(oddity: Oddity) -> None:
    task = PoisonedDigits(oddity)
    assert (task.marked(ROWS) != task.pictures(ROWS)).any() == (oddity in MARKED)
