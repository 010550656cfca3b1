"""A defence with a proof: what a network says of most of the noisy pictures around one, and how far that must hold."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lib.attacks.defences.squeezing import mean_answer
from lib.attacks.harness import eval_mode
from lib.attacks.minimal.search import MinimalAttack, as_rows, distances, nearest

ABSTAINED = -1
LONGER = (1.0, 1.02, 1.05, 1.1, 1.2, 1.5, 2.0, 3.0)  # how much further than where few draws are deceived many are asked


class Smoothed(nn.Module):
    """The mean answer of a module to a picture under `draws` fixed draws of Gaussian noise, to be attacked.

    The draws are the same for all pictures and calls, so that it is one module and its gradient that of an expectation:
    H. Salman et al., Provably Robust Deep Learning via Adversarially Trained Smoothed Classifiers (2019), section 2.2.
    """

    def __init__(self, module: nn.Module, sigma: float, draws: int = 16, key: int = 0) -> None:
        super().__init__()
        self.module, self.sigma, self.draws, self.key = module, sigma, draws, key

    def forward(self, x: Tensor) -> Tensor:
        rng = torch.Generator().manual_seed(self.key)
        noise = torch.randn((self.draws, 1, *x.shape[1:]), generator=rng).to(x)
        return mean_answer(self.module((x + self.sigma * noise).flatten(0, 1)).view(self.draws, len(x), -1))


@dataclass(frozen=True)
class Certificate:
    """What a smoothed classifier answers, (n,), ABSTAINED where it cannot tell, and within which radius, (n,).

    radius: within that L2 distance the answer of the smoothed classifier is the same for certain, up to the share alpha
    of certificates that are wrong by bad luck; 0 where it abstains. Within `radius / sqrt(d)` of any of d numbers too.
    """

    labels: Tensor
    radius: Tensor

    def stands(self, y: Tensor, eps: float) -> Tensor:
        """(n,) who is proven to be answered rightly, y (n,), within an L2 distance."""
        return (self.labels == y) & (self.radius >= eps)


@dataclass(frozen=True)
class Smoothing:
    """The answer of the majority: what a module says most often of a picture under Gaussian noise.

    sigma: of the noise, which the module should have learned with. first: draws that pick the class that is certified.
    draws: those that are counted then. alpha: how often a certificate, or a vote, may be wrong.
    Raises ValueError for settings that make no sense.
    Source: J. Cohen, E. Rosenfeld, Z. Kolter, Certified Adversarial Robustness via Randomized Smoothing (2019),
    theorem 1 and section 3.2.2: Certify and Predict.
    """

    sigma: float
    draws: int = 1000
    first: int = 100
    alpha: float = 0.001

    def __post_init__(self) -> None:
        if not 0 < self.sigma < float("inf"):
            raise ValueError(f"sigma: got {self.sigma}, choose a finite number above 0")
        for name in ("draws", "first"):
            if (got := getattr(self, name)) < 1:
                raise ValueError(f"{name}: got {got}, choose 1 or more")
        if not 0 < self.alpha < 1:
            raise ValueError(f"alpha: got {self.alpha}, choose a share between 0 and 1")

    def certify(self, module: nn.Module, x: Tensor, rng: torch.Generator) -> Certificate:
        """What is answered to pictures (n, ...), and how far around each that is proven. `first + draws` passes."""
        likely = self.votes(module, x, rng, self.first).argmax(1)
        count = self.votes(module, x, rng, self.draws).gather(1, likely[:, None])[:, 0]
        least = lower_bound(count, self.draws, self.alpha)
        sure = least > 0.5
        radius = self.sigma * torch.special.ndtri(least.clamp(0.5, 1.0))
        return Certificate(torch.where(sure, likely, ABSTAINED), torch.where(sure, radius, 0.0))

    def answer(self, module: nn.Module, x: Tensor, rng: torch.Generator) -> Tensor:
        """(n,) what the majority says of pictures (n, ...), ABSTAINED where that is not clear. `draws` passes."""
        most, label = self.votes(module, x, rng, self.draws).max(1)
        return torch.where(lower_bound(most, self.draws, self.alpha) > 0.5, label, ABSTAINED)

    @torch.no_grad()
    def votes(self, module: nn.Module, x: Tensor, rng: torch.Generator, draws: int) -> Tensor:
        """(n, classes) how many of the draws of noise say each class of pictures (n, ...)."""
        with eval_mode(module):
            told = [module(x + self.sigma * torch.randn(x.shape, generator=rng).to(x)) for _ in range(draws)]
        labels = torch.stack([logits.argmax(1) for logits in told], 1)
        return torch.zeros_like(told[0], dtype=torch.long).scatter_add_(1, labels, torch.ones_like(labels))

    def nearest(
        self, attack: MinimalAttack, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator, draws: int = 16
    ) -> Tensor:
        """(n,) how far the nearest picture is that deceives the majority, by the attack's norm; inf if none was found.

        The attack looks for it through the mean of few draws (Smoothed); what it finds is asked of all, and moved on
        along its push until they are deceived for certain.
        """
        found = nearest(attack, Smoothed(module, self.sigma, draws), x, y, rng)
        push, far = found.pictures - x, torch.full_like(found.distance, torch.inf)
        near = found.distance == 0  # deceived untouched, it seems
        for longer in LONGER:
            rows = (far.isinf() & found.distance.isfinite()).nonzero()[:, 0]
            if not len(rows):
                break
            at = (x[rows] + as_rows(torch.full_like(far[rows], longer), x).to(x.dtype) * push[rows]).clamp(0, 1)
            said = self.answer(module, at, rng)
            hit = (said != y[rows]) & (said != ABSTAINED)
            far[rows[hit]] = torch.where(near[rows], 0.0, distances(at - x[rows], attack.norm))[hit]
        return far


def lower_bound(count: Tensor, draws: int, alpha: float) -> Tensor:
    """(n,) the least chance, doubles, that explains `count` (n,) of so many draws, but for a share alpha of bad luck.

    Where P(count or more of draws) is alpha: C. Clopper, E. Pearson, The Use of Confidence or Fiducial Limits (1934).
    """
    known, back = count.double().unique(return_inverse=True)
    k = torch.arange(draws + 1, dtype=torch.float64)
    choose = torch.lgamma(k[-1] + 1) - torch.lgamma(k + 1) - torch.lgamma(k[-1] - k + 1)
    reached = k >= known[:, None]
    low, high = torch.zeros_like(known), torch.ones_like(known)
    for _ in range(50):
        p = (low + high)[:, None] / 2
        tail = (choose + k * p.log() + (k[-1] - k) * torch.log1p(-p)).where(reached, -torch.inf).logsumexp(1).exp()
        low, high = torch.where(tail <= alpha, p[:, 0], low), torch.where(tail <= alpha, high, p[:, 0])
    return torch.where(known > 0, low, 0.0)[back]
