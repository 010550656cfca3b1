"""A wire between a browser and an app that can be cut: what a lost network does, without the network."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Wire:
    """Passes on what comes at `address`, on loopback, to a port; `cut` hangs up on everybody until `mend`."""

    def __init__(self, port: int) -> None:
        self._there = ("127.0.0.1", port)
        self._ear = socket.create_server(("127.0.0.1", 0))
        self._whole = True
        self._lines: list[socket.socket] = []
        self.address = "http://{}:{}".format(*self._ear.getsockname())
        threading.Thread(target=self._answer, daemon=True).start()

    def cut(self) -> None:
        self._whole = False
        while self._lines:
            with suppress(OSError):  # hung up by itself
                self._lines.pop().shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self._whole = True

    def close(self) -> None:
        self.cut()
        with suppress(OSError):
            self._ear.shutdown(socket.SHUT_RDWR)
        self._ear.close()

    def _answer(self) -> None:
        with suppress(OSError):  # closed
            while True:
                near, _ = self._ear.accept()
                if not self._whole:
                    near.close()
                    continue
                far = socket.create_connection(self._there)
                self._lines += [near, far]
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=_pass_on, args=ends, daemon=True).start()


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while told := source.recv(1 << 16):
            sink.sendall(told)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
    source.close()
