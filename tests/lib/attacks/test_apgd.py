"""The parts of Auto-PGD whose answers are known."""

from __future__ import annotations

import torch

from lib.attacks.apgd import checkpoints, logit_ratio


def test_the_ratio_of_logits_is_that_of_the_paper_and_has_no_scale() -> None:
    logits, y = torch.tensor([[4.0, 1.0, 3.0, 2.0, 0.0]], dtype=torch.float64), torch.tensor([0])
    told = logit_ratio(y, torch.tensor([1]))(logits, torch.tensor([0]))
    assert torch.allclose(told, torch.tensor([(1 - 4) / (4 - (2 + 1) / 2)], dtype=torch.float64))
    assert torch.allclose(logit_ratio(y, torch.tensor([1]))(logits * 1e-9, torch.tensor([0])), told)


def test_the_ratio_knows_three_classes_and_of_two_the_difference() -> None:
    y, aim, rows = torch.tensor([0]), torch.tensor([1]), torch.tensor([0])
    assert logit_ratio(y, aim)(torch.tensor([[4.0, 1.0, 3.0]]), rows).item() == (1 - 4) / (4 - 1)
    two = torch.tensor([[4.0, 1.0]], requires_grad=True)
    told = logit_ratio(y, aim)(two, rows)
    assert told.item() == -3
    assert torch.autograd.grad(told.sum(), two)[0].tolist() == [[-1, 1]]


def test_a_path_is_looked_at_ever_sooner() -> None:
    assert sorted(checkpoints(100)) == [22, 41, 57, 70, 80, 87, 93, 99, 105]
    assert min(checkpoints(1)) >= 1
