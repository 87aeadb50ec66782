"""`View`: a query and the snapshot that it is pinned to; lazy until a method that runs it.

`filter`, `where`, `order_by`, `limit`, `select` and their kin are in `Narrowing`: they return a new View and cost
nothing. What hands rows over is in `Rows`, what tells their values in `Explored`; what counts and collects is here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from metaquery import language
from metaquery.errors import UsageError
from metaquery.exploration import Explored
from metaquery.misfits import misfits_of
from metaquery.rows import Rows
from metaquery.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from metaquery.clauses import Clause
    from metaquery.collection import Collection, Collections
    from metaquery.collection.selection import Selection
    from metaquery.crossfilter import Crossfilter
    from metaquery.explanation import Explanation
    from metaquery.export import Export
    from metaquery.language.complete import Completion
    from metaquery.misfits import Misfit

__all__ = ["HasCollections", "View"]


class HasCollections(Protocol):
    """A workspace, as far as a view asks for it."""

    @property
    def collections(self) -> Collections:
        """Its Collections."""


class View(Rows, Explored):
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

    Examples
    --------
    >>> night = ws.data.filter("dark").order_by("speed desc").select("title", "speed")
    >>> night.to_arrow().to_pylist()
    [{'title': 'c.jpg', 'speed': 80.0}, {'title': 'a.jpg', 'speed': 20.0}]
    """

    def __repr__(self) -> str:
        parts = [f"metaquery.View of {self.relation.name}"]
        if self.canonical:
            parts.append(f"where {self.canonical}")
        if self._query.limit is not None:
            parts.append(f"limit {self._query.limit}")
        return f"<{' '.join(parts)}, snapshot {self.snapshot.id}>"

    def _repr_html_(self) -> str:
        """Return what a notebook shows: it runs the query, for ten rows at most."""
        from metaquery.hypertext import SHOWN, view_html  # notebooks alone need it

        limit = SHOWN if self.row_limit is None else min(SHOWN, self.row_limit)
        return view_html(self.limit(limit), self.counts(), self.canonical)

    # What it is

    @property
    def row_limit(self) -> int | None:
        """How many rows it has at most.

        Examples
        --------
        >>> ws.data.limit(3).row_limit
        3
        """
        return self._query.limit

    @property
    def time_zone(self) -> str:
        """Zone of dates and times without one in the filters that follow.

        Examples
        --------
        >>> ws.data.time_zone
        'UTC'
        """
        return self._options.time_zone

    @property
    def canonical(self) -> str | None:
        """The filter's canonical text; None where every row is taken.

        Examples
        --------
        >>> ws.data.filter("city='Paris' && !dark").canonical
        "city = 'Paris' and not dark"
        """
        return None if self._query.where is None else language.canonical(self._query.where)

    @property
    def order_text(self) -> str:
        """What its rows are sorted by, as `order_by` takes it; empty where they are as the store has them.

        Examples
        --------
        >>> ws.data.order_by("speed desc", "title").order_text
        'speed desc, title'
        """
        return language.canonical(language.Query(self.relation, order=self._query.order)).removeprefix("order by ")

    def to_cql2_json(self) -> dict[str, Any] | bool:
        """Return the filter as CQL2-JSON, ready for `json.dumps`; days are in the time zone of who reads it.

        Raises
        ------
        UsageError
            The view has an order or a limit, which CQL2 has not.

        Examples
        --------
        >>> ws.data.filter("speed > 50").to_cql2_json()
        {'op': '>', 'args': [{'property': 'speed'}, 50]}
        """
        from metaquery.language import to_cql2_json  # as for `filter_cql2_json`

        return to_cql2_json(self._query)

    def complete(
        self,
        text: str,
        cursor: int | None = None,
        *,
        limit: int = 50,
        parameters: Iterable[str] = (),
        ordered: bool = True,
        later: Callable[[], None] | None = None,
    ) -> Completion:
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
        parameters
            Names of the parameters that have values, without the colon.
        ordered
            Whether `order by` and `limit` may stand behind the filter, as in a text for `query`.
        later
            Called once by another thread, when values are known that have to be looked up first; what may stand there
            without them is returned at once. None waits for them.

        Examples
        --------
        >>> [candidate.text for candidate in ws.data.complete("spe").candidates]
        ['speed']
        """
        at = len(text) if cursor is None else cursor
        return self._pinned.completer.complete(
            text,
            at,
            self.relation,
            time_zone=self.time_zone,
            limit=limit,
            parameters=parameters,
            ordered=ordered,
            later=later,
        )

    def crossfilter(self, text: str) -> Crossfilter:
        """Return facets of what a filter leaves of this view, each without the clauses about its own field.

        A click on a bar edits the filter: `toggle`, `only`, `exclude`, `clear` and `brush` return its new text.

        Parameters
        ----------
        text
            The filter; blank for none. The view itself is narrowed by what no click may change, such as a search.

        Raises
        ------
        FilterError
            As `filter`.

        Examples
        --------
        >>> chosen = ws.data.crossfilter("dark and city = 'Paris'")
        >>> {each.bar.label: each.bar.rows for each in chosen.facets("city")["city"].bars}
        {"L'Aquila": 1, 'Paris': 1, 'missing': 0, 'invalid': 0}
        >>> chosen.toggle("city", "city = 'Oslo'")
        "dark and city in ('Paris', 'Oslo')"
        """
        from metaquery.crossfilter import Crossfilter  # who does not explore need not pay
        from metaquery.language.editing import Clauses
        from metaquery.matching import Matching

        if text.strip():
            self.filter(text)
        return Crossfilter(
            Matching.of(self._pinned, self._query, self._options),
            Clauses.of(text),
            lambda condition: self._compile(condition, {}),
        )

    def explain(self) -> Explanation:
        """Return how it is understood: its canonical text, what it selects in words, and its SQL.

        Examples
        --------
        >>> ws.data.filter("speed > 50").explain().words
        'speed is greater than 50'
        """
        from metaquery.explanation import Explanation  # English, which no other method needs

        return Explanation.of(self._query, self.sql(), time_zone=self._options.time_zone)

    # Running

    def count(self) -> int:
        """Return how many rows match; a limit is not counted.

        Examples
        --------
        >>> ws.data.filter("speed > 50").count()
        2
        """
        sql = language.count_sql(self._query, self._pinned.dialect)
        return int(self.engine.rows(sql.text, sql.params)[0][0])

    def counts(self) -> Tally:
        """Return how many rows match, do not match, and cannot be told, and why; one pass over the rows.

        As in `count`, a limit is not counted.

        Examples
        --------
        >>> tally = ws.data.filter("speed > 50").counts()
        >>> tally.matched, tally.unmatched, tally.unknown
        (2, 2, 1)
        """
        return Tally.of(self._query, self.engine)

    def clauses(self) -> tuple[Clause, ...]:
        """Return how many rows match each condition of the filter's outermost `and`, alone and with those before it.

        Examples
        --------
        >>> len(ws.data.filter("dark and speed > 50").clauses())
        2
        """
        from metaquery.clauses import clauses_of  # who finds something need not pay

        return clauses_of(self._query, self.engine)

    def why_nothing(self) -> tuple[str, ...]:
        """Return in at most three lines which condition left no row, and which value was meant; none if rows match.

        Examples
        --------
        >>> ws.data.filter("city = 'paris'").why_nothing()
        ("city = 'paris': no data unit has it; did you mean 'Paris' (2)?",)
        """
        from metaquery.clauses import why_nothing  # as for `clauses`

        return why_nothing(self._query, self.clauses(), self._pinned.known(self.time_zone))

    def misfits(self) -> tuple[Misfit, ...]:
        """Return the fields in the filter and the order of which nearly all values are of another type than theirs.

        What a filter says of such a field is of the few values that fit: it is the schema that is wrong.

        Examples
        --------
        >>> ws.data.filter("speed > 50").misfits()
        ()
        """
        asked = () if self._query.where is None else language.describe_fields(self._query.where)
        ordered = (field for key in self._query.order for field in language.describe_fields(key.key))
        return misfits_of(self.snapshot, (*asked, *ordered), self._pinned.misfit_rows)

    def collect(
        self,
        title: str,
        *,
        description: str = "",
        live: bool = False,
        replacing: bool = False,
        into: HasCollections | None = None,
    ) -> Collection:
        """Make a Collection of the matching rows; its title becomes a tag on every member.

        Parameters
        ----------
        title, description, live, replacing
            As in `Collections.make`.
        into
            The workspace that it is made in; None is the view's own. A lake takes none, so that its views name one.

        Raises
        ------
        CollectionError, UsageError
            As there; or the view is limited: a Collection is a set, and has no first rows; or its filters are of
            several time zones.

        Examples
        --------
        >>> ws.data.filter("speed > 50").collect("Fast", replacing=True).members
        2
        """
        collections = self._pinned.collections() if into is None else into.collections
        return collections.make(title, self.selection(), description=description, live=live, replacing=replacing)

    def selection(self) -> Selection:
        """Return the matching rows, as members of a Collection to be; errors as `collect`.

        Examples
        --------
        >>> ws.collections.make("Slow", ws.data.filter("speed < 50").selection(), replacing=True).members
        1
        """
        if self._query.limit is not None:
            raise UsageError(
                "a Collection holds all that a filter matches, and this view is limited",
                hint="leave the limit out, or narrow the filter",
            )
        return self._pinned.selection(
            self._query,
            unknown=lambda: self.counts().unknown,
            write=self.write_keys,
            time_zone=self._as_read.time_zone,
        )

    def export(self, to: str | Path | BinaryIO, *, format_name: str | None = None) -> Export:
        r"""Write all rows for other programs: Parquet, CSV, NDJSON, JSON, Arrow, COCO, or ids alone.

        Without a selection of columns, each row has all of them. In COCO, labels are a dataset, predictions results;
        of data units it is a dataset of all of them with all their labels. Ids are what `ids` returns, one a line.

        Parameters
        ----------
        to
            A file, which is there whole or not at all and replaces one of its name; or a binary file that is open.
        format_name
            `parquet`, `csv`, `ndjson`, `json`, `arrow`, `arrows` (a stream), `ids` or `coco`; None takes it from the
            end of the name: `.txt` is ids, `.coco.json` COCO.

        Raises
        ------
        UsageError
            The format cannot be told, or the file not written there.

        Examples
        --------
        >>> from io import BytesIO
        >>> written = BytesIO()
        >>> ws.data.filter("dark").export(written, format_name="ids").rows
        2
        >>> written.getvalue()
        b'u1\nu3\n'
        """
        from metaquery.export import export  # who only looks need not pay

        return export(self, to, format_name, where=self.canonical)

    def write_keys(self, path: Path) -> int:
        """Write the keys of the matching rows to a Parquet file, and return how many there are.

        Examples
        --------
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     ws.data.filter("dark").write_keys(Path(folder) / "keys.parquet")
        2
        """
        sql = language.key_sql(self._query, self._pinned.dialect)
        return self.engine.write_parquet(sql.text, sql.params, path)
