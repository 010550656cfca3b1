"""Panda under way: one photo is walked step by step at every ε, and what undoes the attack is tried."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lib.attacks.walk import Step, Walk, together
from lib.kept import trim
from lib.labs.panda.scene import GREY, LIKELIEST, SHOWN, UNDOES, Scene, rounded, stepped, unknown
from lib.learners.photos.eye import Eye, in_levels, tensor
from lib.tasks.photos.changes import CHANGES
from lib.tasks.photos.pushed import LEVELS

if TYPE_CHECKING:
    pass


AT_ONCE = 2  # walks side by side: more take memory and hardly save time


class Studio:
    """The scene of one photo as it comes to be.

    lab: its ε, steps, and whether it aims at a target. clean: (224, 224, 3) uint8. source: what is on it.
    finals: by ε, where the attack ended; first: the untouched picture, with its gradient.
    """

    def __init__(self, lab: Any, eye: Eye, clean: np.ndarray, source: int, aim: int | None) -> None:
        import torch

        self.lab, self.eye, self.clean, self.aim = lab, eye, clean, aim
        self.x, self.label = tensor(clean[None]), torch.tensor([source if aim is None else aim])
        self.finals: dict[float, Step] = {}
        self.first: Step | None = None
        self.seen: list[np.ndarray] = []  # of the pictures that are shown
        self.told: dict[float, list[np.ndarray]] = {eps: [] for eps in LEVELS}  # of the same before rounding
        self.file = clean
        stride = self.walk(lab.eps).stride * 255
        self.scene = unknown(lab.eps, float(f"{stride:.9g}"), lab.steps, source)

    def walk(self, eps: float) -> Walk:
        return Walk(eps / 255, self.aim is not None, self.lab.steps)

    def watch(self) -> Iterator[None]:
        """The walk at the lab's own ε, every picture read as it is shown, and its change as well."""
        scene, place, way = self.scene, np.zeros(self.clean.shape), None
        for step in self.walk(scene.eps)(self.eye.module, self.x, self.label, SHOWN):
            self.first = self.first or step
            if way is not None:
                place = stepped(place, way, self.clean, scene.eps, scene.stride)
                scene = replace(scene, ways=np.concatenate([scene.ways, way[None]]))
            if step.way is not None:
                way = np.packbits(step.way[0].permute(1, 2, 0).numpy() > 0)
            offsets = rounded(place, scene.eps) if scene.whole else place
            change = (GREY + np.rint(scene.factor * offsets)).astype(np.uint8)
            both = self.eye.reads([self.clean + offsets, change])
            if step.number == scene.steps:
                self.finals[scene.eps] = step
                self.file = (self.clean + rounded(place, scene.eps)).astype(np.uint8)
            self.note(scene.eps, step)
            self.seen.append(both[0])
            likeliest = np.argsort(-both, axis=1, kind="stable")[:, :LIKELIEST]
            scene = replace(
                scene,
                labels=np.concatenate([scene.labels, likeliest[None].astype(np.int16)]),
                sure=np.concatenate([scene.sure, np.take_along_axis(both, likeliest, 1)[None]]),
            )
            self.scene = self.summed(scene)
            yield

    def note(self, eps: float, step: Step) -> None:
        if eps in self.told:
            self.told[eps].append(read(step)[0])

    def summed(self, scene: Scene) -> Scene:
        """With the target, and how sure the network was of it and of the source everywhere so far."""
        source = scene.source
        target = self.aim if self.aim is not None else likeliest_but(source, self.seen[: 1 + scene.steps][-1])
        sweep = scene.sweep.copy()
        for row, eps in enumerate(LEVELS):
            for step, told in enumerate(self.told[eps]):
                sweep[row, step] = told[source], told[target]
        curve = np.array([[told[source], told[target]] for told in self.seen], np.float32)
        return replace(scene, target=target, sweep=sweep, curve=curve)

    def sweep(self) -> Iterator[None]:
        """The walks at the other ε, some side by side."""
        assert self.first is not None
        for some in side_by_side([eps for eps in LEVELS if eps != self.scene.eps]):
            walks = [self.walk(eps) for eps in some]
            for eps in some:
                self.note(eps, self.first)
            for steps in together(walks, self.eye.module, self.x, self.label, self.first):
                for eps, step in zip(some, steps, strict=True):
                    self.note(eps, step)
                    self.finals[eps] = step
                yield
            self.scene = self.summed(self.scene)
            trim()  # two gradients at once leave larger holes

    def undo(self, program: Any) -> Iterator[None]:
        """What the attacked picture is read as after each change, row by row, and what the program says of the file."""
        assert self.first is not None
        for row, (eps, loose) in enumerate({0.0: self.first, **{eps: self.finals[eps] for eps in LEVELS}}.items()):
            file = self.file if eps == self.scene.eps else as_file(in_levels(loose.pictures)[0], self.clean, eps)
            changed = self.eye.reads([CHANGES[name](file) for name in UNDOES[1:]])
            told = np.concatenate([read(loose), changed])
            undone, reads, said = (
                one.copy() for one in (self.scene.undone, self.scene.undone_reads, self.scene.program)
            )
            undone[row] = np.stack([told[:, self.scene.source], told[:, self.scene.target], told.max(1)], axis=1)
            reads[row], said[row] = told.argmax(1), program(file[None])[0]
            self.scene = replace(self.scene, undone=undone, undone_reads=reads, program=said)
            yield


def side_by_side(sizes: Sequence[float]) -> Iterator[Sequence[float]]:
    """Some ε at a time, whose walks are asked together."""
    return (sizes[first : first + AT_ONCE] for first in range(0, len(sizes), AT_ONCE))


def read(step: Step) -> np.ndarray:
    """(n, 1000) how sure the network is of each class where a walk stands."""
    return step.logits.softmax(1).numpy()


def as_file(levels: np.ndarray, clean: np.ndarray, eps: float) -> np.ndarray:
    """A picture (224, 224, 3) in levels as a file of 8 bits within eps of the untouched one, uint8."""
    return (clean + rounded(levels - clean.astype(float), eps)).astype(np.uint8)


def likeliest_but(source: int, told: np.ndarray) -> int:
    """The likeliest class (of 1000) that is not the source."""
    others = told.copy()
    others[source] = -1
    return int(others.argmax())
