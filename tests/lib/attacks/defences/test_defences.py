"""Defences, and attacks that know of them, on networks with fixed weights."""

from __future__ import annotations

import pytest
import torch
from scipy.stats import beta
from torch import Tensor, nn

from lib.attacks.defences.smoothing import ABSTAINED, Smoothed, Smoothing, lower_bound
from lib.attacks.defences.squeezing import Expected, Squeezed
from lib.attacks.gradient import PGD
from lib.attacks.harness import run_attack
from lib.attacks.minimal.chain import Chain
from lib.attacks.minimal.search import nearest
from tests.lib.attacks.networks import fixed
from tests.lib.attacks.test_families import rng, some

torch.set_num_threads(1)
LEVELS = 8


class Plane(nn.Module):
    """Two classes, parted by a plane whose normal is 1 long."""

    def __init__(self, d: int = 16) -> None:
        super().__init__()
        self.normal = torch.ones(d) / d**0.5

    def forward(self, x: Tensor) -> Tensor:
        ahead = (x.flatten(1) - 0.5) @ self.normal
        return torch.stack([torch.zeros_like(ahead), 10 * ahead], 1)


def stood(attack: PGD, module: nn.Module, x: Tensor, y: Tensor) -> float:
    return 1 - run_attack(attack, module, x, y, 0).success.double().mean().item()


# --- squeezing -------------------------------------------------------------------------------------------------------


def test_a_squeezed_picture_has_so_many_levels_and_through_it_the_answers_are_the_same() -> None:
    seen: list[Tensor] = []

    class Told(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            seen.append(x.detach())
            return x.flatten(1)

    x = torch.rand(5, 1, 8, 8, generator=rng())
    plain, through = (Squeezed(Told(), 4, through=way)(x) for way in (False, True))
    assert sorted((seen[0] * 3).unique().tolist()) == [0, 1, 2, 3]
    assert (seen[0] - x).abs().max() <= 1 / 6 + 1e-6
    assert torch.allclose(plain, through, atol=1e-6)


def test_no_gradient_comes_out_of_a_squeezed_module_but_through_it_the_modules_own() -> None:
    (x, y), net = some(20), fixed("mlp")
    slopes = []
    for module in (Squeezed(net, LEVELS), Squeezed(net, LEVELS, through=True)):
        at = x.clone().requires_grad_()
        slopes.append(torch.autograd.grad(module(at).gather(1, y[:, None]).sum(), at)[0])
    at = ((x * (LEVELS - 1)).round() / (LEVELS - 1)).requires_grad_()
    [own] = torch.autograd.grad(net(at).gather(1, y[:, None]).sum(), at)
    assert not slopes[0].any()
    assert torch.allclose(slopes[1], own, atol=1e-5)


@pytest.mark.parametrize("name", ["standard", "mlp"])
def test_squeezing_looks_robust_along_its_own_gradient_and_falls_like_the_plain_network_through_it(name: str) -> None:
    (x, y), net, attack = some(150), fixed(name), PGD(0.15)
    plain = stood(attack, net, x, y)
    looks, is_ = (stood(attack, Squeezed(net, LEVELS, through=way), x, y) for way in (False, True))
    assert looks > 0.9
    assert abs(is_ - plain) < 0.12
    assert is_ < 0.3


def test_a_squeezed_module_with_chance_in_it_falls_to_the_mean_gradient() -> None:
    (x, y), net = some(80), fixed("mlp")
    fresh = Squeezed(net, 4, rng(5))

    def right(pictures: Tensor) -> float:
        told = torch.stack([fresh(pictures).argmax(1) == y for _ in range(20)])
        return told.double().mean().item()

    attacked = {
        through: PGD(0.15)(Expected(Squeezed(net, 4, rng(1), through=through), 16), x, y, rng())
        for through in (False, True)
    }
    assert right(x) > 0.9
    assert right(attacked[False]) > 0.75
    assert right(attacked[True]) < right(attacked[False]) - 0.2


def test_the_mean_of_several_answers_is_that_of_their_probabilities() -> None:
    logits = torch.tensor([[[0.0, 2.0]], [[1.0, -1.0]]])

    class Turns(nn.Module):
        turn = 0

        def forward(self, _: Tensor) -> Tensor:
            self.turn += 1
            return logits[self.turn - 1]

    told = Expected(Turns(), 2)(torch.zeros(1, 1)).exp()
    assert torch.allclose(told, logits.softmax(2).mean(0))


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda: Squeezed(fixed("mlp"), 1), "levels"),
        (lambda: Expected(fixed("mlp"), 0), "draws"),
        (lambda: Smoothing(0.0), "sigma"),
        (lambda: Smoothing(float("nan")), "sigma"),
        (lambda: Smoothing(0.25, draws=0), "draws"),
        (lambda: Smoothing(0.25, first=0), "first"),
        (lambda: Smoothing(0.25, alpha=1.0), "alpha"),
    ],
)
def test_settings_that_make_no_sense_are_refused(make: object, what: str) -> None:
    with pytest.raises(ValueError, match=f"^{what}: got .*, choose "):
        make()  # type: ignore[operator]


