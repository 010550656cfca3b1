"""Pictures that leave the page are read by the network as it says: a visitor's own photo, and the one that ships."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import torch
from PIL import ExifTags, Image
from playwright.sync_api import Locator, Page, expect

from lib.learners.photos.weights import trained
from lib.tasks.photos.classes import GIBBON, PANDA, name
from lib.tasks.photos.shipped import CLASS, photo
from tests.browser.conftest import Go, within
from tests.browser.page import body
from tests.browser.test_photo import PHONE, give

DOG = Path(__file__).parents[2] / "assets" / "photos" / "dog.webp"


@torch.no_grad()
def read(picture: np.ndarray) -> int:
    """What Lite0, as published, sees in a (224, 224, 3) uint8 picture."""
    return int(trained("lite0")(torch.tensor(picture).permute(2, 0, 1)[None] / 255).argmax())


def lying() -> bytes:
    """The dog as a phone writes it that was held upright: lying on its side, with a note how to turn it."""
    turned, note, file = Image.open(DOG).transpose(Image.Transpose.ROTATE_90), Image.Exif(), io.BytesIO()
    note[ExifTags.Base.Orientation] = 6
    turned.save(file, "JPEG", quality=95, exif=note)
    return file.getvalue()


def test_a_photo_is_attacked_scrubbed_and_saved_and_is_read_as_the_target(visit: Go) -> None:
    """On a phone in Chinese; what it is to be seen as is typed."""
    one = visit("panda?lang=zh&panda_eps=4&panda_target=861", **PHONE)
    page = one.page
    body(page).locator(".st-key-panda_unfolded summary").click()
    page.locator("input[type=file]").wait_for(state="attached")
    give(page, lying(), name="dog.jpg", kind="image/jpeg")
    told = body(page).locator(".st-key-panda_unfolded")
    expect(told.get_by_text(re.compile(name(CLASS["dog"], "zh"))).first).to_be_visible()
    target = body(page).locator(".st-key-panda_target input")
    target.click()
    target.fill(name(GIBBON, "zh"))
    page.get_by_role("option").filter(has_text=name(GIBBON, "zh")).first.wait_for()
    target.press("Enter")
    expect(told.locator(".st-key-panda_own_attack")).to_contain_text(name(GIBBON, "zh"))
    expect(told.locator(".st-key-panda_own_file")).to_have_count(0)  # first what it sees, untouched
    told.locator(".st-key-panda_own_attack button").click()
    save = told.locator(".st-key-panda_own_file button")
    save.wait_for()
    walk = told.locator(".walk")
    slider, likeliest = walk.locator("input[type=range]"), walk.locator("figure[name=sum] li").first
    for step, seen in (("0", CLASS["dog"]), ("20", GIBBON)):
        slider.fill(step)
        expect(likeliest).to_contain_text(name(seen, "zh"))
    expect(told.get_by_test_id("stVegaLiteChart")).to_be_visible()  # what undoes it, in the same breath
    assert (read(photo("dog")), read(saved(page, save))) == (CLASS["dog"], GIBBON)
    assert one.errors == []


def saved(page: Page, button: Locator) -> np.ndarray:
    """(224, 224, 3) uint8 the picture that a button gives away."""
    with page.expect_download() as saving:
        button.click()
    assert saving.value.suggested_filename == "horizon-panda.png"
    return np.asarray(Image.open(io.BytesIO(Path(saving.value.path()).read_bytes())).convert("RGB"))


def test_the_panda_is_taken_along_as_a_gibbon_and_a_badger_passes_for_a_panda(visit: Go) -> None:
    one = visit("panda?lang=en&reveal=1")
    page = one.page
    taken = saved(page, body(page).locator(".st-key-panda_file button"))
    assert abs(taken.astype(int) - photo("panda")).max() == 1
    assert (read(photo("panda")), read(taken)) == (PANDA, GIBBON)
    body(page).locator(".st-key-panda_breaks summary").click()
    badger = body(page).get_by_role("img", name=re.compile("badger's head.* The program says: a panda\\."))
    badger.scroll_into_view_if_needed()
    within(page, lambda: badger.evaluate("it => it.complete && it.naturalWidth > 0"), "the badger's picture")
    assert one.errors == []
