"""The supervised way: launch at random, keep what came close, and learn the way back from the pass to the burn.

A player launches until it has as many launches as it was told to have. From those that passed near, a network (or a
method of scikit-learn) learns the inverse: side and distance of the pass, and its day -> speed and phase. Then it is
asked for the altitude wanted on ten days. Networks of all players are trained at once, several to a player; the mean of
what they say is its answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lib.learners.dense import Dense
from lib.learners.ensemble import Examples, Schedule, parameter_count, train
from lib.learners.moonshot.search import Mission

ANSWERS = 10
CHUNK = 400  # launches at a time
SHARE = 50  # of so many launches the nearest one is learned from: passes further away teach little about close ones
FEW = 12  # or so many, where that would be fewer
MEMBERS = 3  # networks to a player
BEND = 0.6  # of the furthest pass that is learned from: closer than this, pulls bend a path; see `TrainingPairs`


@dataclass(eq=False)
class SupervisedPlayer:
    """Launches at random until it has `until`, then what its `model` says.

    pretrained: who has learned for another mission what this one begins with. answered: launches that were answers.
    """

    mission: Mission
    rng: np.random.Generator
    until: int = 0
    x: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    told: np.ndarray = field(default_factory=lambda: np.zeros((0, 4)))
    next: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    model: InverseModel | None = None
    parameters: int = 0
    pretrained: SupervisedPlayer | None = None
    answered: int = 0

    def ask(self) -> np.ndarray:
        if len(self.x) < self.until:
            low, high = self.mission.box
            return self.rng.uniform(low, high, (min(CHUNK, self.until - len(self.x)), 2))
        asked, self.next = self.next, np.zeros((0, 2))
        self.answered += len(asked)
        return asked

    def tell(self, burns: np.ndarray, told: np.ndarray) -> None:
        self.x, self.told = np.concatenate([self.x, burns]), np.concatenate([self.told, told])

    def answers(self, wanted: float) -> np.ndarray:
        """(10, 2) burns for this altitude on ten days, or the middle of the box before it has learned anything."""
        if self.model is None:
            return self.pretrained.answers(wanted) if self.pretrained else self.mission.box.mean(0)[None]
        return self.model(wanted)

    @property
    def enough(self) -> int:
        """How many of its launches it learns from: its answers, which lie close together, crowd no others out."""
        return min(len(self.x), max(FEW, (len(self.x) - self.answered) // SHARE) + self.answered)

    def nearest(self, most: int) -> tuple[np.ndarray, np.ndarray]:
        """(n, 4) told and (n, 2) burns of the launches that came nearest, in the order in which they were flown."""
        kept = np.sort(self.told[:, 0].argsort(kind="stable")[:most])
        return self.told[kept], self.x[kept]

    def transferred(self, mission: Mission) -> SupervisedPlayer:
        return SupervisedPlayer(mission, self.rng, pretrained=self)


@dataclass(frozen=True, eq=False)
class TrainingPairs:
    """What a player learns from: (n, 4) told and (n, 2) burns, and the scales of both.

    A pass is a side and a distance from the centre, on a scale on which launches come evenly, and a day. Far off a path
    is straight, and as many launches pass at each distance; near by it is bent, and they come as the root of it.
    """

    told: np.ndarray
    burns: np.ndarray
    ground: float

    @cached_property
    def bend(self) -> float:
        return BEND * (self.told[:, 0].max() + self.ground)

    def even(self, altitude: Any) -> Any:
        distance = np.maximum(np.asarray(altitude) + self.ground, 0)
        return np.sqrt(distance**2 + self.bend * distance)

    @cached_property
    def passes(self) -> np.ndarray:
        """(n, 2): side and distance of each pass, and its day."""
        return np.column_stack([np.sign(self.told[:, 3]) * self.even(self.told[:, 0]), self.told[:, 1]])

    @cached_property
    def enter(self) -> tuple[np.ndarray, np.ndarray]:
        return self.passes.mean(0), self.passes.std(0) + 1e-9

    @cached_property
    def leave(self) -> tuple[np.ndarray, np.ndarray]:
        return self.burns.mean(0), self.burns.std(0) + 1e-9

    @property
    def x(self) -> np.ndarray:
        return (self.passes - self.enter[0]) / self.enter[1]

    @property
    def y(self) -> np.ndarray:
        return (self.burns - self.leave[0]) / self.leave[1]


@dataclass(frozen=True, eq=False)
class InverseModel:
    """The inverse that one player has learned: `fitted` leads from (m, 2) passes to (m, 2) burns, both scaled."""

    fitted: Any
    pairs: TrainingPairs

    def __call__(self, wanted: float) -> np.ndarray:
        """(10, 2) burns for an altitude, on the side on which it knows more, on days in the midst of those."""
        seen, (middle, spread) = self.pairs.passes, self.pairs.enter
        side = 1.0 if (seen[:, 0] > 0).mean() >= 0.5 else -1.0
        days = np.quantile(seen[:, 1], np.linspace(0.3, 0.7, ANSWERS))
        asked = np.column_stack([np.full(ANSWERS, side * self.pairs.even(wanted)), days])
        return self.fitted((asked - middle) / spread) * self.pairs.leave[1] + self.pairs.leave[0]


def fit_classic(players: Sequence[SupervisedPlayer], method: str) -> None:
    """Give each player an inverse of scikit-learn's: 'neighbours' or 'forest'."""
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.neighbors import KNeighborsRegressor

    for one in players:
        pairs = TrainingPairs(*one.nearest(one.enough), one.mission.ground)
        made = (
            KNeighborsRegressor(min(5, len(pairs.told)), weights="distance")
            if method == "neighbours"
            else RandomForestRegressor(30, random_state=int(one.rng.spawn(1)[0].integers(2**31)))
        )
        made.fit(pairs.x, pairs.y)
        one.model, one.parameters = InverseModel(made.predict, pairs), pairs.passes.size + pairs.burns.size


