"""Hundreds of links for each page that nobody should write, through the controls that read them; some through the page.

Others each time with another HORIZON_TEST_SEED.
"""

from __future__ import annotations

import os
import random
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, quote_plus
from urllib.request import urlopen

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.app.language import LANGUAGES, Texts
from lib.knobs import knobs
from lib.labs import LABS
from tests.bench.visitor import APP, Visitor, serving
from tests.dashboard.conftest import ROOT, calm, every_lab, settings, visit
from tests.machine import PATIENCE

pytestmark = pytest.mark.xdist_group("hostile")
LINKS, PAGES = 400, 25  # for each lab: links through the controls, and through the whole page
SEED = os.environ.get("HORIZON_TEST_SEED", "0")

MARKUP = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "javascript:alert(1)",
    "![](//h.test/x.png)",
    "[here](javascript:alert(1))",
    ":red[boo]",
    ":material/bolt:",
    "**loud**",
    "`code`",
    "$x^2$",
    "# Big",
    "| a | b |\n|---|---|",
    "<!--",
    "&lt;b&gt;",
    "https://h.test/",
    "~~gone~~",
    "{knob.__class__}",
    "{0}",
    "%s%n",
    "../../etc/passwd",
    "__import__('os')",
    "'; DROP TABLE runs; --",
    "${jndi:ldap://h.test}",
]
NUMBERS = [
    *("nan", "-nan", "inf", "-inf", "Infinity", "1e308", "1e309", "-1e999", "1e-999", "-0", "-0.0", "+5", "٣", "1_000"),
    *(
        "0x10",
        "0b1",
        "1e5",
        "64.0",
        "64.5",
        "8,000",
        "½",
        "²",
        "1/2",
        "1j",
        "--1",
        "1e",
        ".",
        "1.",
        ".5",
        " 64 ",
        "64\n",
    ),
    *(str(2**31), str(2**53 + 1), str(-(2**63)), str(10**400), "0" * 50 + "64"),
]
OTHERS = [
    *("", " ", "true", "True", "TRUE", "false", "null", "None", "undefined", "[]", "[1, 2]", "{}", "()", "on", "yes"),
    *(
        "\x00",
        "\x00\x00",
        "64\x00",
        "\u202e46",
        "\ufeff64",
        "\u2028",
        "a\r\nb",
        "\ud7ff",
        "\U0010ffff",
        "👩‍🚀",
        "时",
        "é" * 40,
    ),
    *("relu ", "RELU", "relu,tanh", "relu\x00", "\x1b[2J", "\t", "\u00a0", "\u200b"),
]
OWN = (
    "v",
    "lang",
    "present",
    "show",
    "embed",
    "embed_options",
    "page",
    "seed",
    "width",
    "start",
    "",
    "__class__",
    "_signed",
)


def word(dice: random.Random, lab: Any) -> str:
    """What a link may say of a knob: now and then something that can be."""
    kind = dice.random()
    if kind < 0.3:
        return dice.choice(NUMBERS)
    if kind < 0.5:
        return dice.choice(MARKUP)
    if kind < 0.7:
        return dice.choice(OTHERS)
    if kind < 0.8:
        return repr(dice.uniform(-1, 1) * 10 ** dice.randint(-12, 12))
    if kind < 0.9:
        one = dice.choice(list(knobs(lab).values()))
        return str(dice.choice([one.default, one.low, one.high, *one.choices]))
    if kind < 0.999:
        return "".join(
            chr(dice.choice([dice.randrange(32, 127), dice.randrange(0xD800)])) for _ in range(dice.randrange(40))
        )
    return dice.choice("9x<\x00é") * 100_000


