"""What every attack promises of every module, whatever it does: one battery over all of them, at their quickest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from lib.attacks.apgd import APGD
from lib.attacks.ensemble import Ensemble
from lib.attacks.gradient import BIM, FGSM, MIFGSM, PGD
from lib.attacks.harness import AdversarialExamples, Attack, Norm, log_odds, loss_scale, run_attack
from lib.attacks.noise import Noise
from lib.attacks.one_pixel import Evolution, OnePixel
from lib.attacks.square import Square
from lib.attacks.universal import Universal

torch.set_num_threads(1)

QUICK: dict[str, Attack] = {
    "noise": Noise(0.2),
    "fgsm": FGSM(0.2),
    "bim": BIM(0.2, steps=4),
    "mifgsm": MIFGSM(0.2, steps=4),
    "pgd": PGD(0.2, steps=4, targets=2, restarts=1),
    "apgd": APGD(0.2, steps=8),
    "apgd of logit ratios": APGD(0.2, steps=8, loss="dlr", targets=2),
    "square": Square(0.2, queries=25),
    "one pixel": OnePixel(0.2, levels=2),
    "evolution": Evolution(0.2, population=5, generations=2),
    "universal": Universal(0.2, steps=4),
    "ensemble": Ensemble(
        0.2, parts=(FGSM(0.0), PGD(0.0, steps=3, patience=1), APGD(0.0, steps=3), Square(0.0, queries=4))
    ),
}
every = pytest.mark.parametrize("name", QUICK)
both = pytest.mark.parametrize("norm", ["linf", "l2"])
aimed = pytest.mark.parametrize("targeted", [False, True], ids=["away", "aimed"])


def quick(name: str, norm: Norm = "linf", targeted: bool = False, eps: float = 0.2) -> Attack:
    return replace(QUICK[name], eps=eps, norm=norm, targeted=targeted)  # type: ignore[type-var]


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def module(classes: int = 4, seed: int = 0, shape: tuple[int, int, int] = (1, 4, 4)) -> nn.Sequential:
    """A random network of doubles, steep enough that some fall and some stand."""
    pixels = shape[0] * shape[1] * shape[2]
    first, last = nn.Linear(pixels, 24), nn.Linear(24, classes)
    for layer in (first, last):
        nn.init.normal_(layer.weight, std=2 / layer.in_features**0.5, generator=rng(seed))
        nn.init.zeros_(layer.bias)
    first.bias.data -= first.weight.data.sum(1) / 2  # grey is what it has nothing to say of
    return nn.Sequential(nn.Flatten(), first, nn.Tanh(), last).double()


def question(net: nn.Module, n: int = 9, shape: tuple[int, int, int] = (1, 4, 4)) -> tuple[Tensor, Tensor]:
    """Pictures (n, ...) with labels as the module reads them, but for the last two, which it reads otherwise."""
    x = torch.randint(9, (n, *shape), generator=rng(5)).double() / 8  # the same pictures in floats of any width
    read = net(x)
    return x, torch.cat([read.argmax(1)[:-2], read.argmin(1)[-2:]])


def aims(net: nn.Module, x: Tensor, y: Tensor, targeted: bool) -> Tensor:
    """The labels themselves, or the second likeliest class, and the likeliest for the last."""
    ranked = net(x).argsort(1, descending=True)
    return torch.cat([ranked[:-1, 1], ranked[-1:, 0]]) if targeted else y


def outcome(attack: Attack, net: nn.Module, x: Tensor, y: Tensor, key: int = 3) -> AdversarialExamples:
    return run_attack(attack, net, x, y, key)


class Around(nn.Module):
    """A module inside something else."""

    def __init__(self, net: nn.Module, call: Callable[[nn.Module, Tensor], Any]) -> None:
        super().__init__()
        self.net, self.call = net, call

    def forward(self, x: Tensor) -> Any:
        return self.call(self.net, x)


@every
@both
@aimed
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16], ids=["64", "32", "b16"])
def test_pictures_are_inside_ball_and_box_to_the_last_bit(
    name: str, norm: Norm, targeted: bool, dtype: torch.dtype
) -> None:
    net, eps = module(), 0.3 if norm == "linf" else 0.7  # neither is a float
    x, y = question(net)
    x = torch.cat([x[:5], x[5:].round()]).to(dtype)
    got = outcome(quick(name, norm, targeted, eps), net.to(dtype), x, aims(net, x, y, targeted))
    push = (got.pictures.double() - x.double()).flatten(1)
    assert got.pictures.dtype == dtype
    assert ((got.pictures >= 0) & (got.pictures <= 1)).all()
    assert (push.abs().amax(1) if norm == "linf" else push.norm(dim=1)).max() <= eps
    assert push.any()


@every
@both
@aimed
def test_nobody_is_worse_off_than_untouched_and_success_is_what_the_module_says(
    name: str, norm: Norm, targeted: bool
) -> None:
    net = module()
    x, y = question(net)
    y = aims(net, x, y, targeted)
    got = outcome(quick(name, norm, targeted), net, x, y)
    assert (((net(got.pictures).argmax(1) == y) == targeted) == got.success).all()
    before, after = (log_odds(net(z) * loss_scale(net(x)), y, targeted) for z in (x, got.pictures))
    assert (got.success | (after >= before)).all()
    already = (net(x).argmax(1) == y) == targeted
    assert already.any()
    assert (got.pictures[already] == x[already]).all()
    assert got.success[already].all()
    assert (got.queries[already] == 1).all()


@every
@both
def test_alone_or_in_company_and_in_any_order_the_same_becomes_of_a_picture(name: str, norm: Norm) -> None:
    if name == "universal":
        pytest.skip("it is the company's own push")
    net, attack = module(), quick(name, norm)
    x, y = question(net)
    whole, order = outcome(attack, net, x, y).pictures, torch.randperm(len(x), generator=rng(1))
    assert torch.allclose(outcome(attack, net, x[order], y[order]).pictures, whole[order], rtol=0, atol=1e-9)
    for i in range(len(x)):
        assert torch.allclose(outcome(attack, net, x[i : i + 1], y[i : i + 1]).pictures, whole[i : i + 1], atol=1e-9)
    one = attack(net, x[0], y[0], rng())
    assert one.shape == x[0].shape


@every
@both
def test_floats_and_doubles_fall_alike(name: str, norm: Norm) -> None:
    attack, (x, y) = quick(name, norm, eps=0.1 if norm == "linf" else 0.3), question(module(), 60)
    fell = [outcome(attack, module().to(how), x.to(how), y).success for how in (torch.float32, torch.float64)]
    assert (fell[0] != fell[1]).sum() <= 2  # where a path branches by a last bit
    assert name == "noise" or 2 < fell[0].sum() < 60


@every
def test_the_same_key_gives_the_same_and_nobody_elses_chance_is_touched(name: str) -> None:
    net = module()
    x, y = question(net)
    before = torch.random.get_rng_state()
    first, again = (outcome(quick(name), net, x, y).pictures for _ in range(2))
    assert (first == again).all()
    assert (torch.random.get_rng_state() == before).all()


@every
def test_module_and_pictures_are_left_as_they_were(name: str) -> None:
    torch.manual_seed(0)
    body = [nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.Dropout(0.5), nn.Flatten(), nn.Linear(12, 4)]
    net = nn.Sequential(*body).train()
    net[1].eval()
    net[0].requires_grad_(False)
    x = torch.rand(6, 1, 4, 4).requires_grad_()
    y = torch.arange(6) % 4
    net(x * 1).sum().backward()
    modes = [part.training for part in net.modules()]
    state = {at: value.clone() for at, value in net.state_dict().items()}
    wants = [one.requires_grad for one in net.parameters()]
    slopes = [None if one.grad is None else one.grad.clone() for one in (*net.parameters(), x)]
    pixels = x.detach().clone()
    attack = quick(name)
    got = attack(net, x, y, rng())
    assert not got.requires_grad
    assert got.data_ptr() != x.data_ptr()
    assert (x == pixels).all()
    assert modes == [part.training for part in net.modules()]
    assert wants == [one.requires_grad for one in net.parameters()]
    assert all((value == state[at]).all() for at, value in net.state_dict().items())
    for before, after in zip(slopes, [one.grad for one in (*net.parameters(), x)], strict=True):
        assert before is after is None or (before == after).all()
    assert (attack(net.eval(), x, y, rng()) == got).all()  # it was asked in eval mode, where dropout rests


@every
def test_a_module_may_write_into_what_it_is_given(name: str) -> None:
    net = module()
    x, y = question(net)
    writing = Around(net, lambda net, x: net(x.mul_(2).div_(2)))
    assert (outcome(quick(name), writing, x, y).pictures == outcome(quick(name), net, x, y).pictures).all()


@every
@both
def test_a_module_may_have_no_answer_for_some(name: str, norm: Norm) -> None:
    net = module()
    x, y = question(net)
    silent = []

    def call(net: nn.Module, z: Tensor) -> Tensor:
        odd = (z.flatten(1).sum(1, keepdim=True) * 8).frac() > 0.3  # no untouched picture is that
        silent.append(bool(odd.any()))
        return torch.where(odd, torch.nan, net(z))

    dumb = Around(net, call)
    got = outcome(quick(name, norm), dumb, x, y)
    assert any(silent)
    told = dumb(got.pictures)
    assert not told.isnan().any()
    assert ((told.argmax(1) != y) == got.success).all()


@every
@pytest.mark.parametrize("how", ["channels last", "turned", "every second", "expanded"])
def test_how_pictures_lie_in_memory_changes_nothing(name: str, how: str) -> None:
    net, shape = module(shape=(3, 4, 4)), (3, 4, 4)
    x, y = question(net, shape=shape)
    if how == "expanded":
        x, y = x[:1].expand(4, -1, -1, -1), y[:1].expand(4)
    lying = {
        "channels last": lambda: x.contiguous(memory_format=torch.channels_last),
        "turned": lambda: x.transpose(2, 3).contiguous().transpose(2, 3),
        "every second": lambda: x.repeat_interleave(2, 0)[::2],
        "expanded": lambda: x,
    }[how]()
    wanted = outcome(quick(name), net, x.clone(memory_format=torch.contiguous_format), y).pictures
    assert torch.allclose(outcome(quick(name), net, lying, y).pictures, wanted, rtol=0, atol=1e-12)


@every
@both
def test_a_budget_of_nothing_moves_nothing_and_asks_once(name: str, norm: Norm) -> None:
    net = module()
    x, y = question(net)
    got = outcome(quick(name, norm, eps=0.0), net, x, y)
    assert (got.pictures == x).all()
    assert (got.queries == 1).all()
    assert (got.success == (net(x).argmax(1) != y)).all()


@every
@both
@pytest.mark.parametrize("classes", [2, 3, 1000])
def test_few_classes_or_many(name: str, norm: Norm, classes: int) -> None:
    net = module(classes)
    x, y = question(net, 40)
    for targeted in (False, True):
        wanted = aims(net, x, y, targeted)
        got = outcome(quick(name, norm, targeted), net, x, wanted)
        assert (((net(got.pictures).argmax(1) == wanted) == targeted) == got.success).all()
        untouched = int(((net(x).argmax(1) == wanted) == targeted).sum())
        assert name == "noise" or got.success.sum() > untouched, targeted


@every
def test_nobody_or_nobody_who_stands_is_no_trouble(name: str) -> None:
    net = module()
    x, y = question(net)
    assert outcome(quick(name), net, x[:0], y[:0]).pictures.shape == (0, 1, 4, 4)
    got = outcome(quick(name), net, x, (net(x).argmax(1) + 1) % 4)
    assert (got.pictures == x).all()
    assert (got.queries == 1).all()


@every
def test_every_picture_that_the_module_saw_is_counted(name: str) -> None:
    net, seen = module(), []
    x, y = question(net)

    def count(net: nn.Module, x: Tensor) -> Tensor:
        seen.append(len(x))
        return net(x)

    assert outcome(quick(name), Around(net, count), x, y).queries.sum() == sum(seen)


@every
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no such card here")
def test_on_a_graphics_card(name: str) -> None:
    x, y = question(module())
    got = outcome(quick(name), module().cuda(), x.cuda(), y.cuda())
    assert got.pictures.device.type == "cuda"
    assert (got.success.cpu() == outcome(quick(name), module(), x, y).success).all()


@every
def test_settings_can_be_read_back_and_cannot_be_changed(name: str) -> None:
    attack = QUICK[name]
    assert eval(repr(attack)) == attack  # noqa: S307
    with pytest.raises(AttributeError):
        attack.eps = 1.0  # type: ignore[misc]


def test_no_attack_is_forgotten() -> None:
    """Whatever in lib.attacks is a dataclass that pushes is in the battery."""
    import importlib
    import pkgutil

    import lib.attacks

    found = {
        made
        for _, at, _ in pkgutil.walk_packages(lib.attacks.__path__, "lib.attacks.")
        for made in vars(importlib.import_module(at)).values()
        if isinstance(made, type) and made.__module__ == at and hasattr(made, "push") and made is not Attack
    }
    assert found == {type(attack) for attack in QUICK.values()}
