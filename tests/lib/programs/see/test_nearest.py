"""The reader of nearest examples: what it answers, when it does not, and what its trace shows."""

from __future__ import annotations

import numpy as np
import pytest

from lib.programs.see.nearest import FAR, SHOWN, UNKNOWN, NearestReader, flat
from lib.tasks.digits import Digits

TASK = Digits()
SEEN = np.flatnonzero(~np.isin(np.arange(1797), TASK.test))
READER = NearestReader(flat(TASK.pictures(SEEN)), TASK.truth(SEEN))


def at(ink: float) -> np.ndarray:
    """A picture whose first pixel alone has ink."""
    return np.eye(1, 64)[0] * ink


def test_three_cards_in_a_row_are_told_by_distance() -> None:
    reader = NearestReader(np.stack([at(0), at(1), at(5)]), np.array([4, 7, 9]), far=0.75)
    asked = np.stack([at(0.25), at(0.625), at(4.5), at(3)])
    assert reader(asked).tolist() == [4, 7, 9, UNKNOWN]
    assert np.allclose(reader.distances(asked)[0], [0.25, 0.75, 4.75])


def test_just_far_is_still_near() -> None:
    reader = NearestReader(at(0)[None], np.array([3]), far=2.0)
    assert reader(np.stack([at(2), at(2.001)])).tolist() == [3, UNKNOWN]


def test_its_own_cards_it_knows_by_heart() -> None:
    assert (READER(flat(TASK.pictures(SEEN))) == TASK.truth(SEEN)).all()


def test_it_reads_nearly_all_test_digits_and_no_noise() -> None:
    told = READER(flat(TASK.pictures(TASK.test)))
    given = told != UNKNOWN
    assert given.mean() > 0.9
    assert (told[given] == TASK.truth(TASK.test)[given]).mean() > 0.97
    rng = np.random.default_rng(0)
    assert (READER(rng.random((200, 64))) == UNKNOWN).all()
    assert READER(np.zeros((1, 64))).tolist() == [UNKNOWN]


def test_far_is_more_than_to_the_nearest_card_and_less_than_to_another_digit() -> None:
    """As its source says: about 1 and about 3."""
    apart = READER.distances(flat(TASK.pictures(TASK.test)))
    others = TASK.truth(TASK.test)[:, None] != READER.labels
    assert np.median(apart.min(1)) == pytest.approx(1, abs=0.1)
    assert np.median(apart[others]) == pytest.approx(3, abs=0.2)


def test_what_it_cannot_know() -> None:
    """A digit a pixel further right is far from every card, though anybody reads it."""
    moved = Digits(shift=1)
    assert (READER(flat(moved.pictures(moved.test))) == UNKNOWN).mean() > 0.7


def test_the_trace_is_the_nearest_in_order_and_ends_in_its_answer() -> None:
    for place in TASK.test[:20]:
        picture = TASK.pictures(np.array([place]))[0]
        told = list(READER.trace(picture))
        distances = [one.distance for one in told]
        assert len(told) == SHOWN
        assert distances == sorted(distances)
        for one in told:
            assert one.distance == pytest.approx(np.linalg.norm(one.picture - picture[0]))
            assert one.near == (one.distance <= FAR)
        [answer] = READER(flat(picture[None]))
        assert answer == (told[0].digit if told[0].near else UNKNOWN)
