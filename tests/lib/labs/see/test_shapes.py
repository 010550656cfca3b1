"""Outline against coat: who meets whom, what follows from the answers, and that every picture is asked once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import store
from lib.labs.see.cutter import Cutter
from lib.labs.see.shapes import CLASSES, OWN, Shapes, paired, share, unread
from lib.tasks.photos.shipped import CLASS, NAMES, photo
from lib.tasks.see.outlines import BACKDROPS, OUTLINED, coat, conflict, cut_out, silhouette


@given(st.integers(1, 12), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_no_outline_meets_its_own_coat_nor_a_coat_twice(rounds: int, seed: int) -> None:
    pairs = paired(rounds, np.random.default_rng(seed))
    assert pairs.shape == (len(OUTLINED), rounds)
    assert (pairs != OWN[:, None]).all()
    assert all(len(set(row)) == rounds for row in pairs.tolist())
    assert all(len(set(turn)) == len(OUTLINED) for turn in pairs.T.tolist())
    assert (paired(rounds, np.random.default_rng(seed)) == pairs).all()


@pytest.mark.parametrize("rounds", [0, 13])
def test_rounds_that_cannot_be_are_refused(rounds: int) -> None:
    with pytest.raises(ValueError, match=f"rounds: got {rounds}, choose from 1 to 12"):
        paired(rounds, np.random.default_rng(0))


def test_only_pictures_that_are_read_as_one_of_the_two_count() -> None:
    assert share(np.array([1, 0, 3]), np.array([3, 2, 0])).tolist() == [0.25, 0.0, 1.0]
    assert np.isnan(share(np.array(0), np.array(0)))


def chosen(choice: np.ndarray, pairs: np.ndarray) -> Shapes:
    """Shapes in which these of the 13 were chosen, at first hand as well."""
    before = unread(pairs)
    labels = before.conflicts.labels.copy()
    labels[..., 0] = CLASSES[choice]
    return replace(before, conflicts=replace(before.conflicts, labels=labels, choice=choice.astype(np.int16)))


def test_the_shares_follow_from_what_was_chosen() -> None:
    """On white the first round goes by the shape, the second by the coat; on grey all by the coat but for one."""
    pairs = paired(2, np.random.default_rng(0))
    choice = np.stack([np.stack([OWN, pairs[:, 1]], 1), pairs])
    choice[1, 0, 0] = OWN[0]
    choice[1, 1, 1] = next(one for one in range(13) if one not in (OWN[1], pairs[1, 1]))  # a third animal
    told = chosen(choice, pairs)
    assert told.asked
    assert told.shares.tolist() == [0.5, 1 / 23]
    assert told.rounds.tolist() == [[1.0, 0.0], [1 / 12, 0.0]]
    assert told.share == 13 / 47
    assert told.named == (13, 34)


def test_nothing_counts_before_it_was_read() -> None:
    nobody = unread(paired(3, np.random.default_rng(0)))
    assert not nobody.asked
    assert not nobody.by_shape.any()
    assert not nobody.by_texture.any()
    assert np.isnan(nobody.shares).all()
    assert nobody.right == nobody.named[:1] + nobody.named[1:] + (0,) == (0, 0, 0)
    blob = store.pack(nobody)
    assert store.pack(store.unpack(Shapes, blob)) == blob


class Seer:
    """Sees the animal whose picture it was shown when it learned them by heart; else it says the class `other`."""

    def __init__(self, known: dict[bytes, int], other: int) -> None:
        self.known, self.other, self.seen = known, other, list[bytes]()

    def reads(self, pictures: np.ndarray) -> np.ndarray:
        told = np.full((len(pictures), 1000), 1e-4, np.float32)
        for row, picture in enumerate(pictures):
            self.seen.append(picture.tobytes())
            told[row, self.known.get(picture.tobytes(), self.other)] = 0.5
        return told


def test_every_picture_is_asked_once_and_its_answer_stands_in_its_place() -> None:
    pairs = paired(2, np.random.default_rng(1))
    first, second = OUTLINED[0], NAMES[pairs[0, 1]]
    known = {
        cut_out(first, photo(first)).tobytes(): CLASS[first],
        silhouette(OUTLINED[3]).tobytes(): CLASS[OUTLINED[3]],
        coat("koala").tobytes(): CLASS["koala"],
        conflict(first, second, BACKDROPS[1]).tobytes(): CLASS[second],
    }
    eye: Any = Seer(known, other=0)
    cutter = Cutter(eye, pairs)
    steps = [cutter.shapes for _ in cutter.ask()]
    assert len(steps) == cutter.readings == len(set(eye.seen)) == 12 + 12 + 13 + 2 * 12 * 2
    assert [one.asked for one in steps].index(True) == len(steps) - 1
    assert not steps[0].silhouettes.asked  # what was yielded stays as it was
    told = cutter.shapes
    assert told.animals.labels[0, 0] == CLASS[first]
    assert told.silhouettes.choice[3] == OWN[3]
    assert told.coats.choice[NAMES.index("koala")] == NAMES.index("koala")
    assert told.conflicts.choice[1, 0, 1] == pairs[0, 1]
    assert told.conflicts.sure[1, 0, 1, 0] == 0.5
    assert told.by_texture[1, 0, 1]
    assert told.conflicts.labels[0, 0, 0, 0] == 0  # none of the 13: all of them are as likely,
    assert told.conflicts.choice[0, 0, 0] == 0  # and the first is chosen
