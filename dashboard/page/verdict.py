"""A run's findings in words and figures, made of its numbers; which sentence is said depends on them alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from dashboard.app.language import FAR, GAP, Texts, length, plain, share
from dashboard.charts.recipe import settings
from lib.core import Answerer, Axis, Kind, Span, Verdict, better, beyond, first_failure, span_of_seeds, worst

Rows = tuple[tuple[str, str, str, str], ...]  # name of a figure, the network's, the program's, more in its help


def sentences(verdict: Verdict, words: Texts) -> list[str]:
    """What each contestant did, in the order of the verdict, then how much the seeds disagree."""
    told = [
        words(f"verdict.{one.name}.{manner(verdict, one)}", **facts(verdict, one, words)) for one in verdict.answerers
    ]
    network, program = _first(verdict, "network"), _first(verdict, "program")
    if network and program:
        who = {-1: "network", 0: "even", 1: "program"}
        inside = who[better(network.inside, program.inside, verdict.tolerance)]
        outside = who[better(network.outside, program.outside, verdict.tolerance)]
        told.append(words(f"verdict.better.{inside}_{outside}"))
    if network:
        told += _disagreement(verdict, network, words)
    return told


def facts(verdict: Verdict, one: Answerer, words: Texts) -> dict[str, Any]:
    """What the sentence about a contestant may be filled with: its numbers, and every knob by name."""
    axis, span = verdict.axis, verdict.holds(one)
    told = settings(verdict.recipe)
    told |= {"tolerance": verdict.tolerance, "trials": one.price.trials, "examples": one.price.examples}
    told |= {name: _about(getattr(one, name), verdict, words) for name in ("inside", "outside")}
    told |= {"range": reach(span, axis, words), "beyond": distance(span, axis, words)}
    told["broken"] = place(first_failure(axis, one.curve, verdict.tolerance), axis)
    hit = one.price.trials < one.price.examples  # how often the middle seed has tried in all
    told["first"] = words(f"verdict.{'hit' if hit else 'vain'}", trials=one.price.trials)
    return told


def _disagreement(verdict: Verdict, network: Answerer, words: Texts) -> list[str]:
    """How far the worst and the best seed hold, where they differ; of one whose middle seed is the best, the worst."""
    axis = verdict.axis
    least, most = span_of_seeds(network, verdict.tolerance)
    if least == most:
        return []
    fails = first_failure(axis, worst(network.curve), verdict.tolerance)
    says = {
        "worst": words("range.fails", at=place(fails, axis))
        if least is None
        else words("range.holds", range=reach(least, axis, words)),
        "best": words("range.holds", range=reach(most, axis, words)),
    }
    return [words("verdict.median" if most == verdict.holds(network) else "verdict.seeds", **says)]


def _first(verdict: Verdict, kind: Kind) -> Answerer | None:
    return next((one for one in verdict.answerers if one.kind == kind), None)


def manner(verdict: Verdict, one: Answerer) -> str:
    """'never' in all of its training within tolerance, 'fades' on the way out, or 'holds' wherever it was asked."""
    span, exam = verdict.holds(one), verdict.axis.exam
    if span is None:
        return "never"
    return "holds" if span == (exam[0], exam[-1]) else "fades"


def reach(span: Span | None, axis: Axis, words: Texts, short: str = "") -> str:
    """From where to where it holds, on the sides of training that there are; short: "card_" where room is little."""
    if span is None:
        return words(f"range.{short}none")
    if span == axis.train and span[0] == span[1]:
        return words(f"range.{short}unchanged")
    below, above = axis.sides
    side = "both" if below and above else "down" if below else "up"
    low, high = plain(span[0]), place(span[1], axis)
    return words(f"range.{short}{side}", low=place(span[0], axis) if side == "down" else low, high=high)


def distance(span: Span | None, axis: Axis, words: Texts) -> str:
    """How far that is from training, on each side."""
    if span is None:
        return words("range.none")
    below, above = beyond(axis, span)
    side = "apart" if below and above else "below" if below else "above" if above else "within"
    return words(f"range.{side}", below=place(below, axis), above=place(above, axis))


def place(at: float | None, axis: Axis) -> str:
    """A value of the axis with its unit."""
    return "–" if at is None else f"{plain(at)}{GAP}{axis.unit}".rstrip(GAP)


def rounded(error: float, verdict: Verdict) -> str:
    """An error with its unit or sign; with more digits than usual where it would read like the tolerance and is not."""
    if verdict.unit:
        return apart(error, [verdict.tolerance], _say(verdict), 1.0, verdict.unit)
    return apart(error, [verdict.tolerance], share, 100.0, "%")


def apart(value: float, limits: Iterable[float], say: Callable[[float], str], scale: float, sign: str) -> str:
    """A value as `say` writes it; with more digits where it would read like one of the limits and is not."""
    for limit in limits:
        if value != limit and say(value) == say(limit):
            for digits in range(1, 16):
                longer, other = (f"{scale * one:,.{digits}f}" for one in (value, limit))
                if longer != other:
                    return f"{longer}{GAP}{sign}"
    return say(value)


def _say(verdict: Verdict) -> Any:
    if not verdict.unit:
        return share
    return length if verdict.unit == "km" else lambda error: f"{plain(error)}{GAP}{verdict.unit}"


def _about(error: float, verdict: Verdict, words: Texts) -> str:
    """An error in a sentence: a length that has been rounded says so."""
    told = rounded(error, verdict)
    return words("verdict.about", value=told) if verdict.unit == "km" and error >= FAR else told


def price(one: Answerer, words: Texts) -> str:
    """What an answerer cost, in the words of its kind."""
    paid = one.price
    if paid.trials:
        return f"{paid.trials:,}"
    if one.kind == "program":
        return words("figures.lines", lines=paid.lines)
    return words("figures.examples", examples=paid.examples)


def compared(verdict: Verdict, words: Texts) -> Rows:
    """Error inside, error outside, how far it holds and price: the network's, and the program's; both or nothing."""
    network, program = _first(verdict, "network"), _first(verdict, "program")
    if not network or not program:
        return ()
    spans = [verdict.holds(one) for one in (network, program)]
    net, rule = (reach(span, verdict.axis, words, "card_") for span in spans)
    far = {who: distance(span, verdict.axis, words) for who, span in zip(("network", "program"), spans, strict=True)}
    return (
        ("inside", rounded(network.inside, verdict), rounded(program.inside, verdict), ""),
        ("outside", rounded(network.outside, verdict), rounded(program.outside, verdict), ""),
        ("holds", net, rule, words("range.apart_from_training", **far)),
        ("price", price(network, words), price(program, words), ""),
    )


def explained(verdict: Verdict, words: Texts) -> str:
    """What the figures are, a line each, and how far from training they reach."""
    rows = compared(verdict, words)
    return "\n".join(
        f"- **{words(f'figures.{name}')}**{words.at('marks.colon')}{words(f'figures.{name}_help')} {more}".strip()
        for name, *_, more in rows
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
    head = [words("figures.what"), words(f"names.{network.name}"), words(f"names.{program.name}")]
    lines = [
        head,
        ["---"] * 3,
        *([words(f"figures.{name}"), net, rule] for name, net, rule, _ in compared(verdict, words)),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
