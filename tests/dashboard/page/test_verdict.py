"""What a page says of a run follows from the run's numbers alone."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.app.language import GAP, LANGUAGES, Texts, share
from dashboard.page.verdict import card, compared, distance, facts, manner, place, price, reach, rounded, sentences
from lib.core import Axis, Kind, Price, Span, Verdict, answerer, span_of_seeds
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
    assert manner(verdict, one) == expected
    told = sentences(verdict, words)[list(ROLES).index(who)]
    assert told == words(f"verdict.{who}.{expected}", **facts(verdict, one, words))
    assert share(one.inside) in told
    assert share(one.outside) in told


ERRORS = st.lists(st.floats(0, 1), min_size=5, max_size=5)


@given(st.lists(ERRORS, min_size=1, max_size=4))
@settings(max_examples=60)
def test_the_seeds_are_spoken_of_exactly_when_they_do_not_hold_equally_far(errors: list[list[float]]) -> None:
    verdict, words = run(network=errors), Texts("en", "throw")
    worst, best = span_of_seeds(verdict.named("network"), TOLERANCE)
    told = sentences(verdict, words)
    assert len(told) == len(ROLES) + 1 + (worst != best)
    if len(errors) == 1:
        assert worst == best


@pytest.mark.parametrize(
    ("seeds", "says"),
    [
        ([HOLDS, FADES], "do not agree: the worst holds up to 12 m/s², the best holds up to 24 m/s²."),
        ([HOLDS, HOLDS, FADES], "those of its median seed; the worst holds up to 12 m/s²."),
        ([HOLDS, HOLDS, NEVER], "those of its median seed; the worst fails already at 8 m/s²."),
        ([NEVER, NEVER, FADES], "do not agree: the worst fails already at 8 m/s², the best holds up to 12 m/s²."),
        ([NEVER, FADES, HOLDS], "do not agree: the worst fails already at 8 m/s², the best holds up to 24 m/s²."),
    ],
)
def test_seeds_that_disagree_are_told_in_plain_words(seeds: list[list[float]], says: str) -> None:
    told = sentences(run(network=seeds), Texts("en", "throw"))[-1]
    assert says.replace(" m/s²", f"{GAP}m/s²") in told


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


EXAM = (2.0, 4.0, 8.0, 10.0, 12.0, 16.0, 24.0)
SIDED = {
    "both": replace(AXIS, exam=EXAM),
    "above": AXIS,
    "below": replace(AXIS, exam=EXAM[:5], outward=-1),
    "point": Axis("ε", "", (0.0, 0.0), (0.0, 0.05, 0.1)),
}


@pytest.mark.parametrize(
    ("axis", "span", "says", "short", "apart"),
    [
        ("both", (4, 16), "from 4 to 16 m/s²", "4–16 m/s²", "4 m/s² below and 4 m/s² above training"),
        ("both", (8, 16), "from 8 to 16 m/s²", "8–16 m/s²", "4 m/s² beyond training"),
        ("both", (4, 12), "from 4 to 12 m/s²", "4–12 m/s²", "4 m/s² below training"),
        ("both", (8, 12), "from 8 to 12 m/s²", "8–12 m/s²", "no further than training"),
        ("above", (8, 16), "up to 16 m/s²", "up to 16 m/s²", "4 m/s² beyond training"),
        ("below", (4, 12), "down to 4 m/s²", "down to 4 m/s²", "4 m/s² below training"),
        ("point", (0, 0.05), "up to 0.05", "up to 0.05", "0.05 beyond training"),
        ("point", (0, 0), "only while nothing is changed", "only unchanged", "no further than training"),
        ("both", None, "fails inside training", "fails inside", "fails inside training"),
    ],
)
def test_how_far_it_holds_is_told_on_the_sides_of_training_that_there_are(
    axis: str, span: Span | None, says: str, short: str, apart: str
) -> None:
    words, one = Texts("en", "throw"), SIDED[axis]
    told = [reach(span, one, words), reach(span, one, words, "card_"), distance(span, one, words)]
    assert [text.replace(GAP, " ") for text in told] == [says, short, apart]
    assert all(f"{GAP}m/s²" in text for text in told if "m/s²" in text)


@every_language
def test_the_figure_of_how_far_it_holds_is_a_range_with_its_distance_from_training(language: str) -> None:
    words, axis = Texts(language, "throw"), SIDED["both"]
    errors = np.array([[0.3, 0.01, 0.01, 0.01, 0.01, 0.01, 0.3]])
    told = [answerer(kind, kind, axis, errors, TOLERANCE, Price(3000)) for kind in ("network", "program")]
    name, net, rule, more = compared(replace(run(), axis=axis, answerers=tuple(told)), words)[2]
    assert (name, net, rule) == ("holds", f"4–16{GAP}m/s²", f"4–16{GAP}m/s²")
    assert more.count(distance((4.0, 16.0), axis, words)) == 2


@pytest.mark.parametrize(("trials", "says"), [(183, "first hit after 183 launches"), (400, "no hit in 400 launches")])
def test_who_has_tried_is_told_whether_it_hit(trials: int, says: str) -> None:
    one = replace(run().named("network"), price=Price(400, trials))
    assert facts(run(), one, Texts("en", "throw"))["first"] == says


def test_a_value_that_there_is_not_has_no_unit() -> None:
    words = Texts("en", "throw")
    assert [place(at, AXIS) for at in (12.0, None)] == [f"12{GAP}m/s²", "–"]
    assert place(0.15, SIDED["point"]) == "0.15"
    assert facts(run(network=NEVER), run(network=NEVER).named("network"), words)["broken"] == f"8{GAP}m/s²"


@pytest.mark.parametrize(
    ("error", "unit", "said"),
    [
        (0.0498, "", "4.98 %"),
        (0.05, "", "5 %"),
        (0.05 + 1e-9, "", "5.0000001 %"),
        (0.06, "", "6 %"),
        (0.05002, "km", "0.05002 km"),
        (0.0531, "km", "53 m"),
        (0.0531, "kg", "0.0531 kg"),
        (math.nan, "km", "– km"),
    ],
)
def test_no_error_reads_like_the_tolerance_that_it_is_not(error: float, unit: str, said: str) -> None:
    assert rounded(error, replace(run(), unit=unit)) == said.replace(" ", GAP)


@every_language
def test_a_price_is_told_in_the_coin_of_its_kind(language: str) -> None:
    words = Texts(language, "throw")
    assert price(run().named("network"), words) == words("figures.examples", examples=3000)
    assert "48" in price(run().named("program"), words)
    assert price(run().named("program"), words) != "48"


@every_lab
@every_language
def test_a_card_tells_the_network_and_the_program(name: str, language: str) -> None:
    verdict = results(name)[-1].verdict
    told = card(verdict, Texts(language, name))
    for kind in ("network", "program"):
        one = next(one for one in verdict.answerers if one.kind == kind)
        assert rounded(one.outside, verdict) in told
