"""What the texts of Panda print as known: read from what ships, and with other targets and other signs anew."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from lib import store
from lib.__main__ import last
from lib.core import lines_of_code
from lib.labs.panda.lab import Panda, Pushed
from lib.labs.panda.scene import UNDOES, Scene
from lib.tasks.photos.classes import GIBBON, PANDA
from lib.tasks.photos.pushed import LEVELS
from lib.tasks.photos.shipped import NAMES
from tests.claims import told_as_known
from tests.claims.conftest import Figures
from tests.dashboard.conftest import every_language

AT = {eps: row for row, eps in enumerate((0.0, *LEVELS))}


@cache
def got(seed: int | None, preset: str) -> Pushed:
    """The result of a preset that ships, or a seed's, computed here."""
    if seed is not None:
        return last(Panda(**Panda.presets[preset] | {"seed": seed}))
    found = store.Store(str(store.SHIPPED)).get(Panda(**Panda.presets[preset]))
    assert found is not None, f"{preset} is not shipped; run `make results`"
    return found


anew = pytest.param(1, marks=pytest.mark.claim, id="seed 1")
over = pytest.mark.parametrize("seed", [pytest.param(None, id="ships"), anew])


@over
def test_ten_steps_within_one_level_make_a_gibbon_of_the_panda(seed: int | None, figures: Figures) -> None:
    """And what is told is of whole levels, as a file keeps them."""
    scene = got(seed, "default").scene
    source, target = scene.curve[scene.steps].tolist()
    figures(before=scene.curve[0, 0], panda=source, gibbon=target)
    assert (scene.source, scene.target) == (PANDA, GIBBON)
    assert scene.curve[0, 0] > 0.95
    assert target > 0.98
    assert scene.labels[scene.steps, 0, 0] == GIBBON


@over
def test_one_step_does_not_and_a_larger_one_makes_it_more_of_a_panda(seed: int | None, figures: Figures) -> None:
    scene = got(seed, "one_step").scene
    panda = {eps: scene.sweep[row, 1, 0] for row, eps in enumerate(LEVELS)}
    gibbon = scene.sweep[:, 1, 1]
    figures(panda_at_1=panda[1], panda_at_8=panda[8], panda_at_16=panda[16], gibbon_at_most=gibbon.max())
    assert gibbon.max() < 0.05
    assert min(panda.values()) > 0.3
    assert panda[16] > panda[8] > panda[1]
    assert (got(seed, "one_step").contest.once != GIBBON).all()


@over
def test_many_steps_hit_any_target_on_every_photo_and_one_step_hardly_ever(seed: int | None, figures: Figures) -> None:
    found = got(seed, "all").contest
    hits, at_once = found.hits, found.hits_at_once
    figures(**{f"at_{eps:g}": hits[row] for eps, row in AT.items()}, at_once=at_once.max())
    assert found.photos == NAMES
    assert hits[AT[0.0]] == 0
    assert hits[AT[0.5]] < 0.4
    assert 0.4 < hits[AT[1.0]] < 0.8
    assert hits[AT[2.0]] > 0.75
    assert hits[AT[4.0]] > 0.9
    assert hits[AT[8.0]] == 1
    assert hits[AT[16.0]] > 0.9
    assert at_once.max() < 0.1


@over
def test_the_median_photo_needs_one_level(seed: int | None, figures: Figures) -> None:
    """For three targets each, the least level of those tried."""
    needed = got(seed, "all").contest.needed
    figures(least=needed.min(), median=float(np.median(needed)), most=needed.max())
    assert (needed.min(), np.median(needed)) == (0.5, 1.0)
    assert needed.max() <= 8


@over
def test_anything_wrong_is_easier_than_something_in_particular(seed: int | None, figures: Figures) -> None:
    told = got(seed, "all").verdict
    many, once, signs = (
        {point.at: point.error for point in told.named(name).curve} for name in ("many_steps", "one_step", "signs")
    )
    figures(many_at_1=many[1.0], once_at_half=once[0.5], once_at_1=once[1.0], once_at_16=once[16.0], signs=signs[16.0])
    assert many[1.0] > 0.9
    assert 0.4 < once[1.0] < 0.8
    assert once[16.0] < once[8.0]  # a longer step is not a better one
    assert max(point.high for point in told.named("signs").curve) < 0.1


@over
def test_it_hardly_carries_over_to_the_sister_network(seed: int | None, figures: Figures) -> None:
    found = got(seed, "all")
    carried, misread = found.contest.carried, found.verdict.named("transfer").curve
    figures(
        target_at_8=carried[AT[8.0]],
        target_at_16=carried[-1],
        misread_at_4=misread[AT[4.0]].error,
        misread_at_16=misread[-1].high,
    )
    assert carried[: AT[8.0] + 1].max() < 0.03
    assert carried[-1] < 0.15  # where every photo has fallen to its target on the first network
    assert misread[AT[4.0]].error < 0.1


def undone(scene: Scene, what: str) -> dict[float, int]:
    """What the attacked picture is read as at each ε after a change."""
    return {eps: int(scene.undone_reads[row, UNDOES.index(what)]) for eps, row in AT.items()}


@over
def test_a_shift_by_one_pixel_undoes_it_up_to_two_levels_and_not_at_four(seed: int | None, figures: Figures) -> None:
    scene = got(seed, "default").scene
    shift, png, nothing = (undone(scene, what) for what in ("shift", "png", "nothing"))
    column = scene.undone[:, UNDOES.index("shift")]
    figures(**{f"panda_at_{eps:g}": column[row, 0] for eps, row in AT.items()})
    assert [shift[eps] for eps in (0.0, 1.0, 2.0)] == [PANDA] * 3
    assert shift[4.0] == shift[16.0] == GIBBON
    assert all(png[eps] == GIBBON for eps in LEVELS if eps >= 1)  # a file keeps whole levels
    assert nothing[0.5] == GIBBON
    assert png[0.5] == PANDA  # half a level fits no file of 8 bits


@over
def test_no_change_alone_hides_the_panda_nor_random_signs(seed: int | None, figures: Figures) -> None:
    """The control: what undoes the attack leaves the untouched photo a panda."""
    scene = got(seed, "default").scene
    figures(least=scene.undone[0, :, 0].min())
    assert (scene.undone_reads[0] == PANDA).all()
    assert scene.undone[0, :, 0].min() > 0.9


def test_the_program_is_not_moved_by_what_fools_the_network() -> None:
    found = got(None, "all").contest
    assert (found.program[: AT[2.0] + 1] == found.program[0]).all()


def test_the_program_is_as_long_as_it_was_when_it_was_asked() -> None:
    assert got(None, "default").verdict.named("program").price.lines == lines_of_code(Panda().program())


def test_the_results_that_ship_are_small() -> None:
    sizes = [path.stat().st_size for path in store.SHIPPED.glob("panda-*.npz")]
    assert len(sizes) == len(Panda.presets)
    assert sum(sizes) < 1_800_000


@every_language
def test_what_others_have_measured_is_told_as_they_tell_it(language: str) -> None:
    told_as_known("panda", language)
