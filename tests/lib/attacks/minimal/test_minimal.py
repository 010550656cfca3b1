"""Minimal-norm attacks: known distances, the rules of a search, and how strong they are on fixed weights."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from scipy.optimize import linprog
from torch import Tensor, nn

from lib.attacks.gradient import PGD
from lib.attacks.harness import run_attack
from lib.attacks.minimal.carlini_wagner import CarliniWagner
from lib.attacks.minimal.chain import Chain
from lib.attacks.minimal.decoupled import DDN, FMN, project
from lib.attacks.minimal.deepfool import DeepFool, SuperDeepFool
from lib.attacks.minimal.fab import FAB
from lib.attacks.minimal.hop_skip_jump import HopSkipJump
from lib.attacks.minimal.planes import to_plane
from lib.attacks.minimal.saliency import JSMA
from lib.attacks.minimal.search import MinimalAttack, Nearest, Norm, distances, nearest
from tests.bench.bench_attacks import digits
from tests.lib.attacks.networks import fixed

BY_GRADIENT: list[MinimalAttack] = [
    DeepFool("l2"),
    DeepFool("linf"),
    SuperDeepFool(),
    DDN(),
    *(FMN(norm) for norm in ("linf", "l2", "l1", "l0")),
    *(FAB(norm) for norm in ("linf", "l2", "l1")),
    *(Chain(norm) for norm in ("linf", "l2", "l1")),
    CarliniWagner(searches=4, steps=40),
    JSMA(),
]
ALL: list[MinimalAttack] = [*BY_GRADIENT, HopSkipJump("l2", queries=200), HopSkipJump("linf", queries=200)]


def name(attack: Any) -> str:
    return f"{type(attack).__name__}-{attack.norm}" if hasattr(attack, "norm") else str(attack)


def rng() -> torch.Generator:
    return torch.Generator().manual_seed(5)


class Linear(nn.Module):
    """Two classes, a plane between them: every distance is known."""

    def __init__(self, slope: Tensor, bias: float) -> None:
        super().__init__()
        self.slope, self.bias = slope, bias

    def forward(self, x: Tensor) -> Tensor:
        rise = x.flatten(1) @ self.slope.to(x.dtype) + self.bias
        return torch.stack([-rise, rise], 1)


@pytest.fixture(scope="module")
def right() -> tuple[Tensor, Tensor]:
    """Thirty test digits that the fixed convolutional network reads rightly."""
    x, y = digits()
    known = fixed("cnn")(x).argmax(1) == y
    return x[known][:30], y[known][:30]


SLOPE = torch.tensor([3.0, -1.0, 0.5, 2.0, -0.25, 1.5, -2.5, 0.75, 1.0])
GAP = 1.2  # below every |slope| times the half that each number may move, for the steepest
KNOWN: dict[Norm, float] = {
    "l2": GAP / float(SLOPE.norm()),
    "linf": GAP / float(SLOPE.abs().sum()),
    "l1": GAP / 3.0,
    "l0": 1.0,
}
MARGIN = {"DeepFool": 1.03, "FAB": 1.06, "SuperDeepFool": 1.03, "JSMA": 2.0, "HopSkipJump": 1.3, "CarliniWagner": 1.1}


@pytest.mark.parametrize("attack", ALL, ids=name)
def test_the_distance_of_a_plane(attack: MinimalAttack) -> None:
    x = torch.full((1, 1, 3, 3), 0.5)
    module = Linear(SLOPE, -float(SLOPE.sum() / 2) - GAP)
    told = nearest(attack, module, x, torch.tensor([0]), rng())
    assert KNOWN[attack.norm] * (1 - 1e-6) <= told.distance.item()
    assert told.distance.item() <= KNOWN[attack.norm] * MARGIN.get(type(attack).__name__, 1.02)


@pytest.mark.parametrize("norm", ["linf", "l1", "l2"])
def test_the_nearest_point_of_a_plane_in_the_box(norm: Norm) -> None:
    """By linear programmes; for l2 by what makes a projection one: each free number moves as far as its slope says."""
    draw = np.random.default_rng(3)
    for _ in range(8):
        x, slope = draw.uniform(0, 1, 6), draw.normal(size=6)
        most = np.where(slope > 0, slope * (1 - x), -slope * x).sum()
        rise = draw.uniform(0.1, 0.9) * most
        push = to_plane(*(torch.from_numpy(part)[None] for part in (x, slope)), torch.tensor([rise]).double(), norm)[
            0
        ].numpy()
        assert ((x + push >= -1e-12) & (x + push <= 1 + 1e-12)).all()
        assert push @ slope == pytest.approx(rise)
        if norm == "l2":
            free = (np.abs(push) > 0) & (x + push > 1e-9) & (x + push < 1 - 1e-9)
            speed = push[free] / slope[free]
            assert np.ptp(speed) < 1e-9
            assert (np.abs(push[~free]) <= speed.max() * np.abs(slope[~free]) + 1e-9).all()
            continue
        bounds = [(-at, 1 - at) for at in x]
        eye = np.eye(6)
        extra = np.ones((6, 1)) if norm == "linf" else eye
        sizes = extra.shape[1]
        told = linprog(
            [*([0] * 6), *([1] * sizes)],
            A_ub=np.block([[eye, -extra], [-eye, -extra]]), b_ub=np.zeros(12),
            A_eq=[[*slope, *([0] * sizes)]], b_eq=[rise], bounds=[*bounds, *([(0, None)] * sizes)],
        )  # fmt: skip
        assert distances(torch.from_numpy(push)[None], norm).item() == pytest.approx(told.fun)


def test_a_plane_out_of_reach_is_approached_as_far_as_the_box_allows() -> None:
    x, slope = torch.tensor([[0.2, 0.9]]).double(), torch.tensor([[1.0, -1.0]]).double()
    for norm in ("linf", "l2", "l1"):
        assert torch.allclose(
            x + to_plane(x, slope, torch.tensor([9.0]).double(), norm), torch.tensor([[1.0, 0.0]]).double()
        )


def test_the_nearest_push_in_a_ball() -> None:
    push = torch.tensor([[3.0, -1.0, 0.5]]).double()
    expected = {"linf": [2.0, -1.0, 0.5], "l1": [2.0, -0.0, 0.0], "l0": [3.0, -1.0, 0.0]}
    for norm, told in expected.items():
        assert project(push, torch.tensor([2.0]).double(), norm).tolist() == [told]  # type: ignore[arg-type]
    assert project(push, torch.tensor([1.0]).double(), "l2").norm().item() == pytest.approx(1)
    small = project(push, torch.tensor([9.0]).double(), "l1")
    assert torch.equal(small, push)


@pytest.mark.parametrize("attack", ALL, ids=name)
def test_the_rules(attack: MinimalAttack, right: tuple[Tensor, Tensor]) -> None:
    """In the box; as far as it says; deceived, or untouched and inf; what is wrong already is 0 and untouched."""
    x, y = right
    x, y = x[:6], y[:6].clone()
    y[0] = (y[0] + 1) % 10
    net = fixed("cnn")
    before = [part.training for part in net.modules()], [weights.grad for weights in net.parameters()]
    told = nearest(attack, net, x, y, rng())
    assert ([part.training for part in net.modules()], [weights.grad for weights in net.parameters()]) == before
    assert ((told.pictures >= 0) & (told.pictures <= 1)).all()
    assert told.distance[0] == 0
    assert torch.equal(told.pictures[0], x[0])
    found = told.distance.isfinite()
    assert found[1:].any()
    assert torch.allclose(distances(told.pictures - x, attack.norm)[found], told.distance[found], rtol=1e-12)
    assert (net(told.pictures).argmax(1) != y)[found].all()
    assert torch.equal(told.pictures[~found], x[~found])


@pytest.mark.parametrize("attack", ALL, ids=name)
def test_an_example_alone_or_among_others_is_the_same(attack: MinimalAttack, right: tuple[Tensor, Tensor]) -> None:
    """In doubles: how a batch is parted moves the last bits, and a step may hang on them."""
    if isinstance(attack, CarliniWagner):  # one search ends for all at once
        attack = replace(attack, steps=8)
    x, y, net = right[0][:4].double(), right[1][:4], doubled("mlp")
    whole = nearest(attack, net, x, y, rng())
    assert whole.pictures.dtype == torch.float64
    turned = nearest(attack, net, x.flip(0), y.flip(0), rng())
    alone = nearest(attack, net, x[2:3], y[2:3], rng())
    assert torch.allclose(turned.distance.flip(0), whole.distance, rtol=1e-6)
    assert torch.allclose(alone.distance, whole.distance[2:3], rtol=1e-6)


def doubled(of: str) -> nn.Module:
    return deepcopy(fixed(of)).double()


@pytest.mark.parametrize("attack", ALL, ids=name)
@pytest.mark.parametrize("scale", [1e20, 1e-12])
def test_how_large_logits_are_does_not_matter(
    attack: MinimalAttack, scale: float, right: tuple[Tensor, Tensor]
) -> None:
    x, y, net = right[0][:5], right[1][:5], fixed("mlp")
    plain = nearest(attack, net, x, y, rng()).distance.isfinite().sum()
    assert nearest(attack, Changed(net, lambda logits: logits * scale), x, y, rng()).distance.isfinite().sum() == plain


class Changed(nn.Module):
    """A module whose answers, or what it was asked, are changed on the way."""

    def __init__(self, net: nn.Module, change: Callable[[Tensor], Tensor], *, spoil: bool = False) -> None:
        super().__init__()
        self.net, self.change, self.spoil, self.asked = net, change, spoil, 0

    def forward(self, x: Tensor) -> Tensor:
        self.asked += len(x)
        logits = self.net(x)
        if self.spoil:
            x.data.fill_(9.0)
        return self.change(logits)


@pytest.mark.parametrize("attack", ALL, ids=name)
def test_a_module_that_is_odd(attack: MinimalAttack, right: tuple[Tensor, Tensor]) -> None:
    """It writes into its input, and answers NaN once pictures have been moved: no answer is not a wrong one."""
    x, y, net = right[0][:4], right[1][:4], fixed("mlp")
    plain = nearest(attack, net, x, y, rng())
    assert torch.equal(
        nearest(attack, Changed(net, lambda logits: logits, spoil=True), x, y, rng()).distance, plain.distance
    )

    class Silent(nn.Module):
        def forward(self, at: Tensor) -> Tensor:
            moved = torch.stack([(one - x).flatten(1).abs().amax(1).amin() > 0 for one in at])
            return torch.where(moved[:, None], torch.nan, net(at))

    silent = nearest(attack, Silent(), x, y, rng())
    assert silent.distance.isinf().all()
    assert torch.equal(silent.pictures, x)


@pytest.mark.parametrize("attack", ALL, ids=name)
def test_towards_a_class(attack: MinimalAttack, right: tuple[Tensor, Tensor]) -> None:
    x, y, net = right[0][:6], right[1][:6], fixed("cnn")
    aims = net(x).topk(2, 1).indices[:, 1]
    told = nearest(replace(attack, targeted=True), net, x, aims, rng())  # type: ignore[type-var]
    found = told.distance.isfinite()
    if not isinstance(attack, HopSkipJump):  # noise is seldom what it aims at
        assert found.sum() >= 3
    assert (net(told.pictures).argmax(1) == aims)[found].all()
    there = nearest(replace(attack, targeted=True), net, x, y, rng())  # type: ignore[type-var]
    assert (there.distance == 0).all()


@pytest.mark.parametrize("attack", ALL, ids=name)
def test_queries_are_counted(attack: MinimalAttack, right: tuple[Tensor, Tensor]) -> None:
    x, y = right[0][:3], right[1][:3]
    module = Changed(fixed("mlp"), lambda logits: logits)
    told = nearest(attack, module, x, y, rng())
    assert int(told.queries.sum()) == module.asked
    if isinstance(attack, HopSkipJump):
        assert (told.queries <= 201).all()


def test_a_black_box_needs_no_gradient_and_the_others_say_that_they_do(right: tuple[Tensor, Tensor]) -> None:
    x, y = right[0][:4], right[1][:4]
    closed = Changed(fixed("mlp"), lambda logits: logits.detach())
    assert nearest(HopSkipJump(queries=100), closed, x, y, rng()).distance.isfinite().any()
    for attack in BY_GRADIENT:
        with pytest.raises(ValueError, match="attack a surrogate"):
            nearest(attack, closed, x, y, rng())


def test_two_classes_many_classes_and_one_picture(right: tuple[Tensor, Tensor]) -> None:
    x = right[0][:2]
    many = nn.Sequential(nn.Flatten(), nn.Linear(64, 300, bias=False))
    with torch.no_grad():
        many[1].weight.copy_(torch.randn(300, 64, generator=torch.Generator().manual_seed(1)))
    y = many(x).argmax(1)
    for attack in BY_GRADIENT:
        assert nearest(attack, many, x, y, rng()).distance.isfinite().all()
        one = attack(many, x[0], y[0], rng())
        assert one.shape == x[0].shape


@pytest.mark.parametrize("net", ["cnn", "mlp"])
def test_how_strong_they_are(net: str) -> None:
    """On fixed weights, beside each other; the margins are for other processors' last bits."""
    x, y = digits()
    known = fixed(net)(x).argmax(1) == y
    x, y = x[known][:60], y[known][:60]

    def median(attack: MinimalAttack) -> float:
        return nearest(attack, fixed(net), x, y, rng()).distance.median().item()

    sdf, ddn, fool = median(SuperDeepFool()), median(DDN()), median(DeepFool())
    assert median(Chain()) <= 1.005 * ddn
    assert sdf <= 1.01 * ddn
    assert ddn <= 1.01 * fool
    assert median(FAB("l2")) <= 1.03 * ddn
    assert median(FMN("l2")) <= 1.12 * ddn
    assert median(FAB("l1")) <= 1.02 * median(FMN("l1"))
    assert median(FMN("l0")) < median(JSMA())


