"""CLAIMS.md: for each lab when and where its claims were last trained anew, and a line for each with its figures."""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from pathlib import Path

from lib.labs import LABS

FILE = Path(__file__).parent.parent / "CLAIMS.md"
HEAD = """# What came of the claims, trained anew

Written by `make claims`, lab by lab; see [tests/README.md](README.md). Of several seeds the least and the most is told.
"""


@dataclass
class Outcome:
    """What came of one claim in all its runs."""

    runs: int = 0
    held: int = 0
    figures: dict[str, list[float]] = field(default_factory=dict)

    def add(self, held: bool, figures: Mapping[str, float]) -> None:
        self.runs, self.held = self.runs + 1, self.held + held
        for name, value in figures.items():
            self.figures.setdefault(name, []).append(value)

    def line(self, claim: str) -> str:
        told = "; ".join(f"{name} {span(values)}" for name, values in self.figures.items())
        return f"| {claim} | {self.held} of {self.runs} | {told} |"


def span(values: list[float]) -> str:
    """From the least to the most."""
    ends = dict.fromkeys(f"{value:.3g}" for value in (min(values), max(values)))
    return " … ".join(ends)


def claims(name: str) -> set[str]:
    """What a lab claims that is trained anew, in words."""
    module = import_module(f"tests.claims.test_{name}")
    return {words(told) for told, test in vars(module).items() if told.startswith("test_") and _is_claim(test)}


def _is_claim(test: object) -> bool:
    """Whether it is marked, or one of the values is that it is given."""
    marks = getattr(test, "pytestmark", [])
    values = [value for mark in marks if mark.name == "parametrize" for value in mark.args[1]]
    return any(mark.name == "claim" for mark in [*marks, *(own for one in values for own in getattr(one, "marks", ()))])


def words(test: str) -> str:
    return test.removeprefix("test_").replace("_", " ")


@dataclass(frozen=True)
class Section:
    """One lab's part of the file: the version that its claims were tried with, and how many runs of each held."""

    version: int
    lines: dict[str, tuple[int, int]]


def read() -> dict[str, Section]:
    """The sections of the file by lab."""
    return {name: _section(text) for name, text in sections().items()}


def _section(text: str) -> Section:
    version = re.search(r"version (\d+)", text)
    lines = re.findall(r"^\| (.+?) \| (\d+) of (\d+) \|", text, re.MULTILINE)
    return Section(int(version[1]) if version else 0, {claim: (int(held), int(of)) for claim, held, of in lines})


def sections() -> dict[str, str]:
    text = FILE.read_text(encoding="utf-8") if FILE.exists() else ""
    return dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))


def write(outcomes: Mapping[str, Mapping[str, Outcome]], seconds: Mapping[str, float]) -> None:
    """Put these labs' outcomes in place of their last ones; labs whose claims were not all tried keep theirs."""
    whole = {name: told for name, told in outcomes.items() if set(told) == claims(name)}
    texts = sections() | {name: section(name, told, seconds[name]) for name, told in whole.items()}
    parts = [f"## {name}\n{texts[name].rstrip()}\n" for name in LABS if name in texts]
    FILE.write_text("\n".join([HEAD, *parts]), encoding="utf-8")


def section(name: str, told: Mapping[str, Outcome], seconds: float) -> str:
    lines = [told[claim].line(claim) for claim in sorted(told)]
    when = f"version {LABS[name].version}, {date.today().isoformat()}, {processor()}, {seconds:.0f} s"
    return "\n".join(["", when, "", "| claim | held | figures |", "|---|---|---|", *lines])


def processor() -> str:
    """Its name, and which of its instructions torch uses."""
    import torch

    told = Path("/proc/cpuinfo")
    names = re.findall(r"^model name\s*: (.+)$", told.read_text(), re.MULTILINE) if told.exists() else []
    return f"{(names or [platform.processor() or platform.machine()])[0]} ({torch.backends.cpu.get_cpu_capability()})"
