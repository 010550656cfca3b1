"""The checks that look for poison: known answers, and what they are not told."""

from __future__ import annotations

import numpy as np
import pytest

from lib.programs.poison import (
    ActivationClustering,
    CornerCheck,
    LabelCheck,
    SpectralSignature,
    projected,
    two_means,
)

RNG = np.random.default_rng


def heaps(large: int, small: int, apart: float = 10.0, units: int = 6) -> np.ndarray:
    """Points (large + small, units): two heaps of width 1, the second one along the first unit."""
    points = RNG(0).standard_normal((large + small, units))
    points[large:, 0] += apart
    return points


def test_a_label_is_suspected_if_another_digit_fits_clearly_better() -> None:
    fits = np.full((4, 10), 0.2)
    fits[:, 3] = [0.8, 0.8, 0.8, 0.8]
    fits[:, 5] = [0.1, 0.65, 0.75, 0.9]
    labels = np.array([5, 5, 5, 5])
    assert LabelCheck(0.1)(fits, labels).tolist() == [True, True, False, False]
    assert LabelCheck(0.0)(fits, labels).tolist() == [True, True, True, False]
    assert not LabelCheck(0.0)(fits[:3], np.full(3, 3)).any()


@pytest.mark.parametrize("corner", [(0, 0), (0, 7), (7, 0), (7, 7)])
def test_ink_in_a_corner_is_suspected_and_nowhere_else(corner: tuple[int, int]) -> None:
    pictures = np.zeros((3, 1, 8, 8))
    pictures[0, 0, corner[0], corner[1]] = 1.0
    pictures[1, 0, corner[0], corner[1]] = 0.5
    pictures[2, 0, 1:7] = 1.0
    assert CornerCheck()(pictures).tolist() == [True, False, False]


def test_coloured_paper_is_no_ink() -> None:
    pictures = np.zeros((1, 2, 8, 8))
    pictures[:, 1] = 1.0
    assert not CornerCheck()(pictures).any()


def test_of_two_heaps_the_smaller_is_suspected_label_by_label() -> None:
    points = np.concatenate([heaps(40, 10), heaps(12, 30)])
    labels = np.repeat([4, 7], [50, 42])
    odd = np.zeros(92, dtype=bool)
    odd[40:50] = odd[50:62] = True
    assert (ActivationClustering()(points, labels) == odd).all()


def test_heaps_of_about_the_same_size_are_not_suspected() -> None:
    assert not ActivationClustering()(heaps(25, 20), np.zeros(45, int)).any()


def test_a_spectral_signature_suspects_half_as_many_again_as_expected_those_furthest_out() -> None:
    points, labels = heaps(90, 10), np.zeros(100, int)
    told = SpectralSignature()(points, labels, 10)
    assert told.sum() == 15
    assert told[90:].all()
    assert not SpectralSignature()(points, labels, 0).any()


def test_of_every_label_as_many_are_suspected() -> None:
    points = np.concatenate([heaps(90, 10), heaps(90, 10)])
    told = SpectralSignature()(points, np.repeat([2, 8], 100), 4)
    assert [told[:100].sum(), told[100:].sum()] == [6, 6]


def test_a_label_of_one_lesson_is_nobodys_business() -> None:
    points, labels = RNG(0).standard_normal((3, 4)), np.array([0, 1, 2])
    assert not ActivationClustering()(points, labels).any()
    assert not SpectralSignature()(points, labels, 2).any()


def test_the_first_component_is_the_one_along_which_points_differ_most() -> None:
    points = heaps(50, 50)
    along = projected(points, 2)
    assert along.shape == (100, 2)
    assert abs(np.corrcoef(along[:, 0], points[:, 0])[0, 1]) > 0.99
    assert along.var(axis=0)[0] > along.var(axis=0)[1]
    assert abs(along.mean(axis=0)).max() < 1e-9


def test_two_means_part_two_heaps_and_end_where_there_is_one_point_only() -> None:
    second = two_means(projected(heaps(30, 20), 3))
    assert set(second[:30].tolist()) != set(second[30:].tolist())
    assert len(set(second[:30].tolist())) == len(set(second[30:].tolist())) == 1
    assert not two_means(np.zeros((5, 2))).any()
