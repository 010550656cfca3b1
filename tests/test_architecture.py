"""Who may import whom, and that every lab has its page and its texts: a failure says what is missing where."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from dashboard.app.language import LANGUAGES, Texts, read
from dashboard.app.menu import MENU
from dashboard.page.verdict import facts
from lib.knobs import knobs
from lib.labs import LABS
from tests.lib.labs.test_labs import every_lab, results

ROOT = Path(__file__).parent.parent
TEXT = ROOT / "dashboard" / "text"
PAGES = ("common", "home", *LABS)
HEAVY = {"torch", "sklearn", "scipy", "dask", "distributed"}

ALLOWED: dict[str, tuple[str, ...]] = {
    "lib": (),
    "lib.__main__": ("lib", "torch"),
    "lib.attacks": ("numpy", "torch", "sklearn", "lib.core", "lib.attacks"),
    "lib.compare": ("numpy", "lib.core"),
    "lib.core": ("numpy",),
    "lib.environments": ("numpy", "gymnasium", "lib.labs", "lib.tasks"),  # for agents of one's own
    "lib.formulas": ("numpy", "lib.numerals"),
    "lib.jobs": (
        "dask",
        "distributed",
        "psutil",
        "lib.core",
        "lib.jobs",
        "lib.kept",
        "lib.logs",
        "lib.settings",
        "lib.store",
    ),
    "lib.jobs.preload": ("torch", "lib.core", "lib.kept", "lib.labs"),  # imported by name, in a worker
    "lib.kept": (),
    "lib.knobs": ("numpy", "lib.numerals"),
    "lib.labs": ("numpy", "torch", "sklearn", "scipy", "lib"),
    "lib.learners": ("numpy", "torch", "sklearn", "lib.core", "lib.formulas", "lib.kept", "lib.learners"),
    "lib.logs": ("lib.settings",),
    "lib.numerals": (),
    "lib.programs": ("numpy",),  # nothing of ours: a program can be read alone, like an essay
    "lib.settings": ("fsspec",),  # to know an address of its own
    "lib.store": ("numpy", "fsspec", "msgspec", "platformdirs", "lib.core", "lib.settings"),
    "lib.tasks": (
        "numpy",
        "scipy",
        "sklearn",
        "PIL",
        "lib.core",
        "lib.formulas",
        "lib.numerals",
        "lib.tasks",
    ),  # never programs
    "lib.uploads": ("numpy", "PIL"),
    "dashboard": (),
    "dashboard.__main__": ("dashboard", "lib.core", "lib.labs", "lib.store"),
    "dashboard.app": ("streamlit", "dashboard.app", "lib.core", "lib.jobs", "lib.store", "lib.labs"),
    "dashboard.app.hosting": (
        *("streamlit", "starlette", "psutil", "pyarrow"),
        *("dashboard.app", "lib.jobs.preload", "lib.settings"),
    ),
    "dashboard.app.logs": ("lib.logs",),
    "dashboard.app.origins": ("streamlit", "psutil"),
    "dashboard.app.uploads": ("streamlit", "starlette", "dashboard.app", "lib.uploads"),
    "dashboard.app.menu": ("streamlit", "dashboard.app", "dashboard.page", "lib.labs"),
    "dashboard.charts": ("numpy", "pyarrow", "dashboard.charts", "lib.core"),
    "dashboard.charts.lazy_altair": ("altair",),
    "dashboard.page": (
        "streamlit",
        "dashboard.app",
        "dashboard.charts",
        "dashboard.page",
        "dashboard.sketch",
        "lib.core",
        "lib.jobs",
        "lib.knobs",
        "lib.store",
        "lib.uploads",
    ),
    "dashboard.pages": (
        "streamlit",
        "dashboard",
        "lib.core",
        "lib.jobs",
        "lib.labs",
        "lib.numerals",
        "lib.store",
        "lib.tasks",
    ),
    "dashboard.player": ("streamlit", "dashboard.app.components"),
    "dashboard.scrubber": (),
    "dashboard.sketch": (),
    "dashboard.walk": ("numpy", "dashboard.app.language", "dashboard.walk", "lib.tasks.photos.classes"),
    "streamlit_app": ("streamlit", "dashboard"),
}
"""What each part may import besides the standard library; the longest name that fits a module counts."""

CHARTS_OF_A_LAB = ("numpy", "pyarrow", "dashboard.charts", "lib.core", "lib.labs", "lib.tasks")
ALLOWED |= {f"dashboard.pages.{name}.charts": (*CHARTS_OF_A_LAB, f"dashboard.pages.{name}.charts") for name in LABS}
REGISTRIES = {"lib.labs", "lib.environments.moonshot"}  # LABS, and a lab's world for agents, which nobody imports

FILES = [*(ROOT / "lib").rglob("*.py"), *(ROOT / "dashboard").rglob("*.py"), ROOT / "streamlit_app.py"]
MODULES = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in FILES}


def within(name: str, part: str) -> bool:
    return name == part or name.startswith(f"{part}.")


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def imported(node: ast.AST) -> Iterator[str]:
    """What one statement imports; modules taken out of a package of ours by their own names."""
    if isinstance(node, ast.Import):
        yield from (one.name for one in node.names)
    elif isinstance(node, ast.ImportFrom):
        home = "." * node.level + (node.module or "")
        yield from {f"{home}.{one.name}" if f"{home}.{one.name}" in MODULES else home for one in node.names}


def at_once(node: ast.AST) -> Iterator[ast.AST]:
    """What runs when a module is imported: all but the insides of functions and what only a type checker reads."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        yield child
        yield from at_once(child)


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_imports_only_what_its_part_may(module: str) -> None:
    part = max((part for part in ALLOWED if within(module, part)), key=len)
    assert part != "lib" or module == "lib", f"{module}: say in ALLOWED what it may import"
    names = {name for node in ast.walk(tree(module)) for name in imported(node)}
    ours = {name for name in names if name.split(".")[0] not in sys.stdlib_module_names}
    wrong = sorted(name for name in ours if not any(within(name, one) for one in ALLOWED[part]))
    assert not wrong, f"{module} imports {wrong}; {part} may import {ALLOWED[part]}"


