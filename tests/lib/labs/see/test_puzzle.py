"""Photos in tiles: who was wrong about how many, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lib.labs.see.puzzle import Puzzle, unasked
from lib.tasks.see.tiles import PIECES

LEVELS = len(PIECES)


def two_photos(read: int = 388, sure: float = 0.9, cut: int = 0) -> Puzzle:
    """A panda and a bison before everybody, shuffled once, all answers the same."""
    puzzle = unasked(("panda", "bison"), np.array([388, 347]), 0.5, np.array([7]))
    labels, sures = np.full_like(puzzle.labels, read), np.full_like(puzzle.sure, sure)
    answered = np.full_like(puzzle.program, cut)
    return replace(puzzle, labels=labels, sure=sures, program=answered, second=np.full_like(puzzle.second, read))


@pytest.mark.parametrize("name", ["network", "second", "doubt", "program"])
def test_nobody_is_wrong_before_they_were_asked(name: str) -> None:
    puzzle = unasked(("panda",), np.array([388]), 0.5, np.array([7, 8]))
    assert puzzle.errors(name) is None
    assert not puzzle.asked
    assert puzzle.still_named(4) is None


def test_a_network_is_wrong_about_what_it_misnames() -> None:
    puzzle = two_photos()
    for name in ("network", "second"):
        assert puzzle.errors(name) == pytest.approx(np.full((1, LEVELS), 0.5))
    assert puzzle.named.tolist() == [[1] * LEVELS]
    assert puzzle.still_named(4) == 0.5


@pytest.mark.parametrize(("cut", "whole", "puzzles"), [(0, 0.0, 1.0), (1, 1.0, 0.0)])
def test_the_program_is_wrong_about_the_whole_or_about_the_puzzles(cut: int, whole: float, puzzles: float) -> None:
    errors = two_photos(cut=cut).errors("program")
    assert errors is not None
    assert errors[0].tolist() == [whole, *[puzzles] * (LEVELS - 1)]


@pytest.mark.parametrize(("sure", "whole", "puzzles"), [(0.9, 0.0, 1.0), (0.4, 1.0, 0.0), (0.5, 0.0, 1.0)])
def test_confidence_warns_where_it_is_less_than_asked_for(sure: float, whole: float, puzzles: float) -> None:
    errors = two_photos(sure=sure).errors("doubt")
    assert errors is not None
    assert errors[0].tolist() == [whole, *[puzzles] * (LEVELS - 1)]


def test_what_is_named_is_the_median_over_those_who_shuffle() -> None:
    puzzle = unasked(("panda", "bison"), np.array([388, 347]), 0.5, np.array([7, 8, 9]))
    labels = np.full_like(puzzle.labels, 0)
    labels[0, :, 0] = 388
    labels[1, :, 0], labels[1, :, 1] = 388, 347
    assert replace(puzzle, labels=labels).still_named(4) == 0.5
