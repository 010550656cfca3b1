from __future__ import annotations

import re

import numpy as np
import pytest
from PIL import Image

from lib.tasks.photos.shipped import CLASS, FOLDER, NAMES, photo, square


@pytest.mark.parametrize("name", NAMES)
def test_a_photo_is_a_square_with_something_on_it(name: str) -> None:
    pixels = photo(name)
    assert pixels.shape == (224, 224, 3)
    assert pixels.dtype == np.uint8
    assert pixels.std() > 30


def test_every_file_is_a_photo_and_has_its_credit() -> None:
    files = {path.stem for path in FOLDER.glob("*.webp")}
    credits = re.findall(r"^\| (\w+)\.webp \|.*\| (public domain|CC0) \|", (FOLDER / "CREDITS.md").read_text(), re.M)
    assert files == set(NAMES) == {name for name, _ in credits}
    assert NAMES[0] == "panda"
    assert len(NAMES) == len(set(CLASS.values())) == 13


def test_the_files_are_small_and_tell_nothing_about_cameras_and_people() -> None:
    files = sorted(FOLDER.glob("*.webp"))
    assert sum(path.stat().st_size for path in files) <= 1_300_000
    for path in files:
        with Image.open(path) as image:
            assert not image.getexif(), path.name
            assert "xmp" not in image.info, path.name


def test_what_is_drawn_on_a_photo_stays_on_that_copy() -> None:
    photo("panda")[:] = 0
    assert photo("panda").any()


def test_an_unknown_photo_is_refused_with_the_names_that_there_are() -> None:
    with pytest.raises(ValueError, match=r"photo: got '\.\./panda', choose one of panda, bison"):
        photo("../panda")


def test_kept_is_the_middle_of_the_shorter_side() -> None:
    wide = np.zeros((80, 200, 3), np.uint8)
    wide[5:75, 65:135] = 255  # .875 of 80 pixels, in the middle
    assert (square(wide, 70) == 255).all()
    assert square(wide, 35).shape == (35, 35, 3)
    wide[40, 65] = 0
    assert (square(wide, 70) == 255).mean() == pytest.approx(1 - 1 / 70**2)


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (31, 7)])
def test_any_picture_can_be_made_square(size: tuple[int, int]) -> None:
    grey = np.full((*size, 3), 77, np.uint8)
    assert (square(grey) == 77).all()


@pytest.mark.parametrize(
    "pixels",
    [np.zeros((8, 8), np.uint8), np.zeros((8, 8, 4), np.uint8), np.zeros((8, 8, 3)), np.zeros((0, 8, 3), np.uint8)],
)
def test_what_is_no_picture_is_refused(pixels: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"give RGB as \(h, w, 3\) uint8"):
        square(pixels)
