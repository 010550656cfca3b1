"""What a host may set: every HORIZON_* variable, read and checked in this one place.

A value that cannot be read is never taken for another one: it is an error that names the variable, what it got, and
what to say instead. Whatever starts (server, scheduler, worker, command line) reads all of them first.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from math import isfinite
from typing import Any

import fsspec

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
MOST_WORKERS = 256
LEAST_MEMORY = 256_000_000  # bytes; a worker with torch takes 400 MB before its first job
LONGEST = 86_400.0  # seconds
ADDRESS = re.compile(r"tcp://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})")
SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([kmgt]?)(i?)(b?)", re.IGNORECASE)


class SettingError(ValueError):
    """One or more settings that cannot be read; a sentence for each, a line each."""


@dataclass(frozen=True)
class Settings:
    """What the environment asks for; None where it leaves the choice to us (see lib.jobs.machine).

    scheduler: address of a shared one; workers: how many; memory: bytes that each may take; seconds: how long a job
    may; store: folder or fsspec address of finished results; scratch: folder for Dask's files; log: least level.
    """

    scheduler: str | None
    workers: int | None
    memory: int | None
    seconds: float
    store: str | None
    scratch: str | None
    log: str


def joined(word: str) -> str:
    """The address of a scheduler to connect to, as Dask takes it. Raises ValueError."""
    told = ADDRESS.fullmatch(word)
    if not told or not 0 < int(told[2]) < 65536:
        raise ValueError("say the scheduler's address as tcp://HOST:PORT, tcp://127.0.0.1:8786 for example")
    return word


def listened(word: str) -> tuple[str, int]:
    """Host and port at which a scheduler shall listen; it has to name both, port 0 is any. Raises ValueError."""
    told = ADDRESS.fullmatch(word)
    if not told or int(told[2]) > 65535:
        raise ValueError(
            "say where to listen as tcp://HOST:PORT: tcp://127.0.0.1:8786 for this machine alone, tcp://0.0.0.0:8786 "
            "for whoever can reach it and so run code on it"
        )
    return told[1].strip("[]"), int(told[2])


def counted(word: str) -> int:
    """How many workers. Raises ValueError."""
    if not re.fullmatch("[0-9]{1,4}", word) or not 1 <= int(word) <= MOST_WORKERS:
        raise ValueError(f"say how many worker processes there shall be, 1 to {MOST_WORKERS}")
    return int(word)


def sized(word: str) -> int:
    """How many bytes a worker may take; the unit has to be said. Raises ValueError."""
    told = SIZE.fullmatch(word)
    least = f"at least {LEAST_MEMORY // 10**6} MB"
    if not told or not (told[2] or told[4]) or (told[3] and not told[2]):
        raise ValueError(f"say what one worker may take with its unit, {least}: 600MB or 1.5GiB, for example")
    size = int(float(told[1]) * (1024 if told[3] else 1000) ** " kmgt".index(told[2].lower() or " "))
    if size < LEAST_MEMORY:
        raise ValueError(f"no worker comes up with that; say {least}: 600MB or 1.5GiB, for example")
    return size


def timed(word: str) -> float:
    """How many seconds. Raises ValueError."""
    try:
        seconds = float(word)
    except ValueError:
        seconds = 0.0
    if not isfinite(seconds) or not 1 <= seconds <= LONGEST:
        raise ValueError(f"say how many seconds a run may take as a number, 1 to {LONGEST:.0f}")
    return seconds


def stored(word: str) -> str:
    """A folder, or an address that fsspec has a file system for. Raises ValueError."""
    try:
        fsspec.core.url_to_fs(word)
    except Exception as fault:  # each file system has its own
        raise ValueError(f"say a folder, or an address that fsspec can open ({fault})") from fault
    return word


def local(word: str) -> str:
    """A folder of this machine. Raises ValueError."""
    if "://" in word:
        raise ValueError("say a folder of this machine")
    return word


def level(word: str) -> str:
    """A level of the log. Raises ValueError."""
    if word.upper() not in LEVELS:
        raise ValueError(f"say one of {', '.join(LEVELS)}")
    return word.upper()


READERS: dict[str, tuple[Callable[[str], Any], Any]] = {
    "scheduler": (joined, None),
    "workers": (counted, None),
    "memory": (sized, None),
    "seconds": (timed, 300.0),
    "store": (stored, None),
    "scratch": (local, None),
    "log": (level, "INFO"),
}
"""How each setting is read, and what it is where nothing is set."""


def value(name: str, environment: Mapping[str, str] = os.environ) -> Any:
    """One setting. Raises SettingError if it cannot be read; an empty one is not set."""
    reader, default = READERS[name]
    variable = f"HORIZON_{name.upper()}"
    word = environment.get(variable, "").strip()
    try:
        return reader(word) if word else default
    except ValueError as fault:
        raise SettingError(f"{variable}: got {word!r}; {fault}") from fault


def read(environment: Mapping[str, str] = os.environ) -> Settings:
    """All settings. Raises SettingError with a sentence for each that cannot be read."""
    told, faults = {}, []
    for one in fields(Settings):
        try:
            told[one.name] = value(one.name, environment)
        except SettingError as fault:
            faults.append(str(fault))
    if faults:
        raise SettingError("\n".join(faults))
    return Settings(**told)


def misspelt(environment: Mapping[str, str] = os.environ) -> list[str]:
    """A sentence for each variable that is nearly one of ours; others may be somebody else's, a container engine's."""
    ours = [f"HORIZON_{name.upper()}" for name in READERS]
    strange = [name for name in environment if name.startswith("HORIZON") and name not in ours]
    near = {name: get_close_matches(name, ours, 1, 0.88) for name in sorted(strange)}
    return [f"{name}: no such setting, it is ignored; {match[0]} is one" for name, match in near.items() if match]
