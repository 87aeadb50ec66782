"""A second engine is a second `Dialect`: nothing of DuckDB's spelling stands in the SQL that another dialect says.

The dialect here writes `⟦operation⟧⟨operands⟩` for every template, `:p1` for parameters and backticks round names.
Taken away with what every SQL has, they have to leave nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, ClassVar

import duckdb
import pytest

from metaquery.language import (
    DIALECTS,
    DUCKDB,
    BindOptions,
    Dialect,
    Query,
    Sql,
    compile_filter,
    compile_view,
    count_sql,
    days_sql,
    key_sql,
    query,
    tally_sql,
    to_sql,
    values_sql,
)
from metaquery.language.facet_sql import (
    Bins,
    Measure,
    at_once_sql,
    bins_sql,
    groups_sql,
    kept_misfits_sql,
    measures_sql,
    misfits_sql,
    top_sql,
)
from metaquery.language.functions import FUNCTIONS, TRUNCATED
from metaquery.language.page_sql import placed_sql, places_sql
from metaquery.schema import DATA, LABELS, Field
from tests.differential.test_language import NOW, Case
from tests.golden.blocks import DIRECTORY, read
from tests.golden.language import compiled
from tests.properties.schemas import SCHEMA

OPTIONS = BindOptions(time_zone="Europe/Paris", now=NOW, collections=("night",))


class Said(str):
    """A template that says its name, and remembers that it was used."""

    __slots__ = ()
    used: ClassVar[set[str]] = set()

    def format(self, *operands: object, **_: object) -> str:
        self.used.add(str(self))
        return f"⟦{self}⟧⟨{', '.join(map(str, operands))}⟩"


OTHER = Dialect("other", {name: Said(name) for name in DUCKDB.templates}, placeholder=":p{0}", quote_mark="`")

NUMBERED = replace(DUCKDB, name="numbered", placeholder="${0}")

COMMON = re.compile(
    r"⟦[^⟧]+⟧⟨|⟩"  # a template
    r"|`(?:[^`]|``)+`|:p[0-9]+"  # a name, a parameter
    r"|\b(?:SELECT|FROM|AS|LEFT JOIN|ON|WHERE|AND|OR|GROUP BY|ORDER BY|LIMIT)\b|count\(\*\)|(?<=SELECT )\*"
    r"|\bu\.unit = r\.unit\b|\b(?:u|r|q[0-9]+)\.(?:unit|data_hash)?"
    r"|\b(?:labels|predictions|u|r|q[0-9]+|p|[cgt][0-9]+|[mn]|place|held|known|rows_|shared|unit|field)\b"
    r"|(?<=, )[0-9.]+(?=⟩)"  # the size of a vector, the share of a sample
    r"|[(),\s]"
)

FILTERS: dict[type, str] = {
    query.And: "dark and speed > 5",
    query.Arith: "(speed + 1) / temperature > 2 ^ speed",
    query.Between: "speed between 1 and temperature",
    query.Column: "dark",
    query.Compare: "city != 'Paris'",
    query.Constant: "rig = '3fa85f64-5717-4562-b3fc-2c963f66afa6' and speed > 1 / 0",
    query.Count: "count(label where class = 'car') >= 3",
    query.Function: "coalesce(concat(city, note, 'x'), raw(speed)) = lower(city)",
    query.Has: "tags has any ('night', city)",
    query.In: "speed in (1, 2) and city not in (note) and dark in ()",
    query.InCollection: "in collection 'night'",
    query.Interval: "t_during(interval(captured_at, reviewed_at), interval('2022-01-01', '..'))",
    query.Is: "city is not 'Paris' and dark is true and speed is temperature",
    query.IsInvalid: "speed is invalid",
    query.IsMissing: "speed is missing",
    query.IsNull: "speed is not null or city is null",
    query.Length: "captured_at - reviewed_at > 7d",
    query.Like: r"city ilike 'a\%%' or city like casei('b_')",
    query.ListOf: "tags = ['night', 'dusk']",
    query.Matches: "city ~ '^abc' or city imatches 'b'",
    query.Negative: "-speed > 0",
    query.Not: "not dark",
    query.Or: "dark or speed > 5",
    query.PeriodValue: "captured_at != 9999-12-31 and captured_at in (2023, 2024-01)",
    query.Quantified: "any label and no prediction(dark) and every label(class = 'car')",
    query.Query: "true",
    query.Raw: "raw(speed) = 'x'",
    query.SortKey: "order by speed desc nulls first, city, dark nulls first, rig desc limit 5",
    query.Start: "captured_at > date(reviewed_at) + 1.5h",
    query.Step: "captured_at + 1mo > now()",
    query.Temporal: "t_after(captured_at, 2023-01)",
    query.Text: "city starts with 'P' or note icontains city",
}
"""A filter, or a view, with each kind of node."""


def kinds(node: Any) -> set[type]:
    """Return the classes of all that a query is made of."""
    if isinstance(node, tuple):
        return {kind for part in node for kind in kinds(part)}
    if not is_dataclass(node) or type(node).__module__ != query.__name__:
        return set()
    return {type(node)}.union(*(kinds(getattr(node, field.name)) for field in fields(node)))


def statements(asked: Query, dialect: Dialect) -> Iterator[Sql]:
    own = [field for field in asked.relation.fields if field.type != "LIST"]
    yield count_sql(asked, dialect)
    yield key_sql(asked, dialect)
    yield to_sql(asked, dialect, columns=(*asked.relation.fields, *SCHEMA.fields))
    yield tally_sql(asked, dialect).sql
    yield from statements_of_facets(asked, dialect, own[0])
    yield from statements_of_pages(asked, dialect)


def statements_of_facets(asked: Query, dialect: Dialect, own: Field) -> Iterator[Sql]:
    dark, captured_at, _, city, _, speed = SCHEMA.fields[:6]
    kinds_ = ("known", "least", "greatest", "distinct", "empty")
    yield measures_sql(asked, dialect, [Measure(kind, field) for kind in kinds_ for field in (captured_at, speed)])
    yield bins_sql(asked, dialect, [Bins(speed, [1.0, 2.0]), Bins(captured_at, [1, 2])])
    yield groups_sql(asked, dialect, (own, dark, captured_at), most=3)
    yield from (top_sql(asked, dialect, field, most=3) for field in (city, DATA.fields[5]))
    for kept in (False, True):
        yield misfits_sql(asked, dialect, (city, speed), kept=kept)
        bins = [Bins(speed, [1.0, 2.0]), Bins(captured_at, [1, 2])]
        yield at_once_sql(asked, dialect, bins, (own, dark, DATA.fields[5]), (city, speed), most=3, kept=kept)
    yield kept_misfits_sql(dialect)


def statements_of_pages(asked: Query, dialect: Dialect) -> Iterator[Sql]:
    yield places_sql(asked, dialect)
    yield placed_sql(asked.relation, dialect, [3, 5], (*asked.relation.fields, *SCHEMA.fields))


def statements_of_values(dialect: Dialect) -> Iterator[Sql]:
    fields_ = [SCHEMA.get("city"), SCHEMA.get("captured_at"), DATA.get("projects"), LABELS.get("class")]
    for field in filter(None, fields_):
        for share in (None, 2.5):
            yield values_sql(field, dialect, most=10, time_zone="UTC", share=share)
        if field.type == "DATETIME":
            yield days_sql(field, dialect, time_zone="UTC")


def assert_common(sql: Sql) -> None:
    assert not COMMON.sub("", sql.text), sql.text
    numbers = [int(number) for number in re.findall(r":p([0-9]+)", sql.text)]
    assert list(dict.fromkeys(numbers)) == list(range(1, len(sql.params) + 1)), sql.text


def test_there_is_a_filter_with_each_node() -> None:
    every = {kind for kind in vars(query).values() if is_dataclass(kind) and kind.__module__ == query.__name__}
    assert set(FILTERS) == every


@pytest.mark.parametrize("kind", FILTERS, ids=lambda kind: kind.__name__)
def test_a_node_is_said_without_duckdbs_words(kind: type) -> None:
    asked = compile_view(FILTERS[kind], SCHEMA, DATA, options=OPTIONS)
    assert kind in kinds(asked)
    for sql in statements(asked, OTHER):
        assert_common(sql)


def test_labels_are_said_without_duckdbs_words() -> None:
    asked = compile_view("class = 'car' and dark order by speed limit 3", SCHEMA, LABELS, options=OPTIONS)
    for sql in statements(asked, OTHER):
        assert_common(sql)


SELDOM = (
    *(f"date_trunc('{unit}', captured_at) = reviewed_at" for unit in TRUNCATED),
    *(f"{function}(tags, projects)" for function in ("a_contains", "a_containedby", "a_equals", "a_overlaps")),
    "distance(loc, loc) > 5",
    "captured_at - (captured_at - reviewed_at) > now() or (captured_at - reviewed_at) + captured_at > now()",
    "captured_at - reviewed_at > 1d / 0",
    f"speed not in ({', '.join(map(str, range(101)))})",
    f"rig not in ({', '.join(repr(f'{n:08x}-0000-4000-8000-000000000001') for n in range(101))})",
    f"speed in ({', '.join(map(str, range(101)))})",
    f"rig in ({', '.join(repr(f'{n:08x}-0000-4000-8000-000000000001') for n in range(101))})",
    *(f"city {word} ({', '.join(repr(str(n)) for n in range(101))})" for word in ("in", "not in")),
    *(f"captured_at {word} ({', '.join(f'{n}-01-01T00:00Z' for n in range(1900, 2001))})" for word in ("in", "not in")),
)
"""Filters that use the templates which no golden case does."""


def test_every_template_is_said_and_nothing_else() -> None:
    Said.used.clear()
    blocks = [block for path in sorted(DIRECTORY.glob("*.cases")) for block in read(path)]
    asked = [compiled(block) for block in blocks if "code" not in block.outcome]
    texts = (*SELDOM, *FILTERS.values())
    for zone in ("UTC", "Europe/Paris"):
        asked += [compile_view(text, SCHEMA, DATA, options=replace(OPTIONS, time_zone=zone)) for text in texts]
    for each in asked:
        for sql in (key_sql(each, OTHER), tally_sql(each, OTHER).sql, to_sql(each, OTHER, columns=DATA.fields[:1])):
            assert_common(sql)
    for sql in statements_of_facets(asked[0], OTHER, DATA.fields[0]):
        assert_common(sql)
    for sql in (*statements_of_values(OTHER), *statements_of_pages(asked[0], OTHER)):
        assert_common(sql)
    assert set(DUCKDB.templates) - Said.used == {"first of each"}  # which is said of a statement, by `Rows.ids`


REFUSED = {"accenti", "upper"}
OTHERWISE = {
    "bins of DATETIME", "bins of NUMBER", "first by count", "first of each", "with kept misfits",
    "place in table", "in many places",
}  # fmt: skip
LACKING = {"duckdb": set[str](), "spark": REFUSED | OTHERWISE}
"""What a dialect has no template for: what it refuses, and what is done in another way where it answers."""

OWN = {"duckdb": set[str](), "spark": {"top"}}


@pytest.mark.parametrize("name", DIALECTS)
def test_every_dialect_has_every_template(name: str) -> None:
    assert set(DUCKDB.templates) - set(DIALECTS[name].templates) == LACKING[name]
    assert set(DIALECTS[name].templates) - set(DUCKDB.templates) <= OWN[name]


CALLS = {"matches", "matches holding", "imatches", "contains", "starts with", "ends with", "some", "count", *FUNCTIONS}
"""What is put beside operators as it is, if it ends with a bracket."""


@pytest.mark.parametrize("name", DIALECTS)
def test_a_template_that_ends_with_a_bracket_holds_together(name: str) -> None:
    for operation in CALLS & set(DIALECTS[name].templates):
        template = DIALECTS[name].templates[operation]
        opened = re.match(r"\w* ?\(", template)
        depth = 0
        for at, char in enumerate(template):
            depth += {"(": 1, ")": -1}.get(char, 0)
            closed_early = depth == 0 and opened is not None and opened.end() <= at < len(template) - 1
            assert not (template.endswith(")") and (opened is None or closed_early)), operation


@pytest.fixture(scope="module")
def case() -> Iterator[Case]:
    with duckdb.connect() as connection:
        yield Case(connection)


@pytest.mark.parametrize("dialect", [DUCKDB, NUMBERED], ids=lambda dialect: dialect.name)
@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("['night', coalesce(city, 'x')] has only ('night', 'Paris')", "coalesce(city, 'x') in ('night', 'Paris')"),
        ("a_containedby(['x', coalesce(city, 'y')], ['x', 'Paris'])", "coalesce(city, 'y') in ('x', 'Paris')"),
        ("a_equals(['x', coalesce(city, 'y')], ['Paris', 'x'])", "coalesce(city, 'y') = 'Paris'"),
    ],
)
def test_a_template_may_turn_its_operands_round_and_use_one_twice(
    case: Case, dialect: Dialect, text: str, same: str
) -> None:
    found, expected = (
        case.rows(key_sql(compile_filter(asked, SCHEMA, DATA, options=OPTIONS), dialect)) for asked in (text, same)
    )
    assert sorted(found) == sorted(expected) != []


def test_a_name_is_quoted_as_the_dialect_quotes() -> None:
    assert OTHER.quote("a`b") == "`a``b`"
    assert DUCKDB.quote('a"b') == '"a""b"'
