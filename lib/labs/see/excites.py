"""Which photos, and what in them, excite a filter or a class most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lib.labs.see.grid import BEST, Grid
from lib.tasks.photos.sheets import sheet, shrunk

if TYPE_CHECKING:
    from lib.labs.see.subjects import Subject

TILE = 48  # pixels that a patch is kept with, at most
BEYOND = 127  # what networks take for the level of all that lies beyond a photo
QUALITY = 50


class Gallery:
    """All that a subject is shown, asked one after the other.

    peaks: (photos, k) how strongly each of its numbers is excited in the place that does most; places: (photos, k, 2)
    where that is, down and right, 0 to 1; usual: (photos, k) the mean over all places.
    """

    def __init__(self, asked: Subject) -> None:
        self.asked = asked
        shape = len(asked.shown), len(asked.numbers)
        self.peaks, self.usual = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        self.places = np.full((*shape, 2), np.float32(0.5))

    def ask(self) -> Iterator[None]:
        """A photo at a time, small pictures all at once."""
        shown = self.asked.shown
        at_once = 1 if shown.ndim == 4 else len(shown)
        for first in range(0, len(shown), at_once):
            rows = slice(first, first + at_once)
            told = self.looked(shown[rows])
            flat = told.reshape(*told.shape[:2], -1)
            self.peaks[rows], self.usual[rows] = flat.max(-1), flat.mean(-1)
            if not self.asked.answers:
                down_right = np.stack(np.divmod(flat.argmax(-1), told.shape[3]), axis=-1)
                self.places[rows] = ((down_right + 1) * self.asked.apart - 0.5) / shown.shape[1]
            yield

    def looked(self, shown: np.ndarray) -> np.ndarray:
        """(n, k, h, w) what is answered to some of the photos, in every place."""
        import torch

        colours = shown if shown.ndim == 4 else shown[..., None]
        pictures = torch.from_numpy(colours.astype(np.float32) / 255).permute(0, 3, 1, 2)
        with torch.no_grad():
            return self.asked.look(pictures)[:, list(self.asked.numbers)].numpy()

    def hung(self, grid: Grid) -> Grid:
        """The grid with the photos that excite most beside its pictures."""
        best = np.argsort(-self.peaks, axis=0, kind="stable")[:BEST].T  # (k, BEST)
        each = np.arange(len(best))[:, None]
        places = self.places[best, each]
        pairs = zip(best.ravel(), places.reshape(-1, 2), strict=True)
        patches = [patch(self.asked.shown[photo], place, self.asked.field) for photo, place in pairs]
        return replace(
            grid,
            photos=self.asked.kinds[best].astype(np.int16),
            peaks=self.peaks[best, each],
            places=places,
            patches=sheet(np.stack([shrunk(one, TILE) for one in patches]), BEST, QUALITY),
            field=min(self.asked.field, self.asked.shown.shape[1]),
            usual=self.usual.mean(0),
        )


def patch(photo: np.ndarray, place: np.ndarray, field: int) -> np.ndarray:
    """The square of so many pixels about a place (down, right, 0 to 1) of a photo (h, w, ...); grey what lies beyond.

    All of the photo where the square is larger.
    """
    side = len(photo)
    if field >= side:
        return photo
    edges = [(field, field)] * 2 + [(0, 0)] * (photo.ndim - 2)
    wide = np.pad(photo, edges, constant_values=BEYOND)
    down, right = (round(float(at) * side - field / 2) + field for at in place)
    return wide[down : down + field, right : right + field].copy()  # a view would keep all of it
