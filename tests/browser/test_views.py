"""Filter box, facets, rows: driven by keys, kept in the address, and never drawn of a question that is old."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

import metaquery

from .made import HOSTILE, UNITS, publish
from .page import NARROW, Page, explored

if TYPE_CHECKING:
    from selenium.webdriver import Chrome


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    there = tmp_path_factory.mktemp("made")
    publish(there, UNITS)
    return there


@pytest.fixture
def page(chromium: Chrome, address: str) -> Page:
    return Page(chromium, address)


def counted(home: Path, text: str) -> int:
    """Return how many match, by another way than the page."""
    return metaquery.open(home).data.filter(text).count()


def parameter(page: Page, name: str) -> str:
    """Return what the page's address says."""
    return parse_qs(urlsplit(page.driver.current_url).query).get(name, [""])[0]


def test_clicks_write_the_filter_and_the_filter_moves_the_facets(page: Page, home: Path) -> None:
    from selenium.webdriver import ActionChains

    page.open("/data")
    page.matched(UNITS)
    page.settled()
    page.click("Oslo", ".facet")
    page.matched(counted(home, "city = 'Oslo'"))
    page.click("Paris", ".facet")
    page.matched(counted(home, "city in ('Oslo', 'Paris')"))
    assert "city" in page.one("#filter").get_property("value")
    page.settled()
    assert [bar.text.split()[0] for bar in page.all(".bar[aria-pressed=true]")] == ["Oslo", "Paris"]
    bins = page.all(".facet[aria-label=speed] .bin")
    page.script("arguments[0].scrollIntoView({block: 'center'})", bins[0])
    ActionChains(page.driver).click_and_hold(bins[2]).move_to_element(bins[3]).move_to_element(
        bins[4]
    ).release().perform()
    page.until(lambda: "speed" in parameter(page, "filter"), "a range of speed in the filter")
    page.matched(counted(home, parameter(page, "filter")))
    page.type("#filter", "dark and speed is invalid")
    page.says("1 would match", "#filter-says")


def test_labels_are_filtered_by_the_custom_metadata_of_their_unit(page: Page, home: Path) -> None:
    page.open("/labels")
    page.matched(40)
    page.click("Oslo", ".facet[aria-label=city]")
    page.matched(metaquery.open(home).labels.filter("city = 'Oslo'").count())
    page.says("Custom metadata", ".facets")


def test_back_reload_and_a_link_show_the_same(page: Page, home: Path) -> None:
    page.open("/data")
    page.matched(UNITS)
    page.filter("dark")
    page.matched(counted(home, "dark"))
    page.click("Grid", ".toolbar")
    page.click("Predictions", "nav")
    page.matched(40)
    page.driver.back()
    page.one(".card")
    page.matched(counted(home, "dark"))
    page.driver.back()
    page.one(".table")
    link = page.driver.current_url
    page.driver.refresh()
    page.matched(counted(home, "dark"))
    assert page.one("#filter").get_property("value") == "dark"
    page.driver.back()
    page.matched(UNITS)
    page.driver.get(link)
    page.matched(counted(home, "dark"))
    assert parameter(page, "snapshot")


def test_an_old_answer_that_comes_late_is_never_drawn(page: Page, home: Path) -> None:
    """The counts of `dark` come when they are let go, though the page has given them up."""
    page.open("/data")
    page.matched(UNITS)
    page.script(
        "const before = window.fetch; const held = new Promise(done => { window.letGo = done; });"
        "const late = (address) => address.includes('/api/counts') && address.includes('filter=dark&');"
        "window.fetch = (address, options) => late(address)"
        " ? held.then(() => before(address)).then(answer => { window.came = true; return answer; })"
        " : before(address, options);"
    )
    page.filter("dark")
    page.one(".count-waiting")
    page.filter("city = 'Rome'")
    page.matched(counted(home, "city = 'Rome'"))
    page.script("window.letGo()")
    page.until(lambda: page.script("return window.came === true"))
    page.settled()
    page.matched(counted(home, "city = 'Rome'"))


