"""A server of our own, and a visitor who speaks Streamlit's websocket protocol: what a page costs without a browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

ROOT = Path(__file__).parent.parent.parent
APP, EMPTY = "streamlit_app.py", "tests/bench/empty_app.py"


@dataclass(frozen=True)
class Server:
    """A running server: its address without a slash at the end, its process, and its store if it is one of ours."""

    address: str
    process: psutil.Process
    store: Path | None = None

    def cpu(self) -> float:
        """Seconds of processor time that the process itself has used."""
        times = self.process.cpu_times()
        return times.user + times.system

    def memory(self) -> float:
        """Resident memory of the process itself, in MB."""
        return self.process.memory_info().rss / 1e6


@contextmanager
def serving(script: str, log: Path = Path(os.devnull), root: Path = ROOT, **environment: str) -> Iterator[Server]:
    """`streamlit run script` from the root on a free port, with an empty store; it ends with the block.

    It listens to this machine alone, and does not watch its files, so that somebody who edits them meanwhile is not
    measured. log: where it writes; `environment` is added to our own, as HORIZON_WORKERS="2".
    """
    base = environment.get("STREAMLIT_SERVER_BASE_URL_PATH", "").strip("/")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port)]
    with tempfile.TemporaryDirectory() as scratch, log.open("wb") as told:
        places = {"HORIZON_STORE": f"{scratch}/store", "HORIZON_SCRATCH": scratch}
        process = psutil.Popen(
            [*command, "--server.address", "127.0.0.1", "--server.fileWatcherType", "none"],
            cwd=root,
            env=os.environ | places | environment,
            stdout=told,
            stderr=subprocess.STDOUT,
        )
        try:
            address = f"http://127.0.0.1:{port}/{base}".rstrip("/")
            wait_for(f"{address}/_stcore/health", process)
            yield Server(address, process, Path(scratch) / "store")
        finally:
            with suppress(psutil.NoSuchProcess):  # somebody ended it; what broke for that stands in the traceback
                process.terminate()
            process.wait(timeout=20)


def wait_for(address: str, process: psutil.Popen) -> None:
    """Until a server answers there. Raises RuntimeError if it ends before."""
    while process.poll() is None:
        try:
            with urlopen(address):
                return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"the server ended with code {process.returncode} before it answered at {address}")


class Visitor:
    """Opens a page, and runs it again as often as asked; keeps what a browser keeps: the address and large messages.

    link: what stands behind the question mark. Of what the last run sent, all is `heard`; `shown` are the kinds of
    elements, `told` the sentences, `buttons` the ids of buttons by their labels; `session` is what the server calls the
    visit. A page that fails raises RuntimeError.
    """

    def __init__(self, address: str, page: str, link: str = "", cookie: str = "") -> None:
        self._open = ExitStack()
        self.line = self._open.enter_context(
            connect(
                address.replace("http", "ws") + "/_stcore/stream",
                max_size=None,
                additional_headers={"Cookie": cookie} if cookie else None,
            )
        )
        self.state = ClientState(page_name=page, query_string=link)
        self.state.context_info.url = f"{address}/{page}"
        self.rerun()

    def rerun(self) -> tuple[float, int]:
        """Seconds from asking until the end of the script is heard, and the number of messages that came."""
        self.shown: list[str] = []
        self.told: list[str] = []
        self.buttons: dict[str, str] = {}
        self.heard: list[ForwardMsg] = []
        began = time.perf_counter()
        self.line.send(self.request())
        while not self.heard or not is_end(self.heard[-1]):
            self.heard.append(ForwardMsg.FromString(bytes(self.line.recv())))  # type: ignore[arg-type]
        seconds = time.perf_counter() - began
        for one in self.heard:
            self._keep(one)
        return seconds, len(self.heard)

    def press(self, label: str) -> None:
        """Click a button that the last run has shown; hear all that follows, to the end of a job if it starts one."""
        self.state.widget_states.widgets.add(id=self.buttons[label], trigger_value=True)
        self.rerun()
        del self.state.widget_states.widgets[:]

    def request(self) -> bytes:
        """What a rerun sends."""
        return BackMsg(rerun_script=self.state).SerializeToString()

    def _keep(self, heard: ForwardMsg) -> None:
        kind = heard.WhichOneof("type")
        if kind == "new_session":
            self.session = heard.new_session.initialize.session_id
        elif kind == "navigation":
            self.state.page_script_hash = heard.navigation.page_script_hash
        elif kind == "page_info_changed":
            self.state.query_string = heard.page_info_changed.query_string
        elif kind == "delta":
            self._see(heard.delta.new_element)
        if heard.metadata.cacheable and heard.hash not in self.state.cached_message_hashes:
            self.state.cached_message_hashes.append(heard.hash)
        if "exception" in self.shown:
            raise RuntimeError(heard.delta.new_element.exception.message)

    def _see(self, element: Element) -> None:
        kind = element.WhichOneof("type") or ""
        self.shown.append(kind)
        if kind in ("markdown", "heading"):
            self.told.append(getattr(element, kind).body)
        elif kind == "alert":
            self.told.append(element.alert.body)
        elif kind == "button":
            self.buttons[element.button.label] = element.button.id

    def leave(self) -> None:
        self._open.close()


def is_end(heard: ForwardMsg) -> bool:
    """A script has ended, and does not ask to be run again at once."""
    return (
        heard.WhichOneof("type") == "script_finished" and heard.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
    )
