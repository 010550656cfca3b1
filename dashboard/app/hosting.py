"""What a host gets beside the pages: workers that start and end with the server, /status, a guard, and a log."""

from __future__ import annotations

import asyncio
import base64
import ctypes
import hashlib
import logging
import os
import sys
import threading
import time
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import psutil
import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config, runtime
from streamlit.url_util import make_url_path

from dashboard.app import index_page, live, logs, origins, uploads
from lib import settings
from lib.jobs.preload import NoPandas

log = logging.getLogger("horizon.hosting")
ROOT = Path(__file__).parents[2]
READING = ("GET", "HEAD", "OPTIONS")
M_ARENA_MAX, M_MMAP_THRESHOLD = -8, -3  # of glibc's malloc.h
FRESH = 1.0  # seconds for which a status is told again, so that asking often costs nothing


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """While the server runs, so do the workers; both the first page and they are made ready before anybody asks."""
    logs.begin()
    uploads.keep_off_disks()
    _lean()
    live.engine()
    threading.Thread(target=import_module, args=["dashboard.pages.home"], daemon=True).start()  # a quarter second
    log.info("server is up", extra={"version": version()})
    try:
        yield
    finally:
        await asyncio.to_thread(live.close)
        log.info("server is down")


def _lean() -> None:
    """Keep pyarrow, with which Streamlit sends every picture, from memory that nobody needs. Before the first visitor.

    Each thread that it works in would keep a heap of its own, and who watches a job is a thread: glibc's are shared,
    and few, mimalloc's are not. A hundred watchers took 650 MB, and take 200. What is large (a film, a result) goes
    back to the system when it is let go, instead of leaving a hole in a heap: every preset of seven labs in both
    languages took 209 MB, and takes 193. And at its first array pyarrow imports pandas, 40 MB, to see whether it was
    given a data frame. It looks only once; whoever else wanted pandas in that moment would not find it.
    """
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"  # it reads this when it is imported
    with suppress(AttributeError, TypeError):  # where there is no glibc
        libc = ctypes.CDLL(None)
        libc.mallopt(M_ARENA_MAX, 2)
        libc.mallopt(M_MMAP_THRESHOLD, 2**18)
    sys.meta_path.insert(0, NoPandas)  # type: ignore[arg-type]
    try:
        import pyarrow as pa

        pa.array([0])
    finally:
        sys.meta_path.remove(NoPandas)  # type: ignore[arg-type]


def refuse_unreadable_settings() -> None:
    """End the process with a sentence for each setting that cannot be read: nothing is served on a guess."""
    try:
        settings.read()
    except settings.SettingError as fault:
        sys.exit(str(fault))


def note(fault: Exception) -> None:
    """Log what broke a page, with its trace; the visitor reads a sentence without one (client.showErrorDetails)."""
    log.error("a page failed", exc_info=fault)


