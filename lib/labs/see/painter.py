"""See under way: pictures grow until filters or classes are as excited as they can be; photos are asked the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from lib.kept import trim
from lib.labs.see.excites import Gallery
from lib.labs.see.grid import SIDES, kept, numbers, unpainted
from lib.labs.see.subjects import subject
from lib.tasks.photos.sheets import sheet
from lib.tasks.photos.shipped import NAMES, SIZE

if TYPE_CHECKING:
    import torch

    from lib.attacks.see.ascent import Ascent
    from lib.labs.see.subjects import Subject

PIXELS = 25_000  # that a network looks at at once: more take memory and save no time
CUT = 0.3  # cycles a pixel at a smoothness of 1, and less the smoother
TURN, ZOOM = 1.1, 0.018  # degrees, and share of the size, for each percent of jitter
GRADIENT = 1.1  # readings that a step of one picture as large as a photo costs: most layers are not the last
LIVE = 24  # about so many frames are seen on the way, of which few stay
STAYS, LASTS = 20, 70  # quality of a sheet on the way, and of the last


class Painter:
    """The grid as it comes to be. lab: what is drawn, and by what recipe."""

    def __init__(self, lab: Any) -> None:
        self.lab = lab
        self.grid = unpainted(lab.layer, numbers(lab.layer, lab.filters, lab.first, lab.target))

    @property
    def step(self) -> float:
        """What a step costs, in readings of a photo."""
        return GRADIENT * len(self.grid.numbers) * (self.grid.side / SIZE) ** 2

    @property
    def readings(self) -> float:
        """What all of it costs, in the same unit."""
        return self.step * self.lab.steps + len(NAMES)

    @cached_property
    def asked(self) -> Subject:
        return subject(self.lab)

    def grow(self) -> Iterator[None]:
        """Step by step. Raises NotInstalledError."""
        asked, lab = self.asked, self.lab
        parts = divided(len(asked.numbers), SIDES[lab.layer] ** 2)
        climb = ascent(lab, asked.colours)
        climbs = [climb(score(asked, part), len(part), generator(lab.seed)) for part in parts]
        before, often = self.grid, max(1, lab.steps // LIVE)
        for step, frames in enumerate(zip(*climbs, strict=True), 1):
            if step % often == 0 or step in kept(lab.steps):
                told = [answered(asked, part, one.pictures) for part, one in zip(parts, frames, strict=True)]
                values, sure = (np.concatenate(one)[None] for one in zip(*told, strict=True))
                shown = np.concatenate([levels(one.pictures) for one in frames])
                self.grid = replace(
                    before,
                    steps=(*before.steps, step),
                    frames=(*before.frames, sheet(shown, before.columns, LASTS if step == lab.steps else STAYS)),
                    values=np.concatenate([before.values, values]),
                    sure=np.concatenate([before.sure, sure]),
                )
                before = self.grid if step in kept(lab.steps) else before
                trim()  # gradients leave holes, and a small worker has no room for them
            del frames  # before the next ones are made
            yield

    def compare(self) -> Iterator[None]:
        """Photo by photo, and the best of them beside each picture."""
        gallery = Gallery(self.asked)
        yield from gallery.ask()
        self.grid = gallery.hung(self.grid)
        yield


def ascent(lab: Any, colours: int) -> Ascent:
    """The recipe of a lab's knobs."""
    from lib.attacks.see.ascent import Ascent
    from lib.attacks.see.jitter import Jitter
    from lib.attacks.see.spectrum import Spectrum

    side, cut = SIDES[lab.layer], CUT / lab.smoothness if lab.smoothness else float("inf")
    jitter = Jitter(side * lab.jitter / 100, TURN * lab.jitter, ZOOM * lab.jitter)
    return Ascent(Spectrum(side, colours, lab.smoothness, cut, lab.contrast), jitter, lab.steps)


def generator(seed: int) -> torch.Generator:
    """The same numbers for every part, so that parts make no difference."""
    import torch

    return torch.Generator().manual_seed(seed)


def divided(n: int, pixels: int) -> list[range]:
    """The places of n pictures of so many pixels, as many at once as there is memory for."""
    at_once = max(1, PIXELS // pixels)
    return [range(first, min(first + at_once, n)) for first in range(0, n, at_once)]


def score(asked: Subject, part: range) -> Callable[[torch.Tensor], torch.Tensor]:
    """What each picture of a part is to excite, in all its places alike."""
    rows, wanted = list(range(len(part))), [asked.numbers[at] for at in part]
    return lambda pictures: asked.look(pictures)[rows, wanted].mean((1, 2))


def answered(asked: Subject, part: range, pictures: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """How strongly each picture of a part excites what it was made for, in one place, and how sure that makes it."""
    import torch

    rows, wanted = list(range(len(part))), [asked.numbers[at] for at in part]
    with torch.no_grad():
        told = asked.look(pictures).amax((2, 3))
        sure = told.softmax(1) if asked.answers else torch.full_like(told, torch.nan)
    return told[rows, wanted].numpy(), sure[rows, wanted].numpy()


def levels(pictures: torch.Tensor) -> np.ndarray:
    """(n, colours, h, w) in [0, 1] -> (n, h, w, 3) or, of one colour, (n, h, w) in whole levels, uint8."""
    whole = (pictures * 255).round().clamp(0, 255).byte().permute(0, 2, 3, 1).numpy()
    return whole[..., 0] if whole.shape[-1] == 1 else whole
