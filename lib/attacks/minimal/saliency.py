"""The saliency map attack: as few numbers as possible, each to its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from lib.attacks.minimal.search import Search, check_norm, perturb

PAIRED = 256  # of so many of the most promising numbers each pair is looked at


@dataclass(frozen=True)
class JSMA:
    """Jacobian saliency map: the pair of numbers that helps the target most and the others least, full on; again.

    share: of all numbers, how many may be moved. brighter: towards 1, else towards 0. Untargeted, it aims at the
    likeliest other class, and so is weaker than with every class tried. The Jacobian is that of the logits.
    Settings else as in MinimalAttack, for l0. A forward and two backward passes for each pair that is moved.
    Source: N. Papernot et al., The Limitations of Deep Learning in Adversarial Settings (2016), algorithms 2 and 3.
    """

    norm: Literal["l0"] = "l0"
    targeted: bool = False
    share: float = 0.5
    brighter: bool = True

    def __post_init__(self) -> None:
        check_norm(self.norm, "l0")
        if not 0 < self.share <= 1:
            raise ValueError(f"share: got {self.share}, choose one above 0, at most 1")

    def __call__(self, module: nn.Module, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        return perturb(self, module, x, y, rng)

    def search(self, search: Search) -> None:
        end = 1.0 if self.brighter else 0.0
        aims = (
            search.labels if self.targeted else search.logits.scatter(1, search.labels[:, None], -torch.inf).argmax(1)
        )
        at, rows = search.x.clone(), torch.arange(len(search.x), device=search.x.device)
        for _ in range(int(self.share * search.x[0].numel() / 2)):
            answer = search.query(at[rows], rows)
            rows_left = ~answer.deceives
            aim = torch.zeros_like(answer.logits).scatter_(1, aims[rows, None], 1.0)
            help_, harm = (answer.gradient(weights).flatten(1) for weights in (aim, 1 - aim))
            sign = 1 if self.brighter else -1
            free = at[rows].flatten(1) != end
            pair, worth = best_pair(sign * help_, sign * harm, free)
            rows_left &= worth > 0
            rows, pair = rows[rows_left], pair[rows_left]
            if not len(rows):
                return
            moved = at[rows].flatten(1).scatter(1, pair, end)
            at[rows] = moved.view_as(at[rows])
        search.query(at[rows], rows, graph=False)


def best_pair(gain: Tensor, harm: Tensor, free: Tensor) -> tuple[Tensor, Tensor]:
    """The two numbers (m, 2) whose gains (m, d) are up and harms down together, most in their product, and that, (m,).

    free: (m, d) which may be moved. The worth is 0 or less where no pair is both.
    """
    count = min(PAIRED, gain.shape[1])
    promising = torch.where(free, gain - harm, -torch.inf).topk(count, 1).indices
    gain, harm, free = (told.gather(1, promising) for told in (gain, harm, free))
    up, down = gain[:, :, None] + gain[:, None], harm[:, :, None] + harm[:, None]
    allowed = free[:, :, None] & free[:, None] & ~torch.eye(count, dtype=torch.bool, device=gain.device)
    worth = torch.where(allowed & (up > 0) & (down < 0), -up * down, 0).flatten(1)
    most, at = worth.max(1)
    return promising.gather(1, torch.stack([at // count, at % count], 1)), most
