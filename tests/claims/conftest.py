"""Claims tell their figures; a run of claims alone (`make claims`) writes them down."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import pytest

from tests.claims import ledger

Figures = Callable[..., None]
_outcomes: dict[str, dict[str, ledger.Outcome]] = defaultdict(lambda: defaultdict(ledger.Outcome))
_seconds: dict[str, float] = defaultdict(float)


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Figures:
    """Note what a claim is about, by name, before it is judged."""

    def note(**values: float) -> None:
        for name, value in values.items():
            record_property(name, float(value))

    return note


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" and "claim" in report.keywords:
        path, test = report.nodeid.split("::")
        lab = path.rpartition("test_")[2].removesuffix(".py")
        outcome = _outcomes[lab][ledger.words(test.partition("[")[0].partition("@")[0])]
        outcome.add(report.passed, {name: float(str(value)) for name, value in report.user_properties})
        _seconds[lab] += report.duration


def pytest_sessionfinish(session: pytest.Session) -> None:
    worker = hasattr(session.config, "workerinput")  # of xdist: only who hears of all tests writes
    if _outcomes and session.config.option.markexpr == "claim" and not worker:
        ledger.write(_outcomes, _seconds)
