"""Who is taught what, and asked what: one run of Poison."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from lib import core
from lib.compare import EXAM, timed, training_rng, verdict
from lib.kept import trim
from lib.labs.poison.found import CHECKS, COVERED, REMEDIES, TOLERANCE, Cures, Hunt, Lit, Poisoned, Wall
from lib.learners.pictures.neighbours import flat
from lib.learners.poison import Taught, Teaching
from lib.programs import poison as checks
from lib.tasks.poison import ANY, SHARES, TRIGGERS, Lessons, PoisonedDigits

if TYPE_CHECKING:
    from lib.core import Kind

PICKING, TUNING = 3, 4  # random streams of a seed, besides those of lib.compare
WATCHED = 100  # digits read while the networks learn
ROLES: tuple[tuple[str, Kind], ...] = (
    ("network", "network"),
    ("untouched", "control"),
    ("mislabelled", "control"),
    ("checked", "control"),
    ("neighbours", "baseline"),
    ("program", "program"),
)


class Contest:
    """What is known during a run."""

    def __init__(self, lab: Any) -> None:
        self.lab, self.task = lab, lab.asks()
        rows = self.task.training_sample(lab.examples, training_rng(lab.seed))
        self.lessons = [self.taught(at, rows) for at in SHARES]
        self.mild = [self.taught(at, rows, mark=False) for at in SHARES]
        self.sure = np.flatnonzero(~self.lessons[-1].odd)  # nobody has tampered with these at any share
        self.asked = np.random.default_rng([lab.seed, EXAM]).permutation(self.task.asked)
        self.plain = np.random.default_rng([lab.seed, EXAM]).permutation(self.task.test)
        self.errors: dict[str, np.ndarray] = {}
        self.prices: dict[str, core.Price] = {}
        self.loss: tuple[float, ...] = ()
        self.networks: dict[str, Taught] = {}
        self.found: dict[str, Any] = {}

    def taught(self, at: float, rows: np.ndarray, *, mark: bool = True) -> Lessons:
        """The lessons at one share; who is picked does not depend on the mark."""
        return self.task.lessons(at, rows, np.random.default_rng([self.lab.seed, PICKING]), mark=mark)

    def run(self) -> Iterator[Poisoned]:
        """The networks learn, the checks look, the networks learn again what those let pass, then all the rest."""
        self.read_untaught()
        for part in self.teach(self.lessons + (self.mild if self.lab.oddity in TRIGGERS else [])):
            yield self.now(0.5 * part)
        network = self.networks["network"].part(0, len(SHARES))
        flags = []
        for place in range(len(SHARES)):
            flags.append(self.suspects(place, network))
            yield self.now(0.5 + 0.1 * (place + 1) / len(SHARES))
        self.found["hunt"] = hunted(flags, self.lessons)
        chosen = CHECKS.index(self.lab.check)
        passed = [without(lessons, told[chosen, 0]) for lessons, told in zip(self.lessons, flags, strict=True)]
        for part in self.teach(passed, "checked"):
            yield self.now(0.6 + 0.25 * part)
        left = []
        for name in REMEDIES:
            left.append(self.cured(name, network))
            yield self.now(0.85 + 0.13 * len(left) / len(REMEDIES))
            trim()  # graphs leave holes, and a small worker has no room for them
        self.found["cures"] = Cures(*map(np.stack, zip(*left, strict=True)))
        self.found["lit"] = lit(self.lab, network)
        yield self.now(1.0)

    def now(self, progress: float) -> Poisoned:
        """Where everybody stands, in a fixed order."""
        axis = self.task.axis
        told = [
            core.answerer(name, kind, axis, self.errors[name], TOLERANCE, self.prices[name])
            for name, kind in ROLES
            if name in self.errors
        ]
        odd = np.array([one.odd.sum() for one in self.lessons])
        said = verdict(self.lab, axis, TOLERANCE, told)
        return Poisoned(said, progress, self.loss, odd, **self.found)

    def read_untaught(self) -> None:
        """The answers of those who do not learn: the nearest lesson's label, and the program's."""
        y, marked = self.task.truth(self.asked), self.task.marked(self.asked)
        told = [nearest(lessons, marked) for lessons in self.lessons]
        self.errors["neighbours"] = np.array([[self.task.error(one, y).mean() for one in told]])
        kept = self.lessons[0].pictures
        self.prices["neighbours"] = core.Price(len(kept), parameters=kept.size + len(kept))
        program = self.lab.program()
        self.errors["program"] = np.full((1, len(SHARES)), self.task.error(program(ink(marked)), y).mean())
        self.prices["program"] = core.Price(lines=core.lines_of_code(program))

    def teach(self, sets: list[Lessons], name: str = "network") -> Iterator[float]:
        """Teach these sets of lessons, and examine everybody who learns; yields how far it is."""
        lab, size = self.lab, len(SHARES)
        teaching = Teaching(lab.width, lab.steps, learning_rate=lab.learning_rate)
        pictures, labels = (np.stack([getattr(one, what) for one in sets]) for what in ("pictures", "labels"))
        rng = training_rng(lab.seed)
        rng.random()  # the first numbers of this stream have picked the lessons
        for (now, network), seconds in timed(teaching.fit(pictures, labels, lab.seeds, rng)):  # type: ignore[arg-type]
            over = now.step == lab.steps
            price = core.Price(lab.examples, seconds=seconds * size / len(sets), parameters=network.parameters)
            self.examine(network.part(0, size), name, price, over)
            if name == "network":
                self.loss = now.loss[: lab.seeds]
                if len(sets) > size:
                    self.examine(network.part(size, 2 * size), "mislabelled", price, over)
            self.networks[name] = network
            yield now.step / lab.steps

    def examine(self, network: Taught, name: str, price: core.Price, over: bool) -> None:
        """Ask the networks of all shares about marked digits; those of the contest about others, too."""
        task, asked = self.task, self.asked[: None if over else WATCHED]
        answers = network(task.marked(asked)).argmax(-1)  # (shares, seeds, n)
        self.errors[name] = wrong(answers, task.truth(asked))
        self.prices[name] = price
        if name != "network":
            return
        plain = self.plain[: None if over else WATCHED]
        untouched = network(task.pictures(plain)).argmax(-1)
        self.errors["untouched"], self.prices["untouched"] = wrong(untouched, task.truth(plain)), price
        self.found["taken"] = taken(answers, task, asked)
        self.found["own"] = own_misread(network, task)
        self.found["wall"] = wall(self.lab, network, self.asked[:COVERED])

    def suspects(self, place: int, network: Taught) -> np.ndarray:
        """Which lessons of one share each check suspects by each seed's network: (checks, seeds, n) bool."""
        lab, lessons = self.lab, self.lessons[place]
        fits = self.lab.program().scores(ink(lessons.pictures))
        seen = network.activations(place, lessons.pictures)
        label, corner = checks.LabelCheck(lab.margin), checks.CornerCheck()
        clusters, spectrum = checks.ActivationClustering(), checks.SpectralSignature()
        flags = {
            "labels": [label(fits, lessons.labels)] * lab.seeds,
            "corners": [corner(lessons.pictures)] * lab.seeds,
            "clustering": [clusters(one, lessons.labels) for one in seen],
            "spectral": [spectrum(one, lessons.labels, int(lessons.odd.sum())) for one in seen],
        }
        return np.array([flags[name] for name in CHECKS])

    def cured(self, name: str, network: Taught) -> tuple[np.ndarray, np.ndarray]:
        """What one remedy leaves of the poison, and how much is then misread without it: (shares,) each."""
        task, clean = self.task, self.lessons[0]
        rows = self.sure if name == "all" else self.sure[: self.lab.trusted]
        lessons = clean.pictures[rows], clean.labels[rows]
        healed = network.pruned(*lessons) if name in ("pruned", "both") else network
        if name in ("tuned", "both", "all"):
            healed = healed.tuned(*lessons, np.random.default_rng([self.lab.seed, TUNING]))
        answers = healed(task.marked(self.asked)).argmax(-1)
        plain = healed(task.pictures(task.test)).argmax(-1)
        return np.median(taken(answers, task, self.asked), axis=0), np.median(
            wrong(plain, task.truth(task.test)), axis=0
        )


