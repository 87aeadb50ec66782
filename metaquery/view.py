"""`View`: a query and the snapshot that it is pinned to; lazy until a method that runs it.

`filter`, `query`, `order_by`, `limit` and `select` return a new View and cost nothing; names, types and syntax are
checked there, so that an error points into the text that has just been written. `count`, `counts`, `to_arrow`,
`batches` and `collect` run.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from metaquery.columns import every_column, named_columns, shown_columns
from metaquery.errors import UsageError
from metaquery.exploration import Explored
from metaquery.language import (
    DUCKDB,
    BindOptions,
    Query,
    Sql,
    canonical,
    compile_filter,
    compile_view,
    count_sql,
    describe_fields,
    key_sql,
    to_sql,
)
from metaquery.language.names import field_text
from metaquery.language.printing import to_text
from metaquery.language.query import And
from metaquery.misfits import cause_named, misfits_of
from metaquery.searching import search_filter, searched_text
from metaquery.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pyarrow as pa

    from metaquery.clauses import Clause
    from metaquery.collection import Collection
    from metaquery.collection.selection import Selection
    from metaquery.engines.duckdb import DuckDBEngine
    from metaquery.explanation import Explanation
    from metaquery.language.complete import Completion
    from metaquery.misfits import Misfit
    from metaquery.pinned import Pinned
    from metaquery.schema import Field, Relation
    from metaquery.store.snapshot import Snapshot

__all__ = ["View"]

_MOST_ROWS = 2**63 - 1


class View(Explored):
    """Rows of one relation of one snapshot, as a query that has not run.

    Parameters
    ----------
    pinned
        The snapshot and what belongs to it.
    query
        What is selected, in which order, and how many.
    options
        Time zone and `now()` of filters.
    columns
        Fields of each row; None shows the relation's own.
    """

    def __init__(
        self, pinned: Pinned, query: Query, options: BindOptions, columns: tuple[Field, ...] | None = None
    ) -> None:
        self._pinned = pinned
        self._query = query
        self._options = options
        self._columns = columns

    def __repr__(self) -> str:
        parts = [f"metaquery.View of {self.relation.name}"]
        if self.canonical:
            parts.append(f"where {self.canonical}")
        if self._query.limit is not None:
            parts.append(f"limit {self._query.limit}")
        return f"<{' '.join(parts)}, snapshot {self.snapshot.id}>"

    # Building, which runs nothing

    def filter(self, text: str | None, /, **params: Any) -> View:
        """Keep the rows for which a filter is true; None keeps all.

        Parameters
        ----------
        text
            In the filter language, `grammar/README.md`. A second filter narrows the first.
        **params
            Values of the text's parameters: `filter("city = :city", city="Paris")`. A value is never part of a text:
            `str`, `bool`, `int`, `float`, `Decimal`, `date`, `datetime` (without a zone in the view's), `timedelta`; a
            list or tuple where a list may stand: `filter("city in :cities", cities=["Paris", "Oslo"])`.

        Raises
        ------
        FilterError
            The text is not a filter, names what is not there, mixes types, or has a parameter without a value.
        UsageError
            A value is given that no parameter asks for.
        """
        return (
            self
            if text is None and not params
            else self._narrowed(self._compile("true" if text is None else text, params))
        )

    def search(self, text: str) -> View:
        """Keep the rows that have a text in any of their texts, in upper or lower case; `canonical` shows the filter.

        Looks into the texts of the client metadata and the relation's own, such as `title` and `class`; a tag or a
        project has to be the text as a whole. Several words are one phrase; search twice for rows that have both.

        Raises
        ------
        UsageError
            The text is empty.
        """
        return self.filter(search_filter(self.snapshot.schema, self.relation), text=searched_text(text))

    def filter_cql2_json(self, document: Any) -> View:
        """Keep the rows for which a filter in CQL2-JSON is true.

        Parameters
        ----------
        document
            What `json.loads` returned; `grammar/README.md` says what it may hold.

        Raises
        ------
        FilterError
            As `filter`; names and types are shown in the filter's text, every other mistake in the document.
        """
        from metaquery.language import from_cql2_json  # 9 ms that texts need not pay

        return self.filter(to_text(from_cql2_json(document)))

    def query(self, text: str, /, **params: Any) -> View:
        """Keep rows, order and limit them by one text: `dark order by captured_at desc limit 20`; else as `filter`."""
        return self._narrowed(self._compile(text, params, ordered=True))

    def order_by(self, *fields: str) -> View:
        """Sort by fields, each with `asc` or `desc` behind it; rows without a value come last.

        Rows that are alike in all of them are sorted by the relation's key, so that pages are stable.
        """
        ordered = self._compile(f"order by {', '.join(fields)}", {}, ordered=True)
        if ordered.limit is not None:
            raise UsageError("a limit is no part of an order", hint="give it apart")
        return self._with(query=replace(self._query, order=ordered.order))

    def limit(self, rows: int | None) -> View:
        """Keep the first rows; None keeps all."""
        if rows is not None and not 0 <= rows <= _MOST_ROWS:
            raise UsageError(f"a limit is 0 to {_MOST_ROWS:,} rows")
        return self._with(query=replace(self._query, limit=rows))

    def at(self, *, time_zone: str | None = None, now: datetime | None = None) -> View:
        """Choose the time zone, and what `now()` is, for the filters that follow; None keeps what it was.

        Parameters
        ----------
        time_zone
            IANA name, for dates and times without a zone, days and parts of dates.
        now
            An instant with a zone, so that a run can be repeated.

        Raises
        ------
        UsageError
            `now` has no zone.
        """
        if now is not None and now.tzinfo is None:
            raise UsageError("now has no time zone", hint="for example datetime.now(UTC)")
        options = replace(self._options, time_zone=time_zone or self._options.time_zone, now=now or self._options.now)
        return View(self._pinned, self._query, options, self._columns)

    def as_of(self, ref: str) -> View:
        """Ask the same of another snapshot: of its rows, by its schema; tags and Collections are as they are now.

        Parameters
        ----------
        ref
            The snapshot's id or its beginning; or a day or a time, for the newest that was published by its end.

        Raises
        ------
        UsageError, NoSnapshot
            There is none, or the text means several.
        FilterError
            That snapshot has no such field, or has it in another type.
        """
        text = canonical(self._query)
        view = View(self._pinned.past(ref), Query(self.relation), self._options)
        view = view.query(text) if text else view
        return view if self._columns is None else view.select(*map(field_text, self._columns))

    def select(self, *names: str) -> View:
        """Choose the columns of each row; one text may hold several names, separated by commas."""
        return self._with(columns=named_columns(", ".join(names), self.snapshot.schema, self.relation))

    def select_all(self) -> View:
        """Choose every column: the relation's key and built-in fields, and all client metadata."""
        return self._with(columns=every_column(self.snapshot.schema, self.relation))

    # What it is

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot that it is pinned to."""
        return self._pinned.snapshot

    @property
    def relation(self) -> Relation:
        """What it has rows of."""
        return self._query.relation

    @property
    def row_limit(self) -> int | None:
        """How many rows it has at most."""
        return self._query.limit

    @property
    def time_zone(self) -> str:
        """Zone of dates and times without one in the filters that follow."""
        return self._options.time_zone

    @property
    def canonical(self) -> str | None:
        """The filter's canonical text; None where every row is taken."""
        return None if self._query.where is None else canonical(self._query.where)

    def to_cql2_json(self) -> dict[str, Any] | bool:
        """Return the filter as CQL2-JSON, ready for `json.dumps`; days are in the time zone of who reads it.

        Raises
        ------
        UsageError
            The view has an order or a limit, which CQL2 has not.
        """
        from metaquery.language import to_cql2_json  # as for `filter_cql2_json`

        return to_cql2_json(self._query)

    @property
    def columns(self) -> tuple[Field, ...]:
        """The fields of each row."""
        return self._columns if self._columns is not None else shown_columns(self._query, self.snapshot.schema)

    @property
    def engine(self) -> DuckDBEngine:
        """The connection to the snapshot."""
        return self._pinned.engine

    def sql(self) -> Sql:
        """Return what `to_arrow` would run: text with placeholders, and the parameters."""
        return to_sql(self._query, DUCKDB, columns=self.columns)

    def complete(self, text: str, cursor: int | None = None, *, limit: int = 50) -> Completion:
        """Return what may stand at the cursor of a text for `query` that is being typed, best first.

        It is a filter of this view's relation, perhaps with order and limit; values are those of the whole snapshot.

        Parameters
        ----------
        text
            What is typed so far, on both sides of the cursor.
        cursor
            Where the cursor is, in code points from the beginning; None is the end.
        limit
            How many candidates at most.
        """
        at = len(text) if cursor is None else cursor
        return self._pinned.completer.complete(text, at, self.relation, time_zone=self.time_zone, limit=limit)

    def explain(self) -> Explanation:
        """Return how it is understood: its canonical text, what it selects in words, and its SQL."""
        from metaquery.explanation import Explanation  # English, which no other method needs

        return Explanation.of(self._query, self.sql(), time_zone=self._options.time_zone)

    # Running

    def count(self) -> int:
        """Return how many rows match; a limit is not counted."""
        sql = count_sql(self._query, DUCKDB)
        return int(self.engine.rows(sql.text, sql.params)[0][0])

    def counts(self) -> Tally:
        """Return how many rows match, do not match, and cannot be told, and why; one pass over the rows."""
        return Tally.of(self._query, self.engine.rows)

    def clauses(self) -> tuple[Clause, ...]:
        """Return how many rows match each condition of the filter's outermost `and`, alone and with those before it."""
        from metaquery.clauses import clauses_of  # who finds something need not pay

        return clauses_of(self._query, self.engine.rows)

    def why_nothing(self) -> tuple[str, ...]:
        """Return in at most three lines which condition left no row, and which value was meant; none if rows match."""
        from metaquery.clauses import why_nothing  # as for `clauses`

        return why_nothing(self._query, self.clauses(), self._pinned.known(self.time_zone))

    def misfits(self) -> tuple[Misfit, ...]:
        """Return the fields in the filter and the order of which nearly all values are of another type than theirs.

        What a filter says of such a field is of the few values that fit: it is the schema that is wrong.
        """
        asked = () if self._query.where is None else describe_fields(self._query.where)
        ordered = (field for key in self._query.order for field in describe_fields(key.key))
        return misfits_of(self.snapshot, (*asked, *ordered), lambda: self.engine.rows)

    def batches(self) -> pa.RecordBatchReader:
        """Return the rows as a stream of Arrow batches."""
        sql = self.sql()
        return self.engine.stream(sql.text, sql.params)

    def to_arrow(self) -> pa.Table:
        """Return the rows as an Arrow table; instants are `timestamp[us, tz=UTC]`."""
        return self.batches().read_all()

    def collect(self, title: str, *, description: str = "", live: bool = False, replacing: bool = False) -> Collection:
        """Make a Collection of the matching rows; its title becomes a tag on every member.

        Parameters
        ----------
        title, description, live, replacing
            As in `Collections.make`.

        Raises
        ------
        CollectionError, UsageError
            As there; or the view is limited: a Collection is a set, and has no first rows.
        """
        collections = self._pinned.collections
        return collections.make(title, self.selection(), description=description, live=live, replacing=replacing)

    def selection(self) -> Selection:
        """Return the matching rows, as members of a Collection to be; errors as `collect`."""
        from metaquery.collection.selection import Selection  # who only looks need not pay

        if self._query.limit is not None:
            raise UsageError(
                "a Collection holds all that a filter matches, and this view is limited",
                hint="leave the limit out, or narrow the filter",
            )
        return Selection.of_query(
            self._query,
            self._pinned.evaluation,
            unknown=lambda: self.counts().unknown,
            write=self.write_keys,
            time_zone=self.time_zone,
        )

    def write_keys(self, path: Path) -> int:
        """Write the keys of the matching rows to a Parquet file, and return how many there are."""
        sql = key_sql(self._query, DUCKDB)
        return self.engine.write_parquet(sql.text, sql.params, path)

    # Within

    def _compile(self, text: str, params: Mapping[str, Any], *, ordered: bool = False) -> Query:
        compiled = compile_view if ordered else compile_filter
        options = replace(
            self._options,
            now=self._options.now or datetime.now(UTC),
            collections=lambda: tuple(c.title for c in self._pinned.collections.all()),
            saved=self._pinned.saved,
            regex_error=self._pinned.regex_error,
            parameters=params,
        )
        with cause_named(self.snapshot, lambda: self.engine.rows):
            return compiled(text, self.snapshot.schema, self.relation, options=options)

    def _narrowed(self, by: Query) -> View:
        mine = self._query
        both = [where for where in (mine.where, by.where) if where is not None]
        return self._with(
            query=replace(
                by,
                where=And(tuple(both)) if len(both) > 1 else next(iter(both), None),
                order=by.order or mine.order,
                limit=mine.limit if by.limit is None else by.limit,
            )
        )

    def _with(self, *, query: Query | None = None, columns: tuple[Field, ...] | None = None) -> View:
        return View(self._pinned, query or self._query, self._options, columns or self._columns)
