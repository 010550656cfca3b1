"""An open page as the browser keeps it: what messages from the server make of it, and what is sent with a rerun."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cache

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from dashboard.app.language import Texts
from tests.load.widgets import KINDS, Widget, as_drawn

HELD = 2  # runs for which the browser keeps a large message that is not shown again


@dataclass
class Tally:
    """What visitors saw together: seconds by what was waited for, what went wrong, and how much came."""

    took: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)
    reruns: int = 0
    messages: int = 0
    bytes: int = 0


class Page:
    """`widgets` are there by their keys; `shown` names whose result is on the stage (see `stage`); `told` is what the
    progress bar has said since the last click, with the time of each sentence."""

    def __init__(self, tally: Tally, page: str, query: str) -> None:
        self.widgets: dict[str, Widget] = {}
        self.shown = ""
        self.told: list[tuple[float, str]] = []
        self._tally, self._page, self._query = tally, page, query
        self._script = self._main = self._run = ""
        self._parts: list[str] = []
        self._pages: dict[str, str] = {}
        self._cache: dict[str, tuple[int, str]] = {}
        self._runs = 0
        self._began = False
        self._drawn: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._settled = self._drawn
        self._arrived: float | None = None

    @property
    def at_rest(self) -> bool:
        """False while the page draws, or watches a job."""
        return self._settled.done()

    def _state(self, fragment: str, pressed: str) -> ClientState:
        """What a browser sends when a widget of a fragment, or of none, was set or a button pressed."""
        state = ClientState(
            query_string=self._query,
            page_script_hash=self._script,
            page_name="" if self._script else self._page,
            fragment_id=fragment,
            cached_message_hashes=list(self._cache),
        )
        state.widget_states.widgets.extend(one.state() for one in self.widgets.values() if one.value is not None)
        if pressed:
            state.widget_states.widgets.append(WidgetState(id=pressed, trigger_value=True))
        return state

    def hear(self, raw: bytes) -> None:
        """Take in one message."""
        self._tally.messages += 1
        self._tally.bytes += len(raw)
        heard = ForwardMsg.FromString(raw)  # a whole page of these takes 0.2 ms
        if heard.metadata.cacheable:
            self._cache[heard.hash] = self._runs, heard.delta.fragment_id
        match heard.WhichOneof("type"):
            case "delta":
                self._draw(heard.delta, heard.metadata.active_script_hash)
            case "ref_hash":
                self._cache[heard.ref_hash] = self._runs, self._cache[heard.ref_hash][1]
            case "new_session":
                self._began = True
                self._run, self._parts = heard.metadata.run.script_run_id, list(heard.metadata.run.fragment_ids)
                self._main, self._script = heard.new_session.main_script_hash, heard.new_session.page_script_hash
            case "navigation":
                self._script = heard.navigation.page_script_hash
                self._pages = {one.url_pathname: one.page_script_hash for one in heard.navigation.app_pages}
            case "page_info_changed":
                self._query = heard.page_info_changed.query_string
            case "session_event" if heard.session_event.HasField("script_compilation_exception"):
                self._tally.errors[heard.session_event.script_compilation_exception.message] += 1
            case "script_finished" if self._began and heard.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                self._rest()

    def _draw(self, delta: Delta, script: str) -> None:
        kind = delta.WhichOneof("type")
        drawn = delta.new_element if kind == "new_element" else delta.add_block
        name = drawn.WhichOneof("type") or ""
        one = getattr(drawn, name, None)
        if name in KINDS and one is not None and one.id:
            self._put(Widget(name, one, delta.fragment_id, script, self._run))
        elif name in ("vega_lite_chart", "bidi_component") and self._arrived is not None:
            self._tally.took["first chart"].append(time.perf_counter() - self._arrived)
            self._arrived = None
        elif name == "markdown":
            self.shown = state(delta.new_element.markdown.body) or self.shown
        elif name == "exception":
            self._tally.errors[f"{delta.new_element.exception.type}: {delta.new_element.exception.message}"] += 1
        elif name == "alert" and delta.new_element.alert.format == Alert.ERROR:
            self._tally.errors[delta.new_element.alert.body] += 1
        elif name == "progress" and self._began:  # the page is there; from now on it watches a job
            self.told.append((time.perf_counter(), delta.new_element.progress.text))
            self._answer(self._drawn)

    def _put(self, widget: Widget) -> None:
        """A widget keeps what the visitor set, unless the server sets it."""
        before = self.widgets.get(widget.key)
        keeps = before is not None and before.id == widget.id and not getattr(widget.proto, "set_value", True)
        widget.value = before.value if before and keeps else as_drawn(widget.kind, widget.proto)
        self.widgets[widget.key] = widget

    def _rest(self) -> None:
        """A run has ended: what it did not draw again is gone, and large messages age."""
        mine = set(self._parts)
        self.widgets = {
            key: one for key, one in self.widgets.items() if one.run == self._run or (mine and one.fragment not in mine)
        }
        self._runs += 1
        self._cache = {
            name: (last, fragment)
            for name, (last, fragment) in self._cache.items()
            if self._runs - last <= HELD or (mine and fragment not in mine)
        }
        self._answer(self._drawn)
        self._answer(self._settled)

    def _answer(self, news: asyncio.Future[float]) -> None:
        if not news.done():
            news.set_result(time.perf_counter())


def state(told: str) -> str:
    """Which of the sentences beside Start, that say whose result is shown, this text ends with; empty if with none."""
    last = told.rpartition("  \n")[2]
    return next((name for name, begins in stage().items() if last.startswith(begins)), "")


@cache
def stage() -> dict[str, str]:
    """How those sentences begin, by name."""
    words = Texts("en", "common")
    return {name: words.at(f"run.{name}").partition("{")[0] for name in ("shipped", "here", "stale", "none")}