def test_a_draft_is_counted_while_it_is_checked(page: Page, home: Path) -> None:
    """What checks it never comes here; counts of an older draft come late, and are not drawn."""
    page.open("/data")
    page.matched(UNITS)
    page.complaints()
    page.script(
        "const before = window.fetch; const held = new Promise(done => { window.letGo = done; });"
        "window.fetch = (address, options) => {"
        "  if (address.includes('/api/check')) return new Promise(() => {});"
        "  if (!address.includes('/api/counts') || !address.includes('filter=dark&')) return before(address, options);"
        "  return held.then(() => before(address)).then(answer => { window.came = true; return answer; });"
        "};"
    )
    page.type("#filter", "dark")
    page.type("#filter", "city = 'Rome'")
    matched = counted(home, "city = 'Rome'")
    rome = f"{matched:,} would match"
    page.says(rome, "#filter-says")
    page.script("window.letGo()")
    page.until(lambda: page.script("return window.came === true"))
    page.settled()
    assert rome in page.one("#filter-says").text
    assert page.complaints() == []


def test_what_is_wrong_with_a_draft_is_told_once(page: Page) -> None:
    page.open("/data")
    page.matched(UNITS)
    page.complaints()
    page.type("#filter", "drak")
    assert page.says("unknown field", "#filter-says").count("unknown field") == 1
    page.settled()
    assert page.one("body").text.count("unknown field") == 1
    assert page.complaints() == []


def test_a_jump_of_the_scroll_bar_asks_for_its_rows_without_waiting(page: Page) -> None:
    """No timer fires any more: what is drawn was asked for by the movement itself."""
    page.open("/data")
    page.matched(UNITS)
    page.settled()
    last = "performance.getEntriesByType('resource').filter(each => each.name.includes('/api/rows')).at(-1).responseEnd"
    page.until(lambda: page.script(f"return performance.now() - {last} > 100"), "a rest")
    page.script("window.setTimeout = () => 0; document.getElementById('results').scrollTop = 30 * 1500")
    page.until(lambda: "scene 01500.jpg" in page.one("#row-1500").text, "the rows in the middle")


def test_more_rows_than_a_browser_can_lay_out_are_scrolled_to_the_last(page: Page) -> None:
    """Fifty million, of which the server is asked for those that are seen alone; what it answers is made up here."""
    from selenium.webdriver import Keys

    many = 50_000_000
    page.open("/data")
    page.matched(UNITS)
    page.script(
        "const before = window.fetch, many = arguments[0];"
        "window.fetch = async (address, options) => {"
        "  const asked = new URL(address, location), counts = asked.pathname === '/api/counts';"
        "  if (!counts && asked.pathname !== '/api/rows') return before(address, options);"
        "  asked.searchParams.set('offset', asked.searchParams.get('offset') % 2000);"
        "  if (counts) asked.searchParams.delete('offset');"
        "  const told = await (await before(asked, options)).json();"
        "  return new Response(JSON.stringify(counts ? {...told, matched: many} : told));"
        "};",
        many,
    )
    page.filter("true")
    page.matched(many)
    page.one("#row-0")
    page.script("document.getElementById('results').scrollTop = 45")
    page.until(lambda: parameter(page, "at") == "1", "the place in the address")
    assert page.script("return document.getElementById('results').scrollTop") == 45
    page.one("#results").send_keys(Keys.END)
    page.one(f"#row-{many - 1}")
    page.script("document.getElementById('results').scrollTop = arguments[0].scrollHeight / 2", page.one("#results"))
    first = "return Number(document.querySelector('.laid [role=row]').getAttribute('aria-rowindex'))"
    there = page.until(lambda: abs(page.script(first) - many / 2) < many / 50 and page.script(first))
    page.script("document.getElementById('results').scrollTop += 90")
    page.until(lambda: page.script(first) == there + 3, "three rows further")
    page.settled()
    assert len(page.all(".laid [role=row]")) < 100


