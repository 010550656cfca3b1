"""Regression: one parabola for what must hold of any learner, throws for what this house claims of them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import torch

from lib.core import Axis, DivergedError, Snapshot
from lib.learners.classic import GAUSS_LIMIT, Classic, Kind
from lib.learners.dense import ACTIVATIONS, Activation
from lib.learners.ensemble import checkpoint_steps, shuffled_batches
from lib.learners.examples import Standardizer, training_set
from lib.learners.mlp import MLP
from lib.tasks.throw import BODIES, Throws

AXIS = Axis("x", "", (-2, 2), (0, 4))
KINDS: tuple[Kind, ...] = ("neighbours", "gauss", "forest", "boosting")


@dataclass(frozen=True)
class Parabola:
    """y = 3 x² + 1, seen for x from -2 to 2; the second column of a question never changes."""

    axis: Axis = AXIS

    def sample(self, at: float, n: int, rng: np.random.Generator) -> np.ndarray:  # noqa: ARG002
        return np.tile([at, 5.0], (n, 1))

    def training_sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        return np.column_stack([rng.uniform(-2, 2, n), np.full(n, 5.0)])

    def truth(self, x: np.ndarray) -> np.ndarray:
        return 3 * x[:, 0] ** 2 + 1

    def error(self, answer: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.abs(answer - y) / y


TASK, QUICK = Parabola(), MLP(width=16, examples=200, steps=60)
ASKED = TASK.training_sample(50, np.random.default_rng(99))


def fit(learner: MLP | Classic, seeds: int = 3, state: int = 0, task: Parabola | Throws = TASK) -> list[Snapshot]:
    return list(learner.fit(task, seeds, np.random.default_rng(state)))


def trained(learner: MLP | Classic, seeds: int = 3, state: int = 0, task: Parabola | Throws = TASK) -> Any:
    """What the last snapshot holds; any network of ours can do more than core.Network promises."""
    return fit(learner, seeds, state, task)[-1].network


def answered(learner: MLP | Classic, seeds: int = 3, state: int = 0) -> np.ndarray:
    return trained(learner, seeds, state)(ASKED)


def test_same_settings_and_state_give_the_same_bits() -> None:
    assert np.array_equal(answered(QUICK), answered(QUICK))
    assert not np.allclose(answered(QUICK), answered(QUICK, state=1))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_seed_does_not_depend_on_how_many_there_are(activation: Activation) -> None:
    # Of 5 units, two seeds leave some over when sixteen at a time have been updated; five seeds leave others.
    learner = replace(QUICK, activation=activation, width=5, steps=200)
    one, two, five = (answered(learner, seeds) for seeds in (1, 2, 5))
    assert np.allclose(two, five[:2], rtol=0, atol=1e-4)  # products of other sizes may round otherwise
    assert np.allclose(one, five[:1], rtol=0, atol=1e-4)


def test_seeds_differ() -> None:
    first, second, third = answered(QUICK)
    assert not np.allclose(first, second)
    assert not np.allclose(second, third)


def test_a_snapshot_stays_as_it_was() -> None:
    training = QUICK.fit(TASK, 3, np.random.default_rng(0))
    early = [next(training), next(training)]
    told = [one.network(ASKED) for one in early]
    last = list(training)[-1]
    assert all(np.array_equal(one.network(ASKED), answer) for one, answer in zip(early, told, strict=True))
    assert not np.allclose(last.network(ASKED), told[-1])


def test_snapshots_come_evenly_from_the_untrained_network_to_the_last_step() -> None:
    steps = [one.step for one in fit(replace(QUICK, steps=200))]
    assert steps == list(range(0, 201, 8))
    assert [one.step for one in fit(replace(QUICK, steps=3))] == [0, 1, 2, 3]
    assert checkpoint_steps(0) == [0]


def test_losses_come_one_per_seed_and_fall() -> None:
    first, *_, last = fit(replace(QUICK, steps=300))
    assert len(first.loss) == 3
    assert max(last.loss) < 0.02 < 0.5 < min(first.loss)


def test_divergence_names_its_knob_and_step() -> None:
    with pytest.raises(DivergedError) as caught:
        fit(replace(QUICK, learning_rate=1e12))
    assert caught.value.knob == "learning_rate"
    assert 0 < caught.value.step <= 60


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_module_equals_network(activation: Activation) -> None:
    network = trained(replace(QUICK, activation=activation, depth=3))
    asked = torch.as_tensor(ASKED, dtype=torch.float32)
    for seed in range(3):
        told = network.module(seed)(asked).detach().numpy()[:, 0]
        assert np.allclose(told, network(ASKED)[seed], rtol=0, atol=1e-5)


def test_parameters_are_those_of_one_seed() -> None:
    network = trained(replace(QUICK, depth=2))
    assert network.parameters == (2 * 16 + 16) + (16 * 16 + 16) + (16 + 1)
    assert network.parameters == sum(one.numel() for one in network.module(0).parameters())


def line(start: float, end: float) -> np.ndarray:
    return np.column_stack([np.linspace(start, end, 21), np.full(21, 5.0)])


def bend(told: np.ndarray) -> float:
    """The largest second difference of any seed, against the largest answer."""
    return float(np.abs(np.diff(told, n=2)).max() / np.abs(told).max())


def test_relu_goes_on_in_a_straight_line_and_tanh_levels_off() -> None:
    relu, tanh = (trained(replace(QUICK, activation=name, steps=400)) for name in ("relu", "tanh"))
    assert bend(relu(line(20, 400))) < 2e-3  # over six seeds float32 and late bends leave 2e-4 at most
    assert bend(relu(line(-2, 2))) > 0.01
    assert bend(tanh(line(2, 20))) > 0.01
    rise = np.abs(relu(line(200, 400))[:, -1] - relu(line(200, 400))[:, 0])
    left = np.ptp(tanh(line(200, 400)), axis=1)
    assert left.max() < 20 < 200 < rise.min()  # over six seeds at most 3, at least 700


def test_snake_rises_by_waves() -> None:
    x = np.linspace(-3, 3, 7)
    assert np.allclose(ACTIVATIONS["snake"]()(torch.as_tensor(x)), x + np.sin(x) ** 2)


def test_features_are_all_that_is_seen() -> None:
    blind = answered(replace(QUICK, features=lambda x: x[:, 1:]))
    assert np.ptp(blind, axis=1).max() == 0
    far = TASK.sample(8, 1, np.random.default_rng(0))
    helped, plain = (
        np.median(TASK.error(trained(replace(QUICK, features=view, steps=400))(far), TASK.truth(far)))
        for view in (lambda x: x[:, :1] ** 2, lambda x: x)
    )
    assert helped < 0.2 < 0.4 < plain


def test_unknown_words_are_refused() -> None:
    with pytest.raises(ValueError, match="activation: got 'step', choose one of relu"):
        MLP(activation="step")  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match="kind: got 'oracle', choose one of neighbours"):
        Classic("oracle")  # pyright: ignore[reportArgumentType]


def test_noise_multiplies_the_truth_and_moves_no_question() -> None:
    (x, y), (same, noisy) = (training_set(TASK, 4000, noise, np.random.default_rng(0)) for noise in (0.0, 0.2))
    assert np.array_equal(x, same)
    assert np.array_equal(y, TASK.truth(x))
    assert np.std(noisy / y) == pytest.approx(0.2, rel=0.05)


def test_a_deck_is_dealt_once_before_any_card_comes_again() -> None:
    rows = shuffled_batches(12, 5, 12, torch.Generator().manual_seed(0))
    assert rows.shape == (12, 5)
    decks = rows.flatten().view(5, 12).sort(dim=1).values
    assert (decks == torch.arange(12)).all()
    assert shuffled_batches(3, 64, 2, torch.Generator()).shape == (2, 3)


def test_a_scale_goes_back_and_leaves_a_constant_alone() -> None:
    columns = np.array([[1.0, 0.1], [3.0, 0.1], [8.0, 0.1]])
    scale = Standardizer.of(columns)
    assert np.allclose(scale(columns).std(axis=0), [1, 0])
    assert np.allclose(scale.back(scale(columns)), columns)
    assert scale.spread[1] == 1


def off(network: Any, gravity: float) -> float:
    """The median seed's mean relative error of throws at this gravity."""
    task = Throws()
    x = task.sample(gravity, 500, np.random.default_rng(1))
    return float(np.median([task.error(one, task.truth(x)).mean() for one in network(x)]))


