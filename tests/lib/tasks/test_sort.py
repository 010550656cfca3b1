"""Tasks on rows of numbers, by brute force, and what visitors type."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.tasks.sort import (
    DOUBLED,
    FAR,
    INVENTED,
    MISPLACED,
    RIGHT,
    SEQUENCES,
    WRONG,
    RowError,
    Sequences,
    Sort,
    lost,
    slips,
    typed,
)

every_task = pytest.mark.parametrize("name", SEQUENCES)
BY_HAND = {
    "sort": sorted,
    "reverse": lambda row: row[::-1],
    "copy": lambda row: row,
    "maximum": lambda row: [max(row)],
    "parity": lambda row: [row.count(1) % 2],
    "addition": lambda row: digits(number(row, lambda column: column // 10) + number(row, lambda c: c % 10), len(row)),
}


def number(row: list[int], digit: object) -> int:
    return sum(digit(column) * 10**place for place, column in enumerate(row))  # type: ignore[operator]


def digits(total: int, count: int) -> list[int]:
    return [total // 10**place % 10 for place in range(count)]


def drawn(task: Sequences, length: int, n: int = 50) -> np.ndarray:
    return task.sample(length, n, np.random.default_rng(length))


@every_task
@pytest.mark.parametrize("length", [1, 2, 3, 8, 15])
def test_the_truth_is_what_one_finds_by_hand(name: str, length: int) -> None:
    task = SEQUENCES[name]()
    x = drawn(task, length)
    assert task.truth(x).tolist() == [BY_HAND[name](row) for row in x.tolist()]


@every_task
def test_questions_and_answers_are_of_their_alphabets(name: str) -> None:
    task = SEQUENCES[name](numbers=6)
    x = drawn(task, 12, 500)
    y = task.truth(x)
    assert (x.min(), x.max()) == (0, task.alphabet - 1)
    assert 0 <= y.min() <= y.max() < task.symbols
    assert y.shape == (500, 1 if task.single else 12)
    assert not task.extractive or all(Counter(a) <= Counter(q) for q, a in zip(x.tolist(), y.tolist(), strict=True))


@every_task
def test_what_is_answered_online_does_not_depend_on_what_follows(name: str) -> None:
    task = SEQUENCES[name]()
    x = drawn(task, 10)
    changed = x.copy()
    changed[:, 5:] = drawn(task, 5)
    same = np.array_equal(task.truth(x)[:, :5], task.truth(changed)[:, :5])
    assert same == task.online or task.single


@every_task
def test_training_ends_at_the_longest_row_and_the_exam_far_beyond(name: str) -> None:
    for longest in (4, 8, 20):
        axis = SEQUENCES[name](longest=longest).axis
        assert axis.train == (SEQUENCES[name].shortest, longest)
        assert axis.exam[-1] == max(FAR, 5 * longest)
        assert axis.seen(axis.exam[0])


@given(st.integers(2, 64), st.floats(0, 0.5))
def test_hidden_numbers_are_asked_but_never_shown(numbers: int, hidden: float) -> None:
    task = Sort(numbers, hidden=hidden)
    assert {0, numbers - 1} <= set(task.shown.tolist())
    assert len(task.shown) == numbers - min(round(hidden * numbers), numbers - 2)
    x = task.training_rows(5, 200, np.random.default_rng(0))
    assert set(np.unique(x)) <= set(task.shown.tolist())


def test_a_training_sample_has_one_trained_length() -> None:
    rng = np.random.default_rng(0)
    lengths = {Sort(longest=6).training_sample(3, rng).shape for _ in range(100)}
    assert lengths == {(3, length) for length in range(2, 7)}


def test_a_row_is_wrong_as_a_whole_and_number_by_number() -> None:
    task = Sort()
    answer, y = np.array([[1, 2, 3], [1, 3, 2], [0, 0, 0]]), np.array([[1, 2, 3]] * 3)
    assert task.error(answer, y).tolist() == [0, 1, 1]
    assert task.misses(answer, y) == pytest.approx([0, 2 / 3, 1])


@pytest.mark.parametrize(
    ("asked", "answer", "wanted", "gone"),
    [
        ([3, 1, 2], [1, 2, 3], [RIGHT, RIGHT, RIGHT], []),
        ([3, 1, 2], [2, 1, 3], [MISPLACED, MISPLACED, RIGHT], []),
        ([3, 1, 2], [1, 1, 3], [RIGHT, DOUBLED, RIGHT], [2]),
        ([3, 1, 2], [1, 7, 3], [RIGHT, INVENTED, RIGHT], [2]),
        ([3, 1, 2], [3, 3, 3], [DOUBLED, DOUBLED, RIGHT], [1, 2]),
        ([2, 2, 1], [2, 1, 1], [MISPLACED, MISPLACED, DOUBLED], [2]),
        ([5, 4], [-1, 5], [INVENTED, RIGHT], [4]),
    ],
)
def test_mistakes_are_named(asked: list[int], answer: list[int], wanted: list[int], gone: list[int]) -> None:
    told = slips(np.array(asked), np.array(answer), np.sort(asked))
    assert told.tolist() == wanted
    assert lost(np.array(asked), np.array(answer)) == gone


@given(st.lists(st.integers(0, 5), min_size=1, max_size=9), st.data())
def test_right_numbers_are_never_marked_and_lost_ones_are_missing(row: list[int], data: st.DataObject) -> None:
    answer = np.array(data.draw(st.lists(st.integers(-1, 6), min_size=len(row), max_size=len(row))))
    x, y = np.array(row), np.sort(row)
    told = slips(x, answer, y)
    assert np.array_equal(told == RIGHT, answer == y)
    assert Counter(lost(x, answer)) == Counter(row) - Counter(answer.tolist())
    assert set(answer[told == INVENTED]) == set(answer.tolist()) - set(row)


def test_where_the_answer_is_not_made_of_the_question_wrong_is_wrong() -> None:
    assert slips(np.array([1, 1, 0]), np.array([1]), np.array([0])).tolist() == [WRONG]


@pytest.mark.parametrize(
    "text", ["3 1 4", "3,1,4", " 3, 1 ,4,", "3;1\n4", "3，1、4", "3\t1 4", "３，１，４", "[3, 1, 4]", "\ufeff3.0 １ ٤"]
)
def test_a_row_is_typed_as_keyboards_and_spreadsheets_write_it(text: str) -> None:
    assert typed(text, Sort()) == (3, 1, 4)


@pytest.mark.parametrize(
    ("text", "why", "word", "place"),
    [
        ("3 x 4", "word", "x", 2),
        ("3 1.5", "word", "1.5", 2),
        ("3 nan", "word", "nan", 2),
        ("1 ²", "word", "²", 2),
        ("1 ３x", "word", "３x", 2),
        (" ,;[]", "word", " ,;[]", 1),
        ("[3, −1]", "range", "−1", 2),
        ("1 1_0", "word", "1_0", 2),
        ("1 " + "9" * 5000, "word", "9" * 5000, 2),
        ("__import__('os')", "word", "__import__('os')", 1),
        ("3 10", "range", "10", 2),
        ("-1 3", "range", "-1", 1),
        ("7", "few", "7", 1),
        (" ".join("1" * (FAR + 1)), "many", "1", FAR + 1),
    ],
)
def test_what_is_no_row_is_refused_by_word_and_place(text: str, why: str, word: str, place: int) -> None:
    with pytest.raises(RowError) as caught:
        typed(text, Sort())
    assert (caught.value.why, caught.value.word, caught.value.place) == (why, word, place)


@given(st.text(max_size=80))
def test_anything_typed_is_a_row_or_refused(text: str) -> None:
    try:
        row = typed(text, Sort())
    except RowError:
        return
    assert 2 <= len(row) <= FAR
    assert all(0 <= one < 10 for one in row)


@pytest.mark.parametrize(
    ("text", "row", "told"),
    [
        ("37 45", (37, 45, 0), [0, 0, 1]),  # 43 + 57
        ("37 45 0", (37, 45, 0), [0, 0, 1]),
        ("99", (99, 0), [8, 1]),
        ("12 30", (12, 30, 0), [3, 3, 0]),
    ],
)
def test_a_typed_sum_gets_room_for_its_last_digit(text: str, row: tuple[int, ...], told: list[int]) -> None:
    assert typed(text, SEQUENCES["addition"]()) == row
    assert SEQUENCES["addition"]().truth(np.array([row]))[0].tolist() == told


def test_a_sum_that_has_no_room_is_refused() -> None:
    assert typed("1 " * (FAR - 1) + "0", SEQUENCES["addition"]()) == (*[1] * (FAR - 1), 0)
    with pytest.raises(RowError) as caught:
        typed("1 " * FAR, SEQUENCES["addition"]())
    assert (caught.value.why, caught.value.word, caught.value.place) == ("room", "1", FAR)
    with pytest.raises(ValueError, match="one digit more; end them with 0"):
        SEQUENCES["addition"]().truth(np.array([[37, 45]]))


def test_bits_are_bits() -> None:
    with pytest.raises(RowError, match="range"):
        typed("1 2 1", SEQUENCES["parity"]())


@every_task
def test_the_beginning_of_a_row_is_a_question_too(name: str) -> None:
    """With the right answer of a row as long; of a sum none loses its carry."""
    task = SEQUENCES[name]()
    row = drawn(task, 12, 1)[0]
    for length in range(task.shortest, 13):
        x = task.prefix(row, length)
        assert len(x) == length
        assert task.truth(x[None])[0].tolist() == BY_HAND[name](x.tolist())
        assert task.completed(tuple(x.tolist())) == tuple(x.tolist())
    assert task.prefix(row, 12).tolist() == row.tolist()
