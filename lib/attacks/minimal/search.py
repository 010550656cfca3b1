"""The referee of attacks that ask how near the nearest picture is that deceives, not whether one is near enough.

A *search* is one such attack on one batch. It keeps each proposal within [0, 1], asks the module once, and remembers of
each example the nearest picture that deceived. An attack sees the search alone, never the module. One search answers
for every radius at once: who is robust at eps is who has nothing nearer (`Nearest.stands`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol, get_args

import torch
from torch import Tensor, nn

from lib.attacks.harness import check_answers, check_question, checked, eval_mode, loss_scale
from lib.attacks.sampling import draw_key

Norm = Literal["linf", "l2", "l1", "l0"]
FIRM = 2e-4  # by what the logits, which spread by 20, deceive at least: less is rounding, and other in another batch


class MinimalAttack(Protocol):
    """Looks for the nearest pictures that deceive: x (n, ...) in [0, 1] and labels y (n,) -> such pictures.

    A frozen dataclass; `search` proposes pictures to a search, the call runs that under the rules and gives its
    pictures back: where nothing was found, the untouched one.
    norm: how distance is told, see distances. targeted: y is what the module shall answer, not what it shall not.
    """

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def norm(self) -> Norm: ...
    @property
    def targeted(self) -> bool: ...
    def search(self, search: Search) -> None: ...
    def __call__(self, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor: ...


@dataclass(frozen=True)
class Nearest:
    """What a search found: pictures (n, ...) and how far each is (n,), inf if none deceives, 0 if the untouched does.

    queries: (n,) how many pictures the module was shown for each, the untouched one included.
    """

    pictures: Tensor
    distance: Tensor
    queries: Tensor

    def stands(self, eps: float) -> Tensor:
        """(n,) who is robust at a radius, as far as this attack knows: nothing within it deceives."""
        return self.distance > eps


@dataclass(frozen=True, eq=False)
class Answer:
    """What a module said of pictures at (m, ...): logits (m, classes), made comparable, and which deceive it (m,)."""

    at: Tensor
    logits: Tensor
    deceives: Tensor
    _graph: Tensor
    _leaf: Tensor

    def gradient(self, weights: Tensor) -> Tensor:
        """(m, ...) how the sum of logits times weights (m, classes) changes with each pixel: a backward pass.

        Raises ValueError if the module's logits do not follow from its input by what torch can differentiate.
        """
        known = self._graph.requires_grad
        total = (self._graph * weights).sum() if known else self._graph
        slopes = torch.autograd.grad(total, self._leaf, retain_graph=True, allow_unused=True)[0] if known else None
        if slopes is None:
            raise ValueError("gradient: got logits that do not follow from the pictures; attack a surrogate that does")
        return slopes.nan_to_num(0.0, 0.0, 0.0)


class Search:
    """One attack on n examples, none of which deceives the module untouched.

    x: (n, ...) pictures, labels: (n,) what the module shall not answer or, if targeted, shall. logits: (n, classes) of
    the untouched pictures. best, distance: (n, ...), (n,) the nearest that deceived, and how far; x and inf until then.
    queries: (n,) how often the module was asked. key: of its random numbers.
    """

    def __init__(self, module: nn.Module, x: Tensor, y: Tensor, attack: MinimalAttack, key: int) -> None:
        self.norm: Norm = attack.norm
        self.x, self.labels, self.targeted, self.key = x, y, attack.targeted, key
        self._module = module
        self.best, self.distance = x.clone(), x.new_full((len(x),), torch.inf, dtype=torch.float64)
        self.queries = torch.zeros_like(y)
        self._scale: Tensor | None = None
        self.logits = self.query(x, graph=False).logits

    def query(self, proposal: Tensor, rows: Tensor | None = None, *, graph: bool = True) -> Answer:
        """Ask about one picture (m, ...) for each of some examples, all if no rows (m,) are named: a forward pass.

        graph: whether gradients will be asked for. Where a proposal is NaN, the untouched picture takes its place.
        Raises ValueError for logits that are none.
        """
        who = torch.arange(len(self.x), device=self.x.device) if rows is None else rows
        x = self.x[who]
        at = torch.where(proposal.isnan(), x, proposal.detach().clamp(0, 1)).to(x.dtype).requires_grad_(graph)
        with torch.set_grad_enabled(graph):
            told = checked(self._module(at.clone()), at)  # a clone, because a module may write into what it is given
            if self._scale is None:  # all pictures as they were
                check_answers(told, self.labels)
                self._scale = loss_scale(told)
            logits = told * self._scale[who]
        plain, at_last = logits.detach(), at.detach()
        hit = margins(plain, self.labels[who], targeted=self.targeted)[0] > FIRM  # not where an answer is NaN
        far = distances(at_last - x, self.norm)
        nearer = hit & (far < self.distance[who])
        won = who[nearer]
        self.best[won], self.distance[won] = at_last[nearer], far[nearer]
        self.queries[who] += 1
        return Answer(at_last, plain, hit, logits, at)

    def halve(self, steps: int) -> None:
        """Look between each example and its nearest deceiving picture for a nearer one, `steps` forward passes.

        Along the way; for linf by what each number may move, for l0 by how many may.
        """
        rows = self.distance.isfinite().nonzero()[:, 0]
        if not len(rows):
            return
        far = self.best[rows]
        low = torch.zeros_like(self.distance[rows])
        high = torch.ones_like(low)
        for _ in range(steps):
            middle = (low + high) / 2
            hit = self.query(_shorter(self.x[rows], far, middle, self.norm), rows, graph=False).deceives
            low, high = torch.where(hit, low, middle), torch.where(hit, middle, high)


def _shorter(x: Tensor, far: Tensor, share: Tensor, norm: Norm) -> Tensor:
    """(n, ...) the pictures far (n, ...) brought to a share (n,) of their distance from x."""
    push, part = far - x, as_rows(share, x).to(x.dtype)
    if norm == "linf":
        most = push.flatten(1).abs().amax(1).view_as(part) * part
        return x + push.clamp(-most, most)
    if norm == "l0":
        return x + largest(push, (push.flatten(1).ne(0).sum(1) * share).floor())
    return x + part * push


def nearest(attack: MinimalAttack, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Nearest:
    """Run one attack under the rules; `module` is asked in eval mode and left as it was found.

    x: (n, ...) floats in [0, 1], in the module's own dtype. y: (n,) labels.
    Raises ValueError if a picture leaves [0, 1], or module, pictures, labels and logits do not fit each other.
    """
    check_question(module, x, y)
    x, y, key = x.detach(), y.long().to(x.device), draw_key(rng)
    with torch.inference_mode(False), torch.enable_grad(), eval_mode(module):
        whole = Search(module, x, y, attack, key)
        deceived = (whole.logits.argmax(1) == y) == attack.targeted
        stand = (~deceived).nonzero()[:, 0]
        told = Nearest(x.clone(), torch.zeros_like(whole.distance), whole.queries.clone())
        if len(stand):
            part = whole if len(stand) == len(x) else Search(module, x[stand], y[stand], attack, key)
            attack.search(part)
            told.pictures[stand], told.distance[stand], told.queries[stand] = part.best, part.distance, part.queries
    return told


def perturb(attack: MinimalAttack, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
    """The pictures of a search, for a batch (n, ...) with labels (n,) or for one picture with one label."""
    if isinstance(x, Tensor) and isinstance(y, Tensor) and y.ndim == 0:
        return perturb(attack, module, x[None], y[None], rng)[0]
    return nearest(attack, module, x, y, rng).pictures


def check_norm(norm: str, *known: Norm) -> None:
    """Raises ValueError for a norm that an attack does not know."""
    if norm not in (known or get_args(Norm)):
        raise ValueError(f"norm: got {norm!r}, choose one of {', '.join(known or get_args(Norm))}")


def distances(push: Tensor, norm: Norm) -> Tensor:
    """(n, ...) -> (n,) doubles: the largest number (linf), the length (l2), the sum (l1), how many are not 0 (l0)."""
    flat = push.detach().flatten(1).double().abs()
    if norm == "linf":
        return flat.amax(1)
    return {"l2": flat.norm(dim=1), "l1": flat.sum(1), "l0": flat.ne(0).sum(1).double()}[norm]


def margins(logits: Tensor, y: Tensor, *, targeted: bool) -> tuple[Tensor, Tensor]:
    """How far logits (n, classes) deceive, (n,), below 0 if they do not, and the weights of which that is the sum.

    The likeliest other class over y or, if targeted, y over that: what C&W and FMN climb. Weights: (n, classes).
    """
    mine = torch.zeros_like(logits, dtype=torch.bool).scatter_(1, y[:, None], True)
    other = logits.masked_fill(mine, -torch.inf).argmax(1, keepdim=True)
    weights = torch.zeros_like(logits).scatter_(1, other, 1.0).masked_fill(mine, -1.0)
    margin = (logits.gather(1, other) - logits[mine][:, None])[:, 0]
    return (-margin, -weights) if targeted else (margin, weights)


def largest(push: Tensor, count: Tensor) -> Tensor:
    """The `count` (n,) largest numbers of each push (n, ...), the others 0."""
    flat = push.flatten(1)
    ranks = flat.abs().argsort(1, descending=True).argsort(1)
    return torch.where(ranks < count[:, None], flat, 0).view_as(push)


def as_rows(numbers: Tensor, x: Tensor) -> Tensor:
    """(n,) -> (n, 1, ...) to go with x (n, ...)."""
    return numbers.view(-1, *[1] * (x.ndim - 1))
