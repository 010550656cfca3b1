from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from lib.tasks.photos.shipped import CLASS, NAMES, photo
from lib.tasks.see.tiles import PIECES, Puzzles, chessboard, cut, feathered, in_a_row, order, shuffled


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
    assert after == [before[place] for place in order(pieces, 1)]


def test_one_piece_is_the_picture_and_a_seed_says_the_order() -> None:
    whole = photo("koala")
    assert (shuffled(whole, 1) == whole).all()
    assert (shuffled(whole, 4, seed=3) == shuffled(whole, 4, seed=3)).all()
    assert (shuffled(whole, 4, seed=3) != shuffled(whole, 4, seed=4)).any()


@pytest.mark.parametrize("pieces", [0, -2, 5, 225])
def test_tiles_that_do_not_fit_are_refused(pieces: int) -> None:
    with pytest.raises(ValueError, match="divides 224"):
        shuffled(photo("panda"), pieces)


@pytest.mark.parametrize("pieces", PIECES)
@pytest.mark.parametrize("seed", range(5))
def test_no_tile_stays_in_its_place(pieces: int, seed: int) -> None:
    told = order(pieces, seed)
    assert sorted(told) == list(range(pieces**2))
    assert (told != np.arange(pieces**2)).all() or pieces == 1


def test_a_smoothed_seam_is_a_straight_line_in_colour() -> None:
    halves = np.zeros((224, 224, 3), np.uint8)
    halves[:, 112:] = 100
    smooth = feathered(halves, 2, 2)
    assert smooth[0, 108:116, 0].tolist() == [0, 0, 20, 40, 60, 80, 100, 100]
    assert (smooth == smooth[0]).all()
    assert halves[0, 111, 0] == 0


def test_smoothing_touches_nothing_further_from_a_seam_and_nothing_of_a_whole_photo() -> None:
    whole = photo("lemur")
    assert (cut(whole, 1, 0, 4) == whole).all()
    plain, smooth = cut(whole, 4, 1), cut(whole, 4, 1, 3)
    far = np.arange(224) % 56
    inner = (far >= 3) & (far < 53)
    assert (plain[np.ix_(inner, inner)] == smooth[np.ix_(inner, inner)]).all()
    assert (plain != smooth).any()


def test_questions_are_photos_cut_by_somebody() -> None:
    task = Puzzles()
    x = task.sample(4.0, len(NAMES), np.random.default_rng(0))
    assert sorted(x[:, 0]) == list(range(len(NAMES)))
    assert (x[:, 1] == 4).all()
    pictures = task.pictures(x)
    place, pieces, who = x[5]
    assert (pictures[5] == cut(photo(NAMES[place]), pieces, who)).all()
    assert task.truth(x).tolist() == [CLASS[NAMES[one]] for one in x[:, 0]]


def test_there_is_nothing_to_train_on() -> None:
    with pytest.raises(LookupError, match="come trained"):
        Puzzles().training_sample(3, np.random.default_rng(0))


def test_photos_in_a_row_are_those_photos() -> None:
    with Image.open(BytesIO(in_a_row(("panda", "koala")))) as row:
        seen = np.asarray(row.convert("RGB")).astype(float)
    assert seen.shape == (224, 448, 3)
    for place, name in enumerate(("panda", "koala")):
        assert abs(seen[:, 224 * place : 224 * (place + 1)] - photo(name)).mean() < 8


def test_a_chessboard_is_of_squares() -> None:
    board = chessboard()
    assert len({*tiles(board, 28)}) == 2
    assert (board[:28, :28] != board[:28, 28:56]).any()
