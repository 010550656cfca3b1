"""What PGD with 40 steps costs, in units of 40 full forward and backward passes, ours beside three libraries.

    OMP_NUM_THREADS=1 python -m tests.bench.bench_attacks

All attack the same undefended network with the same steps from the same budget. `success` is the share of test digits
that it answers wrongly afterwards, the ones included that it got wrong before.
"""

from __future__ import annotations

import importlib
import json
import time
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any, Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lib.attacks.gradient import PGD
from lib.tasks.digits import Digits

STEPS = 40
RADII = (0.1, 0.15)


def digits() -> tuple[Tensor, Tensor]:
    """The test digits: pictures (539, 1, 8, 8), labels (539,)."""
    task = Digits()
    return torch.from_numpy(task.pictures(task.test)), torch.from_numpy(task.truth(task.test))


@cache
def trained(kind: Literal["cnn", "mlp"], epochs: int, seed: int = 0) -> nn.Module:
    """An undefended network after a short plain training on all training digits, in eval mode. Do not change it."""
    rng, task = torch.Generator().manual_seed(seed), Digits()
    rows = task.training_sample(10_000, np.random.default_rng(seed))
    x, y = torch.from_numpy(task.pictures(rows)), torch.from_numpy(task.truth(rows))
    net = initial(kind, rng)
    descent = torch.optim.Adam(net.parameters(), 1e-3)
    for _ in range(epochs):
        for batch in torch.randperm(len(x), generator=rng).split(64):
            descent.zero_grad()
            F.cross_entropy(net(x[batch]), y[batch]).backward()
            descent.step()
    descent.zero_grad()
    return net.eval()


def initial(kind: Literal["cnn", "mlp"], rng: torch.Generator) -> nn.Sequential:
    cnn = [nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    wide = 64 if kind == "mlp" else 1024
    head = [nn.Flatten(), nn.Linear(wide, 128), nn.ReLU(), nn.Linear(128, 10)]
    net = nn.Sequential(*(cnn if kind == "cnn" else []), *head)
    for weights in net.parameters():
        fan = weights[0].numel() if weights.ndim > 1 else weights.numel()
        nn.init.uniform_(weights, -(fan**-0.5), fan**-0.5, generator=rng)
    return net


def passes(net: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    """The unit: as many full forward and backward passes as PGD has steps, with the gradient of the input alone."""
    for _ in range(STEPS):
        at = x.clone().requires_grad_()
        torch.autograd.grad(F.cross_entropy(net(at), y), at)
    return x


def ours(net: nn.Module, x: Tensor, y: Tensor, eps: float, steps: int = STEPS) -> Tensor:
    return PGD(eps, steps=steps)(net, x, y, torch.Generator().manual_seed(0))


def with_torchattacks(net: nn.Module, x: Tensor, y: Tensor, eps: float, steps: int = STEPS) -> Tensor:
    attack = foreign("torchattacks").PGD(net, eps=eps, alpha=2.5 * eps / steps, steps=steps, random_start=True)
    return attack(x, y)


def with_foolbox(net: nn.Module, x: Tensor, y: Tensor, eps: float, steps: int = STEPS) -> Tensor:
    attack = foreign("foolbox").attacks.LinfPGD(rel_stepsize=2.5 / steps, steps=steps, random_start=True)
    model = foreign("foolbox").PyTorchModel(net, bounds=(0, 1), device=x.device)
    return attack(model, x, y, epsilons=eps)[1]


def with_art(net: nn.Module, x: Tensor, y: Tensor, eps: float) -> Tensor:
    attack = foreign("art.attacks.evasion").ProjectedGradientDescentPyTorch(
        art_model(net), eps=eps, eps_step=2.5 * eps / STEPS, max_iter=STEPS, num_random_init=1, batch_size=len(x),
        verbose=False,
    )  # fmt: skip
    return torch.from_numpy(attack.generate(x.numpy(), y.numpy()))


def art_model(net: nn.Module) -> Any:
    """A network as the Adversarial Robustness Toolbox wants it, on the CPU."""
    made = foreign("art.estimators.classification").PyTorchClassifier
    return made(net, nn.CrossEntropyLoss(), (1, 8, 8), 10, clip_values=(0, 1), device_type="cpu")


def foreign(name: str) -> Any:
    """Another library's module; what it warns of at import is its own affair. Raises ImportError if it is missing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(name)


PEERS: dict[str, Callable[[nn.Module, Tensor, Tensor, float], Tensor]] = {
    "ours": ours,
    "torchattacks": with_torchattacks,
    "foolbox": with_foolbox,
    "art": with_art,
}


def bench(rounds: int = 3) -> dict[str, dict[str, dict[str, float]]]:
    """{eps: {who: {cost, success}}}: cost in units of `passes`; the best of `rounds` of each, taken in turns."""
    net, (x, y) = trained("cnn", 15), digits()
    return {f"eps {eps:g}": compared(net, x, y, eps, rounds) for eps in RADII}


def compared(net: nn.Module, x: Tensor, y: Tensor, eps: float, rounds: int) -> dict[str, dict[str, float]]:
    unit, costs, success = np.inf, dict.fromkeys(PEERS, np.inf), {}
    for _ in range(rounds):
        unit = min(unit, timed(lambda: passes(net, x, y))[0])
        for name, attack in PEERS.items():
            try:
                seconds, pictures = timed(lambda attack=attack: attack(net, x, y, eps))
            except ImportError:
                continue
            costs[name], success[name] = min(costs[name], seconds), wrong(net, pictures, y)
    return {name: {"cost": round(costs[name] / unit, 3), "success": round(success[name], 4)} for name in success}


def timed(work: Callable[[], Tensor]) -> tuple[float, Tensor]:
    """The seconds of processor time that some work took, and what came of it."""
    began = time.process_time()
    done = work()
    return time.process_time() - began, done


def wrong(net: nn.Module, pictures: Tensor, y: Tensor) -> float:
    """The share of pictures (n, ...) that a network does not call y (n,)."""
    with torch.no_grad():
        return (net(pictures).argmax(1) != y).double().mean().item()


if __name__ == "__main__":
    torch.set_num_threads(1)
    print(json.dumps(bench(), indent=2))
