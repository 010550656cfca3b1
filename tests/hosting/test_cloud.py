"""The entry for a host that installs what stands beside its main file, started from the root as such a host does."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.request import urlopen

import pytest

from lib.labs import LABS
from tests.bench.visitor import ROOT, Visitor, serving

pytestmark = pytest.mark.xdist_group("server")
CLOUD = ROOT / "deploy" / "cloud"


def pins(file: Path) -> dict[str, str]:
    """The versions that a file of requirements names, by package."""
    return dict(re.findall(r"^([\w-]+)(?:\[\w+\])?==(\S+)$", file.read_text(), re.MULTILINE))


def test_the_pages_are_there_and_what_a_host_gets_beside_them(tmp_path: Path) -> None:
    with serving("deploy/cloud/streamlit_app.py", tmp_path / "log", HORIZON_WORKERS="1") as server:
        for page in ("home", *LABS):
            visitor = Visitor(server.address, page)
            assert "markdown" in visitor.shown
            visitor.leave()
        visitor = Visitor(server.address, "throw", "throw_examples=100&throw_width=8&throw_steps=100&throw_seeds=2")
        visitor.press("Start")
        assert any("The finished run of exactly these knobs." in one for one in visitor.told)
        visitor.leave()
        with urlopen(f"{server.address}/status") as told:
            assert told.read().startswith(b"version ")
            assert "Content-Security-Policy" in told.headers
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_it_takes_what_the_root_takes_but_for_torchs_small_build() -> None:
    told = (CLOUD / "requirements.txt").read_text()
    assert pins(CLOUD / "requirements.txt") == {"torch": pins(ROOT / "requirements.txt")["torch"] + "+cpu"}
    included = re.findall(r"^-r (\S+)$", told, re.MULTILINE)
    assert [(CLOUD / one).resolve() for one in included] == [ROOT / "requirements.txt"]
    assert "index-url" not in told  # an installer may look for every package there, and fail
    assert not re.search(r"^-", (ROOT / "requirements.txt").read_text(), re.MULTILINE)  # nor one for everybody
