"""What the network said where outline and coat disagree, and of either alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.tasks.photos.shipped import CLASS, NAMES
from lib.tasks.see.outlines import BACKDROPS, OUTLINED

ROUNDS = 4  # with how many coats each outline is filled, unless more are asked for
LIKELIEST = 5  # classes told of each picture
UNREAD = -1
CLASSES = np.array(list(CLASS.values()))
"""(13,) what the photos of NAMES show: the answers that count where one of them has to be chosen."""


@dataclass(frozen=True)
class Answers:
    """What was read in pictures, in any array of them; class and place -1, confidence NaN where none was read yet.

    labels, sure: (..., 5) the likeliest of all 1,000 classes, and how sure the network is of each.
    choice: (...) the likeliest of CLASSES, by its place there.
    """

    labels: np.ndarray
    sure: np.ndarray
    choice: np.ndarray

    @property
    def asked(self) -> bool:
        """True once all pictures were read."""
        return bool((self.choice != UNREAD).all())


@dataclass(frozen=True)
class Shapes:
    """O outlines (OUTLINED) and 13 coats (NAMES), each alone and against each other.

    animals: (O,) the animals cut out of their photos, nothing else changed; silhouettes: (O,) the same in black;
    coats: (13,) close-ups. All on white.
    pairs: (O, k) the coat, by its place in NAMES, that fills an outline in each of k rounds.
    conflicts: (2 BACKDROPS, O, k) those pictures.
    """

    pairs: np.ndarray
    animals: Answers
    silhouettes: Answers
    coats: Answers
    conflicts: Answers

    @property
    def asked(self) -> bool:
        """True once all was read; conflicts come last."""
        return self.conflicts.asked

    @property
    def by_shape(self) -> np.ndarray:
        """(2, O, k) whether the choice is the animal whose outline it is."""
        return self.conflicts.choice == OWN[:, None]

    @property
    def by_texture(self) -> np.ndarray:
        """(2, O, k) whether the choice is the animal whose coat it is."""
        return (self.conflicts.choice == self.pairs) & (self.pairs != UNREAD)

    @property
    def shares(self) -> np.ndarray:
        """(2,) by backdrop: of the pictures in which one of the two was chosen, the share with the shape's animal."""
        return share(self.by_shape.sum((1, 2)), self.by_texture.sum((1, 2)))

    @property
    def rounds(self) -> np.ndarray:
        """(2, k) the same of each round, in which every outline occurs once."""
        return share(self.by_shape.sum(1), self.by_texture.sum(1))

    @property
    def share(self) -> float:
        """The same of all pictures, on either backdrop."""
        return float(share(self.by_shape.sum(), self.by_texture.sum()))

    @property
    def named(self) -> tuple[int, int]:
        """In how many of the conflicts the likeliest of all 1,000 classes is the shape's animal, and the texture's."""
        first = self.conflicts.labels[..., 0]
        return int((first == CLASSES[OWN][:, None]).sum()), int((first == CLASSES[self.pairs]).sum())

    @property
    def favourite(self) -> tuple[int, int]:
        """What is chosen in most of the conflicts, by its place in NAMES, and in how many."""
        count = np.bincount(self.conflicts.choice[self.conflicts.choice != UNREAD], minlength=len(NAMES))
        return int(count.argmax()), int(count.max())

    @property
    def right(self) -> tuple[int, int, int]:
        """How many animals that are cut out, silhouettes and coats are chosen rightly."""
        every = np.arange(len(NAMES))
        told = ((self.animals, OWN), (self.silhouettes, OWN), (self.coats, every))
        return tuple(int((one.choice == is_right).sum()) for one, is_right in told)  # type: ignore[return-value]


OWN = np.array([NAMES.index(name) for name in OUTLINED])
"""(O,) the place in NAMES of each animal that has an outline."""


def share(shape: np.ndarray, texture: np.ndarray) -> np.ndarray:
    """Shape decisions among shape and texture decisions; NaN where there are neither.

    Source: R. Geirhos et al., ICLR 2019, section 3.1: pictures read as something else are left out.
    """
    with np.errstate(invalid="ignore"):
        return np.true_divide(shape, shape + texture)


def paired(rounds: int, rng: np.random.Generator) -> np.ndarray:
    """(O, rounds) int16 coats for all outlines, never its own and no pair twice; in a round no coat comes twice.

    ValueError if there are more rounds than other animals.
    """
    most = len(NAMES) - 1
    if not 1 <= rounds <= most:
        raise ValueError(f"rounds: got {rounds!r}, choose from 1 to {most}")
    order = rng.permutation(len(NAMES))
    place = np.argsort(order)[OWN]
    steps = rng.permutation(np.arange(1, len(NAMES)))[:rounds]
    return order[(place[:, None] + steps) % len(NAMES)].astype(np.int16)


def unread(pairs: np.ndarray) -> Shapes:
    """All before the first picture is read."""

    def none(*shape: int) -> Answers:
        labels, sure = np.full((*shape, LIKELIEST), UNREAD, np.int16), np.full((*shape, LIKELIEST), np.float32(np.nan))
        return Answers(labels, sure, np.full(shape, UNREAD, np.int16))

    count = len(OUTLINED)
    return Shapes(pairs, none(count), none(count), none(len(NAMES)), none(len(BACKDROPS), *pairs.shape))
