"""The programs on sequences against brute force, step by step, and each one's documented mistake."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count, pairwise, permutations
from math import nan
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lib.programs.sort.addition import Addition
from lib.programs.sort.copying import Copying
from lib.programs.sort.insertion_sort import InsertionSort
from lib.programs.sort.maximum import Maximum
from lib.programs.sort.merge_sort import MergeSort
from lib.programs.sort.mirror import Mirror
from lib.programs.sort.parity import Parity
from lib.programs.sort.quick_sort import QuickSort
from lib.programs.sort.radix_sort import RadixSort

COMPARING = (MergeSort, InsertionSort, QuickSort)
SORTS = (*COMPARING, RadixSort)
ALL = (*SORTS, Mirror, Copying, Parity, Maximum, Addition)
STABLE = (MergeSort, InsertionSort, RadixSort)

patient = settings(deadline=None)  # the machine may be busy
row = st.lists(st.integers(0, 99), max_size=64)
some = st.lists(st.integers(0, 99), min_size=1, max_size=64)
wrong = st.booleans()


def written(number: int, places: int) -> list[int]:
    """The digits of a number, ones first."""
    return [number // 10**place % 10 for place in range(places)]


def right(program: Any, question: Sequence[int]) -> list[int]:
    """What Python itself answers, by other means than the program."""
    if isinstance(program, SORTS):
        return sorted(question)
    if isinstance(program, Addition):
        above, below = (sum(column // part % 10 * 10**at for at, column in enumerate(question)) for part in (10, 1))
        return written(above + below, len(question))
    if isinstance(program, Mirror):
        return list(reversed(question))
    if isinstance(program, Parity):
        return [int(list(question).count(1) in range(1, 65, 2))]
    return [max(question)] if isinstance(program, Maximum) else list(question)


def asked(program: Any, numbers: Sequence[int]) -> list[int]:
    """A question that the program understands, of these numbers from 0 to 99."""
    if isinstance(program, Parity):
        return [number % 2 for number in numbers]
    return [*numbers[:-1], 0] if isinstance(program, Addition) and numbers else list(numbers)


def answer(program: Any, question: Sequence[Any]) -> list[Any]:
    return program(np.array([question], dtype=int))[0].tolist()


def rows(program: Any, question: Sequence[Any]) -> list[tuple[Any, ...]]:
    return [state[0] for state in program.trace(question)]


def moved(before: Sequence[Any], after: Sequence[Any]) -> list[int]:
    """The places at which two rows differ."""
    return [at for at, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]


@pytest.mark.parametrize("kind", ALL)
@patient
@given(numbers=some)
@example(numbers=[7])
@example(numbers=[5] * 9)
@example(numbers=list(range(64)))
@example(numbers=list(range(64))[::-1])
def test_it_answers_as_brute_force_does(kind: Any, numbers: list[int]) -> None:
    question = asked(kind(), numbers)
    assert answer(kind(), question) == right(kind(), question)


@pytest.mark.parametrize("kind", [one for one in ALL if one is not Maximum])
def test_an_empty_row_has_an_answer(kind: Any) -> None:
    assert kind()(np.empty((3, 0), int)).tolist() == [right(kind(), [])] * 3
    assert rows(kind(), []) in ([()], [(), ()])


def test_an_empty_row_has_no_maximum() -> None:
    with pytest.raises(ValueError, match="empty row"):
        Maximum()(np.empty((3, 0), int))


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("off_by_one", [False, True])
def test_rows_do_not_touch_each_other_nor_the_questions(kind: Any, off_by_one: bool) -> None:
    program = kind(off_by_one)
    x = np.random.default_rng(3).integers(0, 2 if kind is Parity else 100, (20, 9)).astype(np.int32)
    before = x.copy()
    answers = program(x)
    assert np.array_equal(x, before)
    assert answers.dtype == x.dtype
    assert answers.shape == ((20, 1) if kind in (Parity, Maximum) else (20, 9))
    assert answers.tolist() == [answer(program, one) for one in x.tolist()]
    assert program(x[:0]).shape == (0, answers.shape[1])


@pytest.mark.parametrize("kind", ALL)
def test_a_program_is_its_recipe(kind: Any) -> None:
    for program in (kind(), kind(off_by_one=True)):
        assert eval(repr(program)) == program  # noqa: S307
    assert kind() != kind(off_by_one=True)


@pytest.mark.parametrize("kind", ALL)
@patient
@given(numbers=some, off_by_one=wrong)
def test_a_trace_begins_with_the_question_and_ends_in_the_answer(
    kind: Any, numbers: list[int], off_by_one: bool
) -> None:
    program = kind(off_by_one)
    question = asked(program, numbers)
    states = list(program.trace(question))
    assert states[0][:2] == (tuple(question), ())
    assert states[0][3] == 0
    final, _, held, _ = states[-1]
    told = [held] if kind in (Parity, Maximum) else list(final)
    assert told == answer(program, question)
    assert all(0 <= place < len(question) for _, touched, _, _ in states for place in touched)
    assert all(later[3] - earlier[3] in (0, 1) for earlier, later in pairwise(states))


@pytest.mark.parametrize("kind", SORTS)
@patient
@given(numbers=row, off_by_one=wrong)
def test_sorting_loses_and_invents_nothing_on_the_way(kind: Any, numbers: list[int], off_by_one: bool) -> None:
    assert all(Counter(one) == Counter(numbers) for one in rows(kind(off_by_one), numbers))


@pytest.mark.parametrize("kind", [InsertionSort, QuickSort, Mirror, Copying, Addition])
@patient
@given(numbers=some, off_by_one=wrong)
def test_a_step_changes_only_the_places_that_it_touches(kind: Any, numbers: list[int], off_by_one: bool) -> None:
    states = list(kind(off_by_one).trace(numbers))
    body = states[:-1] if kind is Copying and off_by_one else states  # what was not copied is missed at the end
    assert all(set(moved(before, after)) <= set(touched) for (before, *_), (after, touched, *_) in pairwise(body))


@pytest.mark.parametrize("kind", [MergeSort, RadixSort])
@patient
@given(numbers=row, off_by_one=wrong)
def test_a_step_takes_one_number_out_and_puts_it_in_before(kind: Any, numbers: list[int], off_by_one: bool) -> None:
    for (before, *_), (after, (to, origin), *_) in pairwise(kind(off_by_one).trace(numbers)):
        assert to <= origin
        taken = [*before[:to], before[origin], *before[to:origin], *before[origin + 1 :]]
        assert list(after) in (list(before), taken)


@patient
@given(numbers=row, off_by_one=wrong)
def test_insertion_compares_neighbours_and_keeps_what_it_has_in_order(numbers: list[int], off_by_one: bool) -> None:
    for (before, *_), (after, (left, place), hand, _) in pairwise(InsertionSort(off_by_one).trace(numbers)):
        assert place == left + 1
        assert hand == before[place]
        assert moved(before, after) == ([left, place] if before[place] < before[left] else [])


@pytest.mark.parametrize("kind", [Parity, Maximum])
@patient
@given(numbers=some)
def test_what_is_only_read_stays_and_the_hand_is_right_all_along(kind: Any, numbers: list[int]) -> None:
    program = kind()
    question = asked(program, numbers)
    for state, touched, held, _ in list(program.trace(question))[1:]:
        assert state == tuple(question)
        assert [held] == right(program, question[: touched[0] + 1])


@patient
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=64))
def test_the_carry_is_what_the_columns_so_far_leave_over(columns: list[tuple[int, int]]) -> None:
    states = list(Addition().trace([10 * a + b for a, b in columns]))
    for places, (now, _, carry, _) in enumerate(states[1:], start=1):
        a, b = (sum(column[which] * 10**at for at, column in enumerate(columns[:places])) for which in (0, 1))
        assert [*now[:places], carry] == written(a + b, places + 1)


@dataclass(frozen=True, order=True)
class Card:
    """A record: it is compared by its rank, its name only tells it from its equals."""

    rank: int
    name: int = field(compare=False)

    def __floordiv__(self, unit: int) -> int:
        return self.rank // unit

    def __str__(self) -> str:
        return str(self.rank)


def names(program: Any, ranks: Sequence[int]) -> list[tuple[int, int]]:
    """Rank and name of records numbered as they come, in the order in which the program puts them."""
    *_, (sorted_row, _, _, _) = program.trace([Card(*one) for one in zip(ranks, count(), strict=False)])
    return [(card.rank, card.name) for card in sorted_row]


@pytest.mark.parametrize("kind", STABLE)
@patient
@given(ranks=st.lists(st.integers(0, 12), max_size=64))
def test_equals_keep_their_order(kind: Any, ranks: list[int]) -> None:
    assert names(kind(), ranks) == sorted(zip(ranks, range(len(ranks)), strict=True))


def test_quicksort_carries_a_number_past_its_equal() -> None:
    assert names(QuickSort(), [1, 1]) == [(1, 1), (1, 0)]
    assert names(QuickSort(), [0, 1, 1]) == [(0, 0), (1, 2), (1, 1)]


class Asked(int):
    """A number that counts how often it is asked whether it is smaller; no other comparison is there."""

    times = 0

    def __lt__(self, other: object) -> bool:
        Asked.times += 1
        return int.__lt__(self, other)  # type: ignore[operator]

    __gt__ = __le__ = __ge__ = __eq__ = None  # type: ignore[assignment]
    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize("kind", [*COMPARING, Maximum])
@patient
@given(numbers=some, off_by_one=wrong)
def test_every_comparison_is_counted(kind: Any, numbers: list[int], off_by_one: bool) -> None:
    Asked.times = 0
    *_, (_, _, _, told) = kind(off_by_one).trace([Asked(number) for number in numbers])
    assert told == Asked.times


@pytest.mark.parametrize("kind", [RadixSort, Mirror, Copying, Parity, Addition])
@patient
@given(numbers=some)
def test_the_others_compare_nothing(kind: Any, numbers: list[int]) -> None:
    assert {state[3] for state in kind().trace(asked(kind(), numbers))} == {0}


def comparisons(program: Any, question: Sequence[Any]) -> int:
    *_, (_, _, _, told) = program.trace(question)
    return told


@patient
@given(numbers=row)
def test_merging_stays_within_its_bound(numbers: list[int]) -> None:
    rounds = max(len(numbers) - 1, 0).bit_length()  # ⌈log₂ n⌉
    assert comparisons(MergeSort(), numbers) <= len(numbers) * rounds


@pytest.mark.parametrize("n", [1, 2, 9, 64])
def test_rows_in_order_are_the_best_for_insertion_and_the_worst_for_quicksort(n: int) -> None:
    assert comparisons(InsertionSort(), range(n)) == n - 1
    assert comparisons(InsertionSort(), range(n)[::-1]) == n * (n - 1) // 2
    assert comparisons(QuickSort(), range(n)) == n * (n - 1) // 2
    assert comparisons(Maximum(), range(n)) == n - 1


@pytest.mark.parametrize("n", [1, 2, 3, 6])
def test_quicksort_costs_what_its_sum_says_on_the_average(n: int) -> None:
    costs = [comparisons(QuickSort(), one) for one in permutations(range(n))]
    harmonic = sum(Fraction(1, k) for k in range(1, n + 1))
    assert Fraction(sum(costs), len(costs)) == 2 * (n + 1) * harmonic - 4 * n


@pytest.mark.parametrize("kind", COMPARING)
@patient
@given(numbers=st.lists(st.floats() | st.just(nan), max_size=20))
def test_what_is_no_number_ends_it_too_and_loses_nothing(kind: Any, numbers: list[float]) -> None:
    assert Counter(map(id, rows(kind(), numbers)[-1])) == Counter(map(id, numbers))


@pytest.mark.parametrize("kind", [MergeSort, InsertionSort])
def test_a_nan_is_never_smaller_and_spoils_the_order_around_it(kind: Any) -> None:
    final = rows(kind(), [4, 3, nan, 2, 1])[-1]
    left = [number for number in final if number == number]
    assert left != sorted(left)


@patient
@given(numbers=st.lists(st.integers(0, 99) | st.just(nan), max_size=20))
@example(numbers=[3, 4, nan, 2, 1])  # becomes 1, 2, 3, nan, 4
def test_quicksort_keeps_the_numbers_in_order_and_puts_a_nan_anywhere(numbers: list[float]) -> None:
    left = [number for number in numbers if number == number]
    assert [number for number in rows(QuickSort(), numbers)[-1] if number == number] == sorted(left)


@pytest.mark.parametrize("kind", COMPARING)
def test_what_python_cannot_compare_is_pythons_own_error(kind: Any) -> None:
    with pytest.raises(TypeError, match="'<' not supported"):
        rows(kind(), [3, "two", 1])


@pytest.mark.parametrize("what", [nan, "two", 2.5, None], ids=str)
def test_what_has_no_digits_is_an_error_of_radix_sort(what: Any) -> None:
    with pytest.raises(TypeError):
        rows(RadixSort(), [3, what, 1])


def test_radix_files_a_negative_number_as_its_complement() -> None:
    assert rows(RadixSort(), [98, -3, 5, 96])[-1] == (5, 96, -3, 98)


@patient
@given(numbers=row)
def test_merging_one_short_never_moves_the_last_number(numbers: list[int]) -> None:
    assert {one[-1:] for one in rows(MergeSort(True), numbers)} == {tuple(numbers[-1:])}


@patient
@given(numbers=row)
def test_sinking_one_short_never_moves_the_first_number_and_sorts_the_rest(numbers: list[int]) -> None:
    assert answer(InsertionSort(True), numbers) == numbers[:1] + sorted(numbers[1:])


@patient
@given(numbers=st.lists(st.integers(0, 999), min_size=2, max_size=64, unique=True))
def test_parting_one_short_leaves_the_pivots_neighbour_behind_it(numbers: list[int]) -> None:
    told = answer(QuickSort(True), numbers)
    assert told.index(numbers[-1]) < told.index(numbers[-2])


@patient
@given(numbers=some)
def test_one_round_short_sorts_by_all_digits_but_the_leading_one(numbers: list[int]) -> None:
    unit = 10 ** (len(str(max(numbers))) - 1)
    assert answer(RadixSort(True), numbers) == sorted(numbers, key=lambda number: number % unit)


@patient
@given(numbers=row)
def test_pairs_counted_from_one_leave_both_ends_where_they_were(numbers: list[int]) -> None:
    assert answer(Mirror(True), numbers) == numbers[:1] + numbers[1:-1][::-1] + numbers[1:][-1:]


@patient
@given(numbers=row)
def test_copying_one_short_leaves_the_last_place_empty(numbers: list[int]) -> None:
    assert answer(Copying(True), numbers) == numbers[:-1] + [0] * bool(numbers)


@patient
@given(bits=st.lists(st.integers(0, 1), min_size=1, max_size=64))
def test_parity_begun_one_late_is_wrong_exactly_where_the_first_bit_is_one(bits: list[int]) -> None:
    assert (answer(Parity(True), bits) != right(Parity(), bits)) == bits[0]


@patient
@given(numbers=st.lists(st.integers(0, 99), min_size=2, max_size=64))
def test_looking_one_short_is_wrong_exactly_where_the_last_is_larger_than_all(numbers: list[int]) -> None:
    assert (answer(Maximum(True), numbers) != [max(numbers)]) == (numbers[-1] > max(numbers[:-1]))
    assert answer(Maximum(True), numbers[:1]) == numbers[:1]


@patient
@given(numbers=some)
def test_adding_begun_one_late_leaves_the_ones_and_forgets_their_carry(numbers: list[int]) -> None:
    columns = asked(Addition(), numbers)
    assert answer(Addition(True), columns) == columns[:1] + right(Addition(), [0, *columns[1:]])[1:]


@pytest.mark.parametrize("length", [4, 8, 64])
@pytest.mark.parametrize("kind", [one for one in ALL if one not in (Parity, Maximum)])
def test_the_mistake_is_wrong_on_most_rows(kind: Any, length: int) -> None:
    questions = np.random.default_rng(0).integers(0, 100, (400, length))
    questions[:, -1] *= kind is not Addition
    assert (kind(True)(questions) != kind()(questions)).any(axis=1).mean() > 0.5
