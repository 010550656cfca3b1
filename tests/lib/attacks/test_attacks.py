"""Attacks keep the rules whatever they propose, and are as strong as those of the known libraries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import mean
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from lib.attacks.apgd import APGD
from lib.attacks.ensemble import Ensemble
from lib.attacks.gradient import BIM, FGSM, MIFGSM, PGD, steepest_direction
from lib.attacks.harness import Attack, AttackRun, Budget, Norm, log_odds, loss_scale, perturb, run_attack
from lib.attacks.noise import Noise
from lib.attacks.one_pixel import Evolution, OnePixel
from lib.attacks.sampling import draw_key, random_signs, uniform_ball, uniform_cube, uniform_sphere
from lib.attacks.square import Square
from lib.attacks.sweep import sweep
from lib.attacks.universal import Universal
from tests.bench.bench_attacks import (
    art_model,
    digits,
    foreign,
    with_art,
    with_foolbox,
    with_torchattacks,
    wrong,
)
from tests.lib.attacks.networks import fixed

torch.set_num_threads(1)
ALL = (Noise, FGSM, PGD)


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def small(seed: int, scale: float = 3.0) -> nn.Module:
    """A random network for 6 pixels and 3 classes in float64, steep enough that attacks matter."""
    net = nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 3)).double()
    for weights in net.parameters():
        nn.init.normal_(weights, std=scale / weights.shape[-1] ** 0.5, generator=rng(seed))
    return net


def batch(seed: int, n: int = 12) -> tuple[Tensor, Tensor]:
    draw = rng(seed)
    return torch.rand(n, 6, generator=draw, dtype=torch.float64), torch.randint(3, (n,), generator=draw)


def deceived(net: nn.Module, x: Tensor, y: Tensor, attack: Attack) -> Tensor:
    return (net(x).argmax(1) == y) == attack.targeted


def gain(net: nn.Module, x: Tensor, pushed: Tensor, y: Tensor, targeted: bool = False) -> Tensor:
    """By what the harness judges who still stands: how much higher the log-odds are than untouched, at one scale."""
    scale = loss_scale(net(x))
    return log_odds(net(pushed) * scale, y, targeted) - log_odds(net(x) * scale, y, targeted)


class Times(nn.Module):
    """Logits made larger or smaller: the same answers, surer or less sure."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        return self.factor * x


seeds = st.integers(0, 10_000)
attacks = st.builds(
    lambda kind, eps, norm, targeted: kind(eps, norm, targeted),
    st.sampled_from([Noise, FGSM, lambda *budget: PGD(*budget, steps=5, restarts=1, targets=1)]),
    st.sampled_from([0.0, 1e-3, 0.05, 0.3, 1.5]),
    st.sampled_from(["linf", "l2"]),
    st.booleans(),
)
few = settings(max_examples=40, deadline=None)


