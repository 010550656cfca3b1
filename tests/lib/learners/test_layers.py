"""The filters of a photo network: what they answer, and how much of a picture they look at."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from lib.labs.see.grid import BLOCKS, FILTERS
from lib.learners.photos.efficientnet_lite import EfficientNetLite
from lib.learners.photos.layers import field, filters

torch.set_num_threads(1)


@pytest.mark.parametrize("layer", BLOCKS)
def test_filters_answer_what_the_network_passes_on_before_it_is_cut_off(layer: str) -> None:
    network = EfficientNetLite().folded()
    heard = []
    widen: Any = network.blocks[BLOCKS[layer]].expand
    widen.register_forward_hook(lambda _, __, told: heard.append(told.clone()))
    pictures = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        network(pictures)
        answers = filters(network, BLOCKS[layer], pictures)
    assert answers.shape[1] == FILTERS[layer]
    assert torch.allclose(answers.clamp(0, 6), heard[0], atol=1e-6)


@pytest.mark.parametrize("block", [1, 3, 5, 6])
def test_an_answer_looks_at_its_field_and_at_nothing_else(block: int) -> None:
    """Where the gradient comes from, in a network of chance, is what is looked at."""
    side, apart = field(block)
    network = EfficientNetLite().folded()
    picture = torch.full((1, 3, 192, 192), 0.5, requires_grad=True)
    place = 96 // apart
    (slope,) = torch.autograd.grad(filters(network, block, picture)[0, :, place, place].square().sum(), picture)
    seen = slope.abs().sum((0, 1))
    middle = (place + 1) * apart - 0.5
    for line in (seen.sum(0), seen.sum(1)):
        hit = line.nonzero().flatten()
        assert middle - side / 2 <= hit.min() + 0.5
        assert hit.max() + 0.5 <= middle + side / 2
        assert hit.max() - hit.min() + 1 > 0.8 * side
