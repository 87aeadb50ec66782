"""`Narrowing`: what makes another view of a view; runs nothing.

Names, types and syntax are checked here, so that an error points into the text that has just been written.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from operator import index
from typing import TYPE_CHECKING, Any, Self

from metaquery.columns import every_column, joined, named_columns
from metaquery.errors import UsageError
from metaquery.language import BindOptions, Query, canonical, compile_filter, compile_view
from metaquery.language.names import field_text
from metaquery.language.periods import Clock
from metaquery.language.printing import to_text
from metaquery.language.query import And
from metaquery.misfits import cause_named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metaquery.language.building import Condition
    from metaquery.pinned import Pinned
    from metaquery.schema import Field, Relation
    from metaquery.store.snapshot import Snapshot

__all__ = ["Narrowing"]

_MOST_ROWS = 2**63 - 1


class Narrowing:
    """A query of one snapshot, and how it is narrowed; parameters as `View`."""

    def __init__(
        self,
        pinned: Pinned,
        query: Query,
        options: BindOptions,
        columns: tuple[Field, ...] | None = None,
        read: tuple[BindOptions, ...] = (),
    ) -> None:
        self._pinned = pinned
        self._query = query
        self._options = options
        self._columns = columns
        self._read = read
        """How the query was read, where its text would say something else by `options`; several ways, if its parts
        were read in several."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return itself: it never changes."""
        return self

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot that it is pinned to.

        Examples
        --------
        >>> ws.data.snapshot == ws.snapshot()
        True
        """
        return self._pinned.snapshot

    @property
    def relation(self) -> Relation:
        """What it has rows of.

        Examples
        --------
        >>> ws.labels.relation.name
        'labels'
        """
        return self._query.relation

    # Building, which runs nothing

    def filter(self, text: str | None, /, **params: Any) -> Self:
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

        Examples
        --------
        >>> ws.data.filter("city = :city", city="L'Aquila").count()
        1
        """
        if text is None and not params:
            return self
        return self._narrowed(self._compile("true" if text is None else text, params))

    def where(self, condition: Condition, /) -> Self:
        """Keep the rows for which a condition is true that was built with `metaquery.F`; else as `filter`.

        Raises
        ------
        FilterError
            As `filter`; the mistake is shown in the condition's canonical text.
        UsageError
            It is no condition.

        Examples
        --------
        >>> from metaquery import F
        >>> ws.data.where((F.city == "Paris") & (F.speed > 50)).ids()
        ['u4']
        """
        from metaquery.language.building import Condition  # who writes texts need not pay

        if not isinstance(condition, Condition):
            raise UsageError(f"{condition!r} is no condition", hint='for example where(F.city == "Paris")')
        return self.filter(condition.canonical)

    def search(self, text: str) -> Self:
        """Keep the rows that have a text in any of their texts, in upper or lower case; `canonical` shows the filter.

        Looks into the texts of the client metadata and the relation's own, such as `title` and `class`; a tag or a
        project has to be the text as a whole. Several words are one phrase; search twice for rows that have both.

        Raises
        ------
        UsageError
            The text is empty.

        Examples
        --------
        >>> ws.data.search("paris").count()
        2
        """
        from metaquery.searching import search_filter, searched_text  # as for `where`

        return self.filter(search_filter(self.snapshot.schema, self.relation), text=searched_text(text))

    def filter_cql2_json(self, document: Any) -> Self:
        """Keep the rows for which a filter in CQL2-JSON is true.

        Parameters
        ----------
        document
            What `json.loads` returned; `grammar/README.md` says what it may hold.

        Raises
        ------
        FilterError
            As `filter`; names and types are shown in the filter's text, every other mistake in the document.

        Examples
        --------
        >>> ws.data.filter_cql2_json({"op": "=", "args": [{"property": "city"}, "Paris"]}).count()
        2
        """
        from metaquery.language import from_cql2_json  # 9 ms that texts need not pay

        return self.filter(to_text(from_cql2_json(document)))

    def query(self, text: str, /, **params: Any) -> Self:
        """Keep rows, order and limit them by one text: `dark order by captured_at desc limit 20`; else as `filter`.

        Examples
        --------
        >>> ws.data.query("speed > 10 order by speed desc limit 2").ids()
        ['u4', 'u3']
        """
        return self._narrowed(self._compile(text, params, ordered=True))

    def order_by(self, *fields: str) -> Self:
        """Sort by fields, each with `asc` or `desc` behind it; rows without a value come last.

        Rows that are alike in all of them are sorted by the relation's key, so that pages are stable.

        Examples
        --------
        >>> ws.data.order_by("speed desc").ids()
        ['u4', 'u3', 'u2', 'u1', 'u5']
        """
        ordered = self._compile(f"order by {joined(fields)}", {}, ordered=True)
        if ordered.limit is not None:
            raise UsageError("a limit is no part of an order", hint="give it apart")
        return self._with(query=replace(self._query, order=ordered.order), read=self._read_with(ordered))

    def limit(self, rows: int | None) -> Self:
        """Keep the first rows; None keeps all.

        Examples
        --------
        >>> ws.data.limit(2).ids()
        ['u1', 'u2']
        """
        if rows is not None:
            rows = _whole(rows)
        return self._with(query=replace(self._query, limit=rows))

    def at(self, *, time_zone: str | None = None, now: datetime | None = None) -> Self:
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
            There is no such time zone, or `now` has none.

        Examples
        --------
        >>> ws.data.at(time_zone="Europe/Oslo").filter("captured_at = 2023-02-01").ids()
        ['u2']
        """
        if now is not None and now.tzinfo is None:
            raise UsageError("now has no time zone", hint="for example datetime.now(UTC)")
        options = replace(self._options, time_zone=time_zone or self._options.time_zone, now=now or self._options.now)
        Clock.named(options.time_zone)
        read = self._read
        if not read and not self._reads_alike(self._query, self._options, options):
            read = (self._options,)
        return type(self)(self._pinned, self._query, options, self._columns, read)

    def as_of(self, ref: str) -> Self:
        """Ask the same of another snapshot: of its rows, by its schema; tags and Collections are as they are now.

        Parameters
        ----------
        ref
            The snapshot's id or its beginning; or a day or a time, for the newest that was published by its end.

        Raises
        ------
        UsageError, NoSnapshot
            There is none, or the text means several; or the filters are of several time zones.
        FilterError
            That snapshot has no such field, or has it in another type.

        Examples
        --------
        >>> ws.data.filter("dark").as_of(ws.snapshot().id).count()
        2
        """
        text = canonical(self._query)
        view = type(self)(self._pinned.past(ref), Query(self.relation), self._as_read)
        view = view.query(text) if text else view
        view = view if self._columns is None else view.select(*map(field_text, self._columns))
        return view.at(time_zone=self._options.time_zone, now=self._options.now)

    def select(self, *names: str) -> Self:
        """Choose the columns of each row; one text may hold several names, separated by commas.

        Examples
        --------
        >>> ws.data.select("title", "speed").limit(1).to_arrow().to_pylist()
        [{'title': 'a.jpg', 'speed': 20.0}]
        """
        return self._with(columns=named_columns(joined(names), self.snapshot.schema, self.relation))

    def select_all(self) -> Self:
        """Choose every column: the relation's key and built-in fields, and all client metadata.

        Examples
        --------
        >>> len(ws.data.select_all().columns) > len(ws.data.columns)
        True
        """
        return self._with(columns=every_column(self.snapshot.schema, self.relation))

    # Within

    def _compile(self, text: str, params: Mapping[str, Any], *, ordered: bool = False) -> Query:
        if not isinstance(text, str):
            raise UsageError(f"a filter is a text, and {text!r} is none", hint="where(…) takes what is built with F")
        compiled = compile_view if ordered else compile_filter
        options = replace(
            self._options,
            now=self._options.now or datetime.now(UTC),
            collections=lambda: tuple(c.title for c in self._pinned.collections().all()),
            saved=self._pinned.saved,
            regex_error=self._pinned.regex_error,
            example=lambda field: self._pinned.example(field, self._options.time_zone),
            parameters=params,
        )
        with cause_named(self.snapshot, self._pinned.misfit_rows):
            query = compiled(text, self.snapshot.schema, self.relation, options=options)
        self._pinned.require_sayable(query)
        return query

    def _narrowed(self, by: Query) -> Self:
        mine = self._query
        both = [where for where in (mine.where, by.where) if where is not None]
        return self._with(
            query=replace(
                by,
                where=And(tuple(both)) if len(both) > 1 else next(iter(both), None),
                order=by.order or mine.order,
                limit=mine.limit if by.limit is None else by.limit,
            ),
            read=self._read_with(by),
        )

    @property
    def _as_read(self) -> BindOptions:
        """How the query has to be read again.

        Raises
        ------
        UsageError
            Its parts were read in several ways, and no one text says them all.
        """
        if len(self._read) > 1:
            zones = " and ".join(dict.fromkeys(options.time_zone for options in self._read))
            raise UsageError(
                f"the filters of this view were read in several time zones or at several times ({zones})",
                hint="choose the time zone and now before the first filter",
            )
        return self._read[0] if self._read else self._options

    def _read_with(self, by: Query) -> tuple[BindOptions, ...]:
        """Return what `_read` is when the query is narrowed by what was read by the view's options."""
        if self._options in self._read or self._reads_alike(by, self._options, *self._read):
            return self._read
        return (*self._read, self._options)

    def _reads_alike(self, asked: Query, *ways: BindOptions) -> bool:
        """Whether the text of a query means the same in whichever way it is read."""
        if all(way == ways[0] for way in ways):  # as nearly always; the text of a filter is not made for it
            return True
        text = canonical(asked)
        if not text:
            return True
        clock = datetime.now(UTC)
        read = [
            compile_view(text, self.snapshot.schema, self.relation, options=replace(way, now=way.now or clock))
            for way in ways
        ]
        return all(each == read[0] for each in read)

    def _with(
        self,
        *,
        query: Query | None = None,
        columns: tuple[Field, ...] | None = None,
        read: tuple[BindOptions, ...] | None = None,
    ) -> Self:
        return type(self)(
            self._pinned,
            query or self._query,
            self._options,
            columns or self._columns,
            self._read if read is None else read,
        )


def _whole(rows: int) -> int:
    """Return a limit as Python's integer: NumPy's are none, and engines take those alone."""
    try:
        whole = index(rows)
    except TypeError:
        raise UsageError(f"a limit is a whole number of rows, and {rows!r} is none") from None
    if not 0 <= whole <= _MOST_ROWS:
        raise UsageError(f"a limit is 0 to {_MOST_ROWS:,} rows")
    return whole
