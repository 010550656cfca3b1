"""How near minimal-norm attacks come and what they cost, beside those of other libraries on the same networks.

    OMP_NUM_THREADS=1 python -m tests.bench.bench_minimal

Of the test digits that a network reads rightly, the median distance of the nearest picture that deceives it, as judged
here, inf where an attack found none. Cost as in bench_attacks: in PGD-40s of passes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from lib.attacks.minimal.carlini_wagner import CarliniWagner
from lib.attacks.minimal.chain import Chain
from lib.attacks.minimal.decoupled import DDN, FMN
from lib.attacks.minimal.deepfool import DeepFool
from lib.attacks.minimal.fab import FAB
from lib.attacks.minimal.hop_skip_jump import HopSkipJump
from lib.attacks.minimal.saliency import JSMA
from lib.attacks.minimal.search import MinimalAttack, Norm, distances
from tests.bench.bench_attacks import NETS, Counted, digits, foreign
from tests.lib.attacks.networks import fixed

SOME = 200  # digits
Searcher = Callable[[nn.Module, Tensor, Tensor], Tensor]


def mine(attack: MinimalAttack) -> Searcher:
    return lambda net, x, y: attack(net, x, y, torch.Generator().manual_seed(0))


def foolbox(name: str, **settings: Any) -> Searcher:
    def search(net: nn.Module, x: Tensor, y: Tensor) -> Tensor:
        model = foreign("foolbox").PyTorchModel(net, bounds=(0, 1), device=x.device)
        return getattr(foreign("foolbox").attacks, name)(**settings)(model, x, y, epsilons=None)[1]

    return search


def torchattacks(name: str, **settings: Any) -> Searcher:
    return lambda net, x, y: getattr(foreign("torchattacks"), name)(net, **settings)(x, y)


ROWS: dict[str, tuple[Norm, dict[str, Searcher]]] = {
    "deepfool l2": (
        "l2",
        {"ours": mine(DeepFool("l2")), "foolbox": foolbox("L2DeepFoolAttack", steps=50, overshoot=0.02)},
    ),
    "deepfool linf": (
        "linf",
        {"ours": mine(DeepFool("linf")), "foolbox": foolbox("LinfDeepFoolAttack", steps=50, overshoot=0.02)},
    ),
    "nearest l2": (
        "l2",
        {"ours": mine(Chain("l2")), "foolbox's DDN": foolbox("DDNAttack", init_epsilon=1.0, steps=100)},
    ),
    "nearest linf": ("linf", {"ours": mine(Chain("linf")), "foolbox's FMN": foolbox("LInfFMNAttack", steps=100)}),
    "nearest l1": ("l1", {"ours": mine(Chain("l1")), "foolbox's FMN": foolbox("L1FMNAttack", steps=100)}),
    "ddn": ("l2", {"ours": mine(DDN()), "foolbox": foolbox("DDNAttack", init_epsilon=1.0, steps=100)}),
    **{
        f"fmn {norm}": (norm, {"ours": mine(FMN(norm)), "foolbox": foolbox(f"{theirs}FMNAttack", steps=100)})
        for norm, theirs in (("linf", "LInf"), ("l2", "L2"), ("l1", "L1"), ("l0", "L0"))
    },
    **{
        f"fab {norm}": (
            norm,
            {
                "ours": mine(FAB(norm)),
                "torchattacks": torchattacks("FAB", norm=theirs, eps=100.0, steps=20, n_restarts=1, n_classes=10),
            },
        )
        for norm, theirs in (("linf", "Linf"), ("l2", "L2"))  # for L1 it has none
    },
    "c&w": (
        "l2",
        {
            "ours": mine(CarliniWagner()),
            "foolbox": foolbox(
                "L2CarliniWagnerAttack", binary_search_steps=9, steps=200, stepsize=0.05, initial_const=0.01
            ),
        },
    ),
    "jsma": ("l0", {"ours": mine(JSMA()), "torchattacks": torchattacks("JSMA", theta=1.0, gamma=0.5)}),
    **{
        f"hopskipjump {norm}": (
            norm,
            {"ours": mine(HopSkipJump(norm)), "foolbox": foolbox("HopSkipJumpAttack", steps=5, constraint=norm)},
        )
        for norm in ("l2", "linf")
    },
}  # fmt: skip


def measured(nets: tuple[str, ...] = NETS, rows: tuple[str, ...] = (*ROWS,), some: int = SOME) -> Iterator[Any]:
    """(net, attack, {who: {median, cost}}), row by row; libraries that are not installed have none."""
    for name in nets:
        x, y = digits()
        known = fixed(name)(x).argmax(1) == y
        x, y = x[known][:some], y[known][:some]
        for attack in rows:
            norm, everybody = ROWS[attack]
            told = {}
            for who, search in everybody.items():
                net = Counted(fixed(name)).eval()
                try:
                    with torch.random.fork_rng(devices=[]):
                        torch.manual_seed(0)
                        pictures = search(net, x, y).clamp(0, 1)
                except ImportError:
                    continue
                far = distances(pictures - x, norm)
                far[net.module(pictures).argmax(1) == y] = torch.inf
                told[who] = {"median": round(far.median().item(), 4), "cost": round(net.cost(len(x)), 3)}
            yield name, attack, told


def bench() -> dict[str, float]:
    """For each network and attack: our median over the best peer's, and both costs."""
    told: dict[str, float] = {}
    for name, attack, row in measured():
        peers = [it for who, it in row.items() if who != "ours"]
        if peers:
            best = min(peers, key=lambda it: it["median"])
            told[f"{name}, {attack}, distance / peer's"] = row["ours"]["median"] / best["median"]
            told[f"{name}, {attack}, cost"], told[f"{name}, {attack}, its cost"] = row["ours"]["cost"], best["cost"]
    return told


if __name__ == "__main__":
    torch.set_num_threads(1)
    for row in measured():
        print(json.dumps(row), flush=True)
