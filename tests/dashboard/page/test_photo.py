"""A visitor's own photo on a page: asked for, shown, refused, removed; and whom what comes of it is shown to."""

from __future__ import annotations

import base64
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.testing.v1 import AppTest

from dashboard.app import live
from dashboard.app.language import LANGUAGES, Texts
from dashboard.page import photo as asked
from lib import store
from lib.jobs.job import Job
from lib.uploads import FAULTS, Fault, Photo, PhotoError, read_photo
from tests.dashboard.conftest import Play, calm, every_language, look_away
from tests.lib.jobs.slow_lab import Seeing
from tests.lib.test_store import result_of
from tests.lib.test_uploads import quarters, saved
from tests.machine import PATIENCE

PAGE = Path(__file__).parent / "photo_app.py"
PHOTO = read_photo(saved(quarters()))


def page(language: str = "en") -> AppTest:
    at = AppTest.from_file(PAGE, default_timeout=PATIENCE)
    at.query_params["lang"] = language
    return calm(at.run())


def give(at: AppTest, data: bytes = saved(quarters()), name: str = "dog.png", kind: str = "image/png") -> AppTest:
    at.file_uploader[0].set_value((name, data, kind))
    return calm(at.run())


def held_by(at: AppTest) -> dict[str, Any]:
    """All that a session keeps."""
    return at.session_state._state.filtered_state


def state(at: AppTest) -> str:
    """What the page has, and how often it was told of a change."""
    return at.markdown[-1].value


@every_language
def test_a_photo_is_shown_and_nothing_else_is_asked_for(language: str) -> None:
    words = Texts(language, "common")
    at = give(page(language))
    assert state(at) == f"{PHOTO!r} 80 × 48 1"
    (picture,) = at.image[0].proto.imgs
    kind, _, told = picture.url.partition(",")
    assert kind == "data:image/jpeg;base64"  # no address that another could ask for
    assert np.abs(read_photo(base64.b64decode(told)).pixels.astype(int) - PHOTO.pixels).mean() < 3
    assert picture.alt == words("photo.alt", width=80, height=48)
    assert len(at.file_uploader) == len(at.camera_input) == len(at.toggle) == len(at.warning) == 0
    assert dict(at.query_params) == {"lang": language}


@every_language
def test_it_is_gone_when_its_visitor_says_so(language: str) -> None:
    at = give(page(language))
    assert at.button[0].label == Texts(language, "common")("photo.remove")
    calm(at.button[0].click().run())
    assert state(at) == "none 2"
    assert [name for name, held in held_by(at).items() if isinstance(held, Photo)] == []
    assert [name for name in held_by(at) if name.endswith("inline")] == []
    assert len(at.file_uploader) == 1
    assert state(give(at)).endswith("3")  # and another one can come


def test_nobody_else_has_it() -> None:
    give(page())
    assert state(page()) == "none 0"


@every_language
@pytest.mark.parametrize("code", FAULTS)
def test_each_refusal_is_one_sentence_and_the_next_photo_is_welcome(
    code: Fault, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: bytes) -> Photo:
        raise PhotoError(code)

    with monkeypatch.context() as patch:
        patch.setattr(asked, "read_apart", refuse)
        at = give(page(language))
    assert [one.value for one in at.warning] == [Texts(language, "common")(f"photo.faults.{code}")]
    assert state(at) == "none 0"
    assert at.file_uploader[0].value is None  # what was refused does not lie there
    assert len(give(at).warning) == 0
    assert state(at) == f"{PHOTO!r} 80 × 48 1"


def test_every_refusal_is_written_and_none_that_there_is_not() -> None:
    for language in LANGUAGES:
        assert set(Texts(language, "common").at("photo.faults")) == set(FAULTS)


def test_what_is_no_photo_is_refused_for_real() -> None:
    at = give(page(), b"<script>alert(1)</script>", '<img src="x">.png')
    assert at.warning[0].value == Texts("en", "common")("photo.faults.kind")
    assert len(give(at, saved(quarters(), "WEBP"), "no name", "application/x-nothing").warning) == 0


def test_the_camera_is_off_until_it_is_asked_for() -> None:
    at = page()
    assert len(at.camera_input) == 0
    calm(at.toggle[0].set_value(True).run())
    at.camera_input[0].set_value(("shot.jpg", saved(quarters(), "JPEG"), "image/jpeg"))
    calm(at.run())
    assert "80 × 48 1" in state(at)
    calm(at.button[0].click().run())
    assert len(at.camera_input) == 0  # off again


