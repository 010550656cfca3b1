"""A visitor who speaks Streamlit's websocket protocol as the browser does; a hundred of them fit in one process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from tests.load.page import Page, Tally
from tests.machine import PATIENCE

LIKE_A_BROWSER: dict[str, Any] = {
    "compression": None,
    "max_size": None,
    "max_queue": None,
    "ping_interval": None,
    "proxy": None,
}


class LostError(RuntimeError):
    """The visitor's line broke, or nothing came; the tally says which."""


class Visitor(Page):
    """Somebody before an open page: what they do is timed, and the tally is told."""

    def __init__(self, line: ClientConnection, address: str, tally: Tally, page: str, query: str) -> None:
        super().__init__(tally, page, query)
        self._line, self._address = line, address

    async def arrive(self, came: float) -> None:
        """The first paint: seconds since `came` until the page is there, and until its first chart is."""
        self._arrived = came
        self._tally.took["first paint"].append(await self._ask() - came)

    async def turn(self, key: str, value: Any, what: str = "knob") -> float:
        """Seconds from setting a widget until all is drawn that this changes."""
        self.widgets[key].value = value
        return await self._timed(what, fragment=self.widgets[key].fragment)

    async def again(self) -> float:
        """Seconds until the page has been run again without a change."""
        return await self._timed("again")

    async def press(self, key: str) -> float:
        """Seconds from a click on a button until the page shows what came of it."""
        self.told = []
        return await self._timed("button", fragment=self.widgets[key].fragment, pressed=self.widgets[key].id)

    async def walk(self, page: str) -> float:
        """Seconds from a click in the menu until the other page is there."""
        self._script, self._page, self._query = self._pages[page], page, ""
        self.widgets = {key: one for key, one in self.widgets.items() if one.script == self._main}
        return await self._timed("page")

    async def settle(self, patience: float = PATIENCE) -> float:
        """The time at which the page came to rest after the last click: at once, or when a watched job has ended."""
        return await self._hear_of(self._settled, patience)

    async def listen(self) -> None:
        """Take in what comes until the line closes, which is a fault: who leaves stops to listen."""
        try:
            async for raw in self._line:
                self.hear(bytes(raw))  # type: ignore[arg-type]
        except WebSocketException as fault:
            self._break(f"the socket broke: {fault}")
        else:
            self._break("the socket was closed by the server")

    async def _timed(self, what: str, **click: str) -> float:
        began = time.perf_counter()
        seconds = await self._ask(**click) - began
        self._tally.took[what].append(seconds)
        return seconds

    async def _ask(self, fragment: str = "", pressed: str = "") -> float:
        """Send what a browser sends, and return the time at which the page is drawn."""
        state = self._state(fragment, pressed)
        state.context_info.url, state.context_info.locale = f"{self._address}/{self._page}", "en-US"
        loop = asyncio.get_running_loop()
        self._drawn, self._settled, self._began = loop.create_future(), loop.create_future(), False
        self._tally.reruns += 1
        try:
            await self._line.send(BackMsg(rerun_script=state).SerializeToString())
        except WebSocketException as fault:
            raise LostError(str(fault)) from fault  # who listens has told the tally
        return await self._hear_of(self._drawn, PATIENCE)

    async def _hear_of(self, news: asyncio.Future[float], patience: float) -> float:
        try:
            async with asyncio.timeout(patience):
                return await asyncio.shield(news)
        except TimeoutError as late:
            told = f"nothing was heard for {patience:g} s"
            self._tally.errors[told] += 1
            raise LostError(told) from late

    def _break(self, why: str) -> None:
        self._tally.errors[why] += 1
        for news in {self._drawn, self._settled}:
            if not news.done():
                news.set_exception(LostError(why))
                news.exception()  # nobody may be waiting


@asynccontextmanager
async def visiting(address: str, tally: Tally, page: str = "", query: str = "") -> AsyncIterator[Visitor]:
    """A visitor with the page before them; they leave with the block. Raises LostError, and tells the tally."""
    came = time.perf_counter()
    where = address.replace("http", "ws", 1) + "/_stcore/stream"
    try:
        line = await connect(where, **LIKE_A_BROWSER)
    except (OSError, WebSocketException, TimeoutError) as fault:
        tally.errors[f"no connection: {fault}"] += 1
        raise LostError(str(fault)) from fault
    async with line:
        one = Visitor(line, address, tally, page, query)
        listening = asyncio.create_task(one.listen())
        try:
            await one.arrive(came)
            yield one
        finally:
            listening.cancel()
