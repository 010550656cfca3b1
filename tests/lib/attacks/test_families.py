"""What is particular to one family of attacks, on networks with fixed weights."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from lib.attacks.apgd import APGD, checkpoints, logit_ratio
from lib.attacks.ensemble import Ensemble
from lib.attacks.gradient import BIM, FGSM, MIFGSM, PGD
from lib.attacks.harness import Norm, run_attack
from lib.attacks.noise import Noise
from lib.attacks.one_pixel import Evolution, OnePixel
from lib.attacks.square import Square, hill_and_hollow
from lib.attacks.universal import Universal
from tests.bench.bench_attacks import digits, foreign, wrong
from tests.lib.attacks.networks import fixed

torch.set_num_threads(1)


def some(n: int) -> tuple[Tensor, Tensor]:
    x, y = digits()
    return x[:n], y[:n]


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


# --- small steps -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [BIM, MIFGSM])
def test_one_step_as_long_as_the_budget_is_the_fast_gradient_sign_method(kind: type) -> None:
    x, y = some(60)
    once = run_attack(kind(0.1, steps=1, stride=1.0), fixed("mlp"), x, y, 0)
    assert torch.equal(once.pictures, run_attack(FGSM(0.1), fixed("mlp"), x, y, 0).pictures)


@pytest.mark.parametrize("attack", ["BIM", "MIFGSM"])
def test_small_steps_are_as_strong_as_theirs(attack: str) -> None:
    pytest.importorskip("torchattacks", exc_type=ImportError)
    (x, y), net = some(200), fixed("standard")
    other = getattr(foreign("torchattacks"), attack)(net, eps=0.1, alpha=0.025, steps=10)(x, y)
    own = {"BIM": BIM, "MIFGSM": MIFGSM}[attack](0.1)(net, x, y, rng())
    assert 0 <= wrong(net, own, y) - wrong(net, other, y) < 0.03


# --- steps that set their own length ---------------------------------------------------------------------------------


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


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_a_path_that_sets_its_step_is_as_strong_as_the_best_of_many_that_do_not(norm: Norm) -> None:
    (x, y), net, eps = some(150), fixed("hardened"), 0.2 if norm == "linf" else 1.0
    told = [run_attack(kind, net, x, y, 0).success.float().mean() for kind in (APGD(eps, norm), PGD(eps, norm))]
    assert abs(told[0] - told[1]) < 0.04
    assert told[0] > run_attack(FGSM(eps, norm), net, x, y, 0).success.float().mean() + 0.05


# --- black boxes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", [1, 3, 5, 7])
def test_hills_are_those_of_the_authors(side: int) -> None:
    pytest.importorskip("torchattacks", exc_type=ImportError)
    theirs, own = foreign("torchattacks").Square(fixed("mlp")).eta(side), hill_and_hollow(side)
    assert min((theirs - own).abs().max(), (theirs.T - own).abs().max()) < 1e-6


@pytest.mark.parametrize(("norm", "eps"), [("linf", 0.1), ("l2", 1.0)])
def test_square_is_stronger_than_theirs_at_as_many_queries(norm: Norm, eps: float) -> None:
    pytest.importorskip("torchattacks", exc_type=ImportError)
    (x, y), net, queries = some(150), fixed("standard"), 200
    other = foreign("torchattacks").Square(net, norm=norm.replace("l", "L"), eps=eps, n_queries=queries)(x, y)
    own = run_attack(Square(eps, norm, queries=queries), net, x, y, 0)
    assert own.queries.max() == queries + 1
    assert own.success.float().mean() > wrong(net, other, y) + 0.01


def test_one_pixel_is_one_pixel_and_enough_for_some() -> None:
    (x, y), net = some(60), fixed("standard")
    every = run_attack(OnePixel(), net, x, y, 0)
    bred = run_attack(Evolution(population=40, generations=5), net, x, y, 0)
    for told in (every, bred):
        assert ((told.pictures != x).flatten(1).sum(1) <= 1).all()
    assert every.queries.max() == 1 + 64 * 9
    assert bred.queries.max() == 1 + 40 * 6
    already = float((net(x).argmax(1) != y).float().mean())
    assert already + 0.1 < bred.success.float().mean() <= every.success.float().mean() < 0.4


# --- one push for all ------------------------------------------------------------------------------------------------


def test_a_universal_push_is_one_push_and_deceives_with_pictures_it_has_not_seen() -> None:
    (x, y), net, eps = digits(), fixed("standard"), 0.2
    push = Universal(eps, steps=25).learn(net, x[:300], y[:300], rng())
    assert push.shape == (1, 1, 8, 8)
    assert push.abs().max() <= eps
    fresh = wrong(net, (x[300:] + push).clamp(0, 1), y[300:])
    assert fresh > 3 * wrong(net, Noise(eps)(net, x[300:], y[300:], rng()), y[300:])
    fell = run_attack(Universal(eps, steps=25), net, x[:300], y[:300], 0)
    moved = (fell.pictures != x[:300]).flatten(1).any(1)
    assert torch.allclose(fell.pictures[moved], (x[:300] + push).clamp(0, 1)[moved], atol=1e-6)


# --- several as one --------------------------------------------------------------------------------------------------


def test_the_ensemble_is_nowhere_weaker_than_its_first_part_and_somewhere_stronger() -> None:
    (x, y), net = some(120), fixed("hardened")
    first = Ensemble(0.2).parts[:1]
    one, all_of_them = (run_attack(it, net, x, y, 0) for it in (Ensemble(0.2, parts=first), Ensemble(0.2)))
    assert (all_of_them.success >= one.success).all()
    assert all_of_them.success.sum() > one.success.sum()


def test_a_hidden_gradient_is_no_defence_against_the_ensemble() -> None:
    class Rounded(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return fixed("standard")((x * 16).round() / 16)

    (x, y), net = some(60), Rounded()
    stood = [1 - run_attack(it, net, x, y, 0).success.float().mean() for it in (PGD(0.2, restarts=3), Ensemble(0.2))]
    assert stood[0] > 0.5
    assert stood[1] < 0.2