def link(dice: random.Random, lab: Any) -> str:
    """A query string as a stranger may type one: badly quoted at times, with knobs of this page and others."""
    own = [f"{lab.name}_{name}" for name in knobs(lab)]
    others = [f"{other}_{name}" for other in LABS for name in ("seed", "width", "signed", "refused", "parts", "shown")]
    asked = []
    for _ in range(dice.choice([1, 1, 2, 2, 3, 5, 8, 20])):
        pool = dice.choice([own, own, own, OWN, others, MARKUP])
        name, value = dice.choice(pool), word(dice, lab)
        if name == "lang":
            value = dice.choice([value, "zh", "en", "ZH", "xx"])
        if name == "show":
            value = dice.choice([value, "presets," + ",".join(knobs(lab)), ",,,"])
        if name in ("present", "embed"):
            value = dice.choice([value, "1", "true", "0"])
        spell = dice.choice([quote, quote, quote_plus, lambda it: quote(it, safe="<>&=?+%#;/")])
        asked += [f"{spell(name)}={spell(value)}"] * dice.choice([1, 1, 1, 2])
    junk = dice.choice(
        ["", "", "", "&", "&&=", "%", "%zz", "%00=%00", "%ff%fe", f"{own[0]}", f"{own[0]}[]=1", ";", "a=b=c"]
    )
    return "&".join([*asked, junk])


def links(count: int, lab: Any) -> list[str]:
    dice = random.Random(f"{SEED}/{count}/{lab.name}")
    return [link(dice, lab) for _ in range(count)]


def follow_each(asked: list[str], name: str, seen: list[tuple]) -> None:
    """A Streamlit script: follow a link, draw the knobs it names, note what has come of it, run again with the next.

    Every other link reaches a new visitor, the rest one who is on the page already and draws nothing but now and then
    all there is. The first run is no link's.
    """
    import streamlit as st
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    from dashboard.app import menu
    from dashboard.app.language import Texts
    from dashboard.page import controls, fragments
    from lib.knobs import knobs
    from lib.labs import LABS

    lab, at = LABS[name], len(seen)
    if at % 2 == 0:
        st.session_state.clear()
    words = Texts(menu._language(), name)
    refused = controls.follow(lab, words)
    for refusal in refused:
        st.warning(refusal)
    fragments.begin(lab, lambda: None, None, busy=False)
    if at % 20 == 1:
        controls.presets(lab, "default", list(lab.presets), None, words)
        controls.draw(lab, knobs(lab), words)
    elif at % 2 == 0:
        controls.draw(lab, [one for one in knobs(lab) if controls.key(lab, one) in st.query_params], words)
    chosen = controls.chosen(lab)
    controls.sign(chosen)
    seen.append((chosen, refused, words.language, st.query_params.to_dict()))
    if at < len(asked):
        get_script_run_ctx().query_string = asked[at]  # type: ignore[union-attr]
        st.rerun()


def run_each(asked: list[str], name: str) -> list[Any]:
    """What came of each link; fails with the one that broke the script."""
    seen: list[Any] = []
    at = AppTest.from_function(follow_each, args=(asked, name, seen), default_timeout=PATIENCE)
    at.context = {"locale": "en-GB"}
    at.run()
    assert len(at.exception) == 0, f"{at.exception[0].message}: {asked[len(seen) - 1]!r}"
    assert len(seen) == len(asked) + 1
    return seen[1:]


LOUD = re.compile(r"(?<!\\)[<>\[\]!`$*~|#{}&]")
"""What would be more than text in Markdown, unless a backslash stands before it."""


def check(name: str, asked: str, refused: list[str], language: str) -> None:
    """Every refusal is one short line of text that names a knob or the version."""
    words = Texts(language, name)
    labels = [words(f"knobs.{knob}.label") for knob in knobs(LABS[name])]
    assert len(refused) <= len(labels) + 1, asked
    for told in refused:
        assert len(told) < 400, asked
        assert told.isprintable(), asked
        plain = told
        for ours in labels:
            plain = plain.replace(ours, "")
        assert not LOUD.search(plain.replace("\\\\", "")), (asked, told)


