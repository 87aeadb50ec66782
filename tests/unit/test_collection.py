"""Collections: whole or not at all, unique titles, whatever is killed and whoever writes at once."""

import json
import multiprocessing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from metaquery.collection import Collections, Provenance
from metaquery.errors import CollectionError, UsageError
from metaquery.store.layout import Layout

CAME = Provenance(filter="dark = true", snapshot="s", unknown=0, author="me")


def make(home: Path, title: str, hashes: list[str] | None = None, description: str = "") -> None:
    def write(path: Path) -> int:
        pq.write_table(pa.table({"data_hash": hashes or ["a"]}), path)
        return len(hashes or ["a"])

    Collections(Layout(home)).create(
        title, description=description, relation="data", provenance=lambda: CAME, write=write
    )


def test_what_was_made_is_read_back(tmp_path: Path) -> None:
    make(tmp_path, "  Night “drives” 🌙 ", ["b", "a", "a"], "two\nlines")
    found = Collections(Layout(tmp_path)).get("Night “drives” 🌙")
    assert (found.members, found.description, found.provenance) == (3, "two\nlines", replace(CAME, matched=3))
    assert found.data_hashes() == ["a", "b"]
    assert found.created_at <= datetime.now(UTC)


def test_a_title_is_unique_also_in_another_normal_form(tmp_path: Path) -> None:
    make(tmp_path, "Nuit à Paris")
    with pytest.raises(CollectionError, match="already"):
        make(tmp_path, "Nuit a\u0300 Paris")


@pytest.mark.parametrize(
    ("title", "words"), [("", "needs a title"), (" ", "needs a title"), ("x" * 10_001, "10,000"), ("a\x00b", "U+0000")]
)
def test_titles_that_cannot_be_are_refused(tmp_path: Path, title: str, words: str) -> None:
    with pytest.raises(UsageError, match=words.replace("+", r"\+")):
        make(tmp_path, title)


def test_a_description_has_a_limit(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="description has 10,001"):
        make(tmp_path, "t", description="x" * 10_001)


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail(path: Path) -> int:
        path.write_bytes(b"half")
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        Collections(Layout(tmp_path)).create("t", description="", relation="data", provenance=lambda: CAME, write=fail)
    assert Collections(Layout(tmp_path)).all() == []
    assert not [f for f in Layout(tmp_path).collections.iterdir() if f.name != ".lock"]
    make(tmp_path, "t")


def test_members_without_their_record_are_no_collection(tmp_path: Path) -> None:
    """A crash between the two files."""
    make(tmp_path, "t")
    (record,) = Layout(tmp_path).collections.glob("*.json")
    record.unlink()
    assert Collections(Layout(tmp_path)).all() == []
    make(tmp_path, "t")


def test_many_processes_making_collections_lose_none(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(4) as pool:
        pool.starmap(make, [(tmp_path, f"title {n}") for n in range(24)])
    titles = sorted(c.title for c in Collections(Layout(tmp_path)).all())
    assert titles == sorted(f"title {n}" for n in range(24))


def test_an_unknown_title_names_the_nearest(tmp_path: Path) -> None:
    make(tmp_path, "Night drives")
    with pytest.raises(CollectionError, match="did you mean 'Night drives'"):
        Collections(Layout(tmp_path)).get("Nihgt drives")


def test_a_damaged_record_is_told_and_not_skipped(tmp_path: Path) -> None:
    make(tmp_path, "t")
    (record,) = Layout(tmp_path).collections.glob("*.json")
    record.write_text(json.dumps({"id": 1})[:-2])
    with pytest.raises(Exception, match="damaged"):
        Collections(Layout(tmp_path)).all()
