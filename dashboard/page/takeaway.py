"""Take it with you: the link, the numbers, the recipe as code."""

from __future__ import annotations

import csv
import io
import json
from functools import partial
from typing import Any
from urllib.parse import urlencode, urlsplit

import streamlit as st

from dashboard.app.language import Texts
from dashboard.page import controls, fragments
from lib.core import Lab, Verdict, contract
from lib.knobs import knobs


def show(kind: type[Lab], words: Texts) -> None:
    """Link and snippet of what the knobs say, CSV and JSON of what is on the stage, once they are unfolded.

    The browser paints code by means of 1.5 MB of script, which nobody has to fetch before the first look at a page.
    """
    st.header(f"{words('take.title')}\n:small[:gray[{words('take.chart')}]]", anchor="take")
    place = f"{kind.name}_take"
    with st.expander(words("take.open"), icon=":material/link:", key=place, on_change="rerun") as unfolded:
        if unfolded.open:
            fragments.part(kind, "take", lambda view: view, lambda view: _unfolded(view.lab, view.shown, words))


def _unfolded(lab: Lab, shown: Any, words: Texts) -> None:
    if shown:
        verdict = shown.result.verdict
        with st.container(horizontal=True):
            for name, made, mime in (("csv", rows, "text/csv"), ("json", _json, "application/json")):
                file = f"{lab.name}.{name}"
                st.download_button(words(f"take.{name}"), partial(made, verdict), file, mime, on_click="ignore")
    st.markdown(words("take.link"))
    st.code(link(lab), language=None, wrap_lines=True)
    st.markdown(words("take.code"))
    st.code(snippet(lab), language="python")


def link(lab: Lab) -> str:
    """The address that opens this page with these knobs, this seed, and the version that the numbers are of.

    What else a page keeps in its address, under its own name, goes along.
    """
    here = urlsplit(st.context.url or "")
    known = {controls.key(type(lab), name) for name in knobs(lab)}
    words = {name: word for name, word in st.query_params.items() if name.startswith(f"{lab.name}_")}
    words = {name: word for name, word in words.items() if name not in known}
    words |= {controls.key(type(lab), name): word for name, word in controls.turned(lab).items()}
    return here._replace(query=urlencode(words | {"v": type(lab).version}), fragment="").geturl()


def _json(verdict: Verdict) -> str:
    return json.dumps(contract(verdict), indent=1, allow_nan=False)


def rows(verdict: Verdict) -> str:
    """The curves as CSV, a row for each contestant and exam value, names as in the JSON."""
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(["name", "kind", verdict.axis.name, "seen", "error", "low", "high"])
    for one in verdict.answerers:
        sheet.writerows([one.name, one.kind, p.at, p.seen, p.error, p.low, p.high] for p in one.curve)
    return out.getvalue()


def snippet(lab: Lab) -> str:
    """Python that runs this recipe without the app, from the folder that the app is in."""
    kind = type(lab)
    turned = [f"{name}={getattr(lab, name)!r}" for name in controls.turned(lab)]
    return (
        f"from {kind.__module__} import {kind.__name__}\n\n"
        f"for result in {kind.__name__}({', '.join(turned)}).run():\n"
        f"    print(f'{{result.progress:.0%}}')\n"
        f"print(result.verdict.sentence)\n"
    )
