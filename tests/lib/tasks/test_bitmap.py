"""A picture of a digit becomes what NIST's programs and a count of blocks make of it, however it was taken."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lib.tasks.bitmap import BlankError, Scan, counted, evened, inked, stretched, upright
from lib.tasks.digits import Digits

RING = np.zeros((32, 32), bool)  # a zero as the makers had it: 32 high, 20 wide, with ordinary ink
RING[:, 6:26] = True
RING[5:27, 10:22] = False


def page(ink: np.ndarray, scale: int = 2, paper: float = 1.0, dark: float = 0.1, margin: int = 16) -> np.ndarray:
    """Ink (h, w) on paper, as pixels (h, w, 3)."""
    large = np.pad(ink.repeat(scale, 0).repeat(scale, 1), margin)
    grey = np.where(large, dark, paper)
    return np.rint(255 * grey).astype(np.uint8)[..., None].repeat(3, 2)


def test_a_digit_on_a_page_has_its_blocks_counted() -> None:
    told = Scan.of(page(RING))
    counts = np.rint(told.picture * 16)
    assert (counts == counted(RING)).all()
    assert (counts[0] == [0, 8, 16, 16, 16, 16, 8, 0]).all()
    assert (counts[3] == [0, 8, 8, 0, 0, 8, 8, 0]).all()
    assert told.picture.dtype == np.float32


def test_where_how_large_and_in_which_tones_it_was_written_changes_nothing() -> None:
    wanted = Scan.of(page(RING))
    for how in ({"scale": 3}, {"paper": 0.1, "dark": 1.0}, {"paper": 0.7, "dark": 0.45}, {"margin": 30}):
        assert Scan.of(page(RING, **how)) == wanted  # type: ignore[arg-type]
    shifted = np.roll(page(RING, margin=24), (11, -9), (0, 1))
    assert Scan.of(shifted) == wanted
    coloured = page(RING)
    coloured[..., 2] = 255  # on blue paper in blue ink, the others tell
    assert Scan.of(coloured) == wanted


def test_light_that_falls_off_specks_and_a_shadow_at_the_edge_are_no_ink() -> None:
    wanted = Scan.of(page(RING))
    lit = page(RING, dark=0.6).astype(float) * np.linspace(1.0, 0.5, 96)[:, None, None]
    assert lit[-1].max() < lit[17, 30].min()  # below, paper is darker than ink above
    assert Scan.of(lit.astype(np.uint8)) == wanted
    dirty = page(RING)
    dirty[5:7, 5:7] = dirty[90, 80] = 0
    dirty[:, 92:] = 40
    assert Scan.of(dirty) == wanted


def test_thin_ink_grows_and_thick_ink_shrinks() -> None:
    block = np.zeros((32, 32), bool)
    block[:, 6:26] = True  # 640 inked: two layers go
    assert evened(block).sum() == 16 * 28
    line = np.zeros((32, 32), bool)
    line[:, 15:17] = True  # 64: two layers come
    assert evened(line).sum() == 32 * 6
    assert (evened(RING) == RING).all()  # 376: neither


def test_a_slanted_stroke_stands_upright_and_what_stands_is_left_alone() -> None:
    slanted = np.zeros((32, 32), bool)
    for row in range(32):
        left = 8 + (31 - row) // 4
        slanted[row, left : left + 5] = True
    rows = upright(slanted)[2:-2].argmax(1)
    assert np.ptp(rows) <= 1
    assert upright(slanted).sum() == slanted.sum()
    told = Scan.of(page(slanted)).picture
    assert (told[0] > 0).tolist() == (told[-1] > 0).tolist()
    assert (upright(RING) == RING).all()


def test_a_box_is_stretched_to_20_by_32_but_a_bare_stroke_is_not() -> None:
    assert (stretched(RING[:, 6:26].repeat(3, 1)) == RING).all()  # three times as wide
    bar = stretched(np.ones((60, 6), bool))
    assert bar.any(1).all()
    assert bar.any(0).sum() == 4  # 6 of 60 high: 3.2 of 32, stretched to 1.3 times that


@pytest.mark.parametrize("level", [0, 130, 255])
def test_a_picture_of_nothing_is_refused(level: int) -> None:
    plain = np.full((100, 80, 3), level, np.uint8)
    with pytest.raises(BlankError):
        Scan.of(plain)
    noise = np.random.default_rng(0).normal(0, 3, plain.shape)
    with pytest.raises(BlankError):
        Scan.of((plain + noise).clip(0, 255).astype(np.uint8))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 40), st.integers(1, 300))
def test_any_picture_is_a_scan_or_blank(seed: int, height: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (height, width, 3)).astype(np.uint8)
    if seed % 2:
        pixels[:] = 255 * (rng.random((height, width, 1)) < 0.02)
    try:
        told = Scan.of(pixels)
    except BlankError:
        return
    assert told.picture.min() >= 0
    assert told.picture.max() <= 1


def test_the_data_sets_own_digits_come_back_as_they_were() -> None:
    """Blown up until they look like photos; measured on all 539: a correlation of 0.91 on average."""
    task = Digits()
    pictures = task.pictures(task.test[::27])[:, 0]
    found = []
    for one in pictures:
        grey = Image.fromarray(np.rint(255 - 255 * one).astype(np.uint8)).resize((160, 160), Image.Resampling.BICUBIC)
        found.append(Scan.of(np.pad(np.asarray(grey), 32, constant_values=255)[..., None].repeat(3, 2)).picture)
    likeness = [np.corrcoef(one.ravel(), other.ravel())[0, 1] for one, other in zip(pictures, found, strict=True)]
    assert np.mean(likeness) > 0.85


def test_a_scan_is_64_counts_and_its_name_tells_nothing_of_them() -> None:
    one, other = Scan(bytes(range(16)) * 4), Scan(bytes(64))
    assert one == Scan(bytes(range(16)) * 4)
    assert repr(one) != repr(other)
    assert len(repr(one)) < 40
    assert one.picture[1, 7] == 15 / 16
    for wrong in (b"", bytes(63), bytes(65), bytes([17]) + bytes(63)):
        with pytest.raises(ValueError, match="64"):
            Scan(wrong)


def test_large_pictures_are_made_small_before_ink_is_looked_for() -> None:
    assert max(inked(page(RING, scale=16)).shape) == 128
