"""The referee between an attack and what it attacks: an attack proposes pictures, everything else is decided here.

A *run* is one attack on one batch. It clips each proposal to the budget, queries the module once, keeps the best
picture of each example, and drops examples as soon as they have fallen, so that only those still standing cost
anything. An attack sees the run alone, never the module.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol

import torch
from torch import Tensor, nn

from lib.attacks.sampling import draw_key

Norm = Literal["linf", "l2"]
LARGE, SMALL = 2.0**50, 2.0**-20  # what is larger or smaller is scaled before it is squared or compared


class Attack(Protocol):
    """Moves pictures a little, on purpose: x (n, ...) in [0, 1] and labels y (n,) -> pictures within the budget.

    A frozen dataclass; push proposes pictures to a run, the call runs that under the rules (`perturb`).
    eps, norm: the budget, see Budget. targeted: y is what the module shall answer, not what it shall not.
    One picture with a label of no dimension comes back as one picture.
    """

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def eps(self) -> float: ...
    @property
    def norm(self) -> Norm: ...
    @property
    def targeted(self) -> bool: ...
    def push(self, run: AttackRun) -> None: ...
    def __call__(self, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor: ...


@dataclass(frozen=True)
class Budget:
    """The threat model: all pictures in [0, 1] within eps of another, by the furthest pixel (linf) or the whole (l2).

    Raises ValueError for a negative or endless eps and for another norm.
    """

    eps: float
    norm: Norm = "linf"

    def __post_init__(self) -> None:
        if not 0 <= self.eps < float("inf"):
            raise ValueError(f"eps: got {self.eps}, choose a finite radius of 0 or more")
        if self.norm not in ("linf", "l2"):
            raise ValueError(f"norm: got {self.norm!r}, choose one of linf, l2")

    def clip(self, proposal: Tensor, x: Tensor) -> Tensor:
        """The nearest thing to a proposal that the rules allow, (n, ...) each; where it is not a number, x itself."""
        at, wanted = widened(x), widened(proposal)
        if self.norm == "linf":
            inside = wanted.clamp(at - self.eps, at + self.eps)
        else:
            push = wanted - at
            push = push * (LARGE / sizes(push)).clamp(max=1)  # where its square is more than float32 holds
            inside = at + push * (self.eps / l2_norms(push)).clamp(max=1)
        inside = torch.where(inside.isnan(), at, inside).clamp(0, 1)
        told = inside.to(x.dtype)
        if told.dtype != inside.dtype:  # what rounding took out of the budget goes back towards the picture
            told = torch.where((told - at).abs() > (inside - at).abs(), torch.nextafter(told, x), told)
        return told


@dataclass(frozen=True)
class AdversarialExamples:
    """What an attack of size eps achieved: its best pictures (n, ...) and whether each deceives the module (n,)."""

    eps: float
    pictures: Tensor
    success: Tensor


class AttackRun:
    """One attack on one batch (n, ...), told only of the m examples that still stand and were not dropped.

    x: (m, ...) the pictures as they were. current: (m, ...) the last proposal as it was judged. idle: (m,) for how many
    proposals the present path has not gained. rows: (m,) which examples these are. key: of its random numbers.
    start: (n, ...) where an attack might start, if somebody knows.
    """

    def __init__(self, module: nn.Module, x: Tensor, y: Tensor, attack: Attack, key: int, start: Tensor | None) -> None:
        self.key, self.start = key, start
        self._module, self._budget, self._targeted = module, Budget(attack.eps, attack.norm), attack.targeted
        self._whole, self._labels = x, y
        self.best, self.current = x.clone(), x
        self.loss = widened(x.new_full((len(x),), -torch.inf))
        self.success = torch.zeros(len(x), dtype=torch.bool, device=x.device)
        self._scale: Tensor | None = None
        self._graph: tuple[Tensor, Tensor] | None = None
        self.restart()
        self._kept = self.rows

    @property
    def x(self) -> Tensor:
        return self._whole[self.rows]

    @property
    def idle(self) -> Tensor:
        return self._idle[self.rows]

    def restart(self) -> None:
        """Begin a new path with everybody who still stands; where some were dropped, query before the next gradient."""
        self.rows = (~self.success).nonzero()[:, 0]
        self._peak, self._idle = torch.full_like(self.loss, -torch.inf), torch.zeros_like(self.loss)

    def drop(self, tired: Tensor) -> None:
        """Drop some (m,) from this path: they still stand, but are queried no more until `restart`."""
        self._keep(~tired)

    def query(self, proposal: Tensor) -> None:
        """Judge one picture (m, ...) for each example that stands, in one forward pass; some may then stand no more.

        A fallen example keeps the picture that it fell to, one that stands the picture with the highest loss.
        Raises ValueError for logits that are none, and at the first query if these or the labels cannot be judged.
        """
        if not len(self.rows):
            return
        self._graph = None  # two at once would be twice the memory
        at = self._budget.clip(proposal.detach(), self.x).requires_grad_()
        logits = checked(self._module(at.clone()), at)  # a clone, because a module may write into what it is given
        if self._scale is None:  # the first query, of all pictures as they were
            check_answers(logits, self._labels)
            self._scale = loss_scale(logits)
        loss = log_odds(logits * self._scale[self.rows], self._labels[self.rows], self._targeted)
        loss = loss.to(self.loss.dtype)
        hit = (logits.argmax(1) == self._labels[self.rows]) == self._targeted
        hit &= ~loss.isnan()  # no answer is not a wrong answer
        better = hit | (loss > self.loss[self.rows])
        won = self.rows[better]
        self.best[won], self.loss[won], self.success[won] = at.detach()[better], loss.detach()[better], hit[better]
        self._idle[self.rows] = torch.where(loss.detach() > self._peak[self.rows], 0, self._idle[self.rows] + 1)
        self._peak[self.rows] = self._peak[self.rows].maximum(loss.detach())
        self.current, self._graph, self._kept = at.detach(), (loss, at), torch.arange(len(at), device=at.device)
        self._keep(~hit)

    def gradient(self) -> Tensor:
        """(m, ...) how the loss changes with each pixel of `current`, by one backward pass; ask once a query.

        Raises ValueError if the module's logits do not follow from its input by what torch can differentiate.
        """
        if not len(self.rows):
            return torch.zeros_like(self.current)
        assert self._graph is not None
        loss, at = self._graph
        slopes = torch.autograd.grad(loss.sum(), at, allow_unused=True)[0] if loss.requires_grad else None
        if slopes is None:
            raise ValueError("gradient: got logits that do not follow from the pictures; attack a surrogate that does")
        return slopes[self._kept]

    def _keep(self, those: Tensor) -> None:
        self.rows, self.current, self._kept = self.rows[those], self.current[those], self._kept[those]


def log_odds(logits: Tensor, y: Tensor, targeted: bool) -> Tensor:
    """(n, classes), (n,) -> (n,) what an attack climbs: the log-odds against y, or for it if targeted.

    It rises and falls with the cross-entropy, log(1 + e^loss), and so points the same way, but never goes flat where a
    module is too sure for float32 (N. Carlini, D. Wagner, Towards Evaluating the Robustness of Neural Networks, 2017,
    section IX: vanishing gradients passed for a defence).
    """
    mine = torch.zeros_like(logits, dtype=torch.bool).scatter_(1, y[:, None], True)
    against = logits.masked_fill(mine, -torch.inf).logsumexp(1) - logits[mine]
    return -against if targeted else against


def checked(logits: object, pictures: Tensor) -> Tensor:
    """What a module answered to n pictures, (n, classes), in float32 or wider. Raises ValueError for anything else."""
    if not isinstance(logits, Tensor):
        raise ValueError(f"logits: got {type(logits).__name__}, give a tensor (pictures, classes)")
    if logits.ndim != 2 or len(logits) != len(pictures) or not logits.is_floating_point():
        got = f"{tuple(logits.shape)} of {logits.dtype} for {len(pictures)} pictures"
        raise ValueError(f"logits: got {got}, give floats (pictures, classes)")
    if logits.shape[1] < 2:
        raise ValueError(
            "logits: got one a picture, which cannot name a class; give two, of a binary module [0, logit]"
        )
    return widened(logits)


def check_answers(logits: Tensor, y: Tensor) -> None:
    """Raises ValueError if logits (n, classes) or labels (n,) leave open whether an answer is right.

    -inf is a class that is never answered.
    """
    open_ones = int((logits.isnan() | logits.isposinf()).any(1).logical_or(logits.isneginf().all(1)).sum())
    if open_ones:
        what = f"NaN or inf for {open_ones} of {len(logits)} untouched pictures"
        raise ValueError(f"logits: got {what}, scale them down or ask the module in float32")
    if ((y < 0) | (y >= logits.shape[1])).any():
        got = f"{int(y.min())} to {int(y.max())}"
        raise ValueError(f"labels: got {got}, choose classes from 0 to {logits.shape[1] - 1}")


def loss_scale(logits: Tensor) -> Tensor:
    """A power of two for each example, (n, 1), that brings logits (n, classes) to a size that floats hold; mostly 1.

    Times 1e20, the gradient's square is beyond float32; times 1e-20, the log-odds do not change by one bit.
    """
    told = logits.detach().double()
    known = told.isfinite()
    spread = (told.where(known, -torch.inf).amax(1) - told.where(known, torch.inf).amin(1))[:, None]
    ordinary = (spread == 0) | ((spread >= SMALL) & (spread <= LARGE))
    power = torch.frexp(torch.where(ordinary, 1.0, spread)).exponent.clamp(-120, 120)  # float32 ends at 2^127
    return torch.where(ordinary, 1.0, torch.exp2(-power.double())).to(logits.dtype)


def run_attack(
    attack: Attack, module: nn.Module, x: Tensor, y: Tensor, key: int, start: Tensor | None = None
) -> AdversarialExamples:
    """Run one attack under the rules; `module` is queried in eval mode and left as it was found.

    x: (n, ...) floats in [0, 1], in the module's own dtype.
    y: (n,) labels. start: (n, ...) pictures to start from, for attacks that take them.
    No example comes back worse (for the attacker) than untouched; one that falls untouched comes back untouched.
    Raises ValueError if a picture leaves [0, 1], or pictures, labels and logits do not fit each other.
    """
    if not x.is_floating_point():
        raise ValueError(f"pictures: got {x.dtype}, give floats in [0, 1]")
    if not ((x >= 0) & (x <= 1)).all():
        raise ValueError(f"pictures: got values in [{x.min():g}, {x.max():g}], scale them to [0, 1]")
    if y.shape != x.shape[:1] or not (y == y.long()).all():
        raise ValueError(
            f"labels: got {tuple(y.shape)} of {y.dtype}, give a whole number for each of {len(x)} pictures"
        )
    with torch.inference_mode(False), torch.enable_grad(), eval_mode(module):
        run = AttackRun(module, x.detach(), y.long(), attack, key, start)
        run.query(run.x)
        if attack.eps > 0:
            attack.push(run)
    return AdversarialExamples(attack.eps, run.best, run.success)


def perturb(attack: Attack, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
    """An attack's answer under the rules, for a batch (n, ...) with labels (n,) or for one picture with one label."""
    if y.ndim == 0:
        return perturb(attack, module, x[None], y[None], rng)[0]
    return run_attack(attack, module, x, y, draw_key(rng)).pictures


def l2_norms(push: Tensor) -> Tensor:
    """(n, ...) -> (n, 1, ...) the Euclidean length of each example, never 0."""
    flat = push.flatten(1).norm(dim=1).clamp(min=torch.finfo(push.dtype).tiny)
    return flat.view(-1, *[1] * (push.ndim - 1))


def sizes(push: Tensor) -> Tensor:
    """(n, ...) -> (n, 1, ...) the furthest pixel of each example."""
    return push.flatten(1).abs().amax(1).view(-1, *[1] * (push.ndim - 1))


def widened(numbers: Tensor) -> Tensor:
    """In float32, where they came in half of that, in which neither squares nor losses have room."""
    return numbers.float() if numbers.dtype in (torch.float16, torch.bfloat16) else numbers


@contextmanager
def eval_mode(module: nn.Module) -> Iterator[None]:
    """The module in eval mode; afterwards every part is back in its own mode, whatever happened."""
    woken = [part for part in module.modules() if part.training]
    if woken:
        module.eval()
    try:
        yield
    finally:
        for part in woken:
            part.training = True
