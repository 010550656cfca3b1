"""What an address may ask for: every lab's settings, and nothing that cannot be."""

from __future__ import annotations

from string import punctuation
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dashboard.app.language import LANGUAGES, Texts
from dashboard.page import controls
from lib.core import opening, opens
from lib.knobs import knobs
from lib.labs import LABS
from tests.dashboard.conftest import (
    Play,
    calm,
    covering,
    every_lab,
    every_lab_and_language,
    every_language,
    knob,
    said,
    sized,
    turn,
    visit,
    widgets,
)
from tests.dashboard.conftest import settings as settings_of
from tests.lib.labs.test_labs import values

WORDS = st.one_of(
    st.text(max_size=40),
    st.floats(allow_nan=True).map(str),
    st.integers().map(str),
    st.sampled_from(
        ["", " ", "-0", "1_0", "0x10", "٣", "1e400", "true", "True", "nan", "-inf", "8.5", "relu\n", "None"]
    ),
)


@every_lab
@given(st.data())
@settings(max_examples=60)
def test_a_link_says_every_setting_exactly(name: str, data: st.DataObject) -> None:
    lab = LABS[name]
    one = lab(**{knob.name: data.draw(values(name, knob), knob.name) for knob in knobs(lab).values()})
    told = controls.turned(one)
    assert all(isinstance(word, str) for word in told.values())
    again = lab(**{knob: knobs(lab)[knob].read(word) for knob, word in told.items()})
    assert repr(again) == repr(one)


@every_lab
@given(WORDS)
@example("-0.0")
@settings(max_examples=60)
def test_a_word_is_a_setting_or_is_refused(name: str, word: str) -> None:
    lab = LABS[name]
    for one in knobs(lab).values():
        value = one.read(word)
        if one.fault(value) is None:
            made = lab(**{one.name: value})
            told = controls.turned(made)
            again = lab(**{name: one.read(told[name]) for name in told})
            assert repr(again) == repr(made)


HOSTILE = {
    "not a number": "banana",
    "nothing": "",
    "huge": "1e308",
    "beyond all numbers": "1e999",
    "not finite": "nan",
    "infinite": "-inf",
    "below the bounds": "-10000",
    "long": "9" * 5000,
    "longer words": "x" * 5000,
    "a list": "[1, 2]",
    "a script": "<script>alert(1)</script>",
    "an expression": "__import__('os')",
    "a placeholder": "{knob.__class__}",
    "a line break": "64\n\n# Title",
    "zero bytes": "\x00\x00",
}


@pytest.mark.usefixtures("play")
@covering("name, kind", LABS, HOSTILE)
def test_what_cannot_be_gets_a_sentence_and_the_default(name: str, kind: str) -> None:
    lab, word, words = LABS[name], HOSTILE[kind], Texts("en", name)
    at = calm(visit(name, **{f"{name}_{one}": word for one in knobs(lab)}))
    assert len(at.warning) == len(knobs(lab))
    for warning, one in zip(at.warning, knobs(lab).values(), strict=True):
        assert words(f"knobs.{one.name}.label") in warning.value
        assert len(warning.value) < 400
        assert warning.value.isprintable()
    assert settings_of(at, name) == {one.name: one.default for one in knobs(lab).values()}
    assert set(at.query_params) == {"v"}
    assert words("run.here") in said(at)


@pytest.mark.usefixtures("play")
@every_lab
@every_language
def test_a_refusal_names_the_knob_and_its_bounds_or_choices(name: str, language: str) -> None:
    lab = LABS[name]
    at = visit(name, language, **{f"{name}_{one}": "banana" for one in knobs(lab)})
    for warning, one in zip(at.warning, knobs(lab).values(), strict=True):
        assert "banana" in warning.value
        assert Texts(language, name)(f"knobs.{one.name}.label") in warning.value
        offers = one.choices or (("true", "false") if one.low is None else (f"{one.low:g}", f"{one.high:,.6g}"))
        for offer in [Texts(language, name)(f"knobs.{one.name}.offer")] if one.misread else offers:
            assert offer in warning.value


MARKDOWN = [
    "![](//h.test/x.png)",
    "[here](//h.test)",
    ":red[boo]",
    "**loud**",
    "`code`",
    "$x^2$",
    "# Big",
    "<b>b</b>",
    "_low_",
]


