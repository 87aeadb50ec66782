"""What other rooms call: columns by name, counts with reasons, rows in order, options."""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb
import pytest

from metaquery.errors import FilterError, FilterTypeError, UnknownField, UsageError
from metaquery.language import (
    DUCKDB,
    BindOptions,
    Query,
    canonical,
    compile_filter,
    compile_view,
    count_sql,
    describe_fields,
    key_sql,
    resolve_field,
    tally_sql,
    to_sql,
)
from metaquery.language.sql import column_labels
from metaquery.schema import DATA, LABELS, Field, Schema
from tests.properties.schemas import SCHEMA

TITLED = Schema.of([Field("title", "STRING"), Field("frame rate", "NUMBER")], reserved=[f.name for f in DATA.fields])


def where(text: str, **options: object) -> tuple[str, tuple[object, ...]]:
    sql = count_sql(compile_filter(text, SCHEMA, DATA, options=BindOptions(**options)), DUCKDB)  # type: ignore[arg-type]
    return sql.text.partition(" WHERE ")[2], sql.params


def test_the_seeds_filter() -> None:
    """House §5: the walk of one filter."""
    text, params = where("dark = true and captured_at > 2023-01-01")
    assert text == '("dark" = ? AND "captured_at" >= ?)'
    assert params == (True, datetime(2023, 1, 2, tzinfo=UTC))


@pytest.mark.parametrize(
    ("name", "qualifier"),
    [
        ("meta.title", "meta"),
        ('unit."title"', "unit"),
        ('"frame rate"', "meta"),
        ("frame rate", "meta"),
        ("width", "unit"),
    ],
)
def test_columns_are_named_as_in_filters(name: str, qualifier: str) -> None:
    assert resolve_field(name, TITLED, DATA).qualifier == qualifier


@pytest.mark.parametrize(
    ("name", "code"), [("title", "ambiguous-field"), ("widht", "unknown-field"), ("", "unknown-field")]
)
def test_a_column_that_is_none_points_into_its_list(name: str, code: str) -> None:
    with pytest.raises(UnknownField) as caught:
        resolve_field(name, TITLED, DATA, source=f"index,{name}", start=6)
    assert caught.value.code == code
    assert caught.value.span == (6, 6 + len(name))
    assert caught.value.source == f"index,{name}"


def test_a_column_whose_quotes_do_not_close_is_no_column() -> None:
    with pytest.raises(FilterError):
        resolve_field('"frame', TITLED, DATA)


def test_columns_of_one_name_get_their_qualifiers() -> None:
    columns = (resolve_field("meta.title", TITLED, DATA), resolve_field("unit.title", TITLED, DATA), DATA.fields[0])
    sql = to_sql(Query(DATA), DUCKDB, columns=columns)
    assert sql.names == ("meta.title", "unit.title", "data_hash")
    assert sql.text.startswith('SELECT u."meta.title" AS "meta.title", u."title" AS "unit.title", u."data_hash"')


def test_a_key_that_is_called_like_another_with_its_qualifier_gets_its_own() -> None:
    fields = [Field(name, "STRING") for name in ("title", "meta.title", "meta.meta.title")]
    assert column_labels((*fields, DATA.get("title"))) == [  # type: ignore[arg-type]  # DATA has a title
        "meta.title", "meta.meta.title", "meta.meta.meta.title", "unit.title"
    ]  # fmt: skip


def test_an_order_sorts_by_the_column_not_by_what_is_shown_under_its_name() -> None:
    with duckdb.connect() as connection:
        connection.execute('CREATE TABLE data (data_hash VARCHAR, title VARCHAR, "meta.title" VARCHAR)')
        connection.execute("INSERT INTO data VALUES ('a', '2', 'x'), ('b', '1', 'y')")
        query = compile_view("order by unit.title", TITLED, DATA)
        sql = to_sql(query, DUCKDB, columns=(resolve_field("meta.title", TITLED, DATA),))
        assert connection.execute(sql.text, sql.params).fetchall() == [("y",), ("x",)]
        assert sql.names == ("title",)


def test_a_tally_counts_the_unknown_by_the_field_that_has_no_value() -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE data (data_hash VARCHAR, city VARCHAR, speed DOUBLE)")
        connection.execute(
            "INSERT INTO data VALUES ('a', 'Paris', 1), ('b', NULL, 1), ('c', NULL, NULL), ('d', 'Lyon', NULL)"
        )
        tally = tally_sql(compile_filter("city = 'Paris' and speed > 0", SCHEMA, DATA), DUCKDB)
        assert connection.execute(tally.sql.text, tally.sql.params).fetchall() == [(1, 2, 4, 2, 1)]
        assert [field.name for field in tally.fields] == ["city", "speed"]
        assert tally.sql.names == ("matched", "unknown", "total", "city", "speed")
        everything = tally_sql(Query(DATA), DUCKDB)
        assert connection.execute(everything.sql.text, everything.sql.params).fetchall() == [(4, 0, 4)]


