"""What painting filters costs: `python -m tests.bench.bench_see`.

Seconds of the thread, one thread. A filter painted: all steps of the page's default. gradient / forward: a picture
forward and back through the network, beside forward alone, taken in turns; medians of ratios formed within a round.
step / gradient: a whole step of the ascent, waves, motion and Adam included, beside the gradient it needs.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import torch
from torch import Tensor

from lib.labs.see.grid import SIDES
from lib.labs.see.lab import See
from lib.labs.see.painter import Painter
from lib.learners.photos.weights import loaded

ROUNDS = 5
PHOTO = 224  # pixels a side


def bench(rounds: int = ROUNDS) -> dict[str, float]:
    """Of the default grid: filters a second, and seconds to its first kept frame and to its last; then ratios."""
    loaded("lite0")  # which a worker has loaded before, or does once
    firsts, wholes = zip(*(grown() for _ in range(rounds)), strict=True)
    network = compared(torch.rand(1, 3, PHOTO, PHOTO), loaded("lite0"), rounds)
    asked = Painter(See()).asked
    batch = torch.rand(See().filters, 3, SIDES["early"], SIDES["early"])
    early = compared(batch, asked.look, rounds)
    return {
        "filters a second": See().filters / median(wholes),
        "first frame of the default grid [s]": median(firsts),
        "default grid [s]": median(wholes),
        "photo, gradient / forward": ratio(network),
        "early filters, gradient / forward": ratio(early),
        "early filters, step / gradient": median(wholes) / See().steps / median(slow for slow, _ in early),
    }


def ratio(pairs: list[tuple[float, float]]) -> float:
    """The median over rounds."""
    return median(slow / fast for slow, fast in pairs)


def grown() -> tuple[float, float]:
    """Seconds to the first frame that a page would show, and to the last."""
    painter, began, first = Painter(See()), time.thread_time(), 0.0
    for _ in painter.grow():
        first = first or (time.thread_time() - began if painter.grid.steps else 0.0)
    return first, time.thread_time() - began


def compared(pictures: Tensor, ask: Callable[[Tensor], Any], rounds: int) -> list[tuple[float, float]]:
    """Seconds with the gradient and without, a pair a round."""
    pictures.requires_grad_()

    def slope() -> None:
        torch.autograd.grad(ask(pictures).mean(), pictures)

    def answer() -> None:
        with torch.no_grad():
            ask(pictures)

    slope()
    answer()
    return [(timed(slope), timed(answer)) for _ in range(rounds)]


def timed(work: Callable[[], None]) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began


if __name__ == "__main__":
    torch.set_num_threads(1)
    for name, value in bench().items():
        print(f"{name:45} {value:,.3g}")
