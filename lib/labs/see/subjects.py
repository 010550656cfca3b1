"""Who is asked what they want to see: filters of a layer, classes of photographs, or classes of digits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from lib.compare import training_rng
from lib.labs.see.grid import BLOCKS, DEPTHS, OF_DIGITS, numbers
from lib.tasks.photos.shipped import NAMES, photo

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, eq=False)
class Subject:
    """Some parts of a network.

    look: pictures (n, colours, h, w) -> what all parts of the kind answer in all places, (n, parts, h', w'), one place
    for classes. numbers: (k,) which of them are asked. colours: 3 or 1. answers: True if these are the network's own
    answers, so that a softmax tells how sure it is.
    shown: what they are shown to compare, (p, h, w, 3) or in grey (p, h, w), uint8; kinds: (p,) what each is, as
    Grid.photos says it. field, apart: the side of what an
    answer looks at, and between two places [pixels].
    """

    look: Callable[[torch.Tensor], torch.Tensor]
    numbers: tuple[int, ...]
    colours: int
    answers: bool
    shown: np.ndarray
    kinds: np.ndarray
    field: int
    apart: int


def subject(lab: Any) -> Subject:
    """Whom a lab asks. Raises NotInstalledError; trains a network where digits are asked."""
    drawn = numbers(lab.layer, lab.filters, lab.first, lab.target)
    if lab.layer in OF_DIGITS:
        return digits(lab.seed, drawn, lab.layer)
    from lib.learners.photos.layers import field, filters
    from lib.learners.photos.weights import loaded

    network, shown, kinds = loaded("lite0"), np.stack([photo(name) for name in NAMES]), np.arange(len(NAMES))
    if lab.layer in BLOCKS:
        block = BLOCKS[lab.layer]
        return Subject(partial(filters, network, block), drawn, 3, False, shown, kinds, *field(block))
    side = shown.shape[1]
    return Subject(whole(network), drawn, 3, True, shown, kinds, side, side)


def digits(seed: int, drawn: tuple[int, ...], layer: str) -> Subject:
    """A convolutional network that has just learned handwritten digits, as the page Attack has it at first, or what its
    filters answer before ReLU."""
    from lib.learners.pictures.classifier import Classifier
    from lib.tasks.digits import Digits

    task = Digits()
    *_, last = Classifier(features=task.pictures).fit(task, 1, training_rng(seed))
    network: Any = last.network
    shown = (255 * task.pictures(task.test)[:, 0]).round().astype(np.uint8)
    module, kinds = network.module(0), task.truth(task.test)
    if layer in DEPTHS:
        modules, field = DEPTHS[layer]
        return Subject(middle(module[:modules], field), drawn, 1, False, shown, kinds, field, 1)
    return Subject(whole(module), drawn, 1, True, shown, kinds, 8, 8)


def middle(module: Any, field: int) -> Callable[[torch.Tensor], torch.Tensor]:
    """What filters answer in all places; to a picture as small as what they look at, in its middle alone, the one place
    that nothing beyond it has a part in."""

    def look(pictures: torch.Tensor) -> torch.Tensor:
        told, at = module(pictures), field // 2
        return told[..., at : at + 1, at : at + 1] if pictures.shape[-1] == field else told

    return look


def whole(module: Any) -> Callable[[torch.Tensor], torch.Tensor]:
    """A network's answers (n, classes) as (n, classes, 1, 1): all of a picture is one place."""
    return lambda pictures: module(pictures)[..., None, None]