@pytest.mark.usefixtures("play")
@every_lab
def test_whatever_a_link_asks_the_knobs_stay_within_their_bounds(name: str) -> None:
    lab = LABS[name]
    asked = links(LINKS, lab)
    refusals = 0
    for one, (chosen, refused, language, address) in zip(asked, run_each(asked, name), strict=True):
        values = {knob.name: getattr(chosen, knob.name) for knob in knobs(lab).values()}
        assert [knob.fault(values[knob.name]) for knob in knobs(lab).values() if knob.fault(values[knob.name])] == [], (
            one
        )
        assert language in LANGUAGES
        check(name, one, refused, language)
        refusals += len(refused)
        told = {one: str(value).lower() if isinstance(value, bool) else str(value) for one, value in values.items()}
        written = {key.removeprefix(f"{name}_"): word for key, word in address.items() if key.startswith(f"{name}_")}
        assert {one: word for one, word in written.items() if one in told and word != told[one]} == {}, one
        assert address.get("v", str(lab.version)) == str(lab.version)
        assert "v" in address or not written.keys() & told.keys()
    assert refusals > len(asked) / 2  # the links are hostile


@pytest.mark.usefixtures("play")
@pytest.mark.parametrize("name", ["home", *LABS])
def test_whatever_a_link_asks_the_page_is_whole(name: str) -> None:
    at = visit(name)
    for asked in links(PAGES, LABS.get(name, LABS["throw"])):
        at.query_params = parse_qs(asked, keep_blank_values=True)
        calm(at.run())
        assert not any(one.allow_html for one in (*at.markdown, *at.caption)), asked
        assert len(at.get("html")) == len(at.get("iframe")) == 0, asked
        if name in LABS:
            stand = settings(at, name)
            assert [knob.fault(stand[one]) for one, knob in knobs(LABS[name]).items() if knob.fault(stand[one])] == []
            check(name, asked, [one.value for one in at.warning], at.session_state["language"])


def test_no_text_of_ours_is_read_as_html() -> None:
    sources = [*(ROOT / "dashboard").rglob("*.py"), *(ROOT / "dashboard").rglob("*.toml")]
    banned = r"unsafe_allow|st\.html|components\.v1"  # components of version 2 draw files of ours, and texts as texts
    assert [path.name for path in sources if re.search(banned, path.read_text())] == []
    scripts = [*(ROOT / "dashboard").rglob("*.js")]
    assert [
        path.name for path in scripts if re.search(r"innerHTML|insertAdjacentHTML|\beval\b", path.read_text())
    ] == []


NASTY = [
    ("throw", "throw_width=" + "9" * 100_000),
    ("throw", "throw_width=" + "%00" * 30_000),
    ("throw", "&".join(f"throw_width={at}" for at in range(50_000))),
    ("throw", "&".join(f"{at}=" for at in range(50_000))),
    ("throw", "v=" + quote("<script>alert(1)</script>" * 1000)),
    ("throw", "throw_seed=%ff%fe%00&throw_noise=%ed%a0%80&lang=%00"),
    ("throw", "%00=%00&=&&&==;%zz"),
    ("attack", "present=1&show=" + "presets," * 50_000),
    ("attack", "embed=true&embed_options=" + quote(MARKUP[1]) + "&embed=<&present=\x00"),
    ("attack", "lang=xx&lang=&lang=zh&attack_width=nan&attack_width=64"),
    ("", "lang=" + quote("../../../etc/passwd") + "&v=&show="),
    ("no_such_page", "throw_width=8"),
    ("../../etc/passwd", "v=1"),
    ("<script>", quote("\ud7ff\U0010ffff\u202e")),
    ("x" * 100_000, ""),
]


def test_the_nastiest_break_no_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HORIZON_WORKERS", "1")
    with serving(APP, tmp_path / "log") as server:
        for page, asked in NASTY:
            visitor = Visitor(server.address, page, asked)
            assert "markdown" in visitor.shown, asked[:100]
            visitor.rerun()
            visitor.leave()
        with urlopen(f"{server.address}/_stcore/health") as told:
            assert told.status == 200
    log = (tmp_path / "log").read_text()
    assert "Traceback" not in log
    assert "level=ERROR" not in log
    assert max(map(len, log.splitlines())) < 1000