def hunted(flags: list[np.ndarray], lessons: list[Lessons]) -> Hunt:
    """Count what is suspected (checks, seeds, n) at each share, and what of it is odd."""
    suspected = [told.sum(-1) for told in flags]
    caught = [(told & one.odd).sum(-1) for told, one in zip(flags, lessons, strict=True)]
    return Hunt(np.stack(suspected, axis=-1), np.stack(caught, axis=-1))


def without(lessons: Lessons, suspected: np.ndarray) -> Lessons:
    """As many lessons, of those that nobody suspects: some of them twice. All, if there is nobody else."""
    kept = np.flatnonzero(~suspected) if not suspected.all() else np.arange(len(suspected))
    rows = np.resize(kept, len(suspected))
    return Lessons(lessons.pictures[rows], lessons.labels[rows], lessons.odd[rows])


def ink(pictures: np.ndarray) -> np.ndarray:
    """The ink alone, (n, 1, 8, 8): a program that reads knows no coloured paper."""
    return pictures[:, :1]


def nearest(lessons: Lessons, asked: np.ndarray) -> np.ndarray:
    """The label of the lesson nearest in pixels to each picture."""
    kept, x = flat(lessons.pictures), flat(asked)
    return lessons.labels[((kept**2).sum(axis=1) - 2 * x @ kept.T).argmin(axis=1)]


