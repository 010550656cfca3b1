"""Outlines, coats and both at odds under way: picture after picture is cut out and read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lib.labs.see.shapes import CLASSES, LIKELIEST, Answers, unread
from lib.tasks.photos.shipped import NAMES, photo
from lib.tasks.see.outlines import BACKDROPS, OUTLINED, coat, conflict, cut_out, silhouette

if TYPE_CHECKING:
    from lib.learners.photos.eye import Eye


class Cutter:
    """The answers as they come in. pairs: (O, k) which coats fill which outlines, see lib.labs.see.shapes.paired."""

    def __init__(self, eye: Eye, pairs: np.ndarray) -> None:
        self.eye, self.shapes = eye, unread(pairs)

    @property
    def readings(self) -> int:
        """How many pictures are read altogether."""
        return sum(1 for _ in self.pictures())

    def pictures(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """What is read, in this order: whose answers of Shapes, and their place there."""
        for name in ("animals", "silhouettes", "coats", "conflicts"):
            yield from ((name, at) for at in np.ndindex(getattr(self.shapes, name).choice.shape))

    def picture(self, name: str, at: tuple[int, ...]) -> np.ndarray:
        """(224, 224, 3) uint8 one of them."""
        match name:
            case "animals":
                return cut_out(OUTLINED[at[0]], photo(OUTLINED[at[0]]))
            case "silhouettes":
                return silhouette(OUTLINED[at[0]])
            case "coats":
                return coat(NAMES[at[0]])
            case _:
                backdrop, outline, turn = at
                return conflict(OUTLINED[outline], NAMES[self.shapes.pairs[outline, turn]], BACKDROPS[backdrop])

    def ask(self) -> Iterator[None]:
        """Yields after each picture."""
        for name, at in self.pictures():
            [told] = self.eye.reads(self.picture(name, at)[None])
            likeliest = np.argsort(-told, kind="stable")[:LIKELIEST]
            before: Answers = getattr(self.shapes, name)
            labels, sure, choice = before.labels.copy(), before.sure.copy(), before.choice.copy()
            labels[at], sure[at], choice[at] = likeliest, told[likeliest], told[CLASSES].argmax()
            self.shapes = replace(self.shapes, **{name: Answers(labels, sure, choice)})
            yield
