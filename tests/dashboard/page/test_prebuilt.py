"""Pictures that ship are those that would be built now; a page at rest needs no others, and does without them too."""

from __future__ import annotations

import io
import json
import logging
import shutil
import subprocess
import sys
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pyarrow as pa
import pytest

from dashboard import __main__ as command
from dashboard.app import live
from dashboard.app.language import LANGUAGES, Texts
from dashboard.charts.style import Picture, read
from dashboard.page import gallery, prebuilt
from dashboard.page.prebuilt import NOTHING
from dashboard.pages.throw.page import PAGE, along_the_axis
from lib import store
from lib.core import opening
from lib.labs import LABS
from lib.labs.throw import Throw
from tests.dashboard.conftest import ROOT, Play, calm, every_lab, every_language, visit

WORDS = Texts("en", "throw")
MARK = gallery.mark(Throw(), shipped=True)
NAME = gallery.name_of(along_the_axis, MARK, WORDS)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of what ships, to be damaged; nothing is remembered of the true one, nor of this one afterwards."""
    shutil.copytree(prebuilt.FOLDER, tmp_path / "pictures")
    monkeypatch.setattr(prebuilt, "FOLDER", tmp_path / "pictures")
    monkeypatch.setattr(gallery, "_built", OrderedDict())
    prebuilt._opened.cache_clear()
    yield tmp_path / "pictures"
    prebuilt._opened.cache_clear()


@every_lab
def test_what_ships_is_what_would_be_built_now(name: str) -> None:
    advice, path = "run `make pictures`", prebuilt.FOLDER / f"{name}.sha256"
    assert path.exists(), advice
    assert path.read_text().strip() == prebuilt.made_of(name), advice
    assert command.lies_there(path.with_suffix(".zip"), prebuilt.pack(command.pictures(name))), advice


def test_pictures_of_labs_that_are_gone_do_not_ship() -> None:
    assert {path.name for path in prebuilt.FOLDER.iterdir()} == {
        f"{name}.{kind}" for name in LABS for kind in ("zip", "sha256")
    }


AT_REST = """
import json, sys
from dashboard.__main__ import page_of
from dashboard.app import live
from dashboard.app.language import LANGUAGES, Texts
from lib.labs import LABS
from tests.dashboard.conftest import Play, calm, visit
live.from_environment = Play
seen = []
for language in LANGUAGES:
    for page in ("home", *LABS):
        at, charts, tables = visit(page, language), 0, 0
        at.session_state[f"{page}_vector"] = True
        for section in page_of(page).named if page in LABS else ():
            at.session_state[f"{page}_{section}_unfolded"] = True
        words = Texts(language, page)
        stage = page_of(page).stage[1:] if page in LABS else []
        tabs = ["stage.data", *(f"pictures.{one.__name__}" for one in stage)] if stage else [""]
        for tab in tabs:
            if tab:
                at.session_state[f"{page}_tab_{language}"] = words(tab)
            calm(at.run())
            charts, tables = charts + len(at.get("vega_lite_chart")), tables + len(at.dataframe)
        seen.append((charts, tables))
