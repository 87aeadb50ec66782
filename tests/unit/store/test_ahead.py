"""Tables that were typed while their pages came are those of typing all of them at once, or there are none."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from metaquery.errors import CorruptSpool
from metaquery.schema import MetadataSchema, Schema
from metaquery.store import ahead
from metaquery.store.ahead import Ahead
from metaquery.store.chain import Chain
from metaquery.store.materialise import materialise
from metaquery.store.spool import Part, Spool

from .conftest import data_row
from .test_delta import DOCUMENTS, SCHEMA, contents

Pages = Sequence[Sequence[Any]]

UNREADABLE = {"not readable": "NaN"}
FIRST = [{"operator": "Åsa", "dark": True}, {"operator": "Bo", "speed": "n/a"}]
MORE = st.fixed_dictionaries(
    {},
    optional={
        "mixed": st.sampled_from([1, 2.5, True, False, "Oslo", "2023-01-01", "20230101", None, {"a": 1}, UNREADABLE]),
        "day": st.sampled_from(["2023-01-01", "20230101", None]),
        "blank": st.none(),
        "nested": st.just({"a": [1]}),
    },
)
"""Keys that the schema does not have, of which each may come late or turn out to be of another type."""


@pytest.fixture(autouse=True)
def every_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Type each page as it comes."""
    monkeypatch.setattr(ahead, "_PAGES", 1)


