"""Learners from before deep learning, behind the same protocol: the comparison every network owes us."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal, get_args

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
from sklearn.neighbors import KNeighborsRegressor

from lib.core import Snapshot, Task
from lib.learners.examples import Features, Standardizer, identity, training_set

Kind = Literal["neighbours", "gauss", "forest", "boosting"]

GAUSS_LIMIT = 500  # its work grows with the cube of the examples
FORESTS = 3  # different seeds grown; a fourth would show no more and takes as long
WATCHED = 1000  # examples whose loss is reported


@dataclass(frozen=True)
class Classic:
    """One number per question, by a method that keeps examples or splits them instead of bending a curve.

    kind: "neighbours" averages the 5 nearest examples, near ones more; "gauss" is a Gaussian process with a squared
    exponential kernel (Rasmussen, Williams 2006, ch. 2), which returns to the mean far from its examples; "forest" is
    30 trees (Breiman 2001), "boosting" 100 small ones that correct each other (Friedman 2001).
    noise, features: as for MLP; an rng of the same state gives both the same examples. gauss looks at the first 500 of
    them only, `used` says how many. All but the forest have no randomness, so every seed's row is the same; of forests,
    3 are grown and repeated in turn. The loss is the mean squared error on scaled targets. Raises ValueError for an
    unknown kind.
    """

    kind: Kind = "neighbours"
    examples: int = 3000
    noise: float = 0.0
    features: Features = identity

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"kind: got {self.kind!r}, choose one of {', '.join(get_args(Kind))}")

    @property
    def used(self) -> int:
        """How many of the examples it really looks at."""
        return min(self.examples, GAUSS_LIMIT) if self.kind == "gauss" else self.examples

    def fit(self, task: Task, seeds: int, rng: np.random.Generator) -> Iterator[Snapshot]:
        """A single snapshot, when all is done."""
        x, y = training_set(task, self.examples, self.noise, rng)
        seen, y = self.features(x[: self.used]), y[: self.used]
        inputs, outputs = Standardizer.of(seen), Standardizer.of(y)
        columns, targets = inputs(seen), outputs(y)
        states = rng.integers(2**31, size=min(seeds, FORESTS) if self.kind == "forest" else 1)
        models = tuple(fitted_model(self.kind, columns, targets, int(state)) for state in states)
        fitted = Fitted(models, seeds, self.features, inputs, outputs)
        missed = (fitted(x[: self.used][:WATCHED]) - y[:WATCHED]) / outputs.spread
        yield Snapshot(1, 1, tuple(np.mean(missed**2, axis=1).tolist()), fitted)


@dataclass(frozen=True, eq=False)
class Fitted:
    """What a Classic has become: (n, d) questions -> (seeds, n) answers in the task's own unit."""

    models: tuple[Any, ...]
    seeds: int
    features: Features
    inputs: Standardizer
    outputs: Standardizer

    @property
    def parameters(self) -> int:
        """Numbers that one model answers from: kept examples with their weights, or splits and leaves."""
        return numbers(self.models[0])

    def __call__(self, x: np.ndarray) -> np.ndarray:
        columns = self.inputs(self.features(x))
        told = np.stack([self.outputs.back(model.predict(columns)) for model in self.models])
        return told[np.arange(self.seeds) % len(told)]


def fitted_model(kind: Kind, columns: np.ndarray, targets: np.ndarray, state: int) -> Any:
    """A fitted scikit-learn model of this kind."""
    if kind == "gauss":
        return best_process(columns, targets)
    if kind == "neighbours":
        model = KNeighborsRegressor(min(5, len(targets)), weights="distance")
    elif kind == "forest":  # three forests whose trees see all of 30,000 examples would take seconds
        model = RandomForestRegressor(30, max_samples=min(3000, len(targets)), random_state=state)
    else:
        whole: Any = False  # no examples held back; scikit-learn's stub knows only the word "auto"
        model = HistGradientBoostingRegressor(early_stopping=whole)
    return model.fit(columns, targets)


def best_process(columns: np.ndarray, targets: np.ndarray) -> GaussianProcessRegressor:
    """The best of 40 kernels (variance, length in spreads, noise variance) by marginal likelihood.

    scikit-learn's own search takes gradients, several times as long, and stops with a warning where there is no noise.
    """
    tries = product((1.0, 10.0), (0.5, 1.0, 2.0, 4.0, 8.0), (1e-6, 1e-4, 1e-2, 1e-1))
    kernels = (ConstantKernel(variance) * RBF(length) + WhiteKernel(noise) for variance, length, noise in tries)
    as_told: Any = None  # no search of its own; the stub knows only names of optimisers
    models = [GaussianProcessRegressor(kernel, optimizer=as_told).fit(columns, targets) for kernel in kernels]
    return max(models, key=lambda model: model.log_marginal_likelihood_value_)


def numbers(model: Any) -> int:
    """How many numbers a fitted model answers from. A split is two (which column, where), a leaf one."""
    kind = type(model)
    if kind is KNeighborsRegressor:
        return model.n_samples_fit_ * (model.n_features_in_ + 1)
    if kind is GaussianProcessRegressor:
        return model.X_train_.size + model.alpha_.size + model.kernel_.theta.size
    if kind is RandomForestRegressor:
        leaves = [tree.get_n_leaves() for tree in model.estimators_]
    else:
        leaves = [tree.get_n_leaf_nodes() for (tree,) in model._predictors]
    return sum(3 * n - 2 for n in leaves)
