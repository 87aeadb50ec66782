"""The ten steps of Encord's page *Custom Metadata in Active*, played in the Explorer for tests and screenshots."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import metaquery
from metaquery.sandbox import SandboxProcess, start

if TYPE_CHECKING:
    from .page import Page

FILTER = "dark and city = 'Oslo'"
TITLE = "Night in Oslo"
DESCRIPTION = "For the lane model: streets of Oslo in the dark"


@contextmanager
def world(home: Path, units: int) -> Iterator[tuple[SandboxProcess, Path]]:
    """Start a sandbox, and connect a workspace to it that has nothing yet."""
    with start(units=units, key_out=home / "key", with_schema=True) as sandbox:
        there = home / "scenes"
        there.mkdir()
        metaquery.open(there).connect(sandbox.url, key_file=sandbox.key_file)
        yield sandbox, there


def steps(page: Page) -> Iterator[tuple[str, str]]:
    """Play them, from the empty workspace on; each is yielded when it can be seen: a short name, and Encord's words."""
    yield from _imported(page)
    yield from _found(page)
    yield from _collected(page)
    yield from _sent(page)


def _imported(page: Page) -> Iterator[tuple[str, str]]:
    page.open("/")
    page.says("metaquery sync")
    yield "0-empty", "the custom metadata must exist in your Annotate Project"

    page.click("Sync", "nav")
    page.type("#project", "Street scenes Europe")
    page.click("Sync", "main")
    page.says("A new snapshot", "main")
    yield "1-import", "Import your Project that has custom metadata"

    page.click("Show it", "main")
    page.one("#row-0")
    page.settled()
    yield "2-open", "The Project opens with the Explorer page displaying"


def _found(page: Page) -> Iterator[tuple[str, str]]:
    from selenium.webdriver import Keys

    page.type("#filter", "dark and ci")
    page.one("#completions [role=option]")
    page.press(Keys.TAB)
    page.press(" = 'Osl")
    page.says("Oslo", "#completions")
    yield "3-filter", "using a Custom Metadata filter"
    page.press(Keys.TAB)
    page.press(Keys.ENTER)
    page.says("dark is true, and city is 'Oslo'")
    page.settled()

    page.type("#search", "scene")
    page.says("icontains 'scene'", "#search-says")
    page.settled()
    page.click("city", "[role=columnheader]")
    page.one("[aria-sort=ascending]")
    page.settled()
    yield "4-search-sort", "Continue searching, sorting, and filtering"


def _collected(page: Page) -> Iterator[tuple[str, str]]:
    page.click("Pictures", ".toolbar")
    page.one(".picture img")
    page.settled()
    page.one("#row-1 input").click()
    page.says("1 selected", ".ribbon")
    yield "5-select", "A ribbon appears at the top of the Explorer workspace"

    page.one("#select-all").click()
    page.says("matching selected", ".ribbon")
    yield "6-select-all", "Click Select all to select all the images"

    page.one("#add-to-collection").click()
    page.one("dialog")
    yield "7-add", "Click Add to a Collection"

    page.click("New Collection", "dialog")
    page.type("#collection-title", TITLE)
    page.type("dialog textarea", DESCRIPTION)
    yield "8-new-collection", "Specify a meaningful title and description for the Collection"

    page.click("Create", "dialog")
    page.click("Open the Collection")
    page.says(DESCRIPTION, "main")
    page.settled()
    yield "9-collection", "The title specified here is applied as a tag/label to every selected image"


def _sent(page: Page) -> Iterator[tuple[str, str]]:
    page.click("Show what would be done")
    page.says("This would be done", ".plan")
    yield "10-plan", "Send the Collection to Annotate"

    page.one(".plan .primary").click()
    page.says("Created", ".plan")
    page.settled()
    yield "10-sent", "Send the Collection to Annotate"
