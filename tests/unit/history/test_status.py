"""Where a workspace stands is told from its files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import metaquery
from metaquery.cli.root import cli
from metaquery.connections import Connection
from metaquery.sources import Progress
from metaquery.status import Status, status
from metaquery.store.chain import Chain
from metaquery.store.durable import write_json
from metaquery.store.journal import Journal
from metaquery.store.layout import Layout
from metaquery.store.lock import write_lock
from metaquery.store.spool import Part, Spool

from .world import World

SERVER = Connection("https://api.example.com", "/keys/encord", "SHA256:abc")


def stands(world: World, connection: Connection | None = None) -> Status:
    return status(Layout(world.root), connection)


def told(root: Path, *options: str, exits: int = 0) -> str:
    done = CliRunner().invoke(cli, ["status", "--workspace", str(root), *options])
    assert done.exit_code == exits, done.output
    return done.output


def test_an_empty_directory_has_a_status(tmp_path: Path) -> None:
    found = status(Layout(tmp_path), None)
    assert (found.snapshot, found.snapshots, found.sizes.total, found.unfinished) == (None, 0, 0, ())
    assert "Snapshot     none: nothing has been synced" in told(tmp_path)
    assert json.loads(told(tmp_path, "--json"))["snapshot"] is None


def test_snapshot_history_and_every_byte_are_counted(four: World) -> None:
    four.workspace.data.collect("All")
    found = stands(four)
    assert found.snapshot == four.workspace.snapshot()
    assert (found.snapshots, found.in_doubt, found.writer) == (4, ("dark",), None)
    assert found.oldest is not None
    on_disk = sum(path.stat().st_size for path in four.workspace.layout.home.rglob("*") if path.is_file())
    assert found.sizes.total == on_disk
    assert min(found.sizes.snapshots, found.sizes.raw, found.sizes.collections) > 0
    lines = told(four.root).splitlines()
    assert any(line.startswith("Snapshot     ") and line.endswith(" old") for line in lines)
    assert any(line.startswith("History      4 snapshots since 20") for line in lines)
    written = json.loads(told(four.root, "--json"))
    assert written["bytes"]["total"] == on_disk
    assert written["snapshot"]["data"] == 6


def test_a_schema_that_does_not_fit_or_is_not_applied_is_told_in_a_line(world: World) -> None:
    world.schema["city"] = "datetime"
    world.workspace.schema.keep(world.schema)
    world.sync()
    assert stands(world).in_doubt == ("city",)
    assert "the type of 1 key is in doubt: city; next: metaquery schema check" in told(world.root)
    assert "rematerialise" not in told(world.root)
    world.workspace.schema.keep({**world.schema, "city": "string"})
    assert not stands(world).schema_applied
    assert "next: metaquery rematerialise" in told(world.root)


def test_collections_are_unsent_until_a_push_came_to_its_end(four: World) -> None:
    layout = four.workspace.layout
    made = [four.workspace.data.collect(title) for title in ("Never", "Half", "Whole")]
    for each in made[1:]:
        Journal.of(layout, each.id, SERVER.domain).record("planned", places=["f"], left_out=0)
    Journal.of(layout, made[2].id, SERVER.domain).record("settled", place="f", refused=0)
    states = [(c.title, sent.state) for c, sent in stands(four, SERVER).collections if sent]
    assert states == [("Never", "never sent"), ("Half", "interrupted"), ("Whole", "sent")]
    write_json(layout.connection, {"domain": SERVER.domain, "key_file": None, "fingerprint": "SHA256:abc"})
    text = told(four.root)
    assert "Collections  3: 1 interrupted, 1 never sent, 1 sent" in text
    assert "Half: 6 members, interrupted" in text
    assert "Whole" not in text


class Dying(World):
    """A source that loses its connection behind the first page."""

    def fill(self, part: Part, spool: Spool, base: Chain | None, progress: Progress) -> None:
        row = self.rows()["d0"][1]
        spool.append("rows", json.dumps([row]).encode(), expected=6, received=1)
        raise ConnectionError


def test_what_an_interrupted_sync_has_read_is_named_until_a_sync_has_gone_on_with_it(world: World) -> None:
    first = Dying(world.root, world.units, resumes=True)
    with pytest.raises(ConnectionError):
        first.sync()
    (begun,) = stands(world).unfinished
    assert (begun.kind, begun.title, begun.received, begun.expected) == ("units", "set", 1, 6)
    assert "Unfinished   set: 1 of 6 data units are read; the next sync goes on with them" in told(world.root)
    world.sync()
    assert stands(world).unfinished == ()
    with pytest.raises(ConnectionError):
        first.sync()
    assert [entry.title for entry in stands(world).unfinished] == ["Set"]
    assert json.loads(told(world.root, "--json"))["unfinished"][0]["received"] == 1


def test_who_is_writing_is_named(four: World) -> None:
    with write_lock(four.workspace.layout.lock):
        assert stands(four).writer is not None
        assert "Writing      process " in told(four.root)
    assert stands(four).writer is None


def test_a_damaged_snapshot_does_not_keep_the_rest_from_being_told(four: World) -> None:
    (four.workspace.layout.snapshots / f"{four.workspace.snapshot().id}.json").unlink()
    found = stands(four)
    assert (found.snapshot, found.unfinished) == (None, ())
    assert found.sizes.total > 0
    assert "is not in" in told(four.root)


def test_nobody_is_asked_where_no_server_is_connected(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["status", "--workspace", str(tmp_path), "--check"])
    assert isinstance(done.exception, metaquery.MetaqueryError)
    assert "is not connected" in str(done.exception)
    assert "Connection   none" in done.output
