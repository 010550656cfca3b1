"""Networks whose answer is a choice among the numbers of the question: a pointer network, and ranks by comparison."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from lib.learners.dense import uniform
from lib.learners.sequences.recurrent import Recurrent, gru

READER = 5  # tensors of the reader
NEVER = 1e-6  # the least share of a symbol, so that its logarithm is a number


@dataclass(frozen=True)
class Pointer:
    """(seeds, n, length) numbers below `alphabet` -> log-shares (seeds, n, length or 1, symbols).

    A pointer network (Vinyals, Fortunato, Jaitly 2015, sec. 2.3): a GRU reads the question both ways; a second one
    writes the answer, and at each step its state says how much it points at each place. What it pointed at is its next
    input, whether right or not, so that it learns under the conditions of the exam. Where the answer is not made of
    the question's own numbers (`extractive` is False) it may also point at the symbols themselves.
    """

    alphabet: int
    symbols: int
    width: int = 64
    single: bool = False
    extractive: bool = True

    @property
    def reader(self) -> Recurrent:
        """What reads: its outputs are what is pointed at."""
        return Recurrent("gru", self.alphabet, self.width, self.width, both_ways=True)

    def weights(self, generator: torch.Generator) -> list[Tensor]:
        """The reader's; the writer's input, state and bias, first state; how it asks; the symbols to point at."""
        w, gates = self.width, 3 * self.width
        shapes = [(w, gates), (w, gates), (1, gates), (1, w), (w, w), *([] if self.extractive else [(self.symbols, w)])]
        return [*self.reader.weights(generator), *(uniform(shape, w, generator) for shape in shapes)]

    def __call__(self, weights: list[Tensor], x: Tensor) -> Tensor:
        hear, repeat, bias, state, ask, *own = weights[READER:]
        seeds, n, length = x.shape
        memory = self.reader(weights[:READER], x)
        told = one_hot(x, max(self.alphabet, self.symbols))[..., : self.symbols].float()
        for symbols in own:
            memory = torch.cat([symbols[:, None].expand(seeds, n, -1, -1), memory], dim=2)
            told = torch.cat([torch.eye(self.symbols).expand(seeds, n, -1, -1), torch.zeros_like(told)], dim=2)
        state = state.expand(seeds, n, -1)
        given = memory.mean(2)
        answers = []
        for _ in range(1 if self.single else length):
            state = gru(torch.bmm(given, hear), torch.baddbmm(bias, state, repeat), state)
            query = torch.bmm(state, ask)
            shares = (memory @ query[..., None])[..., 0].softmax(-1)
            given = (shares[..., None, :] @ memory)[..., 0, :]
            answers.append((shares[..., None, :] @ told)[..., 0, :])
        return (torch.stack(answers, dim=2) + NEVER).log()


@dataclass(frozen=True)
class Ranks:
    """(seeds, n, length) numbers -> logits (seeds, n, length or 1, symbols): all by comparing.

    A small network says of two numbers, knowing which of them came first, which belongs in front; how many belong in
    front of a number is its place in the answer. The wiring is given, as in a sorting network, and so is what a number
    is: its size between 0 and 1. Comparing is hard (yes or no), its gradient that of a soft surrogate
    (straight-through, Bengio et al. 2013). single: the number that comes last.
    """

    alphabet: int
    symbols: int
    width: int = 32
    single: bool = False

    def weights(self, generator: torch.Generator) -> list[Tensor]:
        """From two sizes to hidden units, to one number."""
        w = self.width
        return [uniform(shape, shape[0], generator) for shape in ((2, w), (1, w), (w, 1), (1, 1))]

    def __call__(self, weights: list[Tensor], x: Tensor) -> Tensor:
        length = x.shape[2]
        front = self.compared(weights, x).triu(1)  # i is left of j and belongs in front of it
        behind = torch.ones(length, length).triu(1) - front  # i is left of j and belongs behind it
        rank = front.sum(-2) + behind.sum(-1)
        places = torch.arange(length)[-1:] if self.single else torch.arange(length)
        shares = (-(rank[..., None, :] - places[:, None]).square()).softmax(-1)
        return (shares @ one_hot(x, self.symbols).float() + NEVER).log()

    def compared(self, weights: list[Tensor], x: Tensor) -> Tensor:
        """(seeds, n, length, length): 1 if number i, standing left of number j, belongs in front of it, else 0."""
        enter, hidden_bias, out, out_bias = weights
        sizes = torch.cartesian_prod(*[torch.linspace(0, 1, self.alphabet)] * 2).expand(len(enter), -1, -1)
        soft = torch.sigmoid(torch.baddbmm(out_bias, torch.baddbmm(hidden_bias, sizes, enter).relu(), out))
        hard = soft + ((soft > 0.5).float() - soft).detach()
        pairs = x[..., :, None] * self.alphabet + x[..., None, :]
        return hard.flatten()[pairs + torch.arange(len(x))[:, None, None, None] * self.alphabet**2]
