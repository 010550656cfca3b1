"""CLAIMS.md tells of every claim as its lab is now; and of nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.labs import LABS
from tests.claims import Run, ledger, over
from tests.lib.labs.test_labs import every_lab

DO = "run `make claims`"


@every_lab
def test_every_claim_was_tried_with_the_lab_as_it_is(name: str) -> None:
    told = ledger.read().get(name, ledger.Section(0, {}))
    assert sorted(ledger.claims(name) - told.lines.keys()) == [], f"CLAIMS.md has no line for these; {DO}"
    assert sorted(told.lines.keys() - ledger.claims(name)) == [], f"no test of {name} claims these; {DO}"
    if told.lines:
        assert told.version == LABS[name].version, f"{name} has changed since its claims were tried; {DO}"


@every_lab
def test_every_claim_held_in_all_runs(name: str) -> None:
    lines = ledger.read().get(name, ledger.Section(0, {})).lines
    assert [claim for claim, (held, of) in lines.items() if held < of] == []


def test_every_section_is_of_a_lab() -> None:
    assert ledger.sections().keys() <= LABS.keys()


def test_what_is_written_is_read_again_and_other_labs_keep_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "FILE", tmp_path / "CLAIMS.md")
    monkeypatch.setattr(ledger, "claims", lambda _: {"all is well", "so it is"})
    well, not_well = ledger.Outcome(), ledger.Outcome()
    for at in (0.1, 0.25):
        well.add(True, {"error": at})
        not_well.add(at < 0.2, {"error": at, "of": 3.0})
    one, other, *_ = LABS
    ledger.write({one: {"all is well": well, "so it is": not_well}, other: {"so it is": well}}, {one: 3.2, other: 1.0})
    assert list(ledger.read()) == [one]  # of the other not all was tried
    assert ledger.read()[one] == ledger.Section(LABS[one].version, {"all is well": (2, 2), "so it is": (1, 2)})
    assert "| so it is | 1 of 2 | error 0.1 … 0.25; of 3 |" in ledger.FILE.read_text()
    ledger.write({other: {"all is well": well, "so it is": well}}, {other: 1.0})
    assert ledger.read().keys() == {one, other}
    assert len(ledger.read()[one].lines) == 2


@over([1])
def _of_what_ships_and_anew(run: Run) -> None: ...


@pytest.mark.claim
@pytest.mark.parametrize("seed", range(2))
def _anew_alone(seed: int) -> None: ...


@pytest.mark.parametrize("seed", range(2))
def _no_claim(seed: int) -> None: ...


def test_a_claim_is_what_trains_anew() -> None:
    told = [ledger._is_claim(one) for one in (_of_what_ships_and_anew, _anew_alone, _no_claim, LABS)]
    assert told == [True, True, False, False]
