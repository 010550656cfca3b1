"""Pictures on a sheet come back from it in their order."""

from __future__ import annotations

import numpy as np
import pytest

from lib.tasks.photos.sheets import sheet, shrunk, tiles


@pytest.mark.parametrize("n", [1, 3, 4, 7])
def test_a_sheet_gives_back_its_pictures(n: int) -> None:
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (n, 6, 5, 3), dtype=np.uint8)
    exact = sheet(pictures, 3, quality=101)
    assert exact.ndim == 1
    assert exact.dtype == np.uint8
    assert (tiles(exact, n, 3) == pictures).all()
    grey = pictures[..., 0]
    assert (tiles(sheet(grey, 3, quality=101), n, 3) == grey[..., None]).all()


def test_less_quality_takes_fewer_bytes_and_stays_near() -> None:
    even = np.linspace(0, 255, 32 * 32).reshape(1, 32, 32, 1).repeat(3, 3).astype(np.uint8)
    noisy = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)
    assert len(sheet(noisy, 2, 10)) < len(sheet(noisy, 2, 90))
    assert np.abs(tiles(sheet(even, 1, 90), 1, 1).astype(int) - even).max() < 12


def test_only_large_pictures_are_made_smaller() -> None:
    ramp = np.arange(64, dtype=np.uint8).reshape(8, 8)
    assert shrunk(ramp, 8) is ramp
    assert np.abs(shrunk(ramp, 4) - ramp.reshape(4, 2, 4, 2).mean((1, 3))).max() <= 0.5
