from __future__ import annotations

import numpy as np
import pytest

from lib.tasks.photos.lights import badger, lit
from lib.tasks.photos.shipped import photo


def test_the_sun_changes_nothing() -> None:
    assert (lit(photo("panda")) == photo("panda")).all()


def test_half_the_light_is_half_of_every_level_and_too_much_is_white() -> None:
    page = np.array([[[10, 100, 250]]], np.uint8)
    assert lit(page, 0.5).tolist() == [[[5, 50, 125]]]
    assert lit(page, 2.0).tolist() == [[[20, 200, 255]]]


def test_a_warm_lamp_has_less_blue_and_a_cold_one_less_red() -> None:
    page = np.full((1, 1, 3), 200, np.uint8)
    assert lit(page, warmth=1.0).tolist() == [[[200, 100, 0]]]
    assert lit(page, warmth=-0.5).tolist() == [[[100, 150, 200]]]


@pytest.mark.parametrize("brightness", [-1.0, float("nan"), float("inf")])
def test_no_lamp_shines_so(brightness: float) -> None:
    with pytest.raises(ValueError, match="brightness: got"):
        lit(photo("panda"), brightness)


def test_no_lamp_has_such_a_colour() -> None:
    with pytest.raises(ValueError, match=r"warmth: got 1\.5"):
        lit(photo("panda"), warmth=1.5)


def test_a_badger_is_black_and_white_and_the_same_on_both_sides() -> None:
    page = badger()
    assert page.shape == (224, 224, 3)
    assert page.dtype == np.uint8
    assert (page == page[:, ::-1]).all()
    assert min((page > 200).mean(), (page < 40).mean()) > 0.1
