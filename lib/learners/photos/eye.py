"""A network that reads pictures as they are shown, in grey levels; what it was asked is counted, and asked once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from lib.learners.photos.counted import Counted
from lib.learners.photos.efficientnet_lite import Name
from lib.learners.photos.weights import loaded, trained

if TYPE_CHECKING:
    import torch

AT_ONCE = 2  # pictures: more take memory and hardly save time


@dataclass(frozen=True, eq=False)
class Eye:
    """One trained network. Raises NotInstalledError when made, if it is not there.

    told: what it has said of each picture so far, by the hash of its levels: a picture that comes again costs nothing.
    """

    module: Counted
    told: dict[bytes, np.ndarray] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, name: Name) -> Eye:
        return cls(Counted(loaded(name)))

    @classmethod
    def passing(cls, name: Name) -> Eye:
        """One that is let go of as soon as nobody needs it."""
        return cls(Counted(trained(name).folded()))

    def reads(self, pictures: Sequence[np.ndarray] | np.ndarray) -> np.ndarray:
        """(n, 1000) float32 how sure it is of each class, for pictures (n, h, w, 3) in levels 0 to 255."""
        levels = [np.ascontiguousarray(one, np.float32) for one in pictures]
        names = [sha256(f"{one.shape}".encode() + one.tobytes()).digest() for one in levels]
        new = {name: one for name, one in zip(names, levels, strict=True) if name not in self.told}
        for first in range(0, len(new), AT_ONCE):
            some = [*new][first : first + AT_ONCE]
            self.told.update(zip(some, self.asked(np.stack([new[one] for one in some])), strict=True))
        return np.stack([self.told[name] for name in names])

    def asked(self, levels: np.ndarray) -> np.ndarray:
        """The same of all of these at once, whether they have been read before or not."""
        import torch

        with torch.no_grad():
            return self.module(tensor(levels)).softmax(1).numpy()


def tensor(levels: np.ndarray) -> torch.Tensor:
    """Pictures (n, h, w, 3) in levels 0 to 255 as networks take them: (n, 3, h, w) in [0, 1], float32."""
    import torch

    return (torch.from_numpy(np.ascontiguousarray(levels, np.float32)) / 255).permute(0, 3, 1, 2)


def in_levels(pictures: torch.Tensor) -> np.ndarray:
    """The way back: (n, 3, h, w) in [0, 1] -> (n, h, w, 3) in levels, not rounded."""
    return np.ascontiguousarray((pictures.detach() * 255).permute(0, 2, 3, 1).numpy())
