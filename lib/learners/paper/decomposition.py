"""A network as a chain of simple continuous moves: each layer turned, stretched, turned, shifted, and bent.

A matrix is a rotation, a stretch along the axes, and another rotation (singular value decomposition). Both rotations
are chosen without a reflection, so that they can be carried out as a movement; where the matrix turns the paper over,
its determinant being below 0, one stretch is negative and carries the paper through flatness to its other side. A
residual layer is one move by itself: every point is pushed along a straight line.

All states are rows of `room` numbers, as many as the widest layer has; a narrower one fills up with zeros.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

Activation = Callable[[np.ndarray], np.ndarray]
Kind = Literal["turn", "stretch", "turn_again", "shift", "bend", "push"]
FAR = np.pi / 6  # the most that a rotation turns from one frame to the next
SAME = 1e-6  # eigenvalues closer than that are one


@dataclass(frozen=True, eq=False)
class Layer:
    """x -> act(x matrix + bias), or x + residual_scale · act(x matrix + bias); without an activation it is affine.

    matrix: (inputs, outputs); bias: (outputs,).
    """

    matrix: np.ndarray
    bias: np.ndarray
    activation: Activation | None = None
    residual_scale: float | None = None

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Points (n, inputs) -> (n, outputs)."""
        moved = x @ self.matrix + self.bias
        bent = self.activation(moved) if self.activation else moved
        return bent if self.residual_scale is None else x + self.residual_scale * bent


@dataclass(frozen=True, eq=False)
class Move:
    """One simple move of a layer: states (frames, n, room) from where it begins to where it ends, both included."""

    layer: int
    kind: Kind
    states: np.ndarray


def room(inputs: int, layers: Sequence[Layer]) -> int:
    """How many numbers the widest state has."""
    return max(inputs, *(max(one.matrix.shape) for one in layers))


def padded(x: np.ndarray, wide: int) -> np.ndarray:
    return np.pad(x, ((0, 0), (0, wide - x.shape[1])))


def hidden_states(x: np.ndarray, layers: Sequence[Layer]) -> list[np.ndarray]:
    """The states at all layer boundaries, from points (n, d) to the last layer's outputs, each as wide as it is."""
    told = [x]
    for one in layers:
        told.append(one(padded(told[-1], one.matrix.shape[0])))
    return told


def moves(x: np.ndarray, layers: Sequence[Layer], turns: int = 6) -> Iterator[Move]:
    """Carry points (n, d) through all layers, one simple move after the other; each begins where the last one ended.

    turns: frames of a rotation at most, besides its first. All other moves are straight lines: two frames say all.
    """
    state = padded(x, room(x.shape[1], layers))
    for index, layer in enumerate(layers):
        for kind, frames in _pushed(state, layer) if layer.residual_scale is not None else _mapped(state, layer, turns):
            yield Move(index, kind, frames)
            state = frames[-1]


def _pushed(state: np.ndarray, layer: Layer) -> Iterator[tuple[Kind, np.ndarray]]:
    after = padded(layer(state[:, : layer.matrix.shape[0]]), state.shape[1])
    yield "push", np.stack([state, after])


def _mapped(state: np.ndarray, layer: Layer, turns: int) -> Iterator[tuple[Kind, np.ndarray]]:
    first, scales, last = split(layer.matrix)
    turned = rotation_frames(state, first, turns)
    yield "turn", turned
    stretched = np.zeros_like(state)
    stretched[:, : len(scales)] = turned[-1][:, : len(scales)] * scales
    yield "stretch", np.stack([turned[-1], stretched])
    again = rotation_frames(stretched, last, turns)
    yield "turn_again", again
    outputs = len(layer.bias)
    shifted = again[-1].copy()
    shifted[:, :outputs] += layer.bias
    yield "shift", np.stack([again[-1], shifted])
    if layer.activation:
        yield "bend", np.stack([shifted, padded(layer.activation(shifted[:, :outputs]), state.shape[1])])


