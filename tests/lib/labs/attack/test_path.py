"""One attack on one digit: its pictures, what is read in them, and who is told nothing of whose digit it is."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch

from lib import core, kept, store
from lib.compare import training_rng
from lib.core import DivergedError
from lib.labs.attack.lab import Attack
from lib.labs.attack.path import AttackPath, Traced
from lib.labs.attack.reader import NETWORKS, Reader, first_read
from lib.labs.attack.tracer import nearer, random_changes
from lib.labs.attack.tracing import ANY, ATTACKS, BUDGETED, NEAREST, Path
from lib.programs.digit_reader import DigitReader
from lib.tasks.bitmap import Scan
from lib.tasks.digits import Digits

SMALL = Reader(network="mlp", width=8, examples=200, steps=150)
FOUR = Scan(np.rint(16 * Digits().pictures(Digits().test)[4, 0]).astype(np.uint8).tobytes())


@cache
def last(asked: AttackPath) -> Traced:
    return list(asked.run())[-1]


def path_of(**how: object) -> Path:
    told = last(AttackPath(SMALL, **how)).path  # type: ignore[arg-type]
    assert told
    return told


def network() -> torch.nn.Module:
    return list(SMALL.taught(Digits()))[-1][1]


@pytest.mark.parametrize("norm", ["linf", "l2"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_every_attack_is_told_from_the_untouched_picture_to_what_deceives(attack: str, norm: str) -> None:
    eps = 0.3 if norm == "linf" else 2.0
    told = path_of(attack=attack, norm=norm, eps=eps)
    t = len(told.frames)
    assert told.sure.shape == told.fits.shape == (t, 10)
    assert told.loss.shape == told.goes.shape == (t,)
    assert told.goes[0]
    assert 0 <= told.frames.min() <= told.frames.max() <= 1
    assert told.sure[0].argmax() == told.label == 7
    assert told.found > 0
    assert told.sure[told.found].argmax() != told.label
    change = told.frames - told.frames[0]
    far = np.abs(change).max((1, 2)) if norm == "linf" and attack != "ddn" else np.linalg.norm(change, axis=(1, 2))
    assert far[told.found] == pytest.approx(told.size, abs=1e-6)
    if attack in BUDGETED:
        assert far.max() <= eps + 1e-6
        assert told.radius == eps
    else:
        assert told.radius == told.size
        assert (far[(told.sure.argmax(1) != told.label)] >= told.size - 1e-4).all()  # nothing nearer was passed over


def test_what_is_told_of_each_picture_is_what_the_readers_say() -> None:
    told = path_of(attack="ddn")
    with torch.no_grad():
        sure = network()(torch.tensor(told.frames[:, None])).softmax(1).numpy()
    assert told.sure == pytest.approx(sure, abs=1e-5)
    assert told.loss == pytest.approx(-np.log(sure[:, told.label]), abs=1e-3)
    assert told.fits == pytest.approx(DigitReader().scores(told.frames), abs=1e-5)
    plane = told.planes[0]
    left, right, _, top = plane.window
    picture = told.frames[0] + (left + (right - left) * 50 / 63) * plane.ways[0] + top * plane.ways[1]
    picture = picture.clip(0, 1)
    with torch.no_grad():
        assert network()(torch.tensor(picture[None, None], dtype=torch.float32)).argmax() == plane.reads[0, 50]


def test_the_found_picture_lies_in_every_plane_and_the_untouched_at_its_origin() -> None:
    told = path_of(attack="bim", eps=0.3)
    assert [one.across for one in told.planes] == ["random", "bend"]
    assert [one.across for one in path_of(attack="fgsm", eps=0.3).planes] == ["random", "slope"]
    for plane in told.planes:
        assert plane.spots[0] == pytest.approx([0, 0], abs=1e-6)
        assert plane.away[told.found] == pytest.approx(0, abs=1e-5)
        assert 0 < plane.share <= 1 + 1e-6
    assert told.planes[1].share > told.planes[0].share  # a direction that was chosen for it holds more than any


def test_a_target_is_gone_to_and_one_that_is_read_already_is_a_path_of_nothing() -> None:
    told = path_of(attack="deepfool", norm="l2", target=3)
    assert told.sure[told.found].argmax() == 3
    still = path_of(target=7)
    assert (len(still.frames), still.found, still.size) == (1, 0, 0.0)
    nothing = path_of(eps=0.0)
    assert (len(nothing.frames), nothing.found) == (1, -1)


def test_random_changes_of_the_same_size_hardly_deceive() -> None:
    told = path_of(attack="deepfool", norm="l2")
    assert told.noise < 0.1
    noise = random_changes(np.full((8, 8), 0.5), 0.1, "l2", np.random.default_rng(0))
    assert np.linalg.norm(noise - 0.5, axis=(1, 2)) == pytest.approx(0.1)
    noise = random_changes(np.full((8, 8), 0.5), 0.1, "linf", np.random.default_rng(0))
    assert np.abs(noise - 0.5) == pytest.approx(0.1)


def test_of_questions_those_count_that_came_nearer() -> None:
    sizes, deceives = np.array([0, 9.0, 3, 5, 2, 2, 1]), np.array([False, True, True, True, True, True, False])
    assert nearer(sizes, deceives).tolist() == [True, True, True, False, True, False, False]


def test_a_digit_of_the_visitors_own_is_private_and_led_away_from_what_is_read_in_it() -> None:
    asked = AttackPath(SMALL, photo=FOUR)
    assert core.private(asked)
    assert not core.private(AttackPath())
    told = last(asked).path
    assert told
    assert (told.frames[0] == FOUR.picture).all()
    assert told.label == told.sure[0].argmax()
    assert "picture" not in repr(asked)
    assert AttackPath(SMALL, photo=FOUR, digit=3, shift=2) == asked  # they say nothing then
    assert repr(AttackPath(SMALL, photo=Scan(bytes(63) + b"\x01"))) != repr(asked)


def test_what_says_nothing_is_at_its_default() -> None:
    assert AttackPath(attack="ddn", eps=0.3) == AttackPath(attack="ddn", norm="l2")
    for attack in NEAREST:
        assert AttackPath(attack=attack, norm="l2", eps=2.0) == AttackPath(attack=attack, norm="l2")
    assert AttackPath(attack="bim", eps=0.3) != AttackPath(attack="bim")
    for wrong in ({"attack": "cw"}, {"target": 11}, {"digit": 10}, {"eps": -0.1}, {"norm": "l1"}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            AttackPath(**wrong)  # type: ignore[arg-type]


def test_the_network_is_the_labs_first_and_a_worker_teaches_it_once() -> None:
    kept.forget()
    lab = Attack(network="mlp", width=8, examples=200, steps=150, seeds=2)
    assert lab.reader == SMALL
    shares = [share for share, _ in SMALL.taught(Digits())]
    assert len(shares) > 5
    assert shares == sorted(shares)
    again = list(SMALL.taught(Digits(shift=1)))
    assert [share for share, _ in again] == [1.0]
    ensemble = None
    for snapshot in lab.reader.learner(Digits()).fit(Digits(), 2, training_rng(0)):
        ensemble = snapshot.network
    assert ensemble
    x = torch.tensor(Digits().pictures(Digits().test[:50]))
    with torch.no_grad():
        assert torch.allclose(ensemble.module(0)(x), again[0][1](x), atol=1e-4)
    for seed in range(1, NETWORKS + 1):
        list(replace(SMALL, steps=50, examples=50, seed=seed).taught(Digits()))
    assert len([share for share, _ in SMALL.taught(Digits())]) > 5  # others were asked about since
    kept.forget()


def test_a_network_that_diverges_says_so() -> None:
    with pytest.raises(DivergedError):
        list(AttackPath(replace(SMALL, learning_rate=1e6)).run())


def test_the_first_digit_of_each_kind_that_is_read() -> None:
    labels = np.array([0, 1, 1, 0])
    assert first_read(np.array([1, 0, 1, 0]), labels)[:3] == [3, 2, 0]


def test_a_result_packs_and_progress_ascends_to_one() -> None:
    results = list(AttackPath(SMALL, attack="fgsm").run())
    told = [one.progress for one in results]
    assert told == sorted(told)
    assert told[-1] == 1.0
    back = store.unpack(Traced, store.pack(results[-1]))
    assert back.verdict.recipe == repr(AttackPath(SMALL, attack="fgsm"))
    assert back.path
    assert back.path.planes[0].window == results[-1].path.planes[0].window  # type: ignore[union-attr]


def test_the_default_ships() -> None:
    found = store.find(AttackPath())
    assert found
    assert found[1]
    assert found[0].path.target == ANY
    assert found[0].path.found > 0
