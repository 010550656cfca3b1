"""Networks for digits with fixed weights, so that how strong an attack is does not hang on who trained them where.

    python -m tests.lib.attacks.networks                 trains all anew and writes their files (minutes)
    python -m tests.lib.attacks.networks hardened        those of hardened.npz alone

The figures of the tests beside belong to the files: whoever writes one again reads them again.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lib.tasks.digits import Digits

Kind = Literal["cnn", "mlp", "small"]
CHANNELS = {"cnn": (32, 64, 128), "small": (16, 32, 64)}  # of two convolutions, and the width of what follows


@dataclass(frozen=True)
class Training:
    """How a network came about. adversarial: within what radius the lessons were attacked."""

    kind: Kind
    epochs: int
    seed: int = 0
    rate: float = 1e-3
    adversarial: float = 0.0


FILES: dict[str, dict[str, Training]] = {
    "weights": {"cnn": Training("cnn", 8), "mlp": Training("mlp", 30), "longer": Training("mlp", 60)},
    "hardened": {
        "standard": Training("small", 15, 11, 2e-3),
        "hardened": Training("small", 30, 21, 2e-3, adversarial=0.15),
    },
}


@cache
def fixed(name: str) -> nn.Module:
    """One of them in eval mode. Do not change it."""
    file = next(file for file, nets in FILES.items() if name in nets)
    net = initial(FILES[file][name].kind, torch.Generator())
    with np.load(Path(__file__).with_name(f"{file}.npz"), allow_pickle=False) as kept:
        net.load_state_dict({at: torch.from_numpy(kept[f"{name}.{at}"]).float() for at in net.state_dict()})
    return net.eval()


def trained(how: Training) -> nn.Module:
    """A network after a short training on all training digits, in eval mode."""
    rng, task = torch.Generator().manual_seed(how.seed), Digits()
    rows = task.training_sample(10_000, np.random.default_rng(how.seed))
    x, y = torch.from_numpy(task.pictures(rows)), torch.from_numpy(task.truth(rows))
    net = initial(how.kind, rng)
    descent = torch.optim.Adam(net.parameters(), how.rate)
    for _ in range(how.epochs):
        for batch in torch.randperm(len(x), generator=rng).split(64):
            shown = attacked(net, x[batch], y[batch], how.adversarial, rng) if how.adversarial else x[batch]
            descent.zero_grad()
            F.cross_entropy(net(shown), y[batch]).backward()
            descent.step()
    descent.zero_grad()
    return net.eval()


def initial(kind: Kind, rng: torch.Generator) -> nn.Sequential:
    if kind == "mlp":
        layers: list[nn.Module] = [nn.Flatten(), nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10)]
    else:
        few, many, wide = CHANNELS[kind]
        layers = [nn.Conv2d(1, few, 3, padding=1), nn.ReLU(), nn.Conv2d(few, many, 3, padding=1), nn.ReLU()]
        layers += [nn.MaxPool2d(2), nn.Flatten(), nn.Linear(16 * many, wide), nn.ReLU(), nn.Linear(wide, 10)]
    net = nn.Sequential(*layers)
    for weights in net.parameters():
        fan = weights[0].numel() if weights.ndim > 1 else weights.numel()
        nn.init.uniform_(weights, -(fan**-0.5), fan**-0.5, generator=rng)
    return net


def attacked(net: nn.Module, x: Tensor, y: Tensor, eps: float, rng: torch.Generator) -> Tensor:
    """Lessons (n, ...) after seven steps of PGD from a random place, as A. Madry et al. (2018) train."""
    at = x + eps * (2 * torch.rand(x.shape, generator=rng) - 1)
    for _ in range(7):
        at = at.clamp(0, 1).requires_grad_()
        (slopes,) = torch.autograd.grad(F.cross_entropy(net(at), y, reduction="sum"), at)
        at = (at.detach() + eps / 3 * slopes.sign()).clamp(x - eps, x + eps)
    return at.clamp(0, 1).detach()


def write(file: str) -> None:
    """Weights in 16 bits each: networks of their own, as good as those that they are rounded from."""
    told: dict[str, Any] = {
        f"{name}.{at}": weights.half().numpy()
        for name, how in FILES[file].items()
        for at, weights in trained(how).state_dict().items()
    }
    np.savez_compressed(Path(__file__).with_name(f"{file}.npz"), **told)


if __name__ == "__main__":
    for file in sys.argv[1:] or FILES:
        write(file)
