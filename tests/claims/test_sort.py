"""What the texts of Sort print as known."""

from __future__ import annotations

import pytest

from lib.labs.sort import BOTH, PARITY, Sort
from tests.claims import Run, anew, error, over, ships
from tests.claims.conftest import Figures


@over([1])
def test_a_transformer_that_practised_to_8_is_right_there_and_never_from_10_on(run: Run, figures: Figures) -> None:
    curve = run("sort").verdict.named("network").curve
    near, at_9 = max(p.high for p in curve if p.seen), min(p.low for p in curve if p.at >= 9)
    at_10 = min(p.low for p in curve if p.at >= 10)
    figures(to_8=near, from_9=at_9, from_10=at_10)
    assert near <= 0.08
    assert at_9 > 0.8
    assert at_10 > 0.95


@over([1])
def test_the_wired_net_holds_eight_times_as_far(run: Run, figures: Figures) -> None:
    found = run("sort").verdict
    network, given = (found.named(name) for name in ("network", "given"))
    near, far = (span[1] if (span := found.holds(one)) else 0.0 for one in (network, given))
    figures(network=near, given=far)
    assert near == 8
    assert far == 64
    assert given.price.parameters < network.price.parameters / 100


@over([1])
def test_whoever_reads_from_both_ends_is_less_exact_inside_and_fades_more_slowly(run: Run, figures: Figures) -> None:
    gru, whole = run("sort", learner="gru", **BOTH).verdict, run("sort").verdict
    inside = gru.named("network").inside, whole.named("network").inside
    at_10, at_12, whole_at_10 = error(gru, "network", 10.0), error(gru, "network", 12.0), error(whole, "network", 10.0)
    figures(inside=inside[0], transformer_inside=inside[1], at_10=at_10, at_12=at_12, transformer_at_10=whole_at_10)
    assert inside[0] > inside[1]
    assert 0.2 < at_10 < 0.6
    assert 0.55 < at_12 < 0.9
    assert whole_at_10 > 0.95


@over([1])
def test_rotary_places_make_a_slope_of_the_cliff(run: Run, figures: Figures) -> None:
    at_10, at_12 = (error(run("sort", positions="rotary").verdict, "network", at) for at in (10.0, 12.0))
    figures(at_10=at_10, at_12=at_12)
    assert at_10 < 0.6
    assert 0.5 < at_12 < 0.95


@over([1])
def test_practice_on_longer_rows_moves_the_cliff(run: Run, figures: Figures) -> None:
    found = run("sort", longest=20).verdict
    horizon, at_32 = found.named("network").horizon, error(found, "network", 32.0)
    assert horizon is not None
    figures(horizon=horizon, at_32=at_32)
    assert 14 <= horizon <= 24
    assert at_32 > 0.95


@over([1])
def test_three_numbers_in_ten_never_occur_and_the_network_fails_on_them(run: Run, figures: Figures) -> None:
    assert len(Sort(hidden=0.3).asks().shown) == 7
    found = run("sort", hidden=0.3).verdict
    figures(inside=found.named("network").inside)
    assert found.holds(found.named("network")) is None
    assert found.holds(found.named("given")) == (2.0, 64.0)


@pytest.mark.parametrize("learner", ["rnn", "gru", "lstm"])
def test_parity_holds_to_100_where_a_state_is_carried_along_in_most_seeds_or_all_five(learner: str) -> None:
    verdict = ships("sort", learner=learner, **PARITY).verdict
    found = verdict.named("network")
    assert verdict.holds(found) == (1.0, 100.0)
    assert found.curve[-1].error == pytest.approx(0.0, abs=0.02)
    if learner != "rnn":
        assert max(point.high for point in found.curve) < 0.05


def test_a_transformer_guesses_the_parity_of_long_rows() -> None:
    curve = ships("sort", **PARITY).verdict.named("network").curve
    assert all(0.3 < p.low <= p.high < 0.7 for p in curve if p.at >= 20)


@pytest.mark.claim
def test_a_shipped_run_is_what_the_code_computes(figures: Figures) -> None:
    how = {"learner": "rnn"} | PARITY
    told = (found.verdict.named("network").curve for found in (anew("sort", 0, **how), ships("sort", **how)))
    furthest = max(abs(one.error - other.error) for one, other in zip(*told, strict=True))
    figures(furthest_apart=furthest)
    assert furthest <= 0.05


@over([1])
def test_a_carry_practised_to_8_holds_to_64(run: Run, figures: Figures) -> None:
    found = run("sort", task="addition", learner="gru").verdict
    horizon = (found.holds(found.named("network")) or (0.0, 0.0))[1]
    at_12 = error(run("sort", task="addition").verdict, "network", 12.0)  # a transformer's does not
    figures(horizon=horizon, transformer_at_12=at_12)
    assert horizon == 64
    assert at_12 > 0.8


def test_an_off_by_one_is_wrong_at_every_length() -> None:
    curve = ships("sort", off_by_one=True).verdict.named("program").curve
    assert min(p.error for p in curve) > 0.3
    assert ships("sort").verdict.named("program").outside == 0


def test_the_exam_goes_to_64_or_five_times_as_far_as_practice() -> None:
    assert Sort().asks().axis.exam[-1] == 64
    assert Sort(longest=20).asks().axis.exam[-1] == 100


def test_a_guess_is_about_rows_twice_as_long() -> None:
    assert 16.0 in Sort().asks().axis.exam
    assert 40.0 in Sort(longest=20).asks().axis.exam


def test_a_step_shows_64_rows() -> None:
    assert Sort().learns().batch == 64
    assert ships("sort").verdict.named("network").price.examples == 64 * Sort().steps
