"""What claims are made of: every number that a text prints as known has a test in the file of its lab.

`make test` reads a claim from the result that ships. `make claims` trains its recipe anew, with other seeds, and writes
what came of it to CLAIMS.md.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dashboard.app.language import Texts
from lib import store
from lib.__main__ import last
from lib.core import Verdict
from lib.labs import LABS


@cache
def ships(name: str, **knobs: Any) -> Any:
    """The result of these knobs that ships."""
    lab = LABS[name](**knobs)
    found = store.Store(str(store.SHIPPED)).get(lab)
    assert found is not None, f"{lab!r} is not shipped; run `make results`"
    return found


@cache
def anew(name: str, seed: int, **knobs: Any) -> Any:
    """The last result of a lab, computed here."""
    return last(LABS[name](seed=seed, **knobs))


@dataclass(frozen=True)
class Run:
    """Where a claim's results come from: what ships, or a seed's, trained here."""

    seed: int | None = None

    def __call__(self, name: str, **knobs: Any) -> Any:
        return ships(name, **knobs) if self.seed is None else anew(name, self.seed, **knobs)


def over(seeds: Iterable[int]) -> pytest.MarkDecorator:
    """A claim about `run`: of what ships, and by `make claims` of each of these seeds."""
    claims = [pytest.param(Run(seed), marks=pytest.mark.claim, id=f"seed {seed}") for seed in seeds]
    return pytest.mark.parametrize("run", [pytest.param(Run(), id="ships"), *claims])


def error(found: Verdict, name: str, at: float) -> float:
    return next(p.error for p in found.named(name).curve if p.at == at)


def told_as_known(name: str, language: str) -> None:
    """Every figure in percent that a page tells under "since 2017" stands in its table, with a link to its source."""
    known = tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8"))["known"]
    text = Texts(language, name)("since.text")
    told = [float(one) for one in re.findall(r"(\d+\.\d) %", text)]
    assert sorted(told) == sorted(one for row in known for one in row["percent"])
    assert {row["source"] for row in known} <= {*re.findall(r"\((https://[^)]+)\)", text)}
