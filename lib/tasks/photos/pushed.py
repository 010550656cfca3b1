"""What is on this photograph? The axis is by how many grey levels somebody may change every pixel of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.core import Axis
from lib.tasks.photos.shipped import CLASS, NAMES, photo

LEVELS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""The budgets ε at which everybody is examined, in grey levels of 255, besides none at all."""


@dataclass(frozen=True)
class Photographs:
    """The photos that ship. Questions are places (n,) in `lib.tasks.photos.shipped.NAMES`, answers ImageNet classes.

    The questions are the same at every ε; how a picture is changed within it is the attacker's choice, because it hangs
    on who is asked. Nothing is learned here: ImageNet's photos, which the networks have seen, are not among these.
    """

    @property
    def axis(self) -> Axis:
        return Axis("ε", "/255", train=(0.0, 0.0), exam=(0.0, *LEVELS))

    def sample(self, at: float, n: int, rng: np.random.Generator) -> np.ndarray:
        """n photos, each as often as any other (give or take one). ValueError for an ε below 0."""
        if at < 0:
            raise ValueError(f"ε: got {at:g}, choose 0 or more grey levels")
        return np.resize(rng.permutation(len(NAMES)), n)

    def training_sample(self, n: int, rng: np.random.Generator) -> np.ndarray:  # noqa: ARG002
        """There are none. Raises LookupError."""
        raise LookupError("training photos: none are here; the networks come trained, ask `sample` for photos to read")

    def pictures(self, x: np.ndarray) -> np.ndarray:
        """The photos of places (n,) -> (n, 224, 224, 3) uint8, untouched."""
        return np.stack([photo(NAMES[place]) for place in x])

    def truth(self, x: np.ndarray) -> np.ndarray:
        """What is on the photos of places (n,) -> (n,)."""
        return np.array([CLASS[NAMES[place]] for place in x])

    def error(self, answer: np.ndarray, y: np.ndarray) -> np.ndarray:
        """1 where the class is wrong, 0 where it is right."""
        return (np.asarray(answer) != y).astype(float)
