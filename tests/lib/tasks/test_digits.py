"""The digits task, the hand-written reader, and the reader's surrogate that can be attacked."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from lib.attacks.gradient import PGD
from lib.attacks.surrogate import TemplateSurrogate
from lib.programs.digit_reader import DigitReader, shapes
from lib.tasks.digits import Digits

RNG = np.random.default_rng
EVERYTHING = np.arange(1797)


def test_training_and_exam_share_no_picture_and_together_are_everything() -> None:
    task = Digits()
    assert sorted([*task.training_sample(10_000, RNG(0)), *task.test]) == list(EVERYTHING)


def test_the_split_takes_the_same_share_of_every_digit() -> None:
    task = Digits()
    share = np.bincount(task.truth(task.test)) / np.bincount(task.truth(EVERYTHING))
    assert np.abs(share - 0.3).max() < 0.003


def test_the_exam_is_the_same_for_everybody() -> None:
    assert (Digits().test == Digits("l2", shift=3).test).all()
    assert Digits().test[:5].tolist() == [1, 5, 6, 9, 12]


def test_samples_come_from_the_exam_and_repeat_only_when_it_is_used_up() -> None:
    task = Digits()
    x = task.sample(0.1, 539, RNG(0))
    assert sorted(x) == list(task.test)
    counts = np.unique_counts(task.sample(0.1, 1000, RNG(0))).counts
    assert counts.sum() == 1000
    assert set(counts) == {1, 2}


def test_training_samples_follow_their_generator_and_hold_no_picture_twice() -> None:
    first, again, other = (Digits().training_sample(300, RNG(seed)) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()
    assert len(set(first)) == 300


def test_pictures_are_ink_between_nothing_and_full() -> None:
    shown = Digits().pictures(EVERYTHING)
    assert shown.shape == (1797, 1, 8, 8)
    assert shown.dtype == np.float32
    assert (shown.min(), shown.max()) == (0, 1)


def test_what_a_caller_does_to_a_picture_stays_with_the_caller() -> None:
    task = Digits()
    task.pictures(EVERYTHING)[:] = 7
    task.truth(EVERYTHING)[:] = 7
    assert task.pictures(EVERYTHING).max() == 1
    assert set(task.truth(EVERYTHING)) == set(range(10))


@pytest.mark.parametrize("shift", [1, 2, 3])
def test_shift_moves_test_pictures_right_and_loses_the_ink_at_the_edge(shift: int) -> None:
    still, moved = Digits(), Digits(shift=shift)
    x, shown = still.test, still.training_sample(10_000, RNG(0))
    assert (moved.pictures(x)[..., shift:] == still.pictures(x)[..., :-shift]).all()
    assert not moved.pictures(x)[..., :shift].any()
    assert (moved.pictures(shown) == still.pictures(shown)).all()


def test_the_axis_reaches_beyond_the_untouched_picture() -> None:
    assert Digits().axis.exam[-1] == 0.3
    assert Digits("l2").axis.exam[-1] == 3
    assert [at for at in Digits().axis.exam if Digits().axis.seen(at)] == [0]


def test_errors_are_counted_one_by_one() -> None:
    assert Digits().error(np.array([1, 2, 3]), np.array([1, 0, 3])).tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: Digits("l1"), "norm: got 'l1'"),  # type: ignore[arg-type]
        (lambda: Digits(shift=4), "shift: got 4"),
        (lambda: Digits().sample(-0.1, 3, RNG(0)), "ε: got -0.1"),
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: Callable[[], object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        wrong()


def test_the_reader_reads_about_five_digits_in_six() -> None:
    task = Digits()
    right = 1 - task.error(DigitReader()(task.pictures(task.test)), task.truth(task.test))
    assert 0.82 < right.mean() < 0.85


def test_the_reader_reads_its_own_drawings_of_every_digit() -> None:
    drawn, digits = shapes()
    assert set(digits) == set(range(10))
    assert (DigitReader()(drawn[:, None]) == digits).all()


def test_the_reader_forgives_one_pixel_but_not_three() -> None:
    x, y = Digits().test, Digits().truth(Digits().test)
    read = {shift: (DigitReader()(Digits(shift=shift).pictures(x)) == y).mean() for shift in (0, 1, 3)}
    assert abs(read[1] - read[0]) < 0.03
    assert read[3] < 0.1


def test_the_reader_minds_neither_brightness_nor_contrast_nor_form_and_leaves_pictures_alone() -> None:
    x = Digits().pictures(Digits().test)
    before = x.copy()
    fits = DigitReader().scores(x)
    assert np.abs(fits - DigitReader().scores(0.2 + 0.3 * x.reshape(-1, 64))).max() < 1e-5
    assert (x == before).all()
    assert np.abs(fits).max() <= 1


def test_an_empty_picture_fits_every_digit_equally() -> None:
    assert not DigitReader().scores(np.zeros((1, 64))).any()


def test_the_trace_tells_every_shape_and_its_best_fit_is_the_answer() -> None:
    picture = Digits().pictures(Digits().test[:1])
    told = list(DigitReader().trace(picture[0]))
    assert [match.digit for match in told] == list(shapes()[1])
    best = [max(match.fit for match in told if match.digit == digit) for digit in range(10)]
    assert np.abs(best - DigitReader().scores(picture)[0]).max() < 1e-12
    for match in told:
        assert abs(np.corrcoef(match.shape.ravel(), picture.ravel())[0, 1] - match.fit) < 1e-12


def test_a_shape_that_was_pushed_is_told_with_its_push() -> None:
    drawn = DigitReader().stencils()[0][0]
    picture = np.pad(drawn, ((0, 0), (1, 0)))[:, :8]
    first = next(DigitReader().trace(picture))
    assert (first.down, first.right) == (0, 1)
    assert first.fit > 0.999


@pytest.mark.parametrize("shift", [0, 2])
def test_the_surrogate_answers_like_the_reader(shift: int) -> None:
    pictures, surrogate = Digits(shift=shift).pictures(EVERYTHING), TemplateSurrogate(*DigitReader().stencils())
    logits = surrogate(torch.from_numpy(pictures)).numpy()
    assert (logits.argmax(1) == DigitReader()(pictures)).all()
    assert np.abs(logits / surrogate.sharpness - DigitReader().scores(pictures)).max() < 1e-6


def test_what_deceives_the_surrogate_deceives_the_reader() -> None:
    task = Digits()
    y = task.truth(task.test)
    x = torch.from_numpy(task.pictures(task.test))
    surrogate = TemplateSurrogate(*DigitReader().stencils())
    pushed = PGD(0.1)(surrogate, x, torch.from_numpy(y), torch.Generator().manual_seed(0))
    right = 1 - task.error(DigitReader()(pushed.numpy()), y)
    assert 0.38 < right.mean() < 0.45
