"""A network that reads pictures as they are shown, in grey levels, a few at a time; what it was asked is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lib.learners.photos.counted import Counted
from lib.learners.photos.efficientnet_lite import Name
from lib.learners.photos.weights import loaded, trained

if TYPE_CHECKING:
    import torch

AT_ONCE = 1  # picture: more take memory and save no time


@dataclass(frozen=True, eq=False)
class Eye:
    """One trained network. Raises NotInstalledError when made, if it is not there."""

    module: Counted

    @classmethod
    def of(cls, name: Name) -> Eye:
        return cls(Counted(loaded(name)))

    @classmethod
    def passing(cls, name: Name) -> Eye:
        """One that is let go of as soon as nobody needs it."""
        return cls(Counted(trained(name).folded()))

    def reads(self, pictures: Sequence[np.ndarray] | np.ndarray) -> np.ndarray:
        """(n, 1000) float32 how sure it is of each class, for pictures (n, h, w, 3) in levels 0 to 255."""
        import torch

        told = []
        with torch.no_grad():
            for first in range(0, len(pictures), AT_ONCE):
                few = tensor(np.stack([*pictures[first : first + AT_ONCE]]))
                told.append(self.module(few).softmax(1).numpy())
        return np.concatenate(told)


def tensor(levels: np.ndarray) -> torch.Tensor:
    """Pictures (n, h, w, 3) in levels 0 to 255 as networks take them: (n, 3, h, w) in [0, 1], float32."""
    import torch

    return (torch.from_numpy(np.ascontiguousarray(levels, np.float32)) / 255).permute(0, 3, 1, 2)


def in_levels(pictures: torch.Tensor) -> np.ndarray:
    """The way back: (n, 3, h, w) in [0, 1] -> (n, h, w, 3) in levels, not rounded."""
    return np.ascontiguousarray((pictures.detach() * 255).permute(0, 2, 3, 1).numpy())