@cache
def version() -> str:
    """The app's version."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def figures() -> dict[str, Any]:
    """What a host may want to know, and the public may: counts and times, nothing of any one visitor or recipe."""
    me = psutil.Process()
    jobs = live.counts()
    told: dict[str, Any] = {"version": version(), "uptime_seconds": round(time.time() - me.create_time())}
    told["sessions"] = _sessions()
    told |= {f"jobs_{name}": jobs[name] for name in ("running", "waiting", "done", "stopped", "failed")}
    told |= {"mean_wait_seconds": jobs["mean_wait"], "workers": jobs["workers"]}
    told["workers_ordered"] = jobs["workers_ordered"]
    told |= {f"results_{where}": live.looked[where] for where in ("memory", "store", "shipped", "missing")}
    return told | {
        "memory_mb": me.memory_info().rss / 1e6,
        "workers_memory_mb": sum(map(_memory, me.children(recursive=True))) / 1e6,
    }


def _sessions() -> float:
    told = runtime.get_instance().stats_mgr.get_stats(family_names=["active_sessions"])
    return sum(getattr(one, "value", 0) for family in told.values() for one in family)


def _memory(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.NoSuchProcess:  # it ended while we looked
        return 0


class Status:
    """The page /status: a name and a number a line."""

    def __init__(self) -> None:
        self._told, self._at = "", float("-inf")
        self._lock = threading.Lock()

    def __call__(self, _: Request) -> PlainTextResponse:
        with self._lock:
            if time.monotonic() - self._at > FRESH:
                told = figures().items()
                self._told = "".join(f"{name} {one if isinstance(one, str) else f'{one:.6g}'}\n" for name, one in told)
                self._at = time.monotonic()
            return PlainTextResponse(self._told, headers={"Cache-Control": "no-store"})


def policy() -> str:
    """What a page may load, and from where: all of it from this server.

    Streamlit sets styles inline. The page has two small inline scripts, known by their hashes. Streamlit draws charts
    with Vega's interpreter, which needs no eval. Our components (dashboard/player, dashboard/scrubber) are files of
    this server, so 'self' is enough for them: given as text, Streamlit would make blobs of them, and a page that may
    run blobs runs whatever text finds its way there. What a camera takes comes to Streamlit's script as an address that
    holds all of it (`data:`), which asks nobody for anything. Anybody may frame a page, as slides and hosts do (even
    `frame-ancestors *` would keep out slides that are opened from a file): nobody is logged in here, and a click that a
    visitor is tricked into can at most start or stop a run, which whoever tricks them could do as well.
    """
    hashes = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in index_page.scripts()]
    return "; ".join(
        [
            "default-src 'self'",
            " ".join(["script-src 'self'", *(f"'sha256-{one}'" for one in hashes)]),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self' data:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "frame-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
        ]
    )


HEADERS = {
    "Content-Security-Policy": policy(),
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=(), serial=(), midi=()",
    "Referrer-Policy": "same-origin",  # a link elsewhere does not tell which knobs its reader has turned
    "X-Content-Type-Options": "nosniff",
}


class Guard:
    """Stands before all that is asked of the server; says who may come in, and what goes with every answer.

    Adds HEADERS. Refuses whatever does not only read, since clicks come by websocket, but for a visitor's photo: see
    uploads.Gate. Refuses a websocket that a page of another site opens, before Streamlit looks at it and asks the
    internet for our address. Puts our page in the place of Streamlit's, which is all the HTML that it ever answers
    with, and leads from addresses that name no page to one that says so. Hangs up on text in a websocket, at which
    Streamlit fails with a trace for the log.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._gate = uploads.Gate(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._connect(scope, receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _connect(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        origin, host = headers.get("origin"), headers.get("host")
        fault = origins.fault(origin, host, headers.get("x-forwarded-host", ""))
        if fault:
            log.warning("a websocket was refused", extra={"error": fault})
            await send({"type": "websocket.close", "code": 1008})  # before it is accepted: the answer is 403
            return
        if origin and not origins.same(origin, host):  # nothing that Streamlit would have to think about
            scope = {**scope, "headers": [one for one in scope["headers"] if one[0] != b"origin"]}

        async def speech() -> Message:
            message = await receive()
            if message["type"] != "websocket.receive" or message.get("bytes") is not None:
                return message
            log.warning("a websocket was closed", extra={"error": "text, where Streamlit speaks in bytes"})
            await send({"type": "websocket.close", "code": 1003})
            return {"type": "websocket.disconnect", "code": 1003}

        await self._app(scope, speech, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        page: bytes | None = None

        async def answer(message: Message) -> None:
            nonlocal page
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message.get("headers", ())))
                headers.update(HEADERS)
                if message["status"] == 200 and headers.get("content-type", "").startswith("text/html"):
                    there = index_page.elsewhere(scope["path"])
                    page = b"" if there else index_page.index_page(_hosts(scope))
                    if there:
                        asked = scope["query_string"].decode("latin-1")  # its language, among others
                        message["status"], headers["location"] = 302, there + (f"?{asked}" if asked else "")
                    for name in ("content-encoding", "etag", "last-modified", "accept-ranges"):
                        del headers[name]
                    headers["content-length"] = str(len(page))
                message["headers"] = headers.raw
            elif page is not None:
                message["body"], page = page if scope["method"] == "GET" else b"", b""
            await send(message)

        if scope["method"] in uploads.METHODS and uploads.one(scope["path"]):
            await self._gate(scope, receive, answer)
        elif scope["method"] in READING:
            await self._app(scope if "/static/" in scope["path"] else _afresh(scope), receive, answer)
        else:
            refusal = PlainTextResponse("This server only reads.\n", 405, {"Allow": ", ".join(READING)})
            await refusal(scope, receive, answer)


def _afresh(scope: Scope) -> Scope:
    """A request for all of a file, since whoever asks may have seen Streamlit's page and not ours."""
    partly = (b"if-none-match", b"if-modified-since", b"range")
    return {**scope, "headers": [one for one in scope["headers"] if one[0] not in partly]}


def _hosts(scope: Scope) -> str:
    headers = Headers(scope=scope)
    return f"{headers.get('host', '')},{headers.get('x-forwarded-host', '')}"


ROUTES = [Route(make_url_path(config.get_option("server.baseUrlPath"), "status"), Status().__call__)]
MIDDLEWARE = [Middleware(Guard)]


def served() -> dict[str, Any]:
    """What an entry gives to st.App beside its own name. Ends the process if a setting cannot be read."""
    refuse_unreadable_settings()
    return {"lifespan": lifespan, "routes": ROUTES, "middleware": MIDDLEWARE, "on_script_error": note}
