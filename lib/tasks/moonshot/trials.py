"""The real world and its ledger: whoever wants to learn something launches, and every launch is counted.

A contestant never holds a world. It is asked for burns and told what came of them; the rest is done here: burns are
copied, moved to what is legal, cut to what the budget leaves, flown, written down, and told as a copy. All attempts
that run side by side are flown in one batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from lib.tasks.moonshot.orbit import ModelError, World, launch

NINE, TEN = 9, 10
DRAWN = 36  # points kept of a path


class Player(Protocol):
    """Plays for one mission in one world.

    ask() -> (m, 2) burns, speed [km/s] and phase [°], to be launched next; none if it has no use for more.
    tell(burns, told): (m, 2) the burns as they were flown and (m, 4) what came of each (see orbit.Observation): the
    whole of what a player learns.
    """

    def ask(self) -> np.ndarray: ...
    def tell(self, burns: np.ndarray, told: np.ndarray) -> None: ...


@dataclass(eq=False)
class Attempt:
    """One player in one real world, with its ledger.

    wanted, within: the altitude asked for and how far off is still a hit [km]. budget: launches that it may have.
    patient: go on after nine hits in ten. drawn: keep the paths. examined: trials at which it had just been asked.
    burns: (trials, 2), told: (trials, 4), lines: (trials, DRAWN, 3) of all launches so far.
    """

    player: Any
    world: World
    model_error: ModelError
    wanted: float
    within: float
    budget: int
    patient: bool = False
    drawn: bool = False
    examined: list[int] = field(default_factory=list)
    _burns: list[np.ndarray] = field(default_factory=list)
    _told: list[np.ndarray] = field(default_factory=list)
    _lines: list[np.ndarray] = field(default_factory=list)

    @property
    def trials(self) -> int:
        return sum(map(len, self._burns))

    @property
    def burns(self) -> np.ndarray:
        return whole(self._burns, 2)

    @property
    def told(self) -> np.ndarray:
        return whole(self._told, 4)

    @property
    def lines(self) -> np.ndarray:
        return whole(self._lines, DRAWN, 3)

    @property
    def misses(self) -> np.ndarray:
        """(trials,) how far off the altitude asked for each launch came [km]."""
        return np.abs(self.told[:, 0] - self.wanted)

    def success(self, marks: np.ndarray) -> np.ndarray:
        """(k,) hits among the last ten launches, over ten, after so many; the last known where there were fewer.

        Of a patient player who also launches at random, of the last ten before it was `examined` last.
        """
        known, ends = np.concatenate([[0], recent(self.hits)]), np.minimum(marks, self.trials)
        if self.patient:
            ends = np.array([0, *self.examined])[np.searchsorted(self.examined, ends, side="right")]
        return known[ends] / TEN

    @property
    def over(self) -> bool:
        """Nothing is left of the budget, or nine of the last ten launches were hits."""
        return self.trials >= self.budget or (not self.patient and self.nine < np.inf)

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


def whole(pieces: list[np.ndarray], *shape: int) -> np.ndarray:
    """All pieces as one array (n, *shape), which takes their place: a long ledger is not joined at each look."""
    if len(pieces) != 1:
        pieces[:] = [np.concatenate([np.zeros((0, *shape)), *pieces])]
    return pieces[0]


def recent(hits: np.ndarray) -> np.ndarray:
    """(n,) how many of the last ten launches were hits, at each."""
    sums = np.cumsum(hits)
    return sums - np.concatenate([np.zeros(TEN, int), sums])[: len(hits)]


def thin(lines: np.ndarray, points: int = DRAWN) -> np.ndarray:
    """(n, steps, 3) -> (n, points, 3) of each path up to its end, where it stays in `lines`; the ends among them."""
    under_way = (lines[:, :, 0] < lines[:, -1:, 0]).sum(1)
    steps = np.rint(np.linspace(0, 1, points) * under_way[:, None]).astype(int)
    return np.take_along_axis(lines, steps[:, :, None], axis=1)


def play(attempts: Sequence[Attempt]) -> Iterator[int]:
    """Rounds of launches, a batch of proposals from every attempt, until none is left; yields how many flew."""
    while True:
        asked = [(one, one.proposal()) for one in attempts if not one.over]
        asked = [(one, burns) for one, burns in asked if len(burns)]
        if not asked:
            return
        drawn = any(one.drawn for one, _ in asked)
        told, lines = _flown(asked, drawn)
        end = 0
        for one, burns in asked:
            mine = slice(end, end := end + len(burns))
            one.enter(burns, told[mine], lines[mine])
        yield end


def _flown(asked: Sequence[tuple[Attempt, np.ndarray]], drawn: bool) -> tuple[np.ndarray, np.ndarray]:
    """(n, 4) told and (n, steps, 3) paths of all proposals; what several ask for in one world is flown once."""
    worlds = [(one.world, one.model_error) for one, _ in asked]
    places = {world: i for i, world in enumerate(dict.fromkeys(worlds))}
    rows = [np.column_stack([np.full(len(b), places[w]), b]) for w, (_, b) in zip(worlds, asked, strict=True)]
    once, back = np.unique(np.concatenate(rows), axis=0, return_inverse=True)
    known = list(places)
    where = once[:, 0].astype(int).tolist()
    told, lines = launch([known[i][0] for i in where], once[:, 1:], [known[i][1] for i in where], paths=drawn)
    return told.columns()[back], lines[back]
