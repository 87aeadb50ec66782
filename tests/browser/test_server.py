"""What the page has done at the server: a sync that is stopped and gone on with, a push that is taken back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import httpx

import metaquery

from .page import Page, explored
from .seed_steps import world

if TYPE_CHECKING:
    from selenium.webdriver import Chrome


def test_a_sync_is_stopped_and_gone_on_with(chromium: Chrome, tmp_path: Path) -> None:
    with world(tmp_path, 60) as (sandbox, home):
        (home / "metaquery.toml").write_text("page_rows = 5\nconnections = 1\n", encoding="utf-8")
        held = {"rules": [{"match": "datarows", "kind": "delay", "delay_s": 120, "after": 2}]}
        httpx.post(f"{sandbox.url}/sandbox/faults", json=held).raise_for_status()
        with explored(home) as address:
            page = Page(chromium, address).open("/sync")
            page.type("#project", "Street scenes Europe")
            page.click("Sync", "main")
            page.says("10 of", ".progress")
            assert page.violations() == []
            page.click("Stop the sync")
            page.says("Nothing was published", "main")
            assert page.violations() == []
            httpx.delete(f"{sandbox.url}/sandbox/faults").raise_for_status()
            page.click("Go on", "main")
            page.says("A new snapshot", "main")
            units = metaquery.open(home).data.count()
            assert page.says(f"{units:,} added", "main")
            assert units > 10


def test_a_push_is_taken_back_after_its_plan_was_seen(chromium: Chrome, tmp_path: Path) -> None:
    with world(tmp_path, 60) as (_sandbox, home):
        workspace = metaquery.open(home)
        workspace.sync(projects=["Street scenes Europe"])
        night = workspace.data.filter("dark").collect("Night")
        sent = workspace.push("Night")
        with explored(home) as address:
            page = Page(chromium, address).open(f"/collections/{night.id}")
            page.says("finished", ".sent")
            page.click("Undo …", ".sent")
            page.says("This would be done", ".sent")
            assert workspace.pushes.read_back("Night").missing == frozenset()
            assert page.violations() == []
            page.click("Cancel", ".sent")
            page.until(lambda: not page.all(".sent .plan"), "no plan any more")
            page.click("Undo …", ".sent")
            page.click(f"Undo: remove {sent.added:,}", ".sent")
            page.says("Taken back", ".sent")
            page.says(f"{sent.added:,} removed", ".sent")
            page.says("undone", ".sent tbody")
            assert page.violations() == []
            page.open("/collections")
            page.says("took back", ".sent")
            assert not any("Undo" in each.text for each in page.all(".sent button"))
        assert workspace.pushes.log()[1].state == "undone"
