"""What a worker does before its first job, in a process of its own."""

from __future__ import annotations

import subprocess
import sys

from lib.jobs.cluster import ROOT

TOLD = """
import sys
from lib.jobs.preload import dask_setup
dask_setup(None)
try:
    import pandas
except ModuleNotFoundError:
    print("none")
print(*(name for name in ("pandas", "torch._dynamo", "sympy") if name in sys.modules))
"""


def test_every_lab_begins_without_what_takes_memory_for_nothing() -> None:
    """Who looks for pandas finds none; torch's compiler (60 MB) is asked for by nobody."""
    done = subprocess.run([sys.executable, "-c", TOLD], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "none\n\n", "")
