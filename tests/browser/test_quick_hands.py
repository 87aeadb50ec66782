"""Clicks and keys that come faster than answers: each one counts, and focus and scroll bar stay where they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import metaquery

from .made import publish
from .page import Page

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

UNITS = 300

LATE = (
    "const before = window.fetch; const held = new Promise(done => { window.letGo = done; });"
    "window.asked = 0;"
    "window.fetch = (address, options) => address.includes(arguments[0])"
    "  ? (window.asked += 1, held.then(() => before(address, options))) : before(address, options);"
)
"""Answers of one endpoint come when they are let go."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    there = tmp_path_factory.mktemp("quick")
    publish(there, UNITS)
    return there


@pytest.fixture
def page(chromium: Chrome, address: str) -> Page:
    opened = Page(chromium, address).open("/data")
    opened.matched(UNITS)
    opened.settled()
    return opened


def filtered(page: Page) -> str:
    """Return what the filter box has."""
    return str(page.one("#filter").get_property("value"))


def selected(page: Page) -> list[str]:
    """Return the rows that are drawn as selected."""
    return [each.get_attribute("id") for each in page.all(".row-selected")]


def focused(page: Page) -> str:
    """Return the first line of what has the focus."""
    return str(page.script("return document.activeElement.textContent.trim().split(' ')[0]"))


def test_each_of_some_quick_clicks_counts(page: Page, home: Path) -> None:
    """The bars that are clicked are of before the first click: its counts have not come."""
    page.script(LATE, "/api/facets")
    page.click("Oslo", ".facet")
    page.click("Paris", ".facet")
    page.click("true", ".facet[aria-label=dark]")
    page.until(lambda: "dark" in filtered(page), "the last click in the filter")
    assert filtered(page) == "city in ('Oslo', 'Paris') and dark = true"
    page.script("window.letGo()")
    page.matched(metaquery.open(home).data.filter(filtered(page)).count())


def test_focus_and_scroll_bar_stay_while_facets_are_counted_and_old_numbers_go(page: Page) -> None:
    from selenium.webdriver import Keys

    page.script("document.querySelector('.facets').scrollTop = 150")
    bar = page.button("Oslo", ".facet")
    page.script("arguments[0].focus({preventScroll: true})", bar)
    height = bar.rect["y"]
    page.script(LATE, "/api/facets")
    page.press(Keys.ENTER)
    page.one(".facet-waiting")
    assert not any(each.is_displayed() for each in page.all(".facet-waiting .bar-count, .facet-waiting .bar-fill"))
    assert focused(page) == "Oslo"
    page.script("window.letGo()")
    page.settled()
    assert focused(page) == "Oslo"
    assert page.script("return document.querySelector('.facets').scrollTop") >= 150
    assert abs(page.button("Oslo", ".facet").rect["y"] - height) < 2
    page.press(Keys.ENTER)
    page.until(lambda: filtered(page) == "", "the filter without what was clicked twice")


def test_a_key_that_is_held_down_selects_every_row_on_its_way(page: Page) -> None:
    from selenium.webdriver import ActionChains, Keys

    page.script("document.getElementById('results').focus()")
    page.script(LATE, "/api/ids")
    ActionChains(page.driver).key_down(Keys.SHIFT).send_keys(Keys.ARROW_DOWN * 5).key_up(Keys.SHIFT).perform()
    page.script("window.letGo()")
    page.says("6 selected", ".ribbon")
    assert selected(page) == [f"row-{n}" for n in range(6)]
    assert page.script("return window.asked") < 5, "rows that were only passed by are not asked for"


def test_a_range_follows_the_way_back_and_begins_anew_after_a_walk(page: Page) -> None:
    from selenium.webdriver import ActionChains, Keys

    def extend(key: str) -> None:
        ActionChains(page.driver).key_down(Keys.SHIFT).send_keys(key).key_up(Keys.SHIFT).perform()

    page.script("document.getElementById('results').focus()")
    page.press("x", Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    extend(Keys.ARROW_DOWN * 3)
    page.says("5 selected", ".ribbon")
    extend(Keys.ARROW_UP)
    page.says("4 selected", ".ribbon")
    assert selected(page) == ["row-0", "row-2", "row-3", "row-4"]
    page.click("speed", "[role=columnheader]")
    page.settled()
    page.says("4 selected", ".ribbon")
