"""The referee between an attack and what it attacks: an attack proposes pictures, everything else is decided here.

A *run* is one attack on one batch. It clips each proposal to the budget, queries the module once, keeps the best
picture of each example, and drops examples as soon as they have fallen, so that only those still standing cost
anything. An attack sees the run alone, never the module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol

import torch
from torch import Tensor, nn

from lib.attacks.sampling import draw_key

Norm = Literal["linf", "l2"]
Objective = Callable[[Tensor, Tensor], Tensor]
"""Logits (m, classes) of the examples `rows` (m,) -> (m,), what a path climbs; each example's own."""

LARGE, SMALL = 2.0**50, 2.0**-20  # what is larger or smaller is scaled before it is squared or compared
SPREAD = 20.0  # of the logits that are climbed


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
        at = x.double()
        push = proposal.double() - at
        if self.norm == "linf":
            push = push.clamp(-self.eps, self.eps)
        else:
            push = push * (LARGE / sizes(push)).clamp(max=1)  # where its square is more than floats hold
            push = push * (self.eps * (1 - 2.0**-48) / l2_norms(push)).clamp(max=1)  # so much rounding adds to a length
        push = torch.where(push.isnan(), 0, push)
        told = (at + push).clamp(0, 1).to(x.dtype)
        over = (told.double() - at).abs() > push.abs()  # what rounding took out of the budget goes back to the picture
        return torch.where(over, torch.nextafter(told, x), told)


def at_least(attack: object, **least: int) -> None:
    """Raises ValueError if a setting of an attack is below its least value, or no number."""
    for name, value in least.items():
        if not (got := getattr(attack, name)) >= value:
            raise ValueError(f"{name}: got {got}, choose {value} or more")


def positive(attack: object, *names: str) -> None:
    """Raises ValueError if a setting is not a finite number above 0."""
    for name in names:
        if not 0 < (got := getattr(attack, name)) < float("inf"):
            raise ValueError(f"{name}: got {got}, choose a finite number above 0")


@dataclass(frozen=True)
class AdversarialExamples:
    """What an attack of size eps achieved: its best pictures (n, ...) and whether each deceives the module (n,).

    queries: (n,) how many pictures the module was shown for each, the untouched one included.
    """

    eps: float
    pictures: Tensor
    success: Tensor
    queries: Tensor


