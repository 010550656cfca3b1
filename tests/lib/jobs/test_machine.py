"""What the machine grants, as a machine, a limit or a container would have it."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path

import pytest

from lib.jobs import machine

GB = 1_000_000_000


@pytest.mark.parametrize(
    ("granted", "cores", "asked", "fitted"),
    [
        (25.0, 2, (None, None), (2, machine.MOST)),
        (1.0, 2, (None, None), (1, 600_000_000)),  # what README says of a host of 1 GB
        (0.5, 2, (None, None), (1, machine.LEAST)),  # too little; it may go well
        (4.0, 64, (None, None), (5, 672_000_000)),
        (64.0, 64, (None, None), (8, machine.MOST)),
        (4.0, 2, (3, None), (3, 1_160_000_000)),
        (4.0, 8, (None, 2 * GB), (1, 2 * GB)),
        (4.0, 2, (6, 2 * GB), (6, 2 * GB)),  # the host's own word
    ],
)
def test_workers_fit_in_what_is_granted(
    granted: float,
    cores: int,
    asked: tuple[int | None, int | None],
    fitted: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(machine, "memory", lambda: int(granted * GB))
    monkeypatch.setattr(machine, "cores", lambda: cores)
    assert machine.fit(*asked) == fitted


def test_this_machine_grants_something() -> None:
    assert machine.cores() >= 1
    assert machine.memory() > 100_000_000


@pytest.mark.parametrize(
    ("limits", "granted"),
    [
        ({"system.slice/horizon.service": "700000000", "system.slice": "max", "": "max"}, [700_000_000]),
        ({"system.slice/horizon.service": "max", "system.slice": "900000000"}, [900_000_000]),
        ({}, []),
    ],
)
def test_a_control_group_and_those_around_it_count(
    limits: dict[str, str], granted: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own").write_text("1:cpu:/x\n0::/system.slice/horizon.service\n")
    for group, limit in limits.items():
        (tmp_path / "groups" / group).mkdir(parents=True, exist_ok=True)
        (tmp_path / "groups" / group / "memory.max").write_text(f"{limit}\n")
    monkeypatch.setattr(machine, "OWN_GROUP", tmp_path / "own")
    monkeypatch.setattr(machine, "GROUPS", tmp_path / "groups")
    assert list(machine._group_limits()) == granted


def test_scratch_files_go_where_they_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    good, bad = tmp_path / "made", tmp_path / "file"
    bad.write_text("no folder")
    monkeypatch.setenv("HORIZON_SCRATCH", str(good))
    assert machine.scratch() == str(good)
    monkeypatch.setenv("HORIZON_SCRATCH", str(bad))
    with caplog.at_level(logging.WARNING):
        assert machine.scratch() == tempfile.gettempdir()
    assert f"HORIZON_SCRATCH: {bad} cannot be written" in caplog.text
    monkeypatch.setattr(tempfile, "tempdir", str(bad))
    monkeypatch.setattr(machine, "SHARED_MEMORY", str(tmp_path))
    assert machine.scratch() == str(tmp_path)
    monkeypatch.setattr(machine, "SHARED_MEMORY", str(bad))
    with pytest.raises(OSError, match=r"no folder can be written: .*HORIZON_SCRATCH"):
        machine.scratch()
