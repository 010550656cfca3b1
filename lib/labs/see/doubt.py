"""What a network makes of pictures that are no digits, and which ways of refusing an answer tell them from digits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.programs.see.nearest import FAR, NearestReader

NONSENSE = ("noise", "empty", "letters", "halves", "turned", "overlaid", "fooling")
DIGITS = ("digits", "moved", "faint", "attacked")
KINDS = (*DIGITS, *NONSENSE)
"""What is shown: test digits, the same written otherwise or attacked, and pictures that are none; see
lib.tasks.see.nonsense. `fooling` is noise that was pushed until a network was sure of a digit."""
CONTROLS = ("confidence", "temperature", "disagreement", "distance")
"""What decides whether an answer is given: the network's own confidence, the same divided by a temperature, how much
several networks disagree, and the distance to the nearest example."""
COSTS = tuple(round(0.01 * step, 2) for step in range(31))
"""Which share of the right answers to test digits a threshold refuses."""
USUAL = 0.05  # the cost at which figures are told
SHOWN = 3  # pictures of each kind
HAND = FAR  # the distance from which on the program says that it does not know
PROGRAM = NearestReader


@dataclass(frozen=True)
class Doubt:
    """What was found with k networks. Shares are in [0, 1]; C controls, K kinds, G costs.

    temperatures: (k,) by which each network's logits are divided, fitted on digits that it has not seen.
    right: (C,) the share of test digits that are read rightly if every answer counts, the median over networks.
    sure: (2, K) how sure the networks are on average, before and after the temperature, the median over networks.
    thresholds: (C, G) what a score must reach so that this share of the right answers is refused.
    answered, low, high: (C, K, G) the share of pictures that get an answer, the median over networks, the least, the
    most. wrong: (4 of DIGITS) the same, (C, 4, G), of answers that are wrong.
    pictures, nearest: (K, 3, 64) uint8 of 255, some pictures, and the example that is nearest to each.
    reads, confidence: (K, 3) what the first network says of them, and how sure it is; says, distance: (K, 3) the label
    of the nearest example, and how far away it is.
    """

    temperatures: np.ndarray
    right: np.ndarray
    sure: np.ndarray
    thresholds: np.ndarray
    answered: np.ndarray
    low: np.ndarray
    high: np.ndarray
    wrong: np.ndarray
    pictures: np.ndarray
    nearest: np.ndarray
    reads: np.ndarray
    confidence: np.ndarray
    says: np.ndarray
    distance: np.ndarray

    def nonsense(self, control: str) -> np.ndarray:
        """(G,) the share of nonsense that still gets an answer, every kind of it as weighty as any other."""
        return self.answered[CONTROLS.index(control), len(DIGITS) :].mean(0)

    def at(self, control: str, kind: str, cost: float = USUAL) -> float:
        """The share of one kind that still gets an answer."""
        return float(self.answered[CONTROLS.index(control), KINDS.index(kind), COSTS.index(cost)])
