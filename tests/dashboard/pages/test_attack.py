"""The pictures of digits under attack."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.app.language import Texts
from dashboard.pages.attack.charts import pictures
from tests.lib.labs.test_labs import results


def test_the_attacked_digits_are_the_pictures_of_the_scene() -> None:
    scene = results("attack")[-1].scene
    picture = pictures.row(results("attack")[-1], Texts("en", "attack"))
    assert picture
    rows = picture.table.to_pylist()
    exam = results("attack")[-1].verdict.axis.exam
    assert len(rows) == 10 * 11 * (len(exam) - 1)
    for row in rows:
        shades = np.array([pictures.ALPHABET.index(letter) for letter in row["shades"]]).reshape(3, 8, 8) / 63
        size = next(i for i, eps in enumerate(exam) if i and row["radius_from"] <= eps < row["radius_to"])
        where = row["digit"], row["target"], size
        assert shades[0] == pytest.approx(scene.clean[row["digit"]], abs=0.008)
        assert shades[2] == pytest.approx(scene.shown[where] / 255, abs=0.008)
        change = scene.shown[where] / 255 - scene.clean[row["digit"]]
        assert shades[1] == pytest.approx(0.5 + 0.5 * change / (np.abs(change).max() or 1.0), abs=0.008)
        assert str(scene.reads[where]) in row["net2"]
        assert str(scene.program[where]) in row["program2"]


def test_before_there_are_attacked_digits_the_errors_known_so_far_stand_in_their_place() -> None:
    early, words = results("attack")[0], Texts("en", "attack")
    assert early.scene is None
    known = pictures.row(early, words)
    assert known
    told = {(one["name"], one["at"]) for one in known.table.to_pylist() if one["part"] == "point"}
    assert len(told) == len(early.verdict.answerers) * len(early.verdict.axis.exam)
    assert pictures.table(early, words) is None
    assert pictures.stencils(early, words) is None
