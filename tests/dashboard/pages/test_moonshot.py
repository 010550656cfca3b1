"""Launches by hand on Moonshot: what a link may bring back, and what it may not."""

from __future__ import annotations

import pytest

from lib import store
from lib.labs.moonshot.flight import Flight
from lib.labs.moonshot.lab import Moonshot
from tests.dashboard.conftest import Play, calm, said, texts, visit

WORDS = texts("en", "moonshot")


def launches(at: object) -> list[str]:
    return [one.value for one in at.metric if one.label == WORDS("own.trials")]  # type: ignore[attr-defined]


@pytest.fixture
def flown(play: Play) -> None:  # noqa: ARG001
    """Two launches that were flown before, in the world of the defaults."""
    flight = Flight(Moonshot(), ((10.9465, 10.0), (10.95, 227.2)))
    for result in flight.run():
        assert store.own().put(flight, result)


@pytest.mark.usefixtures("flown")
def test_a_reload_brings_the_launches_back() -> None:
    at = calm(visit("moonshot", moonshot_own_flown="10.9465,10.00_10.9500,227.20"))
    assert launches(at) == ["2"]
    assert at.query_params["moonshot_own_flown"] == "10.9465,10.00_10.9500,227.20"
    assert launches(calm(at.run())) == ["2"]


BAD = ("nan,nan", "1e9,1.00", "10.9465", "10.9465,10.00_", "3.0000,10.00", "10.9465,999.00", "<script>", "1" * 100_000)


@pytest.mark.parametrize("word", [*BAD, "_".join(["10.9465,10.00"] * 201)], ids=range(9))
def test_a_link_that_nobody_wrote_here_brings_none_and_says_so(play: Play, word: str) -> None:  # noqa: ARG001
    at = calm(visit("moonshot", moonshot_own_flown=word))
    assert launches(at) == []
    assert WORDS("own.unread") in said(at)
    assert "moonshot_own_flown" not in at.query_params


@pytest.mark.parametrize(
    ("speed", "phase", "stands", "refused"),
    [("3", "nan", (7.7845, 0.0), 2), ("12", "360", (11.0085, 360.0), 1), ("10.9465", "10", (10.9465, 10.0), 0)],
)
def test_a_link_to_a_launch_that_cannot_be_gets_a_sentence_and_the_nearest_that_can(
    play: Play,  # noqa: ARG001
    speed: str,
    phase: str,
    stands: tuple[float, float],
    refused: int,
) -> None:
    at = calm(visit("moonshot", moonshot_own_speed=speed, moonshot_own_phase=phase))
    assert (at.slider(key="moonshot_own_speed").value, at.slider(key="moonshot_own_phase").value) == stands
    assert len([one for one in at.warning if "which cannot be" in one.value]) == refused
