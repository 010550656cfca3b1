"""Panda in the browser's hands: what it is told, and what it is not before the guess."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from dashboard.app.language import Texts
from dashboard.charts.style import read
from dashboard.pages.panda.charts import undone
from dashboard.pages.panda.page import PAGE, against_size, levels_needed
from dashboard.pages.panda.walk import packed, walk
from lib import kept, store
from lib.core import NotInstalledError
from lib.labs.panda.lab import Panda, Pushed
from lib.labs.panda.oddity import drawn_badger
from lib.labs.panda.scene import UNDOES
from lib.learners.photos.weights import WEIGHTS
from lib.tasks.photos.changes import png_file
from lib.tasks.photos.classes import name
from tests.dashboard.conftest import Play, calm, every_language, fail, knob, said, visit, widgets
from tests.machine import PATIENCE


def ships() -> Pushed:
    found = store.find(Panda())
    assert found
    return found[0]


def unpacked(data: bytes) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
    long = int.from_bytes(data[:4], "little")
    head = json.loads(data[4 : 4 + long])
    size = 3 * head["side"] ** 2
    rest = np.frombuffer(data[4 + long :], np.uint8)
    return head, rest[:size], rest[size:]


@every_language
def test_the_browser_is_told_the_photo_every_step_and_what_is_read_in_each(language: str) -> None:
    result = ships()
    motion = walk(result, Texts(language, "panda"))
    assert motion is not None
    head, clean, ways = unpacked(motion.packed)
    assert (clean.reshape(224, 224, 3) == Panda().clean).all()
    assert (ways.reshape(-1, 18816) == result.scene.ways).all()
    assert head["steps"] == len(head["read"]) - 1 == len(head["curve"]) - 1 == 20
    for step, (total, change) in enumerate(head["read"]):
        for which, labels in enumerate((total, change)):
            assert [one[0] for one in labels] == [name(int(at), language) for at in result.scene.labels[step, which]]
    assert head["read"][0][0][0][3] == "source"
    assert head["read"][10][0][0][3] == "target"


def test_before_the_guess_there_is_the_untouched_photo_alone() -> None:
    motion = walk(ships(), Texts("en", "panda"))
    assert motion is not None
    assert motion.covered is not None
    head, clean, ways = unpacked(motion.covered)
    assert (head["steps"], head["curve"], head["names"], len(ways)) == (0, [], [], 0)
    assert len(head["read"]) == 1
    assert (clean.reshape(224, 224, 3) == Panda().clean).all()
    assert head["factor"] == 1  # it says of how few levels the change is
    assert str(ships().scene.factor) not in head["words"]["change"]
    assert "ε = ?" in head["words"]["step"]


def test_the_knob_that_answers_the_guess_comes_after_it() -> None:
    at = calm(visit("panda", guessed=False))
    assert "panda_eps" not in widgets(at)
    calm(knob(at, "guess", "panda").set_value(0).run())
    assert knob(calm(at.run()), "eps", "panda").value == Panda().eps


def test_a_walk_that_has_not_begun_is_no_picture() -> None:
    early = replace(ships().scene, labels=np.zeros((0, 2, 5), np.int16))
    assert walk(replace(ships(), scene=early), Texts("en", "panda")) is None


def test_a_walk_that_grows_is_told_as_far_as_it_came() -> None:
    scene = ships().scene
    part = replace(scene, ways=scene.ways[:3], labels=scene.labels[:4], sure=scene.sure[:4], curve=scene.curve[:4])
    head, _, ways = unpacked(packed(part, Panda().clean, Texts("en", "panda"), "k"))
    assert (head["steps"], len(head["read"]), len(ways)) == (3, 4, 3 * 18816)


@every_language
def test_what_undoes_it_is_said_of_every_file(language: str) -> None:
    result, words = ships(), Texts(language, "panda")
    picture = undone.undone(result, words)
    assert picture
    assert picture.covered
    assert {row["eps"] for row in read(picture.covered).to_pylist() if row["kind"] != "other"} <= {"0"}
    rows = picture.table.to_pylist()
    assert len(rows) == 7 * 7
    for row in rows:
        at = [f"{eps:g}" for eps in result.verdict.axis.exam].index(row["eps"])
        column = [words(f"undone.what.{what}") for what in UNDOES].index(row["what"])
        reads = result.scene.undone_reads[at, column]
        assert (row["kind"] == "target") == (reads == result.scene.target)
        assert name(int(reads), language) in row["says"]


def test_the_levels_needed_are_those_of_the_saved_file() -> None:
    result = ships()
    assert levels_needed(result) == 1.0
    never = replace(result.scene, undone_reads=np.full_like(result.scene.undone_reads, result.scene.source))
    assert levels_needed(replace(result, scene=never)) == math.inf
    unknown = replace(result.scene, undone_reads=np.full_like(result.scene.undone_reads, -1))
    assert levels_needed(replace(result, scene=unknown)) is None


def test_five_at_most_are_drawn_at_once() -> None:
    picture = against_size(ships(), Texts("en", "panda"))
    assert picture
    names = {row["name"] for row in picture.table.to_pylist() if row["part"] == "point"}
    assert len(names) == 5
    assert PAGE.stage[1] is against_size


def test_the_file_keeps_every_level_of_the_attacked_picture() -> None:
    scene = ships().scene
    picture = scene.picture(Panda().clean, scene.steps)
    with Image.open(BytesIO(png_file(picture))) as image:
        assert (np.array(image) == picture).all()
    assert 0 < np.abs(picture.astype(int) - Panda().clean).max() <= 1


def test_a_badger_is_taken_for_a_panda() -> None:
    assert drawn_badger().panda


@pytest.fixture(params=["missing", "altered"])
def absent(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    play: Play,  # noqa: ARG001 - made while the package is there
) -> NotInstalledError:
    """What ends a run where the first network's package is not there, or its file is another one."""
    other = replace(WEIGHTS["lite0"], package=f"{request.param}_model")
    if request.param == "altered":
        folder = tmp_path / other.package / "models"
        folder.mkdir(parents=True)
        (folder.parent / "__init__.py").touch()
        (folder / other.file).write_bytes(b"something else")
        monkeypatch.syspath_prepend(tmp_path)
    kept.forget()
    monkeypatch.setitem(WEIGHTS, "lite0", other)
    with pytest.raises(NotInstalledError) as told:
        next(Panda().run())
    assert other.requirement in told.value.pip
    return told.value


