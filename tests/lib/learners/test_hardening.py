"""Recipes that change what a classifier learns from, on the real digits and on a network that counts its passes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Tensor

from lib.learners.dense import Dense
from lib.learners.ensemble import Examples
from lib.learners.pictures.classic import ClassicClassifier
from lib.learners.pictures.classifier import Classifier, TrainedClassifier
from lib.learners.pictures.hardening import FAST, Ascent, Free, Hardening, Noisy, Replayed
from lib.tasks.digits import Digits

torch.set_num_threads(1)
DIGITS = Digits()
NET = Dense((4, 2))


def batch(seeds: int = 2, n: int = 8) -> tuple[list[Tensor], Tensor, Tensor, list[torch.Generator]]:
    streams = [torch.Generator().manual_seed(seed) for seed in range(seeds)]
    weights = [torch.stack(same) for same in zip(*map(NET.weights, streams), strict=True)]
    x = torch.rand(seeds, n, 4, generator=torch.Generator().manual_seed(9))
    return weights, x, torch.eye(2)[torch.arange(n) % 2].expand(seeds, n, 2), streams


def trained(learner: Classifier, seeds: int) -> TrainedClassifier:
    *_, last = learner.fit(DIGITS, seeds, np.random.default_rng(0))
    assert isinstance(last.network, TrainedClassifier)
    return last.network


def robust(hardening: Hardening | None, eps: float = 0.15) -> tuple[float, float]:
    """The share that a short-trained perceptron reads of the test digits untouched, and after ten steps of PGD."""
    learner = Classifier("mlp", steps=400, learning_rate=0.02, features=DIGITS.pictures, hardening=hardening)
    network = trained(learner, 2)
    rows = DIGITS.test
    x = torch.as_tensor(DIGITS.pictures(rows)).expand(2, -1, -1, -1, -1)
    y = torch.eye(10)[torch.as_tensor(DIGITS.truth(rows))].expand(2, -1, -1)
    streams = [torch.Generator().manual_seed(seed) for seed in range(2)]
    net, weights = network.net, network.weights
    moved = Ascent(eps, 10, 0.5).lessons(net)(weights, x, y, streams)
    clean, hit = ((net(weights, p).argmax(-1) == y.argmax(-1)).double().mean() for p in (x, moved))
    return float(clean), float(hit)


def test_each_recipe_buys_robustness_and_noise_less_of_it() -> None:
    plain, noisy = robust(None), robust(Noisy(0.25))
    hard = [robust(how) for how in (Ascent(0.15), Ascent(0.15, **FAST), Free(0.15))]
    assert plain[1] < 0.3
    for clean, hit in hard:
        assert clean > 0.85
        assert hit > plain[1] + 0.2
    assert min(hit for _, hit in hard) > noisy[1] > plain[1] + 0.05


@dataclass(frozen=True)
class Counting:
    """A network that counts how often it is asked."""

    asked: list[int] = field(default_factory=list)

    def weights(self, generator: torch.Generator) -> list[Tensor]:
        return NET.weights(generator)

    def __call__(self, weights: list[Tensor], x: Tensor) -> Tensor:
        self.asked.append(x.shape[1])
        return NET(weights, x)


@pytest.mark.parametrize(
    ("how", "passes"), [(Ascent(0.1), 7), (Ascent(0.1, **FAST), 1), (Free(0.1), 0), (Noisy(0.1), 0)]
)
def test_a_recipe_costs_as_many_passes_as_it_says(how: Hardening, passes: int) -> None:
    weights, x, y, streams = batch()
    net = Counting()
    how.lessons(net)(weights, x, y, streams)
    assert len(net.asked) == passes


@pytest.mark.parametrize("how", [Ascent(0.1), Ascent(0.1, **FAST)])
def test_attacked_lessons_stay_within_the_radius_and_in_the_box(how: Hardening) -> None:
    weights, x, y, streams = batch()
    told = how.lessons(NET)(weights, x, y, streams)
    assert (told - x).abs().max() <= 0.1 + 1e-6
    assert told.min() >= 0
    assert told.max() <= 1
    assert (told != x).any()


def test_the_free_push_follows_what_training_tells_it_and_stays_within_the_radius() -> None:
    weights, x, y, streams = batch()
    lessons = Free(0.1).lessons(NET)
    first = lessons(weights, x, y, streams)
    assert torch.equal(first, x)
    first.grad = torch.ones_like(x)
    second = lessons(weights, x, y, streams)
    assert torch.allclose(second, (x + 0.1).clamp(max=1))
    second.grad = torch.ones_like(x)
    assert torch.allclose(lessons(weights, x, y, streams), (x + 0.1).clamp(max=1))  # no further
    fresh = Free(0.1).lessons(NET)
    assert torch.equal(fresh(weights, x, y, streams), x)  # each training has a push of its own


def test_training_tells_the_free_push_the_gradient_of_its_pictures() -> None:
    plain = Classifier("mlp", width=8, steps=40, batch=16, examples=64, features=DIGITS.pictures)
    pushed, replayed, usual = (
        trained(replace(plain, hardening=how), 1).weights for how in (Free(0.2), Free(0.0), Free(0.0, 1))
    )
    assert not torch.equal(pushed[0], replayed[0])
    assert all(map(torch.equal, usual, trained(plain, 1).weights))  # without room it trains as usual


def test_batches_are_replayed_in_a_row() -> None:
    source = Examples(torch.arange(40.0)[:, None], torch.arange(40.0)[:, None], 4)
    streams = [torch.Generator().manual_seed(0)]
    told = [x for x, _ in Replayed(source, 3).batches(10, 20, streams)]
    assert len(told) == 10
    assert [torch.equal(a, b) for a, b in pairwise(told)] == [True, True, False] * 3
    assert all(map(torch.equal, Replayed(source, 3).monitored, source.monitored))


def test_noise_has_its_spread_and_is_each_seeds_own() -> None:
    weights, _, y, streams = batch(2, 4)
    x = torch.zeros(2, 4000, 4)
    told = Noisy(0.5).lessons(NET)(weights, x, y, streams)
    assert told.std().item() == pytest.approx(0.5, abs=0.02)
    assert not torch.equal(told[0], told[1])


@pytest.mark.parametrize(("kind", "least"), [("logistic", 0.93), ("forest", 0.95), ("neighbours", 0.96)])
def test_classic_methods_read_digits(kind: str, least: float) -> None:
    learner = ClassicClassifier(kind, 1258, features=DIGITS.pictures)  # type: ignore[arg-type]
    [snapshot] = learner.fit(DIGITS, 3, np.random.default_rng(0))
    votes = snapshot.network(DIGITS.test)
    assert votes.shape == (3, 539, 10)
    assert (votes.sum(2) == 1).all()
    assert ((votes.argmax(2) == DIGITS.truth(DIGITS.test)).mean(1) > least).all()
    assert (votes[0] != votes[1]).any() == (kind == "forest")
    assert len(snapshot.loss) == 3
    assert max(snapshot.loss) < 0.03


def test_another_method_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^kind: got 'svm', choose one of logistic, forest, neighbours"):
        ClassicClassifier("svm")  # type: ignore[arg-type]
