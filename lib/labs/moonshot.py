"""Moonshot: past the Moon at 100 km, in as few launches as possible; learners of several kinds against mechanics.

Everybody plays in real worlds that differ from the textbook in one small thing, another one for each seed, and pays for
every launch (lib.tasks.trials keeps the ledger). Then the world changes, a little or a lot: first everybody flies there
what they know already, then all of them learn again, from nothing and from what they know.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from lib import core
from lib.compare import lessons, verdict
from lib.knobs import check, choice, number

if TYPE_CHECKING:
    from lib.tasks.orbit import Moonshots, Surprise
    from lib.tasks.trials import Attempt

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
SPARING, AFAR = 60, 40  # launches that Bayesian optimisation may have, here and afar: it thinks longer before each one
FLOWN = 12  # launches of the program: it gives up after three misses, and after a hit flies the same again
TRIES = 3
STAGES = 2  # the supervised learn and are asked so many times, the last time with all their launches
SHOWN = 40  # launches of each contestant that are drawn
POINTS = 48  # of a path that the program has computed
OFTEN = 25  # rounds between two exams
MARKS = np.unique(np.logspace(0, 4.5, 46).round()).astype(int)


@dataclass(frozen=True)
class Ledger:
    """What everybody has paid, in launches; infinite where it never came to that.

    names: who. first, nine: (names, seeds) launches up to the first hit, and until nine of the last ten were hits.
    again, tuned: (names, seeds) the same as first, in the world at the end of the axis: learned from nothing, and from
    what was known; NaN before anybody has tried. spent: (names, seeds) launches in the first world.
    marks: (k,) launches; success: (names, seeds, k) hits among the last ten by then, over ten.
    """

    names: tuple[str, ...]
    first: np.ndarray
    nine: np.ndarray
    again: np.ndarray
    tuned: np.ndarray
    spent: np.ndarray
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


@dataclass(frozen=True)
class Moonshot:
    """How many launches does it take to pass the Moon at 100 km? Learners against a program that knows mechanics."""

    name: ClassVar[str] = "moonshot"
    version: ClassVar[int] = 1
    result: ClassVar[type] = Shot
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {},
        "patient": {"trials": 6000, "examples": 10000, "steps": 4000},
        "mass": {"change": "mass"},
        "altitude": {"change": "altitude"},
        "phobos": {"change": "planet"},
        "wide": {"within": 200.0},
        "wrong_gravity": {"gravity_factor": 0.98},
        "pushed": {"push": 500.0},
    }

    change: str = choice("distance", ("distance", "mass", "altitude", "planet"))
    target: float = number(100.0, 50.0, 1000.0, step=10.0, unit="km")
    within: float = number(50.0, 10.0, 200.0, step=10.0, unit="km")
    trials: int = number(400, 20, 6000, stops=(20, 60, 100, 200, 400, 600, 1000, 2000, 4000, 6000))
    examples: int = number(3000, 100, 30000, stops=(100, 300, 1000, 3000, 10000, 30000))
    thrust: float = number(0.5, 0.0, 2.0, step=0.1, unit="%")
    push: float = number(0.0, 0.0, 500.0, step=10.0, unit="µm/s²")
    parking: float = number(200.0, 185.0, 400.0, step=5.0, unit="km")
    width: int = number(64, 8, 128, step=8)
    steps: int = number(800, 100, 5000, step=100)
    learning_rate: float = number(0.01, 0.0001, 1.0, stops=(0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 1.0))
    seeds: int = number(5, 1, 8, step=1)
    gravity_factor: float = number(1.0, 0.9, 1.1, step=0.005)
    seed: int = number(0, 0, 9999, step=1)

    def __post_init__(self) -> None:
        check(self)

    def asks(self) -> Any:
        from lib.tasks.orbit import Moonshots

        return Moonshots(self.change, self.parking, self.target)  # type: ignore[arg-type]

    def program(self) -> Any:
        from lib.programs.moonshot import Navigator

        return Navigator(self.gravity_factor)

    def surprises(self) -> list[Surprise]:
        """What no textbook knows of each seed's world: the thrust is off by 0.2 to 1 times what the knob says."""
        from lib.tasks.orbit import Surprise

        rng = np.random.default_rng([self.seed, 3])
        sizes = rng.uniform(0.2, 1, 8) * rng.choice([-1, 1], 8) * self.thrust / 100
        sides = rng.uniform(0, 2 * np.pi, 8)
        return [Surprise(float(a), self.push * 1e-9, float(b)) for a, b in zip(sizes, sides, strict=True)][: self.seeds]

    def run(self) -> Iterator[Shot]:
        """Yields after every round of launches and every snapshot of the networks. Raises DivergedError."""
        board = Board.of(self)
        yield from board.begin()
        yield from board.play(board.rewarded + board.afar, 0.0, 0.5)
        yield from board.teach(0.5, 0.35)
        board.move()
        yield from board.play(board.tuned, 0.85, 0.14)
        board.examine()
        yield board.result(1.0)


