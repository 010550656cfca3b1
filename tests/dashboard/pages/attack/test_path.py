"""One attack step by step, as the browser is told of it and as the page says it; a digit of one's own stays here."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw
from streamlit.testing.v1 import AppTest

from dashboard.app.language import Texts, share
from dashboard.pages.attack.path import as_bytes, said
from dashboard.walk.stepped import inked, named, share_of, tinted
from lib import store
from lib.labs.attack.path import AttackPath, Traced
from lib.labs.attack.plane import SIDE
from lib.labs.attack.reader import Reader
from lib.labs.attack.tracing import Path
from lib.uploads import Photo
from tests.dashboard.conftest import Play, calm, every_language, visit, widgets

SMALL = Reader(network="mlp", width=8, examples=200, steps=150)
KINDS = ({"attack": "bim", "eps": 0.3}, {"attack": "bim", "eps": 0.02}, {"attack": "hop_skip_jump"}, {"target": 7})


@cache
def last(asked: AttackPath) -> Traced:
    return list(asked.run())[-1]


def told(**how: Any) -> tuple[Path, AttackPath]:
    asked = AttackPath(SMALL, **how)
    path = last(asked).path
    assert path
    return path, asked


def unpacked(blob: bytes) -> tuple[dict[str, Any], bytes]:
    long = int.from_bytes(blob[:4], "little")
    return json.loads(blob[4 : 4 + long]), blob[4 + long :]


def digit() -> Photo:
    """A three on paper."""
    page = Image.new("RGB", (224, 224), "white")
    ImageDraw.Draw(page).line(
        [(78, 55), (110, 40), (145, 60), (105, 108), (148, 150), (115, 184), (75, 170)], "black", 22
    )
    return Photo.of(np.asarray(page))


@every_language
@pytest.mark.parametrize("how", KINDS, ids=["found", "not found", "probed", "already"])
def test_the_browser_is_told_every_picture_and_what_either_reader_says(language: str, how: dict[str, Any]) -> None:
    (path, asked), words = told(**how), Texts(language, "attack")
    head, rest = unpacked(as_bytes(path, asked, words))
    t, size = len(path.frames), 64 * 3
    assert head["steps"] == t - 1
    assert head["side"] == 8
    assert len(head["read"]) == len(head["curve"]) == len(head["goes"]) == t
    sums, changes = (np.frombuffer(rest, np.uint8)[at : at + t * size] for at in (size, size + t * size))
    assert rest[:size] == inked(path.frames)[0].tobytes()
    assert sums.tobytes() == inked(path.frames).tobytes()
    assert (changes[:size] == 245).all()  # nothing has changed yet
    for step in (0, t - 1):
        network, program = (
            next(row for row in head["read"][step][0] if (row[3] == "program") is which) for which in (False, True)
        )
        assert network[4] == path.sure[step].argmax()
        assert network[2] == share(float(path.sure[step].max()))
        assert program[4] == path.fits[step].argmax()
        assert f"{path.fits[step].max():.2f}" in program[2]
        assert any(f"{path.loss[step]:.2f}" in row[2] for row in head["read"][step][1])
    grids = rest[size + 2 * t * size :]
    assert len(grids) == len(path.planes) * 3 * SIDE**2
    for plane, shown in zip(path.planes, head["planes"], strict=True):
        assert len(shown["spots"]) == t
        for grid, heard in zip((plane.reads, plane.program), shown["heard"], strict=True):
            for kind, part in share_of(grid)[:4]:
                assert f"{kind} {share(part)}" in heard
    del head["key"]
    assert not re.search("nan|None|inf", json.dumps(head))


@every_language
@pytest.mark.parametrize("how", KINDS, ids=["found", "not found", "probed", "already"])
def test_what_became_of_it_is_said_in_its_numbers(language: str, how: dict[str, Any]) -> None:
    (path, asked), words = told(**how), Texts(language, "attack")
    text = said(path, asked, words)
    assert f"**{path.label}**" in text
    assert share(float(path.sure[0].max())) in text
    assert "{" not in text
    if how == {"target": 7}:
        assert words("path.already") in text
        return
    assert f"**{path.sure[path.found].argmax()}**" in text
    assert share(path.planes[0].share) in text
    assert share(path.noise) in text
    assert str(path.found if path.found > 0 else len(path.frames) - 1) in text


def test_changes_are_orange_where_ink_came_and_blue_where_it_went() -> None:
    more, same, less = tinted(np.array([1.0, 0.0, -1.0]))
    assert more.tolist() == [213, 94, 0]
    assert same.tolist() == [245] * 3
    assert less.tolist() == [0, 114, 178]
    paper, ink = inked(np.array([0.0, 1.0]))
    assert paper.tolist() == [255] * 3
    assert ink.tolist() == [22, 24, 29]


def test_a_region_is_named_where_it_is_deepest_and_a_speck_is_not() -> None:
    grid = np.zeros((64, 64), np.uint8)
    grid[:, 40:] = 3
    grid[0, 0] = 5
    found = {kind: (x, y) for kind, x, y in named(grid, (0.0, 1.0, 0.0, 1.0), np.array([[0.31, 0.5]]))}
    assert set(found) == {0, 3}
    assert 0.7 < found[3][0] < 0.95
    assert np.hypot(found[0][0] - 0.31, found[0][1] - 0.5) > 0.08  # not on the path
    assert found[0][0] < 0.6


def unfolded(language: str = "en", **state: Any) -> AppTest:
    at = visit("attack", language)
    at.session_state["attack_path_unfolded"] = True
    for name, value in state.items():
        at.session_state[name] = value
    return calm(at.run())


def says(at: AppTest) -> str:
    return "\n".join(one.value for one in at.markdown)


@every_language
def test_what_ships_is_there_as_soon_as_it_is_unfolded(language: str, play: Play) -> None:
    words = Texts(language, "attack")
    found = store.find(AttackPath())
    assert found
    at = unfolded(language)
    assert said(found[0].path, AttackPath(), words) in says(at)
    assert play.job is None


def test_before_the_guess_nothing_of_it_is_seen(play: Play) -> None:
    at = visit("attack", guessed=False)
    at.session_state["attack_path_unfolded"] = True
    calm(at.run())
    words = Texts("en", "attack")
    assert words("path.text") in says(at)
    assert "attack_path_digit" not in widgets(at)
    assert play.job is None
    assert words("path.begun", net=7, sure="", stencils=7)[:12] not in says(at)


def test_another_attack_is_run_and_the_one_before_is_not_waited_for(play: Play) -> None:
    at = unfolded()
    widgets(at)["attack_path_digit"].set_value(3).run()
    calm(at)
    first = play.job
    assert first
    assert first.lab == AttackPath(digit=3)
    found = store.find(AttackPath())
    assert found
    assert said(found[0].path, AttackPath(), Texts("en", "attack")) in says(at)  # until the other has come
    widgets(at)["attack_path_eps_linf"].set_value(0.2).run()
    calm(at)
    assert first.done
    assert play.job
    assert play.job.lab == AttackPath(digit=3, eps=0.2)
    widgets(at)["attack_path_attack_en"].set_value("ddn").run()
    calm(at)
    assert widgets(at)["attack_path_eps_linf"].disabled
    assert play.job.lab == AttackPath(digit=3, attack="ddn")


def test_the_network_is_the_one_that_the_knobs_describe(play: Play) -> None:
    at = unfolded()
    at.session_state["attack_width"], at.session_state["attack_norm"], at.session_state["attack_shift"] = 8, "l2", 1
    calm(at.run())
    assert play.job
    assert play.job.lab == AttackPath(Reader(width=8), norm="l2", eps=1.0, shift=1)


def test_a_digit_of_ones_own_is_what_the_readers_get_and_nobody_else_does(play: Play) -> None:
    at = unfolded(photo=digit(), attack_path_whose="photo")
    assert play.job
    asked = play.job.lab
    assert asked.photo.picture.shape == (8, 8)
    assert asked.photo.picture.max() == 1.0
    result = last(replace(asked, reader=SMALL))
    at.session_state["own_results"] = {store.key(asked): (result, False)}
    calm(at.run())
    words = Texts("en", "attack")
    assert said(result.path, asked, words) in says(at)  # type: ignore[arg-type]
    assert not store.own().put(asked, result)
    assert "photo" not in at.query_params
    assert "attack_path_scanned" in at.session_state
    assert "attack_path_last" in at.session_state
    at.session_state["photo"] = None
    calm(at.run())
    assert "attack_path_scanned" not in at.session_state
    assert "attack_path_asked" not in at.session_state
    assert "attack_path_last" not in at.session_state
    assert said(result.path, asked, words) not in says(at)  # type: ignore[arg-type]


@every_language
def test_a_picture_of_nothing_is_refused_in_a_sentence(language: str, play: Play) -> None:
    white = Photo.of(np.full((100, 100, 3), 255, np.uint8))
    at = unfolded(language, photo=white, attack_path_whose="photo")
    assert Texts(language, "attack")("path.blank") in [one.value for one in at.warning]
    assert play.job is None


def test_a_forged_drawing_is_refused_in_a_sentence(play: Play) -> None:
    at = unfolded(attack_drawing="no picture", attack_path_whose="drawing")
    assert Texts("en", "attack")("photo.faults.broken") in [one.value for one in at.warning]
    assert play.job is None
