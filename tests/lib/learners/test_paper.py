"""Layers as simple moves: carried out one after the other they are the network, and they are simple."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from lib.compare import training_rng
from lib.learners.paper.decomposition import (
    Move,
    hidden_states,
    inverted,
    moves,
    partial_rotation,
    rotation_frames,
    split,
)
from lib.learners.paper.flattener import PointClassifier, TrainedPointClassifier
from lib.tasks.paper.sheet import Sheet

CASES = [
    ("disc-in-ring", {"width": 1, "depth": 3}),
    ("disc-in-ring", {"width": 2, "depth": 6, "activation": "tanh"}),
    ("moons", {"width": 3, "depth": 2, "activation": "relu"}),
    ("sheet", {"width": 16, "depth": 1, "activation": "gelu"}),
    ("sheet", {"width": 2, "depth": 3, "residual": True}),
    ("spirals", {"width": 8, "depth": 5, "activation": "relu", "residual": True}),
    ("floor", {"width": 4, "depth": 2, "activation": "gelu", "residual": True, "labels": 12}),
    ("digits", {"width": 16, "depth": 2, "labels": 10, "activation": "relu"}),
    ("digits", {"width": 5, "depth": 2, "labels": 10, "residual": True}),
    ("disc-in-ring", {"width": 2, "depth": 0}),
]


def trained(shape: str, seeds: int = 2, steps: int = 60, **how: object) -> tuple[TrainedPointClassifier, np.ndarray]:
    """A network that has learned a little, and points of its sheet and off it."""
    task = Sheet(shape)
    learner = PointClassifier(steps=steps, examples=200, **how)  # type: ignore[arg-type]
    *_, last = learner.fit(task, seeds, training_rng(0))
    assert isinstance(last.network, TrainedPointClassifier)
    rng = np.random.default_rng(1)
    return last.network, np.concatenate([task.training_sample(40, rng), task.sample(3.0, 40, rng)])


def passed(module: nn.Module, x: np.ndarray) -> list[np.ndarray]:
    """The points and what comes out of each hidden layer and the last, by torch's own layers in double precision."""
    told: list[np.ndarray] = []
    at = torch.tensor(x)
    parts = list(module.double().children())
    with torch.no_grad():
        for index, part in enumerate(parts):
            at = part(at.clone())
            bends_next = (
                index + 1 < len(parts)
                and not isinstance(parts[index + 1], nn.Linear)
                and "ResidualBlock" not in str(type(parts[index + 1]))
            )
            if not isinstance(part, nn.Flatten | nn.ZeroPad1d) and not (isinstance(part, nn.Linear) and bends_next):
                told.append(at.numpy().copy())
    return told


@pytest.mark.parametrize(("shape", "how"), CASES)
def test_the_moves_together_are_the_networks_own_forward_pass_at_every_layer_boundary(
    shape: str, how: dict[str, object]
) -> None:
    network, x = trained(shape, **how)
    for seed in range(2):
        told = list(moves(x, network.layers(seed)))
        ends = [move.states[-1] for move, after in pairwise([*told, None]) if not after or after.layer != move.layer]
        truth = passed(network.module(seed), x)
        assert len(ends) == len(truth) == len(network.layers(seed))
        for ours, theirs in zip(ends, truth, strict=True):
            assert abs(ours[:, : theirs.shape[1]] - theirs).max() < 1e-6 * max(1, abs(theirs).max())
            assert not ours[:, theirs.shape[1] :].any()


@pytest.mark.parametrize(("shape", "how"), CASES)
def test_the_boundaries_are_those_of_the_moves_and_the_last_one_answers(shape: str, how: dict[str, object]) -> None:
    network, x = trained(shape, **how)
    told = hidden_states(x, network.layers(1))
    last = list(moves(x, network.layers(1)))[-1].states[-1]
    assert last[:, : told[-1].shape[1]] == pytest.approx(told[-1], abs=1e-9)
    assert (told[-1].argmax(1) == network(x)[1]).mean() > 0.98  # in single precision a tie may fall the other way


