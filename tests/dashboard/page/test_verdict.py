"""What a page says of a run follows from the run's numbers alone."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.app.language import LANGUAGES, Texts, share
from dashboard.page.verdict import amount, card, manner, price, reach, sentences
from lib.core import Axis, Kind, Price, Verdict, answerer, span_of_seeds
from tests.dashboard.conftest import every_lab, every_language
from tests.lib.labs.test_labs import results

AXIS = Axis("gravity", "m/s²", (8.0, 12.0), (8.0, 10.0, 12.0, 16.0, 24.0))
TOLERANCE = 0.05
ROLES: dict[str, Kind] = {"network": "network", "informed": "control", "baseline": "baseline", "program": "program"}
HOLDS, FADES, NEVER = [0.0] * 5, [0.01, 0.01, 0.01, 0.3, 0.9], [0.5] * 5


def run(**errors: Any) -> Verdict:
    """A verdict of Throw's contestants with these errors: one row of exam values, or one for each seed."""
    told = [
        answerer(name, kind, AXIS, np.atleast_2d(errors.get(name, HOLDS)), TOLERANCE, Price(examples=3000, lines=48))
        for name, kind in ROLES.items()
    ]
    return Verdict("throw", 1, "Throw()", AXIS, TOLERANCE, tuple(told))


@pytest.mark.parametrize(("errors", "expected"), [(HOLDS, "holds"), (FADES, "fades"), (NEVER, "never")])
@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_contestant_gets_the_sentence_of_what_it_did(
    language: str, who: str, errors: list[float], expected: str
) -> None:
    verdict, words = run(**{who: errors}), Texts(language, "throw")
    one = verdict.named(who)
    assert manner(AXIS, one) == expected
    told = sentences(verdict, words)[list(ROLES).index(who)]
    numbers = {"inside": one.inside, "outside": one.outside, "horizon": one.horizon, "unit": AXIS.unit}
    assert told == words(f"verdict.{who}.{expected}", tolerance=TOLERANCE, **numbers)
    assert share(one.inside) in told
    assert share(one.outside) in told


ERRORS = st.lists(st.floats(0, 1), min_size=5, max_size=5)


@given(st.lists(ERRORS, min_size=1, max_size=4))
@settings(max_examples=60)
def test_the_seeds_are_spoken_of_exactly_when_they_differ_in_their_horizon(errors: list[list[float]]) -> None:
    verdict, words = run(network=errors), Texts("en", "throw")
    worst, best = span_of_seeds(AXIS, verdict.named("network"), TOLERANCE)
    told = sentences(verdict, words)
    disagree = words("verdict.seeds", worst=reach(worst, AXIS, words), best=reach(best, AXIS, words))
    assert (disagree in told) == (worst != best)
    assert len(told) == len(ROLES) + 1 + (worst != best)
    if len(errors) == 1:
        assert worst == best


def test_one_seed_that_fails_earlier_is_told_with_both_horizons() -> None:
    told = sentences(run(network=[HOLDS, FADES]), Texts("en", "throw"))[-1]
    assert "12 m/s²" in told
    assert "24 m/s²" in told
    assert (
        Texts("en", "throw")("figures.no_horizon") in sentences(run(network=[NEVER, FADES]), Texts("en", "throw"))[-1]
    )


@pytest.mark.parametrize(
    ("network", "program", "expected"),
    [
        (NEVER, HOLDS, "program_program"),
        (HOLDS, NEVER, "network_network"),
        (FADES, [0.0101, 0.0101, 0.0101, 0.0, 0.0], "even_program"),
        (FADES, [0.03, 0.03, 0.03, 0.3, 0.9], "network_even"),
        (FADES, [0.1] * 5, "network_program"),
        (HOLDS, HOLDS, "even_even"),
    ],
)
@every_language
def test_who_is_better_is_said_inside_and_outside_apart(
    language: str, network: list[float], program: list[float], expected: str
) -> None:
    told = sentences(run(network=network, program=program), Texts(language, "throw"))
    assert Texts(language, "throw")(f"verdict.better.{expected}") in told


@every_lab
@every_language
def test_every_result_of_a_run_can_be_told(name: str, language: str) -> None:
    for result in results(name):
        told = sentences(result.verdict, Texts(language, name))
        assert len(told) >= len(result.verdict.answerers)
        assert all("{" not in one and "nan" not in one and "None" not in one for one in told)


@every_language
def test_a_verdict_without_numbers_is_told_without_them(language: str) -> None:
    told = sentences(run(network=[math.nan] * 5), Texts(language, "throw"))
    assert "–" in told[0]
    assert "nan" not in " ".join(told)


@every_language
def test_a_horizon_is_told_with_its_unit(language: str) -> None:
    words = Texts(language, "throw")
    assert reach(12.0, AXIS, words) == "12 m/s²"
    assert reach(0.15, replace(AXIS, unit=""), words) == "0.15"
    assert reach(None, AXIS, words) == words("figures.no_horizon")


@pytest.mark.parametrize(
    ("error", "unit", "said"),
    [
        (0.0498, "", "4.98 %"),
        (0.05, "", "5 %"),
        (0.05 + 1e-9, "", "5.0000001 %"),
        (0.06, "", "6 %"),
        (0.05002, "km", "0.05002 km"),
        (0.051, "km", "0.051 km"),
        (math.nan, "km", "– km"),
    ],
)
def test_no_error_reads_like_the_tolerance_that_it_is_not(error: float, unit: str, said: str) -> None:
    assert amount(error, replace(run(), unit=unit)) == said


@every_language
def test_a_price_is_told_in_the_coin_of_its_kind(language: str) -> None:
    words = Texts(language, "throw")
    assert price(run().named("network"), words) == "3,000"
    assert "48" in price(run().named("program"), words)
    assert price(run().named("program"), words) != "48"


@every_lab
@every_language
def test_a_card_tells_the_network_and_the_program(name: str, language: str) -> None:
    verdict = results(name)[-1].verdict
    told = card(verdict, Texts(language, name))
    for kind in ("network", "program"):
        one = next(one for one in verdict.answerers if one.kind == kind)
        assert amount(one.outside, verdict) in told
