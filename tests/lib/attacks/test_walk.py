"""A walk can be watched, and keeps within its budget at every step."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.attacks.gradient import FGSM, PGD
from lib.attacks.harness import run_attack
from lib.attacks.walk import Walk, look, stride, together
from tests.bench.bench_attacks import digits
from tests.lib.attacks.networks import fixed

torch.set_num_threads(1)


@given(st.sampled_from([0.0, 0.01, 0.1, 0.5]), st.integers(1, 12), st.integers(0, 15), st.booleans())
@settings(max_examples=8, deadline=None)
def test_every_step_is_within_the_budget_and_told_as_it_is(eps: float, steps: int, last: int, targeted: bool) -> None:
    net, (x, y) = fixed("cnn"), digits()
    x, y = x[:5], y[:5]
    told = list(Walk(eps, targeted, steps)(net, x, y, last))
    assert [one.number for one in told] == list(range(last + 1))
    assert torch.equal(told[0].pictures, x)
    for one in told:
        assert (one.pictures - x).abs().max() <= eps + 1e-6
        assert one.pictures.min() >= 0
        assert one.pictures.max() <= 1
        assert torch.allclose(one.logits, net(one.pictures), atol=1e-5)
        assert (one.way is None) == (one.number == last)
        assert not one.pictures.requires_grad


def test_one_step_is_the_fast_gradient_sign_method() -> None:
    net, (x, y) = fixed("cnn"), digits()
    *_, last = Walk(0.1, steps=1)(net, x, y)
    fell = (last.logits.argmax(1) != y) | (net(x).argmax(1) != y)
    assert torch.equal(fell, run_attack(FGSM(0.1), net, x, y, key=0).success)


def test_many_steps_are_nearly_as_strong_as_the_strongest_attack() -> None:
    net, (x, y) = fixed("cnn"), digits()
    x, y = x[:200], y[:200]
    *_, last = Walk(0.1, steps=10)(net, x, y)
    mine = (last.logits.argmax(1) != y).float().mean()
    best = run_attack(PGD(0.1, steps=10), net, x, y, key=0).success.float().mean()
    assert best - 0.1 < mine <= best


def test_a_target_is_approached() -> None:
    net, (x, _) = fixed("cnn"), digits()
    x, aim = x[:100], torch.full((100,), 3)
    told = [one.logits.softmax(1)[:, 3].mean() for one in Walk(0.2, True, 10)(net, x, aim)]
    assert told[-1] > told[5] > told[0]


def test_a_walk_may_begin_with_the_gradient_of_another() -> None:
    net, (x, y) = fixed("cnn"), digits()
    x, y = x[:5], y[:5]
    begin = look(net, x, y, targeted=False, number=0, further=True)
    with_it, without = (list(Walk(0.1)(net, x, y, begin=some)) for some in (begin, None))
    assert all(torch.equal(a.pictures, b.pictures) for a, b in zip(with_it, without, strict=True))


@pytest.mark.parametrize("targeted", [True, False])
def test_walks_side_by_side_go_where_each_would_alone(targeted: bool) -> None:
    net, (x, y) = fixed("cnn"), digits()
    x, y = x[:1], y[:1]
    walks = [Walk(eps, targeted, 4) for eps in (0.02, 0.1, 0.3)]
    begin = look(net, x, y, targeted, 0, True)
    alone = zip(*(list(walk(net, x, y, begin=begin))[1:] for walk in walks), strict=True)
    for steps, others in zip(together(walks, net, x, y, begin), alone, strict=True):
        for step, other in zip(steps, others, strict=True):
            assert step.number == other.number
            torch.testing.assert_close(step.pictures, other.pictures)
            torch.testing.assert_close(step.logits, other.logits)
            assert (step.way is None) == (other.way is None)


def test_how_long_a_step_is() -> None:
    assert [stride(1.0, steps) for steps in (1, 2, 5, 10, 20, 100)] == [1.0, 1.0, 0.5, 0.25, 0.125, 0.1]


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="steps: got 0"):
        Walk(0.1, steps=0)
    with pytest.raises(ValueError, match="eps: got -1"):
        Walk(-1)
    net, (x, _) = fixed("cnn"), digits()
    with pytest.raises(ValueError, match="labels: got 10"):
        next(Walk(0.1)(net, x, torch.full((len(x),), 10)))


def test_a_walk_of_a_pace_of_its_own_takes_steps_of_that_length() -> None:
    net, (x, y) = fixed("cnn"), digits()
    x, y = x[:5], y[:5]
    first, second, *_ = Walk(1.0, True, 9, 0.03)(net, x, y)
    assert first.way is not None
    assert torch.equal(second.pictures, (x + 0.03 * first.way).clamp(0, 1))
    with pytest.raises(ValueError, match="pace"):
        Walk(1.0, pace=0.0)
