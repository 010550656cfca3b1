from __future__ import annotations

import numpy as np
import pytest

from lib.tasks.photos.changes import CHANGES, blur, crop, jpeg90, png, rotate, shift
from lib.tasks.photos.shipped import NAMES, photo


def moved(name: str, pictures: np.ndarray) -> float:
    """By how many of 255 levels a change moves a pixel, on average."""
    return float(abs(CHANGES[name](pictures).astype(float) - pictures).mean())


def test_the_changes_are_the_seven_that_are_told() -> None:
    assert list(CHANGES) == ["png", "jpeg90", "jpeg75", "shift", "rotate", "crop", "blur"]
    assert all(change.__doc__ for change in CHANGES.values())


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_takes_one_picture_or_several_and_leaves_them_as_they_were(name: str) -> None:
    pictures = np.stack([photo("panda"), photo("koala")])
    before = pictures.copy()
    changed = CHANGES[name](pictures)
    assert changed.shape == pictures.shape
    assert changed.dtype == np.uint8
    assert (changed[1] == CHANGES[name](pictures[1])).all()
    assert (pictures == before).all()
    assert CHANGES[name](pictures[:0]).shape == (0, 224, 224, 3)
    changed[:] = 0
    assert (pictures == before).all()


@pytest.mark.parametrize("name", CHANGES)
def test_a_grey_page_stays_a_grey_page(name: str) -> None:
    grey = np.full((224, 224, 3), 128, np.uint8)
    assert (CHANGES[name](grey) == grey).all()


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_no_picture_is_refused(name: str) -> None:
    for wrong in (np.zeros((8, 8, 3)), np.zeros((8, 8), np.uint8), np.zeros((2, 8, 8, 4), np.uint8)):
        with pytest.raises(ValueError, match="give RGB"):
            CHANGES[name](wrong)


def test_a_png_keeps_every_level() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (3, 224, 224, 3), dtype=np.uint8)
    assert (png(noise) == noise).all()


def test_every_other_change_moves_every_photo_and_the_smaller_jpeg_more() -> None:
    photos = np.stack([photo(name) for name in NAMES])
    for name in set(CHANGES) - {"png"}:
        for one in photos:
            assert moved(name, one) > 0.5, name
    assert moved("jpeg90", photos) < moved("jpeg75", photos)
    assert (jpeg90(photos) == jpeg90(photos)).all()


def test_a_shift_is_one_pixel_to_the_right() -> None:
    picture = photo("panda")
    assert (shift(picture)[:, 1:] == picture[:, :-1]).all()
    assert (shift(picture)[:, 0] == picture[:, 0]).all()


def spot(down: int, right: int, wide: int = 7) -> np.ndarray:
    """A white square on a black page, its middle as far down and right."""
    page, half = np.zeros((224, 224, 3), np.uint8), wide // 2
    page[down - half : down + half + 1, right - half : right + half + 1] = 255
    return page


def middle(page: np.ndarray) -> np.ndarray:
    """Where the light on it has its centre (down, right)."""
    light = page.mean(axis=2)
    return np.array([(light.sum(axis=1 - axis) @ np.arange(224)) / light.sum() for axis in (0, 1)])


def test_a_turn_is_three_degrees_about_the_middle_against_the_clock() -> None:
    away = middle(rotate(spot(112, 192))) - 111.5
    assert np.degrees(np.arctan2(-away[0], away[1])) == pytest.approx(3 - np.degrees(np.arctan2(0.5, 80.5)), abs=0.1)
    assert np.hypot(*away) == pytest.approx(80.5, abs=0.2)
    white = np.full((224, 224, 3), 255, np.uint8)
    assert (rotate(white) == 255).all()  # no black corners


@pytest.mark.parametrize(("height", "width"), [(224, 224), (40, 200), (7, 5)])
def test_what_a_turn_brings_into_the_corners_is_the_border(height: int, width: int) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    wide = np.pad(picture, ((60, 60), (60, 60), (0, 0)), mode="edge")
    assert (rotate(wide)[60:-60, 60:-60] == rotate(picture)).all()


def test_a_crop_leaves_out_a_sixteenth_at_every_side() -> None:
    framed = np.zeros((224, 224, 3), np.uint8)
    framed[14:-14, 14:-14] = 255
    assert (crop(framed)[3:-3, 3:-3] == 255).all()
    assert (crop(framed) > 220).all()  # interpolated at the rim
    assert middle(crop(spot(112, 168)))[1] - 111.5 == pytest.approx(56.5 * 8 / 7, abs=0.1)


def test_a_blur_spreads_light_and_loses_none() -> None:
    page = spot(100, 100, 1)
    assert blur(page).max() < 60
    assert blur(page).sum() == pytest.approx(page.sum(), rel=0.05)
    assert middle(blur(page)) == pytest.approx([100, 100], abs=0.01)
