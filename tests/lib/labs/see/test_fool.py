"""Fooling pictures: every one can be made again, and what is said of them is what the network says of the file."""

from __future__ import annotations

from collections import deque
from functools import cache
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from lib import core, store
from lib.labs.see.fool import Fooled, SeeFool
from lib.labs.see.fooling import GREY, STRIDE, SURE, begun, started, stepped
from lib.learners.photos.eye import Eye
from lib.tasks.photos.changes import png_file
from lib.tasks.photos.classes import PANDA
from lib.uploads import Photo

TOASTER = 859


@cache
def made() -> Fooled:
    """From noise, of another seed than what ships, to a toaster."""
    return deque(SeeFool(TOASTER, seed=1).run(), maxlen=1).pop()


def test_noise_becomes_a_toaster_that_a_file_keeps() -> None:
    fooling, clean = made().fooling, SeeFool(TOASTER, seed=1).clean
    assert fooling.done
    assert fooling.fooled
    picture = fooling.picture(clean)
    back = np.asarray(Image.open(BytesIO(png_file(picture))))
    told = Eye.of("lite0").reads(back[None])[0]
    assert told.argmax() == TOASTER
    assert told[TOASTER] > SURE
    assert told[TOASTER] == pytest.approx(fooling.curve[-1, 1], abs=1e-4)


def test_what_is_told_of_the_steps_is_told_of_the_pictures() -> None:
    fooling, place = made().fooling, SeeFool(TOASTER, seed=1).clean.astype(int)
    assert len(fooling.labels) == len(fooling.sure) == len(fooling.curve) == fooling.steps + 1
    assert (fooling.curve[:-1, 1] <= SURE).all()
    place = stepped(stepped(place, fooling.ways[0]), fooling.ways[1])
    told = Eye.of("lite0").reads(place[None])[0]
    assert told[[fooling.source, TOASTER]] == pytest.approx(fooling.curve[2], abs=1e-4)
    assert fooling.labels[2, 0, 0] == told.argmax()
    most, mean = fooling.moved(SeeFool(TOASTER, seed=1).clean)
    assert most <= STRIDE * fooling.steps
    assert 0 < mean < 20  # to the eye still noise: its own levels are 74 from their middle on average


def test_steps_go_where_their_bits_say_and_stay_within_a_picture() -> None:
    place = np.full((224, 224, 3), 254)
    up, down = np.full(18816, 255, np.uint8), np.zeros(18816, np.uint8)
    assert (stepped(stepped(place, up), up) == 255).all()
    assert (stepped(place, down) == 254 - STRIDE).all()
    assert (begun(PANDA).picture(started("grey", 0)) == GREY).all()


def test_starts_hang_on_the_seed_if_they_are_noise() -> None:
    noise = started("noise", 0)
    assert (noise == started("noise", 0)).all()
    assert (noise != started("noise", 1)).any()
    assert (noise.min(), noise.max()) == (0, 255)
    assert (started("grey", 0) == started("grey", 1)).all()


def test_a_drawing_is_taken_whole_and_a_photo_in_its_middle_and_both_are_private() -> None:
    drawing = Photo.of(started("noise", 3))
    assert (SeeFool(photo=drawing).clean == drawing.pixels).all()
    photo = Photo.of(np.full((300, 400, 3), 7, np.uint8))
    assert SeeFool(photo=photo).clean.shape == (224, 224, 3)
    assert core.private(SeeFool(photo=photo))
    assert not core.private(SeeFool())
    assert repr(SeeFool(photo=photo)) != repr(SeeFool(photo=drawing))


def test_a_class_or_a_start_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="target"):
        SeeFool(1000)
    with pytest.raises(ValueError, match="start"):
        SeeFool(start="white")


def test_a_result_packs_and_the_store_knows_it() -> None:
    assert store.unpack(Fooled, store.pack(made())).verdict.recipe == repr(SeeFool(TOASTER, seed=1))
