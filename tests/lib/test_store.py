import io
import json
import logging
import math
import os
import pickle
import subprocess
import sys
import threading
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import fsspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lib import core, store
from lib.store import Store
from lib.uploads import Photo
from tests.lib.jobs.slow_lab import Seeing, Slow, Ticked


@dataclass(frozen=True)
class Leaf:
    name: str
    size: float
    reach: float | None
    row: np.ndarray


@dataclass(frozen=True)
class Tree:
    """Everything that results are made of."""

    count: int
    open: bool
    leaf: Leaf
    leaves: tuple[Leaf, ...]
    names: dict[str, float]
    kind: core.Kind
    spot: tuple[float, str]
    rows: tuple[np.ndarray, ...]
    more: Leaf | None = None


def same(one: Any, other: Any) -> bool:
    """Equal to the last bit, NaN and array types included."""
    if type(one) is not type(other):
        return False
    if is_dataclass(one):
        return all(same(getattr(one, each.name), getattr(other, each.name)) for each in fields(one))
    if isinstance(one, np.ndarray):
        return (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
    if isinstance(one, (tuple, list)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[name], other[name]) for name in one)
    return repr(one) == repr(other)


arrays = hnp.arrays(
    st.sampled_from([np.float64, np.float32, np.int64, np.uint8, np.bool_]), hnp.array_shapes(min_dims=0, min_side=0)
)
leaves = st.builds(Leaf, st.text(), st.floats(), st.none() | st.floats(), arrays)
trees = st.builds(
    Tree,
    st.integers(-(2**53), 2**53),
    st.booleans(),
    leaves,
    st.lists(leaves, max_size=3).map(tuple),
    st.dictionaries(st.text(), st.floats(), max_size=3),
    st.sampled_from(["network", "program"]),
    st.tuples(st.floats(), st.text()),
    st.lists(arrays, max_size=2).map(tuple),
    st.none() | leaves,
)


@given(trees)
def test_what_is_packed_comes_back_to_the_last_bit(tree: Tree) -> None:
    assert same(store.unpack(Tree, store.pack(tree)), tree)


def test_no_number_is_not_nothing() -> None:
    leaf = Leaf("", math.nan, math.nan, np.array([math.inf, math.nan]))
    back = store.unpack(Leaf, store.pack(leaf))
    assert math.isnan(back.size)
    assert back.reach is not None
    assert math.isnan(back.reach)


def test_the_same_result_packs_to_the_same_bytes() -> None:
    assert store.pack(result_of(Slow())) == store.pack(result_of(Slow()))


@pytest.mark.parametrize("stranger", [object(), {1, 2}.__iter__(), np.array([object()]), Exception])
def test_only_plain_things_are_packed(stranger: Any) -> None:
    with pytest.raises(TypeError):
        store.pack(Leaf("", 0.0, None, stranger))


def result_of(lab: Slow) -> Ticked:
    """A finished result of this recipe, without its time."""
    axis = core.Axis("time", "s", (0.0, 0.1), (0.0, 1.0))
    one = core.answerer("clock", "program", axis, np.array([[math.nan, lab.seed]]), 0.1, core.Price())
    return Ticked(core.Verdict("slow", 1, repr(lab), axis, 0.1, (one,)), 1.0, np.arange(4.0))


def file_of(shelf: Path, lab: Any) -> Path:
    return shelf / f"{store.key(lab)}.npz"


class Trap:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return Path.touch, (self.path,)


