"""A picture grows towards what it is scored by, within its contrast, and by the random numbers that were passed in."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from lib.attacks.see.ascent import Ascent, Frame
from lib.attacks.see.jitter import Jitter
from lib.attacks.see.spectrum import Spectrum

torch.set_num_threads(1)
STILL = Jitter(0, 0, 0)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def last(ascent: Ascent, wanted: Tensor, seed: int = 0) -> Frame:
    """Scored by how much of some pictures (n, colours, h, w) there is, each by its own."""
    *_, frame = ascent(lambda pictures: (pictures * wanted).sum((1, 2, 3)), len(wanted), seeded(seed))
    return frame


def alike(one: Tensor, other: Tensor) -> Tensor:
    """(n,) the cosine between pictures, each about its mean."""
    one, other = ((x - x.mean((1, 2, 3), keepdim=True)).flatten(1) for x in (one, other))
    return torch.cosine_similarity(one, other)


@pytest.mark.parametrize("colours", [1, 3])
@pytest.mark.parametrize("decay", [0.0, 1.0])
def test_what_a_linear_score_wants_is_its_own_weights(colours: int, decay: float) -> None:
    across = torch.linspace(-1, 1, 16).expand(16, 16)
    wanted = torch.stack([across, across.T, across * across.T])[:, None].expand(-1, colours, -1, -1)
    begun = Spectrum(16, colours, decay)(Spectrum(16, colours).begin(3, seeded()))
    grown = last(Ascent(Spectrum(16, colours, decay), STILL, steps=40), wanted)
    assert (alike(begun, wanted) < 0.5).all()
    assert (alike(grown.pictures, wanted) > 0.9).all()


@given(st.floats(0.01, 1.0), st.floats(1e-3, 1e3), st.sampled_from([1, 3]), st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_no_picture_spreads_further_than_its_contrast(cap: float, size: float, colours: int, seed: int) -> None:
    waves = size * torch.randn(2, colours, 8, 5, 2, generator=seeded(seed))
    pictures = Spectrum(8, colours, 1.0, contrast=cap)(waves)
    about = pictures - pictures.mean((2, 3), keepdim=True)
    assert (about.square().mean((1, 2, 3)).sqrt() <= cap + 1e-5).all()
    assert (pictures >= 0).all()
    assert (pictures <= 1).all()


def test_a_strong_wish_fills_its_contrast() -> None:
    wanted = torch.linspace(-1, 1, 16).expand(1, 3, 16, 16)
    spread = [last(Ascent(Spectrum(16, contrast=cap), STILL, 40), wanted).pictures.std() for cap in (0.05, 0.1, 0.2)]
    assert spread == pytest.approx([0.05, 0.1, 0.2], rel=0.2)


def test_the_smoother_the_less_there_is_of_fine_waves() -> None:
    noise = torch.randn(1, 3, 32, 17, 2, generator=seeded())
    fine = [(Spectrum(32, decay=decay, contrast=0.1)(noise).diff(dim=3) ** 2).mean().item() for decay in (0, 1, 2)]
    assert fine[0] > 2 * fine[1] > 4 * fine[2]
    cut = Spectrum(32, decay=0, cut=0.1)(noise) - 0.5
    assert torch.fft.rfft2(cut)[..., 10:].abs().mean() < 0.05 * torch.fft.rfft2(cut)[..., :4].abs().mean()


def test_a_motion_moves_as_far_as_it_may_and_no_further() -> None:
    dot = torch.zeros(1, 1, 21, 21)
    dot[0, 0, 10, 10] = 1.0
    moved = torch.cat([Jitter(3, 0, 0)(dot, seeded(seed)) for seed in range(200)])[:, 0]
    down = (moved.sum(2) * torch.arange(21)).sum(1) / moved.sum((1, 2)) - 10
    assert 2.5 < down.abs().max() <= 3 + 1e-4
    even = torch.full((2, 3, 9, 9), 0.3)
    assert torch.allclose(Jitter(4, 30, 0.5)(even, seeded()), even)
    assert torch.equal(STILL(dot, seeded()), dot)


def test_a_turn_leaves_the_middle_and_moves_the_rim() -> None:
    rim = torch.zeros(1, 1, 21, 21)
    rim[0, 0, 10, 10], rim[0, 0, 10, 18] = 1.0, 1.0
    turned = torch.cat([Jitter(0, 30, 0)(rim, seeded(seed)) for seed in range(50)])[:, 0]
    assert turned[:, 10, 10] == pytest.approx(torch.ones(50), abs=1e-4)
    assert turned[:, 10, 18].min() < 0.1


def test_the_same_seed_makes_the_same_picture_and_the_other_pictures_do_not_matter() -> None:
    wanted = torch.randn(3, 3, 12, 12, generator=seeded(5))
    ascent = Ascent(Spectrum(12), Jitter(1), steps=5)
    before = torch.random.get_rng_state()
    grown = last(ascent, wanted).pictures
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.equal(last(ascent, wanted).pictures, grown)
    assert torch.allclose(last(ascent, wanted[1:2]).pictures, grown[1:2], atol=1e-5)
    assert (last(ascent, wanted, seed=1).pictures - grown).abs().max() > 0.01


def test_every_step_is_a_frame_and_climbs() -> None:
    wanted = torch.linspace(-1, 1, 16).expand(2, 3, 16, 16)
    score = lambda pictures: (pictures * wanted).sum((1, 2, 3))  # noqa: E731
    frames = list(Ascent(Spectrum(16), STILL, steps=8)(score, 2, seeded()))
    assert [one.step for one in frames] == list(range(1, 9))
    for one, after in pairwise(frames):
        assert torch.allclose(after.value, score(one.pictures), atol=1e-3)  # a still picture is scored as it was shown
        assert (after.value > one.value).all()


@pytest.mark.parametrize(
    ("settings", "fault"),
    [({"side": 1}, "side: got 1"), ({"colours": 2}, "colours: got 2"), ({"contrast": 0}, "contrast: got 0")],
)
def test_a_spectrum_that_makes_no_picture_is_refused(settings: dict, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        Spectrum(**{"side": 8} | settings)
