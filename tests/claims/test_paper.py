"""What the texts of Paper ball print as known."""

from __future__ import annotations

import numpy as np
import pytest

from lib.compare import training_rng
from lib.core import lines_of_code
from lib.labs.paper import unfolding
from lib.labs.paper.lab import Bent, Paper
from lib.tasks.paper.drawn import CLASSES, LEAST, FaultyPointsError, parse
from lib.tasks.paper.sheet import SHAPES, Sheet
from tests.claims import Run, anew, error, over, ships
from tests.claims.conftest import Figures


def accuracies(preset: str, seed: int) -> list[float]:
    """Of the networks of one seed, trained here without all the rest of a run."""
    lab = Paper(seed=seed, **Paper.presets[preset])
    *_, trained = lab.learns().fit(lab.asks(), lab.seeds, training_rng(seed))
    points = lab.judged()
    return (trained.network(points) == lab.asks().truth(points)).mean(axis=1).tolist()


def of_25(preset: str) -> list[float]:
    """Of all 25 networks of five runs."""
    told = [one for seed in range(5) for one in accuracies(preset, seed)]
    assert len(told) == 25
    return told


def preset(name: str) -> Bent:
    """What ships."""
    return ships("paper", **Paper.presets[name])


@pytest.mark.claim
def test_a_shipped_film_is_of_what_the_code_computes(figures: Figures) -> None:
    again, shipped = anew("paper", 0), ships("paper")
    accuracy = max(abs(one - other) for one, other in zip(again.accuracy, shipped.accuracy, strict=True))
    curves = (
        zip(*(found.verdict.named(name).curve for found in (again, shipped)), strict=True)
        for name in ("network", "wider", "cut")
    )
    errors = max(abs(one.error - other.error) for pairs in curves for one, other in pairs)
    figures(accuracies_apart=accuracy, errors_apart=errors)
    assert accuracy <= 0.01
    assert errors <= 0.05


def test_at_width_3_the_shipped_networks_part_the_disc_from_the_ring() -> None:
    assert min(preset("default").accuracy) >= 0.999


@pytest.mark.claim
def test_at_width_3_all_networks_part_the_disc_from_the_ring(figures: Figures) -> None:
    least = min(of_25("default"))
    figures(least_accuracy=least)
    assert least >= 0.999


def test_at_width_2_tanh_never_does() -> None:
    assert max(preset("too_narrow").accuracy) < 0.99


@pytest.mark.claim
def test_at_width_2_tanh_never_does_though_some_get_most_points_right(figures: Figures) -> None:
    told = of_25("too_narrow")
    figures(least_accuracy=min(told), best_accuracy=max(told))
    assert 0.95 < max(told) < 0.99


def test_relu_parts_the_classes_in_some_seeds_and_is_stuck_in_others() -> None:
    right = preset("folding").accuracy
    assert max(right) >= 0.999
    assert min(right) < 0.9


@over([1])
def test_the_paper_ball_is_flattened_by_steps_that_can_be_undone(run: Run, figures: Figures) -> None:
    found = run("paper", **Paper.presets["ball"])
    network, cut = (found.verdict.named(name).inside for name in ("network", "cut"))
    figures(back=found.back, network=network, cut=cut)
    assert found.back < 1e-9
    assert network < cut / 2


def test_the_digits_were_hardly_tangled_and_come_apart_all_the_same() -> None:
    found = preset("digits")
    assert found.film.untangled
    assert found.film.untangled.probe[0] > 0.9
    assert found.film.untangled.probe[-1] > found.film.untangled.probe[0] + 0.03
    assert found.verdict.named("cut").inside < 0.06
    assert len(found.film.labels) == 1797


@over([1])
def test_a_jump_makes_the_network_steeper_and_steeper(run: Run, figures: Figures) -> None:
    steep = run("paper", **Paper.presets["step"]).steep[:, 1]
    figures(at_first=steep[0], early=steep[5], late=steep[25])
    assert steep[25] > 1.5 * steep[5] > 15 * steep[0]


