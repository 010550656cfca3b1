"""A drawing, on a phone: it becomes any class that its visitor picks, is saved, and is read back as that."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from playwright.sync_api import Locator, expect

from lib.labs.see.fooling import SURE
from lib.learners.photos.weights import trained
from tests.browser.conftest import Go
from tests.browser.page import body
from tests.browser.test_photo import PHONE

TOASTER = 859


@torch.no_grad()
def read(picture: np.ndarray) -> np.ndarray:
    """How sure Lite0, as published, is of each class in a (224, 224, 3) uint8 picture."""
    return trained("lite0")(torch.tensor(picture).permute(2, 0, 1)[None] / 255).softmax(1)[0].numpy()


def inked(sheet: Locator) -> int:
    """How many pixels of the sheet are no paper."""
    paper = "it => [...it.getContext('2d').getImageData(0, 0, 224, 224).data].filter(one => one < 200).length"
    return sheet.evaluate(paper)


def test_a_drawing_becomes_a_toaster_is_saved_and_read_back_as_one(visit: Go) -> None:
    one = visit("see?lang=en", **PHONE)
    page = one.page
    body(page).locator(".st-key-see_fooled_unfolded summary").click()
    made = body(page).locator(".st-key-see_fooled_unfolded")
    made.get_by_text("your drawing").click()
    sheet, start = made.locator(".sketch canvas"), made.locator(".st-key-see_fool_start button")
    sheet.wait_for()
    expect(start).to_be_disabled()  # nothing is drawn
    made.locator(".sketch button[name=red]").click()
    made.locator(".sketch button[name=disc]").click()
    sheet.focus()
    page.keyboard.press(" ")  # with keys: pen down, to the left, pen up
    for _ in range(6):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press(" ")
    expect(start).to_be_enabled()
    drawn = inked(sheet)
    assert drawn > 2000
    box = made.get_by_test_id("stSelectbox").locator("input")
    box.click()
    box.fill("toaster")
    page.get_by_role("option", name="toaster").first.click()
    expect(start).to_contain_text("toaster")
    start.click()
    walk = body(page).locator(".walk").last
    likeliest, slider = walk.locator("figure[name=sum] li").first, walk.locator("input[type=range]")
    expect(body(page).get_by_text("To the eye it is still what you gave.")).to_be_visible()
    slider.fill(str(slider.get_attribute("max")))
    expect(likeliest).to_contain_text("toaster")
    with page.expect_download() as saving:
        body(page).locator(".st-key-see_fool_file button").click()
    taken = np.asarray(Image.open(io.BytesIO(Path(saving.value.path()).read_bytes())).convert("RGB"))
    told = read(taken)
    assert told.argmax() == TOASTER
    assert told[TOASTER] > SURE - 1e-3
    assert (taken > 200).mean() > 0.5  # it is still a drawing on white
    assert one.errors == []
