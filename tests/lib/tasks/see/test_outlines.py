"""Outlines and coats: what is whose, where it lies, and what a picture of both is made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.ndimage import label

from lib.tasks.photos.shipped import NAMES, photo
from lib.tasks.see.outlines import (
    BACKDROPS,
    COATS,
    FOLDER,
    OUTLINED,
    coat,
    conflict,
    cut_out,
    outline,
    silhouette,
)


def sizes(where: np.ndarray) -> np.ndarray:
    """How many pixels each connected piece has."""
    pieces: Any = label(where)
    return np.bincount(pieces[0].ravel())[1:]


every_outline = pytest.mark.parametrize("name", OUTLINED)


@every_outline
def test_an_outline_is_one_piece_without_pinholes_and_as_large_as_an_animal(name: str) -> None:
    inside = outline(name)
    assert (inside.shape, inside.dtype) == ((224, 224), bool)
    assert 0.08 < inside.mean() < 0.75
    assert sizes(inside).size == 1
    assert sizes(~inside).min() >= 20


@every_outline
def test_the_edge_of_an_outline_lies_where_the_photo_changes(name: str) -> None:
    """Colours change more along it than along the same line elsewhere: an outline that has slipped would not be one."""
    grey = photo(name).mean(2)
    slope = np.hypot(*np.gradient(grey))

    def along(inside: np.ndarray) -> float:
        edge = inside ^ (inside & np.roll(inside, 1, 0) & np.roll(inside, 1, 1))
        edge[[0, -1]] = edge[:, [0, -1]] = False  # where the photo ends
        return float(slope[edge].mean())

    inside = outline(name)
    slipped = [np.roll(inside, (down, right), (0, 1)) for down, right in ((12, 0), (-12, 0), (0, 12), (0, -12))]
    assert along(inside) > np.mean([along(one) for one in slipped])


@every_outline
def test_an_animals_coat_is_its_own(name: str) -> None:
    left, top, side = COATS[name]
    assert outline(name)[top : top + side, left : left + side].mean() > 0.99


@pytest.mark.parametrize("name", COATS)
def test_a_coat_is_a_close_up_of_that_square_of_the_photo(name: str) -> None:
    """Made as coarse as the photo that networks see, it is that square."""
    left, top, side = COATS[name]
    close = coat(name)
    assert (close.shape, close.dtype) == ((224, 224, 3), np.uint8)
    square = photo(name)[top : top + side, left : left + side].astype(float)
    cells = np.arange(0, 224, 8)[:, None] + np.arange(8)
    coarse = close.reshape(28, 8, 28, 8, 3).mean((1, 3))
    places = np.clip((cells.mean(1) + 0.5) * side / 224, 0, side - 1).astype(int)
    there = square[places][:, places]
    assert np.abs(coarse.mean((0, 1)) - there.mean((0, 1))).max() < 6
    if there.std() > 10:
        assert np.corrcoef(coarse.mean(2).ravel(), there.mean(2).ravel())[0, 1] > 0.6


def test_a_silhouette_is_black_on_white() -> None:
    for name in OUTLINED:
        picture = silhouette(name)
        assert np.unique(picture).tolist() == [0, 255]
        assert ((picture == 0).all(2) == outline(name)).all()


@pytest.mark.parametrize("backdrop", BACKDROPS)
def test_a_conflict_holds_the_coat_inside_the_outline_and_nothing_around_it(backdrop: int) -> None:
    picture, inside = conflict("dog", "jaguar", backdrop), outline("dog")
    assert (picture[inside] == coat("jaguar")[inside]).all()
    assert (picture[~inside] == backdrop).all()
    assert (conflict("dog", "jaguar", backdrop) == picture).all()


def test_an_animal_is_cut_out_of_its_photo() -> None:
    picture, inside = cut_out("koala", photo("koala")), outline("koala")
    assert (picture[inside] == photo("koala")[inside]).all()
    assert (picture[~inside] == 255).all()


def test_what_is_given_out_may_be_written_on() -> None:
    for made in (outline, coat):
        made("bison")[:] = 0
        assert made("bison").any()


def test_the_outlines_that_ship_are_those_that_are_used_and_small() -> None:
    files = sorted(FOLDER.glob("*.png"))
    assert [path.stem for path in files] == sorted(OUTLINED)
    assert sum(path.stat().st_size for path in files) < 60_000
    assert set(OUTLINED) < set(COATS) == set(NAMES)


def test_an_animal_that_has_none_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="outline: got 'red_panda', choose one of panda"):
        outline("red_panda")
    with pytest.raises(ValueError, match="coat: got 'cat'"):
        coat("cat")
