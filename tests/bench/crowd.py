"""Visitors in a closed loop, as light as can be: what they ask for is made once, what comes is measured, not read.

They share the machine with what they measure. So a frame costs them a look at its header; only those as small as the
end of a script are read.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

import uvloop
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

SMALL = 100  # bytes; the message that a script has ended has fewer
HELLO = (
    "GET /_stcore/stream HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


@dataclass(frozen=True)
class Asked:
    """What one visitor sends: their cookie, and a rerun's request."""

    cookie: str
    request: bytes


class Regular(asyncio.Protocol):
    """One visitor, who asks for the page again as soon as it is there; `pages` counts how often it was."""

    def __init__(self, host: str, asked: Asked) -> None:
        self.pages = 0
        self._hello = HELLO.format(host=host, cookie=asked.cookie).encode()
        self._again = _frame(asked.request)
        self._held = b""
        self._welcome = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._line = cast(asyncio.Transport, transport)
        self._line.write(self._hello)

    def data_received(self, data: bytes) -> None:
        held = self._held + data if self._held else data
        if not self._welcome:
            head, end, held = held.partition(b"\r\n\r\n")
            if not end:
                self._held = head
                return
            if not head.startswith(b"HTTP/1.1 101"):
                raise ConnectionError(head.decode())
            self._welcome = True
            self._line.write(self._again)
        self._held = self._read(held)

    def _read(self, held: bytes) -> bytes:
        """Look at the whole frames (RFC 6455, section 5.2) and return the rest."""
        at, end = 0, len(held)
        while end - at >= 2:
            size, start = held[at + 1], at + 2
            if size > 125:
                start += 2 if size == 126 else 8
                size = int.from_bytes(held[at + 2 : start])
            if start + size > end or start > end:
                break
            at = start + size
            if size < SMALL and _is_end(held[start:at]):
                self.pages += 1
                self._line.write(self._again)
        return held[at:]

    def leave(self) -> None:
        self._line.close()


def _frame(told: bytes) -> bytes:
    """A binary message in one frame; masked with zeros, which leaves it as it is."""
    size = len(told).to_bytes(1) if len(told) < 126 else b"\x7e" + len(told).to_bytes(2)
    return b"\x82" + bytes([size[0] | 0x80]) + size[1:] + bytes(4) + told


def _is_end(told: bytes) -> bool:
    return ForwardMsg.FromString(told).WhichOneof("type") == "script_finished"


async def _crowd(address: str, asked: Sequence[Asked], settle: float, seconds: float) -> float:
    at = urlsplit(address)
    loop, host = asyncio.get_running_loop(), f"{at.hostname}:{at.port}"
    here = [
        (await loop.create_connection(lambda one=one: Regular(host, one), at.hostname, at.port))[1] for one in asked
    ]
    await asyncio.sleep(settle)
    before, began = sum(one.pages for one in here), time.perf_counter()
    await asyncio.sleep(seconds)
    rate = (sum(one.pages for one in here) - before) / (time.perf_counter() - began)
    if not all(one.pages for one in here):
        raise RuntimeError("a visitor got no page at all")
    for one in here:
        one.leave()
    return rate


def pages_a_second(address: str, asked: Sequence[Asked], settle: float, seconds: float) -> float:
    """How many pages all of them got together, a second, once they have come to rest."""
    return uvloop.run(_crowd(address, asked, settle, seconds))
