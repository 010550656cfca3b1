"""Any lab without a browser.

python -m lib                            lists the labs
python -m lib throw --help               lists the knobs of one
python -m lib throw --seed 3 --json      runs it and prints its verdict as JSON
python -m lib throw --link 'http://…'    runs what a link to its page carries; options beside it count more
python -m lib results                    runs all presets and writes the verdicts that ship with the app
python -m lib results throw sort         those of these labs alone
"""

from __future__ import annotations

import signal

if __name__ == "__main__":  # before the other imports, which take a moment: Ctrl-C and a closed pipe end this silently
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)

import argparse
import io
import json
import os
import reprlib
import sys
from collections import deque
from collections.abc import Sequence
from typing import Any, NoReturn
from urllib.parse import parse_qsl, urlsplit

from lib import settings, store
from lib.core import DivergedError, Lab, NotInstalledError, besides, contract, opens, shipped
from lib.jobs.environment import ONE_THREAD
from lib.knobs import Knob, knobs
from lib.labs import LABS


def _first_line(lab: type[Lab]) -> str:
    return (lab.__doc__ or "").partition("\n")[0]


class _Arguments(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{message}\n")

    def print_help(self, file: Any = None) -> None:  # noqa: ARG002 - argparse names it
        _write(self.format_help().rstrip())


def _write(told: str) -> None:
    """Print at once, so that what cannot be written (a full disk) is said in a sentence, and not as Python ends."""
    try:
        print(told, flush=True)
    except OSError as fault:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is left over
        print(f"output: cannot be written: {fault.strerror}; free some space or write elsewhere", file=sys.stderr)
        sys.exit(1)


def _offer(knob: Knob) -> str:
    offer = ", ".join(knob.choices) or ("letters from a link" if knob.misread else "true, false")
    if knob.low is not None:
        offer = f"{knob.low:g} to {knob.high:g} {knob.unit}".rstrip()
    return f"{offer} ({knob.default})".replace("%", "%%")  # argparse fills in percentages


def _known(name: str) -> str:
    if name not in LABS:
        raise argparse.ArgumentTypeError(f"got {reprlib.repr(name)}, choose of {', '.join(LABS)}")
    return name


def _parser() -> argparse.ArgumentParser:
    top = _Arguments(prog="python -m lib", description="Runs a lab without a browser.")
    labs = top.add_subparsers(dest="lab", metavar="LAB")
    for name, lab in LABS.items():
        one = labs.add_parser(name, help=_first_line(lab).replace("%", "%%"), allow_abbrev=False)
        one.add_argument("--json", action="store_true", help="print the verdict as JSON")
        one.add_argument("--link", metavar="LINK", help="a link to the page, or what stands behind its ?")
        for knob in knobs(lab).values():
            one.add_argument(f"--{knob.name}", default=argparse.SUPPRESS, help=_offer(knob))
    some = labs.add_parser("results", help="run all presets and write assets/results")
    some.add_argument("only", nargs="*", metavar="LAB", type=_known, help="of these labs alone")
    return top


def linked(lab: type[Lab], link: str) -> dict[str, Any]:
    """The settings that a link to a lab's page carries; one of another version is told on stderr.

    Raises ValueError, a line for each thing that cannot be.
    """
    try:
        parts = urlsplit(link)
    except ValueError:  # its own words are about brackets
        parts = urlsplit("")
    query = parts.query or (parts.path if "=" in parts.path else "")
    words = dict(parse_qsl(query, keep_blank_values=True))  # of a word named twice the last counts
    labs = {parts.path.rpartition("/")[2], *(word.partition("_")[0] for word in words)} & set(LABS)
    if lab.name not in labs and (labs or not (words or parts.netloc)):
        got = reprlib.repr(link)
        raise ValueError(f"link: got {got}, give one to the page {lab.name!r}, or what stands behind its ?")
    told = {
        name: knob.read(words[word]) for name, knob in knobs(lab).items() if (word := f"{lab.name}_{name}") in words
    }
    if not told and "v" not in words:
        return dict(lab.presets[opens(lab)])  # as the page opens
    faults = [fault for name, value in told.items() if (fault := knobs(lab)[name].fault(value))]
    if faults:
        raise ValueError("\n".join(faults))
    version = words.get("v", "").strip()
    if version and version != str(lab.version):
        old = reprlib.repr(version)
        print(
            f"link: made with version {old} of {lab.name!r}; the numbers of {lab.version} may differ", file=sys.stderr
        )
    return told


def last(lab: Lab) -> Any:
    """Run a lab to its end, in this process, on one thread like the workers; its last result."""
    import torch

    torch.set_num_threads(1)
    return deque(lab.run(), maxlen=1).pop()


def ship(only: Sequence[str]) -> None:
    """Run the presets and exhibits of these labs and write them to assets/results, where the app finds them at once.

    What lay there of them before goes when all are written, and what is of no lab. Raises OSError if one cannot be.
    """
    shelf = store.Store(str(store.SHIPPED), deflated=True)
    fresh = set()
    for name in only:
        lab = LABS[name]
        for one in (*(lab(**asked) for asked in shipped(lab)), *besides(lab)):
            result = last(one)
            if not shelf.put(one, result):
                raise OSError(f"{one!r}: {store.SHIPPED} cannot be written")
            fresh.add(f"{store.key(one)}.npz")
            print(f"{one!r}: {result.verdict.sentence}", flush=True)
    for old in store.SHIPPED.glob("*.npz"):
        of = old.name.partition("-")[0]
        if old.name not in fresh and (of in only or of not in LABS):
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
        _write("\n".join(f"{lab.name:10} {_first_line(lab)}" for lab in LABS.values()))
        return 0
    if name == "results":
        ship(told["only"] or [*LABS])
        return 0
    kind, link = LABS[name], told.pop("link")
    try:
        asked = linked(kind, link) if link is not None else {}
        lab = kind(**asked | {knob: knobs(kind)[knob].read(word) for knob, word in told.items()})
    except ValueError as fault:
        print(fault, file=sys.stderr)
        return 2
    try:
        verdict = last(lab).verdict
    except (DivergedError, NotInstalledError) as fault:
        print(fault, file=sys.stderr)
        return 1
    _write(json.dumps(contract(verdict), indent=1, allow_nan=False) if as_json else verdict.sentence)
    return 0


if __name__ == "__main__":
    os.environ.update(ONE_THREAD)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # m/s² where ² cannot be written
    sys.exit(main())
