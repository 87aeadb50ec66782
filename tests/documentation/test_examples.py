"""Every public name of Python has an example in its docstring, and every example is run."""

from __future__ import annotations

import doctest
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import metaquery
from metaquery.sandbox import start
from tests.unit.python_workspace import made

from .public import FOR_OTHER_ROOMS, ROOMS, members, titled

KINDS = [one for room in ROOMS for one in (*room.does, *room.tells) if isinstance(one, type)]
DOCUMENTED = [one for room in ROOMS for one in room.does]

MODULES = sorted({
    base.__module__ for one in DOCUMENTED for base in getattr(one, "__mro__", (type(one), one))
    if base.__module__.startswith("metaquery")
})  # fmt: skip

AT_A_SERVER = {
    "metaquery.active", "metaquery.connections", "metaquery.edits.metadata", "metaquery.organisation_schema",
    "metaquery.push.pushes", "metaquery.saved_filters.saved", "metaquery.schema_history", "metaquery.workspace",
}  # fmt: skip
"""Modules whose examples ask a server; in the others `ws` is filled from files."""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> metaquery.Workspace:
    """Five data units, from files."""
    return made(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def connected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[metaquery.Workspace]:
    """Sixty street scenes of a sandbox of its own, as the examples change what is there."""
    home = tmp_path_factory.mktemp("connected")
    with start(units=60, key_out=home / "key", with_schema=True) as server:
        ws = metaquery.open(home)
        ws.connect(server.url, key_file=server.key_file)
        ws.sync(projects=["Street scenes Europe"])
        yield ws


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_docstrings_are_run(
    name: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ws = request.getfixturevalue("connected" if name in AT_A_SERVER else "small")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "from-files").mkdir()
    failed, ran = doctest.testmod(importlib.import_module(name), extraglobs={"ws": ws, "metaquery": metaquery})
    assert ran
    assert not failed


@pytest.mark.parametrize("documented", DOCUMENTED, ids=titled)
def test_every_public_name_has_an_example(documented: Any) -> None:
    assert ">>> " in (documented.__doc__ or "")
    if isinstance(documented, type):
        without = [name for name, member in members(documented) if ">>> " not in (member.__doc__ or "")]
        assert not without


def test_what_is_set_apart_is_there_and_has_no_example() -> None:
    every = {f"{titled(kind)}.{name}": getattr(kind, name) for kind in KINDS for name in dir(kind)}
    assert FOR_OTHER_ROOMS.keys() <= every.keys()
    assert not [name for name in FOR_OTHER_ROOMS if ">>> " in (every[name].__doc__ or "")]