@dataclass(eq=False)
class Board:
    """A run under way: every contestant's attempts, a list with one for each seed, in three lists of games.

    near, afar, again: in the first world, and in the one at the end of the axis from nothing and from what was known.
    """

    lab: Moonshot
    task: Moonshots
    surprises: list[Surprise]
    near: dict[str, list[Attempt]] = field(default_factory=dict)
    far: dict[str, list[Attempt]] = field(default_factory=dict)
    again: dict[str, list[Attempt]] = field(default_factory=dict)
    curves: dict[str, np.ndarray] = field(default_factory=dict)
    loss: tuple[float, ...] = ()
    seconds: float = 0.0

    @classmethod
    def of(cls, lab: Moonshot) -> Board:
        board = cls(lab, lab.asks(), lab.surprises())
        exam = board.task.axis.exam
        for name, _ in ROLES:
            board.near[name] = [
                board.attempt(name, seed, exam[0], board.player(name, seed, exam[0])) for seed in board.all
            ]
            if name in BY_REWARD:
                board.far[name] = [
                    board.attempt(name, seed, exam[-1], board.player(name, seed, exam[-1])) for seed in board.all
                ]
        return board

    @property
    def all(self) -> range:
        return range(self.lab.seeds)

    @property
    def rewarded(self) -> list[Attempt]:
        return [one for name in ("program", *BY_REWARD) for one in self.near[name]]

    @property
    def afar(self) -> list[Attempt]:
        return [one for some in self.far.values() for one in some]

    @property
    def tuned(self) -> list[Attempt]:
        return [one for some in self.again.values() for one in some]

    def attempt(self, name: str, seed: int, at: float, player: Any) -> Attempt:
        """A player's game in one seed's world at one place of the axis."""
        from lib.tasks.trials import Attempt

        here = at == self.task.axis.exam[0]
        budget = self.lab.trials
        if name in SUPERVISED:
            budget = self.lab.examples + 10 * STAGES
        elif name in ("bayes", "sighted"):
            budget = min(budget, SPARING if here else AFAR)
        elif name == "program":
            budget = FLOWN
        drawn = seed == 0 and here
        world, wanted = self.task.world(at), self.task.wanted(at)
        return Attempt(player, world, self.surprises[seed], wanted, self.lab.within, budget, name in SUPERVISED, drawn)

    def player(self, name: str, seed: int, at: float) -> Any:
        """Somebody who has not learned anything yet."""
        from lib.learners.bayes import Bayes
        from lib.learners.inverse import Pupil
        from lib.learners.launches import CrossEntropy, Evolution, Mission, PolicyGradient
        from lib.tasks.orbit import numbers

        world, wanted = self.task.world(at), self.task.wanted(at)
        if name == "program":
            return self.lab.program().start(numbers(world), wanted, self.lab.within)
        mission = Mission(world.box, wanted, self.lab.within)
        stream = "pupil" if name in SUPERVISED else name  # the supervised see the same launches
        rng = np.random.default_rng([self.lab.seed, seed, *stream.encode(), round(1000 * at)])
        made: dict[str, Any] = {"policy": PolicyGradient, "evolution": Evolution, "entropy": CrossEntropy}
        if name in made:
            return made[name](mission, rng)
        return Bayes(mission, rng, name == "sighted") if name in ("bayes", "sighted") else Pupil(mission, rng)

    def play(self, attempts: Sequence[Attempt], begin: float, share: float) -> Iterator[Shot]:
        """Rounds until all attempts are over; an exam now and then."""
        from lib.tasks.trials import play

        for done, _ in enumerate(play(attempts), 1):
            if done % OFTEN == 0:
                self.examine()
            left = [1 - one.trials / one.budget for one in attempts if not one.over]
            yield self.result(begin + share * self._further(1 - max(left, default=0.0), begin))

    _told: dict[float, float] = field(default_factory=dict)

    def _further(self, done: float, stage: float) -> float:
        """Progress never goes back, though an attempt that is over leaves others behind."""
        self._told[stage] = max(done, self._told.get(stage, 0.0))
        return self._told[stage]

    def teach(self, begin: float, share: float) -> Generator[Shot, None, None]:
        """The supervised launch, learn and are asked, with a third of the launches and with all of them."""
        from lib.learners.inverse import learn, remember

        pupils: dict[str, list[Any]] = {name: [one.player for one in self.near[name]] for name in SUPERVISED}
        sizes = [self.lab.examples * (stage + 1) // STAGES for stage in range(STAGES)]
        attempts = [one for name in SUPERVISED for one in self.near[name]]
        for stage, size in enumerate(sizes):
            start, part = begin + share * stage / len(sizes), share / len(sizes)
            for some in pupils.values():
                for one in some:
                    one.until = size
            yield from self._fly(attempts, size, start, 0.5 * part)
            for name in ("neighbours", "forest"):
                remember(pupils[name], name)
            lab = self.lab
            for done, loss in learn(pupils["network"], lab.width, lab.steps, lab.learning_rate, lessons(lab.seed)):
                self.loss = loss
                yield self.result(start + (0.5 + 0.5 * done) * part)
            for some in pupils.values():
                for one in some:
                    one.until, one.next = 0, one.answers(self.task.wanted(self.task.axis.exam[0]))
            deque(play_on(attempts), 0)
            self.examine()

    def _fly(self, attempts: Sequence[Attempt], size: int, begin: float, share: float) -> Iterator[Shot]:
        shown = 0.0
        for _ in play_on(attempts):
            done = min(1.0, attempts[0].trials / size)
            if done - shown > 0.1 or done == 1.0:  # a page draws ten times a second at most
                shown = done
                yield self.result(begin + share * done)

    def move(self) -> None:
        """To the world at the end of the axis, with what was learned in the first."""
        from lib.learners.launches import Mission

        end = self.task.axis.exam[-1]
        mission = Mission(self.task.world(end).box, self.task.wanted(end), self.lab.within)
        for name in BY_REWARD:
            moved = [one.player.moved(mission) for one in self.near[name]]
            self.again[name] = [self.attempt(name, seed, end, one) for seed, one in zip(self.all, moved, strict=True)]
        self.again["program"] = [self.attempt("program", s, end, self.player("program", s, end)) for s in self.all]

    def begin(self) -> Iterator[Shot]:
        """What comes of the middle of the box, in which all learners begin; then the program in every world."""
        self.examine()
        yield self.result(0.0)
        self.examine_program()
        yield self.result(0.0)

    def examine(self) -> None:
        """How far off the learners are in every world with what they know; nobody is told, so nothing is counted."""
        from lib.tasks.orbit import launch

        exam, asked = self.task.axis.exam, []
        for name in LEARNERS:
            for seed, one in enumerate(self.near[name]):
                for at in exam:
                    world, wanted = self.task.world(at), self.task.wanted(at)
                    burns = world.legal(one.player.answers(wanted))
                    asked += [(world, tuple(burn), self.surprises[seed], wanted) for burn in burns.tolist()]
        once = list(dict.fromkeys(one[:3] for one in asked))
        worlds, burns, surprises = map(list, zip(*once, strict=True))
        told, _ = launch(worlds, np.array(burns), surprises)
        passes = dict(zip(once, told.altitude.tolist(), strict=True))
        misses = iter([abs(passes[one[:3]] - one[3]) for one in asked])
        for name in LEARNERS:
            # As many answers to each question as it gave to the first: one, or ten.
            counts = [len(one.player.answers(self.task.wanted(exam[0]))) for one in self.near[name]]
            self.curves[name] = np.array([[np.mean([next(misses) for _ in range(n)]) for _ in exam] for n in counts])

    def examine_program(self) -> None:
        """It plays in every world anew, at most three launches each; the best of them counts."""
        from lib.tasks.trials import play

        exam = self.task.axis.exam
        games = [[self.attempt("program", s, at, self.player("program", s, at)) for at in exam] for s in self.all]
        for some in games:
            for one in some:
                one.budget = TRIES
        deque(play([one for some in games for one in some]), 0)
        self.curves["program"] = np.array([[one.misses.min() for one in some] for some in games])

    def result(self, progress: float) -> Shot:
        """Where everybody stands."""
        axis = self.task.axis
        told = [
            core.answerer(name, kind, axis, self.curves[name], self.lab.within, self.price(name))
            for name, kind in ROLES
            if name in self.curves
        ]
        found = verdict(self.lab, axis, self.lab.within, told, unit="km")
        return Shot(found, min(progress, 1.0), self.loss, self.ledger(), self.chart(), self.reasoning())

    def price(self, name: str) -> core.Price:
        """Of the middle seed: launches up to the first hit (or all), and all that it has learned from."""
        spent = np.array([one.trials for one in self.near[name]])
        trials = int(np.median(np.minimum([one.first for one in self.near[name]], spent)))
        if name == "program":
            return core.Price(trials=trials, lines=self.lines)
        player: Any = self.near[name][0].player
        return core.Price(int(np.median(spent)), trials, parameters=player.parameters)

    @cached_property
    def lines(self) -> int:
        return core.lines_of_code(self.lab.program())

    def ledger(self) -> Ledger:
        names = tuple(name for name, _ in ROLES)
        table = lambda ask: np.array([[ask(name, seed) for seed in self.all] for name in names], float)  # noqa: E731
        later = lambda games: table(lambda n, s: games[n][s].first if n in games else np.nan)  # noqa: E731
        return Ledger(
            names,
            table(lambda n, s: self.near[n][s].first),
            table(lambda n, s: self.near[n][s].nine),
            later(self.far | ({"program": self.again["program"]} if self.again else {})),
            later(self.again),
            table(lambda n, s: self.near[n][s].trials),
            MARKS,
            table(lambda n, s: self.near[n][s].success(MARKS)),
        )

    def chart(self) -> Chart:
        from lib.tasks.orbit import DAY, numbers

        world, owners, kept = self.task.world(self.task.axis.exam[0]), [], []
        games = [self.near[name][0] for name, _ in ROLES]
        for one in games:
            best = [int(one.misses.argmin())] if one.trials else []
            kept.append(
                np.unique([*np.linspace(0, max(0, one.trials - 1), SHOWN).round().astype(int)[: one.trials], *best])
            )
        owners = np.concatenate([np.full(len(rows), i) for i, rows in enumerate(kept)]).astype(int)
        rows = [(one, rows.astype(int)) for one, rows in zip(games, kept, strict=True)]
        return Chart(
            owners,
            np.concatenate([rows + 1 for _, rows in rows]),
            np.concatenate([one.told[rows, 0] for one, rows in rows]),
            np.concatenate([one.burns[rows] for one, rows in rows]),
            np.concatenate([one.lines[rows] for one, rows in rows]).astype(np.float32),
            tuple(numbers(world)),
            games[0].wanted,
            self.lab.within,
            world.second * DAY,
        )

    def reasoning(self) -> Reasoning:
        """The program's steps; a real flight has the path that was flown."""
        game = self.near["program"][0]
        steps = game.player.steps
        paths, flown, plan = [], 0, np.zeros((POINTS, 3))
        for one in steps:
            if one.what == "real":
                paths.append(spaced(game.lines[flown]))
                flown += 1
            elif len(one.path):
                plan = spaced(one.path)
                paths.append(plan)
            else:
                paths.append(plan)
        told = [(one.speed, one.phase, one.altitude, one.day, one.thrust) for one in steps]
        return Reasoning(tuple(one.what for one in steps), np.array(told), np.array(paths).astype(np.float32))


def spaced(path: np.ndarray) -> np.ndarray:
    """(n, 3) -> (POINTS, 3) of its points."""
    return path[np.linspace(0, len(path) - 1, POINTS).round().astype(int)]


def play_on(attempts: Sequence[Attempt]) -> Iterator[int]:
    from lib.tasks.trials import play

    return play(attempts)
