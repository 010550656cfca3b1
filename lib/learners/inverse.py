"""The supervised way: launch at random, keep what came close, and learn the way back from the pass to the burn.

A pupil launches until it has as many launches as it was told to have. From those that passed near, a network (or a
method of scikit-learn) learns the inverse: side and distance of the pass, and its day -> speed and phase. Then it is
asked for the altitude wanted on ten days. Networks of all pupils are trained at once, several to a pupil; the mean of
what they say is its answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lib.learners.dense import Dense
from lib.learners.ensemble import Examples, Plan, size, train
from lib.learners.launches import Mission

ANSWERS = 10
CHUNK = 400  # launches at a time
NEAR = 20000.0  # km: passes further away teach little about close ones
FEW = 12  # nearest passes to learn from where there are not as many within NEAR
MEMBERS = 3  # networks to a pupil
BEND = 12000.0  # km: over this the Moon's pull bends a path; makes an even scale of distances
GROUND = 1737.4  # km


@dataclass(eq=False)
class Pupil:
    """Launches at random until it has `until`, then what its `model` says.

    elder: who has learned for another mission what this one begins with.
    """

    mission: Mission
    rng: np.random.Generator
    until: int = 0
    x: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    told: np.ndarray = field(default_factory=lambda: np.zeros((0, 4)))
    next: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    model: Any = None
    parameters: int = 0
    elder: Pupil | None = None

    def ask(self) -> np.ndarray:
        if len(self.x) < self.until:
            low, high = self.mission.box
            return self.rng.uniform(low, high, (min(CHUNK, self.until - len(self.x)), 2))
        asked, self.next = self.next, np.zeros((0, 2))
        return asked

    def tell(self, burns: np.ndarray, told: np.ndarray) -> None:
        self.x, self.told = np.concatenate([self.x, burns]), np.concatenate([self.told, told])

    def answers(self, wanted: float) -> np.ndarray:
        """(10, 2) burns for this altitude on ten days, or the middle of the box before it has learned anything."""
        if self.model is None:
            return self.elder.answers(wanted) if self.elder else self.mission.box.mean(0)[None]
        return self.model(self.questions(wanted))

    def examples(self, most: int) -> tuple[np.ndarray, np.ndarray]:
        """(n, 2) passes and (n, 2) burns of the launches that came within NEAR, at least FEW, at most `most`."""
        near = self.told[:, 0].argsort(kind="stable")
        kept = np.sort(near[: min(most, max(FEW, int((self.told[:, 0] < NEAR).sum())))])
        return passes(self.told[kept]), self.x[kept]

    def questions(self, wanted: float) -> np.ndarray:
        """(10, 2) passes at the altitude wanted, on the side on which it knows more, on days in the midst of those."""
        seen, _ = self.examples(len(self.x))
        side = 1.0 if (seen[:, 0] > 0).mean() >= 0.5 else -1.0
        days = np.quantile(seen[:, 1], np.linspace(0.3, 0.7, ANSWERS))
        return np.column_stack([np.full(ANSWERS, side * even(wanted)), days])

    def moved(self, mission: Mission) -> Pupil:
        return Pupil(mission, self.rng, elder=self)


def even(altitude: Any) -> Any:
    """Distances of a pass from the Moon's centre on a scale on which launches come evenly."""
    distance = np.maximum(np.asarray(altitude) + GROUND, 0)
    return np.sqrt(distance**2 + BEND * distance)


def passes(told: np.ndarray) -> np.ndarray:
    """(n, 4) told -> (n, 2): side and distance of the pass, and its day."""
    return np.column_stack([np.sign(told[:, 3]) * even(told[:, 0]), told[:, 1]])


@dataclass(frozen=True, eq=False)
class Way:
    """The inverse that one pupil has learned: (m, 2) passes -> (m, 2) burns; all scaled by what it has seen."""

    fitted: Any
    enter: tuple[np.ndarray, np.ndarray]
    leave: tuple[np.ndarray, np.ndarray]

    def __call__(self, asked: np.ndarray) -> np.ndarray:
        return self.fitted((asked - self.enter[0]) / self.enter[1]) * self.leave[1] + self.leave[0]


