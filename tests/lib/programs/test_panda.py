from __future__ import annotations

import numpy as np
import pytest

from lib.programs.panda import PandaReader
from lib.tasks.photos.changes import CHANGES
from lib.tasks.photos.lights import badger, lit
from lib.tasks.photos.shipped import NAMES, photo

READER = PandaReader()
PHOTOS = np.stack([photo(name) for name in NAMES])
TRUTH = np.array([name == "panda" for name in NAMES])


def says(pictures: np.ndarray) -> list[str]:
    """The photos of which it says panda."""
    return [name for name, panda in zip(NAMES, READER(pictures), strict=True) if panda]


def test_it_tells_the_panda_from_the_twelve_others() -> None:
    answers = READER(PHOTOS)
    assert answers.dtype == bool
    assert (answers == TRUTH).all()


def test_a_mirror_changes_nothing() -> None:
    assert (READER(PHOTOS[:, :, ::-1]) == TRUTH).all()


@pytest.mark.parametrize("seed", range(3))
def test_a_level_up_or_down_in_every_pixel_does_not_move_it_here(seed: int) -> None:
    signs = np.random.default_rng(seed).choice([-1, 1], PHOTOS.shape)
    assert (READER((PHOTOS + signs).clip(0, 255)) == TRUTH).all()


@pytest.mark.parametrize("name", ["png", "jpeg90", "jpeg75", "blur"])
def test_what_stores_or_blurs_a_picture_does_not_move_it_here(name: str) -> None:
    assert (READER(CHANGES[name](PHOTOS)) == TRUTH).all()


@pytest.mark.parametrize("brightness", [0.3, 0.5, 0.9, 1.2, 2.0])
def test_it_measures_against_the_brightest_so_a_stronger_or_weaker_lamp_is_no_trouble(brightness: float) -> None:
    assert says(lit(PHOTOS, brightness)) == ["panda"]


@pytest.mark.parametrize("warmth", [-0.8, -0.4, 0.4, 0.8])
def test_under_a_coloured_lamp_it_sees_no_panda(warmth: float) -> None:
    assert says(lit(PHOTOS, warmth=warmth)) == []


def test_a_badger_is_a_panda_to_it() -> None:
    assert READER(badger()[None]).all()


def test_a_panda_without_its_head_is_none() -> None:
    behind = photo("panda")
    behind[:, :90] = behind[:, 223:133:-1]
    assert not READER(behind[None]).any()


def test_its_steps_show_what_it_found_and_where() -> None:
    white, black, eyes = READER.trace(photo("panda"))
    assert [white.what, black.what, eyes.what] == ["white", "black", "eyes"]
    assert not (white.patches & black.patches).any()
    assert white.share == pytest.approx(white.patches.mean() / 0.1)
    down, right = np.nonzero(eyes.patches)
    assert down.min() > 4  # the head is up on the left
    assert down.max() < 18
    assert right.max() < 20
    assert black.patches[eyes.patches].mean() > 0.5


@pytest.mark.parametrize("level", [0, 1, 128, 255])
def test_a_page_of_one_grey_is_no_panda(level: int) -> None:
    assert not READER(np.full((2, 224, 224, 3), level, np.uint8)).any()
    assert READER(np.zeros((0, 224, 224, 3), np.uint8)).shape == (0,)


def test_a_picture_of_another_size_is_read_too() -> None:
    assert READER(PHOTOS[:1].repeat(2, axis=1).repeat(2, axis=2)).all()
