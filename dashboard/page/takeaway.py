"""Take it with you: the link, the numbers, the recipe as code."""

from __future__ import annotations

import csv
import io
import json
import math
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import urlencode, urlsplit

import streamlit as st

from dashboard.app.language import Texts
from dashboard.page import controls, fragments
from dashboard.page.lab_page import View
from dashboard.page.verdict import sentences
from lib import store
from lib.core import Lab, Verdict, contract
from lib.knobs import knobs

ASCII = str.maketrans({"ε": "epsilon", "²": "2", "°": "deg", "×": "times"})  # what tables read everywhere
MARK = "\ufeff"  # at the beginning of a file: it is UTF-8, which Excel takes for something else without


def show(kind: type[Lab], words: Texts) -> None:
    """Link and snippet of what the knobs say, CSV and JSON of what is on the stage, once they are unfolded.

    The browser paints code by means of 1.5 MB of script, which nobody has to fetch before the first look at a page.
    """
    st.header(f"{words('take.title')}\n:small[:gray[{words('take.chart')}]]", anchor="take")
    place = f"{kind.name}_take"
    with st.expander(words("take.open"), icon=":material/link:", key=place, on_change="rerun") as unfolded:
        if unfolded.open:
            fragments.part(kind, "take", lambda view: view, lambda view: _unfolded(view, words))


def _unfolded(view: View, words: Texts) -> None:
    lab, shown = view.lab, view.shown
    if shown and not view.opened:
        st.caption(words("stage.covered"))
    elif shown:
        with st.container(horizontal=True):
            for ending, made, mime in (("csv", rows, "text/csv"), ("json", told, "application/json")):
                file = f"{file_name(shown.result.verdict)}.{ending}"
                made = partial(made, shown.result, words)
                st.download_button(words(f"take.{ending}"), made, file, mime, on_click="ignore")
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


def file_name(verdict: Verdict) -> str:
    """Lab and recipe, shortly: two settings are two files."""
    name, _, mark = store.key_of(verdict.lab, verdict.version, verdict.recipe).rpartition("-")
    return f"{name}-{mark[:8]}"


def told(result: Any, words: Texts) -> str:
    """The verdict as JSON, with what the page says of it in the visitor's language, its bold type left out."""
    says = [one.replace("**", "") for one in sentences(result.verdict, words)]
    page = {"language": words.language, "sentences": says}
    return json.dumps(contract(result.verdict, result.progress) | page, indent=1, ensure_ascii=False, allow_nan=False)


def rows(result: Any, _: Texts) -> str:
    """The curves as CSV, a row for each contestant and exam value; errors as the chart has them, in percent or km.

    Every row says which run it is of, so that tables can be put below each other: what was done of it, less than
    100 where it was stopped, and its recipe. What is no finite number is an empty field.
    """
    verdict, out = result.verdict, io.StringIO(MARK)
    out.seek(0, io.SEEK_END)
    scale, sign = (1, verdict.unit) if verdict.unit else (100, "%")
    axis = f"{verdict.axis.name} [{verdict.axis.unit}]" if verdict.axis.unit else verdict.axis.name
    sheet = csv.writer(out)
    head = ["name", "kind", axis, "seen", *(f"{name} [{sign}]" for name in ("error", "low", "high"))]
    sheet.writerow([name.translate(ASCII) for name in [*head, "done [%]", "version", "recipe"]])
    run = [_digits(100 * result.progress), verdict.version, verdict.recipe]
    for one in verdict.answerers:
        for p in one.curve:
            errors = [_digits(scale * error) for error in (p.error, p.low, p.high)]
            sheet.writerow([one.name, one.kind, _digits(p.at), p.seen, *errors, *run])
    return out.getvalue()


def _digits(value: float) -> str:
    """Five digits that matter, without powers of ten."""
    return format(Decimal(f"{value:.5g}"), "f") if math.isfinite(value) else ""


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
