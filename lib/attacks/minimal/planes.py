"""Boundaries between two classes as they would be if the module were linear, and the nearest points of these planes."""

from __future__ import annotations

import torch
from torch import Tensor

from lib.attacks.minimal.search import Answer, Norm, Search, distances

DUAL: dict[Norm, Norm] = {"linf": "l1", "l2": "l2", "l1": "linf"}


def nearest_plane(
    search: Search, answer: Answer, rows: Tensor, norm: Norm, candidates: int
) -> tuple[Tensor, Tensor, Tensor]:
    """The nearest straightened boundary of the examples rows (m,): its slope (m, d), rise (m,) and distance (m,).

    Beyond it, where the slope has risen by `rise`, the module is deceived; already so, the rise is below 0. Looked at
    are the `candidates` likeliest other classes of the untouched picture; if targeted, the likeliest other one now.
    A backward pass for each.
    """
    own = search.labels[rows, None]
    others = (answer.logits if search.targeted else search.logits[rows]).scatter(1, own, -torch.inf)
    rivals = others.topk(1 if search.targeted else min(candidates, others.shape[1] - 1), 1).indices
    slope = torch.zeros_like(answer.at.flatten(1), dtype=torch.float64)
    rise = torch.zeros_like(search.distance[rows])
    nearest = torch.full_like(rise, torch.inf)
    for rival in rivals.T:
        weights = torch.zeros_like(answer.logits).scatter_(1, rival[:, None], 1.0).scatter_(1, own, -1.0)
        weights = -weights if search.targeted else weights
        way = answer.gradient(weights).flatten(1).double()
        gap = -(answer.logits * weights).sum(1).double()
        far = gap.abs() / distances(way, DUAL[norm]).clamp(min=1e-30)
        nearer = far < nearest
        nearest, rise = torch.where(nearer, far, nearest), torch.where(nearer, gap, rise)
        slope = torch.where(nearer[:, None], way, slope)
    return slope, rise, nearest


def to_plane(x: Tensor, slope: Tensor, rise: Tensor, norm: Norm) -> Tensor:
    """The least push of x (n, d) within [0, 1] by which slope (n, d) rises by `rise` (n,); as far as the box allows.

    linf, l2 or l1. Exact: as a push of size t raises ever fewer numbers that have room left, t follows from a sort.
    Source: F. Croce, M. Hein, Minimally Distorted Adversarial Examples with a Fast Adaptive Boundary Attack (2020),
    section 2.1 (their algorithm for linf and l1; that for l2 is of the same kind).
    """
    way = (slope * rise.sign()[:, None]).sign()
    steep, room = slope.abs(), ((way + 1) / 2 - x).abs() * way.abs()
    if norm == "l1":  # the steepest numbers first, each to its end
        order = steep.argsort(1, descending=True)
        gains = (steep * room).gather(1, order)
        left = (rise.abs()[:, None] - gains.cumsum(1) + gains).clamp(min=0)
        share = (left / gains.clamp(min=1e-30)).clamp(max=1)
        moved = room.gather(1, order) * share
        return way * moved.scatter(1, order, moved.clone())
    speed = steep if norm == "l2" else way.abs()
    t = _level(steep * speed, room / speed.clamp(min=1e-30), rise.abs())
    return way * (t[:, None] * speed).minimum(room)


def _level(rates: Tensor, ends: Tensor, wanted: Tensor) -> Tensor:
    """The t (n,) at which the sum of rates * min(t, ends), (n, d) each, is as wanted (n,), or the last end."""
    ends, order = ends.sort(1)
    rates = rates.gather(1, order)
    rest = rates.flip(1).cumsum(1).flip(1)  # of those that still move
    gains = (rest * ends.diff(dim=1, prepend=ends[:, :1] * 0)).cumsum(1)
    at = (gains < wanted[:, None]).sum(1, keepdim=True).clamp(max=ends.shape[1] - 1)
    short = (gains.gather(1, at) - wanted[:, None]).clamp(min=0)
    return (ends.gather(1, at) - short / rest.gather(1, at).clamp(min=1e-30))[:, 0]
