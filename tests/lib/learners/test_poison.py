"""Networks of several sets of lessons at once, and what is done to them afterwards."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

from lib.learners import poison
from lib.learners.ensemble import Checkpoint
from lib.learners.poison import Taught, Teaching
from lib.tasks.poison import PoisonedDigits

RNG = np.random.default_rng
TASK = PoisonedDigits()
ROWS = TASK.training_sample(200, RNG(0))
SETS = [TASK.lessons(at, ROWS, RNG(1)) for at in (0.0, 10.0)]
PICTURES, LABELS = np.stack([one.pictures for one in SETS]), np.stack([one.labels for one in SETS])
SHOWN = TASK.pictures(TASK.test)


@cache
def taught(first: int = 0, end: int = 2, seeds: int = 2) -> Taught:
    *_, (_, network) = Teaching(width=8, steps=60).fit(PICTURES[first:end], LABELS[first:end], seeds, RNG(2))
    return network


def test_every_set_has_a_network_for_each_seed() -> None:
    assert taught()(SHOWN).shape == (2, 2, 539, 10)
    assert taught().parameters == 64 * 8 + 8 + 8 * 10 + 10


def test_a_network_is_what_it_would_be_alone() -> None:
    """Of the same seed: the same beginning and the same order, whatever the other sets and seeds are."""
    both = taught()(SHOWN)
    assert both[1:] == pytest.approx(taught(1, 2)(SHOWN), abs=1e-4)
    assert both[:, :1] == pytest.approx(taught(seeds=1)(SHOWN), abs=1e-4)
    assert np.abs(both[0] - both[1]).max() > 0.1  # else nothing would have been seen


def test_the_same_lessons_make_the_same_networks() -> None:
    *_, (_, network) = Teaching(width=8, steps=60).fit(PICTURES[[0, 0]], LABELS[[0, 0]], 2, RNG(2))
    told = network(SHOWN)
    assert told[0] == pytest.approx(told[1], abs=1e-5)


def test_a_part_is_the_networks_of_some_sets() -> None:
    assert (taught().part(1, 2)(SHOWN) == taught()(SHOWN)[1:]).all()


def test_activations_are_what_the_last_layer_gets() -> None:
    network = taught()
    seen = network.activations(1, SHOWN)
    assert seen.shape == (2, 539, 8)
    assert (seen >= 0).all()
    matrix, bias = (weight[2:].numpy() for weight in network.weights[2:])
    assert seen @ matrix + bias == pytest.approx(network(SHOWN)[1], abs=1e-4)


def test_tuning_goes_on_from_what_was_learned_and_leaves_that_alone() -> None:
    network, before = taught(), taught()(SHOWN)
    assert (network.tuned(PICTURES[0], LABELS[0], RNG(3), epochs=0)(SHOWN) == before).all()
    tuned = network.tuned(PICTURES[0], LABELS[0], RNG(3), epochs=20)
    assert (network(SHOWN) == before).all()
    right = lambda one: (one(PICTURES[0]).argmax(-1) == LABELS[0]).mean()  # noqa: E731
    assert right(tuned) > right(network)


def test_pruning_takes_units_at_rest_as_long_as_enough_is_read() -> None:
    network, before = taught(), taught()(SHOWN)
    x, y = PICTURES[0], LABELS[0]
    right = lambda one: (one(x).argmax(-1) == y).mean(-1)  # noqa: E731
    assert (network(SHOWN) == before).all()
    gone = []
    for allowed in (0.0, 0.04, 0.3):
        pruned = network.pruned(x, y, allowed)
        assert (right(pruned) >= right(network) - allowed - 1e-6).all()
        gone.append(int((pruned.weights[2] == 0).all(-1).sum()))
        active = np.concatenate([network.activations(at, x) for at in range(2)]).mean(1)
        out = (pruned.weights[2] == 0).all(-1).numpy()
        assert all(one[lost].max(initial=0) <= one[~lost].min() for one, lost in zip(active, out, strict=True))
    assert gone == sorted(gone)
    assert gone[-1] > gone[0]
    assert (network(SHOWN) == before).all()


def test_pruning_leaves_a_unit() -> None:
    pruned = taught().pruned(PICTURES[0], LABELS[0], allowed=1.0)
    assert ((pruned.weights[2] == 0).all(-1).sum(-1) == 7).all()


def test_tuning_keeps_no_checkpoint_but_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty of 72 networks would be more than a small worker has."""
    known: list[Any] = []

    def checkpoints(*_: Any, start: Any, **__: Any) -> Iterator[Checkpoint]:
        for step in range(9):
            kept = [weight.clone() for weight in start]
            known.append(weakref.ref(kept[0]))
            yield Checkpoint(step, (0.0,), kept)
            del kept
            assert sum(one() is not None for one in known) <= 2

    monkeypatch.setattr(poison, "train", checkpoints)
    taught().tuned(PICTURES[0], LABELS[0], RNG(0))
    assert len(known) == 9