def test_the_default_network_knows_earth_and_no_moon() -> None:
    network = trained(MLP(steps=700), seeds=8, task=Throws())
    assert off(network, BODIES["Earth"]) < 0.01
    assert 0.15 < off(network, BODIES["Mars"]) < 0.35
    assert 0.5 < off(network, BODIES["Moon"]) < 0.7
    assert 0.55 < off(network, BODIES["Titan"]) < 0.75
    assert off(network, BODIES["Jupiter"]) > 0.7


def test_too_few_steps_are_too_few() -> None:
    assert off(trained(MLP(steps=50), task=Throws()), BODIES["Earth"]) > 0.03


@pytest.mark.parametrize(
    ("kind", "examples", "most"),
    [("neighbours", 2000, 0.06), ("gauss", 200, 0.002), ("forest", 2000, 0.06), ("boosting", 2000, 0.05)],
)
def test_baselines_know_earth_and_no_moon(kind: Kind, examples: int, most: float) -> None:
    network = trained(Classic(kind, examples), seeds=1, task=Throws())
    assert off(network, BODIES["Earth"]) < most
    assert off(network, BODIES["Moon"]) > 0.4


@pytest.mark.parametrize("kind", KINDS)
def test_a_baseline_is_repeatable_and_states_its_size(kind: Kind) -> None:
    learner = Classic(kind, examples=100)
    (snapshot,) = fit(learner, seeds=5)
    told = snapshot.network(ASKED)
    assert told.shape == (5, 50)
    assert len(snapshot.loss) == 5
    assert np.array_equal(told, answered(learner, seeds=5))
    assert len(np.unique(told, axis=0)) == (3 if kind == "forest" else 1)
    assert snapshot.network.parameters > 100
    assert TASK.error(told, TASK.truth(ASKED)).mean() < 0.3


