"""What filters and classes want to see: pictures, values and photos that belong together."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from lib import store
from lib.labs.see.excites import Gallery, patch
from lib.labs.see.grid import BEST, LAYERS, SIDES, TWENTY, Grid, kept, numbers, unpainted
from lib.labs.see.lab import See
from lib.labs.see.painter import Painter, divided
from lib.labs.see.subjects import Subject
from lib.learners.photos.layers import filters
from lib.learners.photos.weights import loaded
from lib.tasks.photos.sheets import tiles
from lib.tasks.photos.shipped import CLASS, NAMES, photo

torch.set_num_threads(1)


def lab(**settings: Any) -> SimpleNamespace:
    recipe = {"layer": "early", "filters": 3, "first": 0, "target": 388, "steps": 2, "seed": 0}
    return SimpleNamespace(**recipe | {"jitter": 6, "smoothness": 1.0, "contrast": 0.2} | settings)


def painted(**settings: Any) -> Grid:
    painter = Painter(lab(**settings))
    for phase in (painter.grow(), painter.compare()):
        for _ in phase:
            pass
    return painter.grid


def test_a_layer_is_gone_round() -> None:
    assert numbers("early", 3, 142, 0) == (142, 143, 0)
    assert numbers("class", 3, 142, 7) == (7,)
    assert numbers("classes", 1, 0, 0) == TWENTY
    assert len(set(TWENTY)) == 20
    assert numbers("digits", 1, 0, 0) == tuple(range(10))


def test_the_last_frame_is_always_kept() -> None:
    assert [kept(steps) for steps in (1, 2, 24, 150)] == [(1,), (1, 2), (3, 6, 12, 24), (19, 38, 75, 150)]


@pytest.mark.parametrize("layer", LAYERS)
def test_a_grid_packs_before_anything_was_drawn(layer: str) -> None:
    blank = unpainted(layer, numbers(layer, 3, 0, 388))
    assert store.pack(store.unpack(Grid, store.pack(blank))) == store.pack(blank)
    assert blank.ratios is None


def test_a_filters_picture_and_its_patch_excite_it_as_told() -> None:
    grid = painted(filters=2, first=10, steps=8)
    assert grid.steps == (1, 2, 4, 8)
    assert (grid.values[-1] > grid.values[0]).all()
    assert np.isnan(grid.sure).all()
    pictures = tiles(grid.frames[-1], 2, grid.columns)
    assert pictures.shape == (2, 64, 64, 3)

    def strongest(shown: np.ndarray, number: int) -> float:
        with torch.no_grad():
            x = torch.from_numpy(shown.copy()).permute(2, 0, 1)[None] / 255
            return filters(loaded("lite0"), 3, x)[0, number].max().item()

    for at, number in enumerate(grid.numbers):
        assert strongest(pictures[at], number) == pytest.approx(grid.values[-1, at], rel=0.25)  # the file is lossy
        told = [strongest(photo(NAMES[which]), number) for which in grid.photos[at]]
        assert told == pytest.approx(grid.peaks[at].tolist(), rel=1e-3)
        others = [strongest(photo(name), number) for name in NAMES if name not in [NAMES[i] for i in grid.photos[at]]]
        assert max(others) <= min(told) + 1e-4
        down, right = np.floor(grid.places[at, 0] * 224).astype(int)
        alone = np.full((224, 224, 3), 127, np.uint8)
        window = slice(max(0, down - 9), down + 10), slice(max(0, right - 9), right + 10)
        alone[window] = photo(NAMES[grid.photos[at, 0]])[window]
        assert strongest(alone, number) >= told[0] - 1e-3  # what it looks at is there, and no more
    assert len(tiles(grid.patches, 2 * BEST, BEST)) == 2 * BEST
    ratio = (grid.values[-1] - grid.usual) / (grid.peaks[:, 0] - grid.usual)
    assert grid.ratios is not None
    assert grid.ratios[-1] == pytest.approx(ratio)


def test_a_class_is_found_in_its_own_photo_and_grows_sure() -> None:
    grid = painted(layer="class", target=CLASS["koala"], steps=12, jitter=0, smoothness=0.0)
    assert NAMES[grid.photos[0, 0]] == "koala"
    assert grid.sure[-1, 0] > 0.9 > 0.1 > grid.sure[0, 0]
    assert grid.field == 224


def test_digits_are_asked_of_a_network_that_has_just_learned_them() -> None:
    grid = painted(layer="digits", steps=6, contrast=0.35)
    assert grid.numbers.tolist() == list(range(10))
    assert (grid.sure[-1] > 0.5).mean() >= 0.7
    assert (grid.photos == np.arange(10)[:, None]).mean() > 0.9
    assert tiles(grid.frames[-1], 10, grid.columns).shape == (10, 8, 8, 3)


def test_parts_make_no_difference() -> None:
    assert [list(one) for one in divided(5, 12_500)] == [[0, 1], [2, 3], [4]]
    assert [list(one) for one in divided(2, 10**9)] == [[0], [1]]
    many, few = painted(filters=8), painted(filters=2)
    assert len(divided(8, SIDES["early"] ** 2)) > 1
    assert many.values[:, :2] == pytest.approx(few.values, rel=1e-3)
    assert (many.photos[:2] == few.photos).all()


def test_what_lies_beyond_a_photo_is_grey() -> None:
    ramp = np.arange(100, dtype=np.uint8).reshape(10, 10)
    assert (patch(ramp, np.array([0.5, 0.5]), 4) == ramp[3:7, 3:7]).all()
    corner = patch(ramp, np.array([0.0, 1.0]), 4)
    assert (corner[2:, :2] == ramp[:2, 8:]).all()
    assert (corner[:2] == 127).all()
    assert patch(ramp, np.array([0.0, 0.0]), 10) is ramp


def test_a_gallery_finds_the_place_that_excites() -> None:
    """Asked is a part that answers how bright a place is: the brightest pixel of each picture is its place."""
    shown = np.zeros((3, 8, 8, 3), np.uint8)
    shown[0, 2, 5], shown[1, 7, 0], shown[2, 4, 4] = 100, 255, 50
    gallery = Gallery(Subject(lambda x: x.mean(1, keepdim=True), (0,), 3, False, shown, np.array([7, 8, 9]), 2, 1))
    list(gallery.ask())
    assert gallery.peaks[:, 0] == pytest.approx(np.array([100, 255, 50]) / 255)
    assert gallery.places[:, 0] == pytest.approx((np.array([[2, 5], [7, 0], [4, 4]]) + 0.5) / 8)
    assert gallery.hung(unpainted("early", (0,))).photos.tolist() == [[8, 7, 9]]
    assert gallery.usual[:, 0] == pytest.approx(np.array([100, 255, 50]) / 255 / 64, rel=1e-4)


def test_the_first_filters_for_digits_paint_their_own_kernels() -> None:
    """A filter is linear before ReLU: its gradient is its kernel, whatever it looks at."""
    painter = Painter(lab(**{"filters": 24, "steps": 24} | See.presets["strokes"]))
    list(painter.grow())
    list(painter.compare())
    grid, asked = painter.grid, painter.asked
    nothing = torch.zeros(1, 1, 3, 3, requires_grad=True)
    kernels = [torch.autograd.grad(asked.look(nothing)[0, at, 0, 0], nothing)[0].numpy().ravel() for at in range(16)]
    pictures = tiles(grid.frames[-1], 16, grid.columns).reshape(16, 9, -1)[..., 0]
    assert grid.numbers.tolist() == [*range(16)]  # 24 are asked for, and there are no more
    alike = [np.corrcoef(*pair)[0, 1] for pair in zip(kernels, pictures, strict=True)]
    assert np.median(alike) > 0.8
    assert grid.field == 3
    assert (grid.photos >= 0).all()
    assert (grid.photos <= 9).all()


def test_filters_for_digits_answer_a_small_picture_as_its_place_in_a_large_one() -> None:
    painter = Painter(lab(layer="digits_late"))
    look, small = painter.asked.look, torch.rand(2, 1, 5, 5)
    within = torch.nn.functional.pad(small, (2, 3, 2, 3))  # 10 × 10
    with torch.no_grad():
        assert look(small).shape == (2, 32, 1, 1)
        torch.testing.assert_close(look(small)[..., 0, 0], look(within)[..., 4, 4], rtol=1e-4, atol=1e-4)
