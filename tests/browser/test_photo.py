"""A visitor's own photo in a browser: by file or camera, on a phone, in both languages; refused and removed."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from dashboard.app.language import LANGUAGES, Texts
from lib.uploads import LARGEST
from tests.bench.visitor import Server, serving
from tests.browser.conftest import Arrive, Visit, idle, until, within
from tests.browser.looks import against_rules
from tests.browser.page import body
from tests.lib.test_uploads import bomb, quarters, saved

pytestmark = pytest.mark.xdist_group("photo")  # they share a server

PHONE = {"width": 390, "height": 844}
LOCALES = {"en": "en-US", "zh": "zh-CN"}
every_language = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture(scope="module")
def home() -> Iterator[Server]:
    with serving("tests/dashboard/page/photo_app.py", HORIZON_WORKERS="1") as one:
        yield one


@pytest.fixture
def asked(home: Server, arrive: Arrive) -> Any:
    def go(language: str = "en", **how: Any) -> tuple[Visit, Texts]:
        one = arrive(home.address, f"?lang={language}", locale=LOCALES[language], **PHONE | how)
        one.page.locator("input[type=file]").wait_for(state="attached")
        idle(one.page)
        return one, Texts(language, "common")

    return go


def file(data: bytes, name: str = "dog.png", kind: str = "image/png") -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": data}


def give(page: Page, data: bytes, **how: str) -> None:
    asked = page.locator("input[type=file]")
    expect(asked).to_have_count(1)  # the one that took the last file has gone
    asked.set_input_files(file(data, **how))


def said_by_css(page: Page, place: str) -> str:
    """What the style sheet writes behind an element."""
    return page.locator(place).first.evaluate("it => getComputedStyle(it, '::after').content")


WIDE = """() => [document.documentElement, ...document.querySelectorAll(
    '[data-testid=stMainBlockContainer] :is(img, video, section, button, p)')].filter(it => {
        const { left, right } = it.getBoundingClientRect();
        return left < 0 || right > innerWidth || it.scrollWidth > innerWidth;
    }).map(it => it.outerHTML.slice(0, 200))"""


def fits(page: Page) -> None:
    """Nothing is wider than the screen, once a video has its size."""
    within(page, lambda: page.evaluate(WIDE) == [], "what fits a phone")


@every_language
def test_a_photo_is_given_seen_and_taken_back_and_a_bomb_is_refused(language: str, asked: Any) -> None:
    one, words = asked(language)
    page, link = one.page, one.page.url
    fits(page)
    assert against_rules(page) == []
    give(page, bomb())
    expect(body(page).get_by_test_id("stAlert").locator("p")).to_have_text(words("photo.faults.large"))
    fits(page)
    give(page, saved(quarters()))
    picture = body(page).get_by_role("img", name=words("photo.alt", width=80, height=48), exact=True)
    expect(picture).to_be_visible()
    within(page, lambda: picture.evaluate("it => it.naturalWidth") == 80, "the picture")
    expect(body(page).get_by_test_id("stAlert")).to_have_count(0)
    expect(page.locator("input[type=file]")).to_have_count(0)
    expect(body(page).get_by_text("80 × 48 1")).to_be_visible()
    assert page.url == link
    fits(page)
    assert against_rules(page) == []
    body(page).get_by_role("button", name=words("photo.remove")).click()
    expect(picture).to_have_count(0)
    expect(body(page).get_by_text("none 2")).to_be_visible()
    give(page, saved(quarters(), "JPEG"), name="dog.jpg", kind="image/jpeg")
    expect(picture).to_be_visible()
    page.reload()
    expect(body(page).get_by_text("none 0")).to_be_visible()  # another visit
    expect(picture).to_have_count(0)


@every_language
def test_what_the_browser_refuses_itself_is_said_in_the_visitors_language(language: str, asked: Any) -> None:
    one, words = asked(language)
    page = one.page
    told = words.at("photo.native")
    button, hint = "[data-testid=stFileUploader] button p", "[data-testid=stFileUploaderDropzoneInstructions] span"
    assert said_by_css(page, button) == f'"{told["choose"]}"'
    assert said_by_css(page, hint) == f'"{told["drop"]}"'
    data = saved(quarters())
    give(page, data + bytes(LARGEST + 1 - len(data)))
    page.locator("[data-testid=stFileChip][aria-invalid=true]").wait_for()
    assert said_by_css(page, "[data-testid=stFileUploader]") == f'"{told["failed"]}"'
    fits(page)
    give(page, data + bytes(LARGEST - len(data)))  # as large as may be: no bare number of an error
    expect(body(page).get_by_text("80 × 48 1")).to_be_visible()


@every_language
def test_the_camera_is_off_until_it_is_asked_for(language: str, asked: Any) -> None:
    one, words = asked(language, permissions=("camera",))
    page = one.page
    assert page.locator("video").count() == 0
    body(page).get_by_text(words("photo.camera"), exact=True).click()
    take = page.get_by_test_id("stCameraInputButton")
    expect(take).to_be_enabled()
    until(page, "() => document.querySelector('video')?.videoWidth > 0")  # before its first picture nothing is taken
    assert said_by_css(page, "[data-testid=stCameraInputButton]") == f'"{words.at("photo.native")["shoot"]}"'
    fits(page)
    take.click()
    expect(body(page).get_by_text("640 × 360 1")).to_be_visible()
    assert page.locator("video").count() == 0
    fits(page)


def test_a_camera_that_may_not_be_used_is_said(asked: Any) -> None:
    one, words = asked("zh", script="navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('no'))")
    body(one.page).get_by_text(words("photo.camera"), exact=True).click()
    place = "[data-testid=stCameraInputWebcamComponent] p"
    one.page.locator(place).wait_for()
    assert said_by_css(one.page, place) == f'"{words.at("photo.native")["blocked"]}"'
    assert one.page.locator(f"{place} a").is_hidden()  # it leads to another site
    fits(one.page)


def test_a_damaged_file_is_refused_by_name(asked: Any) -> None:
    one, words = asked()
    give(one.page, saved(quarters())[:100])
    expect(body(one.page).get_by_test_id("stAlert").locator("p")).to_have_text(words("photo.faults.broken"))
    give(one.page, b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"<script>alert(1)</script>")
    expect(body(one.page).get_by_test_id("stAlert").locator("p")).to_have_text(words("photo.faults.broken"))
