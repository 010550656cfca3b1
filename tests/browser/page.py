"""What tests look at and press on any page of ours."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import idle, until
from tests.sample import HERE, WORDS


def body(page: Page) -> Locator:
    return page.get_by_test_id("stMainBlockContainer")


def button(page: Page, name: str) -> Locator:
    """The first of its name; Start stands beside the picture, and again where the program can be broken."""
    return body(page).get_by_role("button", name=name, exact=True).first


def charts(page: Page) -> Locator:
    """Those that are seen; what stands in a tab that was left is kept, and hidden."""
    return body(page).get_by_test_id("stVegaLiteChart").filter(visible=True)


def bottom(place: Locator) -> float:
    """Where it ends, from the top of the screen."""
    box = place.bounding_box()
    assert box
    return box["y"] + box["height"]


def main_picture(page: Page) -> Locator:
    """With what it is moved by."""
    return body(page).locator("[class*=_picture], .flights").first


def drawn(page: Page, count: int = 0) -> None:
    """The main picture is painted, on Home that of the first card, and the first charts."""
    main = body(page).locator(
        "[class*=_main] :is(svg, canvas), .flights :is(svg, canvas), [data-testid=stVegaLiteChart] svg.marks"
    )
    main.filter(visible=True).first.wait_for()
    for index in range(count):
        charts(page).nth(index).locator("svg.marks").wait_for()


def settled(page: Page) -> None:
    """The script has ended and all pictures are painted: until then they push down what stands below, also in the
    middle of a click."""
    idle(page)
    drawn(page, charts(page).count())


def cells(page: Page) -> Locator:
    """The network's four figures in the verdict."""
    return body(page).locator("tbody td:nth-child(2)")


def figures(page: Page) -> list[str]:
    expect(cells(page)).to_have_count(4)
    return cells(page).all_inner_texts()


def start(page: Page) -> None:
    """Press Start and see it move."""
    button(page, WORDS("run.start")).click()
    expect(body(page).get_by_test_id("stProgress")).to_contain_text("% done")


def finished(page: Page) -> None:
    expect(body(page).get_by_text(HERE)).to_be_visible()


def run_to_the_end(page: Page) -> None:
    button(page, WORDS("run.start")).click()
    finished(page)


def changed(picture: Locator, was: str) -> None:
    """A picture is another than it was."""
    until(picture.page, "([it, was]) => it.innerHTML !== was", [picture.element_handle(), was])
