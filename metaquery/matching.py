"""`Matching`: the rows of a query, and what can be found out about the values in them; what facets are made from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from metaquery.language import compile_filter, count_sql
from metaquery.language.facet_sql import (
    Measure,
    MeasureKind,
    at_once_sql,
    bins_sql,
    groups_sql,
    kept_misfits_sql,
    measures_sql,
    misfits_sql,
    top_sql,
)
from metaquery.language.names import Scope, spelling
from metaquery.language.query import And, Query
from metaquery.schema import DATA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from metaquery.language import BindOptions, Dialect, Predicate, Sql
    from metaquery.language.facet_sql import Bins
    from metaquery.pinned import Pinned
    from metaquery.schema import Field, Schema
    from metaquery.store.snapshot import KeyCount

__all__ = ["BARE", "FEW", "FEW_ROWS", "FieldCounts", "Found", "Matching", "Values"]

_Item = TypeVar("_Item")

FEW = 10_000
"""Values of a field up to which it is counted together with others: they are in memory at once."""

FEW_ROWS = 100_000
"""Matching rows up to which they are read once and kept in memory, for all that is counted. Of a million units it takes
as long with 150,000 as a scan for each."""

_TOGETHER = 50
"""Fields that one statement counts by value. Engines take 64 in grouping sets, and their planners take longer for each
field the more there are."""

BARE = frozenset({"POINT", "VECTOR"})
"""Types of which is told only whether there is a value."""


@dataclass(frozen=True, slots=True)
class FieldCounts:
    """How many matching rows have a value in one field.

    Attributes
    ----------
    field
        Its name; with its qualifier where two of the fields asked for have the same.
    type
        Its type.
    inferred
        Whether the type was read off the data, as the schema does not have the key.
    matched
        Rows that match: those with a value, the missing and the invalid.
    missing, invalid
        Rows without a value, and rows whose value does not fit. Only client metadata can be invalid.
    """

    field: str
    type: str
    inferred: bool
    matched: int
    missing: int
    invalid: int

    @property
    def known(self) -> int:
        """Rows that have a value."""
        return self.matched - self.missing - self.invalid


@dataclass(frozen=True, slots=True)
class Values:
    """The values of a field that most rows have.

    Attributes
    ----------
    rows
        Each with its rows; instants as microseconds since 1970, UUIDs as texts.
    distinct
        How many values there are.
    known
        Rows that have one; of a LIST, elements.
    """

    rows: list[tuple[Any, int]]
    distinct: int
    known: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """How many rows match, and each measure of each field."""

    matched: int
    measures: dict[Measure, Any]

    def of(self, kind: MeasureKind, field: Field) -> Any:
        """Return a measure; None where it was not asked for, or nothing is known."""
        return self.measures.get(Measure(kind, field))

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields that were measured."""
        return tuple(dict.fromkeys(measure.field for measure in self.measures))


