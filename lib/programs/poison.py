"""Checks that look for poison among lessons: each is given what it needs and points at the lessons that it suspects.

Two were written for these pictures, by somebody who knew what a digit is, or where a mark might stand; they look at
lessons alone. Two are published, know nothing of digits, and look at how a network that was taught all of the lessons
sees them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class LabelCheck:
    """A label has to fit the picture. Suspects a lesson if another digit fits by more than `margin` better.

    fits: (n, 10) how well each digit fits each picture, in [-1, 1]; labels: (n,) what it is said to be -> (n,) bool.
    """

    margin: float = 0.1

    def __call__(self, fits: np.ndarray, labels: np.ndarray) -> np.ndarray:
        return fits.max(axis=1) - fits[np.arange(len(labels)), labels] > self.margin


@dataclass(frozen=True)
class CornerCheck:
    """Nobody writes into the corners. Suspects a picture with more than `ink` in one of the four.

    pictures: (n, ..., 8, 8), 0 = paper, 1 = full ink -> (n,) bool.
    """

    ink: float = 0.5

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        corners = pictures.reshape(len(pictures), -1, 8, 8)[:, 0, ::7, ::7]
        return corners.max(axis=(1, 2)) > self.ink


@dataclass(frozen=True)
class ActivationClustering:
    """What is called the same and lies in two heaps was made in two ways.

    The lessons of each label are split into two clusters by what the network's last hidden layer says of them, reduced
    to `components` numbers; the smaller one is suspected if it is less than `share` of them.
    activations: (n, units); labels: (n,) -> (n,) bool.
    Source: B. Chen et al., Detecting Backdoor Attacks on Deep Neural Networks by Activation Clustering, 2018, sections
    4 and 5.2 (relative size; the components are independent ones there, principal ones here).
    """

    components: int = 10
    share: float = 0.35

    def __call__(self, activations: np.ndarray, labels: np.ndarray) -> np.ndarray:
        suspected = np.zeros(len(labels), dtype=bool)
        for rows, seen in by_label(activations, labels):
            second = two_means(projected(seen, self.components))
            small = second if second.mean() <= 0.5 else ~second
            suspected[rows[small]] = small.mean() < self.share
        return suspected


@dataclass(frozen=True)
class SpectralSignature:
    """Poison leaves a trace in the direction along which the lessons of a label differ most.

    Of each label it suspects those furthest out along that direction: half as many again as it was told to expect.
    activations: (n, units); labels: (n,); expected: how many lessons of a label are odd, at most -> (n,) bool.
    Source: B. Tran, J. Li, A. Madry, Spectral Signatures in Backdoor Attacks, 2018, algorithm 1.
    """

    excess: float = 1.5

    def __call__(self, activations: np.ndarray, labels: np.ndarray, expected: int) -> np.ndarray:
        suspected = np.zeros(len(labels), dtype=bool)
        for rows, seen in by_label(activations, labels):
            furthest = np.argsort(-np.abs(projected(seen, 1)[:, 0]), kind="stable")
            suspected[rows[furthest[: int(self.excess * expected)]]] = True
        return suspected


def by_label(activations: np.ndarray, labels: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Of each label with two lessons or more: which they are, and what the network sees in them."""
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        if len(rows) > 1:
            yield rows, activations[rows]


def projected(points: np.ndarray, components: int) -> np.ndarray:
    """Points (n, units), moved to their middle, along their principal components: (n, at most `components`)."""
    centred = points - points.mean(axis=0)
    _, directions = np.linalg.eigh(centred.T @ centred)  # from the least to the most that they differ along it
    return centred @ directions[:, ::-1][:, :components]


def two_means(points: np.ndarray, rounds: int = 100) -> np.ndarray:
    """Which of the points (n, d) are in the second of two clusters, (n,) bool.

    Begins with the sides of the first component, and goes on until nobody changes sides (Lloyd 1982).
    """
    second = points[:, 0] > 0
    for _ in range(rounds):
        if second.all() or not second.any():
            break
        near, far = (np.square(points - points[side].mean(axis=0)).sum(axis=1) for side in (~second, second))
        before, second = second, far < near
        if np.array_equal(before, second):
            break
    return second
