"""Active reads a project anew where it is asked to."""

from __future__ import annotations

import httpx
import pytest

from metaquery.errors import NotFound, UsageError
from tests.end_to_end.conftest import Terminal

from .conftest import World


def asked(world: World) -> list[str]:
    """Return what Active was asked for since the last look: project and verb."""
    found = httpx.get(f"{world.server.url}/sandbox/requests").json()["requests"]
    httpx.delete(f"{world.server.url}/sandbox/requests").raise_for_status()
    return [r["target"].partition("/active/")[2] for r in found if "/active/" in r["target"]]


def test_a_project_is_read_anew_by_title_or_hash(world: World) -> None:
    with world.workspace.client() as client:
        europe = next(p for p in client.projects() if p.title == "Street scenes Europe")
    for name in (europe.title, europe.project_hash, europe.title.upper()):
        assert world.workspace.active.sync(name) == europe.title
        assert asked(world) == [f"{europe.project_hash}/sync"]
    assert world.workspace.active.import_project(europe.title, mode="metric") == europe.title
    assert asked(world) == [f"{europe.project_hash}/import"]


def test_what_is_not_there_is_named_and_nothing_is_asked(world: World) -> None:
    with pytest.raises(NotFound, match="Street scenes Europe"):
        world.workspace.active.sync("Street scenes Europa")
    with pytest.raises(UsageError, match="did you mean label"):
        world.workspace.active.import_project("Street scenes Europe", mode="labels")
    assert asked(world) == []


def test_the_commands_say_that_encord_does_not_tell_the_end(world: World) -> None:
    terminal = Terminal(world.home)
    told = terminal.run("active", "sync", "Street scenes Europe", "--workspace", str(world.workspace.layout.root))
    assert told.stdout == "Active reads 'Street scenes Europe' anew; Encord does not tell when it is done.\n"
    told = terminal.run("active", "import", "Street scenes Europe", "--workspace", str(world.workspace.layout.root))
    assert told.stdout == "Active imports 'Street scenes Europe', mode label; Encord does not tell when it is done.\n"
