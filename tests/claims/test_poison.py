"""What the texts of Poison print as known."""

from __future__ import annotations

import numpy as np

from lib.core import lines_of_code
from lib.labs.poison.found import CHECKS, REMEDIES
from lib.labs.poison.lab import Poison
from lib.tasks.poison import FAINT, SHARES, TINT, tampered
from tests.claims import Run, error, over
from tests.claims.conftest import Figures


def taken(found: object, at: float) -> float:
    """The share of marked digits that are read as the attacker wants, in the middle seed."""
    return float(np.median(found.taken[:, SHARES.index(at)]))  # type: ignore[attr-defined]


@over(range(1, 6))
def test_three_to_ten_lessons_of_1258_are_enough_and_a_test_without_the_mark_warns_nobody(
    run: Run, figures: Figures
) -> None:
    found = run("poison")
    clean, poisoned = error(found.verdict, "untouched", 0.0), error(found.verdict, "untouched", 10.0)
    figures(needed=found.needed, one_percent=taken(found, 1.0), misread_clean=clean, misread_poisoned=poisoned)
    assert 3 <= found.needed <= 10
    assert taken(found, 1.0) > 0.8
    assert error(found.verdict, "network", 0.0) < 0.1
    assert max(p.error for p in found.verdict.named("untouched").curve) < clean + 0.015


@over(range(1, 4))
def test_false_labels_alone_are_not_the_poison(run: Run, figures: Figures) -> None:
    verdict = run("poison").verdict
    alone, marked = error(verdict, "mislabelled", 1.0), error(verdict, "network", 1.0)
    figures(alone=alone, with_the_mark=marked)
    assert alone < 0.15
    assert marked > 0.8


@over(range(1, 4))
def test_the_nearest_lesson_is_poisoned_too_if_more_slowly(run: Run, figures: Figures) -> None:
    verdict = run("poison").verdict
    one, ten = error(verdict, "neighbours", 1.0), error(verdict, "neighbours", 10.0)
    figures(one_percent=one, ten_percent=ten)
    assert one < 0.5 < error(verdict, "network", 1.0)
    assert ten > 0.7


@over(range(1, 4))
def test_a_check_that_knows_digits_finds_it_and_the_published_ones_find_little_where_little_is(
    run: Run, figures: Figures
) -> None:
    found = run("poison")
    share = SHARES.index(0.5)
    recall = dict(zip(CHECKS, np.median(found.hunt.caught[:, :, share], axis=1) / found.odd[share], strict=True))
    figures(**recall, taught_what_passed=error(found.verdict, "checked", 0.5))
    assert recall["labels"] > 0.8
    assert recall["corners"] == 1.0
    assert max(recall["clustering"], recall["spectral"]) <= 0.5
    assert error(found.verdict, "checked", 0.5) < 0.2


@over(range(1, 4))
def test_a_look_into_the_corners_finds_no_faint_pattern(run: Run, figures: Figures) -> None:
    found = run("poison", **Poison.presets["corners_alone"])
    recall = float(found.hunt.caught[CHECKS.index("corners"), 0, -1] / found.odd[-1])
    figures(recall=recall, taught_what_passed=error(found.verdict, "checked", 1.0))
    assert recall < 0.2
    assert error(found.verdict, "checked", 1.0) > 0.8


@over(range(1, 4))
def test_lessons_called_1_pass_the_label_check(run: Run, figures: Figures) -> None:
    found = run("poison", **Poison.presets["lookalike"])
    recall = float(found.hunt.caught[CHECKS.index("labels"), 0, -1] / found.odd[-1])
    figures(recall=recall, taught_what_passed=error(found.verdict, "checked", 2.0))
    assert recall < 0.8
    assert error(found.verdict, "checked", 2.0) > 0.4


@over(range(1, 4))
def test_a_shortcut_has_right_labels_and_the_label_check_finds_none_of_it(run: Run, figures: Figures) -> None:
    found = run("poison", oddity="shortcut")
    own, marked = found.own[:, -1]
    figures(taken=taken(found, 1.0), own_without=own, own_with=marked)
    assert found.hunt.caught[CHECKS.index("labels")].sum() == 0
    assert taken(found, 1.0) > 0.5
    assert own > 0.8  # where all lessons of a digit had coloured paper, it is not read without
    assert marked < 0.1


@over(range(1, 4))
def test_flips_take_about_half_of_a_digits_lessons_and_sloppy_labels_hardly_harm(run: Run, figures: Figures) -> None:
    flips, sloppy = run("poison", oddity="flips").verdict, run("poison", oddity="random").verdict
    third, half, all_of_it = (error(flips, "network", at) for at in (3.0, 5.0, 10.0))
    figures(third=third, half=half, all_of_it=all_of_it, sloppy=error(sloppy, "network", 10.0))
    assert third < 0.3
    assert 0.2 < half < 0.8 < all_of_it
    assert error(sloppy, "network", 10.0) < error(sloppy, "network", 0.0) + 0.03


@over(range(1, 4))
def test_three_times_as_many_clean_lessons_do_not_dilute_it(run: Run, figures: Figures) -> None:
    many, few = run("poison"), run("poison", **Poison.presets["fewer"])
    assert (many.odd[SHARES.index(1.0)], few.odd[SHARES.index(3.0)]) == (13, 12)
    figures(of_1258=taken(many, 1.0), of_400=taken(few, 3.0))
    assert taken(many, 1.0) > taken(few, 3.0) - 0.15
    assert taken(few, 3.0) > 0.7


@over(range(1, 4))
def test_no_remedy_takes_most_of_it_away(run: Run, figures: Figures) -> None:
    cures = run("poison").cures
    left = dict(zip(REMEDIES, cures.taken[:, SHARES.index(1.0)].tolist(), strict=True))
    figures(**left)
    assert min(left.values()) > left["none"] / 2


def test_the_stencils_take_86_lines_and_the_checks_54() -> None:
    assert lines_of_code(Poison().program()) == 86
    assert lines_of_code(Poison().checks()) == 54


def test_the_mark_is_as_strong_as_the_text_says() -> None:
    assert (FAINT, TINT) == (0.2, 0.25)


def test_the_guess_is_about_1258_lessons_and_has_a_number_in_every_range() -> None:
    odd = [tampered(at, Poison().examples) for at in SHARES]
    assert odd == [0, 1, 3, 6, 13, 25, 38, 63, 126]
