"""A plane through a picture: known answers of its directions, its shadows and the edge of what is allowed."""

from __future__ import annotations

import numpy as np
import pytest

from lib.labs.attack.plane import RAYS, SIDE, around, directions, drawn, seen

GREY = np.full((8, 8), 0.5)
ALONG, ACROSS = np.eye(64)[:2]
WAYS = np.stack([ALONG, ACROSS])
TURN = 2 * np.pi * np.arange(RAYS) / RAYS


def asked(pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The network reads 1 where the first pixel is inked, 0 else, as sure as that; the program the second pixel."""
    first, second = pictures[:, 0, 0], pictures[:, 0, 1]
    return (first > 0.7).astype(int), first, (second > 0.5).astype(int)


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_the_edge_of_a_budget_is_a_square_or_a_circle(norm: str) -> None:
    far = np.linalg.norm(around(GREY, WAYS, 0.1, norm), axis=1)
    square = 0.1 / np.maximum(np.abs(np.cos(TURN)), np.abs(np.sin(TURN)))
    assert far == pytest.approx(square if norm == "linf" else np.full(RAYS, 0.1), abs=1e-5)
    assert len(around(GREY, WAYS, 0.0, norm)) == 0


def test_where_paper_cannot_get_lighter_there_is_no_edge() -> None:
    paper = GREY.copy()
    paper[0, 0] = 0.0
    told = around(paper, WAYS, 0.1, "linf")
    assert told[0] == pytest.approx([0.1, 0.0], abs=1e-5)
    assert told[RAYS // 2, 0] < -7


def test_directions_are_of_length_one_and_at_right_angles() -> None:
    rng = np.random.default_rng(0)
    changes = np.vstack([np.zeros(64), ALONG + 0.3 * ACROSS, 2 * ALONG])
    planes = directions(changes, changes[-1], np.ones(64), rng)
    assert list(planes) == ["random", "bend"]
    for ways in planes.values():
        assert ways @ ways.T == pytest.approx(np.eye(2), abs=1e-12)
        assert ways[0] == pytest.approx(ALONG)
    assert abs(planes["bend"][1] @ ACROSS) == pytest.approx(1.0)


def test_a_straight_path_bends_towards_the_slope_and_one_that_went_there_has_one_plane() -> None:
    rng, changes = np.random.default_rng(0), np.outer([0, 0.5, 1], ALONG)
    slope = ALONG + ACROSS
    assert directions(changes, changes[-1], slope, rng)["slope"][1] == pytest.approx(ACROSS)
    assert list(directions(changes, changes[-1], 3 * ALONG, rng)) == ["random"]


def test_a_path_that_goes_nowhere_looks_along_the_slope_and_without_one_anywhere() -> None:
    rng, still = np.random.default_rng(0), np.zeros((1, 64))
    assert directions(still, still[0], 5 * ACROSS, rng)["random"][0] == pytest.approx(ACROSS)
    [ways] = directions(still, still[0], np.zeros(64), rng).values()
    assert ways @ ways.T == pytest.approx(np.eye(2), abs=1e-12)


def test_a_plane_knows_how_much_of_a_path_it_leaves_out() -> None:
    third = np.eye(64)[2]
    changes = np.vstack([np.zeros(64), 0.3 * ALONG, 0.4 * third, 0.3 * ACROSS]).cumsum(0)
    plane = drawn("random", WAYS, GREY, changes, np.ones(4, bool), np.zeros((0, 2)), asked)
    assert plane.share == pytest.approx(0.6)
    assert plane.spots == pytest.approx(np.array([[0, 0], [0.3, 0], [0.3, 0], [0.3, 0.3]]), abs=1e-6)
    assert plane.away == pytest.approx([0, 0, 0.4, 0.4])
    felt = drawn("random", WAYS, GREY, changes, np.array([True, True, False, False]), np.zeros((0, 2)), asked)
    assert felt.share == 1.0


def test_a_plane_is_of_what_is_read_at_its_places_as_pictures_can_be() -> None:
    plane = drawn("random", WAYS, GREY, np.outer([0, 1.0], ALONG), np.ones(2, bool), np.zeros((0, 2)), asked)
    left, right, bottom, top = plane.window
    assert left < 0 < 1 < right
    assert bottom == -top
    assert right - left == pytest.approx(top - bottom)
    across = np.linspace(left, right, SIDE)
    assert (plane.reads == (across > 0.2)).all()
    assert (plane.sure[0] == np.rint(255 * (0.5 + across).clip(0, 1))).all()
    assert (plane.program == (np.linspace(top, bottom, SIDE) > 0)[:, None]).all()  # the top row first


def test_from_very_far_away_the_window_shows_the_end() -> None:
    spots = np.array([[0, 0], [50.0, 3.0], [1.0, 0.0]])
    left, right, _, _ = seen(spots, np.zeros((0, 2)))
    assert right - left < 5