# --- the rules -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rogue:
    """An attack that breaks every rule it can."""

    eps: float = 0.1
    norm: Norm = "linf"
    targeted: bool = False
    propose: Callable[[Tensor], Tensor] = torch.zeros_like

    def push(self, run: AttackRun) -> None:
        run.query(self.propose(run.x))

    def __call__(self, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        return perturb(self, module, x, y, rng)


def length(push: Tensor, norm: str) -> Tensor:
    return push.flatten(1).abs().amax(1) if norm == "linf" else push.flatten(1).norm(dim=1)


@given(seeds, attacks)
@few
def test_pictures_stay_within_the_budget_and_the_box(seed: int, attack: Attack) -> None:
    net, (x, y) = small(seed), batch(seed)
    pushed = attack(net, x, y, rng(seed))
    assert (length(pushed - x, attack.norm) <= attack.eps + 1e-12).all()
    assert pushed.min() >= 0
    assert pushed.max() <= 1


PROPOSALS: dict[str, Callable[[Tensor], Tensor]] = {
    "far": lambda x: 100 - x,
    "endless": lambda x: torch.full_like(x, torch.inf),
    "endless below": lambda x: torch.full_like(x, -torch.inf),
    "nothing": lambda x: torch.full_like(x, torch.nan),
    "partly nothing": lambda x: torch.where(torch.arange(6) < 3, torch.nan, 1 - x),
    "in the picture's own place": lambda x: x.neg_(),
}


@pytest.mark.parametrize("norm", ["linf", "l2"])
@pytest.mark.parametrize("name", PROPOSALS)
def test_the_rules_hold_whatever_is_proposed(name: str, norm: Norm) -> None:
    net, (x, y) = small(1), batch(1)
    attack, before = Rogue(norm=norm, propose=PROPOSALS[name]), x.clone()
    pushed = attack(net, x, y, rng())
    assert (x == before).all()
    assert ((pushed >= 0) & (pushed <= 1)).all()
    assert (length(pushed - x, norm) <= 0.1 + 1e-12).all()
    assert (gain(net, x, pushed, y) >= -1e-12).all()


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_what_is_allowed_stays_as_proposed_and_what_is_no_number_stays_as_it_was(norm: Norm) -> None:
    (x, _), ball = batch(1), Budget(0.1, norm)
    near = (x + 0.03 * random_signs(x, 1)).clamp(0, 1)
    assert torch.allclose(ball.clip(near, x), near, rtol=0, atol=1e-12)
    assert (ball.clip(torch.full_like(x, torch.nan), x) == x).all()
    part = ball.clip(torch.where(torch.arange(6) < 3, torch.nan, near), x)
    assert (part[:, :3] == x[:, :3]).all()
    assert (part[:, 3:] == (near if norm == "linf" else x)[:, 3:]).all()


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
@pytest.mark.parametrize("eps", [1e-3, 0.1, 0.7])
@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_no_rounding_leads_out_of_the_budget(norm: Norm, eps: float, dtype: torch.dtype) -> None:
    x = torch.rand(5000, 7, generator=rng()).to(dtype)
    clipped = Budget(eps, norm).clip(x + 3 * eps * torch.randn(x.shape, generator=rng(1)).to(dtype), x)
    push = clipped.double() - x.double()
    assert length(push, norm).max() <= eps
    assert length(push, norm).max() > 0.9 * eps
    assert ((clipped >= 0) & (clipped <= 1)).all()


@given(seeds, attacks)
@few
def test_no_example_comes_back_worse_for_the_attacker(seed: int, attack: Attack) -> None:
    net, (x, y) = small(seed), batch(seed)
    pushed = attack(net, x, y, rng(seed))
    fell = deceived(net, pushed, y, attack)
    assert (fell | (gain(net, x, pushed, y, attack.targeted) >= -1e-12)).all()
    already = deceived(net, x, y, attack)
    assert (pushed[already] == x[already]).all()


@given(seeds, st.sampled_from([0.02, 0.1, 0.4]), st.sampled_from(["linf", "l2"]), st.booleans())
@few
def test_pgd_is_never_weaker_than_fgsm_nor_fgsm_than_nothing(seed: int, eps: float, norm: Norm, targeted: bool) -> None:
    net, (x, y) = small(seed), batch(seed)
    fgsm, pgd = FGSM(eps, norm, targeted), PGD(eps, norm, targeted, steps=5)
    once, often = fgsm(net, x, y, rng()), pgd(net, x, y, rng())
    stood = ~deceived(net, often, y, pgd)
    assert not (deceived(net, once, y, fgsm) & stood).any()
    gains = [gain(net, x, z, y, targeted)[stood] for z in (once, often)]
    assert (gains[0] >= -1e-12).all()
    assert (gains[1] >= gains[0] - 1e-12).all()


@given(seeds, attacks)
@few
def test_nothing_is_moved_by_a_budget_of_nothing(seed: int, attack: Attack) -> None:
    net, (x, y) = Asked(small(seed)), batch(seed)
    pushed = replace(attack, eps=0.0)(net, x, y, rng(seed))
    assert (pushed == x).all()
    assert net.pictures == len(x)
    assert pushed.data_ptr() != x.data_ptr()


@given(seeds, attacks)
@few
def test_order_and_company_change_nothing(seed: int, attack: Attack) -> None:
    net, (x, y) = small(seed), batch(seed)
    together = attack(net, x, y, rng(seed))
    order = torch.randperm(len(x), generator=rng(seed))
    assert torch.allclose(attack(net, x[order], y[order], rng(seed)), together[order], rtol=0, atol=1e-9)
    alone = torch.stack([attack(net, x[i], y[i], rng(seed)) for i in range(len(x))])
    assert torch.allclose(alone, together, rtol=0, atol=1e-9)


@pytest.mark.parametrize("kind", [Noise, lambda eps: PGD(eps, restarts=1)])
def test_chance_follows_the_generator(kind: Callable[[float], Attack]) -> None:
    net, (x, y) = small(11, scale=8.0), batch(11, n=100)
    first, again, other = (kind(0.2)(net, x, y, rng(seed)) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


@pytest.mark.parametrize("kind", ALL)
def test_an_empty_batch_is_no_trouble(kind: type) -> None:
    x, y = batch(0, n=0)
    assert kind(0.1)(small(0), x, y, rng()).shape == (0, 6)


@pytest.mark.parametrize("restarts", [0, 2])
def test_everything_may_fall_at_once(restarts: int) -> None:
    net, (x, _) = small(0), batch(0)
    away = (net(x).argmax(1) + 1) % 3
    assert (PGD(0.1, restarts=restarts)(net, x, away, rng()) == x).all()


# --- the module ------------------------------------------------------------------------------------------------------


class Fussy(nn.Module):
    """A module with everything that an attack could disturb."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.ReLU(inplace=True), nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.5))
        self.head = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(144), nn.Linear(144, 10))
        self.body[1].requires_grad_(False)
        self.train()
        self.body[2].eval()
        self.head.eval()

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body(x))


@pytest.mark.parametrize("attack", [Noise(0.1), FGSM(0.1, "l2"), PGD(0.1, steps=3, restarts=1)])
def test_the_module_is_left_as_it_was_found(attack: Attack) -> None:
    torch.manual_seed(0)
    net, (x, y) = Fussy(), digits()
    x, y = x[:20].requires_grad_(), y[:20]
    F.cross_entropy(net(x * 1), y).backward()
    state = {name: value.clone() for name, value in net.state_dict().items()}
    grads = [None if p.grad is None else p.grad.clone() for p in net.parameters()]
    modes, wants = [part.training for part in net.modules()], [p.requires_grad for p in net.parameters()]
    own = x.grad
    assert own is not None
    before_attack = own.clone()
    pushed = attack(net, x, y, rng())
    assert not pushed.requires_grad
    assert all((value == state[name]).all() for name, value in net.state_dict().items())
    assert [part.training for part in net.modules()] == modes
    assert len(set(modes)) == 2
    assert [p.requires_grad for p in net.parameters()] == wants
    for before, after in zip(grads, [p.grad for p in net.parameters()], strict=True):
        assert before is after is None or (before == after).all()
    assert x.grad is own
    assert (own == before_attack).all()


def test_the_module_is_asked_in_eval_mode() -> None:
    torch.manual_seed(0)
    net, (x, y) = Fussy(), digits()
    assert (PGD(0.1, steps=3)(net, x[:20], y[:20], rng()) == PGD(0.1, steps=3)(net.eval(), x[:20], y[:20], rng())).all()


def test_a_module_that_fails_gets_its_modes_back() -> None:
    net = Fussy()
    modes = [part.training for part in net.modules()]
    with pytest.raises(RuntimeError):
        PGD(0.1)(net, torch.zeros(2, 1, 5, 5), torch.zeros(2, dtype=torch.long), rng())
    assert [part.training for part in net.modules()] == modes


@pytest.mark.parametrize("mood", [torch.no_grad, torch.inference_mode])
def test_callers_who_switched_gradients_off_may_attack(mood: Callable[[], torch.autograd.grad_mode.no_grad]) -> None:
    net, (x, y) = small(5), batch(5)
    expected = PGD(0.1)(net, x, y, rng())
    with mood():
        assert (PGD(0.1)(net, x + 0, y + 0, rng()) == expected).all()


class Silent(nn.Module):
    """Has no answer for any picture but an untouched one."""

    def __init__(self, untouched: Tensor) -> None:
        super().__init__()
        self.untouched = untouched

    def forward(self, x: Tensor) -> Tensor:
        logits = torch.stack([-x.sum(1), x.sum(1) + 9], 1)
        return torch.where((x == self.untouched).all(1, keepdim=True), logits, torch.nan)


def test_no_answer_is_not_a_wrong_answer() -> None:
    x, _ = batch(2)
    outcome = run_attack(PGD(0.1), Silent(x), x, torch.ones(len(x)), key=0)
    assert not outcome.success.any()
    assert (outcome.pictures == x).all()


class Asked(nn.Module):
    """Counts the pictures that a module is asked about."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module, self.pictures = module, 0

    def forward(self, x: Tensor) -> Tensor:
        self.pictures += len(x)
        return self.module(x)


@pytest.mark.parametrize(("eps", "limit"), [(0.1, 0.6), (0.15, 0.3)])
def test_what_has_fallen_is_asked_no_more(eps: float, limit: float) -> None:
    net, (x, y) = Asked(fixed("cnn")), digits()
    PGD(eps, steps=40, targets=0)(net, x, y, rng())
    assert net.pictures <= limit * 40 * len(x)


def test_paths_that_gain_no_more_are_over_until_the_next_start() -> None:
    flat = nn.Linear(6, 3).double()
    nn.init.zeros_(flat.weight)
    nn.init.constant_(flat.bias, 0.0)
    flat.bias.data[0] = 1
    net, (x, _) = Asked(flat), batch(0)
    PGD(0.1, steps=40, restarts=1, targets=1, patience=5)(net, x, torch.zeros(len(x)), rng())
    assert net.pictures == len(x) * (2 + 5 + 1 + 5 + 1 + 5)


# --- modules whose numbers are large, small, short, or none -----------------------------------------------------------

FACTORS = [1e37, 1e20, 100.0, 0.01, 1e-4, 1e-12, 1e-20, 1e-36]


@pytest.mark.parametrize("norm", ["linf", "l2"])
@pytest.mark.parametrize("attack", [FGSM, PGD, Noise])
@pytest.mark.parametrize("factor", FACTORS)
def test_the_scale_of_the_logits_is_no_defence(factor: float, attack: type, norm: Norm) -> None:
    """In float32, where the squares of such gradients overflow and differences of such log-odds vanish."""
    net, (x, _) = small(11).float(), batch(11, n=200)
    x, y, budget = x.float(), net(x.float()).argmax(1), attack(0.3 if norm == "linf" else 0.6, norm)
    fell = [run_attack(budget, nn.Sequential(net, Times(one)), x, y, key=0).success for one in (1.0, factor)]
    assert (fell[0] != fell[1]).float().mean() < 0.2 * fell[0].float().mean()
    assert fell[0].any()


@pytest.mark.parametrize("norm", ["linf", "l2"])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_a_module_of_half_precision_falls_as_it_does_in_full(dtype: torch.dtype, norm: Norm) -> None:
    net, (x, _) = small(11).to(dtype), batch(11, n=200)
    x = x.to(dtype)
    y, eps = net(x).argmax(1), 0.1 if norm == "linf" else 0.25
    for attack in (FGSM(eps, norm), PGD(eps, norm, steps=10, restarts=1), Noise(eps, norm)):
        outcome = run_attack(attack, net, x, y, key=0)
        assert outcome.pictures.dtype == dtype
        assert (length(outcome.pictures.double() - x.double(), norm) <= eps + 1e-6).all()
        assert ((net(outcome.pictures).argmax(1) != y) == outcome.success).all()
        full = run_attack(attack, small(11), x.double(), y, key=0).success
        assert abs(outcome.success.double().mean() - full.double().mean()) < 0.06


@pytest.mark.parametrize(
    ("gradient", "steepest"),
    [
        ([3.0, -4.0], [0.6, -0.8]),
        ([3e30, -4e30], [0.6, -0.8]),
        ([3e38, 3e38], [0.5**0.5, 0.5**0.5]),
        ([3e-30, -4e-30], [0.6, -0.8]),
        ([3e-42, -4e-42], [0.6, -0.8]),
        ([torch.inf, 5.0], [1.0, 0.0]),
        ([torch.inf, -torch.inf], [0.5**0.5, -(0.5**0.5)]),
        ([torch.nan, 5.0], [0.0, 1.0]),
        ([torch.nan, torch.nan], [0.0, 0.0]),
        ([0.0, 0.0], [0.0, 0.0]),
    ],
)
def test_a_gradient_of_any_size_points_somewhere(gradient: list[float], steepest: list[float]) -> None:
    """Whatever stands beside it in the batch."""
    both = steepest_direction(torch.tensor([gradient, [0.3, 0.4]]), "l2")
    assert torch.allclose(both, torch.tensor([steepest, [0.6, 0.8]]), atol=1e-3)


@pytest.mark.parametrize("size", [1e30, 1e38])
def test_a_huge_proposal_is_brought_back_along_its_own_way(size: float) -> None:
    x = torch.full((1, 2), 0.5)
    clipped = Budget(0.1, "l2").clip(x + size * torch.tensor([[0.6, -0.8]]), x)
    assert torch.allclose(clipped - x, torch.tensor([[0.06, -0.08]]), atol=1e-6)


def test_logits_of_another_dtype_than_the_pictures_are_judged() -> None:
    net, (x, y) = small(3), batch(3)
    wide = nn.Sequential(Apply(Tensor.double), net)
    assert (run_attack(PGD(0.1), wide, x.float(), y, 0).success == run_attack(PGD(0.1), net, x, y, 0).success).all()
    run_attack(PGD(0.1, "l2"), nn.Sequential(net.float(), Apply(Tensor.bfloat16)), x.float(), y, 0)


def test_a_class_that_is_never_answered_is_no_fault() -> None:
    net, (x, _) = nn.Sequential(small(3), Apply(lambda it: it + torch.tensor([0.0, 0.0, -torch.inf]))), batch(3)
    assert run_attack(PGD(0.3), net, x, net(x).argmax(1), 0).success.any()


@pytest.mark.parametrize("attack", [FGSM(0.1), PGD(0.1, "l2", restarts=1), Noise(0.1)])
def test_how_pictures_lie_in_memory_changes_nothing(attack: Attack) -> None:
    net, (x, y) = small(2), batch(2)
    wanted = attack(net, x, y, rng())
    assert (attack(net, x.T.contiguous().T, y, rng()) == wanted).all()
    assert (attack(net, x.repeat_interleave(2, 0)[::2], y.repeat_interleave(2)[::2], rng()) == wanted).all()
    one = attack(net, x[:1].expand(3, -1), y[:1].expand(3), rng())
    assert torch.allclose(one, wanted[:1].expand(3, -1), rtol=0, atol=1e-9)


def test_a_batch_of_one_class_is_a_batch() -> None:
    net, (x, _) = small(2), batch(2)
    for label in range(3):
        y = torch.full((len(x),), label)
        assert (run_attack(PGD(0.5), net, x, y, 0).success >= (net(x).argmax(1) != y)).all()


class Apply(nn.Module):
    """A function as a module."""

    def __init__(self, function: Callable[[Tensor], object]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> object:
        return self.function(x)


@pytest.mark.parametrize("attack", [FGSM(0.1), PGD(0.1, "l2"), Noise(0.1)])
@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda x: x.sum(1, keepdim=True), r"logits: got one a picture, .* of a binary module \[0, logit\]"),
        (
            lambda x: x.sum(1),
            r"logits: got \(12,\) of torch.float64 for 12 pictures, give floats \(pictures, classes\)",
        ),
        (lambda x: x[:3], r"logits: got \(3, 6\)"),
        (lambda x: x[:, :, None], r"logits: got \(12, 6, 1\)"),
        (lambda x: x.round().long(), r"logits: got \(12, 6\) of torch.int64"),
        (lambda x: (x, x), "logits: got tuple, give a tensor"),
        (lambda x: x * torch.inf, "logits: got NaN or inf for 12 of 12 untouched pictures"),
        (lambda x: torch.where(x[:, :1] == x[:1, :1], torch.nan, x), "logits: got NaN or inf for 1 of 12"),
        (lambda x: x - torch.inf, "logits: got NaN or inf for 12 of 12"),
    ],
)
def test_what_a_module_cannot_mean_is_refused(answer: Callable[[Tensor], object], told: str, attack: Attack) -> None:
    """Instead of counting as a module that nothing deceives."""
    x, y = batch(0)
    with pytest.raises(ValueError, match=told):
        attack(Apply(answer), x, y, rng())


