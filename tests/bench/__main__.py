"""Measures everything, or what is named, and prints one table: `python -m tests.bench [ensemble pages …]`.

The table is Markdown, as it stands in README.md. A missed goal is a line of it; only a bench that breaks is a failure.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from lib.labs import LABS
from tests import reaper
from tests.bench.bench_attacks import NETS, ROWS

HEAD = "| what | measured | goal | |\n|---|---|---|---|"
BENCHES = (
    *("ensemble", "sequences", "orbit", "attacks", "minimal", "photos", "see", "pages", "paper", "poison"),
    *("laws", "runs", "hosting"),
)
GOALS: dict[str, tuple[str, float]] = {
    "ensemble / loop": ("≥", 3),
    **{f"{network}, ours / torch.nn": ("≥", 1.5) for network in ("rnn", "gru", "lstm", "transformer")},
    "launches a second": ("≥", 2000),
    "law search / plain Python": ("≥", 20),
    "closest approach, largest difference [km]": ("≤", 5),
    **{f"{net}, {row}, robust above the best peer": ("≤", 0) for net in NETS for row in ROWS},
    **{f"{net}, ensemble / autoattack": ("≤", 0.25) for net in NETS},
    **{f"{net}, nearest l2, distance / peer's": ("≤", 1) for net in NETS},
    **{f"photo, ours / {name}": ("≤", 0.8) for name in ("torchattacks", "foolbox")},
    "first frame of the default grid [s]": ("≤", 2),
    "default grid [s]": ("≤", 10),
    **{f"{page}, whole page / empty": ("≤", 4) for page in ("home", *LABS)},
    **{f"{lab}, a turn {what} / empty": ("≤", 2) for lab in LABS for what in ("without a result", "to a result")},
    **{f"throw, {what}, fifteen labs / five": ("≤", 1.05) for what in ("whole page", "a turn without a result")},
    "throw, a turn to a result, fifteen labs / five": ("≤", 1.05),
    **{f"{page} / empty, first sentence": ("≤", 1.5) for page in ("home", *LABS)},
    **{f"{lab} / empty, knob to pixels": ("≤", 2) for lab in LABS},
    "poison, all shares at once / one by one": ("≥", 1.5),
    **{f"{lab}, start to first frame [s]": ("≤", 0.7) for lab in ("throw", "attack", "poison", "paper")},
    **{f"{lab}, start to first frame [s]": ("≤", 1) for lab in ("sort", "moonshot")},
    "sort, start to end [s]": ("≤", 20),
    "moonshot, start to end [s]": ("≤", 15),
    **{f"{lab}, start to end [s]": ("≤", 10) for lab in ("throw", "attack", "poison", "paper")},
    **{f"{lab}, stop to free worker [s]": ("≤", 1) for lab in LABS},
    "paper / empty, first paint": ("≤", 1.5),
    "paper, large film [MB]": ("≤", 2),
    "paper, frames a second while scrubbed": ("≥", 50),
    "pages a second, 2 apps / 1": ("≥", 1.6),
    "labs a second, 2 workers / 1": ("≥", 1.6),
}


def flat(told: Mapping[str, Any], above: str = "") -> dict[str, float]:
    """Tables in tables as one: {"a": {"b": 1}} -> {"a, b": 1}."""
    rows: dict[str, float] = {}
    for name, value in told.items():
        rows |= flat(value, f"{above}{name}, ") if isinstance(value, Mapping) else {above + name: value}
    return rows


def line(what: str, value: float, goals: Mapping[str, tuple[str, float]] = GOALS) -> str:
    """One row: what, measured, goal, reached or missed."""
    figure = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    if what not in goals:
        return f"| {what} | {figure} | | |"
    sign, goal = goals[what]
    reached = value >= goal if sign == "≥" else value <= goal
    return f"| {what} | {figure} | {sign} {goal:g} | {'reached' if reached else '**missed**'} |"


def main(names: list[str]) -> int:
    unknown = sorted({*names} - {*BENCHES})
    if unknown:
        print(f"no bench is called {', '.join(unknown)}; there are {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    broken = 0
    print(HEAD, flush=True)
    for name in names or BENCHES:
        try:
            told = flat(import_module(f"tests.bench.bench_{name}").bench())
        except Exception:
            traceback.print_exc()
            broken += 1
            continue
        print("\n".join(line(what, value) for what, value in told.items()), flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    reaper.begin()
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    sys.exit(main(sys.argv[1:]))
