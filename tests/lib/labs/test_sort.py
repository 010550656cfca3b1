"""What the lab Sort shows beyond curves: one row and its mistakes, a visitor's own, rows no program was written for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lib import store
from lib.core import lines_of_code
from lib.labs.sort import ODD, Answered, Row, Scene, Sort, Sorted, odd, questions
from lib.tasks.sort import SEQUENCES, slips, typed
from tests.lib.labs.test_labs import results, small

pytestmark = pytest.mark.xdist_group("labs")

PROGRAMS = [(name, written) for name, task in SEQUENCES.items() for written in task.written]


@cache
def first(**knobs: Any) -> Sorted:
    """A result like any other, of networks that have hardly learned: for what is so whatever they answer."""
    return next(iter(small("sort", **knobs).run()))


@pytest.mark.parametrize("task", SEQUENCES)
def test_the_shown_row_is_answered_at_every_length_by_both(task: str) -> None:
    lab, result = small("sort", task=task), first(task=task)
    scene = result.scene
    assert scene.row.tolist() == lab.row().tolist()
    for at, length in enumerate(scene.lengths.tolist()):
        x = lab.asks().prefix(scene.row, length).astype(int)
        assert questions(result)[at].tolist() == x.tolist()
        y = lab.asks().truth(x[None])[0]
        assert scene.truth[at][: len(y)].tolist() == y.tolist()
        assert (scene.truth[at][len(y) :] == -1).all()
        assert scene.program[at].tolist() == scene.truth[at].tolist()
        wanted = slips(x, scene.network[at][: len(y)].astype(int), y)
        assert scene.marks[at][: len(y)].tolist() == wanted.tolist()
    answer = scene.held[-1] if lab.asks().single else scene.steps[-1]
    assert np.array_equal(np.atleast_1d(answer), scene.truth[-1])
    assert scene.steps[0].tolist() == scene.row.tolist()


def test_a_mistake_in_the_program_is_on_the_stage() -> None:
    broken, whole = first(off_by_one=True), first()
    assert whole.verdict.named("program").outside == 0
    assert broken.verdict.named("program").inside > 0.2
    assert not np.array_equal(broken.scene.program, broken.scene.truth)


def test_single_numbers_are_wrong_less_often_than_whole_rows() -> None:
    result = results("sort")[-1]
    for rows, numbers in zip(result.verdict.answerers, result.numbers.answerers, strict=True):
        assert rows.name == numbers.name
        for whole, single in zip(rows.curve, numbers.curve, strict=True):
            assert single.error <= whole.error + 1e-12


@pytest.mark.parametrize(("task", "written"), PROGRAMS)
def test_each_task_has_its_programs_and_their_lines_are_counted(task: str, written: str) -> None:
    lab = Sort(task=task, algorithm=written) if task == "sort" else Sort(task=task)
    program = lab.program()
    assert type(program).__module__ == f"lib.programs.sort.{written}"
    assert 10 < lines_of_code(program) < 60
    assert Sort(task=task, off_by_one=True).program().off_by_one


@pytest.mark.usefixtures("shelf")
def test_a_visitors_row_is_answered_as_the_shown_one() -> None:
    lab, result = small("sort"), results("sort")[-1]
    store.own().put(lab, result)
    (answer,) = Row(lab, tuple(result.scene.row.tolist())).run()
    assert answer.scene
    assert np.array_equal(answer.scene.network, result.scene.network)
    assert np.array_equal(answer.scene.lengths, result.scene.lengths)
    assert store.own().put(
        Row(lab, (1, 2)), replace(answer, verdict=replace(answer.verdict, recipe=repr(Row(lab, (1, 2)))))
    )
    assert store.find(Row(lab, (1, 2))) is not None


def test_a_visitors_row_waits_for_a_network_that_is_not_there(shelf: Path) -> None:
    lab = small("sort", seed=3)
    assert not shelf.exists()
    told: list[Answered] = list(Row(lab, (4, 1, 4)).run())
    assert [one.progress for one in told] == sorted(one.progress for one in told)
    assert all(one.scene is None for one in told[:-1])
    assert told[-1].progress == 1.0
    assert told[-1].scene
    assert told[-1].scene.lengths.tolist() == [2, 3]
    assert told[-1].verdict.recipe == repr(Row(lab, (4, 1, 4)))
    assert eval(repr(Row(lab, (4, 1, 4))), {"Row": Row, "Sort": Sort}) == Row(lab, (4, 1, 4))  # noqa: S307


@pytest.mark.parametrize("row", ["0 9", " ".join("3141592653589793" * 4)])
def test_every_row_that_may_be_typed_has_a_scene(row: str) -> None:
    task = Sort().asks()
    scene = Scene.of(task, Sort().program(), np.array(typed(row, task)))
    assert scene.lengths[-1] == len(scene.row)


@pytest.mark.parametrize(("task", "written"), PROGRAMS)
def test_what_nobody_wrote_it_for_is_answered_or_refused(task: str, written: str) -> None:
    lab = Sort(task=task, algorithm=written) if task == "sort" else Sort(task=task)
    told = {one.name: one for one in odd(lab.asks(), lab.program())}
    assert set(told) == set(ODD)
    for one in told.values():
        assert bool(one.error) != bool(one.told)
        assert one.error.startswith("TypeError: ") or not one.error


def oddities(algorithm: str) -> Iterator[tuple[str, bool]]:
    for one in odd(Sort().asks(), Sort(algorithm=algorithm).program()):
        yield one.name, one.told == one.right


def test_quicksort_lets_equals_pass_and_merging_does_not() -> None:
    assert dict(oddities("merge_sort"))["cards"]
    assert dict(oddities("insertion_sort"))["cards"]
    assert not dict(oddities("quick_sort"))["cards"]


def test_nan_leads_comparisons_astray() -> None:
    assert not any(dict(oddities(one))["nan"] for one in ("merge_sort", "insertion_sort", "quick_sort"))


def test_a_word_among_numbers_stops_every_sort() -> None:
    for algorithm in SEQUENCES["sort"].written:
        (mixed,) = [one for one in odd(Sort().asks(), Sort(algorithm=algorithm).program()) if one.name == "mixed"]
        assert mixed.error.startswith("TypeError")


@pytest.mark.parametrize(
    ("task", "row"), [("addition", (37, 45)), ("parity", (1, 2)), ("sort", (3, 10)), ("sort", (3,)), ("sort", ())]
)
def test_a_row_that_is_no_question_of_its_task_is_refused(task: str, row: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=rf"row: got .* for '{task}', choose . or more whole numbers from 0 to"):
        Row(Sort(task=task), row)


def test_shipped_sums_are_right_at_every_length() -> None:
    for settings in ({"task": "addition"}, {"task": "addition", "learner": "gru"}):
        lab = Sort(**settings)
        found: Any = store.Store(str(store.SHIPPED)).get(lab)
        for asked, truth in zip(questions(found), found.scene.truth, strict=True):
            x = asked.astype(int)
            assert truth[: len(x)].tolist() == lab.asks().truth(x[None])[0].tolist()
