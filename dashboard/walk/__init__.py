"""A picture on its way, scrubbed step by step in the browser: start + change = sum, and what a network says of each.

The browser is told the start and the direction of every step, and makes every picture of them, to the bit as the labs
do; playing and moving send nothing. The other half is browser/walk.js. Small pictures are sent as they are, with a map
of what is read around them: see stepped.py, and browser/plane.js.
"""

from __future__ import annotations

import json
from typing import Any, Protocol

import numpy as np

from dashboard.app.language import Texts, plain, share
from lib.tasks.photos.classes import name

FOLDER = "dashboard/walk"
PLAIN = ("place", "play", "pause", "photo", "sum", "hidden", "curve")


class Walked(Protocol):
    """What a lab knows of a picture that was walked step by step, so far s steps; all confidences are in [0, 1].

    source, target: the classes whose confidence is drawn as a curve; -1 where one is not known yet. eps, stride: how
    far from the start any number may get, and by how much it moves in a step [grey levels of 255]. factor: how many
    times the change is magnified. steps: after so many the walk has come to its end, or an attack has.
    ways: (s, side * side * 3 / 8) uint8, each step's direction, a bit for each number of the picture, 1 for brighter.
    labels, sure: (s + 1, 2, 5) what the network says of the picture and of its magnified change after each step.
    curve: (s + 1, 2) how sure it is of source and target.
    """

    @property
    def source(self) -> int: ...
    @property
    def target(self) -> int: ...
    @property
    def eps(self) -> float: ...
    @property
    def stride(self) -> float: ...
    @property
    def factor(self) -> int: ...
    @property
    def steps(self) -> int: ...
    @property
    def ways(self) -> np.ndarray: ...
    @property
    def labels(self) -> np.ndarray: ...
    @property
    def sure(self) -> np.ndarray: ...
    @property
    def curve(self) -> np.ndarray: ...


def packed(
    one: Walked,
    clean: np.ndarray,
    words: Texts,
    key: str,
    *,
    room: int,
    done: bool,
    table: str = "walk",
    covered: bool = False,
) -> bytes:
    """What the browser takes: how long the head is, the head as JSON, the start, a bit for each number and step.

    clean: (side, side, 3) uint8, the start. room: for how many steps the curves have room. done: nothing will be added;
    then it plays once. table: where in the page's texts its words stand. covered: the start alone;
    how large the change is answers the guess.
    """
    ways = one.ways[:0] if covered else one.ways
    last = min(len(one.labels), len(ways) + 1)
    head = {
        "key": key,
        "covered": covered,
        "side": len(clean),
        "steps": len(ways),
        "whole": room,
        "done": done and not covered,
        "attack": one.steps,
        "eps": one.eps,
        "stride": one.stride,
        "factor": 1 if covered else one.factor,
        "names": [] if covered else [called(one.source, words), called(one.target, words)],
        "curve": [] if covered else one.curve[:last].astype(float).round(4).tolist(),
        "read": [[told(one, step, which, words) for which in range(2)] for step in range(last)],
        "words": {name: words(f"{table}.{name}") for name in PLAIN}
        | {
            "change": words(f"{table}.change_covered") if covered else words(f"{table}.change", factor=one.factor),
            "step": words(
                f"{table}.step", step="{step}", eps="?" if covered else plain(one.eps), stride=plain(one.stride)
            ),
            "heard": words(f"{table}.heard", what="{what}", labels="{labels}"),
        },
    }
    return wrapped(head, clean.tobytes(), ways.tobytes())


def wrapped(head: dict[str, Any], *parts: bytes) -> bytes:
    """How long the head is, the head as JSON, and the parts."""
    text = json.dumps(head, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return len(text).to_bytes(4, "little") + text + b"".join(parts)


def told(one: Walked, step: int, which: int, words: Texts) -> list[list[Any]]:
    """The likeliest labels of one picture: name, how sure the network is, the same in words, and whose it is."""
    whose = {one.source: "source", one.target: "target"}
    pairs = zip(one.labels[step, which].tolist(), one.sure[step, which].tolist(), strict=True)
    return [[called(label, words), round(sure, 4), share(sure), whose.get(label, "")] for label, sure in pairs]


def called(index: int, words: Texts) -> str:
    """The name of a class, where there is one yet."""
    return name(index, words.language) if index >= 0 else ""
