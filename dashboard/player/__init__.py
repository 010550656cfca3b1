"""A stepper: what a program does to a row of numbers, step by step. It plays in the browser, without the server.

    play(Steps.of(program.trace(row)), words, key="sort_steps")

The page is told all steps once; playing, stepping and dragging send nothing. See browser/player.js for the other half.
A picture is one too, which plays once by itself: pack() makes the bytes of a charts.style.Motion.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from dashboard.app.components import mounted

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Steps:
    """A row of numbers and what became of it, one entry a step; the first step is the untouched row.

    rows: (T, n) small whole numbers from 0 on. touched: (T, any) places. held: (T,) what is in hand, None if nothing.
    comparisons: (T,) made so far.
    """

    rows: Sequence[Sequence[int]]
    touched: Sequence[Sequence[int]]
    held: Sequence[Any]
    comparisons: Sequence[int]

    @classmethod
    def of(cls, states: Iterable[tuple[Sequence[int], Sequence[int], Any, int]]) -> Steps:
        """What a program's trace yields, at least one state."""
        return cls(*zip(*states, strict=True))

    @property
    def bound(self) -> int:
        """n·log₂ n, rounded: what a sort by comparisons cannot do much better than on a row of n numbers."""
        n = len(self.rows[0])
        return round(n * math.log2(n)) if n else 0


@dataclass(frozen=True)
class Answer:
    """What somebody else says of the same row; it comes number by number while the steps play. wrong: one a number."""

    numbers: Sequence[int]
    wrong: Sequence[bool]


def play(steps: Steps, words: Mapping[str, str], key: str) -> None:
    """Draw the stepper. It stays at its step while the same steps are drawn under the same key.

    words: the labels `title`, `start`, `back`, `play`, `pause`, `forward`, `speed` and `place` (of the slider), and the
    lines `step`, `held`, `count` and `bars` (to be heard), in which the browser fills in {step}, {steps}, {held},
    {comparisons}, {bound}, {row} and {touched}. A line that is missing is not drawn.
    """
    mounted("player", HERE)(key=key, data=pack(steps, words, key))


def pack(
    steps: Steps, words: Mapping[str, str], key: str, answer: Answer | None = None, *, raced: bool = False
) -> bytes:
    """What the browser is told. raced: beside another's answer, which is covered if there is none; plays by itself.

    More words then: `program` and `other`, who they are, and what is said of each in the end, `program_end` and
    `other_end`.
    """
    told = {
        "key": key,
        "words": dict(words),
        "bound": steps.bound,
        "row": list(steps.rows[0]),
        "changes": [_change(*pair) for pair in pairwise(steps.rows)],
        "touched": [list(places) for places in steps.touched],
        "held": list(steps.held),
        "comparisons": list(steps.comparisons),
        "raced": raced,
        "answer": answer and {"numbers": list(answer.numbers), "wrong": list(answer.wrong)},
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _change(before: Sequence[int], after: Sequence[int]) -> list[int]:
    """Place, new number, place, new number ...: a tenth of what the rows themselves would be."""
    changed = [at for at in range(len(after)) if before[at] != after[at]]
    return [number for at in changed for number in (at, after[at])]
