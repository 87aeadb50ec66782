"""Whatever a key or a value is, Spark is asked what DuckDB is: no text of the user's is ever part of a statement."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import metaquery
from metaquery.errors import MetaqueryError, UsageError
from tests.budget import whole
from tests.unit.language.test_hostile_input import ACCEPTED, MB

from .sessions import other

MARK = "zqx"
"""Stands in every value, so that it is found where it must not be."""

TEXTS = [
    "it's", '"', "\\", "\\\\", "\\'", "\\u0041", "%", "_", "\\%", "${x}", "${env:HOME}", "${system:user.name}", ":p1",
    ":p2", "?", "`", "--", "-- ", "/*", "*/", ";", "'); DROP VIEW data; --", "\n", "\r\n", "\t", "é", "e\u0301", "😀",
    "İ", "ß", "Σ", "{0}", "{", "\x7f", "\ufffd", "NULL", "", " ", "[1, 2]", '{"a": 1}', "$", "\\Q", "\\E", "a\\", "=",
    "İΣ\\_%'\"`",
]  # fmt: skip
UNWRITABLE = ["a\0b", "\u202eb"]
"""Texts that a unit may have, and that no filter may hold as they are."""

KEYS = [
    "`", "a`b", "``", "select", "SELECT", "Select", "unit", "rowid", "data", "tags", "members", "_metadata", ":p1",
    "a:p1b", "a.b", "a b", "é", "😀", "q1", "q2", "u", "r", "v1", "rows_", "place", "--", "/*", "'", '"', "\\",
    "count(*)", "x -> x", "true", "null", "{0}", "a,b", "a;b", "a=b", "(", "a\tb", "a\nb", "data_hash", "raw", "field",
    "latitude", "metaquery", "p", "g0", "c0", "_c0", "part=1", "j", "t", "m",
]  # fmt: skip


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a lake of units with every key, and every text in one of them."""
    home = tmp_path_factory.mktemp("hostile")
    texts = [*TEXTS, *UNWRITABLE]
    units = []
    for n in range(max(len(texts), len(KEYS))):
        documents = {name: f"{name}{MARK}{n % 3}" for at, name in enumerate(KEYS) if (n + at) % 4}
        documents["note"] = f"{texts[n % len(texts)]}{MARK}"
        documents["long"] = "x" * MB if n == 0 else f"{n}"
        units.append({"data_hash": f"u{n:02}", "title": f"{n}", "client_metadata": documents})
    (home / "units.ndjson").write_text("".join(json.dumps(row) + "\n" for row in units))
    made = metaquery.open(home)
    made.sync_files(units=home / "units.ndjson")
    made.data.filter("title < '2'").collect("it's `${x}` :p1 \\")
    made.export_lake(home / "lake", parts=2)
    return home / "lake"


@pytest.fixture(scope="module")
def duck(directory: Path) -> metaquery.View:
    return metaquery.open_lake(directory).data


SESSIONS: list[dict[str, str]] = [
    {},
    {
        "ansi.enforceReservedKeywords": "true",
        "legacy.timeParserPolicy": "LEGACY",
        "legacy.exponentLiteralAsDecimal.enabled": "true",
    },
    {"caseSensitive": "true", "ansi.doubleQuotedIdentifiers": "true"},
]


@pytest.fixture(
    scope="module",
    params=SESSIONS if whole() else SESSIONS[:1],
    ids=lambda settings: ", ".join(settings) or "as it comes",
)
def view(request: pytest.FixtureRequest, spark: Any, directory: Path) -> metaquery.View:
    """Open the lake in a session with a variable named x, and settings of which each changes how SQL is read."""
    session = other(spark, **request.param)
    session.conf.set("x", "select")
    return metaquery.open_lake(directory, spark=session).data


CONDITIONS = [
    "note = :text", "note != :text", "note contains :text", "note icontains :text", "note starts with :text",
    "note in (:text, 'x')", "note not in (:text)", "note like :text", "note ilike :text",
    "concat(note, :text) = concat(:text, note)", "lower(note) < lower(:text)", "casei(note) = casei(:text)",
    "length(note) > length(:text)", "unit.tags has :text",
]  # fmt: skip


def test_values_are_bound(view: metaquery.View, duck: metaquery.View) -> None:
    joined = " or ".join(f"({each})" for each in CONDITIONS)
    for place, text in enumerate(TEXTS):
        value = text + MARK
        for condition in (CONDITIONS[place % len(CONDITIONS)], joined):
            theirs, ours = view.filter(condition, text=value), duck.filter(condition, text=value)
            assert MARK not in theirs.sql().text
            assert sorted(theirs.ids()) == sorted(ours.ids()), (condition, text)


