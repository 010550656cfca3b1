"""The pictures of Poison: two walls with a dial, two networks before one digit, and what checks and remedies did."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from dashboard.app.language import Texts
from dashboard.charts.pixels import ALPHABET, letters
from dashboard.charts.style import read
from dashboard.pages.poison.charts import lines
from dashboard.pages.poison.charts.side import side_by_side
from dashboard.pages.poison.dial import START, dial
from dashboard.pages.poison.page import PAGE
from lib.labs.poison.found import CHECKS, REMEDIES
from lib.tasks.poison import SHARES
from tests.claims import ships
from tests.lib.labs.test_labs import results

WORDS = Texts("en", "poison")


def told(result: Any, *, covered: bool = False) -> dict[str, Any]:
    motion = dial(result, WORDS)
    return json.loads((motion.covered if covered else motion.packed) or b"")


def test_letters_are_the_pictures() -> None:
    shown = results("poison")[-1].wall.pictures[1, :, 0]
    back = [[ALPHABET.index(letter) for letter in one] for one in letters(shown)]
    assert np.array(back).reshape(shown.shape) / 63 == pytest.approx(shown / 255, abs=0.008)


def test_the_dial_has_every_share_and_the_walls_what_is_read_there() -> None:
    result = results("poison")[-1]
    packed = told(result)
    assert packed["counts"][START] == f"{result.odd[START]} of 100 lessons (1 %)"
    assert packed["aim"] == 0
    for side, wall in enumerate(packed["walls"]):
        assert wall["reads"] == result.wall.reads[side].tolist()
        assert wall["program"] == result.wall.program[side].tolist()
        assert len(wall["says"]) == len(SHARES)
        assert wall["tint"] == 0


def test_before_the_guess_the_walls_are_those_of_clean_lessons_alone() -> None:
    packed = told(results("poison")[-1], covered=True)
    assert packed["start"] == 0
    assert len(packed["counts"]) == 1
    assert [len(wall["reads"]) for wall in packed["walls"]] == [1, 1]
    assert [len(wall["says"]) for wall in packed["walls"]] == [1, 1]


@pytest.mark.parametrize(("oddity", "walls"), [("shortcut", 2), ("flips", 1), ("random", 1)])
def test_without_a_mark_there_is_one_wall(oddity: str, walls: int) -> None:
    packed = told(ships("poison", oddity=oddity))
    assert len(packed["walls"]) == walls
    assert packed["walls"][-1]["tint"] == (64 if oddity == "shortcut" else 0)
    assert (packed["aim"] is None) == (oddity == "random")


def test_of_a_shortcut_the_digit_that_it_stands_for_is_told_without_it() -> None:
    plain, marked = told(ships("poison", oddity="shortcut"))["walls"]
    assert [one.endswith("of the 0s 100\u00a0%") for one in plain["says"]] == [False] * 8 + [True]
    assert not any("of the 0s" in one for one in marked["says"])


def test_the_two_networks_are_the_clean_one_and_that_of_the_picked_share() -> None:
    result = results("poison")[-1]
    picture = side_by_side(result, WORDS)
    assert picture
    rows = picture.table.to_pylist()
    assert len(rows) == len(result.lit.labels) * (len(SHARES) - 1)
    heat = result.lit.heat / np.abs(result.lit.heat).max(axis=(0, 2, 3), keepdims=True)
    for row in rows:
        at = result.lit.labels.tolist().index(row["digit"])
        shades = np.array([ALPHABET.index(letter) for letter in row["shades"]]).reshape(3, 8, 8) / 63
        assert shades[0] == pytest.approx(result.lit.pictures[at, 0] / 255, abs=0.008)
        assert 2 * shades[1] - 1 == pytest.approx(heat[0, at], abs=0.03)
        assert 2 * shades[2] - 1 == pytest.approx(heat[row["share"], at], abs=0.03)
        assert f"reads {result.lit.chances[row['share'], at].argmax()}" in row["reads2"]
    covered = read(picture.covered or b"").to_pylist()
    assert {row["share"] for row in covered} == {-1}


def test_recall_and_precision_are_those_of_the_counts() -> None:
    result = ships("poison")
    found, right = lines.rates(result)
    hunt, odd = result.hunt, result.odd
    for check, share in np.ndindex(len(CHECKS), len(SHARES)):
        if odd[share] and hunt.suspected[check, :, share].all():
            assert found[check, share] == np.median(hunt.caught[check, :, share] / odd[share])
            assert right[check, share] == np.median(hunt.caught[check, :, share] / hunt.suspected[check, :, share])


@pytest.mark.parametrize(("draw", "names"), [(lines.hunt, CHECKS), (lines.cures, REMEDIES)])
def test_each_line_has_a_point_at_each_number_and_its_name_at_its_end(draw: Any, names: tuple[str, ...]) -> None:
    picture = draw(ships("poison"), WORDS)
    rows = [row for row in picture.table.to_pylist() if row["side"] == 0]
    assert [row["part"] for row in rows].count("point") == len(names) * (len(SHARES) - 1)
    assert [row["part"] for row in rows].count("label") == len(names)


def test_before_they_are_found_there_are_no_pictures_of_them() -> None:
    early = results("poison")[0]
    for draw in (side_by_side, lines.hunt, lines.cures, lines.hunted, lines.healed):
        assert draw(early, WORDS) is None
    assert PAGE.measure(early) is None
    assert lines.counted(early, WORDS).num_rows == len(SHARES)


@pytest.mark.parametrize(
    ("oddity", "ask"),
    [
        ("corners", "ask"),
        ("shift", "ask"),
        ("flips", "ask_flips"),
        ("random", "ask_random"),
        ("shortcut", "ask_shortcut"),
    ],
)
def test_what_is_asked_depends_on_what_is_odd(oddity: str, ask: str) -> None:
    assert PAGE.ask(PAGE.lab(oddity=oddity)) == ask  # pyright: ignore[reportCallIssue]
    assert WORDS(f"guess.{ask}")


@pytest.mark.parametrize("knobs", [{"target": 1}, {"examples": 400}, {"oddity": "faint", "target": 9}])
def test_of_other_knobs_no_number_is_named_that_is_not_theirs(knobs: dict[str, Any]) -> None:
    assert PAGE.ask(PAGE.lab(**knobs)) == "ask_else"
    assert not any(digit in WORDS("guess.ask_else") for digit in "0123456789")