@pytest.mark.parametrize("module", sorted(MODULES))
def test_what_bears_a_labs_name_is_needed_by_that_lab_alone(module: str) -> None:
    """So that a lab can be found, changed and taken out by its name; LABS alone names them all."""
    others = {
        name: its
        for node in ast.walk(tree(module))
        for name in imported(node)
        if (its := labs_of(name) - labs_of(module)) and module not in REGISTRIES
    }
    assert not others, f"{module} imports {others}: what several need bears no lab's name"


def labs_of(module: str) -> set[str]:
    return set(module.split(".")) & set(LABS) if module in MODULES else set()


def test_no_import_goes_round() -> None:
    """Not even for a type checker's eyes: of two modules one can be read first."""
    needs = {name: {one for node in ast.walk(tree(name)) for one in imported(node)} & set(MODULES) for name in MODULES}
    left = dict(needs)
    while ready := [name for name, its in left.items() if not its & left.keys()]:
        for name in ready:
            del left[name]
    assert not left, f"these import each other: {sorted(left)}"


@pytest.mark.parametrize(
    "module", sorted(one for one in MODULES if within(one, "lib.labs") or within(one, "lib.tasks"))
)
def test_labs_and_tasks_import_what_is_heavy_where_they_use_it(module: str) -> None:
    names = {name.split(".")[0] for node in at_once(tree(module)) for name in imported(node)}
    assert not names & HEAVY, f"{module} imports {names & HEAVY} outside its functions"


VISITED = ", ".join(sorted(name for name in MODULES if within(name, "dashboard")))


