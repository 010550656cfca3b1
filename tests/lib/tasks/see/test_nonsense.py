"""Nonsense is what its name says, is drawn by the rng that it is given, and leaves the digits alone."""

from __future__ import annotations

import numpy as np
import pytest

from lib.tasks.digits import handwriting
from lib.tasks.see.nonsense import FAINT, NONSENSE, faint, letters, moved

DIGITS, LABELS = handwriting().pictures[:300], handwriting().labels[:300]


@pytest.mark.parametrize("name", NONSENSE)
def test_pictures_have_ink_within_bounds_and_hang_on_the_rng_alone(name: str) -> None:
    before = DIGITS.copy()
    one, again, other = (NONSENSE[name](DIGITS, LABELS, 40, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert one.shape == (40, 64)
    assert one.min() >= 0
    assert one.max() <= 1
    assert (one == again).all()
    assert (one != other).any()
    assert (before == DIGITS).all()


def made(name: str) -> np.ndarray:
    return NONSENSE[name](DIGITS, LABELS, 40, np.random.default_rng(0)).reshape(40, 8, 8)


def test_the_first_page_is_empty_and_others_have_a_few_specks() -> None:
    pages = made("empty")
    assert not pages[0].any()
    assert set((pages > 0).sum((1, 2)).tolist()) <= {0, 1, 2, 3}


def test_half_a_digit_is_a_half_of_one() -> None:
    for one in made("halves"):
        upper, left = one.copy(), one.copy()
        upper[4:], left[:, 4:] = 0, 0
        assert (one == upper).all() or (one == left).all()
        known = DIGITS.reshape(-1, 8, 8)
        assert (known[:, :4] == one[:4]).all((1, 2)).any() or (known[:, :, :4] == one[:, :4]).all((1, 2)).any()


def test_turned_digits_are_digits_turned_and_no_zeros() -> None:
    known = {one.tobytes(): label for one, label in zip(DIGITS, LABELS, strict=True)}
    back = np.rot90(made("turned"), -1, axes=(1, 2))
    assert all(known[np.ascontiguousarray(one).tobytes()] != 0 for one in back)


def test_two_digits_over_each_other_have_the_ink_of_both() -> None:
    for one in made("overlaid").reshape(40, 64):
        below = DIGITS[(one >= DIGITS).all(1)]
        assert (below.max(0) == one).all()
        assert len(set(LABELS[(one >= DIGITS).all(1)].tolist())) >= 2


def test_sixteen_letters_were_drawn_no_two_alike() -> None:
    drawn = letters()
    assert drawn.shape == (16, 64)
    assert len({one.tobytes() for one in drawn}) == 16
    assert drawn.reshape(16, 8, 8)[7][0].argmax() == 1  # N begins with its left stroke


def test_digits_written_otherwise_are_the_same_digits() -> None:
    shown = DIGITS.reshape(-1, 8, 8)
    right = moved(DIGITS).reshape(-1, 8, 8)
    assert (right[:, :, 1:] == shown[:, :, :-1]).all()
    assert not right[:, :, 0].any()
    assert np.allclose(faint(DIGITS), FAINT * DIGITS)
