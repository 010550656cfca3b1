"""The real world and its ledger: whoever wants to learn something launches, and every launch is counted.

A contestant never holds a world. It is asked for burns and told what came of them; the rest is done here: burns are
copied, moved to what is legal, cut to what the budget leaves, flown, written down, and told as a copy. All attempts that
run side by side are flown in one batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from lib.tasks.orbit import Surprise, World, launch

NINE, TEN = 9, 10
DRAWN = 24  # points kept of a path


class Player(Protocol):
    """Plays for one mission in one world.

    ask() -> (m, 2) burns, speed [km/s] and phase [°], to be launched next; none if it has no use for more.
    tell(burns, told): (m, 2) the burns as they were flown and (m, 4) what came of each (see orbit.Told): the whole of
    what a player learns.
    """

    def ask(self) -> np.ndarray: ...
    def tell(self, burns: np.ndarray, told: np.ndarray) -> None: ...


@dataclass(eq=False)
class Attempt:
    """One player in one real world, with its ledger.

    wanted, within: the altitude asked for and how far off is still a hit [km]. budget: launches that it may have.
    patient: go on after nine hits in ten. drawn: keep the paths.
    burns: (trials, 2), told: (trials, 4), lines: (trials, DRAWN, 3) of all launches so far.
    """

    player: Player
    world: World
    surprise: Surprise
    wanted: float
    within: float
    budget: int
    patient: bool = False
    drawn: bool = False
    over: bool = False
    _burns: list[np.ndarray] = field(default_factory=list)
    _told: list[np.ndarray] = field(default_factory=list)
    _lines: list[np.ndarray] = field(default_factory=list)

    @property
    def trials(self) -> int:
        return sum(map(len, self._burns))

    @property
    def burns(self) -> np.ndarray:
        return np.concatenate([np.zeros((0, 2)), *self._burns])

    @property
    def told(self) -> np.ndarray:
        return np.concatenate([np.zeros((0, 4)), *self._told])

    @property
    def lines(self) -> np.ndarray:
        return np.concatenate([np.zeros((0, DRAWN, 3)), *self._lines])

    @property
    def misses(self) -> np.ndarray:
        """(trials,) how far off the altitude asked for each launch came [km]."""
        return np.abs(self.told[:, 0] - self.wanted)

    @property
    def hits(self) -> np.ndarray:
        return self.misses <= self.within

    @property
    def first(self) -> float:
        """The trial of the first hit, counted from 1; infinite if there was none."""
        found = np.flatnonzero(self.hits)
        return float(found[0] + 1) if len(found) else np.inf

    @property
    def nine(self) -> float:
        """The trial at which nine of the last ten launches had hit; infinite if that never was."""
        found = np.flatnonzero(recent(self.hits) >= NINE)
        return float(found[0] + 1) if len(found) else np.inf

    def proposal(self) -> np.ndarray:
        """What the player wants next, as the rules leave it."""
        asked = np.array(self.player.ask(), float).reshape(-1, 2)
        return self.world.legal(asked[: max(0, self.budget - self.trials)])

    def enter(self, burns: np.ndarray, told: np.ndarray, lines: np.ndarray) -> None:
        """Write launches down and tell the player of them."""
        self._burns.append(burns)
        self._told.append(told)
        if self.drawn:
            self._lines.append(thin(lines))
        self.player.tell(burns.copy(), told.copy())
        self.over = self.trials >= self.budget or (not self.patient and self.nine < np.inf)


def recent(hits: np.ndarray) -> np.ndarray:
    """(n,) how many of the last ten launches were hits, at each."""
    sums = np.cumsum(hits)
    return sums - np.concatenate([np.zeros(TEN, int), sums])[: len(hits)]


def thin(lines: np.ndarray) -> np.ndarray:
    """(n, steps, 3) -> (n, DRAWN, 3) points, the last one of each path among them."""
    steps = np.linspace(0, lines.shape[1] - 1, DRAWN).round().astype(int)
    return lines[:, steps]


def play(attempts: Sequence[Attempt]) -> Iterator[int]:
    """Rounds of launches, one proposal of every attempt each, until all are over; yields how many flew."""
    while going := [one for one in attempts if not one.over]:
        asked = [one.proposal() for one in going]
        for one, burns in zip(going, asked, strict=True):
            one.over = not len(burns)
        counts = [len(burns) for burns in asked]
        if not sum(counts):
            return
        worlds = [one.world for one, n in zip(going, counts, strict=True) for _ in range(n)]
        surprises = [one.surprise for one, n in zip(going, counts, strict=True) for _ in range(n)]
        drawn = any(one.drawn for one in going)
        told, lines = launch(worlds, np.concatenate(asked), surprises, paths=drawn)
        rows = told.columns()
        for one, burns, end in zip(going, asked, np.cumsum(counts), strict=True):
            mine = slice(end - len(burns), end)
            if len(burns):
                one.enter(burns, rows[mine], lines[mine])
        yield sum(counts)
