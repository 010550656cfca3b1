"""Bayesian optimisation: a Gaussian process says of every burn what may come of it, and the most promising is flown.

The sparing one among learners by reward: each launch is chosen with all earlier ones in mind (Jones and others 1998,
Journal of Global Optimization 13:455). Once it has hit, it flies the same burn again.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lib.learners.moonshot.search import CLOSER, Mission

BEGIN = 10  # launches spread over the box before the first thought
FITTED = (10, 15, 25, 40)  # launches after which the process's scales are fitted anew
NEAR = (0.1, 0.03, 0.01, 0.003, 0.001, 0.0003)  # distances from the best burns at which further ones are thought of


@dataclass(eq=False)
class Bayes:
    """Expected improvement on a Matérn 5/2 process (scikit-learn's).

    sighted: False, and the process models the miss alone. True, and somebody has told it to model on which side and how
    far from the Moon's centre the rocket passed, and to think of the miss as what follows (composite functions:
    Astudillo and Frazier 2019, ICML).
    x: (n, 2) its launches in units of the box; told: (n, 4) what came of them.
    """

    mission: Mission
    rng: np.random.Generator
    composite: bool = False
    middle: np.ndarray | None = None
    x: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    told: np.ndarray = field(default_factory=lambda: np.zeros((0, 4)))
    kernel: Any = None

    @property
    def parameters(self) -> int:
        """Every launch that it keeps, and four scales."""
        return 3 * len(self.x) + 4

    def ask(self) -> np.ndarray:
        if len(self.x) < BEGIN:
            return self.mission.burns(self._first())
        if self.regrets.min() <= np.log(2):
            return self.answers(0.0)
        return self.mission.burns(self._promising()[None])

    def tell(self, burns: np.ndarray, told: np.ndarray) -> None:
        self.x = np.concatenate([self.x, self.mission.units(burns)])
        self.told = np.concatenate([self.told, told])

    @property
    def regrets(self) -> np.ndarray:
        return self.mission.regrets(self.told)

    def answers(self, wanted: float) -> np.ndarray:  # noqa: ARG002 - it knows one altitude
        best = self.x[self.regrets.argmin()] if len(self.x) else np.full(2, 0.5)
        return self.mission.burns(best[None])

    def transferred(self, mission: Mission) -> Bayes:
        return Bayes(mission, self.rng, self.composite, self.mission.units(self.answers(0.0))[0])

    def _first(self) -> np.ndarray:
        """(BEGIN, 2): a Latin square over the box, or around what was right in another world."""
        if self.middle is not None:
            return self.middle + CLOSER * self.rng.standard_normal((BEGIN, 2))
        cells = np.column_stack([self.rng.permutation(BEGIN), self.rng.permutation(BEGIN)])
        return (cells + self.rng.random((BEGIN, 2))) / BEGIN

    def _promising(self) -> np.ndarray:
        """(2,) of many places in the box, and near its best ones, the one from which the most is to be expected."""
        best = self.x[self.regrets.argsort(kind="stable")[:3]]
        near = [one + far * self.rng.standard_normal((20, 2)) for one in best for far in NEAR]
        places = np.concatenate([self.rng.random((200, 2)), *near])
        places = np.column_stack([np.clip(places[:, 0], 0, 1), places[:, 1] % 1])
        return places[self._gain(places).argmax()]

    def _gain(self, places: np.ndarray) -> np.ndarray:
        """(m,) by how much the regret is expected to fall."""
        modelled = self._passes() if self.composite else self.regrets
        mean, spread = modelled.mean(), modelled.std() + 1e-12
        middle, doubt = self._process((modelled - mean) / spread, places)
        middle, doubt = mean + spread * middle, spread * doubt
        draws = middle[:, None] + doubt[:, None] * np.linspace(-2.5, 2.5, 33)
        weights = np.exp(-(np.linspace(-2.5, 2.5, 33) ** 2) / 2)
        regrets = self._regret_of(draws) if self.composite else draws
        return np.maximum(0, self.regrets.min() - regrets) @ weights

    def _passes(self) -> np.ndarray:
        """(n,) the root of the distance [km] from the Moon's centre at the pass, with the sign of the side."""
        return np.sign(self.told[:, 3]) * np.sqrt(np.maximum(self.told[:, 0] + self.mission.ground, 0))

    def _regret_of(self, passes: np.ndarray) -> np.ndarray:
        return np.log1p(np.abs(passes**2 - self.mission.ground - self.mission.wanted) / self.mission.within)

    def _process(self, values: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and spread, (m,) each, at (m, 2) places, of a process that goes through `values` (n,).

        Rasmussen and Williams, Gaussian Processes for Machine Learning (2006), algorithm 2.1; its scales are
        scikit-learn's finding.
        """
        if self.kernel is None or len(self.x) in FITTED:
            self.kernel = self._scales(values)
        root = np.linalg.cholesky(self.kernel(self.x) + 1e-9 * np.eye(len(self.x)))
        halves = np.linalg.solve(root, np.column_stack([values, self.kernel(self.x, places)]))
        spread = np.maximum(0, self.kernel.diag(places) - (halves[:, 1:] ** 2).sum(0))
        return halves[:, 1:].T @ halves[:, 0], np.sqrt(spread)

    def _scales(self, values: np.ndarray) -> Any:
        """The kernel whose scales make `values` (n,) most likely, looked for from where it was."""
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

        scales: Any = [0.3, 0.1]
        shape = Matern(scales, [(1e-2, 10), (1e-3, 10)], nu=2.5)
        fresh = ConstantKernel(1.0, (1e-2, 1e4)) * shape + WhiteKernel(1e-6, (1e-9, 1e-1))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # scales at their bounds are no fault here
            return GaussianProcessRegressor(self.kernel or fresh, alpha=1e-9).fit(self.x, values).kernel_
