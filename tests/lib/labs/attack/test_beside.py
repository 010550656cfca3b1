"""Runs beside Attack's own: every family, every reader and every defence, at settings that take a second."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from lib import store
from lib.labs.attack import defences, nets, survey, transfer
from lib.labs.attack.defences import AttackDefences
from lib.labs.attack.lab import Attack
from lib.labs.attack.survey import AttackSurvey
from lib.labs.attack.transfer import MADE, NETWORKS, READERS, AttackTransfer
from lib.tasks import digits


def hurried(kind: str, task: Any, seed: int, defence: str = "plain") -> Iterator[Any]:
    """Networks that learn for a moment."""
    from lib.learners.pictures import classifier

    short: Any = classifier.Classifier

    def make(network: str, **told: Any) -> Any:
        return short(network, **told | {"steps": 60, "width": 16, "examples": 300, "learning_rate": 0.02})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(classifier, "Classifier", make)
        yield from nets.taught(kind, task, seed, defence)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (survey, transfer, defences):
        monkeypatch.setattr(module, "taught", hurried)
    for module in (nets, survey, transfer, defences):
        monkeypatch.setattr(module, "SEEDS", 2)
    for module, name, value in (
        *((survey, name, value) for name, value in {"SOME": 12, "FEW": 6, "DRAWS": 3, "HOPS": (30,)}.items()),
        *((defences, name, value) for name, value in {"SOME": 12, "SMOOTH": 6, "DRAWS": 200, "CHECKED": 50}.items()),
        (digits, "RADII", {"linf": (0.0, 0.05, 0.15, 0.3), "l2": (0.0, 0.4, 1.0, 3.0)}),
    ):
        monkeypatch.setattr(module, name, value)


def ran(lab: Any) -> Any:
    """The last result of a run; each is complete, none goes back, and each can be stored."""
    told = [*lab.run()]
    assert all(one.progress <= other.progress + 1e-9 for one, other in pairwise(told))
    assert told[-1].progress == 1.0
    assert all(one.progress < 1 for one in told[:-1])
    kept = store.unpack(lab.result, store.pack(told[-1]))
    assert kept.verdict == told[-1].verdict
    assert kept.verdict.recipe == repr(lab)
    assert store.pack(store.unpack(lab.result, store.pack(told[0]))) == store.pack(told[0])
    return told[-1]


def errors(found: Any, name: str) -> np.ndarray:
    return np.array([point.error for point in found.verdict.named(name).curve])


@pytest.mark.usefixtures("quick")
def test_a_survey_asks_every_family_and_together_they_are_as_strong_as_each() -> None:
    found = ran(AttackSurvey("linear"))
    names = {one.name for one in found.verdict.answerers}
    assert names == {"noise", "many_steps", "one_step", "black_box", "nearest", "together"}
    for name in names - {"noise", "together"}:
        assert (errors(found, "together") >= errors(found, name) - 1e-9).all()
        assert (np.diff(errors(found, name)) >= -1e-9).all()
    assert errors(found, "noise")[-1] < errors(found, "together")[-1]
    radii = np.array([point.at for point in found.verdict.named("nearest").curve])
    shares = [np.median((found.distances <= eps).mean(1)) for eps in radii]
    assert errors(found, "nearest") == pytest.approx(shares)
    assert found.distances.shape == (nets.SEEDS, found.pictures)
    # more questions never fell less
    assert found.asked.shape == (len(survey.BLACK_BOXES), len(survey.QUERIES))
    for row in found.asked:
        known = row[~np.isnan(row)]
        assert (np.diff(known) >= -1e-9).all()
        assert 0 <= known[0] <= known[-1] <= 1


@pytest.mark.usefixtures("quick")
def test_squeezing_blinds_the_steps_and_neither_who_asks_nor_who_goes_through() -> None:
    found = ran(AttackSurvey("mlp", defence="squeezing"))
    blind = errors(found, "many_steps")
    assert (blind == blind[0]).all()
    assert errors(found, "through")[-1] > blind[-1] + 0.3
    assert errors(found, "black_box")[-1] > blind[-1] + 0.3
    assert errors(found, "nearest")[-1] > blind[-1] + 0.3  # so that the distances are those of the network
    for one in found.verdict.answerers:  # together they see what each has found
        assert (errors(found, "together") >= errors(found, one.name) - 1e-9).all()


@pytest.mark.usefixtures("quick")
def test_a_smoothed_network_is_surveyed_with_its_proof() -> None:
    found = ran(AttackSurvey("linear", "l2", "smoothing"))
    assert found.pictures == 6
    assert errors(found, "certified")[-1] == 1
    assert (errors(found, "certified") >= errors(found, "many_steps") - 0.2).all()  # few draws are attacked


@pytest.mark.usefixtures("quick")
def test_all_defences_are_told_with_what_their_training_took() -> None:
    found = ran(AttackDefences(norm="l2"))
    assert [one.name for one in found.verdict.answerers] == [name for name, _ in defences.ROLES]
    assert (found.seconds > 0).all()
    blind, through = errors(found, "squeezed"), errors(found, "through")
    assert (blind == blind[0]).all()
    assert through[-1] > blind[-1] + 0.3
    assert (errors(found, "certified") >= errors(found, "smoothed")).all()
    assert errors(found, "certified")[-1] == 1


@pytest.mark.usefixtures("quick")
def test_every_reader_reads_all_pictures_and_the_attacked_network_its_own_worst() -> None:
    found = ran(AttackTransfer())
    assert found.errors.shape == (nets.SEEDS, len(MADE), len(READERS))
    assert not np.isnan(found.errors).any()
    middle = np.median(found.errors, axis=0)
    names = [name for name, _ in READERS]
    for network in NETWORKS:
        own = middle[MADE.index(network), names.index(network)]
        assert own > 0.5
        assert own > middle[1, names.index(network)] + 0.2  # noise of the same size
        foreign = [middle[MADE.index(one), names.index(network)] for one in NETWORKS if one != network]
        told = found.verdict.named(network)
        assert told.curve[0].error == pytest.approx(middle[0, names.index(network)])
        assert told.curve[1].error >= max(foreign) - 1e-9


@pytest.mark.parametrize("make", [AttackSurvey, AttackTransfer, AttackDefences])
def test_what_cannot_be_is_refused(make: Any) -> None:
    with pytest.raises(ValueError, match=r"^norm: got 'l1', choose one of linf, l2"):
        make(norm="l1")
    with pytest.raises(ValueError, match=r"^seed: got"):
        make(seed=-1)


def test_their_names_begin_with_the_labs() -> None:
    for one in (AttackSurvey, AttackTransfer, AttackDefences):
        assert one.name.startswith("attack-")
        assert one() in Attack.besides
        assert one.name != "attack"
