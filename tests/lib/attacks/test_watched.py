"""A watched module answers as before, and knows what it was asked."""

from __future__ import annotations

import torch
from torch import nn

from lib.attacks.gradient import BIM
from lib.attacks.harness import run_attack
from lib.attacks.minimal.deepfool import DeepFool
from lib.attacks.minimal.search import nearest
from lib.attacks.watched import Watched


def linear() -> nn.Module:
    """Two classes by the first of four pixels: above a half it is the second."""
    net = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
    with torch.no_grad():
        net[1].weight.copy_(torch.tensor([[0.0] * 4, [10.0, 0, 0, 0]]))  # type: ignore[union-attr]
        net[1].bias.copy_(torch.tensor([0.0, -5.0]))  # type: ignore[union-attr]
    return net


X, Y = torch.full((1, 1, 2, 2), 0.22), torch.tensor([0])


def test_an_attack_does_the_same_and_its_steps_are_known() -> None:
    attack, watched = BIM(0.4, steps=8, stride=1.0), Watched(linear())
    told = run_attack(attack, watched, X, Y, 0)
    plain = run_attack(attack, linear(), X, Y, 0)
    assert torch.equal(told.pictures, plain.pictures)
    path = watched.path
    assert torch.equal(path[0], X[0])
    assert len(path) == int(told.queries[0]) == 7  # 0.22 by steps of 0.05 until it is above a half
    assert torch.allclose(path[:, 0, 0, 0], 0.22 + 0.05 * torch.arange(7.0))
    assert torch.equal(path[-1], told.pictures[0])


def test_one_that_looks_for_the_nearest_is_watched_as_well() -> None:
    watched = Watched(linear())
    told = nearest(DeepFool(), watched, X, Y, torch.Generator())
    assert len(watched.path) == int(told.queries[0])
    assert any(torch.equal(one, told.pictures[0]) for one in watched.path)


def test_what_a_module_writes_into_its_input_is_not_what_it_was_asked() -> None:
    class Writes(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.zero_().flatten(1)[:, :2]

    watched = Watched(Writes())
    watched(X.clone())
    assert torch.equal(watched.path, X)
