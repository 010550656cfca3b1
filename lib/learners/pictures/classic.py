"""Classifiers of pictures from before deep learning: what reads pictures that were made to deceive a network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from lib.core import Snapshot, Task
from lib.learners.examples import Features, identity
from lib.learners.pictures.neighbours import flat

Kind = Literal["logistic", "forest", "neighbours"]


@dataclass(frozen=True)
class ClassicClassifier:
    """Sorts pictures by their numbers, by a method of scikit-learn.

    kind: "logistic" is logistic regression, a linear model, "forest" 100 trees (Breiman 2001), "neighbours" the
    majority of the three nearest examples. examples, features: as for Classifier; an rng of the same state gives both
    the same examples. All but the forest have no randomness, so every seed's row is the same.
    Raises ValueError for another kind.
    """

    kind: Kind = "forest"
    examples: int = 1200
    labels: int = 10
    features: Features = identity

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"kind: got {self.kind!r}, choose one of {', '.join(get_args(Kind))}")

    def fit(self, task: Task, seeds: int, rng: np.random.Generator) -> Iterator[Snapshot]:
        """A single snapshot; its loss is the share of its examples that each seed misreads."""
        x = task.training_sample(self.examples, rng)
        columns, labels = flat(self.features(x)), task.truth(x)
        states = rng.integers(2**31, size=seeds if self.kind == "forest" else 1).tolist()
        models = tuple(fitted(self.kind, columns, labels, state) for state in states)
        network = FittedClassifier(models * (seeds // len(models)), self.labels, self.features)
        yield Snapshot(1, 1, tuple(float((told != labels).mean()) for told in network.read(columns)), network)


@dataclass(frozen=True, eq=False)
class FittedClassifier:
    """Questions (n, ...) -> votes (seeds, n, labels): 1 for the label that it answers, 0 for the others."""

    models: tuple[Any, ...]
    labels: int
    features: Features

    @property
    def parameters(self) -> int:
        """Not told: what a forest or a neighbour keeps does not compare with weights."""
        return 0

    def read(self, columns: np.ndarray) -> np.ndarray:
        """Pictures as rows (n, d) -> labels (seeds, n)."""
        told = {id(model): model.predict(columns) for model in self.models}
        return np.stack([told[id(model)] for model in self.models])

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return np.eye(self.labels)[self.read(flat(self.features(x)))]


def fitted(kind: Kind, columns: np.ndarray, labels: np.ndarray, state: int) -> Any:
    """A fitted scikit-learn model of this kind."""
    models = {
        "logistic": lambda: LogisticRegression(max_iter=300),
        "forest": lambda: RandomForestClassifier(100, random_state=state),
        "neighbours": lambda: KNeighborsClassifier(3),
    }
    return models[kind]().fit(columns, labels)
