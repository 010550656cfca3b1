"""How much faster several seeds learn rows together than one after the other: `python -m tests.bench.bench_sequences`.

The same network, batches and optimiser (Adam): ours, seeds batched, against plain torch.nn modules, one seed at a time,
nothing but the training. They take turns, because a shared machine has moods; medians of ratios within a round, in
numbers read per second and seed. All on one thread, whose own time is counted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from statistics import median

import numpy as np
import torch
from torch import Tensor, nn

from lib.learners.sequences.sequencer import FreshBatches, Sequencer, Shape
from lib.tasks.sort import Sort

SEEDS, STEPS, BATCH, WIDTH, ROUNDS = 5, 250, 64, 32, 3
TASK = Sort()


class Recurrent(nn.Module):
    """torch.nn.RNN, GRU or LSTM in two directions, with a way in and a way out."""

    def __init__(self, kind: type[nn.RNNBase]) -> None:
        super().__init__()
        self.enter = nn.Embedding(TASK.alphabet, 2 * WIDTH)
        self.read = kind(2 * WIDTH, 2 * WIDTH, batch_first=True, bidirectional=True)
        self.leave = nn.Linear(4 * WIDTH, TASK.symbols)

    def forward(self, x: Tensor) -> Tensor:
        return self.leave(self.read(self.enter(x))[0])


class Encoder(nn.Module):
    """torch.nn.TransformerEncoder with learned places."""

    def __init__(self) -> None:
        super().__init__()
        self.enter, self.places = nn.Embedding(TASK.alphabet, WIDTH), nn.Embedding(64, WIDTH)
        layer = nn.TransformerEncoderLayer(WIDTH, 2, 4 * WIDTH, dropout=0.0, batch_first=True, norm_first=True)
        self.read = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.leave = nn.Linear(WIDTH, TASK.symbols)

    def forward(self, x: Tensor) -> Tensor:
        return self.leave(self.read(self.enter(x) + self.places(torch.arange(x.shape[1]))))


RIVALS: dict[Shape, Callable[[], nn.Module]] = {
    "rnn": lambda: Recurrent(nn.RNN),
    "gru": lambda: Recurrent(nn.GRU),
    "lstm": lambda: Recurrent(nn.LSTM),
    "transformer": Encoder,
}


def batches() -> Iterator[tuple[Tensor, Tensor]]:
    """One seed's."""
    for x, y in FreshBatches(TASK, BATCH, 0).batches(0, STEPS, [torch.Generator()]):
        yield x[0], y[0]


def ours(network: Shape) -> None:
    """SEEDS · STEPS seed-steps, snapshots included, as a lab runs them."""
    for _ in Sequencer(network, WIDTH, True, steps=STEPS, batch=BATCH).fit(TASK, SEEDS, np.random.default_rng(0)):
        pass


def theirs(network: Shape) -> None:
    """STEPS seed-steps of one seed, nothing but the training."""
    net = RIVALS[network]()
    adam, loss = torch.optim.Adam(net.parameters()), nn.CrossEntropyLoss()
    for x, y in batches():
        adam.zero_grad()
        loss(net(x).flatten(0, 1), y.flatten()).backward()
        adam.step()


def seconds(run: Callable[[Shape], None], network: Shape) -> float:
    start = time.thread_time()
    run(network)
    return time.thread_time() - start


def bench() -> dict[str, float]:
    """Numbers read per second and seed by ours, and how many times as many that is as plain torch reads."""
    torch.set_num_threads(1)
    numbers = sum(x.numel() for x, _ in batches())
    told = {}
    for network in RIVALS:
        ours(network)
        theirs(network)
        rounds = [(seconds(ours, network) / SEEDS, seconds(theirs, network)) for _ in range(ROUNDS)]
        told[f"{network}, numbers/s a seed"] = numbers / median(mine for mine, _ in rounds)
        told[f"{network}, ours / torch.nn"] = median(their / mine for mine, their in rounds)
    return told


if __name__ == "__main__":
    for name, value in bench().items():
        print(f"{name:32} {value:10.2f}")