def test_baselines_state_how_many_examples_they_use() -> None:
    assert [Classic(kind, examples=5000).used for kind in KINDS] == [5000, GAUSS_LIMIT, 5000, 5000]
    (snapshot,) = fit(Classic("gauss", examples=5000))
    assert snapshot.network.parameters == GAUSS_LIMIT * 3 + 3


def test_a_process_returns_to_the_mean_far_away() -> None:
    rng = np.random.default_rng(0)
    _, y = training_set(TASK, 100, 0.0, np.random.default_rng(0))
    told = trained(Classic("gauss", examples=100))(TASK.sample(1000, 1, rng))
    assert np.allclose(told, y.mean())


def test_the_nearest_neighbours_were_shown_what_the_network_was_shown() -> None:
    x, y = training_set(TASK, 100, 0.5, np.random.default_rng(4))
    (snapshot,) = fit(Classic("neighbours", examples=100, noise=0.5), state=4)
    assert np.allclose(snapshot.network(x), y)  # an example itself is its own nearest neighbour


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("examples", [10, 300])
def test_baselines_fit_without_a_warning(kind: Kind, examples: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (snapshot,) = fit(Classic(kind, examples=examples, noise=0.1), seeds=1, task=Throws(drag=0.01))
    assert np.isfinite(snapshot.network(Throws().sample(1.62, 20, np.random.default_rng(0)))).all()
