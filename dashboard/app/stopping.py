"""Streamlit's own Stop, which stands in the corner while a page watches a job and cannot be taken away.

It ends the page's run and no more: the job would go on, and the page stand still with a Start that cannot be pressed.
"""

from __future__ import annotations

import threading

from streamlit import runtime
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime.scriptrunner import get_script_run_ctx


def pressed() -> bool:
    """In a run that Streamlit has ended: True if its Stop did. A click puts another run in the place of this one, and
    who has closed the page has no session any more."""
    context = get_script_run_ctx()
    session = runtime.get_instance().get_app_session(context.session_id) if context and runtime.exists() else None
    runner = session._scriptrunner if session else None
    return runner is not None and runner._script_thread is threading.current_thread()


def settle() -> None:
    """Have the page drawn once more, as if its visitor had clicked somewhere: this run can draw nothing any more."""
    context = get_script_run_ctx()
    session = runtime.get_instance().get_app_session(context.session_id) if context else None
    if context and session:
        click = BackMsg()
        click.rerun_script.query_string = context.query_string
        click.rerun_script.page_script_hash = context.page_script_hash
        if context.context_info:
            click.rerun_script.context_info.CopyFrom(context.context_info)
        handle = runtime.get_instance().handle_backmsg
        session._event_loop.call_soon_threadsafe(handle, context.session_id, click)
