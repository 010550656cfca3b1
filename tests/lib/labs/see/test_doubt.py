"""Thresholds, temperatures and shares, by known answers, and once with networks that have learned a little."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from lib import store
from lib.labs.see.doubt import CONTROLS, COSTS, DIGITS, KINDS, NONSENSE, SHOWN, USUAL, Doubt
from lib.labs.see.doubter import Doubter, Readers, entropy, judged, own, softmax, temperatures
from lib.programs.see.nearest import NearestReader


@cache
def small() -> Doubt:
    one = Doubter(0, networks=2, width=8, steps=60, count=10)
    assert sum(one.ask()) == pytest.approx(1)
    assert one.doubt is not None
    return one.doubt


def test_shares_are_shares_of_what_was_shown() -> None:
    doubt = small()
    shape = len(CONTROLS), len(KINDS), len(COSTS)
    assert doubt.answered.shape == doubt.low.shape == doubt.high.shape == shape
    assert doubt.wrong.shape == (len(CONTROLS), len(DIGITS), len(COSTS))
    assert ((doubt.low <= doubt.answered) & (doubt.answered <= doubt.high)).all()
    assert (doubt.wrong <= doubt.answered[:, : len(DIGITS)] + 1e-12).all()
    assert (np.diff(doubt.answered) <= 1e-12).all()  # who refuses more answers no more
    assert doubt.pictures.shape == doubt.nearest.shape == (len(KINDS), SHOWN, 64)
    assert doubt.nonsense("distance").shape == (len(COSTS),)


def test_a_threshold_refuses_the_right_answers_that_it_is_to_refuse() -> None:
    doubt = small()
    right = doubt.answered[:, 0] - doubt.wrong[:, 0]
    kept = right / doubt.right[:, None]
    assert np.abs(kept - (1 - np.array(COSTS))).max() < 0.02  # medians of two networks


def test_a_result_packs() -> None:
    blob = store.pack(small())
    assert store.pack(store.unpack(Doubt, blob)) == blob


def test_the_same_seed_finds_the_same() -> None:
    one = Doubter(0, networks=2, width=8, steps=60, count=10)
    list(one.ask())
    assert store.pack(one.doubt) == store.pack(small())


def test_temperatures_undo_what_logits_were_multiplied_by() -> None:
    rng = np.random.default_rng(0)
    honest = rng.normal(size=(1, 4000, 10)) * 2
    truth = np.array([rng.choice(10, p=row) for row in softmax(honest)[0]])
    fits = temperatures(np.concatenate([honest, 3 * honest, honest / 2]), truth)
    assert fits == pytest.approx([1, 3, 0.5], rel=0.1)


def test_who_agrees_does_not_disagree() -> None:
    assert entropy(np.full(10, 0.1)) == pytest.approx(np.log(10))
    readers = Readers(lambda x: np.stack([np.eye(10)[np.zeros(len(x), int)] * 9.0] * 2), np.ones(2), cards())
    scores, answers = readers.scores(np.zeros((3, 64)))
    assert scores[CONTROLS.index("disagreement")] == pytest.approx(np.zeros((1, 3)), abs=1e-9)
    assert [one.tolist() for one in answers[:3]] == [[[0, 0, 0]] * 2, [[0, 0, 0]] * 2, [[0, 0, 0]]]
    split = Readers(lambda x: np.stack([np.eye(10)[np.full(len(x), k)] * 50.0 for k in (1, 2)]), np.ones(2), cards())
    assert split.scores(np.zeros((1, 64)))[0][2] == pytest.approx(-np.log(2))


def cards() -> NearestReader:
    return NearestReader(np.stack([np.zeros(64), np.ones(64)]), np.array([0, 1]))


def test_a_network_that_reads_ink_is_judged_as_counted_by_hand() -> None:
    """It is surer of 1 the more ink there is, so a threshold on that lets full pages through."""

    def ink(pictures: np.ndarray) -> np.ndarray:
        logits = np.full((1, len(pictures), 10), -30.0)
        logits[0, :, 1] = 4 * pictures.reshape(len(pictures), 64).mean(1)
        logits[0, :, 0] = 0
        return logits

    digits = np.linspace(0.5, 1, 101)[:, None] * np.ones(64)
    shown: dict[str, Any] = {kind: [np.ones((SHOWN, 64))] for kind in KINDS} | {"noise": [np.zeros((SHOWN, 64))]}
    shown |= {kind: [digits] for kind in DIGITS}
    doubt = judged(Readers(ink, np.array([2.0]), cards()), shown, np.ones(101, int))
    assert doubt.right.tolist() == [1, 1, 1, 100 / 101]  # halfway between two cards is the first's
    for control in ("confidence", "temperature"):
        assert doubt.at(control, "letters") == 1
        assert doubt.at(control, "noise") == 0
    assert doubt.at("distance", "noise") == 1  # an empty page is a card
    assert doubt.at("confidence", "digits", USUAL) == pytest.approx(0.95, abs=0.01)
    assert doubt.nonsense("confidence")[COSTS.index(USUAL)] == pytest.approx(1 - 1 / len(NONSENSE))


def test_each_network_is_judged_on_what_was_made_for_it() -> None:
    made = [np.array([[1, 1], [2, 2]]), np.array([[3, 3], [4, 4]])]
    assert own(made).tolist() == [[1, 1], [4, 4]]
    assert own([one[:1] for one in made]).tolist() == [[1, 1, 3, 3]]
    assert own(made[:1]).tolist() == [[1, 1], [2, 2]]
