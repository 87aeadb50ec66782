"""Every link between the pages leads somewhere, and every page is found from the home page."""

from __future__ import annotations

import re

from .links import ROOT, anchors, broken, links, pages
from .references import PAGES


def test_every_link_between_pages_leads_to_a_page_and_a_heading_that_are_there() -> None:
    assert [found for page in pages() for found in broken(page)] == []


def test_the_home_page_links_every_page_of_the_documentation() -> None:
    home = ROOT / "docs" / "index.md"
    linked = {(home.parent / link.partition("#")[0]).resolve() for link in links(home.read_text(encoding="utf-8"))}
    assert {page for page in pages() if page.is_relative_to(ROOT / "docs")} - {home} <= linked
    readme = links((ROOT / "README.md").read_text(encoding="utf-8"))
    assert "docs/index.md" in readme


def test_every_page_with_commands_or_python_is_named_in_a_test_that_runs_it() -> None:
    tests = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "tests").rglob("test_*.py"))
    tests += "".join(file.read_text(encoding="utf-8") for file in (ROOT / "tests").rglob("conftest.py"))
    shows = re.compile(r"^```(console|python|pycon|filter)", re.MULTILINE)
    written = {ROOT / "docs" / "reference" / name for name in PAGES}
    run = [page for page in pages() if page not in written and shows.search(page.read_text(encoding="utf-8"))]
    assert len(run) > 10
    assert not [page for page in run if f'"{page.name}"' not in tests]


def test_a_link_to_nowhere_is_found_and_what_is_code_is_none() -> None:
    page = ROOT / "docs" / "index.md"
    fenced = "```\n[w](gone.md)\n# no heading\n```\n"
    text = f"# A `b` (c)\n\n# A b c\n[x](gone.md) `[y](gone.md)` [z](index.md#a-b-c-1)\n{fenced}"
    assert links(text) == ["gone.md", "index.md#a-b-c-1"]
    assert anchors(text) == {"a-b-c", "a-b-c-1"}
    assert "by-task" in anchors(page.read_text(encoding="utf-8"))
