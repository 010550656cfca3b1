"""What the finder of seams finds, and what it does not."""

from __future__ import annotations

import numpy as np
import pytest

from lib.programs.see.seams import CLEAR, SeamFinder, jumps
from lib.tasks.photos.shipped import NAMES, photo
from lib.tasks.see.tiles import PIECES, chessboard, cut

CUT = [pieces for pieces in PIECES if pieces > 1]


def strongest(picture: np.ndarray) -> int:
    return max(SeamFinder().trace(picture), key=lambda found: found.jump).pieces


def test_no_photo_that_ships_is_taken_for_cut_up() -> None:
    assert not SeamFinder()(np.stack([photo(name) for name in NAMES])).any()


@pytest.mark.parametrize("pieces", CUT)
def test_nearly_every_puzzle_is_noticed(pieces: int) -> None:
    puzzles = np.stack([cut(photo(name), pieces, seed) for name in NAMES for seed in (1, 2)])
    assert SeamFinder()(puzzles).mean() > 0.9


def test_two_smoothed_pixels_beside_a_seam_hide_it() -> None:
    puzzles = np.stack([cut(photo(name), 4, 1, feather=2) for name in NAMES])
    assert not SeamFinder()(puzzles).any()


def test_it_takes_a_chessboard_for_cut_up() -> None:
    assert SeamFinder()(chessboard()[None]).all()


def test_an_even_ramp_jumps_nowhere_and_a_single_edge_where_it_is() -> None:
    ramp = np.broadcast_to(np.arange(224, dtype=np.uint8)[:, None], (224, 224, 3))
    assert jumps(ramp) == pytest.approx(1.0)
    edge = np.zeros((224, 224, 3), np.uint8)
    edge[:, 112:] = 200
    assert np.flatnonzero(jumps(edge) > CLEAR).tolist() == [111]


def test_one_edge_alone_is_no_puzzle() -> None:
    """A horizon, or a wall beside the sky, runs one way only."""
    edge = photo("panda") // 2
    edge[:, 112:] += 100
    assert not SeamFinder()(edge[None]).any()


def test_four_tiles_are_found_where_they_meet() -> None:
    assert strongest(cut(photo("scarlet_macaw"), 2, 3)) == 2
    assert strongest(cut(photo("bison"), 7, 3)) == 7
