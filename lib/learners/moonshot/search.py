"""Learners by reward: they launch, are told how far off they were, and launch otherwise.

A mission is a box of burns and an altitude over a body. A player plays for one mission: `ask` names the burns to fly
next, `tell` brings what came of them, `answers` is what it would fly by now, `moved` plays another mission from where
this one has come to: the same place in its box. These players work in units of the box and look at nothing but the
miss, |altitude - wanted|.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

SPREAD = 0.3  # of a first guess, in units of the box: most of it
CLOSER = 0.1  # of a guess that starts from what was right in another world


@dataclass(frozen=True, eq=False)
class Mission:
    """Bring a rocket within `within` km of the altitude `wanted` [km].

    box: (2, 2) the lowest and the highest burn, speed [km/s] and phase [°]. ground: radius of what it passes [km].
    """

    box: np.ndarray
    wanted: float
    within: float
    ground: float

    def burns(self, units: np.ndarray) -> np.ndarray:
        """(m, 2) places in the unit square -> burns; speeds outside are moved to its edge, phases go round."""
        low, high = self.box
        return low + np.column_stack([np.clip(units[:, 0], 0, 1), units[:, 1] % 1]) * (high - low)

    def units(self, burns: np.ndarray) -> np.ndarray:
        """(m, 2) burns -> places in the unit square."""
        low, high = self.box
        return np.clip((burns - low) / (high - low), 0, 1)

    def regrets(self, told: np.ndarray) -> np.ndarray:
        """(m, 4) what was told -> (m,) ln(1 + miss / within): at most ln 2 is a hit."""
        return np.log1p(np.abs(told[:, 0] - self.wanted) / self.within)


class Player(Protocol):
    """What the ledger and the lab ask of a player; `parameters`: how many numbers it has learned."""

    @property
    def parameters(self) -> int: ...
    def ask(self) -> np.ndarray: ...
    def tell(self, burns: np.ndarray, told: np.ndarray) -> None: ...
    def answers(self, wanted: float) -> np.ndarray: ...
    def transferred(self, mission: Mission) -> Player: ...


@dataclass(eq=False)
class Gaussian:
    """A Gaussian over the box: (2,) middle and (2, 2) factor, so that a draw is middle + factor·N(0, 1)."""

    mission: Mission
    rng: np.random.Generator
    middle: np.ndarray = field(default_factory=lambda: np.full(2, 0.5))
    factor: np.ndarray = field(default_factory=lambda: SPREAD * np.eye(2))
    drawn: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))

    @property
    def parameters(self) -> int:
        """Two of the middle, three of the spread."""
        return 5

    def draw(self, n: int) -> np.ndarray:
        self.drawn = self.rng.standard_normal((n, 2))
        return self.mission.burns(self.middle + self.drawn @ self.factor.T)

    def answers(self, wanted: float) -> np.ndarray:  # noqa: ARG002 - it knows one altitude
        return self.mission.burns(self.middle[None])

    def transferred(self, mission: Mission) -> Gaussian:
        return type(self)(mission, self.rng, self.mission.units(self.answers(0.0))[0], CLOSER * np.eye(2))


class CrossEntropy(Gaussian):
    """Moves a Gaussian onto the best of what it has drawn (Rubinstein 1999; de Boer and others 2005)."""

    crowd, elite, keep = 16, 4, 0.3

    def ask(self) -> np.ndarray:
        return self.draw(self.crowd)

    def tell(self, burns: np.ndarray, told: np.ndarray) -> None:
        best = self.mission.regrets(told).argsort(kind="stable")[: self.elite]
        elite = self.middle + self.drawn[: len(burns)][best] @ self.factor.T
        self.middle = elite.mean(0)
        away = elite - self.middle
        before = self.factor @ self.factor.T
        spread = (1 - self.keep) * away.T @ away / len(elite) + self.keep * before  # keeps it from freezing too soon
        self.factor = np.linalg.cholesky(spread + 1e-14 * np.eye(2))


class Evolution(Gaussian):
    """An evolution strategy: the Gaussian moves along its natural gradient (xNES; Glasmachers and others 2010)."""

    crowd = 12
    rate = 0.6 * (3 + np.log(2)) / 2**1.5

    def ask(self) -> np.ndarray:
        return self.draw(self.crowd)

    def tell(self, burns: np.ndarray, told: np.ndarray) -> None:
        n, drawn = len(burns), self.drawn[: len(burns)]
        rank = self.mission.regrets(told).argsort(kind="stable").argsort(kind="stable")
        worth = np.maximum(0, np.log(n / 2 + 1) - np.log(rank + 1))
        worth = worth / worth.sum() - 1 / n
        self.middle = self.middle + self.factor @ (worth @ drawn)
        stretch, turn = np.linalg.eigh(np.einsum("n,ni,nj->ij", worth, drawn, drawn))
        self.factor = self.factor @ (turn * np.exp(self.rate / 2 * stretch) @ turn.T)


class PolicyGradient(Gaussian):
    """REINFORCE on the one decision (Williams 1992, Machine Learning 8:229): the policy is a Gaussian of two spreads.

    The reward is -ln(1 + miss / within); the batch's mean is the baseline, its spread the unit. Steps are taken in
    units of the policy's own spread (Kakade's natural gradient, 2001).
    """

    crowd = 16
    rates = 0.5, 0.2  # of the middle, of the logarithm of the spreads

    def ask(self) -> np.ndarray:
        return self.draw(self.crowd)

    def tell(self, burns: np.ndarray, told: np.ndarray) -> None:
        reward, drawn = -self.mission.regrets(told), self.drawn[: len(burns)]
        worth = (reward - reward.mean()) / (reward.std() + 1e-9) / len(burns)
        self.middle = self.middle + self.rates[0] * self.factor @ (worth @ drawn)
        self.factor = self.factor * np.exp(self.rates[1] * (worth @ (drawn**2 - 1)))[:, None]