def test_everything_can_be_done_by_keys(page: Page, home: Path) -> None:
    from selenium.webdriver import Keys

    page.open("/data")
    page.matched(UNITS)
    page.settled()
    page.press("?")
    page.says("Keys and the language", "dialog")
    assert page.violations() == []
    page.press(Keys.ESCAPE)
    page.until(lambda: not page.all("dialog"))
    page.press("/", "dark", Keys.ENTER)
    page.matched(counted(home, "dark"))
    page.settled()
    page.script("document.querySelector('.facet[aria-label=speed] .bin').focus()")
    page.driver.switch_to.active_element.send_keys(Keys.SHIFT, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    page.press(Keys.ENTER)
    page.until(lambda: "speed" in parameter(page, "filter"), "a range of speed in the filter")
    page.settled()
    page.press("/")
    page.press(Keys.ESCAPE, Keys.ARROW_DOWN, "x")
    page.says("1 selected", ".ribbon")
    page.driver.switch_to.active_element.send_keys(Keys.SHIFT, Keys.ARROW_DOWN)
    page.says("2 selected", ".ribbon")
    page.press("c")
    page.one("dialog #collection-title")
    page.press("By keys", Keys.ENTER)
    page.says("By keys: 2 data units added")
    page.script("document.activeElement.blur()")
    page.press(Keys.ARROW_DOWN, Keys.ENTER)
    page.says("Metadata", ".detail")
    assert page.violations() == []
    page.press(Keys.ESCAPE)
    page.until(lambda: not page.all(".detail"))
    assert metaquery.open(home).collections.get("By keys").members == 2


def test_select_all_takes_all_that_match_and_not_only_what_is_drawn(page: Page, home: Path) -> None:
    many = counted(home, "dark")
    page.open("/data?filter=dark")
    page.one("#row-0 input").click()
    page.says(f"Select all {many:,} matching, not only those shown here", ".ribbon")
    page.one("#select-all").click()
    page.says(f"All {many:,} matching selected", ".ribbon")
    assert len(page.all(".laid [role=row]")) < 100
    page.one("#add-to-collection").click()
    page.type("#collection-title", "Dark")
    page.click("Create", "dialog")
    page.says(f"Dark: {many:,} data units added")
    made = metaquery.open(home).collections.get("Dark")
    assert (made.members, made.provenance.filter) == (many, "dark")


@pytest.mark.parametrize("path", ["/data?layout=grid", "/predictions", "/collections", "/schema", "/sync"])
def test_axe_core_finds_nothing_serious_on_the_other_pages(page: Page, path: str) -> None:
    page.open(path)
    page.one("#results, .page h1")
    page.settled()
    assert page.violations() == []


def test_what_is_in_the_data_is_text_wherever_it_is_shown(page: Page) -> None:
    page.complaints()
    for path in ("/data?unit=u1", "/data?unit=u1&layout=grid", "/labels?unit=u1", "/collections"):
        page.open(path)
        page.settled()
        if "unit" in path:
            page.says(HOSTILE, ".detail-head")
        assert page.script("return window.hit") is None
        assert not page.all("#app img, #app script")
    assert page.complaints() == []


def test_a_wrong_filter_says_where_and_offers_what_was_meant(page: Page, home: Path) -> None:
    page.open("/data")
    page.matched(UNITS)
    page.type("#filter", "drak and city = 'Oslo'")
    page.says("unknown field 'drak'", "#filter-says")
    assert [each.text for each in page.all(".token-wrong")] == ["drak"]
    assert page.one("#filter").get_attribute("aria-invalid") == "true"
    page.click("dark", "#filter-says")
    page.says("would match", "#filter-says")
    page.filter("city = 'oslo'")
    page.says("did you mean 'Oslo'", ".empty")
    assert page.violations() == []
    page.open("/data?filter=drak")
    page.says("unknown field", ".empty")
    page.click("Clear the filter", ".empty")
    page.matched(UNITS)


def test_a_filter_is_kept_under_a_name_and_used_by_it(page: Page, home: Path) -> None:
    page.open("/data?filter=dark")
    page.click("Saved filters")
    page.type(".saved input", "night")
    page.one(".saved [type=submit]").click()
    page.says("@night", ".saved")
    assert page.violations() == []
    page.open("/data?filter=%40night%20and%20speed%20%3E%2050")
    page.matched(counted(home, "dark and speed > 50"))


def test_what_is_not_there_any_more_is_told_with_the_way_on(chromium: Chrome, home: Path) -> None:
    with explored(home) as address:
        page = Page(chromium, address).open("/data?snapshot=20200101T000000")
        page.click("Show the newest snapshot")
        page.one("#row-0")
        page.settled()
    page.filter("dark")
    page.says("start it again with metaquery explore", ".empty")
    assert page.violations() == []
    chromium.get("about:blank")
    page.complaints()


def test_a_page_whose_server_has_ended_says_so_and_goes_on_with_the_next(chromium: Chrome, home: Path) -> None:
    with explored(home) as address:
        page = Page(chromium, address).open("/data?filter=dark")
        page.matched(counted(home, "dark"))
        page.settled()
    page.script("window.dispatchEvent(new Event('focus'))")
    page.says("what you see is of before", ".banner")
    page.matched(counted(home, "dark"))
    page.filter("city = 'Rome'")
    page.says("start it again", ".empty")
    with explored(home, "--port", str(urlsplit(address).port)) as again:
        page.script("window.dispatchEvent(new Event('focus'))")
        page.says("The Explorer was started again", ".banner")
        assert page.violations() == []
        first = chromium.current_window_handle
        chromium.switch_to.new_window("tab")
        chromium.get(again)
        chromium.close()
        chromium.switch_to.window(first)
        page.script("window.dispatchEvent(new Event('focus'))")
        page.matched(counted(home, "city = 'Rome'"))
        page.one("#row-0")
        page.until(lambda: not page.all(".banner"), "nothing said any more")
    chromium.get("about:blank")
    page.complaints()


def test_typing_a_search_is_one_step_back(page: Page, home: Path) -> None:
    page.open("/data")
    page.matched(UNITS)
    for text in ("scene 0000", "scene 00001"):
        page.type("#search", text)
        page.until(lambda text=text: parameter(page, "search") == text, "the search in the address")  # type: ignore[misc]
    page.driver.back()
    page.matched(UNITS)


def test_it_works_400_wide_and_at_twice_the_size(page: Page) -> None:
    page.open("/data?filter=dark", size=NARROW)
    page.settled()
    page.click("Facets", ".toolbar")
    page.click("Oslo", ".facet")
    page.click("Close the facets")
    page.one("#row-0")
    assert page.violations() == []
    for size in (NARROW, (640, 400)):  # the latter is 1280 by 800 at 200 %
        page.look(size=size)
        assert page.script("return document.documentElement.scrollWidth <= innerWidth"), size
        assert page.one("#row-0").is_displayed()


def test_a_snapshot_that_another_process_publishes_is_offered_and_compared(page: Page, home: Path) -> None:
    page.open("/data")
    page.matched(UNITS)
    page.settled()
    publish(home, UNITS + 1)
    page.script("window.dispatchEvent(new Event('focus'))")
    page.says("A newer snapshot is there", ".banner")
    page.matched(UNITS)
    page.click("Show it", ".banner")
    page.matched(UNITS + 1)
    page.click("Snapshots", "nav")
    page.one("tbody tr:nth-child(2) input[name=left]").click()
    page.one("tbody tr:nth-child(1) input[name=right]").click()
    page.says("1 data unit added, 0 removed, 0 changed")
    assert page.violations() == []
