from __future__ import annotations

import numpy as np
import pytest

from lib.tasks.photos.shipped import photo
from lib.tasks.see.tiles import shuffled


def tiles(picture: np.ndarray, side: int) -> list[bytes]:
    cuts = range(0, 224, side)
    return [picture[down : down + side, right : right + side].tobytes() for down in cuts for right in cuts]


@pytest.mark.parametrize("pieces", [2, 4, 7, 28])
def test_the_same_tiles_lie_in_another_order(pieces: int) -> None:
    whole = photo("panda")
    mixed = shuffled(whole, pieces, seed=1)
    before, after = tiles(whole, 224 // pieces), tiles(mixed, 224 // pieces)
    assert all(one != other for one, other in zip(before, after, strict=True))
    assert sorted(before) == sorted(after)


def test_one_piece_is_the_picture_and_a_seed_says_the_order() -> None:
    whole = photo("koala")
    assert (shuffled(whole, 1) == whole).all()
    assert (shuffled(whole, 4, seed=3) == shuffled(whole, 4, seed=3)).all()
    assert (shuffled(whole, 4, seed=3) != shuffled(whole, 4, seed=4)).any()


@pytest.mark.parametrize("pieces", [0, -2, 5, 225])
def test_tiles_that_do_not_fit_are_refused(pieces: int) -> None:
    with pytest.raises(ValueError, match="divides 224"):
        shuffled(photo("panda"), pieces)
