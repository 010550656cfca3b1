"""How many digits two networks still read under attack, and what that costs: ours beside three libraries.

    OMP_NUM_THREADS=1 python -m tests.bench.bench_attacks      every figure, as JSON

One network is undefended, the other learned from attacked digits; their weights are fixed. All attack the same pictures
with the same numbers of steps or queries; the ensemble is beside AutoAttack as its authors compose it. `robust` is the
share that is read rightly afterwards. `cost` is counted, not timed: pictures shown forward and backward, a backward as
two forwards, in units of 40 of both for every picture.
"""

from __future__ import annotations

import importlib
import json
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from lib.attacks.apgd import APGD
from lib.attacks.ensemble import Ensemble
from lib.attacks.gradient import BIM, FGSM, MIFGSM, PGD
from lib.attacks.harness import Attack
from lib.attacks.square import Square
from lib.tasks.digits import Digits
from tests.lib.attacks.networks import fixed

NETS = ("standard", "hardened")
RADII = (0.05, 0.1, 0.15, 0.2, 0.3)
SOME = 200  # pictures
STEPS, QUERIES = 40, 1000
Attacker = Callable[[nn.Module, Tensor, Tensor, float], Tensor]


def digits() -> tuple[Tensor, Tensor]:
    """The test digits: pictures (539, 1, 8, 8), labels (539,)."""
    task = Digits()
    return torch.from_numpy(task.pictures(task.test)), torch.from_numpy(task.truth(task.test))


def mine(kind: Callable[..., Attack], **settings: Any) -> Attacker:
    return lambda net, x, y, eps: kind(eps, **settings)(net, x, y, torch.Generator().manual_seed(0))


def ours(net: nn.Module, x: Tensor, y: Tensor, eps: float, steps: int = STEPS) -> Tensor:
    """PGD with the settings that the libraries have below."""
    return mine(PGD, steps=steps, stride=2.5, targets=0)(net, x, y, eps)


def with_torchattacks(net: nn.Module, x: Tensor, y: Tensor, eps: float, steps: int = STEPS) -> Tensor:
    attack = foreign("torchattacks").PGD(net, eps=eps, alpha=2.5 * eps / steps, steps=steps, random_start=True)
    return attack(x, y)


def with_foolbox(net: nn.Module, x: Tensor, y: Tensor, eps: float, steps: int = STEPS) -> Tensor:
    return foolbox("LinfPGD", rel_stepsize=2.5 / steps, steps=steps, random_start=True)(net, x, y, eps)


def with_art(net: nn.Module, x: Tensor, y: Tensor, eps: float) -> Tensor:
    return art("ProjectedGradientDescentPyTorch", 2.5 / STEPS, max_iter=STEPS, num_random_init=1)(net, x, y, eps)


def torchattacks(name: str, step: float | None = None, **settings: Any) -> Attacker:
    """An attack of torchattacks; step: its length, in eps."""

    def attack(net: nn.Module, x: Tensor, y: Tensor, eps: float) -> Tensor:
        length = {} if step is None else {"alpha": step * eps}
        return getattr(foreign("torchattacks"), name)(net, eps=eps, **length, **settings)(x, y)

    return attack


def foolbox(name: str, **settings: Any) -> Attacker:
    def attack(net: nn.Module, x: Tensor, y: Tensor, eps: float) -> Tensor:
        model = foreign("foolbox").PyTorchModel(net, bounds=(0, 1), device=x.device)
        return getattr(foreign("foolbox").attacks, name)(**settings)(model, x, y, epsilons=eps)[1]

    return attack


def art(name: str, step: float, **settings: Any) -> Attacker:
    def attack(net: nn.Module, x: Tensor, y: Tensor, eps: float) -> Tensor:
        made = getattr(foreign("art.attacks.evasion"), name)
        attack = made(art_model(net), eps=eps, eps_step=step * eps, batch_size=len(x), verbose=False, **settings)
        return torch.from_numpy(attack.generate(x.numpy(), y.numpy()))

    return attack