@pytest.mark.usefixtures("play")
@pytest.mark.parametrize("word", MARKDOWN)
@pytest.mark.parametrize(("asked", "most"), [("throw_width", 20), ("v", 8)])
def test_what_a_link_asks_for_is_quoted_and_never_obeyed(asked: str, most: int, word: str) -> None:
    at = calm(visit("throw", **{asked: word}))
    as_it_stands = "".join(f"\\{sign}" if sign in punctuation else sign for sign in word[:most])
    assert as_it_stands in at.warning[0].value


@pytest.mark.usefixtures("play")
@every_lab
def test_a_page_takes_no_knobs_of_another(name: str) -> None:
    other = next(one for one in LABS if one != name)
    at = calm(visit(name, **{f"{other}_seed": "5", f"{other}_width": "banana", "seed": "6", "width": "16"}))
    assert len(at.warning) == 0
    assert settings_of(at, name) == {one: getattr(opening(LABS[name]), one) for one in knobs(LABS[name])}


@pytest.mark.usefixtures("play")
@every_lab
def test_a_link_that_says_nothing_is_the_opening_and_one_that_says_the_version_the_defaults(name: str) -> None:
    lab = LABS[name]
    bare, signed = calm(visit(name)), calm(visit(name, v=str(lab.version)))
    assert settings_of(bare, name) == {one: getattr(opening(lab), one) for one in knobs(lab)}
    assert settings_of(signed, name) == {one.name: one.default for one in knobs(lab).values()}
    assert bare.query_params == {} if opens(lab) == "default" else set(bare.query_params) > {"v"}
    calm(widgets(bare)[f"{name}_presets_default"].set_value("default").run())
    calm(bare.run())
    assert settings_of(bare, name) == settings_of(signed, name)
    assert settings_of(calm(visit(name, **bare.query_params)), name) == settings_of(signed, name)  # also from its link


@pytest.mark.usefixtures("play")
def test_of_a_knob_that_is_named_twice_the_last_counts() -> None:
    at = calm(visit("throw", throw_width=["16", "24"], lang=["zh", "en"]))
    assert settings_of(at, "throw")["width"] == 24
    assert at.session_state["language"] == "en"


@pytest.mark.usefixtures("play")
@every_lab
def test_a_link_sets_the_knobs_and_is_kept(name: str) -> None:
    lab = LABS[name]
    asked: dict[str, Any] = {"seed": "12", sized(name): "16"} | {
        one.name: one.choices[-1] for one in knobs(lab).values() if one.choices
    }
    asked |= {one.name: "false" for one in knobs(lab).values() if one.default is True}
    at = calm(visit(name, **{f"{name}_{one}": word for one, word in asked.items()}))
    assert len(at.warning) == 0
    for one, word in asked.items():
        assert str(settings_of(at, name)[one]).lower() == word
        assert at.query_params[f"{name}_{one}"] == word
    assert at.query_params["v"] == str(lab.version)


@pytest.mark.usefixtures("play")
def test_a_setting_between_the_stops_is_kept_and_shown() -> None:
    at = calm(visit("throw", throw_examples="77", throw_width="9", throw_coverage="0.123", throw_learning_rate="0.02"))
    assert len(at.warning) == 0
    for name, value in {"examples": 77, "width": 9, "coverage": 0.123, "learning_rate": 0.02}.items():
        assert knob(at, name, "throw").value == value


@pytest.mark.usefixtures("play")
@covering("name, language, version", LABS, LANGUAGES, ["0", "banana", "9" * 5000])
def test_a_link_of_another_version_says_so_and_still_sets_the_knobs(name: str, language: str, version: str) -> None:
    at = calm(visit(name, language, v=version, **{f"{name}_{sized(name)}": "16"}))
    assert [one.value for one in at.warning] == [
        Texts(language, name)("link.version", old=version if len(version) < 9 else "99999999…", new=LABS[name].version)
    ]
    assert settings_of(at, name)[sized(name)] == 16
    assert at.query_params["v"] == str(LABS[name].version)


@pytest.mark.usefixtures("play")
@pytest.mark.parametrize("version", ["", " ", "1", " 1 "])
def test_a_link_that_names_no_other_version_is_of_this_one(version: str) -> None:
    assert LABS["throw"].version == 1
    assert len(calm(visit("throw", v=version)).warning) == 0


@pytest.mark.usefixtures("play")
@every_language
def test_a_refusal_ends_as_a_sentence_does(language: str) -> None:
    drag, width = visit("throw", language, throw_width="7", throw_drag="7").warning
    assert {"en": "from 8 to 256.", "zh": "8 到 256 之间"}[language] in width.value
    assert {"en": "from 0 to 0.05 1/m.", "zh": "0 到 0.05 1/m 之间"}[language] in drag.value