def test_the_keys_of_a_limited_query_are_those_of_its_first_rows() -> None:
    query = compile_view("dark order by speed desc limit 2", SCHEMA, DATA)
    text = key_sql(query, DUCKDB).text
    assert text.endswith('ORDER BY "speed" DESC NULLS LAST, "data_hash" LIMIT ?')
    assert "ORDER BY" not in key_sql(compile_filter("dark", SCHEMA, DATA), DUCKDB).text


def test_fields_in_the_order_of_the_text() -> None:
    query = compile_filter("speed > 1 and any label(class = city) and speed < 5", SCHEMA, DATA)
    assert query.where is not None
    assert [f.name for f in describe_fields(query.where)] == ["speed", "class", "city"]
    assert [f.name for f in describe_fields(query.where, deep=False)] == ["speed"]


def test_the_time_zone_moves_days_and_what_has_no_zone() -> None:
    zone = {"time_zone": "Europe/Paris"}
    assert where("captured_at = 2023-03-26", **zone)[1] == (
        datetime(2023, 3, 25, 23, tzinfo=UTC),
        datetime(2023, 3, 26, 22, tzinfo=UTC),
    )
    assert where("captured_at = 2023-07-01T10:00", **zone)[1] == (datetime(2023, 7, 1, 8, tzinfo=UTC),)
    assert where("captured_at = 2023-07-01T10:00Z", **zone)[1] == (datetime(2023, 7, 1, 10, tzinfo=UTC),)
    late = datetime(2024, 6, 15, 23, tzinfo=UTC)
    assert where("captured_at >= today()", now=late, **zone)[1] == (datetime(2024, 6, 15, 22, tzinfo=UTC),)


@pytest.mark.parametrize("name", ["Mars/Phobos", "", "../etc/passwd", "UTC+1"])
def test_an_unknown_time_zone_is_a_mistake_of_the_caller(name: str) -> None:
    with pytest.raises(UsageError):
        compile_filter("dark", SCHEMA, DATA, options=BindOptions(time_zone=name))


def test_now_needs_a_zone() -> None:
    with pytest.raises(UsageError):
        compile_filter("dark", SCHEMA, DATA, options=BindOptions(now=datetime(2024, 1, 1)))  # noqa: DTZ001


def test_the_edges_of_the_calendar() -> None:
    assert where("captured_at > 9999")[1] == ("10000-01-01T00:00:00+00:00",)

    with pytest.raises(FilterTypeError):
        where("captured_at > 0001-01-01 - 1d")


def test_collections_are_asked_for_only_when_named() -> None:
    asked = []
    options = BindOptions(collections=lambda: asked.append(1) or ("night",))
    compile_filter("dark", SCHEMA, DATA, options=options)
    assert not asked
    compile_filter("in collection 'night'", SCHEMA, DATA, options=options)
    assert asked
    with pytest.raises(UnknownField, match="unknown collection 'nite'"):
        compile_filter("in collection 'nite'", SCHEMA, DATA, options=options)
    compile_filter("in collection 'anything'", SCHEMA, DATA)


def test_an_engine_may_judge_regular_expressions() -> None:
    refusing = BindOptions(regex_error=lambda pattern: f"no {pattern}")
    with pytest.raises(FilterError, match="no x"):
        compile_filter("city ~ 'x'", SCHEMA, DATA, options=refusing)
    compile_filter("city ~ '('", SCHEMA, DATA, options=BindOptions(regex_error=lambda _: None))
    compile_filter(r"city ~ '\pL+[[:alpha:]]\z|(?i)a[+]+\\1'", SCHEMA, DATA)


def test_equal_queries_are_equal_whatever_their_text() -> None:
    one, two = (
        compile_filter("dark  and city in ['x']", SCHEMA, DATA),
        compile_filter("(dark) && city in ('x')", SCHEMA, DATA),
    )
    assert one == two
    assert hash(one) == hash(two)
    assert canonical(one) == canonical(two)
    assert one.source != two.source


def test_labels_join_their_unit_only_for_its_columns() -> None:
    assert "JOIN" not in count_sql(compile_filter("class = 'car' and data_hash = 'x'", SCHEMA, LABELS), DUCKDB).text
    assert "JOIN" in count_sql(compile_filter("class = 'car' and dark", SCHEMA, LABELS), DUCKDB).text
    assert "JOIN" in to_sql(Query(LABELS), DUCKDB, columns=(SCHEMA.fields[0],)).text


def test_a_deep_tree_binds_from_a_deep_stack() -> None:
    """Binding leaves room: it works under 300 frames of somebody else's."""
    text = "(dark or (dark and " * 49 + "dark" + "))" * 49

    def below(frames: int) -> Query:
        return compile_filter(text, SCHEMA, DATA) if frames == 0 else below(frames - 1)

    assert count_sql(below(300), DUCKDB).text
