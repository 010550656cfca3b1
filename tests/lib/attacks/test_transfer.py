"""Pictures that are made against one network and shown to others."""

from __future__ import annotations

from copy import deepcopy
from itertools import pairwise

import pytest
import torch
from torch import nn

from lib.attacks.ensemble import Ensemble
from lib.attacks.gradient import MIFGSM
from lib.attacks.harness import Norm
from lib.attacks.sweep import sweep
from lib.attacks.transfer import Carried
from tests.bench.bench_attacks import digits, wrong
from tests.lib.attacks.networks import fixed
from tests.lib.attacks.test_families import rng, some

torch.set_num_threads(1)


@pytest.mark.parametrize(("norm", "eps"), [("linf", 0.15), ("l2", 1.0)])
def test_pictures_that_go_on_past_success_deceive_others_more_than_those_that_stop(norm: Norm, eps: float) -> None:
    x, y = digits()
    x, y = x[:300], y[:300]
    for maker, reader in (("mlp", "cnn"), ("mlp", "standard"), ("cnn", "mlp")):
        on, stopped = Carried(eps, norm)(fixed(maker), x, y), MIFGSM(eps, norm)(fixed(maker), x, y, rng())
        assert wrong(fixed(reader), on, y) > wrong(fixed(reader), stopped, y) + 0.04
        assert wrong(fixed(maker), on, y) > 0.6


@pytest.mark.parametrize(("norm", "eps"), [("linf", 0.15), ("l2", 1.0)])
def test_they_keep_the_budget_and_leave_the_module_alone(norm: Norm, eps: float) -> None:
    (x, y), net = some(30), nn.Sequential(deepcopy(fixed("mlp")), nn.Dropout(0.5))
    net.train()
    net.zero_grad()  # others have asked that network too
    before = x.clone()
    told = Carried(eps, norm)(net, x, y)
    push = (told.double() - x.double()).flatten(1)
    assert (push.abs().amax(1) if norm == "linf" else push.norm(dim=1)).max() <= eps
    assert told.min() >= 0
    assert told.max() <= 1
    assert torch.equal(x, before)
    assert net.training
    assert all(weight.grad is None for weight in net.parameters())
    assert torch.equal(told, Carried(eps, norm)(net, x, y))
    assert torch.equal(Carried(0.0, norm)(net, x, y), x)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^eps: got"):
        Carried(-1.0)
    with pytest.raises(ValueError, match=r"^steps: got"):
        Carried(0.1, steps=0)
    (x, y) = some(3)
    with pytest.raises(ValueError, match=r"^pictures: got"):
        Carried(0.1)(fixed("mlp"), x * 2, y)


def test_several_attacks_as_one_can_be_swept_over_radii() -> None:
    """Of a part's path some have been dropped when the next part looks at what smaller radii have found."""
    (x, y), net = some(16), fixed("standard")
    told = [outcome.success for outcome in sweep(Ensemble(0.0), net, x, y, rng(), (0.1, 0.15))]
    assert all((after >= before).all() for before, after in pairwise(told))
    alone = [outcome.success for outcome in sweep(Ensemble(0.0).parts[0], net, x, y, rng(), (0.1, 0.15))]
    assert told[1].sum() >= alone[1].sum() > told[0].sum()
