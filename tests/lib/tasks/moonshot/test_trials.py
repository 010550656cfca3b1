"""The ledger: every launch is counted, whatever a contestant tries."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lib.tasks.moonshot.orbit import EARTH_MOON, ModelError
from lib.tasks.moonshot.trials import Attempt, play, recent


class Scripted:
    """Asks for what it was given, batch after batch, and keeps what it is told."""

    def __init__(self, *batches: Any) -> None:
        self.batches, self.heard = list(batches), []

    def ask(self) -> Any:
        return self.batches.pop(0) if self.batches else np.zeros((0, 2))

    def tell(self, burns: np.ndarray, told: np.ndarray) -> None:
        self.heard.append((burns, told))


def attempt(player: Any, budget: int = 100, **more: Any) -> Attempt:
    return Attempt(player, EARTH_MOON, ModelError(0.003), 100.0, 50.0, budget, **more)


def finish(*attempts: Attempt) -> int:
    return sum(play(attempts))


def test_every_launch_is_counted_whatever_form_it_is_asked_in() -> None:
    one = attempt(Scripted([[10.9, 1.0]], np.full((7, 2), 10.95), (10.9, 2.0), np.array([[10.9, 1.0]])))
    assert finish(one) == one.trials == 10
    assert [len(told) for _, told in one.player.heard] == [1, 7, 1, 1]


def test_a_repeated_launch_is_paid_for_again() -> None:
    same = np.full((5, 2), 10.95)
    one, other = attempt(Scripted(same, same)), attempt(Scripted(same))
    finish(one, other)
    assert (one.trials, other.trials) == (10, 5)
    assert np.ptp(one.told, axis=0).tolist() == [0.0] * 4


def test_more_than_the_budget_is_not_flown_and_not_told() -> None:
    one = attempt(Scripted(*[np.full((60, 2), 10.95)] * 5), budget=100)
    finish(one)
    assert one.trials == 100
    assert [len(told) for _, told in one.player.heard] == [60, 40]


def test_a_contestant_that_changes_what_it_asked_and_what_it_heard_changes_nothing() -> None:
    class Cheat(Scripted):
        def ask(self) -> Any:
            self.mine = super().ask()
            return self.mine

        def tell(self, burns: np.ndarray, told: np.ndarray) -> None:
            self.mine[:], burns[:], told[:] = 0.0, 1.0, 100.0  # a perfect hit, it says

    cheat, honest = attempt(Cheat(np.array([[10.9, 10.0]]))), attempt(Scripted(np.array([[10.9, 10.0]])))
    finish(cheat, honest)
    assert cheat.burns.tolist() == honest.burns.tolist() == [[10.9, 10.0]]
    assert cheat.told.tolist() == honest.told.tolist()
    assert cheat.first == np.inf


def test_a_contestant_holds_nothing_that_leads_to_the_world() -> None:
    """It is given arrays that own their memory and nothing else: no world, surprise or ledger hangs on them."""
    seen: list[Any] = []

    class Looking(Scripted):
        def tell(self, burns: np.ndarray, told: np.ndarray) -> None:
            seen.extend([burns, told])

    finish(attempt(Looking(np.array([[10.9, 10.0], [10.95, 20.0]]))))
    assert len(seen) == 2
    for one in seen:
        assert type(one) is np.ndarray
        assert one.base is None
        assert one.dtype == float


@pytest.mark.parametrize("burn", [[np.nan, np.nan], [0.0, 0.0], [1e9, -1e9], [np.inf, np.inf]])
def test_what_cannot_be_is_flown_as_the_nearest_that_can(burn: list[float]) -> None:
    one = attempt(Scripted(np.array([burn])))
    finish(one)
    assert one.trials == 1
    circular, _, escape = EARTH_MOON.speeds
    assert circular <= one.burns[0, 0] <= escape
    assert np.isfinite(one.told).all()
    assert one.player.heard[0][0].tolist() == one.burns.tolist()  # it is told what was flown instead


def test_first_hit_and_nine_in_ten_are_counted_from_the_first_launch() -> None:
    one = attempt(Scripted())
    altitudes = np.array([900.0] * 5 + [100.0] * 4 + [900.0] + [120.0] * 9)
    one._told.append(np.column_stack([altitudes, *np.zeros((3, len(altitudes)))]))
    assert (one.first, one.nine) == (6, 15)  # launches 6 to 15: nine hits and one miss
    assert recent(one.hits).tolist()[:10] == [0, 0, 0, 0, 0, 1, 2, 3, 4, 4]


def test_who_never_hits_has_an_endless_ledger() -> None:
    one = attempt(Scripted(np.array([[10.9, 10.0]])))
    finish(one)
    assert (one.first, one.nine) == (np.inf, np.inf)


def test_a_patient_players_success_is_that_of_its_last_exam() -> None:
    one = attempt(Scripted(), patient=True)
    altitudes = np.array([900.0] * 20 + [100.0] * 10 + [900.0] * 30)  # at random, asked, at random
    one._burns.append(np.zeros((60, 2)))
    one._told.append(np.column_stack([altitudes, *np.zeros((3, 60))]))
    one.examined.append(30)
    assert one.success(np.array([1, 25, 30, 45, 1000])).tolist() == [0.0, 0.0, 1.0, 1.0, 1.0]