def test_every_text_comes_back_as_it_was(view: metaquery.View, duck: metaquery.View) -> None:
    theirs, ours = (each.select("title", "note", "long").order_by("title").to_arrow() for each in (view, duck))
    assert theirs.to_pylist() == ours.to_pylist()
    assert view.filter("length(long) = 1048576").ids() == ["u00"]


def test_every_key_is_a_column(view: metaquery.View, duck: metaquery.View) -> None:
    names = [view.name_of(field) for field in view.snapshot.schema.fields]
    assert {field.name for field in view.snapshot.schema.fields} == {*KEYS, "note", "long"}
    for name in filter(None, names):
        text = f"{name} contains '0' or {name} is missing or any label({name} = 'x')"
        assert view.filter(text).counts() == duck.filter(text).counts(), name
    theirs, ours = (each.select_all().order_by("title").to_arrow() for each in (view, duck))
    assert theirs.column_names == ours.column_names
    assert theirs.to_pylist() == ours.to_pylist()


def test_every_key_has_its_facet(view: metaquery.View, duck: metaquery.View) -> None:
    assert view.filter("title < '5'").facets(top=3) == duck.filter("title < '5'").facets(top=3)


def test_a_collection_of_any_name_is_found(view: metaquery.View, duck: metaquery.View) -> None:
    text = r"in collection E'it''s `${x}` :p1 \\'"
    assert view.filter(text).count() == duck.filter(text).count() > 0


def test_a_key_that_holds_a_variable_is_refused_and_no_other_one(spark: Any, tmp_path: Path) -> None:
    """Hadoop reads the column of another key where a property is called so, and says nothing."""
    keys = {"${x}": "a", "${user.name}": "b", "select": "c", "plain": "d"}
    row = {"data_hash": "u", "title": "u", "client_metadata": keys}
    (tmp_path / "units.ndjson").write_text(json.dumps(row))
    made = metaquery.open(tmp_path)
    made.sync_files(units=tmp_path / "units.ndjson")
    made.export_lake(tmp_path / "lake", parts=1)
    session = other(spark)
    session.conf.set("x", "select")
    view = metaquery.open_lake(tmp_path / "lake", spark=session).data
    for ask in (view.filter("\"${x}\" = 'a'").count, view.select("${user.name}").to_arrow, view.select_all().to_spark):
        with pytest.raises(UsageError, match="as a variable of its session"):
            ask()
    assert view.filter("plain = '${x}' or \"select\" = 'c'").select("plain").to_arrow().to_pylist() == [{"plain": "d"}]


def test_a_session_that_reads_texts_otherwise_is_refused(spark: Any, directory: Path) -> None:
    session = other(spark, **{"parser.escapedStringLiterals": "true"})
    with pytest.raises(UsageError, match=r"backslashes.*\n.*escapedStringLiterals"):
        metaquery.open_lake(directory, spark=session).data.count()


SPEAKING = {"speed": "length(note)", "city": "note", "dark": "note = 'x'"}


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_large_is_answered_or_an_error_of_ours(
    spark: Any, directory: Path, duck: metaquery.View, name: str
) -> None:
    text = ACCEPTED[name]
    for word, said in SPEAKING.items():
        text = text.replace(word, said)
    try:
        found = metaquery.open_lake(directory, spark=spark).data.filter(text).count()
    except MetaqueryError as error:
        found = error
    assert not isinstance(found, MetaqueryError), found
    assert found == duck.filter(text).count()


def test_a_key_is_sorted_by_though_spark_has_a_function_of_its_name(spark: Any, tmp_path: Path) -> None:
    rows = [{"data_hash": f"u{n}", "client_metadata": {"user": "bca"[n], "current_date": "cab"[n]}} for n in range(3)]
    (tmp_path / "units.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows))
    made = metaquery.open(tmp_path)
    made.sync_files(units=tmp_path / "units.ndjson")
    made.export_lake(tmp_path / "lake")
    lake = metaquery.open_lake(tmp_path / "lake", spark=spark)
    assert lake.data.order_by("user").ids() == made.data.order_by("user").ids() == ["u2", "u0", "u1"]
    assert lake.data.order_by("current_date desc").ids() == ["u0", "u2", "u1"]
