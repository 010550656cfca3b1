"""The film as it is sent to the browser, and points of a visitor's own on their way into the link."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.app.hosting import policy
from dashboard.app.language import LANGUAGES, Texts
from dashboard.pages.paper.charts import strips
from dashboard.pages.paper.charts.unfolding import (
    NOBODY,
    by_layer,
    layers_table,
    motion,
    power,
    steep_table,
    steepness,
    written,
)
from dashboard.pages.paper.points import explained
from dashboard.scrubber import HERE
from lib.core import opening
from lib.labs.paper.lab import Bent, Paper
from lib.labs.paper.unfolding import FULL
from lib.tasks.paper.drawn import MOST, FaultyPointsError, decode, encode, parse
from tests.dashboard.conftest import calm, every_language, settings, turn, visit, widgets
from tests.lib.labs.test_labs import results

pytestmark = pytest.mark.xdist_group("labs")


def first_and_last() -> tuple[Bent, Bent]:
    return results("paper")[0], results("paper")[-1]


def unpacked(packed: bytes) -> tuple[dict[str, object], bytes]:
    length = int.from_bytes(packed[:4], "little")
    return json.loads(packed[4 : 4 + length]), packed[4 + length :]


@every_language
@pytest.mark.parametrize("which", [0, 1])
def test_a_film_is_packed_as_the_browser_reads_it(language: str, which: int) -> None:
    result = first_and_last()[which]
    film, packed = result.film, motion(result, Texts(language, "paper")).packed
    head, rest = unpacked(packed)
    frames, dots, axes = film.frames.shape
    assert (head["frames"], head["axes"], head["side"]) == (frames, axes, film.side)
    assert head["points"] + film.side**2 == dots  # type: ignore[operator]
    assert (len(packed) - len(rest)) % 4 == 0  # whole numbers lie where a browser may read them
    assert np.array_equal(np.frombuffer(rest[: 4 * frames], "<f4"), film.reach)
    states = np.frombuffer(rest[4 * frames :][: 2 * film.frames.size], "<i2")
    assert np.array_equal(states.reshape(film.frames.shape), film.frames)
    answers = np.frombuffer(rest[4 * frames + 2 * film.frames.size :], np.uint8)
    assert np.array_equal(answers, np.concatenate([film.labels, film.says]))


def sheet_film(result: Bent, crumple: float) -> Bent:
    """As if the film were of a crumpled sheet: its own points, on a sheet with folds."""
    lab = Paper(shape="sheet", crumple=crumple, seed=3)
    task, film = lab.asks(), result.film
    points = task.shown(len(film.labels), np.random.default_rng(0))
    seen = np.concatenate([points, task.lines(film.side)])
    reach = np.linalg.norm(seen, axis=1).max()
    first = np.round(seen / reach * FULL).astype(np.int16)
    frames = np.repeat(first[None], len(film.frames), axis=0)
    told = replace(film, frames=frames, reach=np.full(len(film.reach), reach, np.float32))
    return replace(result, film=told, verdict=replace(result.verdict, recipe=repr(lab)))


@every_language
def test_until_the_guess_a_film_shows_the_sheet_and_nothing_that_a_network_made(language: str) -> None:
    result = first_and_last()[1]
    words = Texts(language, "paper")
    covered = motion(result, words).covered
    assert covered is not None
    head, rest = unpacked(covered)
    film = result.film
    assert (head["frames"], head["moves"], head["figures"], head["covered"]) == (1, [], [], True)
    states = np.frombuffer(rest[4:][: 2 * film.frames[0].size], "<i2")
    assert np.array_equal(states.reshape(film.frames[0].shape), film.frames[0])
    labels, says = np.split(np.frombuffer(rest[4 + 2 * film.frames[0].size :], np.uint8), [len(film.labels)])
    assert np.array_equal(says[: len(labels)], labels)  # no point is marked as wrong
    assert set(says[len(labels) :].tolist()) == {NOBODY}
    told = json.dumps(head["words"], ensure_ascii=False)
    for one in (words("film.title", right=result.accuracy[0]), words("film.told", loss=result.loss[0], right="")[:9]):
        assert one not in told


def test_a_crumpled_sheet_lies_flat_first_and_is_folded_fold_by_fold() -> None:
    result = sheet_film(first_and_last()[1], 0.7)
    words = Texts("en", "paper")
    for packed in (motion(result, words).packed, motion(result, words).covered):
        assert packed is not None
        head, rest = unpacked(packed)
        moves: list[dict[str, object]] = head["moves"]  # type: ignore[assignment]
        assert [one["kind"] for one in moves][:4] == ["fold"] * 4
        assert [one["first"] for one in moves][:5] == [0, 1, 2, 3, 4][: len(moves)]
        frames: int = head["frames"]  # type: ignore[assignment]
        reach = np.frombuffer(rest[: 4 * frames], "<f4")
        shape = (5, *result.film.frames.shape[1:])
        states = np.frombuffer(rest[4 * frames :][: 2 * int(np.prod(shape))], "<i2").reshape(shape)
        flat = states[0] / FULL * reach[0]
        assert abs(flat[:, 2]).max() < 1e-3
        assert abs(flat[:, :2]).max() == pytest.approx(1, abs=1e-3)
        assert np.array_equal(states[4], result.film.frames[0])
        assert (frames == 5) == bool(head["covered"])


@every_language
def test_no_two_moves_of_a_layer_share_a_name(language: str) -> None:
    kinds = Texts(language, "paper").at("film.kinds")
    assert len(set(kinds.values())) == len(kinds)


@every_language
def test_what_a_film_leaves_out_and_whom_its_figures_are_of_is_said(language: str) -> None:
    words, result = Texts(language, "paper"), first_and_last()[1]
    whole = written(result, words)
    assert words("film.left_out") not in whole["told"]
    assert words("layers.held") not in whole["meant"]
    assert whole["help"] == words("film.help2")
    cut = written(replace(result, film=replace(result.film, whole=False, room=8, spread=0.25)), words)
    assert words("film.left_out") in cut["told"]
    assert "25\u00a0%" in cut["told"]
    digits = written(replace(result, film=replace(result.film, side=0)), words)
    assert words("film.digits", shown=len(result.film.labels)) in digits["told"]
    assert words("layers.held") in digits["meant"]
    assert digits["help"] == words("film.help_digits")


@pytest.mark.parametrize(
    ("value", "told"), [(3e-16, "10⁻¹⁵"), (1e-15, "10⁻¹⁵"), (0.0, "10⁻¹⁶"), (0.002, "10⁻²"), (3.0, "10¹")]
)
def test_how_close_points_come_home_is_written_as_a_power_of_ten_that_they_stay_below(value: float, told: str) -> None:
    assert power(value) == told


@every_language
def test_the_browser_fills_in_what_only_it_knows(language: str) -> None:
    head, _ = unpacked(motion(first_and_last()[1], Texts(language, "paper")).packed)
    words: dict[str, str] = head["words"]  # type: ignore[assignment]
    assert all(slot in words["move"] for slot in ("{layer}", "{layers}", "{kind}", "{share}"))
    assert "{class}" in words["class"]
    assert "{" not in words["told"] + words["title"] + words["help"] + words["meant"]


@every_language
def test_figures_come_with_the_last_result_one_for_each_boundary(language: str) -> None:
    first, last = first_and_last()
    words = Texts(language, "paper")
    assert by_layer(first.film.untangled, words) == []
    assert layers_table(first, words) is None
    rows = by_layer(last.film.untangled, words)
    boundaries = int(last.film.layer[-1]) + 2
    assert [len(row) for row in rows] == [boundaries + 1] * 4
    table = layers_table(last, words)
    assert table is not None
    assert table.num_rows == boundaries


@every_language
def test_steepness_is_drawn_from_the_first_look_on(language: str) -> None:
    for result in first_and_last():
        words = Texts(language, "paper")
        assert steepness(result, words).table.num_rows == steep_table(result, words).num_rows == len(result.steep)


def test_the_components_files_are_there_and_no_header_had_to_give() -> None:
    for name in ("scrubber", "pad"):
        assert {path.suffix for path in (HERE / "browser").glob(f"{name}.*")} == {".html", ".css", ".js"}
    scripts = next(one for one in policy().split("; ") if one.startswith("script-src"))
    assert "blob:" not in scripts
    assert "unsafe" not in scripts


def test_the_components_load_nothing_from_elsewhere() -> None:
    for path in (HERE / "browser").iterdir():
        told = path.read_text(encoding="utf-8")
        assert "http" not in told, path.name
        assert "eval(" not in told, path.name
        assert "innerHTML" not in told, path.name


@every_language
@pytest.mark.parametrize(
    "rows",
    ["0,0,0\n1,2,0", "0,0,9", "0,0", "0,0,0\n" * (MOST + 1), "0,0,0\n1,1,1", "<b>,0,0", "0,0,0\n0,0,1\n" * 2],
)
def test_what_is_wrong_with_points_is_said_in_the_visitors_language(language: str, rows: str) -> None:
    fault = fault_of(rows)
    told = explained(fault, Texts(language, "paper"))
    assert "<b>" not in told
    if fault.row:
        assert str(fault.row) in told
    if language == "zh":
        assert not re.search(r"[A-Za-z]{2}", told.replace("class", "")), told  # the column's heading may stand


def test_every_language_explains_every_fault() -> None:
    faults = {language: set(Texts(language, "paper").at("points.faults")) for language in LANGUAGES}
    assert set(map(frozenset, faults.values())) == {
        frozenset({"columns", "number", "class", "many", "few", "contradiction"})
    }


@every_language
def test_of_the_sound_as_many_samples_are_drawn_as_is_said(language: str) -> None:
    assert f"{strips.MOST} " in Texts(language, "paper")("vector.sound_heard")


@pytest.mark.usefixtures("play")
def test_a_table_that_is_used_turns_the_knobs_and_a_faulty_one_turns_none() -> None:
    at = pasted("0,0,0\n0,0.5,0\n1,1,1")
    assert [one.value for one in at.error] == [
        Texts("en", "paper")("points.faults.few", got="2 \\/ 1 \\/ 0 \\/ 0", most=MOST, last=3)
    ]
    assert settings(at, "paper")["shape"] == opening(Paper).shape
    at.text_area(key="paper_pasted").set_value("0,0,0\n0,0.5,0\n1,1,1\n1,-1,1")
    calm(at.button(key="paper_use").click().run())
    assert settings(at, "paper")["shape"] == "drawn"
    assert len(decode(settings(at, "paper")["points"])) == 4
    assert "paper_points" in at.query_params


@pytest.mark.usefixtures("play")
def test_a_drawing_is_kept_for_its_sheet_and_is_in_no_other_link() -> None:
    drawing = encode(parse("0,0,0\n0,0.5,0\n1,1,1\n1,-1,1"))
    at = calm(visit("paper", paper_shape="drawn", paper_points=drawing))
    turn(at, "shape", "paper", "disc-in-ring")
    assert "paper_points" not in at.query_params
    assert widgets(at)["paper_presets_default"].value == "default"
    turn(at, "shape", "paper", "drawn")
    assert at.query_params["paper_points"] == drawing


@pytest.mark.usefixtures("play")
def test_a_fault_is_said_in_the_language_that_the_page_has_come_to() -> None:
    at = pasted("0,0")
    at.session_state["lang"] = "zh"
    at.run()
    at.session_state["paper_own"] = True  # under its new name it is folded again
    at.run()
    assert [one.value for one in at.error] == [explained(fault_of("0,0"), Texts("zh", "paper"))]


def pasted(rows: str) -> AppTest:
    """The page after a table has been pasted and is to be used."""
    at = visit("paper")
    at.session_state["paper_own"] = True
    calm(at.run())
    at.text_area(key="paper_pasted").set_value(rows)
    return at.button(key="paper_use").click().run()


def fault_of(rows: str) -> FaultyPointsError:
    with pytest.raises(FaultyPointsError) as caught:
        parse(rows)
    return caught.value


@pytest.mark.usefixtures("play")
def test_a_long_table_is_refused_in_words() -> None:
    at = pasted("0.123456789012345678,0.123456789012345678,0\n" * (MOST + 1))  # more letters than 40 a point
    assert [one.value for one in at.error] == [explained(fault_of("0,0,0\n" * (MOST + 1)), Texts("en", "paper"))]
    assert len(at.text_area(key="paper_pasted").value or "") < at.text_area(key="paper_pasted").proto.max_chars
