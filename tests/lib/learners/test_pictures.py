"""Classifiers of pictures: on the real digits, and where that is enough, on stripes that lie or stand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import torch

from lib.core import Axis, DivergedError, Snapshot
from lib.learners.pictures.classifier import Classifier, Shape
from lib.learners.pictures.hardening import adversarial_batch
from lib.learners.pictures.neighbours import NearestPicture
from lib.tasks.digits import Digits

AXIS = Axis("ε", "", (0, 0), (0, 1))
SHAPES: tuple[Shape, ...] = ("cnn", "mlp", "linear")


@dataclass(frozen=True)
class Stripes:
    """Questions are pictures (n, 1, 6, 4): a row of ink (label 0) or a column of it (label 1), under noise."""

    axis: Axis = AXIS

    def sample(self, at: float, n: int, rng: np.random.Generator) -> np.ndarray:  # noqa: ARG002
        return self.training_sample(n, rng)

    def training_sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        pictures = rng.uniform(0, 0.5, (n, 1, 6, 4)).astype(np.float32)
        for picture in pictures[::2, 0]:
            picture[rng.integers(6)] = 1
        for picture in pictures[1::2, 0]:
            picture[:, rng.integers(4)] = 1
        return rng.permutation(pictures)

    def truth(self, x: np.ndarray) -> np.ndarray:
        return (x[:, 0] == 1).all(axis=1).any(axis=1).astype(int)

    def error(self, answer: np.ndarray, y: np.ndarray) -> np.ndarray:
        return (answer != y).astype(float)


TASK, DIGITS = Stripes(), Digits()
QUICK = Classifier(width=16, examples=100, steps=40, labels=2)
ASKED = TASK.training_sample(30, np.random.default_rng(99))


def fit(learner: Classifier | NearestPicture, seeds: int = 3, state: int = 0) -> list[Snapshot]:
    task = DIGITS if learner.features == DIGITS.pictures else TASK
    return list(learner.fit(task, seeds, np.random.default_rng(state)))


def trained(learner: Classifier | NearestPicture, seeds: int = 3, state: int = 0) -> Any:
    """What the last snapshot holds; any network of ours can do more than core.Network promises."""
    return fit(learner, seeds, state)[-1].network


def right(learner: Classifier | NearestPicture, seeds: int = 3) -> float:
    """The median seed's share of the test digits."""
    told = trained(replace(learner, features=DIGITS.pictures), seeds)(DIGITS.test).argmax(axis=-1)
    return float(np.median((told == DIGITS.truth(DIGITS.test)).mean(axis=1)))


@pytest.mark.parametrize("shape", SHAPES)
def test_same_settings_and_state_give_the_same_bits_and_seeds_differ(shape: Shape) -> None:
    learner = replace(QUICK, network=shape)
    told, again, other = (trained(learner, state=state)(ASKED) for state in (0, 0, 1))
    assert told.shape == (3, 30, 2)
    assert np.array_equal(told, again)
    assert not np.allclose(told, other)
    assert not np.allclose(told[0], told[1])


@pytest.mark.parametrize("shape", SHAPES)
def test_a_seed_does_not_depend_on_how_many_there_are(shape: Shape) -> None:
    one, two, five = (trained(replace(QUICK, network=shape), seeds)(ASKED) for seeds in (1, 2, 5))
    assert np.allclose(two, five[:2], rtol=0, atol=1e-4)  # convolutions are cut up differently, and so round
    assert np.allclose(one, five[:1], rtol=0, atol=1e-4)


@pytest.mark.parametrize("shape", SHAPES)
def test_module_equals_network(shape: Shape) -> None:
    network = trained(replace(QUICK, network=shape))
    for seed in range(3):
        module = network.module(seed)
        assert not module.training
        assert np.allclose(module(torch.as_tensor(ASKED)).detach().numpy(), network(ASKED)[seed], rtol=0, atol=1e-5)
        assert network.parameters == sum(one.numel() for one in module.parameters())


