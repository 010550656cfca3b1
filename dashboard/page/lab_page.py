"""What a lab's page is made of: what it shows beyond what all of them do, and the view that its parts are drawn of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from dashboard.app.language import Texts
from dashboard.charts.curves import small
from dashboard.page.gallery import Draw
from lib.core import Lab

NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Shown:
    """A result on the stage, and whose it is: `mark` names it; `source` says where it is from.

    source: shipped, here (finished on this host), or running: of a job that runs, or was stopped.
    """

    lab: Lab
    result: Any = field(compare=False)  # large, and named by its mark
    mark: str
    source: str

    @property
    def recipe(self) -> str:
        return repr(self.lab)


@dataclass(frozen=True)
class View:
    """What a page is about: the lab that its knobs describe, the result that it shows, and how much of it.

    opened: the visitor has guessed, or does not want to. Until then what lies beyond training is covered.
    """

    lab: Lab
    shown: Shown | None
    opened: bool

    @property
    def stale(self) -> bool:
        """True if the result is of other settings than the knobs'."""
        return self.shown is not None and self.shown.lab != self.lab


@dataclass(frozen=True)
class Section:
    """What only one page has: draws a result, None before there is one; widgets of its own included.

    says: what it shows of a view, in a form that can be compared; after a turn it is drawn if that has changed.
    """

    draw: Callable[[Shown | None, Texts], None]
    says: Callable[[View], Any] = lambda view: view


def _nothing(_shown: Shown | None, _words: Texts) -> None:
    pass


NOTHING = Section(_nothing)


@dataclass(frozen=True)
class LabPage:
    """What one lab's page shows beyond what all of them do.

    knobs: beside the stage; broken: the program's assumptions, under *break the program*; the rest stands under *more*.
    stage: the pictures; the first is the main one, the others stand in tabs named after their functions. data: their
    numbers as tables; inside: pictures of how the program works.
    telling: the knobs whose setting would tell the answer; they stand there once the guess is made.
    The visitor bets into which of the ranges between `edges` the number measure(result) falls; the text has an option
    for each. While a run has not come so far, measure is None; infinite where nobody ever came to it. ask: the name of
    the text that asks, by what the knobs are set to.
    first: a section in the place of the main picture, which then stands in a tab like the others; a projector has the
    picture there unless `show=` names one of `named`.
    below: a section under the stage; steps: one beside the program's source, once it is unfolded; wrecks: one more way
    to break the program. A section's pictures do not move during a run.
    drawn: pictures and tables that its sections draw of a result; they ship too.
    fixed: pictures of a section that no run changes, each with what it is drawn of and that one's mark; they ship.
    asides: what its sections draw of results of other kinds that ship with the lab (lib.core.besides), by kind.
    link: what else the page keeps in its address beside such a lab's knobs; an empty word is taken out.
    card: the picture on Home. named: what else `show=` may name on a projector, besides knobs and what every page has.
    """

    lab: type[Lab]
    knobs: Sequence[str]
    broken: Sequence[str]
    stage: Sequence[Draw]
    data: Sequence[Draw]
    inside: Sequence[Draw]
    edges: Sequence[float]
    measure: Callable[[Any], float | None]
    ask: Callable[[Lab], str] = lambda _: "ask"
    telling: Sequence[str] = ()
    first: Section = NOTHING
    below: Section = NOTHING
    steps: Callable[[Shown | None, Texts], None] = _nothing
    wrecks: Section = NOTHING
    drawn: Sequence[Draw] = ()
    fixed: Sequence[tuple[Draw, Any, str]] = ()
    asides: Mapping[Any, Sequence[Draw]] = field(default_factory=dict)
    link: Callable[[Lab], Mapping[str, str]] = lambda _: NONE
    named: Sequence[str] = ()
    card: Draw = small