@over([1])
def test_off_the_chessboard_the_network_has_no_idea(run: Run, figures: Figures) -> None:
    network = run("paper", **Paper.presets["parity"]).verdict.named("network")
    figures(inside=network.inside, outside=network.outside)
    assert network.inside < 0.15
    assert network.outside > 0.35


@over([1])
def test_a_misplaced_if_errs_near_the_jump_where_the_network_is_right(run: Run, figures: Figures) -> None:
    found = run("paper", **Paper.presets["misplaced"]).verdict
    program, network = (error(found, name, 0.1) for name in ("program", "network"))
    figures(program=program, network=network)
    assert program > 0.3
    assert network < 0.05
    assert error(found, "program", 0.5) == 0


@over([1])
def test_one_fold_forgotten_makes_the_program_worse_than_the_network(run: Run, figures: Figures) -> None:
    found = run("paper", **Paper.presets["forgetful"]).verdict
    program, network = found.named("program").inside, found.named("network").inside
    figures(program=program, network=network)
    assert program > 2 * network
    assert preset("ball").verdict.named("program").inside == 0


def test_crumpled_from_05_on_the_paper_stretches_to_several_times_its_length() -> None:
    side, middle, most = 201, [], []
    for crumple in (0.5, 0.7, 1.0):
        for seed in range(5):
            x = Sheet("sheet", crumple, seed=seed).lines(side).reshape(side, side, 3) * (side - 1) / 2
            slopes = np.stack([np.diff(x, axis=0)[:, :-1], np.diff(x, axis=1)[:-1]], axis=-1)
            longest = np.linalg.svd(slopes, compute_uv=False)[..., 0]
            middle.append(np.median(longest))
            most.append(longest.max())
    assert min(most) > 3
    assert min(middle) > 1.8  # nearly everywhere


def test_digits_are_1797_and_the_figures_of_them_are_of_539() -> None:
    task = Sheet("digits")
    rng = np.random.default_rng(0)
    assert len(task.shown(9999, rng)) == 1797
    assert len(task.tested(9999, rng)) == 539
    assert len(task.training_sample(9999, rng)) == 1258
    assert task.training_sample(1, rng).shape == (1, 64)


def test_figures_read_every_third_point_and_join_each_to_6_in_pieces_of_3() -> None:
    assert (unfolding.HELD, unfolding.NEIGHBOURS, unfolding.PIECE) == (3, 6, 3)


def test_the_control_is_two_numbers_wider() -> None:
    weights = lambda wide: 3 * wide + wide * (wide + 1) + 2 * (wide + 1)  # noqa: E731  # of two layers, 2 -> 2
    told = ships("paper").verdict
    assert told.named("network").price.parameters == weights(Paper().width)
    assert told.named("wider").price.parameters == weights(Paper().width + 2)


def test_the_chessboard_has_sixteen_fields() -> None:
    assert len(np.unique(np.floor(2 * Sheet("parity").training_sample(2000, np.random.default_rng(0))), axis=0)) == 16


def test_the_if_is_misplaced_by_two_tenths() -> None:
    assert Paper.presets["misplaced"]["misplaced"] == 0.2


def test_the_last_three_of_ten_sheets_are_jumps_across_a_square() -> None:
    assert SHAPES[7:] == ("step", "floor", "parity")


def test_a_drawing_has_at_least_four_points_in_up_to_four_classes() -> None:
    assert (LEAST, CLASSES) == (4, 4)
    four = "0,0,0\n0,1,0\n1,0,1\n1,1,1"
    assert len(parse(four)) == LEAST
    with pytest.raises(FaultyPointsError):
        parse(four[:-6])


def test_the_if_takes_43_lines() -> None:
    assert lines_of_code(Paper().program()) == 43
