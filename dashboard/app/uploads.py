"""What may be sent to this server besides clicks: one photo at a time of a visitor who is here, and of nobody else.

Streamlit keeps each file that it has taken until its visitor goes, and writes those above 1 MB to a disk on the way.
Here a file is held in memory alone, and until it is read, for a moment.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.formparsers import MultiPartParser
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dashboard.app import origins
from dashboard.app.index_page import base
from lib.uploads import LARGEST

log = logging.getLogger("horizon.uploads")
METHODS = ("PUT", "DELETE", "OPTIONS")
FRAME = 64 * 1024  # bytes around a file, at most: its name and what separates the parts
OFTEN, WHILE = 20, 60.0  # files of one visitor in so many seconds
AT_ONCE = 8  # files on their way, of all visitors: each is in memory twice when it is there
HELD = 32_000_000  # bytes of files that wait to be read, of all visitors; the next are not let in before
UNREAD = 60.0  # seconds after which a file is not going to be read
LOOK = 0.1  # seconds between two looks whether there is room
SECONDS = 120.0  # for one, waiting for its turn included
KNOWN = 1000  # visitors whose files are counted, before those who have left are forgotten


def keep_off_disks() -> None:
    """A file on its way is never written to a temporary one."""
    MultiPartParser.spool_max_size = LARGEST + FRAME


def one(path: str) -> list[str] | None:
    """Session and file that an upload's address names; None for other addresses."""
    told = path.removeprefix(f"{base()}_stcore/upload_file/").split("/")
    return told if told[0] and len(told) == 2 else None


class Gate:
    """Stands before Streamlit's route for files; what it lets through Streamlit may still refuse (a forged request)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._room = asyncio.Semaphore(AT_ONCE)
        self._sent: dict[str, deque[float]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def answer(message: Message) -> None:
            nonlocal begun
            begun = True
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message.get("headers", ())))
                for name in [name for name in headers if name.startswith("access-control-")]:  # other sites have no say
                    del headers[name]
                message["headers"] = headers.raw
            await send(message)

        refusal = self._refusal(scope)
        if refusal is None:
            try:
                async with asyncio.timeout(SECONDS), self._room:
                    while scope["method"] == "PUT" and self._full():
                        await asyncio.sleep(LOOK)
                    await self._app(_bare(scope), receive, answer)
            except TimeoutError:
                refusal = _refused(408, "it took too long")
            except ClientDisconnect:  # its visitor has thought better of it, or has gone
                return
        if refusal and not begun:
            await _hear_out(scope, receive)
            await refusal(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        """What whoever sends this is told; None if it may pass, and then it is the only file of its visitor."""
        headers, method = Headers(scope=scope), scope["method"]
        if method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": ", ".join(METHODS)})
        fault = origins.fault(headers.get("origin"), headers.get("host"), headers.get("x-forwarded-host", ""))
        if fault:
            return _refused(403, fault)
        session = (one(scope["path"]) or [""])[0]
        if not runtime.get_instance().is_active_session(session):
            return _refused(400, "its visitor is not here")
        if method == "DELETE":
            return None
        if not headers.get("content-type", "").startswith("multipart/form-data"):
            return _refused(415, "it is no form with a file")
        length = headers.get("content-length", "")
        if not length.isdecimal():
            return _refused(411, "it does not say how long it is")
        if int(length) > LARGEST + FRAME:
            return _refused(413, "it is too large")
        if self._too_often(session):
            return _refused(429, f"it is one of more than {OFTEN} in {WHILE:g} seconds")
        forget(session)
        return None

    def _full(self) -> bool:
        """True while files enough wait to be read; what has waited for too long is none of them."""
        now = time.monotonic()
        for session in [name for name, times in self._sent.items() if now - times[-1] > UNREAD]:
            forget(session)
        return held() >= HELD

    def _too_often(self, session: str) -> bool:
        if len(self._sent) > KNOWN:
            here = runtime.get_instance().is_active_session
            self._sent = {name: times for name, times in self._sent.items() if here(name)}
        times, now = self._sent.setdefault(session, deque(maxlen=OFTEN)), time.monotonic()
        if len(times) == OFTEN and now - times[0] < WHILE:
            return True
        times.append(now)
        return False


def _refused(code: int, why: str) -> Response:
    log.warning("an upload was refused", extra={"error": why})
    return PlainTextResponse(f"This was not taken: {why}.\n", code)


async def _hear_out(scope: Scope, receive: Receive) -> None:
    """Let who is refused send what they have begun, if that is not much: who still speaks hears no answer."""
    length = Headers(scope=scope).get("content-length", "")
    if length.isdecimal() and int(length) <= 2 * LARGEST:
        with suppress(TimeoutError):
            async with asyncio.timeout(SECONDS):
                while (await receive()).get("more_body"):
                    pass


def _bare(scope: Scope) -> Scope:
    """A request about whose origin Streamlit has nothing to ask."""
    return {**scope, "headers": [header for header in scope["headers"] if header[0] != b"origin"]}


def held() -> int:
    """Bytes of all files that Streamlit keeps."""
    told = runtime.get_instance().uploaded_file_mgr.get_stats()
    return sum(getattr(one, "byte_length", 0) for some in told.values() for one in some)


def forget(session: str) -> None:
    """Streamlit keeps no file of this session."""
    kept = runtime.get_instance().uploaded_file_mgr
    if isinstance(kept, MemoryUploadedFileManager):
        with suppress(RuntimeError):  # one comes in another thread just now
            for name in list(kept.file_storage.get(session, ())):
                kept.remove_file(session, name)


@contextmanager
def taken(key: str) -> Iterator[bytes | None]:
    """What a visitor has sent with the widget of that key, which Streamlit keeps while it is read and no longer.

    None without a file. Draw the widget by another key afterwards: this one still has it.
    """
    file, run = st.session_state.get(key), get_script_run_ctx()
    try:
        yield file.getvalue() if isinstance(file, UploadedFile) else None
    finally:
        if isinstance(file, UploadedFile) and run and isinstance(run.uploaded_file_mgr, MemoryUploadedFileManager):
            run.uploaded_file_mgr.remove_file(run.session_id, file.file_id)
