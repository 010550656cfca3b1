"""What it costs to teach every share of poison at once: `python -m tests.bench.bench_poison`.

Seconds of the thread, one thread, in turns; medians, and ratios formed within a round. All shares: nine sets of lessons
with five seeds each in one ensemble, as the page's default teaches them, beside an ensemble of five for one set after
the other. The whole run: the default of the page, checks, remedies and all.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import numpy as np
import torch

from lib.compare import training_rng
from lib.labs.poison.lab import Poison
from lib.learners.poison import Teaching
from lib.tasks.poison import SHARES

ROUNDS = 5


def bench(rounds: int = ROUNDS) -> dict[str, float]:
    """How many times faster all shares are taught at once; seconds to the default's first frame, and to its end."""
    torch.set_num_threads(1)
    lab = Poison()
    task, rows = lab.asks(), lab.asks().training_sample(lab.examples, training_rng(lab.seed))
    sets = [task.lessons(at, rows, np.random.default_rng(0)) for at in SHARES]
    pictures, labels = np.stack([one.pictures for one in sets]), np.stack([one.labels for one in sets])

    def together() -> None:
        learn(lab, pictures, labels)

    def one_by_one() -> None:
        for place in range(len(sets)):
            learn(lab, pictures[place : place + 1], labels[place : place + 1])

    ratios = [timed(one_by_one) / timed(together) for _ in range(rounds)]
    firsts, wholes = zip(*(run(lab) for _ in range(rounds)), strict=True)
    return {
        "poison, all shares at once / one by one": median(ratios),
        "poison, first frame [s of the thread]": median(firsts),
        "poison, whole run [s of the thread]": median(wholes),
    }


def learn(lab: Poison, pictures: np.ndarray, labels: np.ndarray) -> None:
    """Teach these sets of lessons, with the lab's seeds and settings."""
    teaching = Teaching(lab.width, lab.steps, learning_rate=lab.learning_rate)
    for _ in teaching.fit(pictures, labels, lab.seeds, np.random.default_rng(0)):
        pass


def run(lab: Poison) -> tuple[float, float]:
    """Seconds to the first result, and to the last."""
    began, first = time.thread_time(), 0.0
    for _ in lab.run():
        first = first or time.thread_time() - began
    return first, time.thread_time() - began


def timed(work: Callable[[], None]) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began


if __name__ == "__main__":
    for what, value in bench().items():
        print(f"{what}: {value:.3g}")
