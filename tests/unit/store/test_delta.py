"""A snapshot continued from the one before is the one that typing everything anew makes."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metaquery.schema import MetadataSchema
from metaquery.store import delta
from metaquery.store.chain import Chain
from metaquery.store.counting import Materialised
from metaquery.store.delta import continued
from metaquery.store.materialise import materialise
from metaquery.store.snapshot import Changes, Snapshot, SpooledPart
from metaquery.store.spool import Part, Spool

from .conftest import data_row

SCHEMA = MetadataSchema.from_json(
    {
        "dark": "boolean",
        "speed": "number",
        "captured_at": "datetime",
        "weather": {"ty": "enum", "values": ["fog", "rain"]},
    }
)
VALUES = st.one_of(
    st.none(), st.booleans(), st.sampled_from([1, 2.5, "fog", "2023-01-01", "2023-01-02T10:00", "Oslo", [1], {"a": 1}])
)
TEXTS = st.one_of(st.sampled_from(["Åsa", "Gül", "2023-01-01"]), st.none())
"""Of keys that the schema does not have: mostly of one type, so that most of the time the type stays."""

DOCUMENTS = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(["dark", "speed", "captured_at", "weather"], VALUES)
    | {"operator": TEXTS, "Speed": st.just(1)},
)
UNITS = Part("units", "set", "Set", (("p", "Project"),))
LABELS = Part("labels", "p", "Project")

Row = dict[str, Any]


class World:
    """A dataset and a project as they are on the server, and the generations that were spooled of them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.numbers = itertools.count()
        self.units: dict[str, Row] = {}
        self.labels: dict[str, Row] = {}
        self.spools: dict[str, list[Spool]] = {"units": [], "labels": []}

    def spool(self, kind: str, streams: dict[str, list[Row]], total: int) -> None:
        folder = self.root / kind / f"{len(self.spools[kind]):03d}"
        folder.mkdir(parents=True)
        spool = Spool(folder)
        for stream, rows in streams.items():
            if rows:
                spool.append(stream, json.dumps(rows).encode())
        main = "rows" if kind == "units" else "labels"
        spool.advance(total=total, received=len(streams[main]), complete=True)
        self.spools[kind].append(spool)

    def step(self, edit: Edit) -> None:
        """Change the server, and spool the difference."""
        names = list(self.units)
        gone = {names[at % len(names)] for at in edit.removed} if names else set()
        changed = {names[at % len(names)]: document for at, document in edit.changed.items()} if names else {}
        changed = {name: document for name, document in changed.items() if name not in gone}
        for name in gone:
            del self.units[name]
        for name, document in changed.items():
            self.units[name] = {**self.units[name], "client_metadata": document}
        added = []
        for document in edit.added:
            number = next(self.numbers)
            self.units[f"d{number}"] = data_row(number, document)
            added.append(f"d{number}")
        places = {name: place for place, name in enumerate(self.units)}
        came = [*changed, *added]
        index = [{"data_hash": n, "index": places[n] if n in added else None, "digest": 0} for n in came]
        removed = [{"name": name} for name in sorted(gone)]
        rows = [self.units[name] for name in came]
        self.spool("units", {"removed": removed, "index": index, "rows": rows}, len(self.units))
        self.relabel(edit, gone)

    def relabel(self, edit: Edit, gone: set[str]) -> None:
        labelled = [name for at, name in enumerate(self.units) if at % 3 in edit.labelled]
        removed = [{"name": f"l-{name}"} for name in sorted(gone) if f"l-{name}" in self.labels]
        for row in removed:
            del self.labels[row["name"]]
        came = [f"l-{name}" for name in labelled]
        listed, full = [], []
        for name in labelled:
            box = {"objectHash": f"o-{name}-{next(self.numbers)}", "value": "car", "confidence": 0.5}
            named = {"label_hash": f"l-{name}", "data_hash": name, "branch_name": "main"}
            unit = {"data_sequence": 0, "labels": {"objects": [box], "classifications": []}}
            self.labels[f"l-{name}"] = named | {"data_units": {name: unit}, "classification_answers": {}}
            listed.append(named | {"workflow_graph_node": {"title": "Annotate"}})
        full = [self.labels[name] for name in came]
        self.spool("labels", {"removed": removed, "label_rows": listed, "labels": full}, len(self.labels))

    def chains(self, *, upto: int) -> list[Chain]:
        return [Chain(part, tuple(self.spools[part.kind][:upto])) for part in (UNITS, LABELS)]


