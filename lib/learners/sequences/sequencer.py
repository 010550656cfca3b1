"""Learning to turn one sequence into another, from fresh examples of one length a batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol, get_args

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, one_hot

from lib.core import Snapshot, Task
from lib.learners.dense import Dense
from lib.learners.ensemble import MONITORED, Architecture, Schedule, parameter_count, train
from lib.learners.sequences.pointer import Pointer, Ranks
from lib.learners.sequences.recurrent import Recurrent
from lib.learners.sequences.transformer import Positions, Transformer

Shape = Literal["mlp", "rnn", "gru", "lstm", "transformer", "pointer", "ranks"]
CROWD = 8192  # numbers that are read at a time, so that memory stays small


class Sequences(Protocol):
    """A task whose questions are rows of whole numbers below `alphabet`, and its answers of numbers below `symbols`."""

    @property
    def axis(self) -> Any: ...
    @property
    def alphabet(self) -> int: ...
    @property
    def symbols(self) -> int: ...
    @property
    def single(self) -> bool: ...
    @property
    def extractive(self) -> bool: ...
    @property
    def online(self) -> bool: ...
    def training_rows(self, length: int, n: int, rng: np.random.Generator) -> np.ndarray: ...
    def truth(self, x: np.ndarray) -> np.ndarray: ...


@dataclass(frozen=True)
class Padded:
    """(seeds, n, length) numbers -> logits (seeds, n, length or 1, symbols), by a perceptron with one hidden layer.

    It sees `longest` places at once, each as one-hot with a sign of its own for "nothing here", and answers at all.
    """

    alphabet: int
    symbols: int
    longest: int
    width: int = 128
    single: bool = False

    @property
    def net(self) -> Dense:
        places = 1 if self.single else self.longest
        return Dense((self.longest * (self.alphabet + 1), self.width, places * self.symbols))

    def weights(self, generator: torch.Generator) -> list[Tensor]:
        return self.net.weights(generator)

    def __call__(self, weights: list[Tensor], x: Tensor) -> Tensor:
        length = x.shape[2]
        row = torch.nn.functional.pad(x, (0, self.longest - length), value=self.alphabet)
        seen = one_hot(row, self.alphabet + 1).flatten(2).float()
        return self.net(weights, seen).unflatten(2, (-1, self.symbols))[:, :, : 1 if self.single else length]


@dataclass(frozen=True)
class FreshBatches:
    """Fresh questions of the trained lengths, one length a batch; every seed sees others of the same length.

    What a step shows depends on `state` and the step alone. Lengths are drawn evenly.
    """

    task: Sequences
    batch: int
    state: int

    @property
    def monitored(self) -> tuple[Tensor, Tensor]:
        """128 questions of the longest trained length."""
        return self._at(int(self.task.axis.train[1]), MONITORED, np.random.default_rng([self.state]))

    def batches(self, begin: int, end: int, streams: list[torch.Generator]) -> Iterator[tuple[Tensor, Tensor]]:
        low, high = map(int, self.task.axis.train)
        for step in range(begin, end):
            rng = np.random.default_rng([self.state, step])
            x, y = self._at(int(rng.integers(low, high + 1)), len(streams) * self.batch, rng)
            yield x.unflatten(0, (len(streams), -1)), y.unflatten(0, (len(streams), -1))

    def _at(self, length: int, n: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        x = self.task.training_rows(length, n, rng)
        return torch.as_tensor(x), torch.as_tensor(np.ascontiguousarray(self.task.truth(x)))


def token_cross_entropy(out: Tensor, y: Tensor) -> Tensor:
    """The mean cross-entropy [nats] a number; out: logits (seeds, n, length, symbols), y: (..., n, length)."""
    y = y.expand(out.shape[:-1])
    return cross_entropy(out.flatten(0, -2), y.flatten(), reduction="none").view(len(out), -1).mean(1)


@dataclass(frozen=True)
class Sequencer:
    """Learns a sequence task by cross-entropy, number by number, from `steps` batches of fresh questions.

    network: "mlp" on padded rows (Padded), "rnn", "gru", "lstm" (Recurrent), "transformer" (Transformer), "pointer"
    (Pointer) or "ranks" (Ranks). both_ways is for those that read step by step, positions for the transformer.
    Raises ValueError for an unknown network; training raises DivergedError.
    """

    network: Shape = "transformer"
    width: int = 32
    both_ways: bool = False
    positions: Positions = "learned"
    steps: int = 2000
    batch: int = 64
    learning_rate: float = 0.003

    def __post_init__(self) -> None:
        if self.network not in get_args(Shape):
            raise ValueError(f"network: got {self.network!r}, choose one of {', '.join(get_args(Shape))}")

    @property
    def examples(self) -> int:
        """Questions with their answers that each seed is shown."""
        return self.steps * self.batch

    def fit(self, task: Task, seeds: int, rng: np.random.Generator) -> Iterator[Snapshot]:
        rows: Any = task
        net = self.shape(rows)
        source = FreshBatches(rows, self.batch, int(rng.integers(2**62)))
        schedule = Schedule(self.steps, self.learning_rate)
        for step, loss, weights in train(net, token_cross_entropy, source, schedule, seeds, rng):
            yield Snapshot(step, self.steps, loss, TrainedSequencer(net, weights))

    def shape(self, task: Sequences) -> Architecture:
        """What is trained, without its weights."""
        sizes, longest = (task.alphabet, task.symbols), int(task.axis.exam[-1])
        if self.network == "mlp":
            return Padded(*sizes, longest, 4 * self.width, task.single)
        if self.network == "transformer":
            return Transformer(*sizes, longest, self.width, positions=self.positions, single=task.single)
        if self.network == "pointer":
            return Pointer(*sizes, self.width, task.single, task.extractive)
        if self.network == "ranks":
            return Ranks(*sizes, single=task.single)
        waits = not (self.both_ways or task.single or task.online)
        return Recurrent(self.network, *sizes, 2 * self.width, self.both_ways, task.single, waits)


@dataclass(frozen=True, eq=False)
class TrainedSequencer:
    """What a Sequencer has become: questions (n, length) -> answers (seeds, n, length or 1), whole numbers."""

    net: Architecture
    weights: list[Tensor]

    @property
    def parameters(self) -> int:
        """Numbers learned by one seed."""
        return parameter_count(self.weights)

    @torch.no_grad()
    def __call__(self, x: np.ndarray) -> np.ndarray:
        rows = torch.as_tensor(np.ascontiguousarray(x))
        seeds = len(self.weights[0])
        parts = rows.split(max(1, CROWD // x.shape[1]))
        told = [self.net(self.weights, part.expand(seeds, *part.shape)).argmax(-1) for part in parts]
        return torch.cat(told, dim=1).numpy()
