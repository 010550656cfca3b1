"""What the texts of See print as known: read from what ships, and with other shuffles anew."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from dashboard.pages.see.charts.shapes import PUBLISHED
from lib import store
from lib.__main__ import last
from lib.core import lines_of_code
from lib.labs.see.doubt import CONTROLS, COSTS, USUAL, Doubt
from lib.labs.see.doubter import Doubter
from lib.labs.see.fool import SeeFool
from lib.labs.see.fooling import STARTS
from lib.labs.see.lab import See, Seen
from lib.tasks.photos.classes import PANDA
from lib.tasks.photos.shipped import NAMES
from lib.tasks.see.outlines import OUTLINED
from lib.tasks.see.tiles import PIECES
from tests.claims import Run, over, told_as_known
from tests.claims.conftest import Figures
from tests.dashboard.conftest import every_language

over_shuffles = over((1, 2))


def got(run: Run, preset: str) -> Seen:
    """The result of a preset."""
    return run("see", **See.presets[preset])


@over_shuffles
def test_most_photos_are_named_in_sixteen_tiles_and_hardly_any_in_256(run: Run, figures: Figures) -> None:
    told = got(run, "default").puzzle
    share = {pieces: float(told.still_named(pieces) or 0) for pieces in PIECES}
    figures(whole=share[1], tiles_4=share[2], tiles_16=share[4], tiles_49=share[7], tiles_64=share[8])
    assert share[1] == 1.0
    assert share[4] > 0.6
    assert share[16] < 0.1
    assert list(share.values()) == sorted(share.values(), reverse=True)


@over_shuffles
def test_confidence_warns_of_few_of_the_puzzles_that_are_still_like_photos(run: Run, figures: Figures) -> None:
    errors = got(run, "default").puzzle.errors("doubt")
    assert errors is not None
    silent = dict(zip(PIECES, errors.mean(0).tolist(), strict=True))
    figures(whole=silent[1], tiles_4=silent[2], tiles_16=silent[4], tiles_49=silent[7])
    assert silent[1] == 0
    assert silent[2] > 0.8
    assert silent[4] > 0.4


@over_shuffles
def test_the_program_sees_seams_until_they_are_smoothed_which_the_networks_hardly_mind(
    run: Run, figures: Figures
) -> None:
    sharp, smooth = ({one.name: one for one in got(run, name).verdict.answerers} for name in ("default", "smoothed"))
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


@over_shuffles
def test_coats_alone_say_more_than_outlines_alone_and_at_odds_the_coat_wins(run: Run, figures: Figures) -> None:
    """What is guessed: how often the outline decides. In the other pictures that count the coat does."""
    told = got(run, "default").shapes
    animals, silhouettes, coats = told.right
    white, grey = told.shares.tolist()
    figures(animals=animals, silhouettes=silhouettes, coats=coats, white=white, grey=grey, both=told.share)
    assert animals == len(OUTLINED)  # cutting out disturbs nobody
    assert coats / len(NAMES) > 1.5 * silhouettes / len(OUTLINED)
    assert max(white, grey) < 0.65
    assert 0.05 < told.share < 0.45
    assert told.share < PUBLISHED["people"] - 0.4


@cache
def doubted(run: Run) -> Doubt:
    """What ships, or of digits alone with another seed."""
    if run.seed is None:
        found = got(run, "default").doubt
    else:
        one = Doubter(run.seed)
        list(one.ask())
        found = one.doubt
    assert found is not None
    return found


@over_shuffles
def test_the_distance_tells_nonsense_from_digits_where_confidence_does_not(run: Run, figures: Figures) -> None:
    """At 5 % of the right answers refused; every kind of nonsense counts alike."""
    told = {one: float(doubted(run).nonsense(one)[COSTS.index(USUAL)]) for one in CONTROLS}
    figures(**told)
    assert told["distance"] < 0.06
    assert told["distance"] < 0.2 * told["disagreement"]
    assert told["disagreement"] < told["confidence"]
    assert told["confidence"] > 0.35
    assert abs(told["temperature"] - told["confidence"]) < 0.03  # it changes figures, hardly their order


@over_shuffles
def test_the_distance_refuses_digits_that_anybody_reads_and_lets_overlaid_ones_through(
    run: Run, figures: Figures
) -> None:
    doubt = doubted(run)
    told = {kind: doubt.at("distance", kind) for kind in ("moved", "faint", "overlaid", "noise", "fooling")}
    figures(**told, confidence_on_fooling=doubt.at("confidence", "fooling"))
    assert told["moved"] < 0.2
    assert told["faint"] < 0.4
    assert told["overlaid"] > 0.03
    assert told["noise"] == told["fooling"] == 0
    assert doubt.at("confidence", "fooling") > 0.95


@pytest.mark.parametrize("start", [pytest.param(start, marks=pytest.mark.claim) for start in STARTS])
def test_a_picture_of_nothing_becomes_any_class(start: str, figures: Figures) -> None:
    """Ten classes of chance, in less steps than are allowed."""
    classes = np.random.default_rng(0).choice(1000, 10, replace=False)
    told = [last(SeeFool(int(one), start)).fooling for one in classes]
    figures(median=float(np.median([one.steps for one in told])), most=max(one.steps for one in told))
    assert all(one.fooled for one in told)


def test_the_noise_that_ships_has_become_a_panda() -> None:
    found = store.Store(str(store.SHIPPED)).get(SeeFool())
    assert found is not None, "it is not shipped; run `make results`"
    assert found.fooling.fooled
    assert found.fooling.labels[-1, 0, 0] == found.fooling.target == PANDA


def test_the_program_is_as_long_as_the_readme_says() -> None:
    assert lines_of_code(See().program()) == 26


def test_no_photo_is_misnamed_whole() -> None:
    told = got(Run(), "default").puzzle
    assert (told.labels[:, 0, :, 0] == told.right).all()
    assert np.isfinite(told.sure).all()


@every_language
def test_what_others_have_measured_is_told_as_they_tell_it(language: str) -> None:
    told_as_known("see", language)
    assert [100 * one for one in PUBLISHED.values()] == pytest.approx([95.9, 22.1])


def test_the_results_that_ship_are_small() -> None:
    sizes = [path.stat().st_size for path in store.SHIPPED.glob("see-*.npz")]
    assert len(sizes) == len(See.presets) + len(See.besides)
    assert sum(sizes) < 1_200_000
