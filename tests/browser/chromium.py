"""The Chromium that the browser tests drive: the machine's own, else one that is installed now.

python -m tests.browser.chromium        makes sure that there is one, or ends with a sentence that says how to get one
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ADVICE = (
    "The browser tests need Chromium and none was found or could be installed: install the package `chromium` of your "
    "system, or Google Chrome, or run `.venv/bin/playwright install chromium`, and run the tests again."
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",  # a camera that shows a clock
    "--no-proxy-server",  # what Chromium itself asks of its makers ends here; what a page asks, a test sees
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE 127.0.0.2",  # two sites
]


def found() -> str | None:
    """The path of a Chromium on this machine, None if there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None) or _of_playwright()


def _of_playwright() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        path = play.chromium.executable_path
    return path if Path(path).exists() else None


def install() -> None:
    """Try the system's package on Debian as root, then Playwright's own download."""
    tries = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        tries.insert(0, ["sh", "-c", "apt-get update -qq && apt-get install -y -qq chromium fonts-noto-cjk"])
    for words in tries:
        told = subprocess.run(
            words, capture_output=True, text=True, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        )
        if told.returncode == 0 and found():
            return


if __name__ == "__main__":
    if not found():
        install()
    sys.exit(0 if found() else ADVICE)
