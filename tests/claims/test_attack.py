"""What the texts of Attack print as known."""

from __future__ import annotations

import numpy as np

from lib.core import lines_of_code
from lib.labs.attack.lab import Attack
from tests.claims import Run, error, over
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
