"""Doubt under way: networks learn digits, are shown what is none, and several ways of refusing are tried on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from lib.attacks.walk import Walk
from lib.labs.see.doubt import CONTROLS, COSTS, DIGITS, KINDS, SHOWN, Doubt
from lib.learners.pictures.classifier import Classifier
from lib.programs.see.nearest import NearestReader
from lib.tasks.digits import Digits, handwriting
from lib.tasks.see.nonsense import NONSENSE, OTHERWISE

HELD = 258  # digits that no network learns from, for the temperature
COUNT = 100  # pictures of each kind
EPS = 0.15  # by how much an attacker may move each pixel of a digit
STRIDE, STEPS = 0.05, 40  # of his walk from noise, which has no budget
TEMPERATURES = np.geomspace(0.25, 8, 101)
LEARNING, MAKING = 5, 6  # streams of the lab's seed
TAUGHT = 0.8  # of the time


@dataclass(frozen=True, eq=False)
class Part(Digits):
    """The digits of which some places alone are for learners."""

    places: np.ndarray = field(default_factory=lambda: np.arange(0))

    def training_sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        return rng.permutation(self.places)[:n]


@dataclass(frozen=True)
class Readers:
    """Whoever is asked. networks: pictures (n, 1, 8, 8) -> logits (k, n, 10). nearest: the program."""

    networks: Any
    temperatures: np.ndarray
    nearest: NearestReader

    def logits(self, pictures: np.ndarray) -> np.ndarray:
        """(k, n, 10) of pictures (n, 64)."""
        return self.networks(pictures.astype(np.float32).reshape(-1, 1, 8, 8)).astype(float)

    def scores(self, pictures: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """For each control who was asked (rows, n): a score, higher where it would rather answer, and the answer."""
        logits, apart = self.logits(pictures), self.nearest.distances(pictures)
        told, tempered = softmax(logits), softmax(logits / self.temperatures[:, None, None])
        mean = told.mean(0)
        split = entropy(mean) - entropy(told).mean(0)
        reads, together = told.argmax(-1), mean.argmax(-1)[None]
        closest = self.nearest.labels[apart.argmin(1)][None]
        scores = [told.max(-1), tempered.max(-1), -split[None], -apart.min(1)[None]]
        return scores, [reads, reads, together, closest]


class Doubter:
    """Doubt as it comes to be; `doubt` is None until all is known. seed: of the lab. count: pictures of each kind."""

    def __init__(self, seed: int, networks: int = 5, width: int = 32, steps: int = 300, count: int = COUNT) -> None:
        self.seed, self.networks, self.width, self.steps, self.count = seed, networks, width, steps, count
        self.doubt: Doubt | None = None

    def ask(self) -> Iterator[float]:
        """Yields what share of the work was done, again and again; they add up to 1. Raises DivergedError."""
        task, rng = Digits(), np.random.default_rng([self.seed, LEARNING])
        places = rng.permutation(np.flatnonzero(~handwriting().tested))
        held, seen = places[:HELD], places[HELD:]
        learner = Classifier("cnn", self.width, len(seen), self.steps, features=task.pictures)
        trained, before = None, 0
        for snapshot in learner.fit(Part(places=seen), self.networks, rng):
            trained = snapshot.network
            yield TAUGHT * (snapshot.step - before) / self.steps
            before = snapshot.step
        asked = replace(trained, features=as_shown)  # type: ignore[type-var]
        fitted = temperatures(asked(task.pictures(held)), task.truth(held))
        readers = Readers(asked, fitted, NearestReader(pixels(task, seen), task.truth(seen)))
        modules = [asked.module(one) for one in range(self.networks)]
        shown = made(task, modules, self.count, np.random.default_rng([self.seed, MAKING]))
        self.doubt = judged(readers, shown, task.truth(task.test))
        yield 1 - TAUGHT


def as_shown(pictures: np.ndarray) -> np.ndarray:
    """For asking networks about pictures instead of places."""
    return pictures


def pixels(task: Digits, places: np.ndarray) -> np.ndarray:
    return task.pictures(places).reshape(-1, 64)


def softmax(logits: np.ndarray) -> np.ndarray:
    told = np.exp(logits - logits.max(-1, keepdims=True))
    return told / told.sum(-1, keepdims=True)


def entropy(told: np.ndarray) -> np.ndarray:
    """Of the last axis [nats]."""
    return -(told * np.log(np.maximum(told, 1e-12))).sum(-1)


def temperatures(logits: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """(k,) by which each network's logits (k, n, 10) are best divided, by the likelihood of the truth (n,).

    Source: C. Guo et al., On Calibration of Modern Neural Networks (2017), section 4.2.
    """
    fits = [softmax(logits / one)[:, np.arange(len(truth)), truth] for one in TEMPERATURES]
    return TEMPERATURES[np.log(np.maximum(fits, 1e-12)).mean(-1).argmax(0)]


def made(task: Digits, modules: list[Any], count: int, rng: np.random.Generator) -> dict[str, list[np.ndarray]]:
    """Pictures of every kind, (n, 64) for all networks, or for each network those that were made for it."""
    digits, labels = pixels(task, task.test), task.truth(task.test)
    shown = {"digits": [digits]} | {name: [make(digits)] for name, make in OTHERWISE.items()}
    shown["attacked"] = [walked(one, digits, labels, Walk(EPS)) for one in modules]
    shown |= {name: [make(digits, labels, count, rng)] for name, make in NONSENSE.items()}
    noise, aims = rng.random((count, 64)), np.resize(np.arange(10), count)
    shown["fooling"] = [walked(one, noise, aims, Walk(1.0, True, STEPS, STRIDE)) for one in modules]
    return {kind: shown[kind] for kind in KINDS}


def walked(module: Any, pictures: np.ndarray, labels: np.ndarray, walk: Walk) -> np.ndarray:
    """Where a walk along a network's gradient leads from pictures (n, 64)."""
    import torch

    x = torch.as_tensor(pictures, dtype=torch.float32).reshape(-1, 1, 8, 8)
    *_, last = walk(module, x, torch.as_tensor(labels))
    return last.pictures.reshape(-1, 64).numpy().astype(float)