live.close()
print(json.dumps([seen, sorted({name.partition(".")[0] for name in sys.modules})]))
"""


def test_all_pages_at_rest_do_without_altair(shelf: Path) -> None:
    """With tables and folds open, in every language, nobody having run anything here."""
    ran = subprocess.run([sys.executable, "-c", AT_REST], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-4000:]
    seen, loaded = json.loads(ran.stdout.splitlines()[-1])
    assert not shelf.exists()
    assert len(seen) == len(LANGUAGES) * (1 + len(LABS))
    assert [charts for charts, _ in seen if charts < 2] == []
    assert [tables for _, tables in seen].count(0) == len(LANGUAGES)  # on Home
    assert "streamlit" in loaded
    assert "altair" not in loaded


@pytest.mark.usefixtures("play")
def test_who_starts_a_job_brings_in_what_its_pictures_are_built_with(monkeypatch: pytest.MonkeyPatch) -> None:
    imported: SimpleQueue[str] = SimpleQueue()
    monkeypatch.setattr(live, "import_module", imported.put)
    monkeypatch.setattr(live, "_settle", lambda: None)
    live._ready_for_charts.cache_clear()
    calm(visit("throw", throw_seed="7"))
    assert imported.empty()
    for _ in range(2):
        live.start(Throw(seed=7))
    assert imported.get(timeout=60) == "altair"
    assert imported.empty()


@every_lab
@every_language
def test_a_picture_that_ships_is_found_under_its_name(name: str, language: str) -> None:
    mark = gallery.mark(opening(LABS[name]), shipped=True)
    [draw] = [
        draw
        for draw, _, of in command.shown(command.page_of(name))
        if of == mark and draw == command.page_of(name).card
    ]
    found = prebuilt.find(gallery.name_of(draw, mark, Texts(language, name)))
    assert isinstance(found, Picture)
    assert found.table.num_rows > 0
    assert found.alt


def test_a_result_without_a_picture_ships_as_one_without() -> None:
    blob = prebuilt.pack({NAME: None})
    assert [*command.contents(io.BytesIO(blob)).values()] == [None]
    assert prebuilt.find(("nobody", "draws", *NAME[2:])) is NOTHING


def rewritten(path: Path, member: Callable[[str], bool], blob: bytes) -> None:
    """One part of a file of pictures becomes another."""
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    with zipfile.ZipFile(path, "w") as file:
        for name, held in parts.items():
            file.writestr(name, blob if member(name) else held)


def missing(folder: Path) -> None:
    (folder / "throw.zip").unlink()


def unsigned(folder: Path) -> None:
    (folder / "throw.sha256").unlink()


def outdated(folder: Path) -> None:
    (folder / "throw.sha256").write_text("0" * 64)


def cut(folder: Path) -> None:
    path = folder / "throw.zip"
    path.write_bytes(path.read_bytes()[:-1000])


def no_index(folder: Path) -> None:
    rewritten(folder / "throw.zip", lambda name: name == prebuilt.INDEX, b"{")


def strange_index(folder: Path) -> None:
    rewritten(folder / "throw.zip", lambda name: name == prebuilt.INDEX, b"[]")


def strange_entry(folder: Path) -> None:
    line = json.dumps({prebuilt._line(NAME): {"spec": "../x"}}).encode()
    rewritten(folder / "throw.zip", lambda name: name == prebuilt.INDEX, line)


def no_specs(folder: Path) -> None:
    rewritten(folder / "throw.zip", lambda name: name.endswith(".json") and name != prebuilt.INDEX, b"{")


def endless(folder: Path) -> None:
    rewritten(folder / "throw.zip", lambda name: name.endswith(".arrow"), bytes(prebuilt.LARGEST + 1))


def flipped(folder: Path) -> None:
    path = folder / "throw.zip"
    with zipfile.ZipFile(path) as file:
        places = [one.header_offset + 60 for one in file.infolist() if one.filename.endswith(".arrow")]
    blob = bytearray(path.read_bytes())
    for place in places:
        blob[place] ^= 255
    path.write_bytes(blob)


@pytest.mark.parametrize(
    "damage",
    [missing, unsigned, outdated, cut, no_index, strange_index, strange_entry, no_specs, endless, flipped],
)
def test_what_is_damaged_is_built_anew_and_the_log_says_so(
    damage: Callable[[Path], None], folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found = store.find(Throw())
    assert found
    right = along_the_axis(found[0], WORDS)
    assert gallery.cached(along_the_axis, None, MARK, WORDS) == right  # nothing is built
    damage(folder)
    prebuilt._opened.cache_clear()
    prebuilt._spec.cache_clear()
    gallery._built.clear()
    caplog.set_level(logging.WARNING, "horizon.pictures")
    assert gallery.cached(along_the_axis, found[0], MARK, WORDS) == right
    assert [record.name for record in caplog.records] == ["horizon.pictures"]


def test_a_table_that_is_none_is_built_anew(folder: Path) -> None:
    rewritten(folder / "throw.zip", lambda name: name.endswith(".arrow"), b"ARROW1")
    table = PAGE.data[0]
    found = store.find(Throw())
    assert found
    assert gallery.cached(table, found[0], MARK, WORDS).equals(table(found[0], WORDS))


@pytest.mark.parametrize("change", ["dashboard/charts/style.py", "dashboard/text/zh/throw.toml", "assets/results"])
def test_another_source_text_or_result_outdates_the_pictures(
    change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for part in ("dashboard", "assets/results"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(prebuilt, "ROOT", tmp_path)
    monkeypatch.setattr(store, "SHIPPED", tmp_path / "assets" / "results")
    before = prebuilt.made_of("throw")
    assert before == (prebuilt.FOLDER / "throw.sha256").read_text().strip()
    path = tmp_path / change
    path = next(path.glob("throw-*")) if path.is_dir() else path
    told = path.read_bytes()
    path.write_bytes(told.replace(b"\n", b"\r\n") if path.suffix != ".npz" else told)
    assert prebuilt.made_of("throw") == before  # as git gives texts out on other systems
    path.write_bytes(told + b" ")
    assert prebuilt.made_of("throw") != before


@pytest.mark.usefixtures("play")
def test_a_result_of_this_host_is_not_drawn_by_the_picture_that_ships() -> None:
    """Its recipe is the same, but not its numbers: here it is of small settings."""
    at = visit("throw")
    at.session_state["throw_tab_en"] = WORDS("pictures.along_the_axis")
    calm(at.run())
    found = store.own().get(Throw())
    rows = [one.proto.datasets[0].data.data for one in at.get("vega_lite_chart")]
    assert rows[0] == along_the_axis(found, WORDS).rows
    assert rows[0] != gallery.cached(along_the_axis, None, MARK, WORDS).rows


def test_rows_are_sent_as_they_are(monkeypatch: pytest.MonkeyPatch, play: Play) -> None:
    """Streamlit makes no table of them, and none into bytes, however often a page is run."""
    assert play
    at = calm(visit("throw"))
    monkeypatch.setattr("streamlit.dataframe_util.convert_arrow_table_to_arrow_bytes", None)
    at = calm(at.run())
    for one in at.get("vega_lite_chart"):
        [rows] = one.proto.datasets
        assert (rows.name, rows.has_name, one.proto.data.data) == ("rows", True, b"")
        assert json.loads(one.proto.spec)["data"] == {"name": "rows"}
        assert read(rows.data.data).num_rows > 0


def test_the_command_writes_what_differs_and_takes_away_what_is_of_no_lab(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "LABS", {"throw": Throw})
    before = (folder / "throw.zip").read_bytes()
    outdated(folder)
    assert command.main(["pictures"]) == 0
    assert capsys.readouterr().out == "throw: as they were\n"
    assert (folder / "throw.sha256").read_text().strip() == prebuilt.made_of("throw")
    assert (folder / "throw.zip").read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == ["throw.sha256", "throw.zip"]
    for damage in (cut, missing):
        damage(folder)
        assert command.main(["pictures"]) == 0
        assert "written" in capsys.readouterr().out
        assert command.lies_there(folder / "throw.zip", before)


def test_the_pictures_of_one_lab_can_be_made_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    others = {path: path.stat().st_mtime_ns for path in folder.iterdir() if path.stem != "throw"}
    missing(folder)
    assert command.main(["pictures", "throw"]) == 0
    assert capsys.readouterr().out.startswith("throw: written")
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir() if path.stem != "throw"} == others


@pytest.mark.parametrize("words", [[], ["results"], ["pictures", "thrown"]])
def test_another_command_gets_the_list_of_them(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(words) == 2
    assert "python -m dashboard pictures" in capsys.readouterr().err


def test_pictures_cannot_ship_without_their_results(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(store, "SHIPPED", tmp_path)
    with pytest.raises(LookupError, match="make results"):
        command.pictures("throw")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1.0, 1.0 + 1e-15, True),
        (1.0, 1.0001, False),
        (float("nan"), float("nan"), True),
        (0.0, 1e-17, True),
        ({"a": [1.0, "x"]}, {"a": [1.0 + 1e-15, "x"]}, True),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, False),  # as JSON they differ, and Streamlit would draw the chart anew
        ([1.0], [1.0, 2.0], False),
        ("1.0", 1.0, False),
        (None, None, True),
    ],
)
def test_what_is_alike(one: Any, other: Any, same: bool) -> None:
    assert command.alike(one, other) is same


def test_the_same_pictures_are_the_same_bytes() -> None:
    made: dict[prebuilt.Name, Any] = {
        NAME: Picture.of({"mark": "bar"}, [{"a": 1}], "one"),
        ("curves", "table", *NAME[2:]): pa.table({"a": [1]}),
    }
    assert prebuilt.pack(made) == prebuilt.pack(dict(reversed(made.items())))