def test_parameters_count_filters_and_biases() -> None:
    assert trained(replace(QUICK, steps=0)).parameters == (4 * 9 + 4) + (8 * 4 * 9 + 8) + (8 * 3 * 2 * 2 + 2)
    assert trained(replace(QUICK, steps=0, network="linear")).parameters == 24 * 2 + 2


def test_a_snapshot_stays_as_it_was() -> None:
    training = QUICK.fit(TASK, 2, np.random.default_rng(0))
    early = next(training)
    told = early.network(ASKED)
    last = list(training)[-1]
    assert np.array_equal(early.network(ASKED), told)
    assert max(last.loss) < min(early.loss)


def test_divergence_names_its_knob() -> None:
    with pytest.raises(DivergedError, match="lower 'learning_rate'"):
        fit(replace(QUICK, learning_rate=1e30))


def test_what_is_no_picture_and_what_is_no_network_is_refused() -> None:
    with pytest.raises(ValueError, match=r"features: got shape \(100,\), give .* task.pictures"):
        list(QUICK.fit(DIGITS, 2, np.random.default_rng(0)))
    with pytest.raises(ValueError, match="network: got 'gpt', choose one of cnn, mlp, linear"):
        Classifier("gpt")  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("learner", "least"),
    [
        (Classifier("cnn", steps=300), 0.97),
        (Classifier("mlp", width=128, steps=600, learning_rate=0.02), 0.955),
        (Classifier("linear", steps=600, learning_rate=0.05), 0.945),
        (NearestPicture(), 0.97),
    ],
)
def test_digits_are_learned(learner: Classifier | NearestPicture, least: float) -> None:
    assert right(learner) > least


def test_too_few_steps_are_too_few() -> None:
    assert right(Classifier("cnn", steps=10)) < 0.9


def test_attacked_pictures_stay_near_and_hurt() -> None:
    network = trained(Classifier("mlp", steps=200, learning_rate=0.02, features=DIGITS.pictures))
    rows = DIGITS.test[:100]
    x = torch.as_tensor(DIGITS.pictures(rows)).expand(3, -1, -1, -1, -1)
    y = torch.eye(10)[torch.as_tensor(DIGITS.truth(rows))].expand(3, -1, -1)
    streams = [torch.Generator().manual_seed(seed) for seed in range(3)]
    moved = adversarial_batch(network.net, 0.15, network.weights, x, y, streams)
    assert (moved - x).abs().max() <= 0.15 + 1e-6
    assert moved.min() >= 0
    assert moved.max() <= 1
    before, after = ((network.net(network.weights, p).argmax(-1) == y.argmax(-1)).float().mean() for p in (x, moved))
    assert before > 0.9
    assert after < 0.4


def test_adversarial_training_buys_robustness() -> None:
    rows = DIGITS.test
    x = torch.as_tensor(DIGITS.pictures(rows)).expand(2, -1, -1, -1, -1)
    y = torch.eye(10)[torch.as_tensor(DIGITS.truth(rows))].expand(2, -1, -1)
    held = []
    for radius in (0.0, 0.15):
        learner = Classifier("mlp", steps=400, learning_rate=0.02, adversarial=radius, features=DIGITS.pictures)
        network = trained(learner, seeds=2)
        streams = [torch.Generator().manual_seed(seed) for seed in range(2)]
        moved = adversarial_batch(network.net, 0.15, network.weights, x, y, streams, strides=10)
        held.append(float((network.net(network.weights, moved).argmax(-1) == y.argmax(-1)).float().mean()))
    assert held[0] < 0.3
    assert held[1] > 0.5


def test_the_nearest_picture_is_the_same_for_every_seed_and_counts_its_pixels() -> None:
    (snapshot,) = fit(NearestPicture(examples=40, labels=2), seeds=4)
    told = snapshot.network(ASKED)
    assert told.shape == (4, 30, 2)
    assert (told.sum(axis=-1) == 1).all()
    assert (told == told[0]).all()
    assert snapshot.network.parameters == 40 * 24 + 40
    kept = TASK.training_sample(40, np.random.default_rng(0))
    assert np.array_equal(snapshot.network(kept)[0].argmax(axis=-1), TASK.truth(kept))
