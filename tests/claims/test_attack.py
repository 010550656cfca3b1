"""What the texts of Attack print as known."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from dashboard.app.language import LANGUAGES
from lib import store
from lib.__main__ import last
from lib.core import lines_of_code
from lib.labs.attack.defences import AttackDefences
from lib.labs.attack.lab import Attack
from lib.labs.attack.survey import AttackSurvey
from lib.labs.attack.transfer import MADE, READERS, AttackTransfer
from tests.claims import Run, error, over, told_as_known
from tests.claims.conftest import Figures


@over(range(1, 4))
def test_the_network_reads_noisy_digits_and_not_attacked_ones(run: Run, figures: Figures) -> None:
    found = run("attack").verdict
    clean, noisy, fgsm = error(found, "pgd", 0.0), error(found, "noise", 0.15), error(found, "fgsm", 0.15)
    pgd, far = error(found, "pgd", 0.15), error(found, "pgd", 0.3)
    figures(clean=clean, noisy=noisy, fgsm=fgsm, pgd=pgd, pgd_at_twice_as_much=far)
    assert clean < 0.04
    assert noisy < 0.1
    assert fgsm > 0.5
    assert pgd > 0.6
    assert far > 0.95


@over(range(1, 4))
def test_a_linear_model_is_fooled_too(run: Run, figures: Figures) -> None:
    linear = error(run("attack").verdict, "linear", 0.15)
    figures(linear=linear)
    assert linear > 0.6


@over([1])
def test_training_on_attacks_holds_longer(run: Run, figures: Figures) -> None:
    plain, hard = (run("attack", **Attack.presets[name]).verdict for name in ("perceptron", "hardened"))
    undefended, defended = error(plain, "pgd", 0.15), error(hard, "pgd", 0.15)
    far = error(hard, "pgd", 0.3)
    figures(plain=undefended, hardened=defended, hardened_at_twice_as_much=far)
    assert defended < undefended - 0.3
    assert far > 0.5  # it does not hold for ever


@over([1])
def test_pictures_made_for_the_network_fool_the_program_less(run: Run, figures: Figures) -> None:
    own, other = (run("attack", **how).verdict.named("program").outside for how in ({}, {"reads_source": False}))
    figures(made_for_the_program=own, made_for_the_network=other)
    assert other < own - 0.2


@over([1])
def test_the_stencils_read_moved_digits_and_the_network_reads_them_worse_than_before(
    run: Run, figures: Figures
) -> None:
    still, moved = run("attack").verdict, run("attack", shift=1).verdict
    told = {name: moved.named(name).inside - still.named(name).inside for name in ("program", "pgd")}
    figures(program=told["program"], network=told["pgd"])
    assert told["program"] < 0.02
    assert told["pgd"] > 0.1


def test_the_stencils_take_86_lines() -> None:
    assert lines_of_code(Attack().program()) == 86


def test_539_digits_are_for_the_exam_and_1258_for_training() -> None:
    task = Attack().asks()
    assert len(task.test) == 539
    assert len(task.training_sample(9999, np.random.default_rng(0))) == 1258 == Attack().examples


def test_the_guess_is_about_015_or_a_length_of_1() -> None:
    middle = len(Attack().asks().axis.exam) // 2 + 1
    assert Attack().asks().axis.exam[middle] == 0.15
    assert Attack(norm="l2").asks().axis.exam[middle] == 1.0


@over(range(1, 3))
def test_every_family_fells_a_network_that_noise_does_not(run: Run, figures: Figures) -> None:
    found = beside(AttackSurvey, run)
    at = {one.name: error(found.verdict, one.name, 0.15) for one in found.verdict.answerers}
    figures(**at, half_fall_within=float(np.median(found.distances)))
    assert at["noise"] < 0.1
    assert min(at["many_steps"], at["nearest"], at["together"]) > 0.6
    assert at["one_step"] < at["many_steps"] + 0.02
    assert at["together"] < at["many_steps"] + 0.1  # PGD leaves little to the others
    assert at["black_box"] > 0.4
    assert 0.08 < np.median(found.distances) < 0.15


@over(range(1, 3))
def test_scores_tell_an_attacker_more_than_labels_or_one_pixel(run: Run, figures: Figures) -> None:
    scores, labels, pixel = beside(AttackSurvey, run).asked[:, -1]
    figures(scores=scores, labels=labels, pixel=pixel)
    assert scores > 0.6
    assert scores > labels + 0.3
    assert 0.1 < pixel < 0.4


@over(range(1, 3))
def test_pictures_made_against_one_are_misread_by_others_that_noise_does_not_deceive(
    run: Run, figures: Figures
) -> None:
    middle = np.median(beside(AttackTransfer, run).errors, axis=0)
    told = {name: float(middle[MADE.index("cnn"), line]) for line, (name, _) in enumerate(READERS)}
    noise = float((middle[MADE.index("noise")] - middle[MADE.index("untouched")]).max())
    figures(**told, noise_adds=noise)
    assert noise < 0.08
    assert told["cnn"] > 0.6
    assert all(0.25 < told[name] < told["cnn"] for name in ("mlp", "linear", "logistic", "forest", "stencils"))
    assert told["neighbours"] < 0.2  # whole pictures move little


@over(range(1, 3))
def test_lessons_under_attack_hold_and_few_grey_levels_only_hide_the_gradient(run: Run, figures: Figures) -> None:
    found = beside(AttackDefences, run).verdict
    at = {one.name: error(found, one.name, 0.15) for one in found.answerers}
    figures(**at)
    assert at["plain"] > 0.85
    assert at["madry"] < at["plain"] - 0.4
    assert at["fast"] < at["plain"] - 0.4
    assert at["free"] < at["plain"] - 0.25
    assert at["madry"] < at["free"]
    assert at["squeezed"] < 0.1
    assert abs(at["through"] - at["plain"]) < 0.15


@over(range(1, 3))
def test_a_proof_excludes_less_than_attacks_find(run: Run, figures: Figures) -> None:
    found = beside(AttackDefences, run).verdict
    proven, attacked = ([point.error for point in found.named(name).curve] for name in ("certified", "smoothed"))
    figures(proven=1 - proven[2], attacked=attacked[2], attacked_at_three_times_that=attacked[5])
    assert all(may >= has for may, has in zip(proven, attacked, strict=True))
    assert 0.5 < 1 - proven[2] < 0.9
    assert proven[5] == 1
    assert attacked[2] < 0.1


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_others_have_measured_is_told_as_they_have(language: str) -> None:
    told_as_known("attack", language)


def beside(kind: Any, run: Run) -> Any:
    """The result of a run beside the page's own: what ships, or a seed's."""
    if run.seed is not None:
        return anew_beside(kind, run.seed)
    found = store.Store(str(store.SHIPPED)).get(kind())
    assert found is not None, f"{kind()!r} is not shipped; run `make results`"
    return found


@cache
def anew_beside(kind: Any, seed: int) -> Any:
    return last(kind(seed=seed))