def judged(readers: Readers, shown: dict[str, list[np.ndarray]], truth: np.ndarray) -> Doubt:
    """What everybody makes of pictures of every kind; truth: (n,) the labels of the test digits."""
    scores, answers = readers.scores(shown["digits"][0])
    hits = [one == truth for one in answers]
    thresholds = [
        np.stack([np.quantile(row[hit], COSTS, method="lower") for row, hit in zip(rows, hit_rows, strict=True)])
        for rows, hit_rows in zip(scores, hits, strict=True)
    ]
    shape = 3, len(CONTROLS), len(KINDS), len(COSTS)
    answered, wrong = np.zeros(shape), np.zeros((len(CONTROLS), len(DIGITS), len(COSTS)))
    sure = np.zeros((2, len(KINDS)))
    for place, (kind, sets) in enumerate(shown.items()):
        told = [readers.scores(one) for one in sets]
        for control in range(len(CONTROLS)):
            rows = own([one[control] for one, _ in told])
            given = rows[:, :, None] >= thresholds[control][:, None, :]
            shares = given.mean(1)
            answered[:, control, place] = np.median(shares, 0), shares.min(0), shares.max(0)
            if kind in DIGITS:
                missed = own([one[control] for _, one in told]) != np.resize(truth, rows.shape[1])
                wrong[control, place] = np.median((given & missed[:, :, None]).mean(1), 0)
        sure[:, place] = [np.median(own([one[which] for one, _ in told]).mean(1)) for which in range(2)]
    return Doubt(
        temperatures=readers.temperatures,
        right=np.array([np.median(one.mean(1)) for one in hits]),
        sure=sure,
        thresholds=np.array([np.median(one, 0) for one in thresholds]),
        answered=answered[0],
        low=answered[1],
        high=answered[2],
        wrong=wrong,
        **looked(readers, {kind: sets[0][:SHOWN] for kind, sets in shown.items()}),
    )


def own(rows: list[np.ndarray]) -> np.ndarray:
    """Each network on the pictures that were made for it; who is no network on all of them, side by side.

    rows: for each set of pictures, (rows, n). A single set is everybody's.
    """
    if len(rows) == 1:
        return rows[0]
    if len(rows[0]) == 1:
        return np.concatenate(rows, axis=1)
    return np.stack([one[which] for which, one in enumerate(rows)])


def looked(readers: Readers, shown: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Some pictures and the nearest examples, what the first network and the program make of them."""
    pictures = np.stack([*shown.values()])
    flat, grid = pictures.reshape(-1, 64), pictures.shape[:2]
    told, apart = softmax(readers.logits(flat)[0]), readers.nearest.distances(flat)
    closest = apart.argmin(1)
    return {
        "pictures": np.rint(255 * pictures).astype(np.uint8),
        "nearest": np.rint(255 * readers.nearest.examples[closest]).astype(np.uint8).reshape(pictures.shape),
        "reads": told.argmax(1).astype(np.int16).reshape(grid),
        "confidence": told.max(1).reshape(grid),
        "says": readers.nearest.labels[closest].astype(np.int16).reshape(grid),
        "distance": apart.min(1).reshape(grid),
    }
