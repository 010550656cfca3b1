"""The section Shape or texture?: what it says follows from the answers, and nothing of it comes before the guess."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.app.language import Texts, share
from dashboard.pages.see.charts import shapes as chart
from dashboard.pages.see.charts.likeliest import likeliest, strip
from dashboard.pages.see.shapes import EDGES, findings, restated
from lib import store
from lib.labs.see.lab import See, Seen
from lib.labs.see.shapes import OWN, Shapes, unread
from lib.tasks.photos.classes import name
from lib.tasks.photos.shipped import CLASS, NAMES
from lib.tasks.see.outlines import OUTLINED, coat, silhouette
from tests.dashboard.conftest import every_language

ROOT = Path(__file__).parents[4]


def ships() -> Seen:
    found = store.find(See())
    assert found
    return found[0]


def with_shapes(told: Shapes) -> Seen:
    return replace(ships(), shapes=told)


def all_by(side: str) -> Shapes:
    """Every picture went by the shape, or by the coat."""
    told = ships().shapes
    choice = told.conflicts.choice.copy()
    choice[:] = OWN[:, None] if side == "shape" else told.pairs
    return replace(told, conflicts=replace(told.conflicts, choice=choice))


@every_language
def test_the_chart_tells_the_shares_beside_what_was_published(language: str) -> None:
    words, told = Texts(language, "see"), ships().shapes
    picture = chart.shapes(ships(), words)
    assert picture is not None
    rows = picture.table.to_pylist()
    assert [row["who"] for row in rows] == [words(f"shapes.who.{who}") for who in chart.ROWS]
    assert [row["share"] for row in rows] == pytest.approx([0.959, 0.221, *told.shares])
    assert [row["whose"] for row in rows] == ["published", "published", "here", "here"]
    assert [row["low"] for row in rows[2:]] == pytest.approx(np.nanmin(told.rounds, axis=1))
    assert [row["high"] for row in rows[2:]] == pytest.approx(np.nanmax(told.rounds, axis=1))
    assert "95.9" in rows[0]["says"]
    assert "22.1" in rows[1]["says"]
    for value in told.shares:
        assert share(float(value)) in picture.alt
    assert picture.covered is None  # nothing of it may be seen before the guess


def test_without_a_decision_there_is_no_bar_and_no_number() -> None:
    told = ships().shapes
    other = replace(told.conflicts, choice=np.full_like(told.conflicts.choice, NAMES.index("red_panda")))
    pairs = np.where(told.pairs == NAMES.index("red_panda"), OWN[0], told.pairs)
    picture = chart.shapes(with_shapes(replace(told, conflicts=other, pairs=pairs)), Texts("en", "see"))
    assert picture is not None
    assert [row["share"] for row in picture.table.to_pylist()[2:]] == [None, None]
    assert "nan" not in picture.alt


def test_no_chart_and_no_table_before_all_was_read() -> None:
    early = with_shapes(unread(ships().shapes.pairs))
    assert chart.shapes(early, Texts("en", "see")) is None
    assert chart.table(early, Texts("en", "see")) is None


@every_language
def test_the_table_has_every_picture_and_whom_it_went_by(language: str) -> None:
    words, told = Texts(language, "see"), ships().shapes
    table = chart.table(ships(), words)
    assert table is not None
    assert table.num_rows == told.conflicts.choice.size
    sides = table[words("shapes.goes_by")].to_pylist()
    assert sides.count(words("shapes.by.shape")) == told.by_shape.sum()
    assert sides.count(words("shapes.by.texture")) == told.by_texture.sum()
    first = table.slice(0, 1).to_pylist()[0]
    assert first[words("shapes.coat")] == words(f"photos.{NAMES[told.pairs[0, 0]]}")
    assert first[words("shapes.read")] == name(int(told.conflicts.labels[0, 0, 0, 0]), language)


def test_the_strip_is_the_pictures_with_gaps_that_nobody_sees() -> None:
    pictures = [silhouette("dog"), coat("koala")]
    wide = strip(pictures)
    assert wide.shape == (224, 2 * 224 + 12, 4)
    assert (wide[:, :224, :3] == pictures[0]).all()
    assert (wide[:, -224:, :3] == pictures[1]).all()
    assert (wide[:, 224:236, 3] == 0).all()


@every_language
def test_the_bars_are_the_five_likeliest_and_mark_whose_they_are(language: str) -> None:
    labels = np.array([CLASS["dog"], CLASS["koala"], 1, 2, 3])
    sure = np.array([0.5, 0.25, 0.1, 0.05, 0.001], np.float32)
    picture = likeliest([(labels, sure)] * 3, CLASS["dog"], CLASS["koala"], Texts(language, "see"))
    rows = picture.table.to_pylist()
    assert len(rows) == 15
    assert [row["name"][:2] for row in rows[:2]] == ["▲ ", "■ "]
    assert rows[2]["name"] == name(1, language)
    assert [row["end"] - row["left"] for row in rows[:3]] == pytest.approx([112, 56, 22.4], rel=1e-4)
    assert picture.alt.count(name(CLASS["dog"], language)) == 3


@every_language
def test_the_findings_are_the_numbers_of_the_run(language: str) -> None:
    words, told = Texts(language, "see"), ships().shapes
    said = findings(told, words)
    for value in told.shares:
        assert f"**{share(float(value))}**" in said
    decided = told.by_shape.sum() + told.by_texture.sum()
    assert str(told.conflicts.choice.size - decided) in said
    assert share(1.0) in findings(all_by("shape"), words)
    assert share(1.0) not in findings(all_by("texture"), words)


@pytest.mark.parametrize(("side", "right"), [("shape", len(EDGES)), ("texture", 0)])
def test_what_became_of_a_guess_follows_from_the_run(side: str, right: int) -> None:
    words, told = Texts("en", "see"), all_by(side)
    options = words.at("shapes.guess.options")
    assert len(options) == len(EDGES) + 1
    for bet, option in enumerate(options):
        outcome = "right" if bet == right else "low" if bet < right else "high"
        wanted = words(f"shapes.guess.{outcome}", guess=option, value=told.share)
        assert restated(told, bet, words) == wanted
    assert restated(told, None, words) == words("shapes.guess.ask")
    assert restated(unread(told.pairs), 0, words) == words("shapes.guess.ask")


def section() -> None:
    """What a visitor sees of the section alone."""
    import streamlit as st

    from dashboard.app.language import Texts
    from dashboard.page.lab_page import Shown
    from dashboard.pages.see.shapes import draw
    from lib import store
    from lib.labs.see.lab import See

    found = store.find(See())
    assert found
    draw(Shown(See(), found[0], "see/test", "here"), Texts(st.query_params.get("lang", "en"), "see"))


def shown(app: AppTest) -> str:
    return "\n".join(one.value for one in [*app.markdown, *app.caption])


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    monkeypatch.chdir(ROOT)

    def open_at(*, unfolded: bool = True, **link: str) -> AppTest:
        app = AppTest.from_function(section)
        if unfolded:
            app.session_state["see_shapes_unfolded"] = True
        for key, value in link.items():
            app.query_params[key] = value
        return app.run()

    return open_at


def test_it_is_folded_until_somebody_unfolds_it_or_a_link_names_its_pictures(visit: Callable[..., AppTest]) -> None:
    folded, linked = visit(unfolded=False), visit(unfolded=False, see_outline="dog")
    assert not folded.exception
    assert (len(folded.expander), len(folded.selectbox), len(folded.button_group)) == (1, 0, 0)
    assert [one.value for one in linked.selectbox][:1] == ["dog"]


def test_nothing_that_the_network_says_comes_before_the_guess(visit: Callable[..., AppTest]) -> None:
    words, told = Texts("en", "see"), ships().shapes
    app = visit()
    assert not app.exception
    before = shown(app)
    assert words("shapes.covered") in before
    assert not app.get("vega_lite_chart")
    assert share(float(told.shares[0])) not in before
    app.button(key="see_shapes_show").click().run()
    after = shown(app)
    assert findings(told, words) in after
    assert len(app.get("vega_lite_chart")) == 2
    assert words("shapes.covered") not in after


def test_a_guess_opens_it_and_is_answered(visit: Callable[..., AppTest]) -> None:
    words, told = Texts("en", "see"), ships().shapes
    app = visit()
    app.button_group(key="see_shapes_guess").set_value(3).run()
    assert not app.exception
    assert app.button_group(key="see_shapes_guess").label == restated(told, 3, words)
    assert findings(told, words) in shown(app)


@every_language
def test_the_link_says_which_pictures_and_what_it_cannot_say_is_told(
    language: str, visit: Callable[..., AppTest]
) -> None:
    words, told = Texts(language, "see"), ships().shapes
    texture = NAMES[told.pairs[OUTLINED.index("dog"), 1]]
    app = visit(lang=language, see_outline="dog", see_coat=texture, see_backdrop="grey", reveal="1")
    assert not app.exception
    assert [one.value for one in app.selectbox] == ["dog", texture, "grey"]
    assert not app.warning
    wrong = visit(lang=language, see_outline="red_panda")
    assert wrong.selectbox[0].value == "kangaroo"
    assert words("shapes.outline") in wrong.warning[0].value
    assert "see_outline" not in wrong.query_params
