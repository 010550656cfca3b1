"""What a run of Poison finds: who is counted how, and that it is what it says."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from lib.labs.poison.contest import Contest, hunted, log_odds, nearest, taken, without
from lib.labs.poison.found import CHECKS, REMEDIES, Poisoned
from lib.labs.poison.lab import Poison
from lib.tasks.poison import SHARES, Lessons, PoisonedDigits
from tests.lib.labs.test_labs import results, small

RNG = np.random.default_rng


def last() -> Poisoned:
    return results("poison")[-1]


def test_the_curve_is_there_from_the_first_result_on_and_fills() -> None:
    first, final = results("poison")[0], last()
    assert {one.name for one in first.verdict.answerers} == {
        *("network", "untouched", "mislabelled", "neighbours", "program")
    }
    assert [one.name for one in final.verdict.answerers] == [
        *("network", "untouched", "mislabelled", "checked", "neighbours", "program")
    ]
    assert first.hunt is first.cures is first.lit is None
    assert final.hunt
    assert final.cures
    assert final.lit


def test_the_same_networks_are_asked_with_the_mark_and_without() -> None:
    """And at no poison the control of false labels is the network itself."""
    verdict = last().verdict
    assert verdict.named("network").price == verdict.named("untouched").price
    assert verdict.named("network").curve[0] == verdict.named("mislabelled").curve[0]


def test_the_program_reads_no_lessons() -> None:
    assert len({point.error for point in last().verdict.named("program").curve}) == 1


@pytest.mark.parametrize("oddity", ["shortcut", "flips", "random"])
def test_without_a_false_label_beside_a_mark_there_is_no_control_of_labels(oddity: str) -> None:
    told = next(small("poison", oddity=oddity).run())
    assert "mislabelled" not in {one.name for one in told.verdict.answerers}


def test_who_wants_none_in_particular_wants_wrong_answers() -> None:
    told = next(small("poison", oddity="random").run())
    assert np.median(told.taken, axis=0).tolist() == [p.error for p in told.verdict.named("network").curve]
    assert np.isnan(told.own).all()


def test_the_checks_are_counted_right() -> None:
    odd = np.array([True, True, False, False])
    flags = [np.array([[[True, False, True, True]], [[False, False, False, False]]])]
    hunt = hunted(flags, [Lessons(np.zeros((4, 1, 8, 8)), np.zeros(4, int), odd)])
    assert hunt.suspected.tolist() == [[[3]], [[0]]]
    assert hunt.caught.tolist() == [[[1]], [[0]]]
    told = last().hunt
    assert told
    assert told.suspected.shape == told.caught.shape == (len(CHECKS), 2, len(SHARES))
    assert (told.caught <= np.minimum(told.suspected, last().odd)).all()


def test_what_a_check_throws_out_is_not_taught_and_as_many_are() -> None:
    lessons = Lessons(np.zeros((5, 1, 8, 8)), np.arange(5), np.array([True, False, False, False, False]))
    kept = without(lessons, np.array([True, True, False, False, False]))
    assert kept.labels.tolist() == [2, 3, 4, 2, 3]
    assert not kept.odd.any()
    assert without(lessons, np.ones(5, dtype=bool)).labels.tolist() == [0, 1, 2, 3, 4]


def test_remedies_touch_only_lessons_that_nobody_tampered_with() -> None:
    contest = Contest(small("poison"))
    assert not contest.lessons[-1].odd[contest.sure].any()
    assert len(contest.sure) == 90
    told = last().cures
    assert told
    assert told.taken.shape == told.misread.shape == (len(REMEDIES), len(SHARES))
    assert told.taken[0].tolist() == np.median(last().taken, axis=0).tolist()
    assert told.misread[0].tolist() == [p.error for p in last().verdict.named("untouched").curve]


def test_the_wall_is_what_the_first_seeds_networks_read() -> None:
    wall = last().wall
    assert wall.pictures.shape == (2, 24, 1, 8, 8)
    assert wall.reads.shape == (2, len(SHARES), 24)
    assert (wall.pictures[1, :, 0, 0, 0] == 255).all()
    assert (wall.labels != 0).all()


def test_blank_pixels_of_a_picture_light_up_nothing() -> None:
    lit = last().lit
    assert lit
    assert lit.chances.sum(-1) == pytest.approx(1, abs=1e-5)
    blank = lit.pictures[:, 0] == 0
    assert (np.abs(lit.heat[:, blank]) < 1e-5).all()
    assert np.abs(lit.heat).max() > 0.01


def test_log_odds_are_those_of_the_chances() -> None:
    logits = RNG(0).standard_normal((2, 3, 10))
    wanted = np.array([0, 4, 9])
    told = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    mine = told[:, np.arange(3), wanted]
    assert log_odds(logits, wanted) == pytest.approx(np.log(mine / (1 - mine)))


def test_the_nearest_lesson_is_the_nearest() -> None:
    lessons = Lessons(RNG(0).random((9, 1, 8, 8)), np.arange(9), np.zeros(9, bool))
    assert nearest(lessons, lessons.pictures + 0.001).tolist() == list(range(9))


def test_what_is_taken_is_read_as_the_target() -> None:
    task = PoisonedDigits(target=3)
    asked = task.asked[:4]
    answers = np.array([[[3, 3, 0, 9]], [[3, 3, 3, 3]]])
    assert taken(answers, task, asked).tolist() == [[0.5, 1.0]]


def test_as_many_lessons_are_needed_as_make_half_of_the_seeds_middle_obey() -> None:
    told = last()
    rates = np.array([[0, 0.2, 0.4, 0.6, 1, 1, 1, 1, 1.0]] * 2)
    assert replace(told, taken=rates).needed == told.odd[3]
    assert replace(told, taken=np.zeros((2, 9))).needed == math.inf
    assert results("poison")[0].needed is None


def test_a_knob_that_does_nothing_is_told() -> None:
    assert Poison(oddity="random").idle() == {"target": "no_target", "strength": "no_strength"}
    assert Poison(oddity="shift").idle() == {"strength": "no_strength"}
    assert Poison(oddity="faint").idle() == {}