class Reading:
    """Parts that are read page by page, and typed meanwhile."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.chains: list[Chain] = []
        self.into = root / "ahead.duckdb"
        self.types = Ahead(self.into, SCHEMA, threads=1)

    def read(self, pages: Pages, *, name: str = "set", doubled: int = -1) -> None:
        """Read a part, of which the page `doubled` is found to have a row twice."""
        part, spool = Part("units", name, f"Set {name}"), Spool(self.root / name)
        spool.folder.mkdir()
        documents = [document for page in pages for document in page]
        rows = [data_row(n, document, data_hash=f"{name}{n}") for n, document in enumerate(documents)]
        index = [{"data_hash": row["data_hash"], "index": n} for n, row in enumerate(rows)]
        spool.append("index", json.dumps(index).encode(), expected=len(rows), total=len(rows))
        noted = self.types.watching(part, spool, lambda *_: None)
        for number, page in enumerate(pages):
            doubles = spool.checkpoint.duplicates or number == doubled
            body = [*rows[: len(page)], *rows[: number == doubled]]
            spool.append("rows", json.dumps(body).encode(), duplicates=doubles)
            del rows[: len(page)]
            noted(part, 0, 0)
            self.types._wait()
        spool.advance(complete=True)
        self.add(Chain(part, (spool,)))

    def add(self, chain: Chain) -> None:
        self.chains.append(chain)
        self.types.add(chain)

    def compared(self) -> Schema | None:
        """Finish; where there are tables, they have to be those of typing anew."""
        with self.types:
            found = self.types.finished(self.chains)
        anew = materialise(self.chains, SCHEMA, self.root / "anew.duckdb", threads=1)
        if found is not None:
            made = materialise(self.chains, SCHEMA, self.into, schema=found, begun=True, threads=1)
            assert made == anew
            assert contents(self.into) == contents(self.root / "anew.duckdb")
            assert order(self.into) == order(self.root / "anew.duckdb")
        return found


def order(path: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect(path, read_only=True) as connection:
        return connection.execute('SELECT data_hash, unit, "index" FROM data ORDER BY unit').fetchall()


def types(schema: Schema | None) -> dict[str, str]:
    assert schema is not None
    return {field.name: field.type for field in schema.fields if field.inferred}


@given(st.lists(st.lists(st.builds(dict.__or__, DOCUMENTS, MORE), min_size=1, max_size=4), min_size=1, max_size=4))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example([[{"mixed": None}], [{"mixed": 1}]])
@example([[{"mixed": UNREADABLE}, {"mixed": None}], [{"mixed": "2023-01-01"}]])
@example([[{"day": "2023-01-01"}], [{"day": "20230101"}]])
def test_what_is_typed_ahead_is_what_typing_anew_makes(pages: Pages) -> None:
    with TemporaryDirectory() as folder:
        reading = Reading(Path(folder))
        reading.read([FIRST, *pages])
        reading.compared()


def test_parts_are_numbered_one_after_the_other(tmp_path: Path) -> None:
    reading = Reading(tmp_path)
    for name in ("b", "a", "c"):
        reading.read([FIRST, [{"speed": 2}]], name=name)
    assert types(reading.compared()) == {"operator": "STRING"}


@pytest.mark.parametrize(
    ("pages", "inferred"),
    [
        ([[{"a": 1}], [{"a": 2}], [{"a": 3, "b": True}]], {"a": "NUMBER", "b": "BOOLEAN"}),
        ([[{"a": 1}], [{"a": "2023-01-01"}], [{"a": 3}]], {"a": "STRING"}),
        ([[{"a": "2023-01-01"}], [{"a": "2023-01-02"}], [{"a": "20230103"}]], {"a": "STRING"}),
        ([[{"a": None}], [{"a": None}]], {"a": "STRING"}),
        ([[{"a": {"x": 1}}], [{"a": [1]}]], {"a": "STRING"}),
    ],
    ids=["another key", "another type", "no dates", "no values", "objects"],
)
def test_a_page_that_tells_more_has_all_typed_by_it(tmp_path: Path, pages: Pages, inferred: dict[str, str]) -> None:
    reading = Reading(tmp_path)
    reading.read([*pages, *[[{}]] * 3])
    assert types(reading.compared()) == inferred


def test_what_is_done_in_vain_is_less_than_what_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = []

    def counting(*arguments: Any, **options: Any) -> None:
        typed.extend(arguments[4])
        insert(*arguments, **options)

    insert = ahead.insert_pages
    monkeypatch.setattr(ahead, "insert_pages", counting)
    reading = Reading(tmp_path)
    reading.read([[{f"key {n}": n}] for n in range(20)])
    reading.compared()
    assert 20 < len(typed) <= 2 * 20


@pytest.mark.parametrize(("doubled", "anew"), [(0, False), (1, True)], ids=["at once", "behind others"])
def test_a_part_with_rows_that_came_twice_is_typed_in_one_go(tmp_path: Path, doubled: int, anew: bool) -> None:
    reading = Reading(tmp_path)
    reading.read([FIRST, FIRST])
    reading.read([FIRST, FIRST], name="twice", doubled=doubled)
    assert (reading.compared() is None) is anew


def test_a_part_of_several_generations_is_typed_when_it_is_complete(tmp_path: Path) -> None:
    earlier = Reading(tmp_path)
    with earlier.types:
        earlier.read([FIRST, [{"speed": 1}]])
    earlier.into.unlink()
    newer = Spool(tmp_path / "newer")
    newer.folder.mkdir()
    newer.append("removed", b'[{"name": "set0"}]')
    newer.append("index", b'[{"data_hash": "set2", "index": null}, {"data_hash": "set9", "index": 2}]')
    newer.append("rows", json.dumps([data_row(n, {"speed": n}, data_hash=f"set{n}") for n in (2, 9)]).encode())
    newer.advance(total=3, complete=True)
    reading = Reading(tmp_path)
    reading.add(Chain(earlier.chains[0].part, (earlier.chains[0].last, newer)))
    reading.read([[{"dark": True}], [{"operator": "Cy"}]], name="other")
    assert types(reading.compared()) == {"operator": "STRING"}


def test_other_chains_than_those_that_were_read_are_typed_anew(tmp_path: Path) -> None:
    reading = Reading(tmp_path)
    reading.read([FIRST], name="a")
    reading.read([FIRST], name="b")
    reading.chains.reverse()
    assert reading.compared() is None


def test_a_failure_is_told_by_typing_anew(tmp_path: Path) -> None:
    reading = Reading(tmp_path)
    reading.read([FIRST, FIRST])
    reading.types._wait()
    broken = Spool(tmp_path / "broken")
    broken.folder.mkdir()
    broken.append("index", b'[{"data_hash": "x", "index": 0}]')
    broken.append("rows", b'[{"data_hash": ')
    broken.advance(total=1, complete=True)
    reading.add(Chain(Part("units", "broken", "Broken"), (broken,)))
    with reading.types:
        assert reading.types.finished(reading.chains) is None
    with pytest.raises(CorruptSpool):
        materialise(reading.chains, SCHEMA, tmp_path / "anew.duckdb")


def test_nothing_goes_on_behind_it(tmp_path: Path) -> None:
    """After an error or a Ctrl-C the file is cleared away, so nobody may be writing it."""
    reading = Reading(tmp_path)
    with reading.types:
        reading.read([FIRST, FIRST])
    assert not any(thread.name.startswith("metaquery-type") for thread in threading.enumerate())
    reading.into.unlink()
    assert reading.types.finished(reading.chains) is None


def test_few_pages_and_none_are_left_to_typing_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "_PAGES", 16)
    reading = Reading(tmp_path)
    reading.read([FIRST] * 3)
    assert reading.compared() is None
    assert not reading.into.exists()
    with Ahead(None, MetadataSchema({})) as nothing:
        assert nothing.finished(()) is None