def art_model(net: nn.Module) -> Any:
    """A network as the Adversarial Robustness Toolbox wants it, on the CPU."""
    made = foreign("art.estimators.classification").PyTorchClassifier
    return made(net, nn.CrossEntropyLoss(), (1, 8, 8), 10, clip_values=(0, 1), device_type="cpu")


def foreign(name: str) -> Any:
    """Another library's module; what it warns of at import is its own affair. Raises ImportError if it is missing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(name)


ROWS: dict[str, dict[str, Attacker]] = {
    "fgsm": {"ours": mine(FGSM), "torchattacks": torchattacks("FGSM"), "foolbox": foolbox("LinfFastGradientAttack")},
    "bim": {
        "ours": mine(BIM),
        "torchattacks": torchattacks("BIM", 0.25, steps=10),
        "foolbox": foolbox("LinfBasicIterativeAttack", rel_stepsize=0.25, steps=10),
    },
    "mi-fgsm": {"ours": mine(MIFGSM), "torchattacks": torchattacks("MIFGSM", 0.25, steps=10)},
    "pgd": {"ours": mine(PGD), "torchattacks": with_torchattacks, "foolbox": with_foolbox, "art": with_art},
    "apgd": {"ours": mine(APGD), "torchattacks": torchattacks("APGD", steps=100)},
    "apgd of logit ratios": {"ours": mine(APGD, loss="dlr"), "torchattacks": torchattacks("APGDT", steps=100)},
    "square": {"ours": mine(Square, queries=QUERIES), "torchattacks": torchattacks("Square", n_queries=QUERIES)},
    "ensemble": {"ours": mine(Ensemble), "autoattack": torchattacks("AutoAttack", seed=0)},
}


class Counted(nn.Module):
    """Counts the pictures that a module is shown, and those that a gradient is taken of."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module, self.forwards, self.backwards = module, 0, 0

    def forward(self, x: Tensor) -> Tensor:
        self.forwards += len(x)
        logits = self.module(x)
        if logits.requires_grad:
            logits.register_hook(lambda slopes: self.count(len(slopes)))
        return logits

    def count(self, pictures: int) -> None:
        self.backwards += pictures

    def cost(self, pictures: int) -> float:
        return (self.forwards + 2 * self.backwards) / (3 * STEPS * pictures)


def measured(nets: tuple[str, ...] = NETS, radii: tuple[float, ...] = RADII, some: int = SOME) -> Iterator[Any]:
    """(net, eps, attack, {who: {robust, cost}}), row by row; libraries that are not installed have none."""
    x, y = (it[:some] for it in digits())
    for name in nets:
        for eps in radii:
            for attack, everybody in ROWS.items():
                told = {}
                for who, attacker in everybody.items():
                    net = Counted(fixed(name)).eval()
                    try:
                        with torch.random.fork_rng(devices=[]):
                            torch.manual_seed(0)
                            pictures = attacker(net, x, y, eps)
                    except ImportError:
                        continue
                    # theirs may be over the budget by what floats round
                    robust = 1 - wrong(net.module, pictures.clamp(x - eps, x + eps).clamp(0, 1), y)
                    told[who] = {"robust": round(robust, 4), "cost": round(net.cost(len(x)), 3)}
                yield name, eps, attack, told


def bench() -> dict[str, float]:
    """For each network and attack: how far ours stays behind the best peer where it does worst, and both costs."""
    told: dict[str, float] = {}
    for name, _, attack, row in measured():
        peers = [it for who, it in row.items() if who != "ours"]
        if not peers:
            continue
        best = min(peers, key=lambda it: (it["robust"], it["cost"]))
        behind, own, other = (
            f"{name}, {attack}, {what}" for what in ("robust above the best peer", "cost", "its cost")
        )
        told[behind] = max(told.get(behind, -1.0), row["ours"]["robust"] - best["robust"])
        told[own] = told.get(own, 0.0) + row["ours"]["cost"]
        told[other] = told.get(other, 0.0) + best["cost"]
    for name in NETS:
        if (whole := told.get(f"{name}, ensemble, its cost")) is not None:
            told[f"{name}, ensemble / autoattack"] = told[f"{name}, ensemble, cost"] / whole
    return told


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
    for row in measured():
        print(json.dumps(row), flush=True)