def zipped(compression: int = zipfile.ZIP_STORED, **members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as told:
        for name, blob in members.items():
            told.writestr(f"{name}.npy", blob)
    return out.getvalue()


def npy(array: Any, *, allow_pickle: bool = False) -> bytes:
    out = io.BytesIO()
    np.save(out, np.asanyarray(array), allow_pickle=allow_pickle)
    return out.getvalue()


def altered(change: Callable[[dict[str, Any]], Any]) -> bytes:
    """A result whose JSON somebody edited."""
    with np.load(io.BytesIO(store.pack(result_of(Slow())))) as held:
        told = json.loads(held["json"].tobytes())
        change(told)
        return zipped(json=npy(np.frombuffer(json.dumps(told).encode(), np.uint8)), a0=npy(held["a0"]))


WHOLE = store.pack(result_of(Slow()))
DAMAGED: dict[str, bytes] = {
    "empty": b"",
    "cut short": WHOLE[: len(WHOLE) // 2],
    "without its end": WHOLE[:-1],
    "random": np.random.default_rng(0).bytes(5000),
    "text": b"not found\n",
    "a zip of nothing": zipped(),
    "a lone array": npy(np.arange(3)),
    "a pickle": pickle.dumps({"json": 1}),
    "JSON that is none": zipped(json=npy(np.frombuffer(b"{", np.uint8))),
    "JSON that never ends": zipped(json=npy(np.frombuffer(b"[" * 200_000, np.uint8))),
    "another thing": zipped(json=npy(np.frombuffer(b"[1, 2]", np.uint8))),
    "an array missing": zipped(json=npy(np.load(io.BytesIO(WHOLE))["json"])),
    "text for a number": altered(lambda told: told.update(progress="1.0")),
    "nothing for a number": altered(lambda told: told.update(progress=None)),
    "a number for an array": altered(lambda told: told.update(trail=3)),
    "a stranger's array": altered(lambda told: told.update(trail="../a0")),
    "a role that does not exist": altered(lambda told: told["verdict"]["answerers"][0].update(kind="god")),
    "a part missing": altered(lambda told: told["verdict"].pop("axis")),
    "an axis that stays at home": altered(lambda told: told["verdict"]["axis"].update(train=[0, 9])),
    "another recipe": altered(lambda told: told["verdict"].update(recipe="Slow(seed=5)")),
    "an array longer than itself": zipped(
        json=npy(np.load(io.BytesIO(WHOLE))["json"]), a0=npy(np.zeros(4)).replace(b"(4,)", b"(9,)")
    ),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_file_is_absent_and_the_log_says_so(kind: str, shelf: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert store.own().put(Slow(), result_of(Slow()))
    assert store.own().get(Slow()) is not None
    file_of(shelf, Slow()).write_bytes(DAMAGED[kind])
    with caplog.at_level(logging.WARNING):
        assert store.own().get(Slow()) is None
    assert len(caplog.records) == 1
    assert "is damaged and counts as absent" in caplog.text
    assert store.own().put(Slow(), result_of(Slow()))  # and a run mends it
    assert store.own().get(Slow()) is not None


@given(st.data())
def test_no_change_of_bytes_gets_past_the_checks(data: st.DataObject) -> None:
    blob = bytearray(WHOLE)
    for at in data.draw(st.lists(st.integers(0, len(WHOLE) - 1), min_size=1, max_size=8)):
        blob[at] = data.draw(st.integers(0, 255))
    try:
        back = store.unpack(Ticked, bytes(blob))
    except ValueError:
        return
    assert isinstance(back.verdict, core.Verdict)
    assert isinstance(back.trail, np.ndarray)


def test_a_pickle_in_the_place_of_an_array_is_never_opened(shelf: Path, tmp_path: Path) -> None:
    trap = npy(np.array([Trap(tmp_path / "sprung")]), allow_pickle=True)
    with np.load(io.BytesIO(WHOLE)) as held:
        blob = zipped(json=npy(held["json"]), a0=trap)
    np.load(io.BytesIO(blob), allow_pickle=True)["a0"]
    assert (tmp_path / "sprung").exists()  # the trap works
    (tmp_path / "sprung").unlink()
    shelf.mkdir()
    file_of(shelf, Slow()).write_bytes(blob)
    assert store.own().get(Slow()) is None
    assert not (tmp_path / "sprung").exists()


def test_a_small_file_that_unfolds_to_a_large_one_is_not_unfolded() -> None:
    with np.load(io.BytesIO(WHOLE)) as held:
        bomb = zipped(zipfile.ZIP_DEFLATED, json=npy(held["json"]), a0=npy(np.zeros(2**20)))
    assert len(bomb) < 2**14
    with pytest.raises(ValueError, match="compressed"):
        store.unpack(Ticked, bomb)


def test_a_deflated_file_is_smaller_and_reads_the_same_unless_it_holds_too_much(shelf: Path) -> None:
    assert store.Store(str(shelf), deflated=True).put(Slow(), result_of(Slow()))
    small = file_of(shelf, Slow()).read_bytes()
    assert len(small) < len(WHOLE) / 2
    assert same(store.own().get(Slow()), result_of(Slow()))
    for blob in (small[:-1], zlib.compress(bytes(store.INFLATED + 1)), zlib.compress(zlib.compress(WHOLE))):
        with pytest.raises(ValueError, match="not a packed"):
            store.unpack(Ticked, blob)


def test_a_result_is_found_by_its_recipe_alone(shelf: Path) -> None:
    assert store.own().put(Slow(seed=1), result_of(Slow(seed=1)))
    back = store.own().get(Slow(seed=1))
    assert same(back, result_of(Slow(seed=1)))
    assert store.own().get(Slow(seed=2)) is None
    assert [one.name for one in shelf.iterdir()] == [f"{store.key(Slow(seed=1))}.npz"]


def test_an_absent_result_is_no_news(shelf: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert store.own().get(Slow()) is None
    assert not caplog.records
    assert not shelf.exists()


@dataclass(frozen=True)
class Newer(Slow):
    version: ClassVar[int] = 2


def test_a_higher_version_has_another_key() -> None:
    older: type[Slow] = type("Newer", (Slow,), {})
    assert repr(older()).split("(")[1] == repr(Newer()).split("(")[1]
    assert len({store.key(Newer()), store.key(older()), store.key(Slow()), store.key(Slow(seed=1))}) == 4
    assert store.key_of("slow", Slow.version, repr(Slow())) == store.key(Slow())  # from what a verdict tells


def test_the_store_is_where_the_environment_says(shelf: Path) -> None:
    assert store.own() == Store(str(shelf))


@pytest.fixture
def unasked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody has said where results go."""
    monkeypatch.delenv("HORIZON_STORE")
    store._unasked.cache_clear()
    yield
    store._unasked.cache_clear()


@pytest.mark.usefixtures("unasked")
@pytest.mark.parametrize("home", ["{}/home", "{}/file", "~"], ids=["there", "read-only", "none"])
def test_unasked_the_store_is_where_something_can_be_written(
    home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setattr(store, "user_cache_path", lambda app: Path(home.format(tmp_path)) / app)
    monkeypatch.setattr(store.tempfile, "tempdir", str(tmp_path))
    assert store.own().put(Slow(), result_of(Slow()))
    place = Path(store.own().address)
    assert len(list(place.glob("*.npz"))) == 1
    if home == "{}/home":
        assert (place, caplog.records) == (tmp_path / "home" / "horizon" / "results", [])
    else:
        assert (place.parent, place.name[:8]) == (tmp_path, "horizon-")
        (said,) = [record for record in caplog.records if "cannot be written" in record.message]
        assert vars(said)["folder"] == str(place)
    assert not Path("~").exists()


def test_what_visitors_ran_comes_before_what_is_shipped(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "SHIPPED", tmp_path / "shipped")
    assert store.find(Slow()) is None
    assert Store(str(tmp_path / "shipped")).put(Slow(), result_of(Slow()))
    found = store.find(Slow())
    assert found
    assert found[1]
    own = replace(result_of(Slow()), progress=0.5)
    assert Store(str(shelf)).put(Slow(), own)
    found = store.find(Slow())
    assert found
    assert (found[0].progress, found[1]) == (0.5, False)


def test_the_oldest_results_go_first(shelf: Path) -> None:
    small = Store(str(shelf), most=3)
    for seed in range(6):
        assert small.put(Slow(seed=seed), result_of(Slow(seed=seed)))
        os.utime(file_of(shelf, Slow(seed=seed)), (1000 + seed, 1000 + seed))
    assert [seed for seed in range(6) if small.get(Slow(seed=seed))] == [3, 4, 5]


def test_a_result_written_again_is_young_again(shelf: Path) -> None:
    small = Store(str(shelf), most=2)
    for seed in (0, 1):
        small.put(Slow(seed=seed), result_of(Slow(seed=seed)))
        os.utime(file_of(shelf, Slow(seed=seed)), (1000 + seed, 1000 + seed))
    small.put(Slow(seed=0), result_of(Slow(seed=0)))
    small.put(Slow(seed=2), result_of(Slow(seed=2)))
    assert [seed for seed in range(3) if small.get(Slow(seed=seed))] == [0, 2]


def test_drafts_of_the_dead_go_and_those_of_the_living_stay(shelf: Path) -> None:
    shelf.mkdir()
    dead, alive, strange = shelf / ".dead.part", shelf / ".alive.part", shelf / "notes.txt"
    for one in (dead, alive, strange):
        one.write_text("half")
    for one in (dead, strange):
        os.utime(one, (1000, 1000))
    store.own().put(Slow(), result_of(Slow()))
    assert (dead.exists(), alive.exists(), strange.exists()) == (False, True, True)


def test_readers_never_see_half_a_file(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever happens while a result is written, its name holds the old bytes or the new ones."""
    local = fsspec.filesystem("file")
    seen: list[tuple[str, set[str], bytes]] = []

    def looked(step: str) -> Callable[..., Any]:
        real = getattr(type(local), step)

        def call(self: Any, *given: Any, **options: Any) -> Any:
            done = real(self, *given, **options)
            names = {one.name for one in shelf.iterdir()}
            seen.append((step, names, file_of(shelf, Slow()).read_bytes()))
            return done

        return call

    old, new = result_of(Slow()), replace(result_of(Slow()), progress=0.25)
    store.own().put(Slow(), old)
    for step in ("pipe_file", "mv"):
        monkeypatch.setattr(type(local), step, looked(step))
    store.own().put(Slow(), new)
    (first, names, before), (second, after_names, after) = seen
    assert (first, second) == ("pipe_file", "mv")
    assert (before, after) == (store.pack(old), store.pack(new))
    assert len(names) == 2
    assert all(name.startswith(".") for name in names - {f"{store.key(Slow())}.npz"})
    assert after_names == {f"{store.key(Slow())}.npz"}


@pytest.mark.parametrize("step", ["makedirs", "pipe_file", "mv"])
def test_a_full_disk_costs_a_line_in_the_log(
    step: str, shelf: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(_: Any, path: str, *__: Any, **___: Any) -> None:
        if step == "pipe_file":
            Path(path).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    shelf.mkdir()
    monkeypatch.setattr(type(fsspec.filesystem("file")), step, full)
    with caplog.at_level(logging.WARNING):
        assert not store.own().put(Slow(), result_of(Slow()))
    assert len(caplog.records) == 1
    assert "No space left on device" in caplog.text
    assert list(shelf.iterdir()) == []


@pytest.mark.parametrize("address", ["{}/file", "{}/file/below"])
def test_an_address_that_cannot_be_written_costs_a_line_in_the_log(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("HORIZON_STORE", address.format(tmp_path))
    monkeypatch.setattr(store, "SHIPPED", tmp_path / "shipped")
    with caplog.at_level(logging.WARNING):
        assert not store.own().put(Slow(), result_of(Slow()))
    assert len(caplog.records) == 1
    assert "cannot be written" in caplog.text
    assert store.find(Slow()) is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_only_others_may_write_costs_a_line_in_the_log(
    shelf: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shelf.mkdir(mode=0o500)
    assert not store.own().put(Slow(), result_of(Slow()))
    assert len(caplog.records) == 1


def test_any_fsspec_address_will_do() -> None:
    place = Store("memory://horizon/results", most=2)
    for seed in range(4):
        assert place.put(Slow(seed=seed), result_of(Slow(seed=seed)))
        time.sleep(0.001)  # its clock tells them apart
    assert same(place.get(Slow(seed=3)), result_of(Slow(seed=3)))
    assert place.get(Slow(seed=0)) is None
    assert len(fsspec.filesystem("memory").ls("/horizon/results")) == 2


def test_a_folder_that_changes_while_it_is_tidied_undoes_no_writing(
    shelf: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def gone(*_: Any, **__: Any) -> None:
        raise FileNotFoundError("somebody else's draft, just listed and now renamed")

    monkeypatch.setattr(type(fsspec.filesystem("file")), "ls", gone)
    assert store.own().put(Slow(), result_of(Slow()))
    assert file_of(shelf, Slow()).exists()
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def hammer(address: str, offset: int) -> list[bool]:
    place = Store(address, most=4)
    labs = [Slow(seed=offset + turn % 3) for turn in range(30)]
    return [place.put(lab, result_of(lab)) for lab in labs]


def test_writers_at_once_do_not_disturb_each_other(shelf: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Threads and another process, in the same folder and partly with the same recipes."""
    written: list[bool] = []
    words = f"from tests.lib.test_store import hammer; hammer({str(shelf)!r}, 1)"
    other = subprocess.Popen([sys.executable, "-c", words])
    threads = [threading.Thread(target=lambda at=at: written.extend(hammer(str(shelf), at))) for at in (0, 2, 10)]
    for one in threads:
        one.start()
    while any(one.is_alive() for one in threads) or other.poll() is None:
        for seed in range(13):
            found = store.own().get(Slow(seed=seed))
            assert found is None or same(found, result_of(Slow(seed=seed)))
    assert other.wait() == 0
    assert len(written) == 90
    assert all(written)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
    Store(str(shelf), most=4).put(Slow(), result_of(Slow()))
    assert len(list(shelf.iterdir())) == 4


def test_threads_that_meet_a_type_for_the_first_time_at_once_do_not_bring_the_process_down() -> None:
    """In a process of its own, since what used to happen was no exception."""
    done = subprocess.run(
        [sys.executable, "-c", AT_ONCE], cwd=Path(__file__).parents[2], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "fine\n"), done.stderr


AT_ONCE = """
import sys, threading
from dataclasses import make_dataclass
from lib import store

def look():
    gate.wait()
    assert store.unpack(outer, blob) == result

sys.setswitchinterval(1e-6)
for _ in range(100):
    inner = make_dataclass("Inner", [(f"a{i}", "int | None") for i in range(30)])
    outer = make_dataclass("Outer", [(f"b{i}", inner) for i in range(5)])
    result = outer(*[inner(*range(30)) for _ in range(5)])
    blob, gate = store.pack(result), threading.Barrier(4)
    crowd = [threading.Thread(target=look) for _ in range(4)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
print("fine")
"""


def test_what_came_of_a_photo_is_neither_kept_nor_looked_for(shelf: Path) -> None:
    seeing, plain = Seeing(photo=Photo.of(np.zeros((40, 40, 3), np.uint8))), Seeing()
    assert not store.own().put(seeing, result_of(seeing))
    assert not shelf.exists()
    assert store.own().put(plain, result_of(plain))
    file_of(shelf, seeing).write_bytes(store.pack(result_of(seeing)))
    assert store.find(plain) is not None
    assert store.find(seeing) is None