@pytest.mark.parametrize(
    ("code", "banned"),
    [
        ("import lib.labs", HEAVY),
        ("from lib.tasks.throw import BODIES", HEAVY),
        ("import lib.jobs.engine, lib.store", HEAVY),
        (f"import lib.labs, {VISITED}", {"torch", "sklearn", "scipy", "altair"}),
    ],
    ids=["labs", "bodies", "jobs", "dashboard"],
)
def test_a_fresh_interpreter_stays_light(code: str, banned: set[str]) -> None:
    told = [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"]
    done = subprocess.run(told, cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert "lib" in loaded
    assert not loaded & banned, f"{code}: loads {loaded & banned}"


@every_lab
def test_every_lab_has_a_page_and_texts(name: str) -> None:
    wanted = [ROOT / "dashboard" / "pages" / name / "page.py", ROOT / "tests" / "lib" / "labs" / f"{name}.toml"]
    wanted += [TEXT / tongue / f"{name}.toml" for tongue in LANGUAGES]
    missing = [str(path.relative_to(ROOT)) for path in wanted if not path.exists()]
    assert not missing


def test_every_page_and_text_is_of_a_lab() -> None:
    shown = {path.parent.name for path in (ROOT / "dashboard" / "pages").glob("*/page.py")}
    told = {path.stem for path in TEXT.glob("*/*.toml")}
    assert {path.name for path in TEXT.iterdir()} == set(LANGUAGES)
    assert shown == set(LABS) == {name for some in MENU.values() for name in some} - {"home"}
    assert told == set(PAGES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", LABS)
def test_what_has_become_of_the_claim_is_told_in_paragraphs_with_a_mark_each(name: str, language: str) -> None:
    told = Texts(language, name)("since.text").split("\n\n")
    marked = [one for one in told if re.match(r":material/\w+: \*\*", one)]
    assert told[0] == marked[0]
    assert len(marked) >= 2
    assert len({one.split()[0] for one in marked}) >= 2  # what held looks otherwise than what did not


def test_the_menu_has_the_order_of_home() -> None:
    assert [name for some in MENU.values() for name in some] == ["home", *LABS]


@cache
def leaves(language: str, page: str) -> dict[str, Any]:
    """Everything that one file says, by dotted path."""

    def walk(told: Any, path: str) -> Iterator[tuple[str, Any]]:
        if isinstance(told, dict):
            for name, value in told.items():
                yield from walk(value, f"{path}.{name}" if path else name)
        else:
            yield path, told

    return dict(walk(read(language, page), ""))


def slots(told: Any) -> list[tuple[str, str]]:
    """The placeholders of a sentence, or of a list of them, with how each is written."""
    sentences = told if isinstance(told, list) else [told]
    return sorted((name, spec or "") for one in sentences for _, name, spec, _ in Formatter().parse(one) if name)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", [name for name in LANGUAGES if name != "en"])
def test_the_languages_say_the_same_things(language: str, page: str) -> None:
    ours, theirs = leaves("en", page), leaves(language, page)
    assert sorted(ours.keys() - theirs.keys()) == [], f"text/{language}/{page}.toml does not say these"
    assert sorted(theirs.keys() - ours.keys()) == [], f"text/en/{page}.toml does not say these"
    differ = [path for path in ours if slots(ours[path]) != slots(theirs[path])]
    assert differ == [], f"text/{language}/{page}.toml has other placeholders in these"
    lengths = [path for path, told in ours.items() if isinstance(told, list) and len(told) != len(theirs[path])]
    assert lengths == [], f"text/{language}/{page}.toml lists more or fewer in these"


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_said_with_nothing(language: str, page: str) -> None:
    empty = [
        path for path, told in leaves(language, page).items() if not (told if isinstance(told, list) else told.strip())
    ]
    assert empty == [], f"text/{language}/{page}.toml"


def unsaid(language: str, page: str, paths: list[str]) -> list[str]:
    """Those of the paths at which neither the page nor common.toml has a sentence."""
    return [path for path in paths if path not in leaves(language, page) and path not in leaves(language, "common")]


@every_lab
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_knob_and_preset_is_explained(name: str, language: str) -> None:
    wanted = ["title", "question", "card"]
    for knob in knobs(LABS[name]).values():
        wanted += [f"knobs.{knob.name}.label", f"knobs.{knob.name}.help"]
        wanted += [f"knobs.{knob.name}.choices.{choice}" for choice in knob.choices]
    for preset in LABS[name].presets:
        wanted += [f"presets.{preset}.label", f"presets.{preset}.comment"]
    assert unsaid(language, name, wanted) == [], f"text/{language}/{name}.toml"


@every_lab
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_explains_what_is_gone(name: str, language: str) -> None:
    told = read(language, name)
    assert set(told["knobs"]) - set(knobs(LABS[name])) == set(), f"knobs in text/{language}/{name}.toml"
    assert set(told["presets"]) - set(LABS[name].presets) - {"title"} == set(), (
        f"presets in text/{language}/{name}.toml"
    )
    assert set(told["breaks"]["presets"]) <= set(LABS[name].presets)


@pytest.mark.xdist_group("labs")
@every_lab
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answerer_has_a_name_and_a_sentence_for_each_outcome(name: str, language: str) -> None:
    who = [one.name for one in results(name)[-1].verdict.answerers]
    wanted = [f"names.{one}" for one in who]
    wanted += [f"verdict.{one}.{outcome}" for one in who for outcome in ("holds", "fades", "never")]
    assert unsaid(language, name, wanted) == [], f"text/{language}/{name}.toml"
    verdict, words = results(name)[-1].verdict, Texts(language, name)
    for one in verdict.answerers:
        for outcome in ("holds", "fades", "never"):
            words(f"verdict.{one.name}.{outcome}", **facts(verdict, one, words))


@every_lab
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_axis_has_a_name(name: str, language: str) -> None:
    axes = {LABS[name](**preset).asks().axis.name for preset in LABS[name].presets.values()}
    wanted = [f"{table}.{axis}" for table in ("axes", "short") for axis in sorted(axes)]
    assert unsaid(language, name, wanted) == [], f"text/{language}/{name}.toml"


def asked() -> Iterator[tuple[str, str]]:
    """Every text that the dashboard asks for by its full name, with the module that does."""
    for module in sorted(MODULES):
        for node in ast.walk(tree(module)) if not within(module, "lib") else ():
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("words", "said", "words.at") and node.args:
                path = node.args[0]
                if isinstance(path, ast.Constant):
                    yield module, path.value


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_dashboard_asks_for_is_written(language: str) -> None:
    told = {path for page in PAGES for path in leaves(language, page)}
    tables = {path.rpartition(".")[0] for path in told}
    wanted = list(asked())
    assert len(wanted) > 40
    assert [(module, path) for module, path in wanted if path not in told | tables] == []


TOLD_TO_PEOPLE = ["README.md", "deploy/README.md", "tests/README.md", "tests/bench/README.md", "tests/load/README.md"]


@pytest.mark.parametrize("name", TOLD_TO_PEOPLE)
def test_what_a_readme_names_is_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    modules = re.findall(r"^ +from (lib[\w.]*) import|python -m ((?:lib|dashboard|tests)[\w.]*)", text, re.M)
    named = {one for pair in modules for one in pair if one}
    known = set(MODULES) | {"tests.bench", "tests.load"} | {"lib.jobs.cluster"}
    assert {one for one in named if one not in known} == set()
    paths = re.findall(r"`((?:lib|dashboard|tests|deploy|assets)/[\w./-]*\w)`", text)
    assert [path for path in paths if not (ROOT / path).exists() and not (ROOT / f"{path}.py").exists()] == []
