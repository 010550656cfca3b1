"""What a host gets beside the pages: workers that start and end with the server, /status, headers, and a log."""

from __future__ import annotations

import asyncio
import base64
import ctypes
import hashlib
import logging
import os
import re
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
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime

from dashboard.app import live, logs
from lib import settings
from lib.jobs.preload import NoPandas

log = logging.getLogger("horizon.hosting")
ROOT = Path(__file__).parents[2]
INDEX = Path(st.__file__).parent / "static" / "index.html"
READING = ("GET", "HEAD", "OPTIONS")
M_ARENA_MAX = -8  # of glibc's malloc.h
FRESH = 1.0  # seconds for which a status is told again, so that asking often costs nothing


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """While the server runs, so do the workers; both the first page and they are made ready before anybody asks."""
    logs.begin()
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
    and few, mimalloc's are not. A hundred watchers took 650 MB, and take 200. And at its first array pyarrow imports
    pandas, 40 MB, to see whether it was given a data frame. It looks only once; whoever else wanted pandas in that
    moment would not find it.
    """
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"  # it reads this when it is imported
    with suppress(AttributeError, TypeError):  # where there is no glibc
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)
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

    Streamlit sets styles inline. Its page has one small inline script, known by its hash. It draws charts with Vega's
    interpreter, which needs no eval. Our components (dashboard/player, dashboard/scrubber) are files of this server,
    so 'self' is enough for them: given as text, Streamlit would make blobs of them, and a page that may run blobs runs
    whatever text finds its way there. Anybody may frame a page, as slides and hosts do (even `frame-ancestors *` would
    keep out slides that are opened from a file): nobody is logged in here, and a click that a visitor is tricked into
    can at most start or stop a run, which whoever tricks them could do as well.
    """
    inline = re.findall(r"<script>(.*?)</script>", INDEX.read_text(encoding="utf-8"), re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in inline]
    return "; ".join(
        [
            "default-src 'self'",
            " ".join(["script-src 'self'", *(f"'sha256-{one}'" for one in hashes)]),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "frame-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
        ]
    )


HEADERS = {
    "Content-Security-Policy": policy(),
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), midi=()",
    "Referrer-Policy": "same-origin",  # a link elsewhere does not tell which knobs its reader has turned
    "X-Content-Type-Options": "nosniff",
}


class Guard:
    """Adds HEADERS to every answer, and refuses whatever does not only read: clicks come by websocket, files never."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._headers = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *self._headers]
            await send(message)

        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["method"] in READING:
            await self._app(scope, receive, answer)
        else:
            refusal = PlainTextResponse("This server only reads.\n", 405, {"Allow": ", ".join(READING)})
            await refusal(scope, receive, answer)


ROUTES = [Route("/status", Status().__call__)]
MIDDLEWARE = [Middleware(Guard)]
