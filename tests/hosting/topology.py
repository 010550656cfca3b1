"""What deploy/ describes, as plain processes on 127.0.0.1: the same commands, and no more files than the image has.

Read from compose.yaml, Dockerfile and Dockerfile.dockerignore; only names of hosts, ports and folders are replaced.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import yaml

from tests.bench.visitor import ROOT, Server, wait_for
from tests.hosting import nginx
from tests.lib.jobs.clusters import until

DEPLOY = ROOT / "deploy"
LOG = "log_format served '$upstream_addr $request_uri'; access_log served.log served;"


def services() -> dict[str, Any]:
    """The services of compose.yaml by name."""
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]


class Site:
    """The running services, in a folder of their own.

    address: of the proxy; apps: by name, each at its own address; scheduler: its address; store: where results are.
    """

    def __init__(self, folder: Path, workers: int) -> None:
        self.folder, self.store = folder, folder / "store"
        self.image = _image(folder / "image")
        self._services = services()
        self._services["worker"]["deploy"]["replicas"] = workers
        names = ["nginx", "app1", "app2", "scheduler"]
        self._ports = dict(zip(names, free_ports(len(names)), strict=True))
        self.address = f"http://127.0.0.1:{self._ports['nginx']}"
        self.scheduler = f"tcp://127.0.0.1:{self._ports['scheduler']}"
        self.apps: dict[str, Server] = {}
        self.processes: dict[str, psutil.Popen] = {}
        (folder / "nginx").mkdir()
        (folder / "nginx" / "nginx.conf").write_text(self._here((DEPLOY / "nginx.conf").read_text()))

    def start(self, name: str) -> psutil.Popen:
        """Start one service, or what there is one more of."""
        told = self._services[name.partition("-")[0]]
        words = [self._word(word) for word in told.get("command") or _default_command()]
        if name.startswith("app"):
            words += ["--server.address", "127.0.0.1", "--server.port", str(self._ports[name])]
        if name == "nginx":
            words += nginx.marked()
        own = {key: self._here(value) for key, value in told.get("environment", {}).items()}
        places = {"HORIZON_STORE": str(self.store), "HORIZON_SCRATCH": str(self.folder / "scratch")}
        with (self.folder / f"{name}.log").open("ab") as log:
            process = psutil.Popen(
                words, cwd=self.image, env=os.environ | places | own, stdout=log, stderr=subprocess.STDOUT
            )
        self.processes[name] = process
        if name.startswith("app"):
            self.apps[name] = Server(f"http://127.0.0.1:{self._ports[name]}", process, self.store)
        return process

    def start_all(self) -> None:
        """Start everything; the apps answer when it returns, workers may still be warming up."""
        self.start("scheduler")
        until(lambda: listens(self.processes["scheduler"]))
        for one in range(self._services["worker"]["deploy"]["replicas"]):
            self.start(f"worker-{one + 1}")
        for name in ("app1", "app2"):
            self.start(name)
        for app in self.apps.values():
            wait_for(f"{app.address}/_stcore/health", app.process)
        self.start("nginx")
        wait_for(f"{self.address}/_stcore/health", self.processes["nginx"])

    def everyone(self) -> list[psutil.Process]:
        """All processes of all services that live."""
        alive = [one for one in self.processes.values() if one.is_running()]
        return [*alive, *(child for one in alive for child in one.children(recursive=True))]

    def end(self) -> None:
        """End all processes, by force those that do not hear."""
        crowd = self.everyone()
        for process in self.processes.values():
            if process.poll() is None:
                process.terminate()
        _, deaf = psutil.wait_procs(crowd, timeout=10)
        for process in deaf:
            process.kill()
        for process in self.processes.values():
            process.wait()

    def _here(self, text: str) -> str:
        """A text with this machine's addresses in place of the containers'."""
        for name, port in (("scheduler", 8786), ("app1", 8501), ("app2", 8501)):
            text = text.replace(f"{name}:{port}", f"127.0.0.1:{self._ports[name]}")
        text = text.replace("0.0.0.0:8786", f"127.0.0.1:{self._ports['scheduler']}")
        return text.replace("listen 8080;", f"listen 127.0.0.1:{self._ports['nginx']};").replace("access_log off;", LOG)

    def _word(self, word: str) -> str:
        places = {
            "python": sys.executable,
            "streamlit": str(Path(sys.executable).with_name("streamlit")),
            "/tmp": str(self.folder / "nginx"),
            "/etc/nginx/nginx.conf": str(self.folder / "nginx" / "nginx.conf"),
        }
        if word == "nginx":
            path = nginx.found()
            assert path, nginx.ADVICE
            return path
        return places.get(word) or self._here(word)


@contextmanager
def hosted(folder: Path, workers: int = 2) -> Iterator[Site]:
    """The site, for as long as the block lasts."""
    site = Site(folder, workers)
    try:
        site.start_all()
        yield site
    finally:
        site.end()


def _image(folder: Path) -> Path:
    """A folder with what Dockerfile.dockerignore lets into the image."""
    for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines():
        if line.startswith("!"):
            source, copy = ROOT / line[1:], folder / line[1:]
            copy.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, copy)
    return folder


def _default_command() -> list[str]:
    """What a container of the image runs unless it is told otherwise."""
    lines = (DEPLOY / "Dockerfile").read_text().splitlines()
    return json.loads(next(line for line in lines if line.startswith("CMD ")).removeprefix("CMD "))


def free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def listens(process: psutil.Popen) -> bool:
    if process.poll() is not None:
        raise RuntimeError(f"{process.args} ended with code {process.returncode}")
    return any(one.status == psutil.CONN_LISTEN for one in process.net_connections("tcp"))
