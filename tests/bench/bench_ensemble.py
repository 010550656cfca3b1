"""How much faster eight seeds train together than one after the other: `python -m tests.bench.bench_ensemble`.

One network (two hidden layers of 64, ReLU), one batch size and one optimiser (Adam) for all: our ensemble, a plain
torch loop as in the tutorials, and scikit-learn's MLPRegressor. They take turns, because a shared machine has moods;
the median over rounds is reported, and ratios are formed within a round. All on one thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
import torch
from sklearn.neural_network import MLPRegressor
from torch import nn

from lib.learners.mlp import MLP
from lib.tasks.throw import Throws

SEEDS, WIDTH, BATCH, EXAMPLES, STEPS, ROUNDS = 8, 64, 256, 3072, 120, 9


def ensemble() -> None:
    """SEEDS · STEPS seed-steps, snapshots and scaling included, as a lab runs them."""
    learner = MLP(width=WIDTH, batch=BATCH, examples=EXAMPLES, steps=STEPS)
    for _ in learner.fit(Throws(), SEEDS, np.random.default_rng(0)):
        pass


def loop(x: np.ndarray, y: np.ndarray) -> None:
    """STEPS seed-steps of one seed, nothing but the training."""
    inputs, targets = torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)[:, None]
    net = nn.Sequential(nn.Linear(4, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 1))
    adam, loss, stream = torch.optim.Adam(net.parameters()), nn.MSELoss(), torch.Generator()
    for _ in range(STEPS):
        rows = torch.randint(EXAMPLES, (BATCH,), generator=stream)
        adam.zero_grad()
        loss(net(inputs[rows]), targets[rows]).backward()
        adam.step()


def scikit(x: np.ndarray, y: np.ndarray) -> None:
    """STEPS seed-steps of one seed: whole passes over the examples."""
    size: Any = BATCH  # scikit-learn's stub knows only the word "auto"
    net = MLPRegressor(hidden_layer_sizes=(WIDTH, WIDTH), batch_size=size, random_state=0)
    for _ in range(STEPS * BATCH // EXAMPLES):
        net.partial_fit(x, y)


def bench() -> dict[str, float]:
    """Seed-steps per second of each (medians), and how many times faster the ensemble is (medians of ratios)."""
    torch.set_num_threads(1)
    task, rng = Throws(), np.random.default_rng(0)
    x = task.training_sample(EXAMPLES, rng)
    y = task.truth(x)
    x = (x - x.mean(axis=0)) / np.where(x.std(axis=0) > 0, x.std(axis=0), 1)
    y = (y - y.mean()) / y.std()
    rivals = {"ensemble": (ensemble, SEEDS), "loop": (lambda: loop(x, y), 1), "scikit": (lambda: scikit(x, y), 1)}
    for run, _ in rivals.values():
        run()
    rounds = [{name: rate(run, seeds) for name, (run, seeds) in rivals.items()} for _ in range(ROUNDS)]
    told = {f"{name}, seed-steps/s": median(one[name] for one in rounds) for name in rivals}
    for name in ("loop", "scikit"):
        told[f"ensemble / {name}"] = median(one["ensemble"] / one[name] for one in rounds)
    return told


def rate(run: Callable[[], None], seeds: int) -> float:
    """Seed-steps per second."""
    start = time.perf_counter()
    run()
    return seeds * STEPS / (time.perf_counter() - start)


if __name__ == "__main__":
    for name, value in bench().items():
        print(f"{name:24} {value:10.2f}")
