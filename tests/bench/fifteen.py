"""A copy of the tree with ten labs more, added as the README says: what bears their names, lines in LABS and menu."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.bench.visitor import ROOT

LAB, MORE = "throw", 10
NEEDED = (
    "streamlit_app.py",
    ".streamlit",
    "pyproject.toml",
    "assets",
    "dashboard",
    "lib",
    "tests/__init__.py",
    "tests/bench",
)
RESULT = """
from dataclasses import replace
from lib import store
from lib.labs import LABS
shelf = store.Store(str(store.SHIPPED))
for name, lab in LABS.items():
    if shelf.get(lab()) is None:
        found = shelf.get(LABS["throw"]())
        assert shelf.put(lab(), replace(found, verdict=replace(found.verdict, recipe=repr(lab()))))
"""


def house(folder: Path, more: int = MORE) -> Path:
    """The tree in `folder`, with so many copies of Throw beside the labs that there are."""
    for name in NEEDED:
        one, into = ROOT / name, folder / name
        into.parent.mkdir(parents=True, exist_ok=True)
        if one.is_dir():
            shutil.copytree(one, into, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(one, into)
    for number in range(1, more + 1):
        _add(folder, f"{LAB}{number}")
    subprocess.run([sys.executable, "-c", RESULT], cwd=folder, check=True, env=os.environ | {"PYTHONPATH": str(folder)})
    return folder


def _add(folder: Path, name: str) -> None:
    shutil.copytree(folder / "dashboard/pages" / LAB, folder / "dashboard/pages" / name)
    shutil.copy(folder / f"lib/labs/{LAB}.py", folder / f"lib/labs/{name}.py")
    for one in (folder / f"lib/labs/{name}.py", *(folder / "dashboard/pages" / name).rglob("*.py")):
        text = re.sub(rf"\b(lib\.labs|dashboard\.pages)\.{LAB}\b", rf"\1.{name}", one.read_text(encoding="utf-8"))
        text = re.sub(rf"\b{LAB.title()}\b", name.title(), text)
        one.write_text(text.replace(f'ClassVar[str] = "{LAB}"', f'ClassVar[str] = "{name}"'), encoding="utf-8")
    for language in ("en", "zh"):
        texts = folder / f"dashboard/text/{language}"
        shutil.copy(texts / f"{LAB}.toml", texts / f"{name}.toml")
        _change(texts / f"{name}.toml", r'\Atitle = "(.*)"', rf'title = "\1 {name[len(LAB) :]}"')
    labs = folder / "lib/labs/__init__.py"
    _change(labs, r"(\nLABS)", rf"\nfrom lib.labs.{name} import {name.title()}\n\1")
    _change(labs, r"\n}", rf'\n    "{name}": {name.title()},\n}}')
    _change(folder / "dashboard/app/menu.py", r'("sort": .*)', rf'\1\n        "{name}": ":material/sort:",')


def _change(file: Path, old: str, new: str) -> None:
    text, times = re.subn(old, new, file.read_text(encoding="utf-8"))
    if times != 1:
        raise ValueError(f"{file}: {old!r} stands there {times} times, not once; change tests/bench/fifteen.py with it")
    file.write_text(text, encoding="utf-8")