@every_language
def test_without_its_network_a_sentence_says_what_to_type_and_the_recorded_verdict_stays(
    language: str, absent: NotInstalledError, play: Play
) -> None:
    at, words = calm(visit("panda", language, panda_steps="1")), Texts(language, "panda")
    assert words("run.shipped") in said(at)
    held, pictures = at.session_state["panda_shown"].result, len(at.get("bidi_component"))
    play.acts.append(fail(absent))
    knob(at, "start", "panda").click().run()
    assert [one.value for one in at.error] == [words("errors.not_installed", pip=absent.pip)]
    assert words("run.shipped") in said(at)
    assert at.session_state["panda_shown"].result is held
    assert held.progress == 1.0
    assert len(at.get("bidi_component")) == pictures > 0
    assert not knob(at, "start", "panda").disabled


def own_photo() -> None:
    """A photo of the visitor's own, under attack."""
    import numpy as np

    from dashboard.app.language import Texts
    from dashboard.pages.panda import own
    from lib.labs.panda.lab import Panda, PandaOn
    from lib.uploads import Photo

    given = Photo.of(np.full((40, 40, 3), 7, np.uint8))
    own._answer(PandaOn(Panda(photos=1), given), Texts("en", "panda"), bared=True)


def test_a_photo_of_ones_own_is_told_the_same(
    absent: NotInstalledError, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = play.start

    def ended(*told: Any) -> Any:
        job = begin(*told)
        fail(absent)(job)
        return job

    monkeypatch.setattr(play, "start", ended)
    at, words = calm(AppTest.from_function(own_photo, default_timeout=PATIENCE).run()), Texts("en", "panda")
    told = words("errors.not_installed", pip=absent.pip)
    assert [one.value for one in at.warning] == [f"{told} {words('own.recorded')}"]


def own_asked() -> None:
    """A photo of the visitor's own, as its section asks what is to be done with it."""
    import numpy as np
    import streamlit as st

    from dashboard.app.language import Texts
    from dashboard.page import controls
    from dashboard.pages.panda import own
    from lib.knobs import knobs
    from lib.labs.panda.lab import Panda
    from lib.uploads import Photo

    for place, one in knobs(Panda).items():
        st.session_state.setdefault(controls.key(Panda, place), one.default)
    st.session_state["photo"] = Photo.of(np.full((40, 40, 3), 7, np.uint8))
    own._own(Texts("en", "panda"))


@pytest.mark.usefixtures("play")
def test_a_photo_of_ones_own_is_attacked_only_after_the_guess_which_it_would_answer() -> None:
    at, words = AppTest.from_function(own_asked, default_timeout=PATIENCE), Texts("en", "panda")
    at = calm(at.run())
    assert "panda_own_attack" not in widgets(at)
    assert words("stage.covered") in [one.value for one in at.caption]
    at.session_state["panda_opened"] = True
    assert "panda_own_attack" in widgets(calm(at.run()))


def test_between_the_stops_the_file_moves_by_no_more_than_eps() -> None:
    scene = replace(ships().scene, eps=2.7, stride=0.675)
    moved = np.abs(scene.picture(Panda().clean, scene.steps).astype(int) - Panda().clean).max()
    assert moved == 2
