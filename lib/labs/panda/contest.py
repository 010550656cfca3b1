"""All photos before everybody: what each of them was read as, at every ε, and the error curves that follow from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib import core
from lib.tasks.photos.classes import GIBBON, PANDA
from lib.tasks.photos.pushed import LEVELS

TOLERANCE = 0.2  # of the photos read wrongly
ROLES: tuple[tuple[str, core.Kind], ...] = (
    ("targeted", "network"),
    ("many_steps", "network"),
    ("one_step", "network"),
    ("signs", "control"),
    ("transfer", "network"),
    ("program", "program"),
)
"""Who is asked: the network under three attacks and under random signs, a second network, and the program."""


@dataclass(frozen=True)
class Contest:
    """What P photos were read as at ε = 0 and each of LEVELS (7 in all), -1 where nobody was asked yet.

    photos: their names. right: (P,) what is on them. targets: (T, P) towards what each is pushed.
    targeted: (T, 7, P) classes after many steps towards the target; sure: (T, 7, P) how sure the network is of it then.
    once: (T, 7, P) after one step towards it as long as ε.
    many_steps, one_step: (7, P) after steps away from what is right, towards nothing in particular.
    signs: (seeds, 7, P) under random signs of the same size. transfer: (T, 7, P) what the second network reads on the
    pictures that were made for the first, `targeted`.
    program: (7, P) 1 where the program takes that picture, in whole levels, for a panda, 0 where it does not.
    """

    photos: tuple[str, ...]
    right: np.ndarray
    targets: np.ndarray
    targeted: np.ndarray
    sure: np.ndarray
    once: np.ndarray
    many_steps: np.ndarray
    one_step: np.ndarray
    signs: np.ndarray
    transfer: np.ndarray
    program: np.ndarray

    @property
    def asked(self) -> np.ndarray:
        """(P,) which photos everybody has answered."""
        return np.concatenate([self.transfer, self.signs]).min((0, 1)) >= 0

    def errors(self, name: str) -> np.ndarray | None:
        """(rows, 7) shares of the photos asked so far that one of ROLES reads wrongly; a row a target or seed.

        For `targeted`, as it was pushed to: a hit. For the program, a panda that it misses or sees where there is none.
        None if no photo has been asked.
        """
        if name == "program":
            known, wrong = (self.program >= 0).all(0), self.program != (self.right == PANDA)
        else:
            read, known = getattr(self, name), self.asked
            wrong = read == self.targets[:, None] if name == "targeted" else read != self.right
        rows = wrong.reshape(-1, *wrong.shape[-2:])[..., known]
        return rows.mean(-1) if known.any() else None

    @property
    def hits(self) -> np.ndarray:
        """(7,) the share of all photos and targets that are read as the target after many steps."""
        return (self.targeted == self.targets[:, None])[..., self.asked].mean((0, 2))

    @property
    def hits_at_once(self) -> np.ndarray:
        """(7,) the same after a single step."""
        return (self.once == self.targets[:, None])[..., self.asked].mean((0, 2))

    @property
    def carried(self) -> np.ndarray:
        """(7,) the share of the same pictures that the second network reads as their target."""
        return (self.transfer == self.targets[:, None])[..., self.asked].mean((0, 2))

    @property
    def needed(self) -> np.ndarray:
        """(T, P) the least of LEVELS at which a photo is read as its target, infinite if at none."""
        hit = (self.targeted == self.targets[:, None])[:, 1:]
        return np.where(hit.any(1), np.array(LEVELS)[hit.argmax(1)], np.inf)


def unasked(photos: tuple[str, ...], right: np.ndarray, targets: np.ndarray, seeds: int) -> Contest:
    """The contest before anybody was asked."""
    levels, rows, count = 1 + len(LEVELS), len(targets), len(photos)
    nobody = lambda *shape: np.full((*shape, levels, count), -1, np.int16)  # noqa: E731
    return Contest(
        photos,
        right.astype(np.int16),
        targets.astype(np.int16),
        targeted=nobody(rows),
        sure=np.full((rows, levels, count), np.float32(np.nan)),
        once=nobody(rows),
        many_steps=nobody(),
        one_step=nobody(),
        signs=nobody(seeds),
        transfer=nobody(rows),
        program=nobody(),
    )


def elsewhere(target: int, source: int) -> int:
    """The target, or another if that is what is there already."""
    if target != source:
        return target
    return GIBBON if source == PANDA else PANDA
