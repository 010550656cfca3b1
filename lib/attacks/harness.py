"""The referee between an attack and what it attacks: an attack proposes pictures, everything else is decided here.

A *siege* is one attack on one batch. It clips each proposal to the budget, asks the module once, keeps the best picture
of each example, and sends examples home as soon as they have fallen, so that only those still standing cost anything.
An attack sees the siege alone, never the module.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol

import torch
from torch import Tensor, nn

from lib.attacks.sampling import key_from

Norm = Literal["linf", "l2"]


class Attack(Protocol):
    """Moves pictures a little, on purpose: x (n, ...) in [0, 1] and labels y (n,) -> pictures within the budget.

    A frozen dataclass; push proposes pictures to a siege, the call runs that under the rules (`attacked`).
    eps, norm: the budget, see Ball. targeted: y is what the module shall answer, not what it shall not.
    One picture with a label of no dimension comes back as one picture.
    """

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def eps(self) -> float: ...
    @property
    def norm(self) -> Norm: ...
    @property
    def targeted(self) -> bool: ...
    def push(self, siege: Siege) -> None: ...
    def __call__(self, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor: ...


@dataclass(frozen=True)
class Ball:
    """All pictures in [0, 1] within eps of another: no pixel moved further (linf), or no longer push in all (l2).

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
            inside = x + (proposal - x) * (self.eps / lengths(proposal - x)).clamp(max=1)
        return torch.where(inside.isnan(), x, inside).clamp(0, 1)


@dataclass(frozen=True)
class Outcome:
    """What an attack of size eps achieved: its best pictures (n, ...) and whether each deceives the module (n,)."""

    eps: float
    pictures: Tensor
    fallen: Tensor


class Siege:
    """One attack on one batch (n, ...), told only of the m examples that still stand and do not rest.

    x: (m, ...) the pictures as they were. at: (m, ...) the last proposal as it was judged. idle: (m,) for how many
    proposals the present path has not gained. rows: (m,) which examples these are. key: this siege's chance.
    hint: (n, ...) where an attack might start, if somebody knows.
    """

    def __init__(self, module: nn.Module, x: Tensor, y: Tensor, attack: Attack, key: int, hint: Tensor | None) -> None:
        self.key, self.hint = key, hint
        self._module, self._ball, self._targeted = module, Ball(attack.eps, attack.norm), attack.targeted
        self._whole, self._labels = x, y
        self.best, self.at = x.clone(), x
        self.gain = x.new_full((len(x),), -torch.inf)
        self.fallen = torch.zeros(len(x), dtype=torch.bool, device=x.device)
        self.gather()
        self._kept = self.rows

    @property
    def x(self) -> Tensor:
        return self._whole[self.rows]

    @property
    def idle(self) -> Tensor:
        return self._idle[self.rows]

    def gather(self) -> None:
        """Begin a new path with everybody who still stands; where some have rested, ask before the next slope."""
        self.rows = (~self.fallen).nonzero()[:, 0]
        self._peak, self._idle = torch.full_like(self.gain, -torch.inf), torch.zeros_like(self.gain)

    def rest(self, tired: Tensor) -> None:
        """Let some (m,) sit out the rest of this path: they still stand, but are asked no more until `gather`."""
        self._keep(~tired)

    def ask(self, proposal: Tensor) -> None:
        """Judge one picture (m, ...) for each example that stands, in one forward pass; some may then stand no more.

        A fallen example keeps the picture that it fell to, one that stands the picture with the most gain.
        """
        if not len(self.rows):
            return
        at = self._ball.clip(proposal.detach(), self.x).requires_grad_()
        logits = self._module(at.clone())  # a clone, because a module may write into what it is given
        gain = log_odds(logits, self._labels[self.rows], self._targeted)
        hit = (logits.argmax(1) == self._labels[self.rows]) == self._targeted
        hit &= ~gain.isnan()  # no answer is not a wrong answer
        better = hit | (gain > self.gain[self.rows])
        won = self.rows[better]
        self.best[won], self.gain[won], self.fallen[won] = at.detach()[better], gain.detach()[better], hit[better]
        self._idle[self.rows] = torch.where(gain.detach() > self._peak[self.rows], 0, self._idle[self.rows] + 1)
        self._peak[self.rows] = self._peak[self.rows].maximum(gain.detach())
        self.at, self._graph, self._kept = at.detach(), (gain, at), torch.arange(len(at), device=at.device)
        self._keep(~hit)

    def slope(self) -> Tensor:
        """(m, ...) how the gain changes with each pixel of `at`; one backward pass, to be asked for once a proposal."""
        if not len(self.rows):
            return torch.zeros_like(self.at)
        gain, at = self._graph
        return torch.autograd.grad(gain.sum(), at)[0][self._kept]

    def _keep(self, those: Tensor) -> None:
        self.rows, self.at, self._kept = self.rows[those], self.at[those], self._kept[those]


def log_odds(logits: Tensor, y: Tensor, targeted: bool) -> Tensor:
    """(n, classes), (n,) -> (n,) what an attack climbs: the log-odds against y, or for it if targeted.

    It rises and falls with the cross-entropy, log(1 + e^gain), and so points the same way, but never goes flat where a
    module is too sure for float32 (N. Carlini, D. Wagner, Towards Evaluating the Robustness of Neural Networks, 2017,
    section IX: vanishing gradients passed for a defence).
    """
    mine = torch.zeros_like(logits, dtype=torch.bool).scatter_(1, y[:, None], True)
    against = logits.masked_fill(mine, -torch.inf).logsumexp(1) - logits[mine]
    return -against if targeted else against


def besiege(attack: Attack, module: nn.Module, x: Tensor, y: Tensor, key: int, hint: Tensor | None = None) -> Outcome:
    """Run one attack under the rules; `module` is asked in eval mode and left as it was found.

    x: (n, ...) floats in [0, 1]. y: (n,) labels. hint: (n, ...) pictures to start from, for attacks that take hints.
    No example comes back worse (for the attacker) than untouched; one that falls untouched comes back untouched.
    Raises ValueError if a picture leaves [0, 1].
    """
    if not ((x >= 0) & (x <= 1)).all():
        raise ValueError(f"pictures: got values in [{x.min():g}, {x.max():g}], scale them to [0, 1]")
    with torch.inference_mode(False), torch.enable_grad(), examined(module):
        siege = Siege(module, x.detach(), y.long(), attack, key, hint)
        siege.ask(siege.x)
        if attack.eps > 0:
            attack.push(siege)
    return Outcome(attack.eps, siege.best, siege.fallen)


def attacked(attack: Attack, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
    """An attack's answer under the rules, for a batch (n, ...) with labels (n,) or for one picture with one label."""
    if y.ndim == 0:
        return attacked(attack, module, x[None], y[None], rng)[0]
    return besiege(attack, module, x, y, key_from(rng)).pictures


def lengths(push: Tensor) -> Tensor:
    """(n, ...) -> (n, 1, ...) the Euclidean length of each example, never 0."""
    flat = push.flatten(1).norm(dim=1).clamp(min=torch.finfo(push.dtype).tiny)
    return flat.view(-1, *[1] * (push.ndim - 1))


@contextmanager
def examined(module: nn.Module) -> Iterator[None]:
    """The module in eval mode; afterwards every part is back in its own mode, whatever happened."""
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for part, training in modes:
            part.training = training
