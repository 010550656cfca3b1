"""The nginx of the hosting tests: the machine's own, else the distribution's, unpacked beside our Python.

python -m tests.hosting.nginx        makes sure that there is one, or ends with a sentence that says how to get one
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests import reaper

OURS = Path(sys.prefix) / "nginx"  # unpacked rather than installed: no service is started, now or at the next boot
PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", str(OURS / "usr" / "sbin")])
ADVICE = (
    "The hosting tests need nginx 1.20 or newer and none was found or could be had: install the package `nginx` of "
    "your system (it need not run as a service), and run the tests again."
)


def found() -> str | None:
    """The path of an nginx on this machine, None if there is none."""
    return shutil.which("nginx", path=PLACES)


def marked() -> list[str]:
    """Words with which it ends with the tests: nginx writes over its environment, but not over its command line."""
    return ["-g", f"env {reaper.MARK}={os.environ[reaper.MARK]};"]


def unpack(folder: Path = OURS) -> None:
    """Try to have Debian's package in a folder of our own; only the list of packages needs root."""
    if not shutil.which("apt-get"):
        return
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as here:
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            _run(here, "apt-get", "update", "-qq")
        _run(here, "apt-get", "download", "-qq", "nginx")
        for package in Path(here).glob("nginx_*.deb"):
            _run(here, "dpkg-deb", "--extract", str(package), str(folder))


def _run(folder: str, *words: str) -> None:
    subprocess.run(words, cwd=folder, capture_output=True, check=False)


if __name__ == "__main__":
    if not found():
        unpack()
    sys.exit(0 if found() else ADVICE)