@pytest.mark.parametrize(("shape", "how"), CASES)
def test_each_move_begins_where_the_one_before_ended_and_turns_keep_all_lengths(
    shape: str, how: dict[str, object]
) -> None:
    network, x = trained(shape, **how)
    told = list(moves(x, network.layers(0)))
    for before, after in pairwise(told):
        assert np.array_equal(before.states[-1], after.states[0])
    for move in told:
        if move.kind in ("turn", "turn_again"):
            lengths = np.linalg.norm(move.states, axis=2)
            assert np.ptp(lengths, axis=0).max() < 1e-9 * max(1.0, lengths.max())


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (3, 3), (7, 7), (2, 3), (3, 2), (64, 16), (1, 4)])
@pytest.mark.parametrize("seed", range(6))
def test_a_matrix_is_two_rotations_and_a_stretch_that_keeps_the_sign_of_its_determinant(
    size: tuple[int, int], seed: int
) -> None:
    matrix = np.random.default_rng(seed).standard_normal(size)
    first, scales, last = split(matrix)
    middle = np.zeros(size)
    np.fill_diagonal(middle, scales)
    assert first @ middle @ last == pytest.approx(matrix, abs=1e-12)
    for rotation in (first, last):
        assert rotation @ rotation.T == pytest.approx(np.eye(len(rotation)), abs=1e-12)
        assert np.linalg.det(rotation) == pytest.approx(1)
    if size[0] == size[1]:
        assert np.sign(scales.prod()) == np.sign(np.linalg.det(matrix))
        assert (scales[:-1] > 0).all()


def test_both_signs_of_a_determinant_occur() -> None:
    told = [split(np.random.default_rng(seed).standard_normal((2, 2)))[1].prod() for seed in range(20)]
    assert min(told) < 0 < max(told)


@pytest.mark.parametrize(
    "rotation",
    [
        np.eye(3),
        -np.eye(2),
        -np.eye(4),
        np.diag([1.0, -1.0, -1.0]),
        np.diag([-1.0, 1.0, -1.0, -1.0, -1.0]),
        np.kron(np.eye(2), [[0.0, 1.0], [-1.0, 0.0]]),
        *(split(np.random.default_rng(seed).standard_normal((n, n)))[0] for seed in range(4) for n in (2, 3, 16, 64)),
    ],
)
def test_part_of_a_rotation_is_a_rotation_and_all_of_it_is_the_whole(rotation: np.ndarray) -> None:
    part = partial_rotation(rotation)
    assert part(0) == pytest.approx(np.eye(len(rotation)), abs=1e-9)
    assert part(1) == pytest.approx(rotation, abs=1e-9)
    assert part(0.3) @ part(0.3).T == pytest.approx(np.eye(len(rotation)), abs=1e-9)
    assert part(0.3) @ part(0.7) == pytest.approx(rotation, abs=1e-9)


def test_a_turn_is_shown_in_steps_of_thirty_degrees_at_most() -> None:
    angle = 1.5
    rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    frames = rotation_frames(np.array([[1.0, 0.0]]), rotation, 6)[:, 0]
    turned = np.arctan2(frames[:, 1], frames[:, 0])
    assert np.diff(turned) == pytest.approx([angle / 3] * 3)
    assert len(rotation_frames(np.array([[1.0, 0.0]]), rotation, 2)) == 3


@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu"])
def test_residual_layers_can_be_run_backwards(activation: str) -> None:
    network, x = trained("sheet", width=3, depth=6, residual=True, activation=activation, steps=400)
    layers = network.layers(0)
    there = hidden_states(x, layers)[-2]
    assert inverted(there, layers[:-1]) == pytest.approx(x, abs=1e-9)
    assert abs(there - x).max() > 0.1  # the paper did move


def test_moves_know_their_layers_and_their_order() -> None:
    network, x = trained("moons", width=2, depth=1)
    told: list[Move] = list(moves(x, network.layers(0)))
    kinds = ["turn", "stretch", "turn_again", "shift", "bend", "turn", "stretch", "turn_again", "shift"]
    assert [one.kind for one in told] == kinds
    assert [one.layer for one in told] == [0] * 5 + [1] * 4