def test_one_search_answers_for_every_radius() -> None:
    """Who stands at eps by the nearest pictures (linf) is who stands against PGD, but for a few."""
    x, y = digits()
    x, y, net = x[:80], y[:80], fixed("cnn")
    told = nearest(FAB("linf", candidates=9), net, x, y, rng())
    for eps in (0.05, 0.1, 0.15):
        fallen = run_attack(PGD(eps), net, x, y, 7).success
        assert abs(int((~told.stands(eps)).sum()) - int(fallen.sum())) <= 0.05 * len(x)


@pytest.mark.parametrize(
    "make",
    [
        lambda: FMN("l3"),  # type: ignore[arg-type]
        lambda: DDN("linf"),  # type: ignore[arg-type]
        lambda: DeepFool(steps=0),
        lambda: SuperDeepFool(overshoot=-1.0),
        lambda: DDN(gamma=float("nan")),
        lambda: FMN(stride=0.0),
        lambda: CarliniWagner(rate=-1.0),
        lambda: FAB(overshoot=0.5),
        lambda: JSMA(share=0.0),
        lambda: HopSkipJump(queries=0),
    ],
)
def test_settings_that_make_no_sense_are_refused(make: Callable[[], MinimalAttack]) -> None:
    with pytest.raises(ValueError, match=r"\w+: got .+, choose "):
        make()


def test_what_cannot_be_judged_is_refused(right: tuple[Tensor, Tensor]) -> None:
    x, y = right
    for pictures, labels in [(x * 2, y), (x, y[:3]), (x, y + 20), (x, torch.eye(10)[y])]:
        with pytest.raises(ValueError, match="got"):
            nearest(DDN(), fixed("mlp"), pictures, labels, rng())


def test_stands() -> None:
    told = Nearest(torch.zeros(3, 1), torch.tensor([0.0, 0.1, torch.inf]), torch.ones(3))
    assert told.stands(0.1).tolist() == [False, False, True]
