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
        return np.stack([self.read(one) for one in pictures])

    def read(self, picture: np.ndarray) -> np.ndarray:
        """(1000,) float32 the same of one picture (h, w, 3): several at once take memory and hardly save time."""
        import torch

        levels = np.ascontiguousarray(picture, np.float32)
        name = sha256(f"{levels.shape}".encode() + levels.tobytes()).digest()
        if name not in self.told:
            with torch.no_grad():
                self.told[name] = self.module(tensor(levels[None])).softmax(1)[0].numpy()
        return self.told[name]


def tensor(levels: np.ndarray) -> torch.Tensor:
    """Pictures (n, h, w, 3) in levels 0 to 255 as networks take them: (n, 3, h, w) in [0, 1], float32."""
    import torch

    return (torch.from_numpy(np.ascontiguousarray(levels, np.float32)) / 255).permute(0, 3, 1, 2)


def in_levels(pictures: torch.Tensor) -> np.ndarray:
    """The way back: (n, 3, h, w) in [0, 1] -> (n, h, w, 3) in levels, not rounded."""
    return np.ascontiguousarray((pictures.detach() * 255).permute(0, 2, 3, 1).numpy())
