"""Charts in a real browser: no page has one that Vega complains of, whatever is opened."""

from __future__ import annotations

import pytest

from lib.labs import LABS
from tests.browser.conftest import Go
from tests.browser.page import body, charts, drawn, settled
from tests.sample import WORDS


@pytest.mark.parametrize("name", ["", *LABS])
def test_no_chart_complains_whatever_is_opened(visit: Go, name: str) -> None:
    """What one complains of is an error of the visit."""
    page = visit(name).page
    drawn(page)
    settled(page)
    if name:
        for tab in body(page).get_by_role("tab").all():
            tab.click()
            settled(page)
        body(page).get_by_text(WORDS("inside.open")).click()
        settled(page)
    sliders = body(page).locator(".vega-bind input[type=range]")
    for index in range(sliders.count()):
        for key in ("Home", "End"):
            sliders.nth(index).press(key)
    drawn(page, charts(page).count())