def scales(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return columns.mean(0), columns.std(0) + 1e-9


def remember(pupils: Sequence[Pupil], method: str) -> None:
    """Give each pupil an inverse of scikit-learn's: 'neighbours' or 'forest'. What an elder saw is remembered too."""
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.neighbors import KNeighborsRegressor

    for one in pupils:
        every = [who.examples(len(who.x)) for who in (one.elder, one) if who]
        x, y = (np.concatenate(same) for same in zip(*every, strict=True))
        enter, leave = scales(x), scales(y)
        made = (
            KNeighborsRegressor(min(5, len(x)), weights="distance")
            if method == "neighbours"
            else RandomForestRegressor(30, random_state=int(one.rng.integers(2**31)))
        )
        made.fit((x - enter[0]) / enter[1], (y - leave[0]) / leave[1])
        one.model, one.parameters = Way(made.predict, enter, leave), x.size + y.size


@dataclass(frozen=True)
class Own:
    """Networks side by side, of which each reads the columns of its own pupil."""

    net: Dense
    owners: tuple[int, ...]

    def weights(self, generator: torch.Generator) -> list[Tensor]:
        return self.net.weights(generator)

    def __call__(self, weights: list[Tensor], x: Tensor) -> Tensor:
        return self.net(weights, own(x, self.owners))

    def module(self, weights: list[Tensor]) -> nn.Module:
        return self.net.module(weights)


def own(columns: Tensor, owners: tuple[int, ...]) -> Tensor:
    """(networks, n, 2 · pupils) -> (networks, n, 2)."""
    rows = [columns[i, :, 2 * owner : 2 * owner + 2] for i, owner in enumerate(owners)]
    return torch.stack(rows)


def learn(
    pupils: Sequence[Pupil], width: int, steps: int, rate: float, rng: np.random.Generator
) -> Iterator[tuple[float, tuple[float, ...]]]:
    """Train the pupils' networks on what they have seen; each gets its `model` at the end.

    Networks begin where their elders' ended: fine-tuning. All pupils have elders or none has.
    Yields the share done and the loss by pupil. Raises DivergedError.
    """
    most = min(len(one.examples(len(one.x))[0]) for one in pupils)
    seen = [one.examples(most) for one in pupils]
    enter, leave = [scales(x) for x, _ in seen], [scales(y) for _, y in seen]
    x = np.concatenate([(x - m) / s for (x, _), (m, s) in zip(seen, enter, strict=True)], axis=1)
    y = np.concatenate([(y - m) / s for (_, y), (m, s) in zip(seen, leave, strict=True)], axis=1)
    owners = tuple(i for i in range(len(pupils)) for _ in range(MEMBERS))
    net = Dense((2, width, width, 2), "tanh")

    def loss(out: Tensor, y: Tensor) -> Tensor:
        wanted = own(y if y.dim() == 3 else y.expand(len(owners), *y.shape), owners)
        return (out - wanted).square().mean((1, 2))

    glimpse = None
    shown = Examples(real(x), real(y), 64)
    known = [one.elder.model.fitted.weights for one in pupils if one.elder]
    start = [torch.cat(same) for same in zip(*known, strict=True)]
    for glimpse in train(Own(net, owners), loss, shown, Plan(steps, rate), len(owners), rng, start=start):
        by_pupil = np.array(glimpse.loss).reshape(len(pupils), MEMBERS).mean(1)
        yield glimpse.step / steps, tuple(by_pupil.tolist())
    assert glimpse
    for i, one in enumerate(pupils):
        mine = [weight[i * MEMBERS : (i + 1) * MEMBERS] for weight in glimpse.weights]
        one.model, one.parameters = Way(Spoken(net, mine), enter[i], leave[i]), MEMBERS * size(mine)


@dataclass(frozen=True, eq=False)
class Spoken:
    """The mean of what a pupil's networks say: (m, 2) -> (m, 2), both scaled."""

    net: Dense
    weights: list[Tensor]

    @torch.no_grad()
    def __call__(self, asked: np.ndarray) -> np.ndarray:
        return self.net(self.weights, real(asked).expand(MEMBERS, *asked.shape)).mean(0).numpy().astype(float)


def real(numbers: np.ndarray) -> Tensor:
    return torch.as_tensor(numbers, dtype=torch.float32)
