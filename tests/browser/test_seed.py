"""The seed's ten steps, from an empty workspace to a Collection that the official SDK finds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from encord import EncordUserClient

import metaquery

from .page import Page, explored
from .seed_steps import DESCRIPTION, FILTER, TITLE, steps, world

if TYPE_CHECKING:
    from selenium.webdriver import Chrome


ALIKE = {"2-open", "4-search-sort", "6-select-all", "7-add"}
"""Steps that show what another has, too; axe-core takes a second for each."""


@pytest.mark.filterwarnings("ignore::DeprecationWarning:.*")
def test_the_ten_steps_end_with_a_collection_that_the_official_sdk_finds(chromium: Chrome, tmp_path: Path) -> None:
    """On the way axe-core finds nothing serious, light or dark, and the browser has nothing to complain about."""
    with world(tmp_path, 200) as (sandbox, home), explored(home) as address:
        page = Page(chromium, address)
        chromium.get("about:blank")
        page.complaints()  # of the test before, whose server is gone
        found = []
        for name, _words in steps(page):
            if name not in ALIKE:
                found += [f"{name}: {each}" for each in page.violations()]
        assert found == []
        assert page.complaints() == []
        client = EncordUserClient.create_with_ssh_private_key(
            ssh_private_key_path=str(sandbox.key_file), domain=sandbox.url
        )
        (sent,) = [each for each in client.list_collections() if each.name == TITLE]
        assert sent.description == DESCRIPTION
        members = {str(item.uuid) for item in sent.list_items()}
        matched = metaquery.open(home).data.filter(FILTER)
        assert len(members) == matched.count() > 0
