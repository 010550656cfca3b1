"""Networks that read rows: each against torch's own layers or by its own promise, all seeds apart from each other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from lib.core import DivergedError
from lib.learners.ensemble import Architecture
from lib.learners.sequences.lookup import NOTHING, Lookup
from lib.learners.sequences.pointer import Pointer, Ranks
from lib.learners.sequences.recurrent import Cell, Recurrent
from lib.learners.sequences.sequencer import FreshBatches, Padded, Sequencer, Shape, token_cross_entropy
from lib.learners.sequences.transformer import Transformer, turned
from lib.tasks.sort import SEQUENCES, Addition, Copy, Maximum, Parity, Reverse, Sequences, Sort

NETWORKS: tuple[Shape, ...] = ("mlp", "rnn", "gru", "lstm", "transformer", "pointer", "ranks")
QUICK = Sequencer("gru", width=8, steps=60, batch=16)
every_network = pytest.mark.parametrize("network", NETWORKS)
ROWS = torch.randint(10, (6, 7), generator=torch.Generator().manual_seed(1))


def fresh(net: Architecture, seeds: int = 1) -> list[Tensor]:
    drawn = [net.weights(torch.Generator().manual_seed(seed)) for seed in range(seeds)]
    return [torch.stack(same) for same in zip(*drawn, strict=True)]


def asked(net: Architecture, weights: list[Tensor], rows: Tensor = ROWS) -> Tensor:
    """Of one seed."""
    return net([weight[:1] for weight in weights], rows[None])[0]


def trained(learner: Sequencer, task: Sequences, seeds: int = 2, state: int = 0) -> Any:
    return list(learner.fit(task, seeds, np.random.default_rng(state)))[-1].network


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("both_ways", [False, True])
def test_a_recurrent_network_is_torchs_own(cell: Cell, both_ways: bool) -> None:
    net = Recurrent(cell, 10, 5, width=8, both_ways=both_ways)
    weights = fresh(net)
    says, repeats, bias, out, tilt = (weight[0] for weight in weights)
    theirs = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[cell](10, 8, batch_first=True, bidirectional=both_ways)
    # torch keeps an LSTM's memory gate third, we keep it last; a GRU's and an RNN's gates stand alike.
    order = torch.arange(says.shape[-1]).view(-1, 8)[[0, 1, 3, 2] if cell == "lstm" else slice(None)].flatten()
    with torch.no_grad():
        for way, end in enumerate(["", "_reverse"][: 1 + both_ways]):
            getattr(theirs, f"weight_ih_l0{end}").copy_(says[way].T[order])
            getattr(theirs, f"weight_hh_l0{end}").copy_(repeats[way].T[order])
            getattr(theirs, f"bias_ih_l0{end}").zero_()
            getattr(theirs, f"bias_hh_l0{end}").copy_(bias[way, 0][order])
        states, _ = theirs(nn.functional.one_hot(ROWS, 10).float())
        assert torch.allclose(asked(net, weights), states @ out + tilt, atol=1e-5)


def test_a_transformer_layer_is_torchs_own() -> None:
    net = Transformer(10, 5, 20, width=8, layers=1, heads=2)
    weights = fresh(net)
    numbers, places, ask, ask_tilt, tell, tell_tilt, widen, widen_tilt, narrow, narrow_tilt, out, tilt = (
        weight[0] for weight in weights
    )
    theirs = nn.TransformerEncoderLayer(8, 2, 32, dropout=0.0, batch_first=True, norm_first=True).eval()
    with torch.no_grad():
        theirs.self_attn.in_proj_weight.copy_(ask.T)
        theirs.self_attn.in_proj_bias.copy_(ask_tilt[0])
        for layer, matrix, plus in (
            (theirs.self_attn.out_proj, tell, tell_tilt),
            (theirs.linear1, widen, widen_tilt),
            (theirs.linear2, narrow, narrow_tilt),
        ):
            layer.weight.copy_(matrix.T)
            layer.bias.copy_(plus[0])
        stream = theirs(numbers[ROWS] + places[: ROWS.shape[1]])
        wanted = nn.functional.layer_norm(stream, (8,)) @ out + tilt
        assert torch.allclose(asked(net, weights), wanted, atol=1e-5)


def test_rotary_places_tell_distances_alone() -> None:
    vectors = torch.randn(2, 30, 8, generator=torch.Generator().manual_seed(0))
    query, key = turned(vectors[0, :1].expand(30, 8)), turned(vectors[1, :1].expand(30, 8))
    shares = query @ key.T
    assert torch.allclose(shares[0, 5], shares[20, 25], atol=1e-4)
    assert not torch.allclose(shares[0, 5], shares[0, 6], atol=1e-4)


def test_without_places_a_transformer_sees_a_set() -> None:
    net = Transformer(10, 5, 20, width=8, positions="none")
    weights, mixed = fresh(net), torch.randperm(7, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(asked(net, weights, ROWS[:, mixed]), asked(net, weights)[:, mixed], atol=1e-5)


def test_who_waits_has_heard_the_whole_row_before_the_first_answer() -> None:
    changed = ROWS.clone()
    changed[:, -1] = (changed[:, -1] + 1) % 10
    for waits in (False, True):
        net = Recurrent("gru", 10, 5, width=8, waits=waits)
        weights = fresh(net)
        first = asked(net, weights, changed)[:, 0], asked(net, weights)[:, 0]
        assert torch.equal(*first) != waits


def test_a_perceptron_answers_rows_of_every_length_at_their_places() -> None:
    net = Padded(10, 5, longest=9, width=8)
    weights = fresh(net)
    assert asked(net, weights, ROWS[:, :4]).shape == (6, 4, 5)
    assert asked(replace(net, single=True), fresh(replace(net, single=True))).shape == (6, 1, 5)


def test_what_a_pointer_says_are_shares_of_the_rows_own_numbers() -> None:
    net = Pointer(10, 10, width=8)
    shares = asked(net, fresh(net)).exp()
    assert torch.allclose(shares.sum(-1), torch.ones(6, 7), atol=1e-4)
    there = nn.functional.one_hot(ROWS, 10).amax(1)
    assert (shares * (1 - there)[:, None]).max() < 1e-4
    free = Pointer(100, 10, width=8, extractive=False)
    assert (asked(free, fresh(free), ROWS * 9).exp() > 1e-4).all()  # it may say what the row does not hold


def test_ranks_by_a_right_comparison_sort_rows_of_any_length() -> None:
    net = Ranks(10, 10, width=1)
    smaller = [
        torch.tensor([[[-1.0], [1.0]]]),
        torch.tensor([[[0.05]]]),
        torch.tensor([[[9.0]]]),
        torch.tensor([[[0.0]]]),
    ]
    for length in (2, 7, 90):
        rows = torch.as_tensor(np.random.default_rng(0).integers(10, size=(5, length)))
        assert torch.equal(asked(net, smaller, rows).argmax(-1), rows.sort(1).values)
        assert torch.equal(asked(replace(net, single=True), smaller, rows).argmax(-1)[:, 0], rows.max(1).values)


@every_network
@pytest.mark.parametrize("name", SEQUENCES)
def test_every_network_answers_every_task_in_its_form(network: Shape, name: str) -> None:
    task = SEQUENCES[name](numbers=5, longest=4)
    if network == "ranks" and not task.extractive:
        return
    net = trained(replace(QUICK, network=network, steps=25), task)
    for length in (2, 9):
        x = task.sample(length, 3, np.random.default_rng(0))
        told = net(x)
        assert told.shape == (2, 3, 1 if task.single else length)
        assert told.min() >= 0
        assert told.max() < task.symbols
    assert net.parameters > 0


@every_network
def test_a_seed_does_not_depend_on_how_many_there_are(network: Shape) -> None:
    task, learner = Sort(5, 4), replace(QUICK, network=network)
    two, three = (trained(learner, task, seeds) for seeds in (2, 3))
    for mine, theirs in zip(two.weights, three.weights, strict=True):
        assert torch.allclose(mine, theirs[:2], atol=1e-4)
    assert not torch.allclose(three.weights[0][0], three.weights[0][1])


@every_network
def test_same_settings_and_state_give_the_same_bits(network: Shape) -> None:
    task, learner = Sort(5, 4), replace(QUICK, network=network, steps=30)
    one, same, other = (trained(learner, task, state=state) for state in (0, 0, 1))
    assert all(map(torch.equal, one.weights, same.weights))
    assert not all(map(torch.equal, one.weights, other.weights))


def test_practice_is_of_one_length_a_batch_and_all_trained_lengths_come() -> None:
    task = Sort(5, 6)
    source = FreshBatches(task, 4, state=3)
    streams = [torch.Generator()] * 3
    seen = [(tuple(x.shape), x) for x, y in source.batches(0, 60, streams) if torch.equal(y, x.sort(2).values)]
    assert len(seen) == 60
    assert {shape for shape, _ in seen} == {(3, 4, length) for length in range(2, 7)}
    assert all(not torch.equal(x[0], x[1]) for shape, x in seen if shape[2] > 3)
    again = [x for x, _ in source.batches(30, 60, streams)]
    assert all(torch.equal(x, same) for (_, x), same in zip(seen[30:], again, strict=True))
    assert source.monitored[0].shape == (128, 6)


def test_the_loss_is_the_mean_over_numbers_of_each_seed() -> None:
    logits = torch.zeros(2, 3, 4, 5)
    logits[1, ..., 0] = 100.0
    y = torch.zeros(3, 4, dtype=torch.long)
    assert token_cross_entropy(logits, y).tolist() == pytest.approx([np.log(5), 0.0])


@pytest.mark.parametrize("learning_rate", [1e30])
def test_a_divergence_names_the_knob(learning_rate: float) -> None:
    with pytest.raises(DivergedError) as caught:
        trained(replace(QUICK, learning_rate=learning_rate), Sort(5, 4))
    assert caught.value.knob == "learning_rate"


def test_an_unknown_network_is_refused() -> None:
    with pytest.raises(ValueError, match="network: got 'oracle', choose one of mlp, rnn"):
        Sequencer("oracle")  # type: ignore[arg-type]


@pytest.mark.parametrize("task", [Maximum(5, 4), Copy(5, 4), Reverse(5, 4), Sort(5, 4)], ids=lambda task: task.name)
def test_comparing_pairs_is_learned_from_short_rows_for_long_ones(task: Sequences) -> None:
    net = trained(Sequencer("ranks", steps=400, learning_rate=0.01), task)
    x = task.sample(64, 20, np.random.default_rng(0))
    assert np.array_equal(net(x), np.stack([task.truth(x)] * 2))


def test_a_carry_is_learned_from_short_sums_for_long_ones() -> None:
    task = Addition(longest=4)
    net = trained(Sequencer("gru", steps=500, learning_rate=0.01), task)
    x = task.sample(64, 20, np.random.default_rng(0))
    assert task.misses(net(x)[0], task.truth(x)).mean() < 0.03


def test_looking_up_answers_what_it_has_seen_and_nothing_beyond() -> None:
    task = Sort(3, 3)
    net: Any = next(Lookup(6000).fit(task, 2, np.random.default_rng(0))).network
    for length in (2, 3):
        x = task.sample(length, 50, np.random.default_rng(1))
        assert np.array_equal(net(x), np.stack([task.truth(x)] * 2))
    x = task.sample(5, 10, np.random.default_rng(1))
    assert np.array_equal(net(x)[0, :, :3], task.truth(x[:, :3]))
    assert (net(x)[..., 3:] == NOTHING).all()
    bits = next(Lookup(100).fit(Parity(), 1, np.random.default_rng(0))).network(
        Parity().sample(30, 4, np.random.default_rng(0))
    )
    assert bits.shape == (1, 4, 1)