@dataclass(frozen=True)
class PerPlayer:
    """Networks side by side, of which each reads the columns of its own player."""

    net: Dense
    owners: tuple[int, ...]

    def weights(self, generator: torch.Generator) -> list[Tensor]:
        return self.net.weights(generator)

    def __call__(self, weights: list[Tensor], x: Tensor) -> Tensor:
        return self.net(weights, columns_of(x, self.owners))

    def module(self, weights: list[Tensor]) -> nn.Module:
        return self.net.module(weights)


def columns_of(columns: Tensor, owners: tuple[int, ...]) -> Tensor:
    """(networks, n, 2 · players) -> (networks, n, 2)."""
    rows = [columns[i, :, 2 * owner : 2 * owner + 2] for i, owner in enumerate(owners)]
    return torch.stack(rows)


def fit_networks(
    players: Sequence[SupervisedPlayer], width: int, steps: int, rate: float, rng: np.random.Generator
) -> Iterator[tuple[float, tuple[float, ...]]]:
    """Train the players' networks on what they have seen; each gets its `model` at the end.

    Networks begin where their pretrained ones ended: fine-tuning. All players have one, or none has.
    Yields the share done and the loss by player. Raises DivergedError.
    """
    most = min(one.enough for one in players)
    learned = [TrainingPairs(*one.nearest(most), one.mission.ground) for one in players]
    x, y = (np.concatenate(columns, axis=1) for columns in zip(*((one.x, one.y) for one in learned), strict=True))
    owners = tuple(i for i in range(len(players)) for _ in range(MEMBERS))
    net = Dense((2, width, width, 2), "tanh")

    def loss(out: Tensor, y: Tensor) -> Tensor:
        wanted = columns_of(y if y.dim() == 3 else y.expand(len(owners), *y.shape), owners)
        return (out - wanted).square().mean((1, 2))

    checkpoint = None
    shown = Examples(real(x), real(y), 64)
    known = [one.pretrained.model.fitted.weights for one in players if one.pretrained and one.pretrained.model]
    start = [torch.cat(same) for same in zip(*known, strict=True)]
    for checkpoint in train(PerPlayer(net, owners), loss, shown, Schedule(steps, rate), len(owners), rng, start=start):
        by_player = np.array(checkpoint.loss).reshape(len(players), MEMBERS).mean(1)
        yield checkpoint.step / steps, tuple(by_player.tolist())
    assert checkpoint
    for i, one in enumerate(players):
        mine = [weight[i * MEMBERS : (i + 1) * MEMBERS] for weight in checkpoint.weights]
        one.model, one.parameters = InverseModel(EnsembleMean(net, mine), learned[i]), MEMBERS * parameter_count(mine)


@dataclass(frozen=True, eq=False)
class EnsembleMean:
    """The mean of what a player's networks say: (m, 2) -> (m, 2), both scaled."""

    net: Dense
    weights: list[Tensor]

    @torch.no_grad()
    def __call__(self, asked: np.ndarray) -> np.ndarray:
        return self.net(self.weights, real(asked).expand(MEMBERS, *asked.shape)).mean(0).numpy().astype(float)


def real(numbers: np.ndarray) -> Tensor:
    return torch.as_tensor(numbers, dtype=torch.float32)
