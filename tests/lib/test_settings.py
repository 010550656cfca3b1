"""What a host may set: read as it was meant, or refused by name."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib import settings
from lib.settings import LEAST_MEMORY, SettingError

ROOT = Path(__file__).parents[2]

GOOD = {
    "HORIZON_SCHEDULER": [
        ("tcp://scheduler:8786", "tcp://scheduler:8786"),
        ("tcp://10.0.0.1:1", "tcp://10.0.0.1:1"),
        ("tcp://[::1]:65535", "tcp://[::1]:65535"),
    ],
    "HORIZON_WORKERS": [("1", 1), (" 3 ", 3), ("256", 256)],
    "HORIZON_MEMORY": [
        ("600MB", 600_000_000),
        ("1.5 GiB", 1_610_612_736),
        ("1.5GiB", 1_610_612_736),
        ("2g", 2_000_000_000),
        ("2Gi", 2_147_483_648),
        ("300000000B", 300_000_000),
    ],
    "HORIZON_SECONDS": [("300", 300.0), ("1.5", 1.5), ("86400", 86400.0)],
    "HORIZON_STORE": [("results", "results"), ("memory://results", "memory://results"), ("/a b", "/a b")],
    "HORIZON_SCRATCH": [("/tmp/horizon", "/tmp/horizon")],
    "HORIZON_LOG": [("debug", "DEBUG"), ("ERROR", "ERROR")],
}
BAD = {
    "HORIZON_SCHEDULER": [
        *("127.0.0.1:8786", "scheduler", "http://scheduler:8786", "tls://scheduler:8786", "tcp://scheduler"),
        *("tcp://:8786", "tcp://a:0", "tcp://a:65536", "tcp://a:8786/x", "tcp://a@b:8786", "tcp://a b:8786", "tcp://"),
    ],
    "HORIZON_WORKERS": ["0", "-1", "auto", "2.0", "1e1", "two", "257", "1000000", "٣", "1_0"],
    "HORIZON_MEMORY": ["600", "lots", "0", "-1GB", "nan", "1.5", "600kB", "255MB", "GB", "1 foo", "auto", "50%", "1iB"],
    "HORIZON_SECONDS": ["5m", "0", "-5", "nan", "inf", "soon", "86401", "1,5"],
    "HORIZON_STORE": ["nowhere://results", "s3:///"],
    "HORIZON_SCRATCH": ["s3://bucket", "file:///tmp"],
    "HORIZON_LOG": ["loud", "10", "WARN"],
}
NAMES = [f"HORIZON_{name.upper()}" for name in settings.READERS]


def each(told: dict[str, list]) -> list[tuple]:
    return [(name, one) for name, some in told.items() for one in some]


@pytest.mark.parametrize(("name", "case"), each(GOOD))
def test_what_can_be_read_is_what_was_meant(name: str, case: tuple[str, object]) -> None:
    word, meant = case
    assert getattr(settings.read({name: word}), name.removeprefix("HORIZON_").lower()) == meant


@pytest.mark.parametrize(("name", "word"), each(BAD))
def test_what_cannot_be_read_is_refused_by_name(name: str, word: str) -> None:
    with pytest.raises(SettingError) as fault:
        settings.read({name: word})
    (said,) = str(fault.value).splitlines()
    assert said.startswith(f"{name}: got {word!r}; ")
    assert "say " in said


def test_every_setting_is_tried() -> None:
    assert set(GOOD) == set(BAD) == set(NAMES)


def test_every_setting_that_cannot_be_read_is_told() -> None:
    with pytest.raises(SettingError) as fault:
        settings.read({name: some[0] for name, some in BAD.items()})
    assert [line.partition(":")[0] for line in str(fault.value).splitlines()] == NAMES


def test_nothing_set_and_set_to_nothing_are_the_same() -> None:
    assert settings.read({}) == settings.read(dict.fromkeys(NAMES, "")) == settings.read(dict.fromkeys(NAMES, " "))


@given(st.text(min_size=1), st.sampled_from(NAMES[:4]))
def test_no_word_is_read_as_something_out_of_bounds(word: str, name: str) -> None:
    try:
        told = settings.read({name: word})
    except SettingError:
        return
    assert told.scheduler is None or told.scheduler.startswith("tcp://")
    assert told.workers is None or 1 <= told.workers <= settings.MOST_WORKERS
    assert told.memory is None or told.memory >= LEAST_MEMORY
    assert 1 <= told.seconds <= settings.LONGEST


def test_a_slip_of_the_pen_is_told_and_what_others_set_is_not() -> None:
    (said,) = settings.misspelt({"HORIZON_WORKER": "2", "HORIZON_PORT": "tcp://10.0.0.1:80", "HORIZON_LOG": "INFO"})
    assert said == "HORIZON_WORKER: no such setting, it is ignored; HORIZON_WORKERS is one"


def test_the_readme_tells_every_setting() -> None:
    told = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if f"| `{name}` |" not in told] == []


def test_nothing_else_reads_them() -> None:
    """So that no value is read in two ways, or not checked."""
    code = [path for part in ("lib", "dashboard") for path in (ROOT / part).rglob("*.py")]
    told = {path.name: path.read_text(encoding="utf-8") for path in code}
    assert [name for name, text in told.items() if re.search(r"environ.*HORIZON_|getenv", text)] == []


@pytest.mark.parametrize("command", [["-m", "lib"], ["-m", "streamlit", "run", "streamlit_app.py", "--server.port=0"]])
@pytest.mark.parametrize(("name", "word"), [(name, some[0]) for name, some in BAD.items()])
def test_nothing_starts_with_a_setting_that_cannot_be_read(
    command: list[str], name: str, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, word)
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert done.returncode != 0
    assert f"{name}: got {word!r}; " in done.stderr
    assert "Traceback" not in done.stderr
