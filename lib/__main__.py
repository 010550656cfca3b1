"""Any lab without a browser.

python -m lib                            lists the labs
python -m lib throw --help               lists the knobs of one
python -m lib throw --seed 3 --json      runs it and prints its verdict as JSON
python -m lib results                    runs all presets and writes the verdicts that ship with the app
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import deque
from collections.abc import Sequence
from typing import Any, NoReturn

from lib import settings, store
from lib.core import DivergedError, Lab, contract, shipped
from lib.jobs.environment import ONE_THREAD
from lib.knobs import Knob, knobs
from lib.labs import LABS


def _first_line(lab: type[Lab]) -> str:
    return (lab.__doc__ or "").partition("\n")[0]


class _Arguments(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{message}\n")


def _boolean(word: str) -> bool:
    if word not in ("true", "false"):
        raise argparse.ArgumentTypeError(f"got {word!r}, say true or false")
    return word == "true"


def _kind(knob: Knob) -> Any:
    if knob.choices or knob.misread:
        return str
    return _boolean if knob.low is None else type(knob.default)


def _offer(knob: Knob) -> str:
    offer = ", ".join(knob.choices) or ("letters from a link" if knob.misread else "true, false")
    if knob.low is not None:
        offer = f"{knob.low:g} to {knob.high:g} {knob.unit}".rstrip()
    return f"{offer} ({knob.default})".replace("%", "%%")  # argparse fills in percentages


def _parser() -> argparse.ArgumentParser:
    top = _Arguments(prog="python -m lib", description="Runs a lab without a browser.")
    labs = top.add_subparsers(dest="lab", metavar="LAB")
    for name, lab in LABS.items():
        one = labs.add_parser(name, help=_first_line(lab).replace("%", "%%"), allow_abbrev=False)
        one.add_argument("--json", action="store_true", help="print the verdict as JSON")
        for knob in knobs(lab).values():
            one.add_argument(f"--{knob.name}", type=_kind(knob), default=knob.default, help=_offer(knob))
    labs.add_parser("results", help="run all presets and write assets/results")
    return top


def last(lab: Lab) -> Any:
    """Run a lab to its end, in this process, on one thread like the workers; its last result."""
    import torch

    torch.set_num_threads(1)
    return deque(lab.run(), maxlen=1).pop()


def ship() -> None:
    """Run every lab's presets and exhibits and write them to assets/results, where the app finds them at once.

    What lay there before goes when all are written. Raises OSError if one cannot be.
    """
    shelf = store.Store(str(store.SHIPPED))
    fresh = set()
    for lab in LABS.values():
        for asked in shipped(lab):
            one = lab(**asked)
            result = last(one)
            if not shelf.put(one, result):
                raise OSError(f"{one!r}: {store.SHIPPED} cannot be written")
            fresh.add(f"{store.key(one)}.npz")
            print(f"{one!r}: {result.verdict.sentence}", flush=True)
    for old in store.SHIPPED.glob("*.npz"):
        if old.name not in fresh:
            old.unlink()


def main(words: Sequence[str] | None = None) -> int:
    try:
        settings.read()
    except settings.SettingError as fault:
        print(fault, file=sys.stderr)
        return 2
    told = vars(_parser().parse_args(words))
    name, as_json = told.pop("lab"), told.pop("json", False)
    if name is None:
        for lab in LABS.values():
            print(f"{lab.name:10} {_first_line(lab)}")
        return 0
    if name == "results":
        ship()
        return 0
    try:
        lab = LABS[name](**told)
    except ValueError as fault:
        print(fault, file=sys.stderr)
        return 2
    try:
        verdict = last(lab).verdict
    except DivergedError as fault:
        print(fault, file=sys.stderr)
        return 1
    print(json.dumps(contract(verdict), indent=1, allow_nan=False) if as_json else verdict.sentence)
    return 0


if __name__ == "__main__":
    import os

    os.environ.update(ONE_THREAD)
    sys.exit(main())
