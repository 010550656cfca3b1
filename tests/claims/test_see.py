"""What the texts of See print as known: read from what ships, and with other shuffles anew."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from dashboard.pages.see.charts.shapes import PUBLISHED
from lib import store
from lib.__main__ import last
from lib.core import lines_of_code
from lib.labs.see.lab import See, Seen
from lib.tasks.photos.shipped import NAMES
from lib.tasks.see.outlines import OUTLINED
from lib.tasks.see.tiles import PIECES
from tests.claims.conftest import Figures


@cache
def got(seed: int | None, preset: str) -> Seen:
    """The result of a preset that ships, or a seed's, computed here."""
    if seed is not None:
        return last(See(**See.presets[preset] | {"seed": seed}))
    found = store.Store(str(store.SHIPPED)).get(See(**See.presets[preset]))
    assert found is not None, f"{preset} is not shipped; run `make results`"
    return found


anew = [pytest.param(seed, marks=pytest.mark.claim, id=f"seed {seed}") for seed in (1, 2)]
over = pytest.mark.parametrize("seed", [pytest.param(None, id="ships"), *anew])


@over
def test_most_photos_are_named_in_sixteen_tiles_and_hardly_any_in_256(seed: int | None, figures: Figures) -> None:
    told = got(seed, "default").puzzle
    share = {pieces: float(told.still_named(pieces) or 0) for pieces in PIECES}
    figures(whole=share[1], tiles_4=share[2], tiles_16=share[4], tiles_49=share[7], tiles_64=share[8])
    assert share[1] == 1.0
    assert share[4] > 0.6
    assert share[16] < 0.1
    assert list(share.values()) == sorted(share.values(), reverse=True)


@over
def test_confidence_warns_of_few_of_the_puzzles_that_are_still_like_photos(seed: int | None, figures: Figures) -> None:
    errors = got(seed, "default").puzzle.errors("doubt")
    assert errors is not None
    silent = dict(zip(PIECES, errors.mean(0).tolist(), strict=True))
    figures(whole=silent[1], tiles_4=silent[2], tiles_16=silent[4], tiles_49=silent[7])
    assert silent[1] == 0
    assert silent[2] > 0.8
    assert silent[4] > 0.4


@over
def test_the_program_sees_seams_until_they_are_smoothed_which_the_networks_hardly_mind(
    seed: int | None, figures: Figures
) -> None:
    sharp, smooth = ({one.name: one for one in got(seed, name).verdict.answerers} for name in ("default", "smoothed"))
    figures(
        program=sharp["program"].outside,
        program_smoothed=smooth["program"].outside,
        network=sharp["network"].outside,
        network_smoothed=smooth["network"].outside,
    )
    assert sharp["program"].inside == smooth["program"].inside == 0
    assert sharp["program"].outside < 0.05
    assert smooth["program"].outside > 0.95
    for name in ("network", "second"):
        assert abs(smooth[name].outside - sharp[name].outside) < 0.1


@over
def test_coats_alone_say_more_than_outlines_alone_and_at_odds_the_coat_wins(seed: int | None, figures: Figures) -> None:
    """What is guessed: how often the outline decides. In the other pictures that count the coat does."""
    told = got(seed, "default").shapes
    animals, silhouettes, coats = told.right
    white, grey = told.shares.tolist()
    figures(animals=animals, silhouettes=silhouettes, coats=coats, white=white, grey=grey, both=told.share)
    assert animals == len(OUTLINED)  # cutting out disturbs nobody
    assert coats / len(NAMES) > 1.5 * silhouettes / len(OUTLINED)
    assert max(white, grey) < 0.65
    assert 0.05 < told.share < 0.45
    assert told.share < PUBLISHED["people"] - 0.4


def test_the_program_is_as_long_as_the_readme_says() -> None:
    assert lines_of_code(See().program()) == 26


def test_no_photo_is_misnamed_whole() -> None:
    told = got(None, "default").puzzle
    assert (told.labels[:, 0, :, 0] == told.right).all()
    assert np.isfinite(told.sure).all()
