"""Each photo in ever more tiles, as a table: what the network calls it, how surely, and who notices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from dashboard.charts.style import percent, yes_or_no
from lib.tasks.photos.classes import name
from lib.tasks.see.tiles import PIECES


def named(result: Any, words: Any) -> pa.Table | None:
    """A row for each shuffler, number of tiles and photo; None until all have been read."""
    told = result.puzzle
    if not told.asked:
        return None
    who, level, place = (one.ravel() for one in np.indices(told.program.shape))
    photos = [words(f"photos.{one}") for one in told.photos]
    return pa.table(
        {
            words("named.photo"): [photos[one] for one in place],
            words("named.tiles"): np.array(PIECES)[level] ** 2,
            words("named.shuffle"): who + 1,
            words("named.read"): [name(int(one), words.language) for one in told.labels[who, level, place, 0]],
            words("named.right"): yes_or_no(told.labels[who, level, place, 0] == told.right[place], words),
            words("named.second"): [name(int(one), words.language) for one in told.second[who, level, place]],
            words("named.noticed"): yes_or_no(told.program[who, level, place] == 1, words),
        }
        | percent(words("named.sure"), told.sure[who, level, place, 0])
    )
