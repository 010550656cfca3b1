"""Learners by reward: they launch, are told how far off they were, and launch otherwise.

A mission is a box of burns and an altitude. Each learner starts a player for one mission: `ask` names the burns to fly
next, `tell` brings what came of them, `best` is the burn it would fly if it counted. All of them work in units of the
box and look at nothing but the miss |altitude - wanted|.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self

import numpy as np


@dataclass(frozen=True, eq=False)
class Mission:
    """Bring a rocket within `within` km of the altitude `wanted` [km].

    box: (2, 2) the lowest and the highest burn, speed [km/s] and phase [°].
    """

    box: np.ndarray
    wanted: float
    within: float

    def burns(self, units: np.ndarray) -> np.ndarray:
        """(m, 2) places in the unit square -> burns; speeds outside are moved to its edge, phases go round."""
        low, high = self.box
        held = np.column_stack([np.clip(units[:, 0], 0, 1), units[:, 1] % 1])
        return low + held * (high - low)

    def units(self, burns: np.ndarray) -> np.ndarray:
        low, high = self.box
        return (burns - low) / (high - low)

    def regrets(self, told: np.ndarray) -> np.ndarray:
        """(m, 4) told -> (m,) ln(1 + miss / within): below 0.69 is a hit."""
        return np.log1p(np.abs(told[:, 0] - self.wanted) / self.within)


class Player(Protocol):
    """See lib.tasks.trials; `best` is (2,); parameters: how many numbers it has learned; `moved` plays another mission
    from where this one has come to."""

    @property
    def parameters(self) -> int: ...
    @property
    def best(self) -> np.ndarray: ...
    def ask(self) -> np.ndarray: ...
    def tell(self, burns: np.ndarray, told: np.ndarray) -> None: ...
    def moved(self, mission: Mission) -> Self: ...


@dataclass(eq=False)
class CrossEntropy:
    """Draws launches from a Gaussian, moves it onto the best of them (Rubinstein 1999; de Boer and others 2005).

    Its spread is that of the best, widened a little so that it can still move.
    """

    mission: Mission
    rng: np.random.Generator
    crowd: int = 24
    elite: int = 6
    keep: float = 0.2
    middle: np.ndarray = field(default_factory=lambda: np.array([0.5, 0.5]))
    spread: np.ndarray = field(default_factory=lambda: np.diag([0.3, 0.3]) ** 2)

    parameters = 5

    @property
    def best(self) -> np.ndarray:
        return self.mission.burns(self.middle[None])[0]

    def ask(self) -> np.ndarray:
        self.drawn = self.rng.multivariate_normal(self.middle, self.spread, self.crowd, method="cholesky")
        return self.mission.burns(self.drawn)

    def tell(self, burns: np.ndarray, told: np.ndarray) -> None:
        order = self.mission.regrets(told).argsort(kind="stable")[: self.elite]
        elite = self.drawn[: len(burns)][order]
        self.middle = elite.mean(0)
        away = elite - self.middle
        self.spread = (1 - self.keep) * away.T @ away / len(elite) + self.keep * self.spread + 1e-14 * np.eye(2)

    def moved(self, mission: Mission) -> CrossEntropy:
        return CrossEntropy(mission, self.rng, middle=self.mission_units(mission), spread=np.diag([0.1, 0.1]) ** 2)

    def mission_units(self, mission: Mission) -> np.ndarray:
        return np.clip(mission.units(self.best), 0, 1)


@dataclass(eq=False)
class Evolution:
    """An evolution strategy: children around a parent, the whole Gaussian moved along its natural gradient.

    xNES (Glasmachers and others 2010, GECCO), with its usual constants.
    """

    mission: Mission
    rng: np.random.Generator
    crowd: int = 12
    middle: np.ndarray = field(default_factory=lambda: np.array([0.5, 0.5]))
    factor: np.ndarray = field(default_factory=lambda: np.diag([0.3, 0.3]))
    parameters = 5

    @property
    def best(self) -> np.ndarray:
        return self.mission.burns(self.middle[None])[0]

    def ask(self) -> np.ndarray:
        self.drawn = self.rng.standard_normal((self.crowd, 2))
        return self.mission.burns(self.middle + self.drawn @ self.factor.T)

    def tell(self, burns: np.ndarray, told: np.ndarray) -> None:
        n = len(burns)
        rank = self.mission.regrets(told).argsort(kind="stable").argsort(kind="stable")
        worth = np.maximum(0, np.log(n / 2 + 1) - np.log(rank + 1))
        worth = worth / worth.sum() - 1 / n
        drawn = self.drawn[:n]
        shift = worth @ drawn
        stretch = np.einsum("n,ni,nj->ij", worth, drawn, drawn) - worth.sum() * np.eye(2)
        self.middle = self.middle + self.factor @ shift
        rate = 0.6 * (3 + np.log(2)) / (2 * np.sqrt(2))
        self.factor = self.factor @ expm(rate / 2 * stretch)


def expm(symmetric: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(symmetric)
    return vectors * np.exp(values) @ vectors.T


@dataclass(eq=False)
class PolicyGradient:
    """REINFORCE on the one decision: a Gaussian policy, its mean and spread moved along the gradient of the reward.

    Williams 1992, Machine Learning 8:229; the batch's mean is the baseline, Adam takes the steps.
    """

    mission: Mission
    rng: np.random.Generator
    rate: float = 0.05
    crowd: int = 32
    theta: np.ndarray = field(default_factory=lambda: np.array([0.5, 0.5, np.log(0.3), np.log(0.3)]))
    parameters = 4

    def __post_init__(self) -> None:
        self.mean, self.square, self.step = np.zeros(4), np.zeros(4), 0

    @property
    def best(self) -> np.ndarray:
        return self.mission.burns(self.theta[None, :2])[0]

    def ask(self) -> np.ndarray:
        self.noise = self.rng.standard_normal((self.crowd, 2))
        return self.mission.burns(self.theta[:2] + np.exp(self.theta[2:]) * self.noise)

    def tell(self, burns: np.ndarray, told: np.ndarray) -> None:
        reward = -self.mission.regrets(told)
        worth = (reward - reward.mean()) / (reward.std() + 1e-9)
        noise = self.noise[: len(burns)]
        # natural gradient: the mean's is scaled by the spread
        pull = np.concatenate([worth @ noise, worth @ (noise**2 - 1)]) / len(burns)
        self.step += 1
        self.theta = self.theta + np.concatenate([np.exp(self.theta[2:]) * pull[:2] * RATE_MEAN, pull[2:] * RATE_STD])
RATE_MEAN, RATE_STD = 0.5, 0.2


@dataclass(eq=False)
class Bayes:
    mission: Mission
    rng: np.random.Generator
    begin: int = 10
    composite: bool = False
    def __post_init__(self):
        self.x=np.zeros((0,2)); self.y=np.zeros(0); self.kernel=None
    def ask(self):
        n=len(self.x)
        if n<self.begin:
            return self.mission.burns((np.stack([self.rng.permutation(self.begin),self.rng.permutation(self.begin)],1)+self.rng.random((self.begin,2)))/self.begin)
        from sklearn.gaussian_process import GaussianProcessRegressor as GPR
        from sklearn.gaussian_process.kernels import Matern, WhiteKernel, ConstantKernel as C
        import warnings
        ker=C(1.0,(1e-2,1e4))*Matern([0.3,0.1],[(1e-2,10),(1e-3,10)],nu=2.5)+WhiteKernel(1e-6,(1e-9,1e-1))
        if n<=20 or n%5==0 or self.kernel is None:
            opt="fmin_l_bfgs_b"
        else:
            opt=None; 
        ker=self.kernel if self.kernel is not None else ker
        y=self.y; m,s=y.mean(),y.std()+1e-12
        g=GPR(ker,optimizer=opt,alpha=1e-9)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore"); g.fit(self.x,(y-m)/s)
        self.kernel=g.kernel_
        cand=self.candidates()
        mu,sd=g.predict(cand,return_std=True)
        from scipy.stats import norm
        if not self.composite:
            best=((y-m)/s).min(); z=(best-mu)/(sd+1e-12); ei=sd*(z*norm.cdf(z)+norm.pdf(z))
        else:
            # distribution of miss for both sides
            draws=mu[:,None]+sd[:,None]*self.z[None]
            val=np.log1p(np.minimum(abs(draws*s+m-self.t),abs(draws*s+m+self.t))/self.w)
            best=np.log1p(np.minimum(abs(y-self.t),abs(y+self.t))/self.w).min()
            ei=np.maximum(0,best-val).mean(1)
        return self.mission.burns(cand[ei.argmax()][None])
    z=np.linspace(-2.5,2.5,33)
    def candidates(self):
        r=self.reg; b=self.x[np.argsort(r)[:3]]
        c=[self.rng.random((500,2))]
        for p in b:
            for sc in (0.1,0.03,0.01,0.003,0.001,0.0003):
                c.append(p+sc*self.rng.standard_normal((40,2)))
        c=np.concatenate(c); c[:,0]=np.clip(c[:,0],0,1); c[:,1]%=1
        return c
    def tell(self,burns,told):
        self.x=np.concatenate([self.x,self.mission.units(burns)])
        r=self.mission.regrets(told)
        if self.composite:
            R=1737.4
            d=np.sign(told[:,3])*np.sqrt(np.maximum(told[:,0]+R,0)/1000)
            self.t=np.sqrt((self.mission.wanted+R)/1000); self.w=0.5*0.05/self.t
            self.y=np.concatenate([self.y,d])
        else: self.y=np.concatenate([self.y,r])
        self.reg=np.concatenate([getattr(self,'reg',np.zeros(0)),r])