# --- smoothing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("draws", [10, 100, 1000])
@pytest.mark.parametrize("alpha", [0.001, 0.05])
def test_the_lower_bound_is_that_of_clopper_and_pearson(draws: int, alpha: float) -> None:
    counts = torch.tensor([0, 1, draws // 2, draws - 1, draws])
    told = [float(beta.ppf(alpha, k, draws - k + 1)) if k else 0.0 for k in counts.tolist()]
    assert lower_bound(counts, draws, alpha).tolist() == pytest.approx(told, abs=1e-9)


def test_before_a_plane_a_certificate_is_just_less_than_the_distance() -> None:
    """There the smoothed answer changes where the plane is."""
    far = torch.linspace(0.02, 0.4, 30)
    x = 0.5 + far[:, None] * Plane().normal
    told = Smoothing(0.25, draws=4000).certify(Plane(), x, rng())
    sure = told.labels != ABSTAINED
    assert sure.double().mean() > 0.9
    assert (told.labels[sure] == 1).all()
    assert (told.radius <= far + 1e-6).all()
    assert (far - told.radius)[sure].mean() < 0.05


def test_where_the_votes_are_even_nothing_is_told() -> None:
    x = torch.full((4, 16), 0.5)
    told, one = Smoothing(0.25), Smoothing(0.25, draws=200)
    certificate = told.certify(Plane(), x, rng())
    assert (certificate.labels == ABSTAINED).all()
    assert not certificate.radius.any()
    assert not certificate.stands(torch.ones(4), 0.0).any()
    assert (one.answer(Plane(), x, rng()) == ABSTAINED).all()


@pytest.mark.parametrize(("name", "many"), [("hardened", 8), ("mlp", 60)])
def test_nothing_that_an_attack_finds_is_within_a_certified_radius(name: str, many: int) -> None:
    (x, y), net, defence = some(many), fixed(name), Smoothing(0.15, draws=300)
    proof = defence.certify(net, x, rng(1))
    known = proof.labels == y
    assert known.double().mean() > 0.8
    assert proof.radius[known].mean() > 0.1
    found = defence.nearest(Chain("l2"), net, x, y, rng(2), draws=8)
    assert found.isfinite().double().mean() > 0.6
    assert (found[known] >= proof.radius[known]).all()
    flat = defence.nearest(Chain("linf"), net, x, y, rng(2), draws=8)
    assert (flat[known] >= proof.radius[known] / 8).all()


def test_what_deceives_a_single_draw_is_asked_of_all() -> None:
    """So the curve of attacks is that of the smoothed classifier, not of what it is attacked through."""
    (x, y), net, defence = some(60), fixed("mlp"), Smoothing(0.3, draws=300)
    proof = defence.certify(net, x, rng(1))
    known = proof.labels == y
    alone = nearest(Chain("l2"), Smoothed(net, 0.3, draws=1), x, y, rng()).distance
    found = defence.nearest(Chain("l2"), net, x, y, rng(), draws=1)
    assert (alone[known] < proof.radius[known]).any()
    assert (found[known] >= proof.radius[known]).all()
    assert (found >= alone).all()


def test_a_smoothed_module_is_one_module_whatever_its_batch() -> None:
    (x, _), module = some(8), Smoothed(fixed("mlp"), 0.25, draws=5)
    whole = module(x)
    assert torch.equal(whole, module(x))
    assert torch.allclose(whole, torch.cat([module(one[None]) for one in x]), atol=1e-5)
    assert torch.allclose(whole.exp().sum(1), torch.ones(8), atol=1e-5)
