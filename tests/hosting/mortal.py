"""An app that tests may kill: nobody else's, with one worker, and started again at the same address."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil

from tests.bench.visitor import APP, ROOT, wait_for
from tests.hosting.topology import free_ports
from tests.lib.jobs.clusters import alive, called, children, family, until


class Mortal:
    """The running app: its `address`, its `process`, its `log`, and its `store` of finished results."""

    def __init__(self, folder: Path) -> None:
        self.store, self.log = folder / "store", folder / "log"
        (self.port,) = free_ports(1)
        self.address = f"http://127.0.0.1:{self.port}"
        self._start()

    def _start(self) -> None:
        """It answers, and its worker is there."""
        with self.log.open("ab") as log:
            self.process = psutil.Popen(
                [sys.executable, "-m", "streamlit", "run", APP, "--server.port", str(self.port)],
                cwd=ROOT,
                env=os.environ | {"HORIZON_STORE": str(self.store), "HORIZON_WORKERS": "1"},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        wait_for(f"{self.address}/_stcore/health", self.process)
        until(lambda: self.workers())

    def restart(self) -> None:
        """Killed without warning, it leaves nobody behind, and is there again."""
        before = family(self.process.pid)
        self.process.kill()
        self.process.wait()
        until(lambda: not any(map(alive, before)))
        self._start()

    def end(self) -> None:
        self.process.terminate()
        self.process.wait()

    def scheduler(self) -> psutil.Process:
        return next(one for one in self._cluster() if "scheduler" in called(one))

    def workers(self) -> list[psutil.Process]:
        """The processes that compute."""
        nannies = [one for one in self._cluster() if "worker" in called(one)]
        return [one for nanny in nannies for one in children(nanny) if "spawn_main" in str(called(one))]

    def _cluster(self) -> list[psutil.Process]:
        return [one for one in self.process.children() if "lib.jobs.cluster" in called(one)]
