"""Live Collections, set algebra, ids and tags, over twenty units and forty labels read from files."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import metaquery
from metaquery.cli.root import cli
from metaquery.collection.ids import read_ids
from metaquery.engines.base import Membership
from metaquery.engines.duckdb import DuckDBEngine
from metaquery.errors import CollectionError, EngineError, FilterError, FilterLimitError, UsageError
from metaquery.schema import DATA, LABELS, PREDICTIONS


def write(file: Path, rows: list[dict[str, object]]) -> Path:
    file.write_text("\n".join(map(json.dumps, rows)))
    return file


def units(root: Path, count: int) -> Path:
    metadata = [{"n": n, "city": ("Paris", "Oslo")[n % 2], "at": f"20{n + 10}-01-01"} for n in range(count)]
    return write(root / "units.ndjson", [{"data_hash": f"u{n}", "client_metadata": m} for n, m in enumerate(metadata)])


@pytest.fixture
def ws(tmp_path: Path) -> metaquery.Workspace:
    labels = [
        {
            "data_hash": f"u{n % 20}",
            "label_hash": f"l{n % 20}",
            "annotation_id": f"a{n}",
            "frame": n % 3,
            "class": "car",
        }
        for n in range(40)
    ]
    workspace = metaquery.open(tmp_path)
    schema = {"n": "number", "city": "string", "at": "datetime"}
    workspace.sync_files(units=units(tmp_path, 20), labels=write(tmp_path / "labels.ndjson", labels), schema=schema)
    return workspace


def hashes(*numbers: int) -> list[str]:
    return sorted(f"u{n}" for n in numbers)


# Live


def test_a_live_collection_follows_the_snapshot_and_a_frozen_one_does_not(ws: metaquery.Workspace) -> None:
    made = ws.data.filter("n >= 18").collect("live", live=True)
    ws.data.filter("n >= 18").collect("static")
    assert made.members == 2
    old = ws.snapshot().id
    ws.sync_files(units=units(ws.layout.root, 25))
    assert ws.collections.get("live").data_hashes() == hashes(*range(18, 25))
    assert ws.data.filter("in collection 'live'").count() == 7
    assert ws.data.filter("tags has 'live' and not (tags has 'static')").count() == 5
    assert ws.as_of(old).data.filter("in collection 'live'").count() == 2
    assert ws.collections.get("static").members == 2


def test_members_of_a_live_collection_are_made_once_for_each_snapshot(ws: metaquery.Workspace) -> None:
    ws.data.filter("n > 3").collect("live", live=True)
    first = ws.collections.get("live").evaluated().path
    assert ws.collections.get("live").evaluated().path == first
    ws.sync_files(units=units(ws.layout.root, 19))
    assert ws.collections.get("live").evaluated().path != first


def test_what_asks_the_time_is_asked_again(ws: metaquery.Workspace) -> None:
    ws.data.filter("at < now()").collect("past", live=True)
    root = ws.layout.root
    for year, count in ((2015, 5), (2020, 10)):
        then = metaquery.open(root, now=datetime(year, 1, 1, 12, tzinfo=UTC))
        assert then.data.filter("in collection 'past'").count() == count + 1


def test_live_collections_are_made_of_each_other_and_follow_a_new_title(ws: metaquery.Workspace) -> None:
    ws.data.filter("n < 10").collect("A", live=True)
    ws.data.filter("in collection 'A' and city = 'Oslo'").collect("B", live=True)
    ws.data.filter("tags has 'B' and n > 5").collect("C", live=True)
    assert ws.collections.get("C").data_hashes() == hashes(7, 9)
    assert ws.collections.named_by("A") == ("B",)
    ws.collections.rename("A", "it's 'A' 🌙")
    ws.data.filter("n > 5").collect("A")
    assert ws.collections.get("C").data_hashes() == hashes(7, 9)
    assert ws.collections.newest.text_of(ws.collections.get("B")) == (
        "in collection 'it''s ''A'' 🌙' and city = 'Oslo'"
    )


def test_what_would_be_made_of_itself_is_refused_with_the_way_round(ws: metaquery.Workspace) -> None:
    ws.data.filter("n < 10").collect("A", live=True)
    ws.data.filter("in collection 'A'").collect("B", live=True)
    with pytest.raises(CollectionError, match="'A' → 'B' → 'A'"):
        ws.data.filter("tags has 'B'").collect("A", live=True, replacing=True)
    with pytest.raises(CollectionError, match="'A' → 'A'"):
        ws.collections.make("A", ws.collections.newest.of_algebra("not 'A'"), replacing=True)
    with pytest.raises(CollectionError, match="all tags"):
        ws.data.filter("tags has only ('A')").collect("C", live=True)
    ws.data.filter("tags has 'Z'").collect("later", live=True)
    with pytest.raises(CollectionError, match="'Z' → 'later' → 'Z'"):
        ws.data.filter("in collection 'later'").collect("Z", live=True)
    ws.data.filter("in collection 'later'").collect("Y", live=True)
    with pytest.raises(CollectionError, match="made of itself"):
        ws.collections.rename("Y", "Z")


def test_what_live_collections_are_made_of_is_not_deleted(ws: metaquery.Workspace) -> None:
    ws.data.filter("n < 10").collect("A")
    ws.data.filter("in collection 'A'").collect("B", live=True)
    with pytest.raises(CollectionError, match="part of 1 live Collection: 'B'"):
        ws.collections.delete("A")
    ws.collections.freeze("B")
    ws.collections.delete("A")
    assert ws.data.filter("in collection 'B'").count() == 10
    with pytest.raises(FilterError, match="unknown collection 'A'"):
        ws.data.filter("in collection 'A'")


def test_a_live_collection_whose_filter_fits_no_more_says_so(ws: metaquery.Workspace) -> None:
    ws.data.filter("city = 'Oslo'").collect("live", live=True)
    file = write(ws.layout.root / "units.ndjson", [{"data_hash": "u1", "client_metadata": {"n": 1}}])
    ws.sync_files(units=file, schema={"n": "number"}, full=True)
    with pytest.raises(CollectionError, match="'live' cannot tell its members: unknown field 'city'"):
        ws.data.filter("in collection 'live'").count()
    assert ws.data.filter("n = 1").count() == 1
    ws.collections.delete("live")
    assert ws.data.filter("tags has 'live'").count() == 0


def test_a_live_collection_is_changed_by_its_filter_alone(ws: metaquery.Workspace) -> None:
    ws.data.filter("n < 10").collect("A", live=True)
    with pytest.raises(CollectionError, match="is live: its members follow its filter"):
        ws.collections.add("A", ws.data.filter("n = 12").selection())


def test_a_reader_whose_members_are_replaced_under_its_eyes_looks_again(ws: metaquery.Workspace) -> None:
    """Another process changed the Collection after its record was read, and before its members were."""
    made = ws.data.filter("n < 3").collect("A")
    asked: list[frozenset[str] | None] = []

    def memberships(_engine: DuckDBEngine, titles: frozenset[str] | None) -> tuple[Membership, ...]:
        asked.append(titles)
        return (Membership("A", made.path if len(asked) > 1 else made.path.with_name("replaced.parquet")),)

    engine = DuckDBEngine(ws.snapshot().path, memberships)
    statement = "SELECT count(*) FROM data WHERE data_hash IN (SELECT data_hash FROM members WHERE collection IN (?))"
    assert engine.rows(statement, ["A"]) == [(3,)]
    assert asked == [frozenset({"A"})] * 2
    engine.close()


# Set algebra


def test_sets_are_joined_in_python_as_in_a_text(ws: metaquery.Workspace) -> None:
    a, b = ws.data.filter("n < 10").collect("A"), ws.data.filter("city = 'Oslo'").collect("B", live=True)
    assert (a - b).ids() == hashes(0, 2, 4, 6, 8)
    assert ((a | b).count(), (a & b).count(), ((a | b) - (a & b)).count()) == (15, 5, 10)
    assert ((a | b) - (a & b)).text == "('A' or 'B') and not ('A' and 'B')"
    made = (a - b).collect("C", description="why")
    assert (made.provenance.algebra, made.description, made.live) == ("'A' and not 'B'", "why", False)
    assert ws.collections.newest.keys_of("not 'A'") == hashes(*range(10, 20))
    assert ws.collections.newest.keys_of("in collection ('A', 'C') and 'B'") == hashes(1, 3, 5, 7, 9)


def test_sets_are_of_collections_alone(ws: metaquery.Workspace) -> None:
    made = ws.data.filter("n < 5").collect("A")
    for other in (ws.data, "A", None):
        with pytest.raises(UsageError, match="is no Collection"):
            made | other  # type: ignore[operator]


def test_a_set_is_of_the_collections_that_were_taken_whatever_they_are_called_now(ws: metaquery.Workspace) -> None:
    a, b = ws.data.filter("n < 3").collect("A"), ws.data.filter("n = 5").collect("B")
    ws.collections.rename("B", "Former B")
    ws.data.filter("n = 9").collect("B")
    assert (a | b).ids() == (b | a).ids() == hashes(0, 1, 2, 5)
    ws.collections.delete("Former B")
    with pytest.raises(CollectionError, match="there is no Collection"):
        a | b


def test_a_set_has_the_limits_of_a_text(ws: metaquery.Workspace) -> None:
    made = ws.data.filter("n < 5").collect("A")
    deep = made - made
    for _ in range(500):
        deep = made - deep
    with pytest.raises(FilterLimitError, match="150 deep in each other"):
        deep.count()


def test_what_was_changed_since_it_was_asked_for_says_so(ws: metaquery.Workspace) -> None:
    made = ws.data.filter("n < 5").collect("A")
    ws.collections.add("A", ws.data.filter("n = 7").selection())
    with pytest.raises(CollectionError, match="changed since") as caught:
        made.data_hashes()
    assert caught.value.hint == "ask for it again: ws.collections.get(title)"
    assert ws.collections.get("A").data_hashes() == hashes(0, 1, 2, 3, 4, 7)


def test_a_set_has_the_members_of_then_where_somebody_replaces_an_operand_before_it_is_read(
    ws: metaquery.Workspace,
) -> None:
    a = ws.data.filter("n < 3").collect("A")
    ws.data.filter("n > 1").collect("B", live=True)
    selection = ws.collections.newest.of_algebra("'A' and 'B'")  # has read the records
    elsewhere = metaquery.open(ws.layout.root)
    elsewhere.data.filter("n in (7, 8)").collect("A", replacing=True)
    assert not a.path.exists()
    written = ws.layout.root / "members.parquet"
    assert selection.write(written) == 2
    assert sorted(pq.read_table(written)["data_hash"].to_pylist()) == hashes(7, 8)
    lost = ws.collections.get("A").path
    lost.unlink()
    with pytest.raises(EngineError, match="No files found"):
        ws.collections.newest.keys_of("'A' and 'B'")


def test_labels_are_told_apart_by_their_whole_key(ws: metaquery.Workspace) -> None:
    a, b = ws.labels.filter("frame = 0").collect("A"), ws.labels.filter("annotation_id = 'a0'").collect("B")
    assert (a.members, (a & b).count(), (a - b).count()) == (14, 1, 13)
    assert ws.labels.filter("in collection 'B'").count() == 2  # by their unit, which has two


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("'A' and not 'Bb'", "unknown collection 'Bb'\n  'A' and not 'Bb'\n              ^^^^\ndid you mean 'B'?"),
        (
            "'A' or dark",
            "titles of Collections alone\n  'A' or dark\n         ^^^^\ntitles stand in single quotes: 'dark'",
        ),
        ("'A' or n < 3", "titles of Collections alone\n  'A' or n < 3\n         ^^^^^"),
        ("'A' and 'L'", "'L' holds labels, and 'A' holds data\n  'A' and 'L'\n          ^^^"),
        ("'A' 'B'", "'A' 'B'\n      ^"),
    ],
)
def test_a_wrong_algebra_is_told_where_it_is_wrong(ws: metaquery.Workspace, text: str, told: str) -> None:
    ws.data.collect("A")
    ws.data.collect("B")
    ws.labels.collect("L")
    with pytest.raises(FilterError) as raised:
        ws.collections.newest.of_algebra(text)
    assert told in str(raised.value)


# Ids


@pytest.mark.parametrize(
    "content",
    [
        b"u1\nu2\n",
        b"\xef\xbb\xbfdata_hash\r\nu1\r\n\r\nu2\r\n",
        b"Data hash\nu1\nu2\nu1",
        b"'u1',\n\"u2\",",
        b"['u1', 'u2']",
        b'["u1", "u2"]',
        b"u1, u2",
        b'title,data_hash\nx,u1\n"y, z",u2\n',
        b"data_hash\ttitle\nu1\tx\nu2\t\n",
        b'{"data_hash": "u1", "title": "x"}\n{"data_hash": "u2"}\n',
        b'[{"data_hash": "u1"}, {"data_hash": "u2"}]',
    ],
)
def test_what_is_pasted_as_ids_is_understood(content: bytes) -> None:
    found = read_ids(content, DATA)
    assert (found.columns, found.rows) == (("data_hash",), (("u1",), ("u2",)))


def test_ids_are_read_from_parquet(tmp_path: Path) -> None:
    pq.write_table(pa.table({"title": ["x", "y"], "data_hash": ["u1", "u1"]}), tmp_path / "ids.parquet")
    found = read_ids((tmp_path / "ids.parquet").read_bytes(), DATA)
    assert (found.rows, found.repeated) == ((("u1",),), 1)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "has no ids"),
        (b"title,city\nx,Paris\n", "no column of ids, only title, city"),
        (b'{"title": "x"}', "no column of ids, only title"),
        (b"[1, 2]", "1 is no id"),
        (b"\xff\xfe", "not UTF-8"),
        (b"PAR1 but not", "cannot be read as Parquet"),
    ],
)
def test_what_has_no_ids_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read_ids(content, DATA)


def test_ids_that_the_snapshot_has_not_are_named_and_refused(ws: metaquery.Workspace) -> None:
    here = ws.collections.newest
    ids = read_ids(["u1", *(f"x{n}" for n in range(7))], DATA)
    with pytest.raises(CollectionError, match=r"7 of 8 ids are not in the snapshot .*: x0, x1, x2, x3, x4, …"):
        ws.collections.make("A", here.of_ids(ids, DATA))
    made = ws.collections.make("A", here.of_ids(ids, DATA, skip_unknown=True))
    assert (made.data_hashes(), made.provenance.ids, made.provenance.filter) == (["u1"], 8, None)
    with pytest.raises(CollectionError, match="cannot be live"):
        ws.collections.make("B", here.of_ids(read_ids(["u1"], DATA), DATA), live=True)


def test_labels_are_named_by_either_of_their_ids_or_by_their_key(ws: metaquery.Workspace) -> None:
    here = ws.collections.newest

    def found(content: bytes) -> set[str]:
        made = ws.collections.make("A", here.of_ids(read_ids(content, LABELS), LABELS), replacing=True)
        return set(made.to_arrow().column("annotation_id").to_pylist())

    assert found(b"l1\na5") == {"a1", "a21", "a5"}
    assert found(b"label_hash\nl1") == {"a1", "a21"}
    assert found(b"annotation_id,frame,city\na1,1,Oslo\na2,2.0,\n") == {"a1", "a2"}
    with pytest.raises(CollectionError, match="1 of 1 ids"):
        found(b"annotation_id,frame\na1,2\n")
    with pytest.raises(UsageError, match="no column of ids"):
        found(b"data_hash,frame\nu1,1\n")
    with pytest.raises(UsageError, match="row 1: 'x' is no frame"):
        read_ids(b"label_hash,frame\nl1,x\n", PREDICTIONS)


# Changes


def test_each_change_is_told_by_the_collection(ws: metaquery.Workspace) -> None:
    ws.data.filter("n < 3").collect("A")
    ws.collections.add("A", ws.data.filter("n < 5").selection())
    ws.collections.remove_ids("A", read_ids(["u0"], DATA))
    ws.collections.rename("A", "B")
    ws.collections.describe("B", "why")
    ws.collections.delete("B")
    found = ws.collections.restore("B")
    told = [(change.what, change.members, change.by) for change in found.changes]
    assert told[:3] == [("added", 2, "n < 5"), ("removed", 1, "1 id"), ("renamed", 0, "A")]
    assert [what for what, *_ in told[3:]] == ["described", "deleted", "restored"]
    assert found.data_hashes() == hashes(1, 2, 3, 4)
    assert found.provenance.matched == 3
    assert found.provenance.schema is not None


def test_a_description_is_shown_line_by_line_and_what_would_steer_a_terminal_as_text(ws: metaquery.Workspace) -> None:
    ws.data.filter("n < 3").collect("A", description="Rain\r\n  by night\n\n\x1b[31mred\n")
    told = CliRunner().invoke(cli, ["collection", "show", "A", "--workspace", str(ws.layout.root)]).output.splitlines()
    margin = 13 * " "
    assert told[1:5] == ["Description  Rain", f"{margin}  by night", "", f"{margin}\\u{{1B}}[31mred"]


def test_a_member_that_vanished_can_be_removed_by_its_id(ws: metaquery.Workspace) -> None:
    ws.data.filter("n > 17").collect("A")
    ws.sync_files(units=units(ws.layout.root, 19))
    assert ws.collections.remove_ids("A", read_ids(["u19"], DATA)).data_hashes() == ["u18"]
    with pytest.raises(CollectionError, match="1 of 1 ids"):
        ws.collections.remove_ids("A", read_ids(["u19"], DATA))


def test_a_replaced_collection_keeps_its_id_and_its_description(ws: metaquery.Workspace) -> None:
    old = ws.data.filter("n < 3").collect("A", description="why")
    new = ws.data.filter("n < 5").collect("A", replacing=True)
    assert (new.id, new.description, new.members, new.changes[-1].what) == (old.id, "why", 5, "replaced")
    assert not old.path.exists()


def test_a_title_that_is_taken_meanwhile_is_restored_under_another(ws: metaquery.Workspace) -> None:
    ws.data.filter("n < 3").collect("A")
    ws.collections.delete("A")
    ws.data.filter("n < 5").collect("A")
    with pytest.raises(CollectionError, match="taken by now"):
        ws.collections.restore("A")
    assert ws.collections.restore("A", new="old A").members == 3
    with pytest.raises(CollectionError, match="no Collection 'A' was deleted"):
        ws.collections.restore("A")


def test_drift_tells_added_gone_still_there_and_vanished(ws: metaquery.Workspace) -> None:
    ws.data.filter("city = 'Oslo' and n > 10").collect("A")
    rows = [
        {"data_hash": f"u{n}", "client_metadata": {"n": n, "city": "Paris" if n == 13 else "Oslo"}} for n in range(18)
    ]
    ws.sync_files(units=write(ws.layout.root / "units.ndjson", rows))
    found = ws.collections.drift("A")
    assert [key for (key,) in found.added] == hashes(12, 14, 16)
    assert [key for (key,) in found.gone] == hashes(13)
    assert [key for (key,) in found.vanished] == hashes(19)
    assert (found.still, found.text) == (3, "city = 'Oslo' and n > 10")


def test_diff_tells_what_two_have_in_common(ws: metaquery.Workspace) -> None:
    ws.data.filter("n < 4").collect("A")
    ws.data.filter("n > 1 and n < 7").collect("B", live=True)
    found = ws.collections.diff("A", "B")
    assert [[key for (key,) in keys] for keys in (found.only_a, found.only_b, found.both)] == [
        hashes(0, 1), hashes(4, 5, 6), hashes(2, 3),
    ]  # fmt: skip
    ws.labels.collect("L")
    with pytest.raises(CollectionError, match="no member in common"):
        ws.collections.diff("A", "L")


# Tags


def test_a_tag_is_found_by_tags_has_and_not_as_a_collection(ws: metaquery.Workspace) -> None:
    ws.collections.make("checked", ws.data.filter("n < 3").selection(), kind="tag")
    assert ws.data.filter("tags has 'checked'").count() == 3
    assert ws.collections.all() == []
    with pytest.raises(FilterError, match="unknown collection 'checked'"):
        ws.data.filter("in collection 'checked'")
    with pytest.raises(CollectionError, match="there is a tag 'checked' already, of 3 data units"):
        ws.data.collect("checked")
    done = ws.data.complete("tags has 'che")
    assert [(c.text, c.detail) for c in done.candidates] == [("'checked'", "3 units")]
    ws.data.filter("n < 3").collect("live one", live=True)
    assert [c.text for c in ws.data.complete("in collection 'li").candidates] == ["'live one'"]
    assert [c.text for c in ws.data.complete("tags has 'li").candidates] == ["'live one'"]
