"""A run of Moonshot under way: who plays, in which worlds, and for how many launches."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate
from typing import Any, Protocol

import numpy as np

from lib import core
from lib.compare import training_rng, verdict
from lib.labs.moonshot.shots import Games, Shot, chart, ledger, reasoning
from lib.learners.moonshot.bayes import Bayes
from lib.learners.moonshot.inverse import ANSWERS, SupervisedPlayer, fit_classic, fit_networks
from lib.learners.moonshot.search import CrossEntropy, Evolution, Mission, PolicyGradient
from lib.tasks.moonshot.orbit import ModelError, Moonshots, launch, numbers
from lib.tasks.moonshot.trials import Attempt, play

ROLES: tuple[tuple[str, core.Kind], ...] = (
    ("network", "network"),
    ("policy", "network"),
    ("bayes", "baseline"),
    ("evolution", "baseline"),
    ("entropy", "baseline"),
    ("neighbours", "baseline"),
    ("forest", "baseline"),
    ("sighted", "control"),
    ("program", "program"),
)
BY_REWARD = ("policy", "bayes", "evolution", "entropy", "sighted")
SUPERVISED = ("network", "neighbours", "forest")
LEARNERS = (*SUPERVISED, *BY_REWARD)
TUNED = ("network", *BY_REWARD)  # who has something to go on from: a look-up and a forest have no weights
SPARING, AFAR = 60, 40  # launches that Bayesian optimisation may have, here and afar: it thinks longer before each one
AGAIN = 3  # the supervised have this part of their launches in the world at the end
FLOWN = 12  # launches of the program: it gives up after three misses, and after a hit flies the same again
TRIES = 3
ASKED = (100, 300, 1000, 3000, 10000)  # launches after which the supervised learn and are asked, and at last with all
LEAST = 200  # steps of training, however few the launches
OFTEN = 40  # rounds between two exams
STRIDE = 0.005  # of the run


class Settings(core.Lab, Protocol):
    """What a contest is told: the knobs of lib.labs.moonshot.lab, which runs it."""

    @property
    def within(self) -> float: ...
    @property
    def trials(self) -> int: ...
    @property
    def examples(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def steps(self) -> int: ...
    @property
    def learning_rate(self) -> float: ...
    @property
    def seeds(self) -> int: ...
    def asks(self) -> Moonshots: ...
    def program(self) -> Any: ...
    def model_errors(self) -> list[ModelError]: ...


class Contest:
    """Every contestant's games, a list with one for each seed, in three places.

    near: in the first world. far, again: in the world at the end of the axis, from nothing and from what was known.
    curves: (seeds, exam values) misses [km] of each, with what was learned in the first world; nothing, known: (seeds,)
    misses in the world at the end, after learning there from nothing and from what was known.
    """

    def __init__(self, lab: Settings) -> None:
        self.lab, self.task, self.model_errors = lab, lab.asks(), lab.model_errors()
        exam = self.task.axis.exam
        self.here, self.end = exam[0], exam[-1]
        self.near: Games = {name: self.games(name, self.here) for name, _ in ROLES}
        self.far: Games = {name: self.games(name, self.end) for name in LEARNERS}
        self.again: Games = {}
        self.curves: dict[str, np.ndarray] = {}
        self.nothing: dict[str, np.ndarray] = {}
        self.known: dict[str, np.ndarray] = {}
        self.loss: tuple[float, ...] = ()
        self.progress = 0.0

    def run(self) -> Iterator[Shot]:
        self.examine()
        yield self.result(0.0)
        self.examine_program()
        yield self.result(0.0)
        yield from self.play(self.of(self.near, "program", *BY_REWARD) + self.of(self.far, *BY_REWARD), 0.45)
        yield from self.teach([self.near], self.lab.examples, 0.75)
        self.examine()
        self.move()
        yield from self.play(self.of(self.again, "program", *BY_REWARD), 0.85)
        yield from self.teach([self.far, self.again], self.lab.examples // AGAIN, 0.99)
        self.examine_afar()
        yield self.result(1.0)

    def of(self, games: Games, *names: str) -> list[Attempt]:
        return [one for name in names for one in games[name]]

    def games(self, name: str, at: float, known: Sequence[Any] = ()) -> list[Attempt]:
        """A game in each seed's world at one place of the axis, of players who know nothing or of those `known`."""
        world, wanted = self.task.world(at), self.task.wanted(at)
        made = []
        for seed, model_error in enumerate(self.model_errors):
            player = known[seed] if known else self.player(name, seed, at)
            budget = self.budget(name, at)
            patient, drawn = name in SUPERVISED, seed == 0 and at == self.here and not known
            made.append(Attempt(player, world, model_error, wanted, self.lab.within, budget, patient, drawn))
        return made

    def budget(self, name: str, at: float) -> int:
        if name in SUPERVISED:
            return self.lab.examples + ANSWERS
        if name in ("bayes", "sighted"):
            return min(self.lab.trials, SPARING if at == self.here else AFAR)
        return FLOWN if name == "program" else self.lab.trials

    def mission(self, at: float) -> Mission:
        world = self.task.world(at)
        return Mission(world.box, self.task.wanted(at), self.lab.within, world.light_radius)

    def player(self, name: str, seed: int, at: float) -> Any:
        """Somebody who has not learned anything yet."""
        if name == "program":
            return self.lab.program().start(numbers(self.task.world(at)), self.task.wanted(at), self.lab.within)
        mission, rng = self.mission(at), self.rng_of(name, seed, at)
        made: dict[str, Any] = {"policy": PolicyGradient, "evolution": Evolution, "entropy": CrossEntropy}
        if name in made:
            return made[name](mission, rng)
        if name in SUPERVISED:
            return SupervisedPlayer(mission, rng)
        return Bayes(mission, rng, composite=name == "sighted")

    def rng_of(self, name: str, seed: int, at: float) -> np.random.Generator:
        """The supervised see the same launches."""
        stream = "pupil" if name in SUPERVISED else name
        return np.random.default_rng([self.lab.seed, seed, *stream.encode(), round(1000 * at)])

    def play(self, games: Sequence[Attempt], until: float) -> Iterator[Shot]:
        """Rounds until all games are over; an exam now and then."""
        begin = self.progress
        for done, _ in enumerate(play(games), 1):
            if done % OFTEN == 0:
                self.examine()
            left = max((1 - one.trials / one.budget for one in games if not one.over), default=0.0)
            yield from self.shown(begin + (until - begin) * (1 - left))

    def teach(self, groups: Sequence[Games], most: int, until: float) -> Iterator[Shot]:
        """The supervised launch, learn and are asked, again and again, until they have had `most` launches."""
        begin, sizes = self.progress, [*(size for size in ASKED if size < most), most]
        for size, done in zip(sizes, accumulate(sizes), strict=True):
            yield from self.training_round(groups, size, begin + (until - begin) * done / sum(sizes))

    def training_round(self, groups: Sequence[Games], size: int, until: float) -> Iterator[Shot]:
        """The supervised launch until they have had `size` launches, learn from all that they saw, and are asked."""
        begin, lab = self.progress, self.lab
        attempts = [one for games in groups for name in SUPERVISED for one in games.get(name, [])]
        for one in attempts:
            one.player.until = size
        for _ in play(attempts):
            yield from self.shown(begin + (until - begin) / 2 * min(1.0, attempts[0].trials / size))
        steps = min(lab.steps, max(LEAST, lab.steps * size // lab.examples))
        for games in groups:
            begin = self.progress
            players = {name: [one.player for one in games[name]] for name in SUPERVISED if name in games}
            for name in ("neighbours", "forest"):
                fit_classic(players.get(name, []), name)
            rng = training_rng(lab.seed)
            for done, self.loss in fit_networks(players["network"], lab.width, steps, lab.learning_rate, rng):
                yield from self.shown(begin + (until - begin) * done / 2)
        ask(attempts)

    def move(self) -> None:
        """To the world at the end of the axis, with what was learned in the first; the network is asked at once."""
        mission = self.mission(self.end)
        for name in TUNED:
            known = [one.player.transferred(mission) for one in self.near[name]]
            self.again[name] = self.games(name, self.end, known)
        for seed, one in enumerate(self.again["network"]):
            one.player.rng = self.rng_of("network", seed, self.end)
        self.again["program"] = self.games("program", self.end)
        ask(self.again["network"])

    def examine(self) -> None:
        """How far off the learners are in every world with what they learned in the first."""
        exam, seeds = self.task.axis.exam, range(self.lab.seeds)
        near = [(self.near[name][seed].player, at, seed) for name in LEARNERS for seed in seeds for at in exam]
        misses = self.misses(near).reshape(len(LEARNERS), len(seeds), len(exam))
        self.curves |= dict(zip(LEARNERS, misses, strict=True))

    def examine_afar(self) -> None:
        """The same in the world at the end of the axis, of those who have learned there."""
        for games, names, told in ((self.far, LEARNERS, self.nothing), (self.again, TUNED, self.known)):
            learners = [(one.player, self.end, seed) for name in names for seed, one in enumerate(games[name])]
            told |= dict(zip(names, self.misses(learners).reshape(len(names), -1), strict=True))

    def misses(self, asked: Sequence[tuple[Any, float, int]]) -> np.ndarray:
        """(n,) the mean miss [km] of a player's answers at a place of the axis, in a seed's world.

        Nobody is told of it, so nothing is counted.
        """
        answers: dict[tuple[int, float], np.ndarray] = {}
        flights, ends = [], []
        for player, at, seed in asked:
            wanted, world = self.task.wanted(at), self.task.world(at)
            name = id(player), wanted
            if name not in answers:
                answers[name] = player.answers(wanted)
            flights += [(world, *burn, seed) for burn in world.legal(answers[name]).tolist()]
            ends.append((len(flights), wanted))
        once = list(dict.fromkeys(flights))
        burns = np.array([one[1:3] for one in once])
        told, _ = launch([one[0] for one in once], burns, [self.model_errors[one[3]] for one in once])
        passes = dict(zip(once, told.altitude, strict=True))
        altitudes = np.split([passes[one] for one in flights], [end for end, _ in ends[:-1]])
        return np.array([np.abs(some - wanted).mean() for some, (_, wanted) in zip(altitudes, ends, strict=True)])

    def examine_program(self) -> None:
        """It plays in every world anew, at most three launches each; the best of them counts."""
        games = [self.games("program", at) for at in self.task.axis.exam]
        every = [one for some in games for one in some]
        for one in every:
            one.budget = TRIES
        deque(play(every), 0)
        self.curves["program"] = np.array([[one.misses.min() for one in some] for some in games]).T

    def shown(self, progress: float) -> Iterator[Shot]:
        """Where everybody stands, unless that is hardly further than when it was last told."""
        if progress >= self.progress + STRIDE:
            yield self.result(progress)

    def result(self, progress: float) -> Shot:
        """Where everybody stands; progress never goes back, though a game that is over leaves longer ones behind."""
        self.progress = max(self.progress, progress)
        axis = self.task.axis
        told = [
            core.answerer(name, kind, axis, self.curves[name], self.lab.within, self.price(name))
            for name, kind in ROLES
            if name in self.curves
        ]
        found = verdict(self.lab, axis, self.lab.within, told, unit="km")
        book = ledger(self.near, self.far, self.again, (self.nothing, self.known))
        return Shot(found, self.progress, self.loss, book, chart(self.near), reasoning(self.near["program"][0]))

    def price(self, name: str) -> core.Price:
        """Of the middle seed: launches up to the first hit (or all), and all that it has learned from."""
        spent = np.array([one.trials for one in self.near[name]])
        trials = int(np.median(np.minimum([one.first for one in self.near[name]], spent)))
        if name == "program":
            return core.Price(trials=trials, lines=self.lines)
        return core.Price(int(np.median(spent)), trials, parameters=self.near[name][0].player.parameters)

    @cached_property
    def lines(self) -> int:
        return core.lines_of_code(self.lab.program())


def ask(games: Sequence[Attempt]) -> None:
    """Let the supervised launch what they would fly by now."""
    for one in games:
        one.player.until, one.player.next = 0, one.player.answers(one.wanted)
    deque(play(games), 0)
    for one in games:
        one.examined.append(one.trials)
