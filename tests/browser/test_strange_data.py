"""What people have in their data: every value is shown as what it is, however long, short, old or hidden."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

import metaquery

from .page import NARROW, Page, explored

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

LONG = "k" * 300
WHEN = {
    "0001-01-01T00:00:00Z": "0001-01-01",
    "2023-05-01": "2023-05-01",
    "2023-05-01T00:00:30Z": "2023-05-01 00:00:30",
    "2023-05-01T23:59:59.999999Z": "2023-05-01 23:59:59.999999",
    "2023-05-01T12:00:00+02:00": "2023-05-01 10:00",
    "9999-12-31T23:59:59Z": "9999-12-31 23:59:59",
}
"""What is written, and what is shown of it."""

CITIES = ("Oslo", "", "  ", "\u200b", "\u202egro.live", "a\nb", "ولسوأ", "😀", "x" * 3000, "c9", "c10", "c11")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("strange")
    rows = [
        {
            "data_hash": f"u{n}",
            "title": f"scene {n}.jpg",
            "data_type": "image",
            "dataset_hash": "d1",
            "dataset_title": "Made",
            "client_metadata": {
                "when": list(WHEN)[n % len(WHEN)],
                "title": f"another title {n}",
                LONG: n,
                "speed": "fast" if n == 0 else 1e300,
                "tally": 123456789012345680,
            }
            | ({"city": CITIES[n % len(CITIES)]} if n % 5 else {}),
        }
        for n in range(60)
    ]
    (home / "units.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    schema = {"when": "datetime", "city": "string", "speed": "number"}
    metaquery.open(home).sync_files(units=home / "units.ndjson", schema=schema)
    with explored(home) as told:
        yield told


@pytest.fixture
def page(chromium: Chrome, address: str) -> Page:
    return Page(chromium, address)


def heads(page: Page) -> list[str]:
    """Return the names above the columns."""
    return [each.text for each in page.all("[role=columnheader]") if each.text]


def test_an_instant_is_shown_to_its_last_digit_and_its_year_with_four(page: Page) -> None:
    page.open("/data?columns=when")
    page.one("#row-0")
    for n, shown in enumerate(WHEN.values()):
        assert page.one(f"#row-{n} [role=gridcell]:nth-child(2)").text == shown
    page.open("/data?columns=unit.title,when,city,meta.title,tally,data_hash,dataset_title")
    cell = page.one("#row-3 [role=gridcell]:nth-child(3)")
    assert page.script("return arguments[0].scrollWidth <= arguments[0].clientWidth", cell), "nothing of it is cut"
    page.open("/data?unit=u2")
    page.says("2023-05-01 00:00:30", ".detail")


def test_a_number_is_shown_with_all_of_its_digits(page: Page) -> None:
    page.open("/data?columns=unit.title,when,city,meta.title,tally,data_hash,dataset_title")
    shown = page.one("#row-1 [role=gridcell]:nth-child(6)")
    assert shown.text == "123456789012345680"
    assert page.script("return arguments[0].scrollWidth <= arguments[0].clientWidth", shown)


def test_a_value_that_does_not_fit_is_not_called_missing(page: Page) -> None:
    page.open("/data?columns=speed")
    assert page.one("#row-0 .nothing").get_attribute("aria-label") == "no valid value"


def test_columns_of_one_name_are_told_apart(page: Page) -> None:
    page.open("/data?columns=unit.title,meta.title,when")
    page.one("#row-0")
    assert heads(page) == ["unit.title", "meta.title", "when"]
    page.click("Grid", ".toolbar")
    assert page.one(".card dt").text == "meta.title"


def test_a_search_for_values_of_a_facet_does_not_say_that_none_is_missing(page: Page) -> None:
    page.open("/data")
    page.until(lambda: [bar.text.split()[-1] for bar in page.all(".facet[aria-label=city] .bar-missing")] == ["12"])
    page.type(".facet[aria-label=city] .facet-find", "osl")
    page.until(lambda: [bar.text.split()[0] for bar in page.all(".facet[aria-label=city] .bar")] == ["Oslo"])
    page.type(".facet[aria-label=city] .facet-find", "nowhere")
    page.says("no value has that", ".facet[aria-label=city]")


def test_a_bar_of_a_text_that_cannot_be_seen_has_a_name(page: Page) -> None:
    page.open("/data?filter=city in ('', '  ')")
    page.settled()
    page.says("(empty text)", ".facet[aria-label=city]")
    page.says("(blank text)", ".facet[aria-label=city]")


def test_nothing_is_pushed_off_the_screen_by_a_long_name(page: Page) -> None:
    page.open("/schema")
    page.says("Invalid", "main")
    for size in ((1280, 800), (800, 800)):
        page.look(size=size)
        assert page.script("const it = document.querySelector('.plain thead th:last-child').getBoundingClientRect();"
                           "return it.right <= innerWidth")  # fmt: skip
    page.open("/data")
    page.one("#row-0")
    page.click("Columns")
    assert page.script("const it = document.querySelector('.columns-list'); return it.scrollWidth <= it.clientWidth")
    assert page.violations() == []


def test_the_page_itself_never_scrolls_away_from_under_its_head(page: Page) -> None:
    for path in ("/data", "/data?unit=u1", "/schema", "/collections"):
        for size in ((1280, 800), NARROW):
            page.open(path, size=size)
            page.settled()
            assert page.script("return document.documentElement.scrollHeight <= innerHeight"), (path, size)


def test_the_columns_that_are_ticked_are_those_that_are_shown(page: Page) -> None:
    page.open("/data?filter=data_type = 'image'&search=scene")
    page.one("#row-0")
    shown = heads(page)
    assert shown[:3] == ["title", "dataset_title", "data_type"], "a search for a text does not show every text"
    page.click("Columns")
    page.settled()
    ticked = page.script(
        "return [...document.querySelectorAll('.columns-list input:checked')].map(it => it.parentElement.textContent)"
    )
    assert any("data_type" in each for each in ticked)
    assert len(ticked) == len(shown)


def test_an_order_by_a_key_that_is_not_there_is_told_with_the_way_on(page: Page) -> None:
    """A newer snapshot may be without the key that the address names."""
    page.open("/data?columns=unit.title,gone,when&order=gone desc")
    page.says("unknown field 'gone', in the order or the columns", "#results")
    page.click("Columns")
    page.click("city", ".columns-list")
    columns = "return new URLSearchParams(location.search).get('columns')"
    page.until(lambda: page.script(columns) == "unit.title,when,city", "those columns that are there")
    page.script("document.body.dispatchEvent(new PointerEvent('pointerdown', {bubbles: true}))")
    page.click("Show the usual columns, as stored")
    page.one("#row-0")
    assert "gone" not in page.driver.current_url


def test_a_time_zone_that_is_none_breaks_nothing_and_is_told_with_the_way_on(page: Page) -> None:
    page.open("/data?time_zone=Europe/Nowhere&unit=u2")
    page.says("2023-05-01T00:00:30", ".detail")
    page.says("there is no time zone", ".empty")
    page.click("Read times as the workspace does")
    page.one("#row-0")
    page.says("2023-05-01 00:00:30", ".detail")
