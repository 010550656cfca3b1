"""Who is attacked: a network that learns to read digits, once for a worker that is asked about it again and again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lib.compare import training_rng
from lib.kept import kept

if TYPE_CHECKING:
    from torch import nn

NETWORKS = 8  # that a worker keeps, 0.2 MB each


@dataclass(frozen=True)
class Reader:
    """The settings that make a network, named as the lab's; its first seed is the one that is looked at closely."""

    network: str = "cnn"
    adversarial: float = 0.0
    examples: int = 1258
    width: int = 64
    steps: int = 400
    learning_rate: float = 0.01
    seed: int = 0

    def learner(self, task: Any) -> Any:
        """Who learns to read that task's pictures."""
        from lib.learners.pictures.classifier import Classifier

        net = Classifier(self.network, self.width, self.examples, self.steps, adversarial=self.adversarial)  # type: ignore[arg-type]
        return replace(net, learning_rate=self.learning_rate, features=task.pictures)

    def taught(self, task: Any) -> Iterator[tuple[float, nn.Module]]:
        """How far it has learned, from 0 to 1, and its first seed; at its end at once, if this worker taught it before.

        Raises DivergedError.
        """
        known: OrderedDict[Reader, nn.Module] = kept(f"{__name__}.networks", OrderedDict)
        module = known.pop(self, None)
        if module is None:
            for snapshot in self.learner(task).fit(task, 1, training_rng(self.seed)):
                module = snapshot.network.module(0)
                if snapshot.step < snapshot.steps:
                    yield snapshot.step / snapshot.steps, module
        assert module is not None
        known[self] = module
        while len(known) > NETWORKS:
            known.popitem(last=False)
        yield 1.0, module


ORDINARY = Reader()


def first_read(read: np.ndarray, labels: np.ndarray) -> list[int]:
    """Where the first test digit of each kind stands that was read rightly; the very first digit if none of a kind was.

    read, labels: (n,) what was read, and what it is.
    """
    return [int(np.flatnonzero((labels == digit) & (read == labels))[:1].sum()) for digit in range(10)]