class AttackRun:
    """One attack on one batch (n, ...), told only of the m examples that still stand and were not dropped.

    rows: (m,) which examples these are. x: (m, ...) the pictures as they were. current: (m, ...) the last proposal as
    it was judged. value: (m,) the path's objective there. idle: (m,) for how many proposals the path has not gained.
    best, loss: (n, ...), (n,) the best picture of each so far, whoever found it, and its log-odds.
    labels, targeted: (n,) what the module shall not answer, or shall. likely: (n, classes) the classes as the module
    saw them in the untouched picture, the likeliest first. key: of the run's random numbers.
    """

    def __init__(self, module: nn.Module, x: Tensor, y: Tensor, attack: Attack, key: int, start: Tensor | None) -> None:
        self.key, self.labels, self.targeted = key, y, attack.targeted
        self._module, self._budget, self._whole, self._start = module, Budget(attack.eps, attack.norm), x, start
        self.best, self.loss = x.clone(), widened(x.new_full((len(x),), -torch.inf))
        self.success = torch.zeros_like(self.loss, dtype=torch.bool)
        self.queries = torch.zeros_like(self.loss, dtype=torch.long)
        self.likely, self.current, self._value = y[:, None], x, self.loss
        self._scale: Tensor | None = None
        self.rows = self._kept = self.loss.new_zeros(0, dtype=torch.long)  # nobody was asked yet
        self.restart()
        self.query(x)
        self._untouched = True

    @property
    def x(self) -> Tensor:
        return self._whole[self.rows]

    @property
    def value(self) -> Tensor:
        return self._value.detach()[self._kept]

    @property
    def idle(self) -> Tensor:
        return self._idle[self.rows]

    def restart(self, objective: Objective | None = None) -> None:
        """Begin a new path with everybody who still stands: here, or, if some were dropped, where `query` or `back` go.

        objective: what the path climbs instead of the log-odds.
        """
        self.rows = (~self.success).nonzero()[:, 0]
        self._objective = objective
        self._peak, self._idle = torch.full_like(self.loss, -torch.inf), torch.zeros_like(self.loss)
        if 0 < len(self.rows) == len(self._kept):
            self._climb()

    def back(self) -> None:
        """Begin at the untouched pictures: a query, unless the module has just answered that."""
        if not self._untouched:
            self.query(self.x)

    def leave(self) -> None:
        """Let go of what was asked: an objective may be the run's own, and a circle would keep the graph for long."""
        self._objective, self._logits, self._value = None, self.loss, self.loss

    def cross_entropy(self, logits: Tensor, rows: Tensor) -> Tensor:
        """An objective: what papers climb, without its plateau. It hangs on the scale of the logits, as theirs does."""
        return log_odds(logits * self._plain[rows], self.labels[rows], self.targeted)

    def drop(self, tired: Tensor) -> None:
        """Drop some (m,) from this path: they still stand, but are queried no more until the next begins."""
        self._keep(~tired)

    def query(self, proposal: Tensor) -> None:
        """Judge one picture (m, ...) for each example that stands, in one forward pass; some may then stand no more.

        A fallen example keeps the picture that it fell to, one that stands the picture with the highest log-odds.
        Raises ValueError for logits that are none, and at the first query if these or the labels cannot be judged.
        """
        self._keep(~self._go(proposal, self._judge))

    def rehearse(self, proposal: Tensor) -> Tensor:
        """Ask about pictures (m, ...) without being judged: nobody falls. (m,) whom they would deceive."""
        return self._go(proposal, self._ask)

    def look(self) -> None:
        """Judge what the run was given to start from, if anything, and stay where the path is: a forward pass, once."""
        if self._start is not None and len(self.rows):
            with torch.no_grad():
                hit = self._judge(self._start[self.rows])[-1]
            self._start = None
            if len(self.rows) == len(self._kept):
                self._keep(~hit)
            else:  # some come back who were dropped from another path: the next query says where they are
                self.rows = self.rows[~hit]

    def gradient(self) -> Tensor:
        """(m, ...) how the objective changes with each pixel of `current`, by one backward pass; ask once a query.

        Raises ValueError if the module's logits do not follow from its input by what torch can differentiate.
        """
        self._untouched = False
        if not len(self.rows):
            return torch.zeros_like(self.current)
        known = self._value.requires_grad
        slopes = torch.autograd.grad(self._value.sum(), self._at, allow_unused=True)[0] if known else None
        if slopes is None:
            raise ValueError("gradient: got logits that do not follow from the pictures; attack a surrogate that does")
        return slopes[self._kept]

    def _go(self, proposal: Tensor, ask: Callable[[Tensor], tuple[Tensor, Tensor, Tensor]]) -> Tensor:
        self._untouched = False
        if not len(self.rows):
            return self.success[:0]
        self._logits = self._value = self.loss  # two graphs at once would be twice the memory
        self._asked, self._kept = self.rows, torch.arange(len(self.rows), device=self.rows.device)
        self._logits, self._at, hit = ask(proposal)
        self.current = self._at.detach()
        self._climb()
        return hit

    def _judge(self, proposal: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Ask about a proposal (m, ...), and keep it where it deceives the module or is better than the best so far."""
        logits, at, hit = self._ask(proposal)
        loss = self._log_odds(logits.detach(), self.rows).to(self.loss.dtype)
        better = hit | (loss > self.loss[self.rows])
        won = self.rows[better]
        self.best[won], self.loss[won], self.success[won] = at.detach()[better], loss[better], hit[better]
        return logits, at, hit

    def _ask(self, proposal: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What the module answers to pictures (m, ...), made comparable; these as allowed; which of them deceive it."""
        at = self._budget.clip(proposal.detach(), self.x).requires_grad_()
        logits = checked(self._module(at.clone()), at)  # a clone, because a module may write into what it is given
        if self._scale is None:  # all pictures as they were
            check_answers(logits, self.labels)
            self._scale, self.likely = loss_scale(logits), logits.detach().argsort(1, descending=True)
            self._plain = within_floats(logits) / self._scale
        self.queries[self.rows] += 1
        hit = (logits.argmax(1) == self.labels[self.rows]) == self.targeted
        hit &= ~logits.isnan().any(1)  # no answer is not a wrong answer
        return logits * self._scale[self.rows], at, hit

    def _climb(self) -> None:
        """See how high the objective is at the last answers, and whether the path has gained."""
        objective = self._objective or self._log_odds
        self._value = objective(self._logits, self._asked)
        value, rows = self.value, self.rows
        self._idle[rows] = torch.where(value > self._peak[rows], 0, self._idle[rows] + 1)
        self._peak[rows] = torch.fmax(self._peak[rows], value.to(self.loss.dtype))

    def _log_odds(self, logits: Tensor, rows: Tensor) -> Tensor:
        return log_odds(logits, self.labels[rows], self.targeted)

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
        got = type(logits).__name__
        raise ValueError(f"logits: got {got}, give a tensor (pictures, classes); wrap the module in one that picks it")
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
    """What an example's logits (n, classes) are multiplied by, (n, 1), so that untouched they spread by SPREAD."""
    spread = spreads(logits)
    scale = SPREAD / torch.where(spread > 0, spread, SPREAD)
    return scale.clamp(2.0**-120, 2.0**120).to(logits.dtype)


def within_floats(logits: Tensor) -> Tensor:
    """A power of two for each example, (n, 1), that brings logits (n, classes) to a size that floats hold; mostly 1.

    Times 1e20, the gradient's square is beyond float32; times 1e-20, the log-odds do not change by one bit.
    """
    spread = spreads(logits)
    ordinary = (spread == 0) | ((spread >= SMALL) & (spread <= LARGE))
    power = torch.frexp(torch.where(ordinary, 1.0, spread)).exponent.clamp(-120, 120)  # float32 ends at 2^127
    return torch.where(ordinary, 1.0, torch.exp2(-power.double())).to(logits.dtype)


def spreads(logits: Tensor) -> Tensor:
    """How far the logits (n, classes) of each example are apart, (n, 1), doubles; what is not finite does not count."""
    told = logits.detach().double()
    known = told.isfinite()
    return (told.where(known, -torch.inf).amax(1) - told.where(known, torch.inf).amin(1))[:, None]


def run_attack(
    attack: Attack, module: nn.Module, x: Tensor, y: Tensor, key: int, start: Tensor | None = None
) -> AdversarialExamples:
    """Run one attack under the rules; `module` is queried in eval mode and left as it was found.

    x: (n, ...) floats in [0, 1], in the module's own dtype.
    y: (n,) labels. start: (n, ...) pictures to start from, for attacks that take them.
    No example comes back worse (for the attacker) than untouched; one that falls untouched comes back untouched.
    Raises ValueError if a picture leaves [0, 1], or module, pictures, labels and logits do not fit each other.
    """
    with judged(attack, module, x, y, key, start) as run:
        if attack.eps > 0:
            attack.push(run)
    return AdversarialExamples(attack.eps, run.best, run.success, run.queries)


@contextmanager
def judged(
    attack: Attack, module: nn.Module, x: Tensor, y: Tensor, key: int, start: Tensor | None = None
) -> Iterator[AttackRun]:
    """A run at its beginning, as run_attack does it, for whoever has more to ask of it than pictures."""
    check_question(module, x, y)
    with torch.inference_mode(False), torch.enable_grad(), eval_mode(module):
        run = AttackRun(module, x.detach(), y.long().to(x.device), attack, key, start)
        yield run
        run.leave()


def perturb(attack: Attack, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
    """An attack's answer under the rules, for a batch (n, ...) with labels (n,) or for one picture with one label."""
    if isinstance(x, Tensor) and isinstance(y, Tensor) and y.ndim == 0:
        return perturb(attack, module, x[None], y[None], rng)[0]
    return run_attack(attack, module, x, y, draw_key(rng)).pictures


def check_question(module: object, x: object, y: object) -> None:
    """Raises ValueError for what is no module, no pictures (n, ...) in [0, 1] or no labels (n,)."""
    if not isinstance(module, nn.Module):
        raise ValueError(f"module: got {type(module).__name__}, give a torch.nn.Module that calls it in forward")
    for name, got in (("pictures", x), ("labels", y)):
        if not isinstance(got, Tensor):
            raise ValueError(f"{name}: got {type(got).__name__}, give a torch tensor (torch.as_tensor makes one)")
    assert isinstance(x, Tensor)
    assert isinstance(y, Tensor)
    if not x.is_floating_point():
        raise ValueError(f"pictures: got {x.dtype}, give floats in [0, 1] (bytes: x / 255)")
    if x.ndim < 2:
        raise ValueError(f"pictures: got {tuple(x.shape)}, give (pictures, ...), one alone as x[None] with y[None]")
    if not ((x >= 0) & (x <= 1)).all():
        least, most = x.min().item(), x.max().item()
        raise ValueError(f"pictures: got values from {least!r} to {most!r}, scale or clamp them to [0, 1]")
    if y.ndim != 1 or len(y) != len(x) or y.is_complex() or not (y == y.long()).all():
        got = f"{tuple(y.shape)} of {y.dtype}"
        raise ValueError(f"labels: got {got}, give a whole number for each of {len(x)} pictures (one-hot: argmax(1))")


def pictures_only(x: Tensor) -> None:
    """Raises ValueError for anything but pictures (n, channels, height, width)."""
    if x.ndim != 4:
        raise ValueError(f"pictures: got {tuple(x.shape)}, give (pictures, channels, height, width)")


def l2_norms(push: Tensor) -> Tensor:
    """(n, ...) -> (n, 1, ...) the Euclidean length of each example, never 0."""
    flat = push.flatten(1).norm(dim=1).clamp(min=torch.finfo(push.dtype).tiny)
    return flat.view(-1, *[1] * (push.ndim - 1))


def l1_norms(push: Tensor) -> Tensor:
    """(n, ...) -> (n, 1, ...) the sum of all pixels' sizes of each example, never 0."""
    flat = push.flatten(1).abs().sum(1).clamp(min=torch.finfo(push.dtype).tiny)
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
