"""A run's findings in words and figures, made of its numbers; which sentence is said depends on them alone."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.app.language import Texts, plain, share
from lib.core import Answerer, Axis, Kind, Verdict, better, span_of_seeds

Rows = tuple[tuple[str, str, str], ...]  # name of a figure, the network's, the program's


def sentences(verdict: Verdict, words: Texts) -> list[str]:
    """What each contestant did, in the order of the verdict, then how much the seeds disagree."""
    axis = verdict.axis
    told = []
    for one in verdict.answerers:
        numbers: dict[str, Any] = {"horizon": one.horizon, "unit": axis.unit}
        numbers |= {name: rounded(getattr(one, name), verdict) for name in ("inside", "outside")}
        numbers |= {"trials": one.price.trials, "examples": one.price.examples}
        told.append(words(f"verdict.{one.name}.{manner(axis, one)}", tolerance=verdict.tolerance, **numbers))
    network, program = _first(verdict, "network"), _first(verdict, "program")
    if network and program:
        who = {-1: "network", 0: "even", 1: "program"}
        inside = who[better(network.inside, program.inside, verdict.tolerance)]
        outside = who[better(network.outside, program.outside, verdict.tolerance)]
        told.append(words(f"verdict.better.{inside}_{outside}"))
    if network:
        worst, best = span_of_seeds(axis, network, verdict.tolerance)
        if worst != best:
            told.append(words("verdict.seeds", worst=reach(worst, axis, words), best=reach(best, axis, words)))
    return told


def _first(verdict: Verdict, kind: Kind) -> Answerer | None:
    return next((one for one in verdict.answerers if one.kind == kind), None)


def manner(axis: Axis, one: Answerer) -> str:
    """'never' within tolerance, 'fades' on the way out, or 'holds' to the end of the exam."""
    if one.horizon is None:
        return "never"
    return "holds" if one.horizon == axis.end else "fades"


def reach(horizon: float | None, axis: Axis, words: Texts) -> str:
    """A horizon with its unit, or the word for having none."""
    return words("figures.no_horizon") if horizon is None else f"{plain(horizon)} {axis.unit}".strip()


def rounded(error: float, verdict: Verdict) -> str:
    """An error without its unit; with more digits than usual where it would read like the tolerance and is not."""
    say = plain if verdict.unit else share
    scale, sign = (1, "") if verdict.unit else (100, " %")
    if error != verdict.tolerance and say(error) == say(verdict.tolerance):
        for digits in range(1, 16):
            longer, limit = (f"{scale * one:,.{digits}f}" for one in (error, verdict.tolerance))
            if longer != limit:
                return longer + sign
    return say(error)


def amount(error: float, verdict: Verdict) -> str:
    """An error as a share, or with its unit."""
    return f"{rounded(error, verdict)} {verdict.unit}".strip()


def price(one: Answerer, words: Texts) -> str:
    """What an answerer cost, in the words of its kind."""
    paid = one.price
    if paid.trials:
        return f"{paid.trials:,}"
    if one.kind == "program":
        return words("figures.lines", lines=paid.lines)
    return f"{paid.examples:,}"


def compared(verdict: Verdict, words: Texts) -> Rows:
    """Error inside, error outside, horizon and price: the network's, and the program's; nothing without either."""
    network, program = _first(verdict, "network"), _first(verdict, "program")
    if not network or not program:
        return ()
    return (
        ("inside", amount(network.inside, verdict), amount(program.inside, verdict)),
        ("outside", amount(network.outside, verdict), amount(program.outside, verdict)),
        ("horizon", reach(network.horizon, verdict.axis, words), reach(program.horizon, verdict.axis, words)),
        ("price", price(network, words), price(program, words)),
    )


def figures(place: Any, rows: Rows, words: Texts) -> None:
    """Four figures of the network, with the program's below."""
    with place.container(horizontal=True):
        for name, net, rule in rows:
            st.metric(
                words(f"figures.{name}"),
                net,
                words("figures.program", value=rule),
                delta_color="off",
                delta_arrow="off",
                help=words(f"figures.{name}_help"),
                border=True,
                width="stretch",
            )


def card(verdict: Verdict, words: Texts) -> str:
    """The verdict in one line, for the page that lists all labs."""
    network, program = _first(verdict, "network"), _first(verdict, "program")
    if not network or not program:
        return ""
    return words(
        "card",
        network_inside=network.inside,
        network_outside=network.outside,
        program_inside=program.inside,
        program_outside=program.outside,
        lines=program.price.lines,
        network_trials=network.price.examples,
        program_trials=program.price.trials,
    )


def tabulated(verdict: Verdict, words: Texts) -> str:
    """The figures as a table: what is measured, the network's, the program's; empty without either."""
    network, program = _first(verdict, "network"), _first(verdict, "program")
    if not network or not program:
        return ""
    head = ["", words(f"names.{network.name}"), words(f"names.{program.name}")]
    lines = [head, ["---"] * 3, *([words(f"figures.{name}"), *both] for name, *both in compared(verdict, words))]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
