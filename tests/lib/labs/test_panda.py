"""A photo, attacked: its pictures can be made again, and what is said of them is said of those very pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import store
from lib.labs.panda.contest import unasked
from lib.labs.panda.lab import Panda
from lib.labs.panda.scene import GREY, Scene, moved, rounded, unknown
from lib.tasks.photos.classes import GIBBON, PANDA
from lib.tasks.photos.pushed import LEVELS


def walked(eps: float, stride: float, steps: int, seed: int = 0) -> Scene:
    """A scene with steps of chance."""
    ways = np.random.default_rng(seed).integers(0, 256, (steps, 18816), dtype=np.uint8)
    return replace(unknown(eps, stride, 10, PANDA), ways=ways)


@given(st.sampled_from(LEVELS), st.floats(0.1, 1.0), st.integers(0, 6), st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_pictures_stay_within_the_budget_and_a_file_holds_them(eps: float, part: float, steps: int, seed: int) -> None:
    scene = walked(eps, part * eps, steps, seed)
    clean = np.random.default_rng(seed).choice(np.array([0, 1, 100, 254, 255], np.uint8), (224, 224, 3))
    picture, change = scene.picture(clean, steps), scene.change(clean, steps)
    assert picture.dtype == change.dtype == np.uint8
    push = picture.astype(float) - clean
    assert np.abs(push).max() <= eps
    assert scene.whole == (eps >= 1)
    assert (push == scene.offsets(clean, steps)).all() == (scene.whole or not steps)
    assert (change == GREY + np.rint(scene.factor * scene.offsets(clean, steps))).all()
    assert np.abs(scene.factor * scene.offsets(clean, steps)).max() <= 127


def test_steps_lead_where_their_signs_say() -> None:
    clean = np.full((224, 224, 3), 100, np.uint8)
    up, down = np.full(18816, 255, np.uint8), np.zeros(18816, np.uint8)
    where = [moved(np.array(ways), clean, 1.0, 0.75)[0, 0, 0] for ways in ([up], [up, up], [up, up, down], [down] * 9)]
    assert where == [0.75, 1.0, 0.25, -1.0]
    assert rounded(np.array([0.5, -0.5, 0.49, 1.6, -3.0]), 1.5).tolist() == [1, -1, 0, 1, -1]


def test_a_target_that_the_photo_shows_is_another() -> None:
    assert Panda(target=PANDA).target == GIBBON
    assert Panda(animal="bison", target=347).target == PANDA
    assert Panda(targeted=False, target=5) == Panda(targeted=False)


def test_the_contest_packs_before_anybody_was_asked() -> None:
    nobody = unasked(("panda", "bison"), np.array([388, 347]), np.full((1, 2), GIBBON), seeds=2)
    assert nobody.errors("targeted") is None
    assert not nobody.asked.any()
    blob = store.pack(nobody)
    assert store.pack(store.unpack(type(nobody), blob)) == blob


def test_what_a_photo_needs_is_the_least_level_that_hits() -> None:
    nobody = unasked(("panda", "bison"), np.array([388, 347]), np.full((1, 2), GIBBON), seeds=1)
    told = nobody.targeted.copy()
    told[0, 3:, 0] = GIBBON
    assert replace(nobody, targeted=told).needed.tolist() == [[2.0, np.inf]]


def test_the_defaults_come_first_and_everything_is_shown_in_order() -> None:
    assert Panda(photos=3).order == ("panda", "bison", "chicken")
    assert Panda(animal="bison").order == ("bison", "panda")
    with pytest.raises(ValueError, match="animal: got 'cat'"):
        Panda(animal="cat")
