"""Poison: real handwritten digits, a few of whose lessons somebody has tampered with.

Networks are taught at every share of odd lessons at once. Whoever tampered then shows them his mark; the same networks
read digits without it as if nothing had happened. A program that never saw a lesson reads the same pictures, checks
written by hand look for the poison among the lessons, and what remedies leave of it is measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from lib.knobs import check, choice, number
from lib.labs.poison.found import Poisoned
from lib.tasks.poison import MARKED, PoisonedDigits


@dataclass(frozen=True)
class Poison:
    """How few of the lessons must somebody tamper with? Networks that were taught them, and a program that was not."""

    name: ClassVar[str] = "poison"
    version: ClassVar[int] = 1
    result: ClassVar[type] = Poisoned
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {},
        "faint": {"oddity": "faint"},
        "shift": {"oddity": "shift"},
        "shortcut": {"oddity": "shortcut"},
        "flips": {"oddity": "flips"},
        "random": {"oddity": "random"},
        "fewer": {"examples": 400},
        "corners_alone": {"check": "corners", "oddity": "faint"},
        "lookalike": {"target": 1},
    }

    oddity: str = choice("corners", ("corners", "faint", "shift", "shortcut", "flips", "random"))
    target: int = number(0, 0, 9, step=1)
    strength: float = number(1.0, 0.1, 1.0, step=0.1)
    examples: int = number(1258, 100, 1258, stops=(100, 200, 400, 800, 1258))
    trusted: int = number(200, 50, 800, stops=(50, 100, 200, 400, 800))
    width: int = number(64, 8, 128, step=8)
    steps: int = number(800, 50, 2000, step=50)
    learning_rate: float = number(0.01, 0.0001, 1.0, stops=(0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 1.0))
    seeds: int = number(5, 1, 8, step=1)
    check: str = choice("labels", ("labels", "corners", "clustering", "spectral"))
    margin: float = number(0.1, 0.0, 0.3, step=0.05)
    seed: int = number(0, 0, 9999, step=1)

    def __post_init__(self) -> None:
        check(self)

    def asks(self) -> PoisonedDigits:
        return PoisonedDigits(self.oddity, self.target, self.strength)  # type: ignore[arg-type]

    def program(self) -> Any:
        from lib.programs.digit_reader import DigitReader

        return DigitReader()

    def checks(self) -> Any:
        """The module of the checks that look for poison among the lessons."""
        from lib.programs import poison

        return poison

    def idle(self) -> dict[str, str]:
        told = {"target": "no_target"} if self.oddity == "random" else {}
        told |= {"strength": "no_strength"} if self.oddity == "shift" or self.oddity not in MARKED else {}
        return told

    def run(self) -> Iterator[Poisoned]:
        """Yields while the networks learn, then what checks, remedies and a look inside have found.

        Raises DivergedError.
        """
        from lib.labs.poison.contest import Contest

        yield from Contest(self).run()