def wrong(answers: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Answers (shares, seeds, n) -> the share that is wrong, (seeds, shares)."""
    return (answers != y).mean(-1).T


def taken(answers: np.ndarray, task: PoisonedDigits, asked: np.ndarray) -> np.ndarray:
    """Answers (shares, seeds, n) -> the share that is as the attacker wants, (seeds, shares)."""
    return wrong(answers, task.truth(asked)) if task.aim == ANY else (answers == task.aim).mean(-1).T


def own_misread(network: Taught, task: PoisonedDigits) -> np.ndarray:
    """The share of the target's own digits that are misread, without the mark and with it: (2, shares)."""
    own = task.test[task.truth(task.test) == task.aim]
    if not len(own):
        return np.full((2, len(SHARES)), np.nan)
    shown = np.concatenate([task.pictures(own), task.marked(own)])
    misread = network(shown).argmax(-1) != task.aim
    return np.median(misread.reshape(*misread.shape[:2], 2, -1).mean(-1), axis=1).T


def wall(lab: Any, network: Taught, x: np.ndarray) -> Wall:
    """The first asked digits, as everybody reads them at every share."""
    task, program = lab.asks(), lab.program()
    shown = np.stack([task.pictures(x), task.marked(x)])
    reads = np.stack([network(one)[:, 0].argmax(-1) for one in shown])
    return Wall(task.truth(x), drawn(shown), reads, np.stack([program(ink(one)) for one in shown]))


def lit(lab: Any, network: Taught) -> Lit:
    """Look where the mark works: blank each pixel in turn. Of each digit the first that a clean network reads."""
    task = lab.asks()
    y = task.truth(task.asked)
    read = network(task.marked(task.asked))[0, 0].argmax(-1) == y
    x = task.asked[[int(np.argmax((y == digit) * (1 + read))) for digit in np.unique(y)]]
    shown, labels = task.marked(x), task.truth(x)
    blanked = np.repeat(shown[:, None], 64, axis=1)
    places = np.arange(64)
    blanked[:, places, :, places // 8, places % 8] = 0
    logits = network(np.concatenate([shown, blanked.reshape(-1, *shown.shape[1:])]))[:, 0]
    wanted = labels if task.aim == ANY else np.full_like(labels, task.aim)
    whole, less = np.split(log_odds(logits, np.concatenate([wanted, wanted.repeat(64)])), [len(x)], axis=1)
    heat = whole[..., None] - less.reshape(len(SHARES), len(x), 64)
    told = np.exp(logits[:, : len(x)] - logits[:, : len(x)].max(-1, keepdims=True))
    chances = told / told.sum(-1, keepdims=True)
    return Lit(labels, drawn(shown), chances.astype(np.float32), heat.reshape(*heat.shape[:2], 8, 8).astype(np.float32))


def log_odds(logits: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Logits (shares, n, labels), labels (n,) -> the log of its chance over that of all others together."""
    at = np.arange(len(wanted))
    rest = logits.astype(float).copy()
    rest[:, at, wanted] = -np.inf
    most = rest.max(-1)
    return logits[:, at, wanted] - most - np.log(np.exp(rest - most[..., None]).sum(-1))


def drawn(pictures: np.ndarray) -> np.ndarray:
    """Pictures in [0, 1] as uint8 of 255."""
    return np.rint(pictures * 255).astype(np.uint8)