@pytest.mark.parametrize("attack", [FGSM(0.1), PGD(0.1, "l2")])
@pytest.mark.parametrize(
    "answer", [lambda x: x.detach(), lambda x: F.one_hot(x.argmax(1), 6).double(), lambda x: torch.ones(len(x), 6)]
)
def test_a_module_that_cannot_be_differentiated_is_refused(answer: Callable[[Tensor], object], attack: Attack) -> None:
    x, _ = batch(0)
    y = torch.as_tensor(answer(x)).argmax(1)
    with pytest.raises(ValueError, match=r"gradient: .* attack a surrogate"):
        attack(Apply(answer), x, y, rng())


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ([3] * 12, "labels: got 3 to 3, choose classes from 0 to 2"),
        ([-1] + [0] * 11, "labels: got -1 to 0"),
        ([0.5] * 12, r"labels: got \(12,\) of torch.float32, give a whole number for each of 12 pictures"),
        ([torch.nan] * 12, "labels: "),
        ([0] * 11, r"labels: got \(11,\)"),
        ([0] * 13, r"labels: got \(13,\)"),
        ([[0]] * 12, r"labels: got \(12, 1\)"),
        ([[0, 1, 0]] * 12, r"labels: got \(12, 3\) .*\(one-hot: argmax\(1\)\)"),
        ([3.7] * 12, r"labels: got \(12,\) of torch.float32, give a whole number"),
    ],
)
def test_labels_that_are_none_are_refused(labels: list[Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        PGD(0.1)(small(0), batch(0)[0], torch.tensor(labels), rng())


# --- strength --------------------------------------------------------------------------------------------------------


def test_the_loss_that_is_climbed_is_the_cross_entropy() -> None:
    net, (x, y) = small(1, scale=1.0), batch(1)
    loss = log_odds(net(x), y, False)
    assert torch.allclose(F.softplus(loss), F.cross_entropy(net(x), y, reduction="none"), rtol=1e-9)
    assert (log_odds(net(x), y, True) == -loss).all()


@pytest.mark.parametrize("factor", [100.0, 0.1, 0.01, 1e-4, 1e-6])
def test_pgd_is_as_strong_whatever_the_scale_of_the_logits(factor: float) -> None:
    net, (x, y) = fixed("mlp"), digits()
    fell = [run_attack(PGD(0.1), nn.Sequential(net, Times(one)), x, y, 0).success.sum() for one in (1.0, factor)]
    assert abs(fell[1] - fell[0]) <= 3  # of 260: the path starts where FGSM has led, and that hangs on the scale


def test_a_module_that_is_too_sure_of_itself_is_no_safer() -> None:
    (x, y), calm = digits(), fixed("mlp")
    sure = nn.Sequential(calm, Times(10_000.0))
    at = x.clone().requires_grad_()
    (flat,) = torch.autograd.grad(F.cross_entropy(sure(at), y, reduction="sum"), at)
    assert (flat.flatten(1).abs().amax(1) == 0).float().mean() > 0.9
    assert wrong(sure, FGSM(0.15)(sure, x, y, rng()), y) > 0.6


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_an_attack_with_a_target_makes_the_module_say_it(norm: Norm) -> None:
    net, (x, y) = fixed("mlp"), digits()
    eps, target = 0.2 if norm == "linf" else 1.5, (y + 3) % 10
    hit = {kind: (net(kind(eps, norm, True)(net, x, target, rng())).argmax(1) == target).float().mean() for kind in ALL}
    assert hit[Noise] < 0.02 < hit[FGSM] < hit[PGD] - 0.05
    assert hit[PGD] > 0.6


def test_restarts_find_what_one_path_misses() -> None:
    net, (x, y) = small(11, scale=8.0), batch(11, n=500)
    y = net(x).argmax(1)
    stood = [(~run_attack(PGD(0.3, restarts=n), net, x, y, key=3).success).sum() for n in (0, 1, 8)]
    assert stood[2] < stood[1] < stood[0]


def test_known_results_of_a_convolutional_net() -> None:
    net, (x, y) = fixed("cnn"), digits()
    right = {kind: 1 - wrong(net, kind(0.15)(net, x, y, rng()), y) for kind in ALL}
    assert right[Noise] > 0.9
    assert 0.2 < right[FGSM] < 0.4
    assert 0.15 < right[PGD] < right[FGSM] - 0.03


def test_known_results_of_a_dense_net() -> None:
    net, (x, y) = fixed("longer"), digits()
    right = {kind: 1 - wrong(net, kind(0.1)(net, x, y, rng()), y) for kind in ALL}
    assert right[Noise] > 0.9
    assert 0.35 < right[FGSM] < 0.6
    assert 0.3 < right[PGD] < right[FGSM] - 0.03


@contextmanager
def draws_of(seed: int) -> Iterator[None]:
    """What others draw from torch's and numpy's global generators; afterwards these are as they were."""
    before = np.random.get_state()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        np.random.seed(seed)
        try:
            yield
        finally:
            np.random.set_state(before)


def theirs(library: str, net: nn.Module, x: Tensor, y: Tensor, norm: Norm, eps: float) -> Tensor:
    """The same single step by another library."""
    pytest.importorskip(library, exc_type=ImportError)
    if library == "torchattacks":
        return foreign("torchattacks").FGSM(net, eps=eps)(x, y)
    if library == "foolbox":
        step = foreign("foolbox").attacks.FGSM() if norm == "linf" else foreign("foolbox").attacks.FGM()
        return step(foreign("foolbox").PyTorchModel(net, bounds=(0, 1), device="cpu"), x, y, epsilons=eps)[1]
    order = float("inf") if norm == "linf" else 2
    step = foreign("art.attacks.evasion").FastGradientMethod(art_model(net), norm=order, eps=eps, batch_size=len(x))
    return torch.from_numpy(step.generate(x.numpy(), y.numpy()))


@pytest.mark.parametrize(
    ("library", "norm"),
    [("torchattacks", "linf"), ("foolbox", "linf"), ("art", "linf"), ("foolbox", "l2"), ("art", "l2")],
)
def test_fgsm_draws_the_same_pictures_as(library: str, norm: Norm) -> None:
    calm = nn.Sequential(fixed("mlp"), Times(0.1)).eval()  # else their cross-entropy rounds gradients away
    (x, y), eps = digits(), 0.1 if norm == "linf" else 0.5
    mine, other = FGSM(eps, norm)(calm, x, y, rng()), theirs(library, calm, x, y, norm, eps)
    moved = (calm(x).argmax(1) == y) & (mine != x).flatten(1).any(1)
    assert moved.float().mean() > 0.9
    assert (mine[moved] - other[moved]).abs().max() <= (6e-8 if norm == "linf" else 1e-6)  # theirs may be over by a bit
    assert wrong(calm, mine, y) == wrong(calm, other, y)


@pytest.mark.parametrize(
    ("library", "attack"), [("torchattacks", with_torchattacks), ("foolbox", with_foolbox), ("art", with_art)]
)
@pytest.mark.parametrize("eps", [0.1, 0.15])
def test_pgd_is_as_strong_as(library: str, attack: Callable[..., Tensor], eps: float) -> None:
    pytest.importorskip(library, exc_type=ImportError)
    net, (x, y) = fixed("mlp"), digits()
    others = []
    for seed in range(5):
        with draws_of(seed):
            others.append(wrong(net, attack(net, x, y, eps), y))
    mine = wrong(net, PGD(eps, steps=40, stride=2.5, targets=0)(net, x, y, rng()), y)  # theirs have these settings
    # Theirs begin anywhere: over 20 seeds they spread by 0.006, so the mean of five by 0.003 about one within 0.003.
    assert -0.015 < mine - mean(others) < 0.02


# --- chance and sweeps -----------------------------------------------------------------------------------------------


def test_draws_are_what_they_say() -> None:
    x = torch.rand(4000, 3, generator=rng())
    assert set(random_signs(x, 1).unique().tolist()) == {-1, 1}
    assert torch.allclose(uniform_sphere(x, 1).norm(dim=1), torch.ones(4000), atol=1e-6)
    assert abs(uniform_cube(x, 1).pow(2).mean() - 1 / 3) < 0.01
    inner = (uniform_ball(x, 1).norm(dim=1) < 0.5).float().mean()
    assert abs(inner - 0.125) < 0.02
    for draw in (random_signs, uniform_sphere, uniform_cube, uniform_ball):
        assert draw(x, 1).mean(0).abs().max() < 0.04
        assert (draw(x, 1) != draw(x, 2)).any()


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_noise_has_the_full_size_of_the_budget(norm: Norm) -> None:
    grey = 0.5 + 0.01 * torch.rand(5, 64, generator=rng())
    push = Noise(0.2, norm).noisy(grey, key=1) - grey
    assert torch.allclose(length(push, norm), torch.tensor(0.2))
    assert torch.allclose(push.abs(), torch.tensor(0.2)) == (norm == "linf")
    assert Noise(3.0, norm).noisy(grey, key=1).amax() <= 1


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_what_falls_in_a_sweep_stays_fallen(kind: type, norm: Norm) -> None:
    net, (x, y) = fixed("mlp"), digits()
    radii = (0.0, 0.05, 0.1, 0.2) if norm == "linf" else (0.0, 0.3, 0.6, 1.2)
    steps = list(sweep(kind(0.0, norm), net, x, y, rng(), radii))
    assert [step.eps for step in steps] == list(radii)
    for step in steps:
        assert (length(step.pictures - x, norm) <= step.eps + 1e-6).all()
        assert ((net(step.pictures).argmax(1) != y) == step.success).float().mean() > 0.995
    for smaller, larger in pairwise(steps):
        assert (larger.success >= smaller.success).all()
        assert (larger.pictures[smaller.success] == smaller.pictures[smaller.success]).all()


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_a_sweep_is_nowhere_weaker_than_its_radii_alone_and_hardly_stronger(kind: type, norm: Norm) -> None:
    net, (x, y) = deepcopy(fixed("mlp")).double(), digits()  # in doubles company changes nothing
    x, radii = x.double(), (0.05, 0.1, 0.15, 0.2) if norm == "linf" else (0.3, 0.6, 0.9)
    for step in sweep(kind(0.0, norm), net, x, y, rng(), radii):
        alone = run_attack(kind(step.eps, norm), net, x, y, draw_key(rng())).success
        assert (step.success >= alone).all()
        assert step.success.double().mean() - alone.double().mean() < 0.02


def test_a_sweep_asks_less_than_its_radii_alone() -> None:
    net, (x, y), radii = Asked(fixed("mlp")), digits(), (0.05, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25, 0.3)
    for eps in radii:
        PGD(eps)(net, x, y, rng())
    asked, net.pictures = net.pictures, 0
    assert len(list(sweep(PGD(0.0), net, x, y, rng(), radii))) == 8
    assert net.pictures < 0.95 * asked


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("build", "told"),
    [
        (lambda: Noise(-0.1), "eps: got -0.1"),
        (lambda: FGSM(float("nan")), "eps: got nan"),
        (lambda: PGD(0.1, "l1"), "norm: got 'l1'"),  # type: ignore[arg-type]
        (lambda: PGD(0.1, steps=0), "steps: got 0"),
        (lambda: PGD(0.1, restarts=-1), "restarts: got -1"),
        (lambda: PGD(0.1, patience=0), "patience: got 0"),
        (lambda: PGD(0.1, stride=0.0), "stride: got 0.0, choose a finite number above 0"),
        (lambda: PGD(0.1, stride=-1.0), "stride: got -1.0"),
        (lambda: PGD(0.1, stride=float("nan")), "stride: got nan"),
        (lambda: BIM(0.1, stride=float("inf")), "stride: got inf"),
        (lambda: PGD(0.1, steps=float("nan")), "steps: got nan"),  # type: ignore[arg-type]
        (lambda: MIFGSM(0.1, decay=-0.5), "decay: got -0.5"),
        (lambda: APGD(0.1, loss="margin"), "loss: got 'margin', choose one of odds, dlr"),  # type: ignore[arg-type]
        (lambda: Square(0.1, share=0.0), "share: got 0.0"),
        (lambda: OnePixel(levels=1), "levels: got 1, choose 2 or more"),
        (lambda: Evolution(population=3), "population: got 3"),
        (lambda: Universal(0.1, steps=0), "steps: got 0"),
        (lambda: Ensemble(0.1, parts=()), "parts: got none"),
        (
            lambda: Square(0.1)(small(0), *batch(0), rng()),
            r"pictures: got \(12, 6\), give \(pictures, channels, height",
        ),
        (
            lambda: FGSM(0.1)(small(0), batch(0)[0].float().clamp(0.5) * 0 + 1 + 2e-7, batch(0)[1], rng()),
            "pictures: got values from .* to 1.0000",
        ),
        (
            lambda: FGSM(0.1)(small(0), np.zeros((1, 6)), torch.tensor([0]), rng()),
            "pictures: got ndarray, give a torch",
        ),  # type: ignore[arg-type]
        (lambda: Budget(float("inf")), "eps: got inf"),
        (
            lambda: FGSM(0.1)(small(0), torch.full((1, 6), 16.0), torch.tensor([0]), rng()),
            r"pictures: .* scale or clamp them",
        ),
        (lambda: next(sweep(FGSM(0.1), small(0), *batch(0), rng(), (0.2, 0.1))), "radii: .* sort them"),
    ],
)
def test_what_makes_no_sense_is_refused(build: Callable[[], object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        build()


PICTURES, LABELS, MODULE = torch.full((2, 6), 0.5).double(), torch.zeros(2), small(0)


@pytest.mark.parametrize(
    ("x", "y", "module", "told"),
    [
        (PICTURES * 32, LABELS, MODULE, r"pictures: got values from 16.0 to 16.0, scale or clamp them to \[0, 1\]"),
        (PICTURES + 0.5 + 2e-7, LABELS, MODULE, r"pictures: got values from 1.0000002 to 1.0000002, scale or clamp"),
        (PICTURES * torch.nan, LABELS, MODULE, "pictures: got values from nan to nan"),
        (PICTURES.bool(), LABELS, MODULE, "pictures: got torch.bool, give floats"),
        (PICTURES.byte(), LABELS, MODULE, r"pictures: got torch.uint8, give floats in \[0, 1\] \(bytes: x / 255\)"),
        (PICTURES[0], LABELS, MODULE, r"pictures: got \(6,\), give \(pictures, ...\), one alone as x\[None\]"),
        (PICTURES.numpy(), LABELS, MODULE, "pictures: got ndarray, give a torch tensor"),
        (PICTURES, [0, 0], MODULE, r"labels: got list, give a torch tensor \(torch.as_tensor makes one\)"),
        (PICTURES, LABELS, torch.sin, "module: got .*function.*, give a torch.nn.Module that calls it in forward"),
    ],
)
@pytest.mark.parametrize("attack", [Noise(0.1), PGD(0.1)])
def test_what_is_no_question_is_refused(x: Any, y: Any, module: Any, told: str, attack: Attack) -> None:
    with pytest.raises(ValueError, match=told):
        attack(module, x, y, rng())


@pytest.mark.parametrize("attack", [Square(0.1), OnePixel(), Evolution()])
def test_what_moves_places_wants_pictures_with_places(attack: Attack) -> None:
    with pytest.raises(ValueError, match=r"pictures: got \(12, 6\), give \(pictures, channels, height, width\)"):
        attack(small(0), *batch(0), rng())


def test_settings_can_be_read_back_from_their_repr() -> None:
    for attack in (Noise(0.1), FGSM(0.2, "l2"), PGD(0.1, "linf", True, steps=7, restarts=2)):
        assert eval(repr(attack)) == attack  # noqa: S307
