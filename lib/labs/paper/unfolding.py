"""What a network does to the paper, as a film: every layer's simple moves, and how untangled the classes are then.

Everything is computed here, in the job; a browser only draws between two frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from lib.learners.paper.decomposition import Layer

KINDS = ("turn", "stretch", "turn_again", "shift", "bend", "push")
SIDE = 25  # crossings of grid lines along one side of the paper
FULL = np.iinfo(np.int16).max
NEIGHBOURS = 6  # whom a point is joined to, for counting pieces
PIECE = 3  # points that make one
HELD = 3  # every third point is held back from the linear map, and read by it


@dataclass(frozen=True)
class Untangled:
    """How far the classes are apart at each layer boundary, the input's first.

    probe: (boundaries,) the share of every third point that is read rightly by a linear map fitted (least squares) to
    the others.
    purity: (boundaries,) the share of points whose nearest other point is of their class.
    pieces: (boundaries, classes) how many groups of at least 3 points hang together, where a point hangs together with
    those of its 6 nearest that are of its class: a stand-in for the class's Betti number 0.
    """

    probe: np.ndarray
    purity: np.ndarray
    pieces: np.ndarray


@dataclass(frozen=True)
class Film:
    """One network's moves on the points that are shown and on the crossings of the grid.

    frames: (frames, points + side², axes) int16, 32767 = reach; reach: (frames,) in units of the net's own numbers;
    layer, kind, first: (moves,) whose move, an index into KINDS, the frame that it begins with; it ends where the next
    begins, the last one at the last frame.
    labels: (points,) the true classes; says: (points + side²,) what the network answers.
    room: how many numbers its widest state has; beyond 3 the axes are the main ones of all layers' states together,
    each state scaled to the same size before, and spread is the share of all their spread that lies along them.
    whole: False where the last map is left out, since it alone would need more axes.
    untangled: None while the network still learns.
    """

    frames: np.ndarray
    reach: np.ndarray
    layer: np.ndarray
    kind: np.ndarray
    first: np.ndarray
    labels: np.ndarray
    says: np.ndarray
    side: int
    room: int
    spread: float
    whole: bool
    untangled: Untangled | None = None


def film(
    points: np.ndarray,
    grid: np.ndarray,
    labels: np.ndarray,
    network: Any,
    turns: int,
    judged: tuple[np.ndarray, np.ndarray] | None = None,
) -> Film:
    """What the first seed of a network does to points (n, d) and grid (side², d), a rotation in `turns` frames at most.

    judged: points and their classes that the figures are of; none where no figures are asked for.
    """
    from lib.learners.paper.decomposition import hidden_states, moves, room

    every = network.layers(0)
    layers = visible(every, points.shape[1])
    x = np.concatenate([points, grid])
    told = list(moves(x, layers, turns))
    keys = [told[0].states[:1], *(move.states[1:] for move in told)]
    states = np.concatenate(keys)
    main, spread = axes(states[np.cumsum([0, *(len(key) for key in keys[1:])])])
    seen = states @ main
    reach = np.maximum(np.linalg.norm(seen, axis=2).max(axis=1), 1e-9)
    marks = np.cumsum([0, *(len(move.states) - 1 for move in told)])
    found = untangled(hidden_states(judged[0], layers), judged[1]) if judged else None
    return Film(
        np.round(seen / reach[:, None, None] * FULL).astype(np.int16),
        reach.astype(np.float32),
        np.array([move.layer for move in told], np.uint8),
        np.array([KINDS.index(move.kind) for move in told], np.uint8),
        marks[:-1].astype(np.uint16),
        labels.astype(np.uint8),
        network.alone(0)(x)[0].astype(np.uint8),
        round(len(grid) ** 0.5),
        room(x.shape[1], layers),
        spread,
        len(layers) == len(every),
        found,
    )


def visible(layers: Sequence[Layer], inputs: int) -> Sequence[Layer]:
    """All layers, without the last where it alone would need more axes than the paper has room in."""
    widest = max(inputs, 3, *(max(one.matrix.shape) for one in layers[:-1]))
    return layers if len(layers) == 1 or len(layers[-1].bias) <= widest else layers[:-1]


def axes(states: np.ndarray) -> tuple[np.ndarray, float]:
    """(room, 2 or 3): the axes themselves while there are at most 3, else the main ones of all states together.

    states: (boundaries, n, room), each scaled to the same size before. Two for a space as wide as a picture, three for
    others; and the share of the spread (variance) of all states that lies along them.
    """
    wide = states.shape[2]
    if wide <= 3:
        return np.eye(wide, max(2, wide)), 1.0
    rows = states.reshape(-1, wide)
    rows = rows / np.repeat(np.linalg.norm(states, axis=2).max(axis=1), states.shape[1])[:, None]
    spreads, main = np.linalg.eigh(np.cov(rows.T))
    many = 2 if wide > 16 else 3
    return main[:, ::-1][:, :many], float(spreads[-many:].sum() / spreads.sum())


def untangled(states: Sequence[np.ndarray], labels: np.ndarray) -> Untangled:
    """Of points (n, width) at each boundary and their classes (n,)."""
    kinds = np.unique(labels)
    told = [(_probed(at, labels, kinds), *_joined(at, labels, kinds)) for at in states]
    probe, purity, pieces = zip(*told, strict=True)
    return Untangled(np.array(probe), np.array(purity), np.array(pieces, np.int64))


def _probed(at: np.ndarray, labels: np.ndarray, kinds: np.ndarray) -> float:
    held = np.arange(len(at)) % HELD == 0
    rows = np.column_stack([at, np.ones(len(at))])
    wanted = (labels[:, None] == kinds).astype(float)
    fitted = np.linalg.lstsq(rows[~held], wanted[~held], rcond=None)[0]
    return float((kinds[(rows[held] @ fitted).argmax(axis=1)] == labels[held]).mean())


def _joined(at: np.ndarray, labels: np.ndarray, kinds: np.ndarray) -> tuple[float, list[int]]:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from sklearn.neighbors import NearestNeighbors

    many = min(NEIGHBOURS, len(at) - 1)
    near = NearestNeighbors(n_neighbors=many).fit(at).kneighbors(return_distance=False)
    same = labels[near] == labels[:, None]
    rows = np.repeat(np.arange(len(at)), many)[same.flat]
    links = coo_array((np.ones(len(rows)), (rows, near[same])), shape=(len(at),) * 2)
    groups = connected_components(links, directed=False)[1]
    large = np.bincount(groups) >= PIECE
    pieces = [int(large[np.unique(groups[labels == one])].sum()) for one in kinds]
    return float(same[:, 0].mean()), pieces