def split(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """matrix (n, m) = rotation (n, n) · stretches (min(n, m),) · rotation (m, m), both of determinant +1.

    Of a square matrix the last stretch has the sign of its determinant. Where a sign is free, the first rotation turns
    as little as it can.
    """
    first, scales, last = np.linalg.svd(matrix)
    ranks = len(scales)
    flips = np.where(np.diag(first)[:ranks] < 0, -1.0, 1.0)
    first[:, :ranks] *= flips
    last[:ranks] *= flips[:, None]
    for which, rotation in (("first", first), ("last", last)):
        if np.linalg.det(rotation) < 0:
            line = rotation[:, -1] if which == "first" else rotation[-1]
            line *= -1
            if len(rotation) == ranks:
                scales[-1] *= -1
    return first, scales, last


def rotation_frames(state: np.ndarray, rotation: np.ndarray, most: int) -> np.ndarray:
    """Points (n, room) while a rotation is carried out on their first numbers, at an even pace: (frames, n, room)."""
    size = len(rotation)
    part = partial_rotation(rotation)
    frames = int(np.clip(np.ceil(part.farthest / FAR), 1, most))
    told = np.repeat(state[None], frames + 1, axis=0)
    for frame in range(1, frames):
        told[frame, :, :size] = state[:, :size] @ part(frame / frames)
    told[-1, :, :size] = state[:, :size] @ rotation
    return told


@dataclass(frozen=True, eq=False)
class PartialRotation:
    """A rotation, carried out to a share of the way: in each of its planes by that share of the angle.

    planes: (n, n) complex eigenvectors in columns; angles: (n,) [rad], in pairs of opposite sign.
    """

    planes: np.ndarray
    angles: np.ndarray

    @property
    def farthest(self) -> float:
        """The largest angle [rad]."""
        return float(abs(self.angles).max())

    def __call__(self, share: float) -> np.ndarray:
        return np.real((self.planes * np.exp(1j * share * self.angles)) @ self.planes.conj().T)


def partial_rotation(rotation: np.ndarray) -> PartialRotation:
    """The planes and angles of a rotation (n, n) of determinant +1.

    Its symmetric and skew parts commute, so one hermitian matrix made of both has its eigenvectors. A half turn's are
    real and have no direction yet: they are paired to planes, and pairs they are, since the determinant is 1.
    """
    even, odd = (rotation + rotation.T) / 2, (rotation - rotation.T) / 2
    _, planes = np.linalg.eigh(even + 0.73j * odd)
    turned = np.einsum("ij,ik,kj->j", planes.conj(), rotation, planes)
    angles = np.angle(turned)
    half = np.flatnonzero(np.pi - abs(angles) < SAME)
    if len(half):
        basis = np.linalg.eigh(even)[1][:, : len(half)]  # ascending: the eigenvalues -1 come first
        pairs = basis[:, : len(half) // 2 * 2].reshape(len(rotation), -1, 2)
        planes[:, half[: pairs.shape[1]]] = (pairs[..., 0] + 1j * pairs[..., 1]) / np.sqrt(2)
        planes[:, half[pairs.shape[1] : 2 * pairs.shape[1]]] = (pairs[..., 0] - 1j * pairs[..., 1]) / np.sqrt(2)
        angles[half] = np.pi
        angles[half[pairs.shape[1] :]] = -np.pi
    return PartialRotation(planes, angles)


def inverted(x: np.ndarray, layers: Sequence[Layer], rounds: int = 400) -> np.ndarray:
    """Where points (n, width) behind residual layers came from, found by fixed-point iteration, layer by layer.

    x -> y - residual_scale · activation(x matrix + bias) comes closer to it by a tenth each round, for layers of
    lib.learners.paper.residual.
    """
    for layer in reversed(layers):
        assert layer.residual_scale is not None
        guess = x
        for _ in range(rounds):
            guess = x - (layer(guess) - guess)
        x = guess
    return x
