"""What a run of Moonshot shows: the ledger, launches to draw, and how the program reasoned; each made of games."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lib import core
from lib.tasks.moonshot.orbit import DAY, numbers
from lib.tasks.moonshot.trials import Attempt

SHOWN = 40  # launches of each contestant that are drawn
POINTS = 48  # of a path that the program has computed
MARKS = np.unique(np.logspace(0, 4.5, 46).round()).astype(int)

Games = dict[str, list[Attempt]]
"""Of each contestant, one in each seed's world."""
Misses = Mapping[str, np.ndarray]
"""Of each contestant, (seeds,) in km."""


@dataclass(frozen=True)
class Ledger:
    """What everybody has paid, in launches; infinite where it never came to that.

    names: who. first, nine: (names, seeds) launches up to the first hit, and until nine of the last ten were hits.
    again, tuned: (names, seeds) the same as first, in the world at the end of the axis: learned from nothing, and from
    what was known; NaN before anybody has tried. spent: (names, seeds, 3) launches in the first world, and in that one
    from nothing and from what was known.
    nothing, known: (names, seeds) miss of what each would fly in that world then [km], likewise.
    marks: (k,) launches; success: (names, seeds, k) hits among the last ten by then, over ten.
    """

    names: tuple[str, ...]
    first: np.ndarray
    nine: np.ndarray
    again: np.ndarray
    tuned: np.ndarray
    spent: np.ndarray
    nothing: np.ndarray
    known: np.ndarray
    marks: np.ndarray
    success: np.ndarray


@dataclass(frozen=True)
class Chart:
    """Launches of the first seed, to be drawn: at most 40 of each contestant, and its best.

    owner: (n,) who, as a place in the ledger's names; trial: (n,) from 1; altitude: (n,) of the pass [km].
    burns: (n, 2) speed [km/s] and phase [°].
    lines: (n, points, 3) day, x, y [km] in the turning frame.
    world: the numbers of the world; wanted, within: the altitude asked for [km]; turn: of the frame, rad a day.
    """

    owner: np.ndarray
    trial: np.ndarray
    altitude: np.ndarray
    burns: np.ndarray
    lines: np.ndarray
    world: tuple[float, ...]
    wanted: float
    within: float
    turn: float


@dataclass(frozen=True)
class Reasoning:
    """The program's steps in the first seed: what each was, its numbers and the path that goes with it.

    numbers: (steps, 5) speed [km/s], phase [°], altitude of the pass [km], its day, thrust over what was ordered.
    paths: (steps, points, 3) day, x, y [km] in the turning frame; a correction has that of the plan.
    """

    what: tuple[str, ...]
    numbers: np.ndarray
    paths: np.ndarray


@dataclass(frozen=True)
class Shot:
    """What the lab knows so far: misses along the axis, the ledger, launches to draw, and how the program reasoned."""

    verdict: core.Verdict
    progress: float
    loss: tuple[float, ...]
    ledger: Ledger
    chart: Chart
    reasoning: Reasoning


def ledger(near: Games, far: Games, again: Games, misses: tuple[Misses, Misses]) -> Ledger:
    """far, again, misses: in another world, from nothing and from what was known; no difference to the program."""
    names, seeds = tuple(near), range(len(next(iter(near.values()))))

    def table(ask: Callable[[Attempt], Any], games: Games = near) -> np.ndarray:
        return np.array([[ask(games[name][seed]) if name in games else np.nan for seed in seeds] for name in names])

    first = lambda one: one.first if one.trials else np.nan  # noqa: E731
    nothing, known = (np.array([some.get(name, [np.nan] * len(seeds)) for name in names]) for some in misses)
    return Ledger(
        names,
        table(lambda one: one.first),
        table(lambda one: one.nine),
        table(first, again | far),
        table(first, again),
        np.stack([table(lambda one: float(one.trials), games) for games in (near, again | far, again)], -1),
        nothing,
        known,
        MARKS,
        table(lambda one: one.success(MARKS)),
    )


def chart(near: Games) -> Chart:
    """The launches of the first seed."""
    games = [some[0] for some in near.values()]
    rows = [shown(one) for one in games]
    world = games[0].world

    def drawn(column: Callable[[Attempt], np.ndarray]) -> np.ndarray:
        return np.concatenate([column(one)[some] for one, some in zip(games, rows, strict=True)])

    return Chart(
        np.repeat(np.arange(len(games)), list(map(len, rows))),
        np.concatenate(rows) + 1,
        drawn(lambda one: one.told[:, 0]),
        drawn(lambda one: one.burns),
        drawn(lambda one: one.lines).astype(np.float32),
        tuple(numbers(world)),
        games[0].wanted,
        games[0].within,
        world.second * DAY,
    )


def shown(game: Attempt) -> np.ndarray:
    """(k,) which of its launches are drawn: evenly from first to last, and the best."""
    if not game.trials:
        return np.zeros(0, int)
    evenly = np.linspace(0, game.trials - 1, min(SHOWN, game.trials)).round().astype(int)
    return np.unique([*evenly, game.misses.argmin()])


def reasoning(game: Attempt) -> Reasoning:
    """The program's steps; a real flight has the path that was flown."""
    paths, flown, plan = [], 0, np.zeros((POINTS, 3))
    for one in game.player.steps:
        if one.what == "real":
            paths.append(spaced(game.lines[flown]))
            flown += 1
            continue
        plan = spaced(one.path) if len(one.path) else plan
        paths.append(plan)
    told = [(one.speed, one.phase, one.altitude, one.day, one.thrust) for one in game.player.steps]
    return Reasoning(tuple(one.what for one in game.player.steps), np.array(told), np.array(paths).astype(np.float32))


def spaced(path: np.ndarray) -> np.ndarray:
    """(n, 3) -> (POINTS, 3) of its points."""
    return path[np.linspace(0, len(path) - 1, POINTS).round().astype(int)]
