"""Fooling under way: a picture is moved along the network's gradient until that is sure of something."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from lib.attacks.walk import Walk
from lib.labs.see.fooling import GREY, LIKELIEST, MOST, STRIDE, SURE, begun, stepped
from lib.learners.photos.eye import Eye, tensor


class Fooler:
    """One picture as it comes to be something. clean: (224, 224, 3) uint8, the start; target: what it is to be."""

    def __init__(self, eye: Eye, clean: np.ndarray, target: int) -> None:
        self.eye, self.clean, self.fooling = eye, clean, begun(target)

    def fool(self) -> Iterator[None]:
        """Yields at the start and after every step, until the file is read as the target, more than SURE.

        Two readings and a gradient a step, MOST steps at most. No number is kept near its start.
        """
        import torch

        place, way = self.clean.astype(int), None
        walk = Walk(1.0, True, MOST, STRIDE / 255)
        for step in walk(self.eye.module, tensor(self.clean[None]), torch.tensor([self.fooling.target])):
            if way is not None:
                place = stepped(place, way)
                self.fooling = replace(self.fooling, ways=np.concatenate([self.fooling.ways, way[None]]))
            self.look(place)
            yield
            if self.fooling.done or step.way is None:
                break
            way = np.packbits(step.way[0].permute(1, 2, 0).numpy() > 0)

    def look(self, place: np.ndarray) -> None:
        """What the network says of a picture in whole levels, and of its magnified change."""
        fooling = self.fooling
        change = np.clip(GREY + fooling.factor * (place - self.clean.astype(int)), 0, 255)
        told = self.eye.reads([place, change])
        source = fooling.source if len(fooling.curve) else int(told[0].argmax())
        likeliest = np.argsort(-told, axis=1, kind="stable")[:, :LIKELIEST]
        sure = told[0, [source, fooling.target]]
        self.fooling = replace(
            fooling,
            source=source,
            labels=np.concatenate([fooling.labels, likeliest[None].astype(np.int16)]),
            sure=np.concatenate([fooling.sure, np.take_along_axis(told, likeliest, 1)[None]]),
            curve=np.concatenate([fooling.curve, sure[None]]),
            done=bool(sure[1] > SURE) or fooling.steps >= MOST,
        )
