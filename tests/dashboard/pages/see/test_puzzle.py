"""Photos in tiles in the browser's hands: what it is told, and what it is not before the guess."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from dashboard.app.language import Texts
from dashboard.pages.see.board import whole_board
from dashboard.pages.see.charts.named import named
from dashboard.pages.see.page import PAGE, against_tiles
from dashboard.pages.see.puzzle import puzzle
from lib import store
from lib.labs.see.lab import See, Seen
from lib.labs.see.puzzle import unasked
from lib.tasks.photos.classes import name
from lib.tasks.see.tiles import PIECES, order
from tests.dashboard.conftest import every_language


def ships() -> Seen:
    found = store.find(See())
    assert found
    return found[0]


def early() -> Seen:
    told = ships().puzzle
    return replace(ships(), puzzle=unasked(told.photos, told.right, told.surely, np.array([told.shuffler])))


def unpacked(data: bytes) -> tuple[dict[str, Any], bytes]:
    long = int.from_bytes(data[:4], "little")
    return json.loads(data[4 : 4 + long]), data[4 + long :]


@every_language
def test_the_browser_is_told_the_photos_every_order_and_what_is_read(language: str) -> None:
    told = ships().puzzle
    motion = puzzle(ships(), Texts(language, "see"))
    assert motion is not None
    head, row = unpacked(motion.packed)
    with Image.open(BytesIO(row)) as image:
        assert image.size == (224 * len(told.photos), 224)
    assert head["orders"] == [order(pieces, told.shuffler).tolist() for pieces in PIECES]
    for level in range(len(PIECES)):
        for place in range(len(told.photos)):
            labels = head["read"][level][place]
            assert [one[0] for one in labels] == [name(int(at), language) for at in told.labels[0, level, place]]
            assert labels[0][3] == head["right"][level][place]
        assert sum(head["right"][level]) == told.named[0, level]


def test_before_the_guess_photos_can_be_cut_but_what_is_read_in_tiles_stays_in_the_server() -> None:
    motion = puzzle(ships(), Texts("en", "see"))
    assert motion is not None
    assert motion.covered is not None
    head, _ = unpacked(motion.covered)
    assert len(head["orders"]) == len(PIECES)
    assert {len(head[one]) for one in ("read", "right", "cut", "doubts")} == {1}
    assert head["read"][0][0][0][0] == "giant panda"


def test_nothing_is_shown_before_it_is_known() -> None:
    words = Texts("en", "see")
    assert (puzzle(early(), words), named(early(), words), PAGE.measure(early())) == (None, None, None)
    nobody = replace(ships(), verdict=replace(ships().verdict, answerers=()))
    assert against_tiles(nobody, words) is None


def test_the_guess_is_about_sixteen_tiles() -> None:
    told = ships().puzzle
    counts = np.median(told.named[:, PIECES.index(4)])
    assert PAGE.measure(ships()) == counts / len(told.photos)


@every_language
def test_the_table_has_a_row_for_every_puzzle(language: str) -> None:
    words, told = Texts(language, "see"), ships().puzzle
    numbers = named(ships(), words)
    assert numbers is not None
    assert numbers.num_rows == told.program.size
    assert numbers[words("named.right")].to_pylist().count(words("chart.yes")) == told.named.sum()


def test_a_chessboard_is_taken_for_cut_up() -> None:
    assert whole_board().cut
