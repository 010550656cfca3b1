"""Minimal-norm attacks one after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import torch
from torch import Tensor, nn

from lib.attacks.minimal.decoupled import FMN
from lib.attacks.minimal.deepfool import DeepFool
from lib.attacks.minimal.fab import FAB
from lib.attacks.minimal.search import MinimalAttack, Search, check_norm, perturb


@dataclass(frozen=True)
class Chain:
    """Cheap attacks first, to come near; then one that walks on from the nearest picture so far: less far, for less.

    DeepFool, for l1 FAB, then 20 steps of FMN. For l2 the median on two networks for digits, one adversarially trained,
    is less than that of DDN's 100 steps, at two fifths of its passes (tests/bench/bench_minimal.py). Settings as in
    MinimalAttack.
    """

    norm: Literal["linf", "l2", "l1"] = "l2"
    targeted: bool = False

    def __post_init__(self) -> None:
        check_norm(self.norm, "linf", "l2", "l1")

    def __call__(self, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        return perturb(self, module, x, y, rng)

    @property
    def parts(self) -> tuple[MinimalAttack, ...]:
        first: Any = FAB("l1") if self.norm == "l1" else DeepFool(self.norm, candidates=5)
        return replace(first, targeted=self.targeted), FMN(self.norm, self.targeted, steps=20)

    def search(self, search: Search) -> None:
        for part in self.parts:
            part.search(search)
