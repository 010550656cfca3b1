"""An attack on one digit on its way: every picture that it has asked about, and what everybody says of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.labs.attack.plane import Plane

ANY = 10  # in place of a target: any wrong digit will do
BUDGETED = ("fgsm", "bim", "momentum", "pgd")  # they get a budget
NEAREST = ("deepfool", "ddn", "hop_skip_jump")  # they look for the nearest picture that deceives
ATTACKS = (*BUDGETED, *NEAREST)
DRAWN = 1000  # random changes, each as large as the attack's


@dataclass(frozen=True)
class Path:
    """Every picture that an attack has asked the network about, in order, t of them, the untouched one first.

    label: what the network is to be led away from; target: what it is led to, ANY if it does not matter.
    frames: (t, 8, 8) the pictures in [0, 1]. sure: (t, 10) the network's confidence in each digit; fits: (t, 10) how
    well the program's best stencil of each digit fits. loss: (t,) cross-entropy of the label [nats].
    goes: (t,) whether the attack went there, or only felt about. found: which picture it hands over, -1 if none
    deceives. size: how far that is, or else the last, in the attack's own norm. radius: what is drawn as allowed, or as
    needed; 0 if there is nothing to draw. noise: the share of random changes of that size that deceive as well.
    planes: one with a random direction and, unless the path is the gradient, one with where it bends or with that.
    """

    label: int
    target: int
    frames: np.ndarray
    sure: np.ndarray
    fits: np.ndarray
    loss: np.ndarray
    goes: np.ndarray
    found: int
    size: float
    radius: float
    noise: float
    planes: tuple[Plane, ...]