def test_streamlit_keeps_no_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[MemoryUploadedFileManager] = []
    remove = MemoryUploadedFileManager.remove_file

    def removed(self: MemoryUploadedFileManager, session_id: str, file_id: str) -> None:
        assert self.get_files(session_id, [file_id])
        kept.append(self)
        remove(self, session_id, file_id)

    monkeypatch.setattr(MemoryUploadedFileManager, "remove_file", removed)
    at = give(page())
    assert len(kept) == 1
    assert not any(kept[0].file_storage.values())
    files = [held for held in held_by(at).values() if "Uploaded" in type(held).__name__]
    assert files == []


# What comes of it


@pytest.fixture
def play(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Play]:  # noqa: ARG001
    one = Play()
    monkeypatch.setattr(live, "from_environment", lambda: one)
    monkeypatch.setattr(live, "_kept", OrderedDict())
    live.close()
    yield one
    live.close()


def run(pixel: int) -> None:
    """A page's script: a private lab, Start, forget; it says what is found of the lab."""
    import numpy as np
    import streamlit as st

    from dashboard.app import live
    from lib.uploads import Photo
    from tests.lib.jobs.slow_lab import Seeing

    lab = Seeing(photo=Photo.of(np.full((40, 40, 3), pixel, np.uint8)))
    if st.button("start"):
        live.start(lab)
    if st.button("forget"):
        live.forget_own()
    found, job = live.finished(lab), live.running(lab)
    st.markdown("found" if found else "running" if job else "none")
    if job:
        live.watch(job, lambda job: st.caption(f"{job.frames}"))


def finish(job: Job) -> None:
    """The last result arrives, as the engine delivers it."""
    frame = store.pack(result_of(job.lab))
    job.receive({"frame": frame, "progress": 1.0, "seconds": 1.0})
    job.done = job.finished = True


def script(pixel: int = 7) -> AppTest:
    return calm(AppTest.from_function(run, args=(pixel,), default_timeout=PATIENCE).run())


def press(at: AppTest, name: str) -> AppTest:
    return calm(next(one for one in at.button if one.label == name).click().run())


def test_a_result_is_its_visitors_alone_and_in_no_memory_that_others_share(play: Play, shelf: Path) -> None:
    at = script()
    play.acts.append(finish)
    press(at, "start")
    assert state(calm(at.run())) == "found"
    assert state(script()) == "none"
    assert live._kept == {}
    assert not shelf.exists()


def test_it_is_forgotten_with_the_photo(play: Play) -> None:
    at = script()
    play.acts.append(finish)
    press(at, "start")
    lab = Seeing(photo=Photo.of(np.full((40, 40, 3), 7, np.uint8)))
    for name, one in (("see_shown", lab), ("throw_shown", Seeing())):
        at.session_state[name] = Held(one)
    assert state(press(at, "forget")) == "none"
    assert "see_shown" not in at.session_state
    assert "throw_shown" in at.session_state  # of another lab, with nothing of a photo


class Held:
    """What a page has on its stage."""

    def __init__(self, lab: Any) -> None:
        self.lab = lab


def test_no_more_is_computed_of_a_photo_that_is_gone(play: Play) -> None:
    at = script()
    play.acts.append(lambda job: job.watchers.append("somebody else"))
    play.acts.append(look_away)
    press(at, "start")
    job = play.job
    assert job
    assert not job.done  # somebody with the same photo watches it
    job.watchers.clear()
    assert state(press(at, "forget")) == "none"
    assert job.done


def both() -> None:
    """A page's script that asks two things of a photo, one after the other."""
    import numpy as np
    import streamlit as st

    from dashboard.app import live
    from lib.uploads import Photo
    from tests.lib.jobs.slow_lab import Seeing

    photo = Photo.of(np.full((40, 40, 3), 7, np.uint8))
    first = live.start(Seeing(photo=photo))
    second = live.start(Seeing(photo=photo, seed=1))
    again = live.start(Seeing(photo=photo, seed=1))
    st.markdown(f"{first.done} {second.done} {again is second}")


@pytest.mark.usefixtures("play")
def test_what_is_asked_next_of_a_photo_does_not_wait_for_what_was_asked_before() -> None:
    at = calm(AppTest.from_function(both, default_timeout=PATIENCE).run())
    assert at.markdown[-1].value == "True False True"


def test_who_leaves_takes_what_is_computed_of_their_photo_along(play: Play) -> None:
    at = script()
    play.acts.append(look_away)
    press(at, "start")
    assert play.job
    assert play.job.done


def test_a_visitor_keeps_the_last_few_results(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "OWN_KEPT", 2)
    at = script(9)
    at.session_state[live.OWN] = {"first": (None, False), "second": (None, False)}
    play.acts.append(finish)
    press(at, "start")
    assert list(at.session_state[live.OWN])[:-1] == ["second"]
    assert state(calm(at.run())) == "found"