@pytest.mark.usefixtures("play")
@pytest.mark.parametrize(("asked", "spoken"), [("zh-CN", "zh"), ("zh_Hans", "zh"), ("ZH", "zh"), ("en-GB", "en")])
def test_a_link_may_name_its_language_as_others_do_and_is_kept(asked: str, spoken: str) -> None:
    at = calm(visit("throw", asked, locale="zh-TW" if spoken == "en" else "en-US"))
    assert at.session_state["language"] == spoken
    assert at.query_params["lang"] == asked
    assert len(at.warning) == 0


@pytest.mark.usefixtures("play")
@every_language
@pytest.mark.parametrize("asked", ["fr", "<script>", "zhu", "e n"])
def test_a_language_that_nobody_speaks_gets_a_sentence_in_the_browsers(language: str, asked: str) -> None:
    at = calm(visit("throw", asked, locale=language))
    assert at.session_state["language"] == language
    offer = ", ".join(LANGUAGES.values())
    told = Texts(language, "common")("link.language", got=controls.escaped(asked, 20), offer=offer)
    assert [one.value for one in at.warning] == [told]
    assert at.query_params["lang"] == asked
    calm(widgets(at)["lang"].set_value("zh" if language == "en" else "en").run())
    assert at.query_params["lang"] != asked
    assert len(at.warning) == 0


@pytest.mark.usefixtures("play")
@pytest.mark.parametrize(("asked", "yes"), [("1", True), ("true", True), ("TRUE", True), ("１", True), ("0", False)])
def test_a_projector_view_is_asked_for_as_switches_are(asked: str, yes: bool) -> None:
    at = calm(visit("throw", present=asked))
    assert len(at.warning) == 0
    assert (len(at.tabs) == 0) is yes


@pytest.mark.usefixtures("play")
@every_language
def test_what_a_projector_view_cannot_show_gets_a_sentence(language: str) -> None:
    words = Texts(language, "throw")
    at = calm(visit("throw", language, present="1", show="width，examples, banana,presets"))
    offer = ", ".join([*controls.PARTS, *knobs(LABS["throw"])])
    assert [one.value for one in at.warning] == [words("link.show", got="banana", offer=offer)]
    assert {"throw_width", "throw_examples"} <= widgets(at).keys()
    at = calm(visit("throw", language, present="maybe"))
    assert [one.value for one in at.warning] == [words("link.switch", name="present", got="maybe")]


@pytest.mark.parametrize(
    ("name", "word", "value"),
    [
        ("width", "６４", 64),
        ("width", "６４．０", 64),
        ("coverage", "０．５", 0.5),
        ("drag", " 0.02 ", 0.02),
        ("width", "1,000", "1,000"),
        ("informed", "TRUE", True),
        ("informed", "ｆａｌｓｅ", False),
        ("informed", "0", False),
        ("informed", "maybe", "maybe"),
    ],
)
def test_a_link_is_read_as_keyboards_write_it(name: str, word: str, value: Any) -> None:
    knob = knobs(LABS["throw"]).get(name) or next(one for one in knobs(LABS["throw"]).values() if one.default is True)
    assert knob.read(word) == value


@pytest.mark.usefixtures("play")
@every_lab
def test_back_returns_to_the_knobs_of_then(name: str) -> None:
    at = visit(name)
    for width in (8, 16):
        turn(at, sized(name), name, width)
    at.query_params[f"{name}_{sized(name)}"] = "8"
    calm(at.run())
    assert knob(at, sized(name), name).value == 8
    del at.query_params[f"{name}_{sized(name)}"]
    calm(at.run())
    assert knob(at, sized(name), name).value == knobs(LABS[name])[sized(name)].default


@pytest.mark.usefixtures("play")
@every_lab_and_language
def test_the_page_gives_a_link_to_itself(name: str, language: str) -> None:
    at = visit(name, language, **{f"{name}_{sized(name)}": "16", f"{name}_seed": "3"})
    link = urlsplit(at.code[-2].value)
    assert link.path == f"/{name}"
    assert dict(parse_qsl(link.query)) == {
        f"{name}_{sized(name)}": "16",
        f"{name}_seed": "3",
        "v": str(LABS[name].version),
    }


@every_lab
def test_a_broken_link_starts_nothing(name: str, play: Play) -> None:
    visit(name, **{f"{name}_{sized(name)}": "1e9", f"{name}_start": "true", "start": "1"})
    assert play.job is None
