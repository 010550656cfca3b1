"""What a photograph costs: a gradient against a reading, and PGD on this network beside two libraries.

    OMP_NUM_THREADS=1 python -m tests.bench.bench_photos

All attack EfficientNet-Lite0 photo by photo, away from what is on it, with the same steps from the same budget. Costs
are summed over the photos that ship; a library that is not installed has no row. `success` is the share of photos that
the network reads wrongly afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from statistics import fmean, median

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lib.learners.photos.weights import loaded
from lib.tasks.photos.shipped import CLASS, NAMES, photo
from tests.bench.bench_attacks import ours, timed, with_foolbox, with_torchattacks, wrong

EPS, STEPS, READINGS = 1 / 255, 10, 20
PEERS: dict[str, Callable[[nn.Module, Tensor, Tensor, float, int], Tensor]] = {
    "ours": ours,
    "torchattacks": with_torchattacks,
    "foolbox": with_foolbox,
}


def bench(rounds: int = 2) -> dict[str, float]:
    """Medians of ratios formed within a round, in which everybody takes a turn at every photo; processor time."""
    net = loaded("lite0")
    x = torch.from_numpy(np.stack([photo(name) for name in NAMES])).permute(0, 3, 1, 2) / 255
    y = torch.tensor([CLASS[name] for name in NAMES])
    told: dict[str, list[float]] = {"photo, gradient / forward": [gradient_by_forward(net, x[:1], y[:1])]}
    for _ in range(rounds):
        costs, success = compared(net, x, y)
        for name, cost in costs.items():
            told.setdefault(f"photo, {name}, success", []).append(success[name])
            if name != "ours":
                told.setdefault(f"photo, ours / {name}", []).append(costs["ours"] / cost)
    return {what: median(values) for what, values in told.items()}


def gradient_by_forward(net: nn.Module, x: Tensor, y: Tensor) -> float:
    """What one gradient of a picture costs in units of reading it, the best of some of each."""

    def gradient() -> Tensor:
        at = x.clone().requires_grad_()
        return torch.autograd.grad(F.cross_entropy(net(at), y), at)[0]

    @torch.no_grad()
    def forward() -> Tensor:
        return net(x)

    costs = [[timed(work)[0] for work in (gradient, forward)] for _ in range(READINGS)]
    best = np.min(costs, axis=0)
    return float(best[0] / best[1])


def compared(net: nn.Module, x: Tensor, y: Tensor) -> tuple[dict[str, float], dict[str, float]]:
    """Seconds of the processor over all photos, and the share that is read wrongly then, by who attacked."""
    costs: dict[str, list[float]] = {}
    success: dict[str, list[float]] = {}
    for at, label in zip(x.split(1), y.split(1), strict=True):
        for name, attack in PEERS.items():
            with suppress(ImportError):
                seconds, made = timed(partial(attack, net, at, label, EPS, STEPS))
                costs.setdefault(name, []).append(seconds)
                success.setdefault(name, []).append(wrong(net, made, label))
    return {name: sum(one) for name, one in costs.items()}, {name: fmean(one) for name, one in success.items()}


if __name__ == "__main__":
    torch.set_num_threads(1)
    print(json.dumps(bench(), indent=2))
