"""A lab can be taken out by its name, as the README says, and the house stands as before."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
LAB, KEPT = "paper", "throw"
REGISTRIES = ("lib/labs/__init__.py", "dashboard/app/menu.py")


def run(where: Path, *words: str) -> str:
    own = {name: word for name, word in os.environ.items() if not name.startswith("PYTEST_")}
    own["PYRIGHT_PYTHON_IGNORE_WARNINGS"] = "1"  # it asks the internet for a newer version of itself
    done = subprocess.run(
        words, cwd=where, env=own, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    assert done.returncode == 0, f"{' '.join(words)}:\n{done.stdout[-4000:]}{done.stderr[-2000:]}"
    return done.stdout


def copied(to: Path) -> None:
    """The tree as it stands, and a repository of its own, since the README's command asks git."""
    names = run(ROOT, "git", "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
    for name in filter(lambda one: (ROOT / one).exists(), names):
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, to / name)
    (to / ".venv").symlink_to(sys.prefix)
    run(to, "git", "init", "--quiet")
    run(to, "git", "add", "--all", ":!.venv")
    run(to, "git", "-c", "user.name=test", "-c", "user.email=test@localhost", "commit", "--quiet", "-m", "as it stands")


def take_out(lab: str, tree: Path) -> None:
    """By the README's command, and the lines of the two registries."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    [command] = re.findall(r"^    (git rm .*)$", readme, re.M)
    run(tree, "bash", "-c", f"lab={lab}; {command}")
    for name in REGISTRIES:
        kept = [line for line in (tree / name).read_text().splitlines() if not re.search(rf"\b{lab}\b", line, re.I)]
        (tree / name).write_text("\n".join(kept) + "\n")


def test_a_lab_can_be_taken_out(tmp_path: Path) -> None:
    copied(tmp_path)
    take_out(LAB, tmp_path)
    left = [name for name in run(tmp_path, "git", "ls-files").splitlines() if LAB in name]
    assert left == []
    python = str(Path(sys.prefix) / "bin" / "python")
    run(tmp_path, python, "-m", "ruff", "check", ".")
    run(tmp_path, python, "-m", "pyright")
    page = f"tests/dashboard/page/test_pages.py::test_every_knob_has_a_widget_that_explains_itself[en-{KEPT}]"
    run(tmp_path, python, "-m", "pytest", "-q", "-n0", "tests/test_architecture.py", page)
