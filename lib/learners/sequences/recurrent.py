"""Networks that read a sequence step by step and keep a state: Elman's, the GRU and the LSTM, batched over seeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import embedding, pad
from torch.nn.init import orthogonal_

from lib.learners.dense import uniform

Cell = Literal["rnn", "gru", "lstm"]
GATES: dict[Cell, int] = {"rnn": 1, "gru": 3, "lstm": 4}


@dataclass(frozen=True)
class Recurrent:
    """(seeds, n, length) numbers below `alphabet` -> logits (seeds, n, length or 1, symbols).

    cell: "rnn" (Elman 1990, with tanh), "gru" (Cho et al. 2014, in the form of torch.nn.GRU) or "lstm" (Hochreiter,
    Schmidhuber 1997, with forget gates). both_ways: a second one reads from the end (Schuster, Paliwal 1997).
    single: one answer, at the last number, where a reader from the front has seen all of them. waits: it reads the
    whole row first, then as many blanks, at which it answers (as in Delétang et al. 2023, sec. 4).
    """

    cell: Cell
    alphabet: int
    symbols: int
    width: int = 64
    both_ways: bool = False
    single: bool = False
    waits: bool = False

    def weights(self, generator: torch.Generator) -> list[Tensor]:
        """What each number, or a blank, says to the gates (ways, signs, gates); the state; their bias; the way out.

        A row of the first is what an embedding of spread 1 says through torch.nn.RNN's first weights; smaller ones, or
        recurrent weights that do not keep lengths (Saxe et al. 2014), were measured: a plain RNN then learns no parity.
        """
        ways, blocks = 1 + self.both_ways, GATES[self.cell]
        gates = blocks * self.width
        turns = [orthogonal_(torch.empty(self.width, self.width), generator=generator) for _ in range(ways * blocks)]
        return [
            torch.randn((ways, self.alphabet + self.waits, gates), generator=generator) / 3**0.5,
            torch.stack(turns).view(ways, blocks, self.width, self.width).transpose(1, 2).flatten(2),
            uniform((ways, 1, gates), self.width, generator),
            uniform((ways * self.width, self.symbols), ways * self.width, generator),
            uniform((1, self.symbols), ways * self.width, generator),
        ]

    def __call__(self, weights: list[Tensor], x: Tensor) -> Tensor:
        says, repeats, bias, out, tilt = weights
        seeds, n, length = x.shape
        ways, signs = says.shape[1:3]
        if self.waits:
            x = pad(x, (0, length), value=self.alphabet)
        read = torch.stack([x, x.flip(2)][:ways], dim=1).flatten(0, 1)
        offset = torch.arange(seeds * ways)[:, None, None] * signs
        heard = embedding(read + offset, says.flatten(0, 2)).unbind(2)
        states = torch.stack(self._run(heard, repeats.flatten(0, 1), bias.flatten(0, 1)), dim=2)
        states = states.view(seeds, ways, n, -1, self.width)
        both = torch.cat([states[:, 0], *(way.flip(2) for way in states[:, 1:].unbind(1))], dim=-1)
        last = both[:, :, -1 if self.single else -length :]
        return torch.baddbmm(tilt, last.flatten(1, 2), out).unflatten(1, (n, -1))

    def _run(self, heard: tuple[Tensor, ...], repeats: Tensor, bias: Tensor) -> list[Tensor]:
        """The states after each of the steps, (ways, n, width) each."""
        state = memory = heard[0].new_zeros(*heard[0].shape[:2], self.width)
        states = []
        for step in heard:
            back = torch.baddbmm(bias, state, repeats)
            if self.cell == "rnn":
                state = torch.tanh(step + back)
            elif self.cell == "gru":
                state = gru(step, back, state)
            else:
                gates = step + back
                enter, keep, leave = torch.sigmoid(gates[..., : 3 * self.width]).chunk(3, -1)
                memory = torch.addcmul(keep * memory, enter, torch.tanh(gates[..., 3 * self.width :]))
                state = leave * torch.tanh(memory)
            states.append(state)
        return states


def gru(step: Tensor, back: Tensor, state: Tensor) -> Tensor:
    """The next state (..., width) of a GRU from what comes in and what the state says, (..., 3·width) each."""
    width = state.shape[-1]
    gates, fresh = step.split((2 * width, width), -1)
    kept, again = back.split((2 * width, width), -1)
    reset, keep = torch.sigmoid(gates + kept).chunk(2, -1)
    new = torch.tanh(torch.addcmul(fresh, reset, again))
    return torch.lerp(new, state, keep)
