"""The puzzles under way: photo after photo is cut up, and everybody says what they see."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from lib import core
from lib.kept import trim
from lib.labs.see.puzzle import LIKELIEST, ROLES, TOLERANCE, unasked
from lib.learners.photos.eye import Eye
from lib.learners.photos.weights import EXAMPLES, WEIGHTS
from lib.tasks.photos.shipped import CLASS, NAMES
from lib.tasks.see.tiles import PIECES

SHUFFLES = 1  # a stream of the lab's seed


class Examiner:
    """The puzzle as it comes to be. lab: how many photos, how often shuffled, and how their seams are smoothed."""

    def __init__(self, lab: Any, eye: Eye) -> None:
        self.lab, self.eye, self.task, self.judge = lab, eye, lab.asks(), lab.program()
        photos = NAMES[: lab.photos]
        self.shufflers = np.random.default_rng([lab.seed, SHUFFLES]).integers(10_000, size=lab.seeds)
        self.puzzle = unasked(photos, np.array([CLASS[name] for name in photos]), lab.sure, self.shufflers)
        self.losses = np.full((lab.seeds, len(PIECES)), np.nan)
        self.seconds = dict.fromkeys((name for name, _ in ROLES), 0.0)

    @property
    def loss(self) -> tuple[float, ...]:
        """Mean cross-entropy [nats] of the photos asked so far, for each shuffler that has begun."""
        known = self.losses[np.isfinite(self.losses).any(1)]
        return tuple(np.nanmean(known, axis=1).tolist())

    @property
    def readings(self) -> int:
        """How many pictures each network reads altogether."""
        return self.lab.seeds * len(PIECES) * self.lab.photos

    def ask(self) -> Iterator[None]:
        """The first network and the program, then the second network, which is let go of afterwards."""
        for seed in range(self.lab.seeds):
            for level in range(len(PIECES)):
                self.ask_first(seed, level)
                yield
        with self.paid("second"):
            other = Eye.passing("lite1")
        for seed in range(self.lab.seeds):
            for level in range(len(PIECES)):
                with self.paid("second"):
                    self.put("second", (seed, level), other.reads(self.pictures(seed, level)).argmax(1))
                yield
        trim()

    def pictures(self, seed: int, level: int) -> np.ndarray:
        """(P, 224, 224, 3) uint8 the photos, cut up as so many tiles by one of the shufflers."""
        count = self.lab.photos
        who, pieces = np.full(count, self.shufflers[seed]), np.full(count, PIECES[level])
        return self.task.pictures(np.column_stack([np.arange(count), pieces, who]))

    def ask_first(self, seed: int, level: int) -> None:
        pictures = self.pictures(seed, level)
        with self.paid("network"):
            told = self.eye.reads(pictures)
        likeliest = np.argsort(-told, axis=1, kind="stable")[:, :LIKELIEST]
        self.put("labels", (seed, level), likeliest)
        self.put("sure", (seed, level), np.take_along_axis(told, likeliest, 1))
        right = told[np.arange(len(told)), self.puzzle.right]
        self.losses[seed, level] = -np.log(np.maximum(right, np.finfo(np.float32).tiny)).mean()
        with self.paid("program"):
            self.put("program", (seed, level), self.judge(pictures))

    def put(self, name: str, at: tuple[int, ...], told: np.ndarray) -> None:
        """A new puzzle with something told in one of its arrays, so that those yielded stay as they are."""
        array = getattr(self.puzzle, name).copy()
        array[at] = told
        self.puzzle = replace(self.puzzle, **{name: array})

    @contextmanager
    def paid(self, name: str) -> Iterator[None]:
        began = time.thread_time()
        yield
        self.seconds[name] += time.thread_time() - began

    def answerers(self) -> list[core.Answerer]:
        """Everybody who has been asked about all photos, in the order of ROLES."""
        axis, lines = self.task.axis, core.lines_of_code(self.judge)
        told = []
        for name, kind in ROLES:
            errors = self.puzzle.errors(name)
            if errors is not None:
                told.append(core.answerer(name, kind, axis, errors, TOLERANCE, self.price(name, lines)))
        return told

    def price(self, name: str, lines: int) -> core.Price:
        if name == "program":
            return core.Price(seconds=self.seconds[name], lines=lines)
        variant = WEIGHTS["lite1" if name == "second" else "lite0"]
        return core.Price(
            EXAMPLES, seconds=self.seconds["second" if name == "second" else "network"], parameters=variant.parameters
        )