@dataclass(frozen=True, slots=True)
class Matching:
    """The rows of a query.

    Attributes
    ----------
    query
        Which rows; its order and its limit do not matter.
    run
        Runs a statement.
    dialect
        In which it is said.
    schema, keys
        Of the snapshot.
    options
        How filters of its view are read.
    estimates
        About how many values fields have over all rows, by relation and field; what is found out is kept there.
    keep
        As `Pinned.keep`.
    few_rows
        Matching rows up to which they are read once for all that is counted.
    """

    query: Query
    run: Callable[[Sql], list[tuple[Any, ...]]]
    dialect: Dialect
    schema: Schema
    keys: tuple[KeyCount, ...]
    options: BindOptions
    estimates: dict[tuple[str, Field], int] = dataclass_field(default_factory=dict)
    keep: Callable[[str, Callable[[], Sql]], bool] = lambda _name, _sql: False
    few_rows: int = FEW_ROWS
    _names: dict[Field, str | None] = dataclass_field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, pinned: Pinned, query: Query, options: BindOptions) -> Matching:
        """Ask a snapshot."""
        snapshot = pinned.snapshot
        return cls(
            query,
            lambda sql: pinned.engine.rows(sql.text, sql.params),
            pinned.dialect,
            snapshot.schema,
            snapshot.keys,
            options,
            pinned.estimates,
            pinned.keep,
        )

    def name(self, field: Field) -> str | None:
        """Return a field as a filter names it; None where no filter can."""
        if field not in self._names:  # a facet asks for each of its bars
            self._names[field] = spelling(field, Scope(self.schema, self.query.relation, ""))
        return self._names[field]

    def narrowed(self, conditions: Sequence[Predicate]) -> Matching:
        """Return the rows of it for which some more conditions are true."""
        where = tuple(each for each in (self.query.where, *conditions) if each is not None)
        joined = And(where) if len(where) > 1 else next(iter(where), None)
        return replace(self, query=replace(self.query, where=joined))

    def filtered(self, text: str) -> Matching:
        """Return the rows of it that match one more filter."""
        by = compile_filter(text, self.schema, self.query.relation, options=self.options).where
        return self.narrowed([] if by is None else [by])

    def count(self, text: str) -> int:
        """Return how many rows match one more filter."""
        ((rows,),) = self.run(count_sql(self.filtered(text).query, self.dialect))
        return int(rows)

    def few(self, fields: Sequence[Field]) -> list[Field]:
        """Return those of some fields that have at most about `FEW` values over all rows; a scan the first time."""
        relation = self.query.relation
        new = [field for field in fields if (relation.name, field) not in self.estimates]
        if new:
            measures = [Measure("distinct", field) for field in new]
            ((_, *counts),) = self.run(measures_sql(Query(relation), self.dialect, measures))
            self.estimates.update(zip([(relation.name, field) for field in new], counts, strict=True))
        return [field for field in fields if self.estimates[relation.name, field] <= FEW]

    def measured(self, measures: Sequence[Measure]) -> Found:
        """Find out measures, in one scan."""
        (row,) = self.run(measures_sql(self.query, self.dialect, measures))
        return Found(row[0], dict(zip(measures, row[1:], strict=True)))

    def binned(self, bins: Sequence[Bins]) -> tuple[list[int], ...]:
        """Return the rows of each bin of each field, in one scan."""
        return self.run(bins_sql(self.query, self.dialect, bins))[0]

    def alone(self, field: Field, most: int) -> tuple[int, Values]:
        """Return how many rows match, and the values of one field, in one scan; of a LIST the rows are its elements."""
        ((matched, *values),) = self.run(top_sql(self.query, self.dialect, field, most=most))
        return int(matched or 0), _values(*values)

    def values(self, fields: Sequence[Field], most: int) -> dict[Field, Values]:
        """Return the values of fields, in a scan for each fifty.

        A LIST, or a field with more than `FEW` values, comes alone.
        """
        found: dict[Field, Values] = {}
        for some in _portions(fields):
            found |= {some[0]: self.alone(some[0], most)[1]} if len(some) == 1 else self._grouped(some, most)
        return found

    def _grouped(self, fields: Sequence[Field], most: int) -> dict[Field, Values]:
        """Return the values of fields, in one scan."""
        found = {field: Values([], 0) for field in fields}
        last = len(fields) - 1
        places = {(1 << len(fields)) - 1 - (1 << (last - place)): place for place in range(len(fields))}
        sql = groups_sql(self.query, self.dialect, tuple(fields), most=most)
        for bits, *values, rows, distinct, known in self.run(sql):
            place = places[bits]
            held = found[fields[place]].rows
            held.append((_plain(values[place]), rows))
            found[fields[place]] = Values(held, distinct, int(known))
        return found

    def at_once(
        self, bins: Sequence[Bins], valued: Sequence[Field], most: int, fields: Iterable[Field]
    ) -> tuple[list[list[int]], dict[Field, Values], dict[Field, int]]:
        """Return what `binned`, `values` and `misfits` do, of few rows, which are read once for each fifty fields."""
        doubted = list(self._doubted(fields).values())
        kept = bool(doubted) and self._kept()
        binned: list[list[int]] = []
        values: dict[Field, Values] = {}
        misfits: dict[Field, int] = {}
        portions = zip_longest(_portions(bins), _portions(valued), _portions(doubted), fillvalue=())
        for some, others, odd in portions:
            sql = at_once_sql(self.query, self.dialect, some, others, odd, most=most, kept=kept)
            (row,) = self.run(sql)
            ends = range(len(some), len(some) + 4 * len(others), 4)
            binned += row[: len(some)]
            values |= {f: _values(*row[at + 1 : at + 4]) for f, at in zip(others, ends, strict=True)}
            misfits |= dict(zip(odd, row[len(some) + 4 * len(others) :], strict=True))
        return binned, values, misfits

    def misfits(self, fields: Iterable[Field]) -> dict[Field, int]:
        """Return the rows in whose unit a field has a value that does not fit its type, where there are any."""
        doubted = self._doubted(fields)
        if not doubted:
            return {}
        if self.query.where is None and self.query.relation is DATA:
            held = {key.name: key.invalid for key in self.keys}
            return {field: held[name] for name, field in doubted.items()}
        (counts,) = self.run(misfits_sql(self.query, self.dialect, tuple(doubted.values()), kept=self._kept()))
        return dict(zip(doubted.values(), counts, strict=True))

    def _doubted(self, fields: Iterable[Field]) -> dict[str, Field]:
        """Return those of some fields that have a value anywhere that does not fit, by name."""
        held = {key.name for key in self.keys if key.invalid}
        return {field.name: field for field in fields if field.qualifier == "meta" and field.name in held}

    def _kept(self) -> bool:
        return self.keep("misfits", lambda: kept_misfits_sql(self.dialect))


def _portions(whole: Sequence[_Item]) -> list[Sequence[_Item]]:
    return [whole[at : at + _TOGETHER] for at in range(0, len(whole), _TOGETHER)]


def _values(known: int | None, distinct: int, first: list[dict[str, Any]] | None) -> Values:
    return Values([(_plain(each["value"]), -each["rows"]) for each in first or ()], distinct, int(known or 0))


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value