class Edit:
    """What happens between two syncs."""

    def __init__(self, added: list[Row], changed: dict[int, Row | str], removed: list[int], labelled: set[int]) -> None:
        self.added, self.changed, self.removed, self.labelled = added, changed, removed, labelled

    def __repr__(self) -> str:
        return f"Edit({self.added}, {self.changed}, {self.removed}, {self.labelled})"


EDITS = st.builds(
    Edit,
    st.lists(DOCUMENTS, max_size=3),
    st.dictionaries(st.integers(0, 40), DOCUMENTS, max_size=2),
    st.lists(st.integers(0, 40), max_size=2),
    st.sets(st.integers(0, 2), max_size=1),
)


def described(made: Materialised, path: Path, chains: list[Chain]) -> Snapshot:
    return Snapshot(
        id="s", path=path, created_at=datetime.now(UTC), domain="", schema=made.schema, counts=made.counts,
        keys=made.keys, changes=None, parts=tuple(SpooledPart(chain.part, chain.names) for chain in chains),
        metadata_schema=SCHEMA.to_json(),
    )  # fmt: skip


def contents(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, units named by hash and not by number."""
    with duckdb.connect(path, read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        found = {"rejects": connection.execute("FROM rejects ORDER BY ALL").fetchall()}
        columns = "COLUMNS(* EXCLUDE (unit))::VARCHAR"
        found["data"] = connection.execute(f"SELECT {columns} FROM data ORDER BY data_hash").fetchall()
        for table in ("labels", "predictions"):
            found[table] = connection.execute(
                f"SELECT {columns}, (SELECT data_hash FROM data d WHERE d.unit = t.unit) FROM {table} t ORDER BY ALL"
            ).fetchall()
        numbers = connection.execute("SELECT count(*) = count(DISTINCT unit) FROM data").fetchall()
        assert numbers == [(True,)]
        return found


FIRST = [{"operator": "Åsa", "Speed": 5, "dark": True}, {"operator": "Bo", "Speed": 1, "speed": "n/a"}]


@pytest.fixture(autouse=True)
def any_share(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a part of a few units continue too, of which most have changed."""
    monkeypatch.setattr(delta, "_LARGEST_SHARE", 100)


@given(
    first=st.lists(DOCUMENTS, min_size=4, max_size=25).map(lambda documents: FIRST + documents),
    edits=st.lists(EDITS, min_size=1, max_size=4),
)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_continuing_is_typing_anew(first: list[Row], edits: list[Edit]) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        world = World(root)
        world.step(Edit(first, {}, [], {0}))
        base = root / "base.duckdb"
        before = described(materialise(world.chains(upto=1), SCHEMA, base, threads=1), base, world.chains(upto=1))
        oldest = before
        for number, edit in enumerate(edits, start=1):
            world.step(edit)
            chains = world.chains(upto=number + 1)
            anew = root / f"anew-{number}.duckdb"
            expected = materialise(chains, SCHEMA, anew, before=before.path, threads=1)
            path = root / f"continued-{number}.duckdb"
            made = continued(before, chains, SCHEMA, path, threads=1)
            if made is None:
                assert not path.exists()
                before = described(expected, anew, chains)
                continue
            assert contents(path) == contents(anew)
            assert (made.schema, made.counts, made.keys, made.changes, made.units) == (
                expected.schema, expected.counts, expected.keys, expected.changes, expected.units,
            )  # fmt: skip
            before = described(made, path, chains)
        at_once = continued(oldest, chains, SCHEMA, root / "at-once.duckdb", threads=1)
        if at_once is not None:
            assert contents(root / "at-once.duckdb") == contents(anew)
            assert (at_once.counts, at_once.keys, at_once.units) == (expected.counts, expected.keys, expected.units)


def test_a_value_that_is_gone_does_not_type_a_key(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.step(Edit([{"score": "n/a", "once": 1}, {"score": 2}], {}, [], set()))
    world.step(Edit([], {0: {"score": 1}}, [], set()))
    made = materialise(world.chains(upto=2), SCHEMA, tmp_path / "anew.duckdb")
    assert {field.name: field.type for field in made.schema.fields if field.inferred} == {"score": "NUMBER"}


def test_eight_digits_among_texts_that_were_dates_type_the_key_anew(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.step(Edit([{"day": "2023-01-01"}, {"day": "2023-01-02"}], {}, [], set()))
    before = typed(world, tmp_path / "before.duckdb", upto=1)
    world.step(Edit([], {0: {"day": "20230101"}}, [], set()))
    assert continued(before, world.chains(upto=2), SCHEMA, tmp_path / "continued.duckdb") is None
    made = materialise(world.chains(upto=2), SCHEMA, tmp_path / "anew.duckdb")
    assert [(field.name, field.type) for field in made.schema.fields if field.inferred] == [("day", "STRING")]


def test_what_came_and_went_within_a_delta_of_several_generations_is_counted_by_what_is_left(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.step(Edit([{"dark": True}, {"dark": False}, {"speed": 1}], {}, [], set()))
    before = typed(world, tmp_path / "before.duckdb", upto=1)
    world.step(Edit([{"speed": 2}, {"speed": 3}], {0: {"dark": None}}, [1], set()))
    world.step(Edit([{"speed": 4}], {0: {"dark": True}, 3: {"speed": 5}}, [2], set()))
    made = continued(before, world.chains(upto=3), SCHEMA, tmp_path / "continued.duckdb")
    expected = materialise(world.chains(upto=3), SCHEMA, tmp_path / "anew.duckdb", before=before.path)
    assert made is not None
    assert made.changes == expected.changes == Changes(added=2, changed=0, removed=1)
    assert made.counts == expected.counts


def test_a_document_that_has_a_key_twice_continues(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.step(Edit([{"dark": True}, {"dark": False}], {}, [], set()))
    before = typed(world, tmp_path / "before.duckdb", upto=1)
    world.step(Edit([], {0: '{"dark": true, "dark": true}'}, [], set()))
    made = continued(before, world.chains(upto=2), SCHEMA, tmp_path / "continued.duckdb")
    expected = materialise(world.chains(upto=2), SCHEMA, tmp_path / "anew.duckdb")
    assert made is not None
    assert made.keys == expected.keys
    assert contents(tmp_path / "continued.duckdb") == contents(tmp_path / "anew.duckdb")


def test_a_unit_that_comes_twice_in_a_generation_is_counted_once(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.step(Edit([{"dark": True}, {"dark": False}], {}, [], set()))
    before = typed(world, tmp_path / "before.duckdb", upto=1)
    listed = {"data_hash": "d0", "index": None, "digest": 0}
    world.spool("units", {"index": [listed], "rows": [world.units["d0"], world.units["d0"]]}, 2)
    world.spool("labels", {"removed": [], "label_rows": [], "labels": []}, 0)
    made = continued(before, world.chains(upto=2), SCHEMA, tmp_path / "continued.duckdb")
    assert made is not None
    assert (made.units, made.counts.data) == ({"set": 2}, 3)  # so nothing is published


def test_a_file_that_was_continued_often_does_not_fall_to_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delta, "_SMALL_GROUPS", 3)
    world = World(tmp_path)
    world.step(Edit([{"dark": True}] * 20, {}, [], set()))
    before = typed(world, tmp_path / "s1.duckdb", upto=1)
    for number in range(2, 10):
        world.step(Edit([], {number: {"dark": False}}, [], set()))
        path = tmp_path / f"s{number}.duckdb"
        made = continued(before, world.chains(upto=number), SCHEMA, path)
        assert made is not None
        before = described(made, path, world.chains(upto=number))
        with duckdb.connect(path, read_only=True) as connection:
            (groups,) = connection.execute(
                "SELECT count(DISTINCT row_group_id) FROM pragma_storage_info('data')"
            ).fetchall()[0]
        assert groups <= 4


def typed(world: World, path: Path, *, upto: int) -> Snapshot:
    return described(materialise(world.chains(upto=upto), SCHEMA, path), path, world.chains(upto=upto))
