"""What the browser is told of a grid: every sheet as it is, and sentences that follow from the numbers."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dashboard.app.language import Texts
from dashboard.pages.see.grid import grid, packed
from lib import store
from lib.core import NotInstalledError
from lib.labs.see.grid import BEST, Grid, unpainted
from lib.labs.see.lab import See, Seen
from lib.tasks.photos.classes import name
from lib.tasks.photos.shipped import CLASS, NAMES
from tests.dashboard.conftest import Play, calm, every_language, fail, knob, visit


def ships() -> Seen:
    found = store.find(See())
    assert found
    return found[0]


def made(layer: str, numbers: tuple[int, ...], ratio: float = 2.0, sure: float = 0.5) -> Seen:
    """A finished grid whose pictures all excite so many times as strongly as the best photo."""
    n = len(numbers)
    told: Grid = replace(
        unpainted(layer, numbers),
        steps=(12, 24),
        frames=(np.arange(5, dtype=np.uint8), np.arange(7, dtype=np.uint8)),
        values=np.array([[1.0], [1 + 3 * ratio]], np.float32).repeat(n, 1),
        sure=np.array([[0.1], [sure]], np.float32).repeat(n, 1),
        photos=np.arange(BEST, dtype=np.int16)[None].repeat(n, 0),
        peaks=np.array([[4.0, 3.0, 2.0, 1.5]], np.float32).repeat(n, 0),
        places=np.full((n, BEST, 2), np.float32(0.5)),
        patches=np.arange(9, dtype=np.uint8),
        field=19,
        usual=np.ones(n, np.float32),
    )
    return replace(ships(), grid=told)


def unpacked(blob: bytes) -> tuple[dict[str, Any], list[bytes]]:
    long = int.from_bytes(blob[:4], "little")
    head, rest = json.loads(blob[4 : 4 + long]), blob[4 + long :]
    ends = np.cumsum(head["sizes"])
    assert ends[-1] == len(rest)
    return head, [rest[end - size : end] for end, size in zip(ends, head["sizes"], strict=True)]


@every_language
def test_the_browser_gets_every_sheet_and_who_is_on_it(language: str) -> None:
    result, words = ships(), Texts(language, "see")
    motion = grid(result, words)
    assert motion is not None
    assert motion.covered == motion.packed  # the guess is about something else
    head, sheets = unpacked(motion.packed)
    told = result.grid
    assert sheets == [one.tobytes() for one in (*told.frames, told.patches)]
    assert head["names"] == [words("grid.filter", number=number) for number in range(24)]
    assert len(head["steps"]) == len(head["answers"]) == len(told.frames)
    assert not head["growing"]
    for row, photos, peaks in zip(head["excites"], told.photos, told.peaks, strict=True):
        for text, which, peak in zip(row, photos, peaks, strict=True):
            photo, value = re.split("：|: ", text)
            assert words(f"photos.{NAMES[which]}").startswith(photo)
            assert float(value) == pytest.approx(peak, rel=0.01)
    assert "{" not in json.dumps([head[one] for one in ("names", "answers", "excites", "ratios", "finding")])


@every_language
@pytest.mark.parametrize(("ratio", "outcome"), [(1.4, "stronger"), (0.5, "weaker")])
@pytest.mark.parametrize(("layer", "of"), [("early", "photos"), ("digits_early", "digits")])
def test_the_finding_says_which_side_is_stronger_and_by_how_much(
    language: str, layer: str, of: str, ratio: float, outcome: str
) -> None:
    words = Texts(language, "see")
    head, _ = unpacked(packed(made(layer, (3, 4), ratio), words))
    assert head["finding"] == words(f"grid.finding.{outcome}", ratio=max(ratio, 1 / ratio), of=words(f"grid.of.{of}"))
    assert head["ratios"] == [[words("grid.own", ratio=step)] * 2 for step in (0, ratio)]  # at each step its own


@every_language
def test_classes_are_told_by_name_and_how_sure_the_network_is(language: str) -> None:
    words = Texts(language, "see")
    for layer, numbers in (("class", (CLASS["koala"],)), ("classes", (1, 2, 3)), ("digits", (0, 1))):
        head, _ = unpacked(packed(made(layer, numbers, sure=0.95), words))
        if layer == "digits":
            assert head["names"] == [words("grid.digit", digit=n, number=n) for n in numbers]
        else:
            assert head["names"] == [name(one, language) for one in numbers]
        told = head["finding"]
        assert ("95" if layer == "class" else str(len(numbers))) in told
        assert "95" in head["answers"][1][0]


def test_a_grid_that_grows_says_so() -> None:
    words = Texts("en", "see")
    assert grid(replace(ships(), grid=unpainted("early", (0, 1))), words) is None
    whole = made("early", (0, 1)).grid
    blank = unpainted("early", (0, 1))
    early = replace(blank, steps=(12,), frames=whole.frames[:1], values=whole.values[:1], sure=whole.sure[:1])
    head, sheets = unpacked(packed(replace(ships(), grid=early), words))
    assert (head["growing"], head["beside"], head["excites"], head["ratios"]) == (True, "", [], [])
    assert head["finding"] == words("grid.finding.growing")
    assert [len(one) for one in sheets] == [5, 0]


@every_language
def test_without_its_network_a_sentence_says_what_to_type_and_the_verdict_stays(language: str, play: Play) -> None:
    at, words = calm(visit("see", language, see_steps="1")), Texts(language, "see")
    held, gone = at.session_state["see_shown"].result, NotInstalledError("weights==1.0", "the package is not installed")
    play.acts.append(fail(gone))
    knob(at, "start", "see").click().run()
    assert [one.value for one in at.error] == [words("errors.not_installed", pip=gone.pip)]
    assert at.session_state["see_shown"].result is held
    assert held.progress == 1.0
