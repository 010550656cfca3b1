"""A photo of a visitor's own, on a phone: attacked, scrubbed, saved, and read back by the network as the target."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from playwright.sync_api import expect

from lib.learners.photos.weights import trained
from lib.tasks.photos.classes import GIBBON
from lib.tasks.photos.shipped import CLASS, photo
from tests.browser.conftest import Go
from tests.browser.page import body
from tests.browser.test_photo import PHONE, give

DOG = Path(__file__).parents[2] / "assets" / "photos" / "dog.webp"


@torch.no_grad()
def read(picture: np.ndarray) -> int:
    """What Lite0, as published, sees in a (224, 224, 3) uint8 picture."""
    return int(trained("lite0")(torch.tensor(picture).permute(2, 0, 1)[None] / 255).argmax())


def test_a_photo_is_attacked_scrubbed_and_saved_and_is_read_as_the_target(visit: Go) -> None:
    one = visit("panda?lang=en&panda_eps=4&panda_target=368", **PHONE)
    page = one.page
    body(page).locator(".st-key-panda_unfolded summary").click()
    page.locator("input[type=file]").wait_for(state="attached")
    give(page, DOG.read_bytes(), name="dog.webp", kind="image/webp")
    told = body(page).locator(".st-key-panda_unfolded")
    expect(told.get_by_text(re.compile("German shepherd")).first).to_be_visible()
    expect(told.locator(".st-key-panda_own_file")).to_have_count(0)  # first what it sees, untouched
    told.locator(".st-key-panda_own_attack button").click()
    save = told.locator(".st-key-panda_own_file button")
    save.wait_for()
    walk = told.locator(".walk")
    slider, likeliest = walk.locator("input[type=range]"), walk.locator("figure[name=sum] li").first
    for step, name in (("0", "German shepherd"), ("20", "gibbon")):
        slider.fill(step)
        expect(likeliest).to_contain_text(name)
    with page.expect_download() as saving:
        save.click()
    taken = np.asarray(Image.open(io.BytesIO(Path(saving.value.path()).read_bytes())).convert("RGB"))
    assert (read(photo("dog")), read(taken)) == (CLASS["dog"], GIBBON)
    assert one.errors == []
