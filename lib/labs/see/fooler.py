"""Fooling under way: a picture is moved along the network's gradient until that is sure of something."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch

from lib.attacks.walk import Walk
from lib.kept import trim
from lib.labs.see.fooling import GREY, LIKELIEST, MOST, STRIDE, SURE, Fooling, begun, stepped
from lib.learners.photos.eye import Eye, tensor


def fooled(eye: Eye, clean: np.ndarray, target: int) -> Iterator[Fooling]:
    """Yields the start, then every step until the file is read as the target, more than SURE, or MOST were made.

    clean: (224, 224, 3) uint8. Two readings and a gradient a step. The walk has no budget: a number may go anywhere.
    """
    fooling, place, way = begun(target), clean.astype(int), None
    walk = Walk(1.0, True, MOST, STRIDE / 255)
    for step in walk(eye.module, tensor(clean[None]), torch.tensor([target])):
        if way is not None:
            place = stepped(place, way)
            fooling = replace(fooling, ways=np.concatenate([fooling.ways, way[None]]))
        fooling = looked(fooling, eye, place, clean)
        if fooling.done:
            break
        yield fooling
        if step.way is not None:
            way = np.packbits(step.way[0].permute(1, 2, 0).numpy() > 0)
    trim()
    yield replace(fooling, done=True)


def looked(fooling: Fooling, eye: Eye, place: np.ndarray, clean: np.ndarray) -> Fooling:
    """With what the network says of a picture in whole levels, and of its magnified change."""
    change = np.clip(GREY + fooling.factor * (place - clean.astype(int)), 0, 255)
    told = eye.reads([place, change])
    source = fooling.source if len(fooling.curve) else int(told[0].argmax())
    likeliest = np.argsort(-told, axis=1, kind="stable")[:, :LIKELIEST]
    sure = told[0, [source, fooling.target]]
    return replace(
        fooling,
        source=source,
        labels=np.concatenate([fooling.labels, likeliest[None].astype(np.int16)]),
        sure=np.concatenate([fooling.sure, np.take_along_axis(told, likeliest, 1)[None]]),
        curve=np.concatenate([fooling.curve, sure[None]]),
        done=bool(sure[1] > SURE) or fooling.steps >= MOST,
    )
