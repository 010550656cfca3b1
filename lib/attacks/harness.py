"""The referee between an attack and what it attacks: an attack proposes pictures, everything else is decided here.

A *run* is one attack on one batch. It clips each proposal to the budget, asks the module once, keeps the best picture
of each example, and sends examples home as soon as they have fallen, so that only those still standing cost anything.
An attack sees the run alone, never the module.
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
        if self.norm == "linf":
            inside = proposal.clamp(x - self.eps, x + self.eps)
        else:
            inside = x + (proposal - x) * (self.eps / l2_norms(proposal - x)).clamp(max=1)
        return torch.where(inside.isnan(), x, inside).clamp(0, 1)


@dataclass(frozen=True)
class AdversarialExamples:
    """What an attack of size eps achieved: its best pictures (n, ...) and whether each deceives the module (n,)."""

    eps: float
    pictures: Tensor
    success: Tensor


class AttackRun:
    """One attack on one batch (n, ...), told only of the m examples that still stand and do not rest.

    x: (m, ...) the pictures as they were. current: (m, ...) the last proposal as it was judged. idle: (m,) for how many
    proposals the present path has not gained. rows: (m,) which examples these are. key: of its random numbers.
    start: (n, ...) where an attack might start, if somebody knows.
    """

    def __init__(self, module: nn.Module, x: Tensor, y: Tensor, attack: Attack, key: int, start: Tensor | None) -> None:
        self.key, self.start = key, start
        self._module, self._budget, self._targeted = module, Budget(attack.eps, attack.norm), attack.targeted
        self._whole, self._labels = x, y
        self.best, self.current = x.clone(), x
        self.loss = x.new_full((len(x),), -torch.inf)
        self.success = torch.zeros(len(x), dtype=torch.bool, device=x.device)
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
        """Let some (m,) sit out the rest of this path: they still stand, but are asked no more until `restart`."""
        self._keep(~tired)

    def query(self, proposal: Tensor) -> None:
        """Judge one picture (m, ...) for each example that stands, in one forward pass; some may then stand no more.

        A fallen example keeps the picture that it fell to, one that stands the picture with the highest loss.
        """
        if not len(self.rows):
            return
        at = self._budget.clip(proposal.detach(), self.x).requires_grad_()
        logits = self._module(at.clone())  # a clone, because a module may write into what it is given
        loss = log_odds(logits, self._labels[self.rows], self._targeted)
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
        """(m, ...) how the loss changes with each pixel of `current`, by one backward pass; ask once a proposal."""
        if not len(self.rows):
            return torch.zeros_like(self.current)
        loss, at = self._graph
        return torch.autograd.grad(loss.sum(), at)[0][self._kept]

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


def run_attack(
    attack: Attack, module: nn.Module, x: Tensor, y: Tensor, key: int, start: Tensor | None = None
) -> AdversarialExamples:
    """Run one attack under the rules; `module` is asked in eval mode and left as it was found.

    x: (n, ...) floats in [0, 1]. y: (n,) labels. start: (n, ...) pictures to start from, for attacks that take them.
    No example comes back worse (for the attacker) than untouched; one that falls untouched comes back untouched.
    Raises ValueError if a picture leaves [0, 1].
    """
    if not ((x >= 0) & (x <= 1)).all():
        raise ValueError(f"pictures: got values in [{x.min():g}, {x.max():g}], scale them to [0, 1]")
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


@contextmanager
def eval_mode(module: nn.Module) -> Iterator[None]:
    """The module in eval mode; afterwards every part is back in its own mode, whatever happened."""
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for part, training in modes:
            part.training = training
